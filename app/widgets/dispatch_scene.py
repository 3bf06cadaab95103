"""What the dispatcher's board shows in one run: the board, what is chosen and what is open."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import dispatch_board
from app.use_cases.dispatch_board import Board
from app.widgets import map_events, session

PAGE: Final = "dispatch"
MAP: Final = "dispatch_map"
SHOWN: Final = "dispatch_shown"
SHOWS: Final = ("waiting", "pool", "held")
ORDER: Final = "dispatch_order"
_PARAM: Final = "order"


@dataclass(frozen=True)
class DispatchScene:
    """The board, the orders of the queue as chosen, the order that is open beside the map."""

    board: Board
    queue: pd.DataFrame
    order: str | None


def gather() -> DispatchScene:
    """The scene as the controls, the queue and the map were left."""
    _hear()
    board = dispatch_board.board(session.database(), session.actor())
    if session.is_fresh(PAGE) and ORDER not in st.session_state:
        st.session_state[ORDER] = st.query_params.get(_PARAM)
    order = st.session_state.get(ORDER)
    order = order if order in set(board.orders["order_id"]) else None
    session.keep_open(PAGE, _PARAM, order)
    return DispatchScene(board, _queue(board), order)


def _queue(board: Board) -> pd.DataFrame:
    shown = st.session_state.get(SHOWN) or SHOWS[0]
    pooled = board.orders["is_in_pool"].astype(bool)
    waits = board.orders["state"] == "registered"
    chosen = {"waiting": waits & ~pooled, "pool": waits & pooled, "held": ~waits}
    return board.orders[chosen[shown]].reset_index(drop=True)


def open_order(order_id: str | None) -> None:
    """Open an order beside the map, or close it with None."""
    st.session_state[ORDER] = order_id


def _hear() -> None:
    """Take in what was done on the map, before anything of it is drawn again."""
    event = map_events.news(MAP)
    if event is not None and event.part == "places" and event.kind == "order":
        open_order(event.place_id)
