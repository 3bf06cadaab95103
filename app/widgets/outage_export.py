"""The list of outages taken along as a file, with who took it and what for."""

from typing import Final

import streamlit as st

from app.use_cases import access, outage_export
from app.use_cases.outage_export import Form
from app.widgets import errors, export_menu, session
from app.widgets.outage_scene import Scene

_FORM: Final = "outages_export_form"
_PURPOSE: Final = "outages_export_purpose"
_MADE: Final = "outages_export_made"


def show(scene: Scene) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = st.radio(
            session.say("export_form"), outage_export.FORMS, key=_FORM,
            format_func=lambda one: session.say(f"export_{one}"),
        )  # fmt: skip
        st.caption(session.say("outages_export_what"))
        purpose = export_menu.ask_purpose(_PURPOSE)
        with errors.kindly():
            _offer(scene, form, purpose)


def _offer(scene: Scene, form: Form, purpose: str) -> None:
    choice = scene.choice
    wanted = (choice.period, choice.at, choice.wish, choice.when, form, purpose)
    if st.session_state.get(_MADE, (None,))[0] != wanted:
        if not st.button(
            session.say("export_make"), key="outages_export_make", width="stretch",
            disabled=not purpose,
        ):  # fmt: skip
            return
        made = outage_export.export_outages(
            session.database(), session.actor(), choice.period, choice.wish, at=choice.at,
            form=form, purpose=purpose,
        )  # fmt: skip
        st.session_state[_MADE] = (wanted, *made)
    _, content, name = st.session_state[_MADE]
    st.download_button(
        session.say("export_save", file=name), content, file_name=name, on_click="ignore",
        type="primary", width="stretch", key="outages_export_save",
    )  # fmt: skip
