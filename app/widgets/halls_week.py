"""The halls' week: means of four weeks by weekday and hour."""

from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import halls
from app.widgets import empty, halls_charts, halls_scene, session

_MEASURES: Final = ("load", "load_h", "wait_mean_min", "occupancy", "abandoned")
_KEY: Final = "halls_measure"


def show(board: pd.DataFrame) -> None:
    """The part "week"."""
    left, right = st.columns([2, 1])
    with left:
        hall = halls_scene.choose(board, "week", every=True)
    with right:
        measure = st.selectbox(
            session.say("halls_measure"), _MEASURES, key=_KEY,
            format_func=lambda one: session.say(f"halls_measure_{one}"),
        )  # fmt: skip
    cells = halls.week(session.database(), session.actor(), hall, measure)
    if cells.empty:
        empty.hint(session.say("halls_week_none"))
        return
    halls_charts.heat(cells, measure)
    st.caption(session.say("halls_week_how", days=halls.SEEN_DAYS))
