"""Take reliability along, with the rule in the file."""

from typing import Final

import streamlit as st

from app.use_cases import access, export, reliability_export
from app.use_cases.export import Form
from app.widgets import errors, export_menu, session
from app.widgets.reliability_wish import ReliabilityChoice

_MADE: Final = "reliability_export_made"


def show(choice: ReliabilityChoice) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = st.radio(
            session.say("export_form"), export.FORMS, key="reliability_export_form",
            format_func=lambda one: session.say(f"export_{one}"),
        )  # fmt: skip
        st.caption(session.say("reliability_export_what"))
        purpose = export_menu.ask_purpose("reliability_export_purpose")
        with errors.kindly():
            _offer(choice, form, purpose)


def _offer(choice: ReliabilityChoice, form: Form, purpose: str) -> None:
    wanted = (choice.wish, form, purpose)
    if st.session_state.get(_MADE, (None,))[0] != wanted:
        if not st.button(
            session.say("export_make"), key="reliability_export_make", width="stretch",
            disabled=not purpose,
        ):  # fmt: skip
            return
        with st.spinner(session.say("export_making")):
            made = reliability_export.export_reliability(
                session.database(), session.actor(), choice.wish, form=form, purpose=purpose
            )
        st.session_state[_MADE] = (wanted, *made)
    _, content, name = st.session_state[_MADE]
    st.download_button(
        session.say("export_save", file=name), content, file_name=name, on_click="ignore",
        type="primary", width="stretch", key="reliability_export_save",
    )  # fmt: skip
