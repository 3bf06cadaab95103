"""Reliability as people read it: the company's figures, the worst places, the rule behind them."""

import math
from typing import Final

import pandas as pd
import streamlit as st

from app import language as words
from app import theme
from app.use_cases import reliability
from app.use_cases.reliability import FREQUENT_DAYS, FREQUENT_TIMES, Reliability, ReliabilityWish
from app.widgets import empty, figures, plain, session
from grid_cells.cells import cells_to_hex

_STRIP: Final = {"saidi": 1, "saifi": 3, "caidi": 1, "maifi": 3}
_WORST: Final = 20
_DIGITS: Final = {"saidi": 1, "saifi": 3, "caidi": 1, "maifi": 3, "asai": 4, "cemi": 1}
_COLUMNS: Final = (
    "served", "interruptions", "customer_minutes", "saidi", "saifi", "caidi", "maifi", "asai",
    "cemi",
)  # fmt: skip


def show(wish: ReliabilityWish) -> None:
    """The strip, what it stands on, the worst places as bars, and every place in a table."""
    found = reliability.figures(session.database(), session.actor(), wish)
    _strip(found)
    _rule(found, wish)
    if not found.table["interruptions"].sum() and not found.elsewhere:
        empty.hint(session.say("reliability_none"))
    if wish.by == "company" or found.table.empty:
        return
    table = _named(found, wish)
    _bars(table, wish)
    st.dataframe(_worded(table, wish), hide_index=True, height=420)
    _notes(found, wish)


def _strip(found: Reliability) -> None:
    company = found.company
    blocks = [_block(f"reliability_{one}", company[one], digits) for one, digits in _STRIP.items()]
    share = f"{words.number(100 * company['asai'], 4)}&nbsp;%" if company["served"] else "–"
    blocks.append(figures.block(session.say("reliability_asai"), share))
    often = session.say("reliability_frequent", times=FREQUENT_TIMES, days=FREQUENT_DAYS)
    blocks.append(figures.block(often, words.number(found.frequent, 0)))
    with st.container(key="strip_reliability"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _block(label: str, value: float, digits: int) -> str:
    said = "–" if math.isnan(value) else words.number(value, digits)
    return figures.block(session.say(label), said)


def _rule(found: Reliability, wish: ReliabilityWish) -> None:
    """What every figure above and below was made by."""
    rule = found.rule
    kinds = "all" if rule.kinds is None else "unplanned"
    said = session.say(
        "reliability_rule", standard=rule.standard, edition=rule.edition,
        basis=session.say(f"reliability_{rule.basis}"), minutes=f"{rule.sustained_min:g}",
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


def _named(found: Reliability, wish: ReliabilityWish) -> pd.DataFrame:
    """The places with what they are called, the worst first."""
    table = found.table.sort_values(["saidi", "saifi"], ascending=False).reset_index()
    if wish.by == "cell":
        return table.assign(name=cells_to_hex(table["place"].to_numpy(dtype="int64")))
    known = reliability.names(session.database(), session.actor(), wish.by)
    name = table["place"].astype(str).map(lambda one: f"{one} {known.get(one, '')}".strip())
    return table.assign(name=name)


def _bars(table: pd.DataFrame, wish: ReliabilityWish) -> None:
    worst = table[table["saidi"] > 0].head(_WORST)
    if worst.empty:
        return
    place = session.say(f"reliability_by_{wish.by}")
    st.html(f"<h4>{plain.escaped(session.say('reliability_worst'))}</h4>")
    shown = worst.rename(columns={"name": place, "saidi": session.say("reliability_saidi")})
    st.bar_chart(
        shown, x=place, y=session.say("reliability_saidi"), horizontal=True, sort=False,
        color=theme.ACCENT, height=60 + 24 * len(worst),
    )  # fmt: skip


def _worded(table: pd.DataFrame, wish: ReliabilityWish) -> pd.DataFrame:
    names = {one: session.say(f"reliability_{one}") for one in _COLUMNS}
    names["cemi"] = session.say("reliability_cemi", n=wish.n)
    shown = table.assign(asai=100 * table["asai"], cemi=100 * table["cemi"]).round(_DIGITS)
    whole = {"interruptions": "int64", "customer_minutes": "int64"}
    few = shown["is_few"].map({True: session.say("reliability_few"), False: ""})
    told = shown[["name", *_COLUMNS]].astype(whole).assign(few=few)
    place = session.say(f"reliability_by_{wish.by}")
    return told.rename(columns={"name": place, "few": session.say("reliability_note"), **names})


def _notes(found: Reliability, wish: ReliabilityWish) -> None:
    if found.elsewhere >= 1:
        minutes = words.number(found.elsewhere, 0)
        place = session.say(f"reliability_by_{wish.by}")
        st.caption(session.say("reliability_elsewhere", minutes=minutes, place=place))
    if found.hidden:
        st.caption(session.say("reliability_hidden", count=found.hidden))
