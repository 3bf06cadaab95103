"""Orders that belong together, as the drawer shows them and lets dispatchers link them."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, work_order_wishes
from app.widgets import errors, order_scene, plain, session
from grid_cells.errors import UserError
from grid_cells.work_orders import LINKS

_TOLD: Final = "order_link_told"


def show(order: dict[str, Any], links: pd.DataFrame) -> None:
    """The linked orders, each to be opened, and a way to link another one."""
    may = access.may(session.actor(), "dispatch_orders")
    if links.empty and not may:
        return
    order_id = str(order["order_id"])
    st.html(f"<h4>{plain.escaped(session.say('wo_links'))}</h4>")
    for row in links.to_dict("records"):
        _one(order_id, row, may=may)
    if may:
        with st.popover(session.say("wo_link_with"), icon=":material/link:"):
            other = st.text_input(session.say("wo_column_order"), key="order_link_other").strip()
            kind = st.selectbox(
                session.say("wo_link_kind"), LINKS, key="order_link_kind",
                format_func=lambda one: session.say(f"wo_link_{one}"),
            )  # fmt: skip
            st.button(
                session.say("wo_link_make"), key="order_link_make", disabled=not other,
                on_click=_link, args=(order_id, other, kind),
            )  # fmt: skip
    told = st.session_state.pop(_TOLD, None)
    if isinstance(told, UserError):
        errors.show(told)
    elif told is not None:
        st.success(session.say(told))


def _one(order_id: str, row: dict[Any, Any], *, may: bool) -> None:
    other, link = str(row["other_order_id"]), str(row["link"])
    way = "wo_link" if row["is_from_here"] else "wo_link_back"
    with st.container(horizontal=True, gap="small", key=f"order_link_{other}_{link}"):
        st.button(
            f"{session.say(f'{way}_{link}')} {other}", key=f"order_linked_{other}_{link}",
            on_click=order_scene.open_order, args=(other,), type="tertiary",
        )  # fmt: skip
        if may and row["is_from_here"]:
            st.button(
                "✕", key=f"order_unlink_{other}_{link}", help=session.say("wo_link_end"),
                on_click=_unlink, args=(order_id, other, link), type="tertiary",
            )  # fmt: skip


def _link(order_id: str, other: str, kind: str) -> None:
    try:
        work_order_wishes.link(session.database(), session.actor(), order_id, other, kind)
    except UserError as error:
        st.session_state[_TOLD] = error
    else:
        st.session_state[_TOLD] = "wo_link_made"


def _unlink(order_id: str, other: str, kind: str) -> None:
    work_order_wishes.unlink(session.database(), session.actor(), order_id, other, kind)
    st.session_state[_TOLD] = "wo_link_gone"
