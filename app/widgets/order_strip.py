"""The strip above the orders: how many are open, waiting, on the way, at work, late and done."""

from typing import Final

import streamlit as st

from app import language as words
from app.use_cases import work_orders
from app.widgets import figures, order_scene, session
from app.widgets.order_scene import OrdersScene
from grid_cells.work_orders import AT_WORK, FIGURES, OPEN, UNACCEPTED

_SHOWS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "open": (OPEN, ()), "unaccepted": (UNACCEPTED, ()), "under_way": (("accepted",), ()),
    "at_work": (AT_WORK, ()), "breach": (OPEN, ("risk",)), "broken": (OPEN, ("broken",)),
    "done": (("restored", "finished", "rated", "archived"), ()),
}  # fmt: skip
"""The orders behind a figure: their states and clocks."""


def show(scene: OrdersScene) -> None:
    """The figures of everything in sight; a click on one shows the orders behind it."""
    held = work_orders.counted(session.database(), session.actor(), scene.everything)
    with st.container(key="figures", horizontal=True, gap=None):
        for name in FIGURES:
            label = session.say(f"wo_figure_{name}")
            with st.container(key=f"figure_{name}", gap=None):
                st.html(figures.block(label, words.number(held[name])))
                st.button(
                    session.say("figure_open", figure=label), key=f"open_figure_{name}",
                    type="tertiary", on_click=order_scene.only, args=_SHOWS[name],
                )  # fmt: skip
