"""Take reliability along, with the rule in the file."""

from typing import Final

import streamlit as st

from app.use_cases import access, export, reliability_export
from app.widgets import export_menu, session
from app.widgets.reliability_wish import ReliabilityChoice

_NAME: Final = "reliability_export"


def show(choice: ReliabilityChoice) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = export_menu.ask_form(_NAME, export.FORMS)
        st.caption(session.say("reliability_export_what"))
        purpose = export_menu.ask_purpose(f"{_NAME}_purpose")

        def make() -> tuple[bytes, str]:
            return reliability_export.export_reliability(
                session.database(), session.actor(), choice.wish, form=form, purpose=purpose
            )

        export_menu.offer(_NAME, (choice.wish, form), purpose, make)
