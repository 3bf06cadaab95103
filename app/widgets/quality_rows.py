"""Below the map: terminals, makers, transformers or feeders, the worst first; days in doubt."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app.widgets import empty, plain, quality_rail, quality_words, session
from app.widgets.quality_scene import QualityScene
from grid_cells.reading_quality import FINDINGS

_DAYS: Final = "days"
_LISTS: Final = ("terminal", "maker", "transformer", "feeder", _DAYS)
_MOST, _ON_PHONE = 200, 40
_TALLEST_PX: Final = 420
_COLOURS: Final = ("#1d5f7d", "#6a51a3", "#9a6300", "#a3262a", "#2f7d5b", "#8a9691")


def show(scene: QualityScene) -> None:
    """One of the lists, or the days as a chart."""
    with st.container(key="quality_rows"):
        chosen = st.segmented_control(
            session.say("quality_lists"), _LISTS, key="quality_list", required=True,
            default=scene.choice.by, format_func=_word, label_visibility="collapsed",
            on_change=_keep,
        )  # fmt: skip
        if chosen == _DAYS:
            _chart(scene.days)
        else:
            _table(scene.rows)
        st.caption(plain.in_markdown(session.say("quality_note")))


def _word(one: str) -> str:
    return session.say("quality_trend") if one == _DAYS else quality_words.by(one)


def _keep() -> None:
    chosen = st.session_state["quality_list"]
    if chosen != _DAYS:
        st.session_state[quality_rail.key("by")] = chosen


def _table(rows: pd.DataFrame) -> None:
    if rows.empty:
        empty.hint(session.say("quality_nothing"))
        return
    most = _ON_PHONE if session.is_phone() else _MOST
    shown = rows.head(most)
    table = pd.DataFrame({"name": [quality_words.name(str(one)) for one in shown["name"]]})
    table["quality"] = (100 * shown["quality"].astype(float)).round(1)
    table["excess_days"] = shown["excess_days"].astype(float).round(0)
    for name in ("meters", "due", *FINDINGS):
        if shown[name].notna().any():  # what tells of a home is not told to everybody
            table[name] = shown[name].astype(float).round(0)
    names = {str(name): _heading(str(name)) for name in table}
    st.dataframe(
        table.rename(columns=names), hide_index=True, width="stretch", key="quality_table",
        height=min(_TALLEST_PX, 40 + 35 * len(table)), column_config=_config(names),
    )  # fmt: skip
    if len(rows) > most:
        st.caption(session.say("quality_more", n=len(rows) - most))


def _heading(name: str) -> str:
    if name in FINDINGS:
        return quality_words.figure(name)
    return session.say(f"quality_column_{name}")


def _config(names: dict[str, str]) -> dict[str, Any]:
    whole = st.column_config.NumberColumn(format="localized")
    config: dict[str, Any] = {names[one]: whole for one in names if one not in {"name", "quality"}}
    config[names["quality"]] = st.column_config.ProgressColumn(
        format="%.1f %%", min_value=0, max_value=100
    )
    return config


def _chart(days: pd.DataFrame) -> None:
    """Share of the due meter days in doubt by day and finding."""
    if days.empty:
        empty.hint(session.say("quality_nothing"))
        return
    names = {one: quality_words.figure(one) for one in FINDINGS if days[one].sum() > 0}
    if not names:
        empty.hint(session.say("quality_all_good"))
        return
    shares = days[["day"]].copy()
    for code, word in names.items():
        shares[word] = 100 * days[code] / days["due"]
    long = shares.melt("day", list(names.values()), "finding", "share")
    chart = alt.Chart(long, height=260).mark_area(opacity=0.85).encode(
        x=alt.X("day:T", axis=alt.Axis(title=None, format="%m-%d", labelAngle=0, tickCount=8)),
        y=alt.Y("share:Q", title=session.say("quality_axis"), stack=True),
        color=alt.Color("finding:N", title=None, sort=list(names.values()),
                        scale=alt.Scale(domain=list(names.values()), range=list(_COLOURS)),
                        legend=alt.Legend(orient="bottom")),
        tooltip=["day:T", "finding:N", alt.Tooltip("share:Q", format=".2f", title="%")],
    )  # fmt: skip
    st.altair_chart(chart, width="stretch")
