"""The narrow rail beside the orders: which are shown, the legend, a new one, the file."""

import streamlit as st

from app.use_cases import work_order_crews
from app.widgets import order_export, order_map, order_new, order_words, plain, session
from app.widgets.order_scene import AREAS, CLOCKS, CREW, KINDS, MINE, STATES, OrdersScene
from grid_cells import work_orders


def show(scene: OrdersScene) -> None:
    """Filters, the legend, and the ways to make and to take along."""
    st.pills(
        session.say("wo_filter_kind"), work_orders.KINDS, selection_mode="multi", key=KINDS,
        format_func=lambda one: order_words.of_code("value_kind", one),
    )  # fmt: skip
    st.multiselect(
        session.say("wo_filter_state"), work_orders.STATES, key=STATES,
        format_func=order_words.state, placeholder=session.say("wo_filter_all"),
    )  # fmt: skip
    _crew()
    if session.actor().crew_id is not None:
        st.toggle(session.say("wo_filter_mine"), key=MINE)
    with st.popover(session.say("wo_filter_more"), width="stretch"):
        _areas(scene)
        st.pills(
            session.say("wo_column_left"), ("broken", "risk", "running", "stopped"), key=CLOCKS,
            selection_mode="multi", format_func=order_words.clock,
        )  # fmt: skip
    order_new.show()
    order_export.show(scene)
    order_map.legend(scene)


def _crew() -> None:
    names = work_order_crews.names(session.database(), session.actor())
    st.selectbox(
        session.say("wo_filter_crew"), list(names), index=None, key=CREW,
        format_func=lambda one: f"{one} · {names[one]}", placeholder=session.say("wo_filter_all"),
    )  # fmt: skip


def _areas(scene: OrdersScene) -> None:
    names = dict(zip(scene.areas["area_id"], scene.areas["name"], strict=True))
    st.multiselect(
        session.say("wo_filter_area"), list(names), key=AREAS,
        format_func=lambda one: one if plain.is_missing(names[one]) else f"{names[one]} ({one})",
        placeholder=session.say("wo_filter_all"),
    )  # fmt: skip
