"""Which rows of the audit are wanted: of when, of whom, of what kind, about what."""

from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from app.use_cases import audit, clock
from app.use_cases.audit import AuditQuery
from app.widgets import audit_words, session

PAGE_ROWS: Final = 50
PERIODS: Final = {"day": 1, "week": 7, "month": 31, "all": None}
_OFFSET: Final = "audit_offset"
_ASKED: Final = "audit_asked"


def ask() -> AuditQuery:
    """The query as the controls stand, and the page of rows that is open."""
    db, actor = session.database(), session.actor()
    with st.container(key="audit_filter", horizontal=True, gap="small"):
        period = st.selectbox(
            session.say("audit_period"),
            list(PERIODS),
            index=1,
            format_func=lambda one: session.say(f"audit_period_{one}"),
            key="audit_period",
        )
        names = _names()
        person = st.selectbox(
            session.say("audit_person"),
            audit.choices(db, actor, "actor"),
            index=None,
            placeholder=session.say("audit_everybody"),
            format_func=lambda one: audit_words.person(one, names.get(one)),
            key="audit_person",
        )
        event = st.selectbox(
            session.say("audit_event"),
            audit.choices(db, actor, "event"),
            index=None,
            placeholder=session.say("audit_every_event"),
            format_func=audit_words.event,
            key="audit_event",
        )
        subject = st.text_input(
            session.say("audit_subject"),
            placeholder=session.say("audit_subject_hint"),
            key="audit_subject",
        )
    asked = (period, person, event, subject.strip())
    if st.session_state.get(_ASKED) != asked:
        st.session_state[_ASKED], st.session_state[_OFFSET] = asked, 0
    return AuditQuery(
        start=_start(period),
        actor=person or "",
        event=event or "",
        subject=subject.strip(),
        limit=PAGE_ROWS,
        offset=st.session_state[_OFFSET],
    )


def turn(rows: int) -> None:
    """Open the page that lies so many rows further back, as a button's callback."""
    st.session_state[_OFFSET] = max(0, st.session_state.get(_OFFSET, 0) + rows)


def _start(period: str) -> datetime | None:
    days = PERIODS[period]
    return None if days is None else clock.real_now() - timedelta(days=days)


def _names() -> dict[str, str]:
    """Names of those who acted lately."""
    frame = audit.search(session.database(), session.actor(), AuditQuery(limit=500))
    known = frame.dropna(subset=["actor_name"])
    return dict(zip(known["actor"], known["actor_name"], strict=True))
