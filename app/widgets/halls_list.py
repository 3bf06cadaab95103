"""The halls as a table, on a phone as lines to tap; a row opens its hall."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.widgets import empty, halls_scene, session
from app.widgets import halls_words as wording
from app.widgets.halls_scene import HallScene

_HEIGHT: Final = 460
_KEY: Final = "halls_table"
_ORDER: Final = {"full": 0, "busy": 1, "ok": 2, "unknown": 3, "closed": 4}


def show(scene: HallScene) -> None:
    """The fullest first."""
    with st.container(key="halls_rows"):
        if scene.board.empty:
            empty.hint(session.say("halls_none"))
            return
        place = scene.board["state"].map(_ORDER)
        ordered = scene.board.assign(place=place).sort_values(
            ["place", "wait_min"], ascending=[True, False], kind="stable"
        )
        _lines(ordered) if session.is_phone() else _table(ordered)


def _table(board: pd.DataFrame) -> None:
    ids = board.index.astype(str).tolist()
    st.dataframe(
        _worded(board), hide_index=True, height=min(_HEIGHT, 40 + 35 * len(ids)), key=_KEY,
        on_select=lambda: _opened(ids), selection_mode="single-row",
    )  # fmt: skip


def _opened(ids: list[str]) -> None:
    picked: Any = st.session_state[_KEY]
    rows = picked["selection"]["rows"]
    halls_scene.open_hall(ids[rows[0]] if rows and rows[0] < len(ids) else None)


def _worded(board: pd.DataFrame) -> pd.DataFrame:
    rows = board.to_dict("records")
    columns = {
        "hall": [str(row["name"]) for row in rows],
        "state": [wording.state(row) for row in rows],
        "wait": [wording.wait(row) for row in rows],
        "waiting": [wording.count(row["waiting"]) for row in rows],
        "staff": [wording.count(row["staff"]) for row in rows],
        "counters": [wording.count(row["counters"]) for row in rows],
        "until": [wording.until(row) for row in rows],
    }
    return pd.DataFrame({session.say(f"halls_column_{one}"): held for one, held in columns.items()})


def _lines(board: pd.DataFrame) -> None:
    for hall_id, row in zip(board.index, board.to_dict("records"), strict=True):
        st.button(
            f"{row['name']} · {wording.state(row)} · {wording.wait(row)}",
            key=f"halls_line_{hall_id}", width="stretch",
            on_click=halls_scene.open_hall, args=(str(hall_id),),
        )  # fmt: skip
