"""Take coverage along: gaps or cells, with what they were asked for in the file."""

from typing import Any, Final

import streamlit as st

from app.use_cases import access, coverage_export, export
from app.use_cases.coverage_wishes import CoverageWish
from app.widgets import errors, export_menu, session

_MADE: Final = "coverage_export_made"
_WHAT: Final = ("gaps", "cells")


def show(wish: CoverageWish) -> None:
    """Choose what and in which form, and say what it is for; the file is made when asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        what = st.radio(
            session.say("coverage_export_what"), _WHAT, key="coverage_export_what",
            format_func=lambda one: session.say(f"coverage_export_{one}"),
        )  # fmt: skip
        form = st.radio(
            session.say("export_form"), export.FORMS, key="coverage_export_form",
            format_func=lambda one: session.say(f"export_{one}"),
        )  # fmt: skip
        purpose = export_menu.ask_purpose("coverage_export_purpose")
        with errors.kindly():
            _offer((wish, what, form, purpose))


def _offer(wanted: tuple[CoverageWish, str, Any, str]) -> None:
    wish, what, form, purpose = wanted
    if st.session_state.get(_MADE, (None,))[0] != wanted:
        if not st.button(
            session.say("export_make"), key="coverage_export_make", width="stretch",
            disabled=not purpose,
        ):  # fmt: skip
            return
        make = coverage_export.export_gaps if what == "gaps" else coverage_export.export_cells
        with st.spinner(session.say("export_making")):
            made = make(session.database(), session.actor(), wish, form=form, purpose=purpose)
        st.session_state[_MADE] = (wanted, *made)
    _, content, name = st.session_state[_MADE]
    st.download_button(
        session.say("export_save", file=name), content, file_name=name, on_click="ignore",
        type="primary", width="stretch", key="coverage_export_save",
    )  # fmt: skip
