"""The open orders, what breaks first on top: a table, on a phone lines to tap."""

import hashlib
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from app import language as words
from app.widgets import empty, promise_scene, promise_words, session
from app.widgets.promise_scene import PromiseScene

_MOST, _ON_PHONE = 500, 12
_HEIGHT: Final = 360


def show(scene: PromiseScene) -> None:
    """The orders chosen; a click opens one beside the map."""
    with st.container(key="promise_rows"):
        if scene.orders.empty:
            st.html(f"<h4>{session.say('promise_nobody')}</h4>")
            empty.hint(session.say("promise_nobody_how"))
            return
        most = _ON_PHONE if session.is_phone() else _MOST
        shown = scene.orders.head(most)
        if len(scene.orders) > most:
            st.caption(session.say("promise_list_first", n=most, count=len(scene.orders)))
        (_lines if session.is_phone() else _table)(shown)


def _table(orders: pd.DataFrame) -> None:
    ids = orders["report_id"].astype(str).tolist()
    # another order of rows is another table, lest a click mean somebody else's row
    key = "promise_table_" + hashlib.blake2b("\n".join(ids).encode(), digest_size=6).hexdigest()
    left = session.say("promise_column_left")
    st.dataframe(
        _worded(orders), hide_index=True, height=min(_HEIGHT, 40 + 35 * len(ids)), key=key,
        on_select=lambda: _opened(key, ids), selection_mode="single-row",
        column_config={left: st.column_config.NumberColumn(format="%d")},
    )  # fmt: skip


def _opened(key: str, ids: list[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    promise_scene.open_order(ids[rows[0]] if rows else None)


def _worded(orders: pd.DataFrame) -> pd.DataFrame:
    waits = {
        "restore": session.say("promise_for_restore"),
        "arrival": session.say("promise_for_arrival"),
    }
    columns = {
        "order": orders["report_id"],
        "state": orders["state"].map(promise_words.state),
        "countdown": orders["state_left_min"].map(promise_words.countdown),
        "left": orders["state_left_min"].transform(np.trunc),
        "waits_for": orders["state_of"].map(waits),
        "registered": orders["registered_at"].map(promise_words.moment),
        "elapsed": orders["elapsed_min"].round(),
        "stopped": orders["stopped_min"].round(),
        "class": orders["promise_class"].map(promise_words.of_promise),
        "area": _or_dash(orders["area_id"]),
        "crew": _or_dash(orders["crew_id"].where(orders["told_at"].notna())),
        "outage": _or_dash(orders["outage_id"]),
    }
    return pd.DataFrame(
        {session.say(f"promise_column_{name}"): list(held) for name, held in columns.items()}
    )


def _or_dash(held: "pd.Series[str]") -> "pd.Series[str]":
    return held.astype("object").where(held.notna(), words.NOTHING)


def _lines(orders: pd.DataFrame) -> None:
    for row in orders.to_dict("records"):
        report = str(row["report_id"])
        countdown = promise_words.countdown(row["state_left_min"])
        st.button(
            f"{promise_words.state(row['state'])} · {countdown} · {report}",
            key=f"promise_line_{report}", width="stretch",
            on_click=promise_scene.open_order, args=(report,),
        )  # fmt: skip
