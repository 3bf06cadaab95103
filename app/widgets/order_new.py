"""A new order by hand: what, where, when; what is left empty is the task's usual."""

from datetime import date, datetime, time
from typing import Final

import streamlit as st

from app.use_cases import access, order_rules, work_order_wishes
from app.use_cases.work_order_wishes import OrderWish
from app.widgets import errors, order_scene, order_words, session
from grid_cells.datum import DATUMS
from grid_cells.errors import UserError

_TOLD: Final = "order_new_told"


def show() -> None:
    """The form, for whoever dispatches orders."""
    if not access.may(session.actor(), "dispatch_orders"):
        return
    told = st.session_state.pop(_TOLD, None)
    with (
        st.popover(session.say("wo_new"), icon=":material/add:", width="stretch"),
        st.form("order_new", border=False, clear_on_submit=False),
    ):
        _fields()
        st.form_submit_button(session.say("wo_new_make"), type="primary", on_click=_make)
    if isinstance(told, UserError):
        errors.show(told)
    elif told is not None:
        st.success(session.say("wo_new_made", order=told))


def _fields() -> None:
    st.selectbox(
        session.say("wo_new_task"), list(order_rules.tasks()), key="order_new_task",
        format_func=lambda one: order_words.of_code("wo_task", one),
    )  # fmt: skip
    for name in ("customer", "transformer", "address"):
        st.text_input(session.say(f"wo_new_{name}"), key=f"order_new_{name}")
    point, datum = st.columns([3, 2])
    point.text_input(session.say("wo_new_point"), key="order_new_point")
    datum.selectbox(
        session.say("wo_new_datum"), list(DATUMS), key="order_new_datum",
        format_func=lambda one: order_words.of_code("datum", one),
    )  # fmt: skip
    day, begin, end = st.columns(3)
    day.date_input(session.say("wo_new_day"), value=None, key="order_new_day")
    begin.time_input(session.say("wo_new_from"), value=None, key="order_new_from")
    end.time_input(session.say("wo_new_to"), value=None, key="order_new_to")
    for name in ("contact", "phone", "note", "follows"):
        st.text_input(session.say(f"wo_new_{name}"), key=f"order_new_{name}")


def _make() -> None:
    try:
        made = work_order_wishes.make(session.database(), session.actor(), _wish())
    except UserError as error:
        st.session_state[_TOLD] = error
        return
    st.session_state[_TOLD] = made
    order_scene.open_order(made)
    for name in ("customer", "transformer", "address", "point", "contact", "phone", "note",
                 "follows"):  # fmt: skip
        st.session_state[f"order_new_{name}"] = ""


def _wish() -> OrderWish:
    lon, lat = _point(_text("point"))
    day = st.session_state["order_new_day"]
    return OrderWish(
        task=st.session_state["order_new_task"], customer_no=_text("customer"),
        transformer_id=_text("transformer"), address=_text("address"), lon=lon, lat=lat,
        datum=st.session_state["order_new_datum"], contact=_text("contact"), phone=_text("phone"),
        note=_text("note"), follows=_text("follows"),
        window_from=_moment(day, st.session_state["order_new_from"]),
        window_to=_moment(day, st.session_state["order_new_to"]),
    )  # fmt: skip


def _text(name: str) -> str | None:
    return str(st.session_state[f"order_new_{name}"]).strip() or None


def _point(text: str | None) -> tuple[float | None, float | None]:
    """lon, lat as typed; UserError `fault_point` for what is no point."""
    if text is None:
        return None, None
    parts = text.replace("，", ",").split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError as error:
        raise UserError("fault_point", field="lon", value=text[:40]) from error
    return lon, lat


def _moment(day: date | None, clock: time | None) -> datetime | None:
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock, tzinfo=session.zone())
