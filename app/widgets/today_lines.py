"""Lines of the day: a sign for how grave, the sentence, since when, whose, and the way there."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from app import language as words
from app.use_cases.today_scene import TodayLine
from app.widgets import errors, links, plain, session

_ORDER = ("red", "amber", "info")


def show(lines: Sequence[TodayLine], now: datetime) -> None:
    """The lines by gravity; one sentence where there are none."""
    if not lines:
        st.html(f'<p class="gc-note">{plain.escaped(session.say("today_quiet"))}</p>')
    for severity in _ORDER:
        held = [line for line in lines if line.severity == severity]
        if held:
            heading = plain.escaped(session.say(f"today_{severity}"))
            st.html(f'<h2 class="gc-lines">{heading} <small>{len(held)}</small></h2>')
        for place, line in enumerate(held):
            _line(line, f"{severity}_{place}", now)


def _line(line: TodayLine, key: str, now: datetime) -> None:
    with st.container(key=f"line_{key}", horizontal=True, vertical_alignment="center", gap="small"):
        sentence = plain.escaped(errors.sentence(line.code, **line.values))
        st.html(
            f'<div class="gc-line gc-line-{line.severity}"><p>{sentence}</p>'
            f"<small>{_under(line, now)}</small></div>"
        )
        if line.link:
            links.show(line.link, session.say("today_open"), icon=":material/arrow_forward:")


def _under(line: TodayLine, now: datetime) -> str:
    parts = []
    if line.since is not None:
        exact = plain.escaped(session.moment(line.since))
        stood = words.minutes((now - line.since).total_seconds() / 60, session.language())
        past = plain.escaped(session.say("today_since", time=stood))
        parts.append(f'<span title="{exact}">{past}</span>')
    if line.owner:
        parts.append(plain.escaped(session.say("today_owner", owner=line.owner)))
    return " · ".join(parts)
