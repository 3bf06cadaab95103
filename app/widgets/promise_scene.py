"""What the promise map shows: cells, states and areas chosen, the order or cell that is open."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import promise_cells, promises, service_map
from app.use_cases.promise_cells import LAYERS, Layer
from app.widgets import map_events, session
from grid_cells.promise_clock import WORST_FIRST

PAGE: Final = "promises"
MAP: Final = "promise_map"
LAYER, STATES, AREAS, ORDER, CELL = (
    "promise_layer", "promise_states", "promise_areas", "promise_order", "promise_cell",
)  # fmt: skip
_PARAM: Final = "order"


@dataclass(frozen=True)
class PromiseScene:
    """All open orders and those chosen, the layer with its cells, what is open beside the map.

    closed: the order asked for where it is not open, or not open any more.
    """

    everything: pd.DataFrame
    orders: pd.DataFrame
    layer: Layer
    cells: pd.DataFrame
    areas: pd.DataFrame
    order: str | None
    cell: str | None
    closed: str | None = None


def gather() -> PromiseScene:
    """The scene as the controls, the list and the map were left."""
    db, actor = session.database(), session.actor()
    _hear()
    orders = promises.open_orders(db, actor)
    areas = service_map.areas(db, actor, session.now())
    layer: Layer = st.session_state.get(LAYER) or LAYERS[0]
    cells = promise_cells.cells(db, actor, layer)
    chosen = orders
    if st.session_state.get(STATES):
        chosen = chosen[chosen["state"].isin(st.session_state[STATES])]
    if st.session_state.get(AREAS):
        chosen = chosen[chosen["area_id"].isin(st.session_state[AREAS])]
    if session.is_fresh(PAGE) and ORDER not in st.session_state:
        st.session_state[ORDER] = st.query_params.get(_PARAM)
    asked = st.session_state.get(ORDER)
    order = asked if asked in set(orders["report_id"]) else None
    session.keep_open(PAGE, _PARAM, order)
    return PromiseScene(
        orders, chosen, layer, cells, areas, order, st.session_state.get(CELL),
        closed=None if order else asked,
    )  # fmt: skip


def open_order(report_id: str | None) -> None:
    """Open an order beside the map, or close it with None."""
    st.session_state[ORDER], st.session_state[CELL] = report_id, None


def only(states: tuple[str, ...]) -> None:
    """Show the orders of these states alone; all of them where none is named."""
    st.session_state[STATES] = [one for one in WORST_FIRST if one in states]


def _hear() -> None:
    """Take in what was done on the map, before anything of it is drawn again."""
    event = map_events.news(MAP)
    if event is None:
        return
    if event.part == "places" and event.kind == "order":
        open_order(event.place_id)
    elif event.part == "hexes":
        st.session_state[ORDER] = None
        st.session_state[CELL] = event.cell if event.inside else None
