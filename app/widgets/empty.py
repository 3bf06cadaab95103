"""Pages with nothing to show yet: what to load, or a sample city at one click."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.store.database import Database
from app.use_cases import access, sample
from app.widgets import job_watch, links, plain, session

_JOB = "sample"


def shown(db: Database) -> bool:
    """Whether the database is empty; then the page offers the ways to fill it."""
    if not sample.needs_sample(db) and not _building():
        return False
    with st.container(key="empty"):
        st.header(session.say("empty_title"))
        st.write(session.say("empty_text"))
        if job_watch.has_ended(_JOB, session.say("empty_building")):
            st.rerun()
        if not _building():
            links.show({"page": "data"}, session.say("empty_load"), icon=":material/upload_file:")
            if not access.may(session.actor(), "manage_store"):
                st.caption(session.say("empty_ask"))
            elif st.button(
                session.say("empty_sample"), icon=":material/location_city:", key="make_sample"
            ):
                job_watch.start(_JOB, _JOB, _work(db))
                st.rerun()
    return True


def hint(text: str) -> None:
    """A quiet sentence where a page waits for a choice."""
    st.html(f'<p class="gc-hint">{plain.escaped(text)}</p>')


def _building() -> bool:
    return job_watch.state(_JOB) is not None


def _work(db: Database) -> Callable[[Callable[[float], None]], Any]:
    actor = session.actor()
    return lambda tell: sample.build_sample(db, actor, progress=tell)
