"""The pill that tells the time of the pages, and sets it while the sample city runs."""

from datetime import datetime, timedelta

import streamlit as st

from app.use_cases import clock
from app.widgets import errors, plain, session

_REFRESH = timedelta(seconds=30)
_STEPS_H = (-24, -1, 1, 24)


@st.fragment(run_every=_REFRESH)
def show(*, key: str = "clock") -> None:
    """The demo clock with its controls, or just the time."""
    session.actor()  # on every refresh, so that a page left open notices when its session ends
    told = clock.read_clock(session.database())
    with st.container(key=f"topbar_{key}", width="content"):
        if not told.is_demo:
            st.html(f'<div class="gc-clock">{plain.escaped(session.moment(told.now))}</div>')
            return
        moment = session.moment(told.now)
        label = moment if session.is_phone() else session.say("clock_sample", time=moment)
        icon = ":material/play_arrow:" if told.is_running else ":material/pause:"
        with st.popover(label, icon=icon):
            _controls(told)


def _controls(told: clock.Clock) -> None:
    st.caption(session.say("clock_help"))
    verb, icon = (
        ("pause", ":material/pause:") if told.is_running else ("play", ":material/play_arrow:")
    )
    if st.button(session.say(f"clock_{verb}"), icon=icon, width="stretch", key="clock_toggle"):
        _set(told.now, running=not told.is_running)
    with st.container(horizontal=True, gap="small"):
        for hours in _STEPS_H:
            text = session.say("clock_step", n=f"{hours:+d}".replace("-", "−"))
            if st.button(text, key=f"clock_step_{hours}"):
                _set(told.now + timedelta(hours=hours), running=told.is_running)
    st.caption(session.say("clock_events"))
    for code, at in told.events:
        text = f"{session.moment(at)} · {plain.in_markdown(errors.sentence(code))}"
        if st.button(text, key=f"clock_event_{code}", type="tertiary"):
            _set(at, running=told.is_running)


def _set(at: datetime, *, running: bool) -> None:
    clock.set_clock(session.database(), session.actor(), at=at, running=running)
    st.rerun()
