"""The orders chosen, what is due first on top: a table, on a phone lines to tap."""

import hashlib
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.widgets import empty, order_scene, order_words, promise_words, session
from app.widgets.order_scene import OrdersScene

_MOST, _ON_PHONE = 500, 15
_HEIGHT: Final = 360


def show(scene: OrdersScene) -> None:
    """The list; a click opens an order beside the map."""
    with st.container(key="order_rows"):
        if scene.orders.empty:
            st.html(f"<h4>{session.say('wo_nobody')}</h4>")
            empty.hint(session.say("wo_nobody_how"))
            return
        most = _ON_PHONE if session.is_phone() else _MOST
        shown = scene.orders.head(most)
        if len(scene.orders) > most:
            st.caption(session.say("wo_list_first", n=most, count=len(scene.orders)))
        (_lines if session.is_phone() else _table)(shown)


def _table(orders: pd.DataFrame) -> None:
    ids = orders["order_id"].astype(str).tolist()
    # another order of rows is another table, lest a click mean somebody else's row
    key = "order_table_" + hashlib.blake2b("\n".join(ids).encode(), digest_size=6).hexdigest()
    st.dataframe(
        _worded(orders), hide_index=True, height=min(_HEIGHT, 40 + 35 * len(ids)), key=key,
        on_select=lambda: _opened(key, ids), selection_mode="single-row",
    )  # fmt: skip


def _opened(key: str, ids: list[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    order_scene.open_order(ids[rows[0]] if rows else None)


def _worded(orders: pd.DataFrame) -> pd.DataFrame:
    rows = orders.to_dict("records")
    columns: dict[str, Any] = {
        "order": orders["order_id"],
        "task": [order_words.task(row) for row in rows],
        "state": [order_words.state(row["state"]) for row in rows],
        "left": [order_words.signed(row["left_min"], row["clock"]) for row in rows],
        "crew": [_crews(row["crews"]) for row in rows],
        "priority": orders["priority"],
        "calls": orders["calls"],
        "area": orders["area_id"].fillna(words.NOTHING),
        "registered": [promise_words.moment(row["registered_at"]) for row in rows],
    }
    return pd.DataFrame(
        {session.say(f"wo_column_{name}"): list(held) for name, held in columns.items()}
    )


def _crews(crews: list[str]) -> str:
    return ", ".join(crews) if crews else words.NOTHING


def _lines(orders: pd.DataFrame) -> None:
    for row in orders.to_dict("records"):
        order = str(row["order_id"])
        left = order_words.signed(row["left_min"], row["clock"])
        st.button(
            f"{left} · {order_words.task(row)} · {order_words.state(row['state'])}",
            key=f"order_line_{order}", width="stretch", on_click=order_scene.open_order,
            args=(order,),
        )  # fmt: skip
