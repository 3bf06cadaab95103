"""The last runs as small charts: suspects, lost energy, share inspected, hit rate."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app.use_cases import theft_trends
from app.use_cases.theft_hotspots import HotspotWish
from app.widgets import card, plain, session

_PARTS: Final = ("suspects", "lost_kwh", "inspected_share", "hit_rate")
_COLOURS: Final = {
    "suspects": "#1d5f7d", "lost_kwh": "#a3262a", "inspected_share": "#9a6300",
    "hit_rate": "#4a6b3a",
}  # fmt: skip
_SHARES: Final = ("inspected_share", "hit_rate")
_HEIGHT: Final = 150


def show(wish: HotspotWish, cells: tuple[int, ...] | None = None, *, narrow: bool = False) -> None:
    """The charts; narrow: below each other, as in the drawer."""
    rows = theft_trends.over_runs(session.database(), session.actor(), wish, cells)
    if len(rows) < 2:  # noqa: PLR2004 - one run has no trend
        note = session.say("theft_trend_one")
        card.note(note) if narrow else st.caption(plain.in_markdown(note))
        return
    columns = st.columns(1) * len(_PARTS) if narrow else st.columns(2) * 2
    for part, column in zip(_PARTS, columns, strict=True):
        with column:
            st.caption(session.say(f"theft_trend_{part}"))
            _chart(rows, part)
    st.caption(plain.in_markdown(session.say("theft_trend_key")))


def _chart(rows: pd.DataFrame, part: str) -> None:
    known = rows[rows[part].notna()]
    if known.empty:
        st.caption(session.say("unknown"))
        return
    factor = 100 if part in _SHARES else 1
    frame = pd.DataFrame(
        {"at": rows["made_at"], "value": rows[part].astype(float) * factor,
         "run": [session.say("theft_run_no", n=one) for one in rows["run_id"]]}
    )  # fmt: skip
    x: Any = alt.X("at:T", axis=alt.Axis(title=None, format="%m-%d %H:%M", tickCount=4))
    if rows["made_at"].nunique() < len(rows):  # several at one moment, as a demo clock makes them
        x = alt.X("run:O", sort=None, axis=alt.Axis(title=None, labelAngle=0))
    line = alt.Chart(frame, height=_HEIGHT).mark_line(
        color=_COLOURS[part], point=alt.OverlayMarkDef(color=_COLOURS[part])
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=3))
    tip = [alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("value:Q", format=".1f")]
    st.altair_chart(line.encode(x=x, y=y, tooltip=tip), width="stretch")
