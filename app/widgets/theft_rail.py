"""The narrow rail beside the map of hotspots: what is looked at."""

from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import theft_hotspots
from app.use_cases.theft_hotspots import CAUSES, COARSER, FIGURES, HotspotWish
from app.widgets import session, theft_words

_STEP: Final = 0.05


def ask() -> HotspotWish:
    """The wish as the controls stand."""
    db, actor = session.database(), session.actor()
    figure = st.selectbox(
        session.say("theft_figure"), FIGURES, index=1, key="theft_figure",
        format_func=lambda one: session.say(f"theft_figure_{one}"),
    )  # fmt: skip
    level = theft_hotspots.level(db, actor)
    resolution = st.selectbox(
        session.say("theft_resolution"), range(level, level - COARSER - 1, -1),
        key="theft_resolution", format_func=_size,
    )  # fmt: skip
    cause = "suspect"
    if figure != "lost_kwh":
        cause = st.selectbox(
            session.say("theft_cause"), CAUSES, key="theft_cause", format_func=theft_words.cause
        )
    least = st.slider(
        session.say("theft_least"), 0.0, 1.0, theft_hotspots.usual_least(), _STEP, key="theft_least"
    )
    return HotspotWish(figure, int(resolution), float(least), str(cause), _run())


def _run() -> int | None:
    """The run looked at: the latest unless another is chosen."""
    runs = theft_hotspots.runs(session.database(), session.actor())
    if len(runs) < 2:  # noqa: PLR2004 - there is nothing to choose
        return None
    told = {int(row["run_id"]): row for row in runs.to_dict("records")}
    return st.selectbox(
        session.say("theft_run"), list(told), key="theft_run",
        format_func=lambda one: session.moment(pd.Timestamp(told[one]["made_at"]).to_pydatetime()),
    )  # fmt: skip


def _size(resolution: int) -> str:
    """A resolution by the usual width of its cells."""
    return session.say("theft_resolution_one", n=resolution, width=theft_words.width_m(resolution))
