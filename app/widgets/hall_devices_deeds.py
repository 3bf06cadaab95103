"""Forms beside the devices: report a fault, say it repaired, move or put away; each with undo."""

from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import hall_device_deeds as deeds
from app.widgets import plain, session

_LAST: Final = "hall_devices_last"


def faults(table: pd.DataFrame) -> None:
    """Report a fault of a device in use, or say one repaired."""
    _told()
    used = table[table["status"] == "in_use"]
    broken = used[used["state"] == "faulty"]["device_id"].tolist()
    whole = used[used["state"] != "faulty"]["device_id"].tolist()
    left, right = st.columns(2)
    if whole:
        with left, st.form("devices_report_form"):
            st.html(f"<h4>{plain.escaped(session.say('devices_report'))}</h4>")
            device = _choose(table, whole, "devices_report_device")
            fault = st.selectbox(
                session.say("devices_report_what"), deeds.FAULTS, key="devices_report_what",
                format_func=lambda one: session.say(f"device_fault_{one}"),
            )  # fmt: skip
            if st.form_submit_button(session.say("devices_report_send"), type="primary"):
                key = deeds.report_fault(session.database(), session.actor(), device, fault)
                _remember("devices_reported", device, key)
    if broken:
        with right, st.form("devices_repaired_form"):
            st.html(f"<h4>{plain.escaped(session.say('devices_repaired'))}</h4>")
            device = _choose(table, broken, "devices_repaired_device")
            if st.form_submit_button(session.say("devices_repaired")):
                key = deeds.say_repaired(session.database(), session.actor(), device)
                _remember("devices_repaired_told", device, key)


def _choose(table: pd.DataFrame, ids: list[str], key: str) -> str:
    held = table.set_index("device_id")

    def told(one: str) -> str:
        row = held.loc[one]
        return f"{one} · {session.say('value_kind_' + str(row['kind']))} · {row['hall']}"

    return str(st.selectbox(session.say("devices_report_device"), ids, key=key, format_func=told))


def _remember(code: str, device: str, key: str | None) -> None:
    st.session_state[_LAST] = (code, device, key)
    st.rerun()


def _told() -> None:
    """What was done last, with the way back."""
    if _LAST not in st.session_state:
        return
    code, device, key = st.session_state[_LAST]
    st.success(session.say(code, device=device))
    if key is not None and st.button(session.say("devices_undo"), key="devices_undo"):
        deeds.take_back(session.database(), session.actor(), key)
        _remember("devices_taken_back", device, None)


def places(table: pd.DataFrame, board: pd.DataFrame) -> None:
    """Move a device to another hall, make it a spare, retire it."""
    with st.expander(session.say("devices_place")):
        ids = table["device_id"].tolist()
        device = _choose(table, ids, "devices_place_device")
        with st.form("devices_place_form"):
            hall = st.selectbox(
                session.say("devices_place_hall"), board.index.astype(str).tolist(),
                format_func=lambda one: str(board.loc[one, "name"]),
            )  # fmt: skip
            status = st.selectbox(
                session.say("devices_place_status"), deeds.STATUSES,
                format_func=lambda one: session.say(f"value_status_{one}"),
            )  # fmt: skip
            if st.form_submit_button(session.say("devices_place_send")):
                deeds.move(session.database(), session.actor(), device, hall, status)
                _remember("devices_moved", device, None)
        if st.button(session.say("devices_place_undo"), key="devices_place_undo"):
            deeds.undo_move(session.database(), session.actor(), device)
            _remember("devices_moved", device, None)
