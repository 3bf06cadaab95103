"""What the page of orders shows: the orders chosen, and the one that is open beside the map."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import service_map, work_orders
from app.use_cases.work_orders import OrderFilter
from app.widgets import map_events, session

PAGE: Final = "orders"
MAP: Final = "orders_map"
STATES, KINDS, CREW, AREAS, MINE, CLOCKS, ORDER = (
    "orders_states", "orders_kinds", "orders_crew", "orders_areas", "orders_mine", "orders_clocks",
    "orders_open",
)  # fmt: skip
_PARAM: Final = "order"


@dataclass(frozen=True)
class OrdersScene:
    """Every order in sight, those chosen, the choice, the areas, and the order that is open."""

    everything: pd.DataFrame
    orders: pd.DataFrame
    wanted: OrderFilter
    areas: pd.DataFrame
    order: str | None


def gather() -> OrdersScene:
    """The scene as the controls, the list and the map were left."""
    db, actor = session.database(), session.actor()
    _hear()
    areas = service_map.areas(db, actor, session.now())
    everything = work_orders.listing(db, actor)
    wanted = OrderFilter(
        states=tuple(st.session_state.get(STATES) or ()),
        kinds=tuple(st.session_state.get(KINDS) or ()),
        crew_id=st.session_state.get(CREW), areas=tuple(st.session_state.get(AREAS) or ()),
        clocks=tuple(st.session_state.get(CLOCKS) or ()),
        mine=bool(st.session_state.get(MINE)),
    )  # fmt: skip
    orders = work_orders.listing(db, actor, wanted)
    if session.is_fresh(PAGE) and ORDER not in st.session_state:
        st.session_state[ORDER] = st.query_params.get(_PARAM)
    order = st.session_state.get(ORDER)
    session.keep_open(PAGE, _PARAM, order)
    return OrdersScene(everything, orders, wanted, areas, order)


def open_order(order_id: str | None) -> None:
    """Open an order beside the map, or close it with None."""
    st.session_state[ORDER] = order_id


def only(states: tuple[str, ...], clocks: tuple[str, ...] = ()) -> None:
    """Show the orders of these states and clocks alone; all of them where none is named."""
    st.session_state[STATES], st.session_state[CLOCKS] = list(states), list(clocks)


def _hear() -> None:
    """Take in what was done on the map, before anything of it is drawn again."""
    event = map_events.news(MAP)
    if event is not None and event.part == "places" and event.kind == "order":
        open_order(event.place_id)
