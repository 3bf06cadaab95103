"""The form for who is at the phone: what it is about, who calls, one button."""

from dataclasses import replace
from typing import Final

import streamlit as st

from app.use_cases import fault_reports
from app.use_cases.fault_reports import Taken
from app.use_cases.fault_wishes import ReportWish, classes
from app.widgets import errors, fault_place, fault_verdict, plain, session
from app.widgets import words_of as naming
from app.widgets.fault_place import Place
from app.widgets.fault_words import class_word, clock
from grid_cells.errors import UserError
from grid_cells.vocabulary import CHOICES

_TAKEN: Final = "fault_taken"
_ERROR: Final = "fault_error"
_CHANNEL, _SERVICE, _ROOT, _CLASS = (
    "fault_channel", "fault_service", "fault_root", "fault_class",
)  # fmt: skip
_CALLER, _PHONE, _NOTE = "fault_caller", "fault_phone", "fault_note"
_OF_CALL: Final = (_SERVICE, _ROOT, _CLASS, _CALLER, _PHONE, _NOTE)


def ask(place: Place) -> None:
    """The fields of a call at a place, and the button; Enter in a field registers too."""
    _what()
    with st.form("fault_form", border=False, enter_to_submit=True):
        left, right = st.columns(2)
        left.text_input(naming.column("caller"), key=_CALLER, max_chars=80, autocomplete="off")
        right.text_input(naming.column("phone"), key=_PHONE, max_chars=32, autocomplete="off")
        st.text_area(naming.column("note"), key=_NOTE, max_chars=1000, height=80)
        st.form_submit_button(
            session.say("fault_register"), type="primary", width="stretch",
            icon=":material/call:", on_click=_register, args=(place,),
        )  # fmt: skip
    error: UserError | None = st.session_state.pop(_ERROR, None)
    if error is not None:
        errors.show(error)


def _what() -> None:
    """What is chosen here changes what triage proposes, so it stands outside the form."""
    left, right = st.columns(2)
    left.selectbox(
        naming.column("service_type"), list(CHOICES["fault_reports", "service_type"]),
        format_func=lambda one: str(naming.value("service_type", one)), key=_SERVICE,
    )  # fmt: skip
    right.selectbox(
        naming.column("channel"), list(CHOICES["fault_reports", "channel"]),
        format_func=lambda one: str(naming.value("channel", one)), key=_CHANNEL,
        persist_state="page",
    )  # fmt: skip
    table = classes()
    roots = [code for code in table.codes if table.roots[code] == code]
    root = st.pills(naming.column("fault_class"), roots, format_func=class_word, key=_ROOT)
    if root is not None:
        st.pills(
            session.say("fault_class_second"), list(table.below(root)), format_func=class_word,
            key=_CLASS,
        )  # fmt: skip


def wish(place: Place) -> ReportWish:
    """The call as it stands now."""
    held = st.session_state
    root, second = held.get(_ROOT), held.get(_CLASS)
    is_below = second is not None and classes().roots.get(second) == root
    return replace(
        place.wish(), service_type=held.get(_SERVICE), channel=held.get(_CHANNEL),
        fault_class=second if is_below else root,
    )  # fmt: skip


def _register(place: Place) -> None:
    """Store the call; the fields are kept where something in them cannot be used."""
    held = st.session_state
    whole = replace(
        wish(place), caller=held.get(_CALLER) or None, phone=held.get(_PHONE) or None,
        note=held.get(_NOTE) or None,
    )  # fmt: skip
    try:
        taken = fault_reports.register(session.database(), session.actor(), whole)
    except UserError as error:
        held[_ERROR] = error
        return
    held[_TAKEN] = taken
    fault_place.forget()
    for name in _OF_CALL:
        held.pop(name, None)


def registered() -> None:
    """What became of the last call: its number, by when the crew arrives, and how to overrule."""
    taken: Taken | None = st.session_state.get(_TAKEN)
    if taken is None:
        return
    with st.container(key="fault_registered", border=True):
        st.success(plain.in_markdown(_sentence(taken)), icon=":material/task_alt:")
        fault_verdict.offer(taken)


def _sentence(taken: Taken) -> str:
    needs_crew = taken.verdict == "crew_needed"
    verdict = session.say(f"fault_verdict_{taken.verdict}")
    if needs_crew and taken.arrive_by is not None:
        at = clock(taken.arrive_by)
        return session.say("fault_registered_by", number=taken.report_id, time=at)
    return session.say("fault_registered", number=taken.report_id, verdict=verdict)
