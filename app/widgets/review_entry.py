"""Putting a reading into the review queue by hand."""

from datetime import timedelta

import streamlit as st

from app.use_cases import reading_review_steps
from app.use_cases.reading_review_steps import BY_A_PERSON, EntryWish
from app.widgets import errors, review_words, session
from grid_cells.reading_reviews import LONGEST_NOTE


def show() -> None:
    """A folded form: which meter, which days, what is in doubt."""
    today = session.now().astimezone(session.zone()).date()
    with (
        st.expander(session.say("review_entry"), icon=":material/add:"),
        st.form(key="review_entry", border=False, clear_on_submit=True),
    ):
        meter = st.text_input(session.say("review_column_meter"), max_chars=40)
        before = today - timedelta(days=1)
        days = st.date_input(
            session.say("review_column_days"), (before, before), max_value=today, key="review_days"
        )
        finding = st.selectbox(
            session.say("review_column_finding"), BY_A_PERSON, format_func=review_words.finding
        )
        note = st.text_input(session.say("review_note"), max_chars=LONGEST_NOTE)
        if st.form_submit_button(session.say("review_enter"), type="primary"):
            span = list(days) if isinstance(days, tuple) else [days]
            with errors.kindly():
                wish = EntryWish(
                    meter.strip(), span[0] if span else today, span[-1] if span else today,
                    str(finding), note.strip(),
                )  # fmt: skip
                number = reading_review_steps.enter(session.database(), session.actor(), wish)
                st.toast(session.say("review_entered_said", n=number))
                st.rerun()
