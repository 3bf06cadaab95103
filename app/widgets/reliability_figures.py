"""Reliability as people read it: the company's figures, the rule behind them, every place."""

import math
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import reliability_rules
from app.use_cases.reliability import Reliability, ReliabilityWish
from app.widgets import empty, figures, plain, reliability_map, session
from app.widgets.reliability_card import label
from app.widgets.reliability_map import ReliabilityScene

_STRIP: Final = {"saidi": 1, "saifi": 3, "caidi": 1, "maifi": 3}
_DIGITS: Final = {"saidi": 1, "saifi": 3, "caidi": 1, "maifi": 3, "asai": 4, "cemi": 1}
_COLUMNS: Final = (
    "served", "interruptions", "customer_minutes", "saidi", "saifi", "caidi", "maifi", "asai",
    "cemi", "frequent",
)  # fmt: skip
_TABLES: Final = ("places", "often")
_OFTEN_COLUMNS: Final = ("served", "frequent", "share")
_ROWS: Final = "reliability_rows_table"
_ORDER: Final = "reliability_rows_order"
_TALLEST_PX: Final = 420


def strip(found: Reliability) -> None:
    """The company's figures side by side."""
    company, often = found.company, reliability_rules.frequent()
    blocks = [_block(f"reliability_{one}", company[one], digits) for one, digits in _STRIP.items()]
    share = f"{words.number(100 * company['asai'], 4)}&nbsp;%" if company["served"] else "–"
    blocks.append(figures.block(session.say("reliability_asai"), share))
    told = session.say("reliability_frequent", times=often.times, days=often.days)
    blocks.append(figures.block(told, words.number(found.frequent, 0)))
    with st.container(key="strip_reliability"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _block(code: str, value: float, digits: int) -> str:
    said = "–" if math.isnan(value) else words.number(value, digits)
    return figures.block(session.say(code), said)


def rule(found: Reliability, wish: ReliabilityWish) -> None:
    """What every figure was made by."""
    made = found.rule
    kinds = "all" if made.kinds is None else "unplanned"
    said = session.say(
        "reliability_rule", standard=made.standard, edition=made.edition,
        basis=session.say(f"reliability_{made.basis}"), minutes=f"{made.sustained_min:g}",
        kinds=session.say(f"reliability_kinds_{kinds}"),
        first=wish.first, last=wish.last,
    )  # fmt: skip
    st.caption(said)
    st.caption(_major(found, wish))


def _major(found: Reliability, wish: ReliabilityWish) -> str:
    limit = found.threshold
    if limit.minutes is None:
        return session.say("reliability_major_unknown", days=limit.days)
    standing = session.say(f"reliability_{limit.standing}", days=limit.days)
    days = ", ".join(str(day) for day in found.major_days) or session.say("reliability_major_none")
    counted = session.say("reliability_major_in" if wish.has_major else "reliability_major_out")
    minutes = words.number(limit.minutes, 1)
    return session.say(
        "reliability_major_days", minutes=minutes, standing=standing, days=days, counted=counted
    )


def rows(scene: ReliabilityScene) -> None:
    """Every place, or those where somebody is out too often; a row opens its place."""
    found = scene.found
    with st.container(key="reliability_rows"):
        if not found.table["interruptions"].sum() and not found.elsewhere:
            empty.hint(session.say("reliability_none"))
        if found.table.empty:
            return
        chosen = st.segmented_control(
            session.say("reliability_tables"), _TABLES, default=_TABLES[0], key="reliability_table",
            format_func=lambda one: session.say(f"reliability_table_{one}"),
            label_visibility="collapsed",
        )  # fmt: skip
        _table(scene, is_often=chosen == "often")
        _notes(found, scene.choice.wish)


def _table(scene: ReliabilityScene, *, is_often: bool) -> None:
    order = ["frequent", "saidi"] if is_often else ["saidi", "saifi"]
    table = scene.found.table.sort_values(order, ascending=False, kind="stable")
    if is_often:
        table = table[table["frequent"] > 0]
        if table.empty:
            often = reliability_rules.frequent()
            st.caption(session.say("reliability_often_none", times=often.times, days=often.days))
            return
        table = table.assign(share=100 * table["frequent"] / table["served"])
    st.session_state[_ORDER] = (scene.choice.wish.by, table.index.tolist())
    st.dataframe(
        _worded(scene, table, _OFTEN_COLUMNS if is_often else _COLUMNS), hide_index=True,
        height=min(_TALLEST_PX, 38 + 35 * len(table)), key=_ROWS, on_select=_pick,
        selection_mode="single-row",
    )  # fmt: skip


def _pick() -> None:
    chosen: Any = st.session_state[_ROWS]
    by, order = st.session_state[_ORDER]
    picked = chosen["selection"]["rows"]
    if picked and picked[0] < len(order):
        reliability_map.open_place((by, order[picked[0]]))


def _worded(scene: ReliabilityScene, table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    wish = scene.choice.wish
    shown = table.assign(asai=100 * table["asai"], cemi=100 * table["cemi"])
    shown = shown.round({**_DIGITS, "share": 1})
    whole = {name: "int64" for name in ("interruptions", "customer_minutes") if name in columns}
    few = shown["is_few"].map({True: f"△ {session.say('reliability_few')}", False: ""})
    told = shown[list(columns)].astype(whole).assign(few=few)
    told.insert(0, "name", [reliability_map.named(scene, one) for one in table.index])
    words_of = {one: label(one, wish.n) for one in columns}
    place = session.say(f"reliability_by_{wish.by}")
    note = session.say("reliability_note")
    return told.rename(columns={"name": place, "few": note, **words_of}).reset_index(drop=True)


def _notes(found: Reliability, wish: ReliabilityWish) -> None:
    if found.table["is_few"].any():
        st.caption(f"△ {session.say('reliability_few_why', few=found.rule.few_served)}")
    if found.elsewhere >= 1:
        minutes = words.number(found.elsewhere, 0)
        place = session.say(f"reliability_by_{wish.by}")
        st.caption(
            plain.in_markdown(session.say("reliability_elsewhere", minutes=minutes, place=place))
        )
    if found.hidden:
        st.caption(session.say("reliability_hidden", count=found.hidden))
