"""The timeline of an order: every stamp with who, where and why; what was taken back is struck."""

from typing import Any

import pandas as pd
import streamlit as st

from app.widgets import card, order_words, plain, promise_words, session


def show(events: pd.DataFrame) -> None:
    """The events of an order, the first on top."""
    st.html(f"<h4>{plain.escaped(session.say('wo_story'))}</h4>")
    card.rows(
        (promise_words.moment(row["happened_at"]), _event(row)) for row in events.to_dict("records")
    )


def _event(row: dict[Any, Any]) -> str:
    what = card.text(order_words.of_code("wo_move", row["move"]), strong=True)
    if row["is_undone"]:
        what = f"<s>{what}</s> {card.quiet(session.say('wo_undone'))}"
    detail = row["detail"] or {}
    told = [
        "" if plain.is_missing(row["crew_id"]) else str(row["crew_id"]),
        order_words.reason(str(row["move"]), row["reason_code"]),
        order_words.fence(detail),
        _place(row),
        _device(row),
        _who(row),
    ]
    return card.joined(what, card.quiet(" · ".join(one for one in told if one)))


def _who(row: dict[Any, Any]) -> str:
    """Whoever did it: by name where the person may know it, our own system in words."""
    if not plain.is_missing(row["actor_name"]):
        return str(row["actor_name"])
    known = {"system": "wo_by_system", "file": "wo_source_file"}.get(str(row["actor"]))
    return str(row["actor"]) if known is None else session.say(known)


def _place(row: dict[Any, Any]) -> str:
    if plain.is_missing(row["lon"]) or plain.is_missing(row["lat"]):
        return ""
    return f"{row['lon']:.5f}, {row['lat']:.5f}"


def _device(row: dict[Any, Any]) -> str:
    if plain.is_missing(row["device_at"]):
        return ""
    return session.say("wo_device_at", at=promise_words.moment(row["device_at"]))
