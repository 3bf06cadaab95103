"""The form of what inspectors found on the spot."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import inspection_plans, inspections
from app.use_cases.inspections import LONGEST_NOTE, ResultWish
from app.use_cases.theft_suspects import Suspicion
from app.widgets import errors, plain, session, theft_scene, theft_words
from grid_cells.inspections import LONGEST_SEALS, OUTCOMES

_FORM: Final = "theft_result"


def show(story: Suspicion) -> None:
    """Folded until it is needed; the photos belong to the visit's order."""
    ref = str(story.customer["ref"])
    with st.expander(session.say("theft_result")), st.form(f"{_FORM}_{ref}", border=False):
        wish = _ask(ref)
        if st.form_submit_button(session.say("theft_result_save"), type="primary", width="stretch"):
            with errors.kindly():
                number = inspections.enter(session.database(), session.actor(), ref, wish)
                st.toast(session.say("theft_result_saved", inspection=number))
                theft_scene.changed()
                session.again()


def _ask(ref: str) -> ResultWish:
    db, actor = session.database(), session.actor()
    outcome = st.selectbox(
        session.say("theft_outcome"),
        OUTCOMES,
        key=f"{_FORM}_outcome",
        format_func=theft_words.outcome,
    )
    today = session.now().astimezone(session.zone()).date()
    day = st.date_input(session.say("theft_result_day"), today, max_value=today, key=f"{_FORM}_day")
    names = inspections.inspectors(db, actor)
    who = st.multiselect(
        session.say("theft_result_who"), list(names), key=f"{_FORM}_who", max_selections=4,
        format_func=lambda one: f"{names[one]} ({one})",
    )  # fmt: skip
    kwh = st.number_input(session.say("theft_result_kwh"), 0.0, step=10.0, key=f"{_FORM}_kwh")
    penalty = st.number_input(
        session.say("theft_result_penalty"), 0.0, step=10.0, key=f"{_FORM}_penalty"
    )
    seals = st.text_input(
        session.say("theft_result_seals"), key=f"{_FORM}_seals", max_chars=LONGEST_SEALS
    )
    typed = st.text_input(session.say("theft_result_typed"), key=f"{_FORM}_typed", max_chars=80)
    drawn = st.file_uploader(
        session.say("theft_result_drawn"), ["png", "jpg", "jpeg"], key=f"{_FORM}_drawn"
    )
    note = st.text_area(
        session.say("theft_result_note"), key=f"{_FORM}_note", max_chars=LONGEST_NOTE
    )
    st.caption(plain.in_markdown(session.say("theft_result_photos")))
    return ResultWish(
        str(outcome), day, tuple(who), seals.strip(),
        drawn.getvalue() if drawn is not None else typed.strip().encode(), float(kwh),
        float(penalty), _order(ref), note.strip(),
    )  # fmt: skip


def _order(ref: str) -> str | None:
    """The visit's order that has no result yet."""
    visits: pd.DataFrame = inspection_plans.chosen(session.database(), session.actor())
    mine: Any = visits[(visits["ref"] == ref) & ~visits["inspected"].astype(bool)]
    return None if mine.empty else str(mine["order_id"].iloc[0])
