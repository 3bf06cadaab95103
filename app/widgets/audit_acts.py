"""What one can do with the audit: prove that it is whole, and take it along."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import streamlit as st

from app.use_cases import audit
from app.use_cases.audit import AuditQuery, Verdict
from app.widgets import errors, plain, session

_VERDICT: Final = "audit_verdict"
_FILE: Final = "audit_file"
_MOST_SHOWN: Final = 20


def show(query: AuditQuery) -> None:
    """The two acts side by side, and what the last check found."""
    with st.container(key="audit_acts", horizontal=True, gap="small"):
        if st.button(session.say("audit_verify"), icon=":material/verified:", key="audit_verify"):
            _verify()
        with st.popover(session.say("audit_export"), icon=":material/download:"):
            _export(replace(query, offset=0))
    found: Verdict | None = st.session_state.pop(_VERDICT, None)
    if found is not None:
        _tell(found)


def _verify() -> None:
    with errors.kindly(), st.spinner(session.say("audit_verifying")):
        st.session_state[_VERDICT] = audit.verify(session.database(), session.actor())


def _tell(found: Verdict) -> None:
    values = {"rows": found.rows, "verified": found.verified}
    _tell_head(found)
    if not found.problems:
        st.success(session.say("audit_whole", **values), icon=":material/verified:")
        return
    st.error(
        session.say("audit_broken", count=len(found.problems), **values), icon=":material/warning:"
    )
    for problem in found.problems[:_MOST_SHOWN]:
        word = session.say(f"problem_{problem.code}")
        place = "" if problem.event_id is None else f"{problem.event_id}: "
        st.write(f"- {plain.in_markdown(place + word)}")


def _tell_head(found: Verdict) -> None:
    """When the head was signed: only a head kept elsewhere tells whether there was a later one."""
    if found.head_at is not None:
        at = session.moment(datetime.fromisoformat(found.head_at))
        st.caption(session.say("audit_head", at=at, rows=found.head_rows))
    for code in found.warnings:
        st.warning(session.say(f"warning_{code}"), icon=":material/history:")


def _export(query: AuditQuery) -> None:
    form = st.radio(
        session.say("export_form"),
        audit.FORMS,
        format_func=lambda one: session.say(f"audit_form_{one}"),
        key="audit_form",
    )
    purpose = st.text_input(session.say("audit_purpose"), key="audit_purpose")
    wanted = (replace(query, start=None), purpose, form)
    if st.button(session.say("export_make"), key="audit_make", width="stretch"):
        with errors.kindly():
            made = audit.export(session.database(), session.actor(), query, purpose, form=form)
            st.session_state[_FILE] = (wanted, *made)
    held = st.session_state.get(_FILE)
    if held is not None and held[0] == wanted:
        st.download_button(
            session.say("export_save", file=held[2]),
            held[1],
            file_name=held[2],
            on_click="ignore",
            type="primary",
            width="stretch",
            key="audit_save",
        )
