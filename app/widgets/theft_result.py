"""The form of what inspectors found on the spot."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import inspection_plans, inspections
from app.use_cases.inspections import LONGEST_NOTE, ResultWish
from app.use_cases.theft_suspects import Suspicion
from app.widgets import errors, plain, session, theft_scene, theft_words
from grid_cells.errors import UserError
from grid_cells.inspections import LONGEST_SEALS, OUTCOMES

_FORM: Final = "theft_result"


def show(story: Suspicion) -> None:
    """Folded until it is needed; the photos belong to the visit's order."""
    ref = str(story.customer["ref"])
    form = f"{_FORM}_{ref}_{st.session_state.get(_count(ref), 0)}"
    with st.expander(session.say("theft_result")), st.form(form, border=False):
        wish = _ask(ref, form)
        if st.form_submit_button(session.say("theft_result_save"), type="primary", width="stretch"):
            with errors.kindly():
                _save(ref, wish)


def _save(ref: str, wish: ResultWish) -> None:
    try:
        number = inspections.enter(session.database(), session.actor(), ref, wish)
    except UserError as error:
        if error.code == inspections.HAS_RESULT:
            _renew(ref)
        raise
    # before anything is drawn: a second press must find this form gone
    _renew(ref)
    st.toast(session.say("theft_result_saved", inspection=number))
    theft_scene.changed()
    session.again()


def _count(ref: str) -> str:
    return f"{_FORM}_count_{ref}"


def _renew(ref: str) -> None:
    """An empty form for this customer from now on."""
    st.session_state[_count(ref)] = st.session_state.get(_count(ref), 0) + 1


def _ask(ref: str, form: str) -> ResultWish:
    db, actor = session.database(), session.actor()
    outcome = st.selectbox(
        session.say("theft_outcome"),
        OUTCOMES,
        key=f"{form}_outcome",
        format_func=theft_words.outcome,
    )
    today = session.now().astimezone(session.zone()).date()
    day = st.date_input(session.say("theft_result_day"), today, max_value=today, key=f"{form}_day")
    names = inspections.inspectors(db, actor)
    who = st.multiselect(
        session.say("theft_result_who"), list(names), key=f"{form}_who", max_selections=4,
        format_func=lambda one: f"{names[one]} ({one})",
    )  # fmt: skip
    kwh = st.number_input(session.say("theft_result_kwh"), 0.0, step=10.0, key=f"{form}_kwh")
    penalty = st.number_input(
        session.say("theft_result_penalty"), 0.0, step=10.0, key=f"{form}_penalty"
    )
    seals = st.text_input(
        session.say("theft_result_seals"), key=f"{form}_seals", max_chars=LONGEST_SEALS
    )
    typed = st.text_input(session.say("theft_result_typed"), key=f"{form}_typed", max_chars=80)
    drawn = st.file_uploader(
        session.say("theft_result_drawn"), ["png", "jpg", "jpeg"], key=f"{form}_drawn"
    )
    note = st.text_area(
        session.say("theft_result_note"), key=f"{form}_note", max_chars=LONGEST_NOTE
    )
    st.caption(plain.in_markdown(session.say("theft_result_photos")))
    return ResultWish(
        str(outcome), day, tuple(who), seals.strip(),
        drawn.getvalue() if drawn is not None else typed.strip().encode(), float(kwh),
        float(penalty), _order(ref, form), note.strip(),
    )  # fmt: skip


def _order(ref: str, form: str) -> str | None:
    """The visit's order that had no result yet when the form was first shown with it."""
    key = f"{form}_order"
    if st.session_state.get(key) is None:
        visits: pd.DataFrame = inspection_plans.chosen(session.database(), session.actor())
        is_mine = (visits["ref"] == ref) & ~visits["inspected"].astype(bool)
        mine: Any = visits[is_mine & (visits["state"] != "cancelled")]
        st.session_state[key] = None if mine.empty else str(mine["order_id"].iloc[0])
    held: str | None = st.session_state[key]
    return held
