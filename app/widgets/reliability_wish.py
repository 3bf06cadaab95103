"""Which reliability is wanted: of which days, by which places, by which standard, what counts."""

from datetime import date, timedelta
from typing import Final

import streamlit as st

from app.use_cases.reliability import PLACES, STANDARDS, ReliabilityWish
from app.widgets import session

_PERIODS: Final = {"month": 30, "quarter": 91, "year": 365}


def ask() -> ReliabilityWish | None:
    """The wish as the controls stand; None while only one of two days is chosen."""
    with st.container(key="reliability_wish", horizontal=True, gap="small"):
        span = _span()
        by = st.selectbox(
            session.say("reliability_by"), PLACES, index=2, key="reliability_by",
            format_func=lambda one: session.say(f"reliability_by_{one}"),
        )  # fmt: skip
        standard = st.selectbox(
            session.say("reliability_standard"), list(STANDARDS), key="reliability_standard",
            format_func=lambda one: session.say(f"reliability_{one}"),
        )  # fmt: skip
    with st.container(key="reliability_counts", horizontal=True, gap="medium"):
        planned = st.toggle(session.say("reliability_planned"), True, key="reliability_planned")
        major = st.toggle(session.say("reliability_major"), True, key="reliability_major")
    if span is None:
        st.caption(session.say("reliability_choose_days"))
        return None
    return ReliabilityWish(*span, by, standard, has_planned=planned, has_major=major)


def _span() -> tuple[date, date] | None:
    today = session.now().astimezone(session.zone()).date()
    period = st.selectbox(
        session.say("reliability_period"), [*_PERIODS, "days"], index=1, key="reliability_period",
        format_func=lambda one: session.say(f"reliability_period_{one}"),
    )  # fmt: skip
    if period != "days":
        return today - timedelta(days=_PERIODS[period] - 1), today
    chosen = st.date_input(
        session.say("reliability_days"), (today - timedelta(days=6), today), max_value=today,
        key="reliability_days",
    )  # fmt: skip
    days = list(chosen) if isinstance(chosen, tuple) else []
    return (days[0], days[-1]) if len(days) > 1 else None
