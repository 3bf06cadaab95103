"""Checking the readings: the job, when it was last done, what to load before."""

from typing import Final

import streamlit as st

from app.use_cases import access, reading_checks
from app.use_cases.reading_checks import Check
from app.widgets import job_watch, links, plain, session, theft_words

_JOB: Final = "reading_check"


def made() -> Check | None:
    """The check whose figures are held, None before the first."""
    return reading_checks.latest(session.database(), session.actor())


def offer() -> None:
    """The empty page: what it shows, what to load, and the way to check now."""
    with st.container(key="page"), st.container(key="empty"):
        st.header(session.say("page_data_quality"))
        st.write(session.say("quality_empty"))
        if access.may(session.actor(), "load_data"):
            links.show({"page": "data"}, session.say("empty_load"), icon=":material/upload_file:")
        _job(is_first=True)


def again(check: Check) -> None:
    """Of which days the figures are, and the way to check anew."""
    said = session.say(
        "quality_check_of", time=check.made_at, first=theft_words.day(check.first_day),
        last=theft_words.day(check.last_day),
    )  # fmt: skip
    st.caption(plain.in_markdown(said))
    if check.is_stale:
        st.caption(plain.in_markdown(session.say("quality_stale")))
    _job(is_first=False)


def _job(*, is_first: bool) -> None:
    if not reading_checks.may_check(session.database(), session.actor()):
        if is_first:
            st.caption(session.say("quality_ask"))
        return
    watched = job_watch.show(_JOB, session.say("quality_checking"), narrow=True)
    if watched is not None and watched.error is None:
        job_watch.forget(_JOB)
        st.rerun()
    is_over = watched is not None or job_watch.state(_JOB) is None
    if is_over and st.button(
        session.say("quality_check"), icon=":material/rule:", key="quality_check", width="stretch"
    ):
        job_watch.start(_JOB, _JOB, _work())
        st.rerun()


def _work() -> job_watch.Work:
    db, actor = session.database(), session.actor()

    def work(tell: job_watch.Tell) -> int:
        return reading_checks.check(db, actor, tell).entered

    return work
