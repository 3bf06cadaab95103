"""What the page of halls looks at in one run: how every hall stands, and the one that is open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import halls
from app.widgets import halls_view, map_events, page_parts, session

MAP: Final = "halls_map"
HALL: Final = "halls_hall"
_PARAM: Final = "hall"


@dataclass(frozen=True)
class HallScene:
    """Halls by hall_id as `halls.board` tells them, the open one, now."""

    board: pd.DataFrame
    hall: str | None
    now: datetime


def gather() -> HallScene:
    """The scene as map and list were left."""
    _hear()
    board = halls.board(session.database(), session.actor()).set_index("hall_id", drop=False)
    hall = opened(board)
    session.keep_open(halls_view.PAGE, _PARAM, hall, {page_parts.PARAM: ["now"]})
    return HallScene(board, hall, session.now())


def opened(board: pd.DataFrame) -> str | None:
    """The hall that is open, as the address says at first."""
    if HALL not in st.session_state:
        st.session_state[HALL] = st.query_params.get(_PARAM)
    asked = st.session_state.get(HALL)
    return asked if asked in board.index else None


def open_hall(hall_id: str | None) -> None:
    """Open a hall, or close it with None."""
    st.session_state[HALL] = hall_id


def choose(board: pd.DataFrame, part: str, *, every: bool = False) -> str | None:
    """A hall to choose for a part, kept with the one open on the map; None: all of them."""
    ids = [*([""] if every else []), *board.index.astype(str)]
    held = opened(board) or ids[0]
    key = f"halls_choose_{part}"
    st.session_state[key] = held if held in ids else ids[0]
    chosen = st.selectbox(
        session.say("halls_hall"), ids, key=key,
        format_func=lambda one: str(board.loc[one, "name"]) if one else session.say("halls_every"),
        on_change=lambda: open_hall(st.session_state[key] or None),
    )  # fmt: skip
    hall = chosen or None
    session.keep_open(halls_view.PAGE, _PARAM, hall, {page_parts.PARAM: [part]})
    return hall


def _hear() -> None:
    event = map_events.news(MAP)
    if event is not None and event.part == "places" and event.kind == "hall":
        open_hall(event.place_id)
