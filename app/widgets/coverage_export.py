"""Take coverage along: gaps or cells, with what they were asked for in the file."""

from typing import Final

import streamlit as st

from app.use_cases import access, coverage_export, export
from app.use_cases.coverage_wishes import CoverageWish
from app.widgets import export_menu, session

_NAME: Final = "coverage_export"
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
        form = export_menu.ask_form(_NAME, export.FORMS)
        purpose = export_menu.ask_purpose(f"{_NAME}_purpose")
        take = coverage_export.export_gaps if what == "gaps" else coverage_export.export_cells

        def make() -> tuple[bytes, str]:
            return take(session.database(), session.actor(), wish, form=form, purpose=purpose)

        export_menu.offer(_NAME, (wish, what, form), purpose, make)
