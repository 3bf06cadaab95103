"""Take reach along: gaps, cells or points, with what they were asked for in the file."""

from typing import Final

import streamlit as st

from app.use_cases import access, export, reach_export
from app.use_cases.reach_wishes import ReachWish
from app.widgets import export_menu, session

_NAME: Final = "reach_export"


def show(wish: ReachWish) -> None:
    """Choose what and in which form, and say what it is for; the file is made when asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        what = st.radio(
            session.say("reach_export_what"), reach_export.WHATS, key="reach_export_what",
            format_func=lambda one: session.say(f"reach_export_{one}"),
        )  # fmt: skip
        form = export_menu.ask_form(_NAME, export.FORMS)
        purpose = export_menu.ask_purpose(f"{_NAME}_purpose")

        def make() -> tuple[bytes, str]:
            return reach_export.export_reach(
                session.database(), session.actor(), wish, what=what, form=form, purpose=purpose
            )

        export_menu.offer(_NAME, (wish, what, form), purpose, make)
