"""The list of outages taken along as a file, with who took it and what for."""

from typing import Final

import streamlit as st

from app.use_cases import access, outage_export
from app.widgets import export_menu, session
from app.widgets.outage_scene import Scene

_NAME: Final = "outages_export"


def show(scene: Scene) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = export_menu.ask_form(_NAME, outage_export.FORMS)
        st.caption(session.say("outages_export_what"))
        purpose = export_menu.ask_purpose(f"{_NAME}_purpose")
        choice = scene.choice

        def make() -> tuple[bytes, str]:
            return outage_export.export_outages(
                session.database(), session.actor(), choice.period, choice.wish, at=choice.at,
                form=form, purpose=purpose,
            )  # fmt: skip

        wanted = (choice.period, choice.at, choice.wish, choice.when, form)
        export_menu.offer(_NAME, wanted, purpose, make)
