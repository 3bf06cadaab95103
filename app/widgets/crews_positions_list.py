"""The crews as a table, on a phone as lines to tap; a row opens its crew."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.widgets import crews_positions_scene, empty, promise_words, session
from app.widgets import crews_positions_words as wording
from app.widgets.crews_positions_scene import CrewScene

_HEIGHT: Final = 380
_KEY: Final = "crews_table"


def show(scene: CrewScene) -> None:
    """Who is on duty since when, seen when, at what, and for how long within a day."""
    with st.container(key="crews_rows"):
        if scene.everybody.empty:
            empty.hint(session.say("crews_none"))
        elif scene.crews.empty:
            empty.hint(session.say("crews_nobody_on"))
        elif session.is_phone():
            _lines(scene)
        else:
            _table(scene)


def _table(scene: CrewScene) -> None:
    ids = scene.crews.index.astype(str).tolist()
    st.dataframe(
        _worded(scene.crews), hide_index=True, height=min(_HEIGHT, 40 + 35 * len(ids)),
        key=_KEY, on_select=lambda: _opened(ids), selection_mode="single-row",
    )  # fmt: skip


def _opened(ids: list[str]) -> None:
    picked: Any = st.session_state[_KEY]
    rows = picked["selection"]["rows"]
    crews_positions_scene.open_crew(ids[rows[0]] if rows and rows[0] < len(ids) else None)


def _worded(crews: pd.DataFrame) -> pd.DataFrame:
    rows = crews.to_dict("records")
    busy = crews["order_id"].astype(object).where(crews["order_id"].notna(), crews["busy_with"])
    columns = {
        "crew": [wording.name(str(one), row) for one, row in zip(crews.index, rows, strict=True)],
        "state": [wording.state(row) for row in rows],
        "since": [promise_words.moment(row["since"]) for row in rows],
        "seen": [wording.seen(row) if row["is_on"] else words.NOTHING for row in rows],
        "busy": busy.where(busy.notna(), words.NOTHING).tolist(),
        "hours": crews[1].round(1).tolist(),
        "hours_7": crews[7].round(0).tolist(),
        "unit": crews["unit_id"].astype(object).where(crews["unit_id"].notna(), "").tolist(),
    }
    return pd.DataFrame({session.say(f"crews_column_{one}"): held for one, held in columns.items()})


def _lines(scene: CrewScene) -> None:
    for crew_id, row in zip(scene.crews.index, scene.crews.to_dict("records"), strict=True):
        st.button(
            f"{wording.name(str(crew_id), row)} · {wording.state(row)}",
            key=f"crews_line_{crew_id}", width="stretch",
            on_click=crews_positions_scene.open_crew, args=(str(crew_id),),
        )  # fmt: skip
