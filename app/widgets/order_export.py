"""The orders chosen taken along as a file, with who took it and what for."""

from typing import Final

import streamlit as st

from app.use_cases import access, export, work_order_export
from app.widgets import export_menu, session
from app.widgets.order_scene import OrdersScene

_NAME: Final = "orders_export"


def show(scene: OrdersScene) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = export_menu.ask_form(_NAME, export.FORMS)
        st.caption(session.say("wo_export_what"))
        purpose = export_menu.ask_purpose(f"{_NAME}_purpose")

        def make() -> tuple[bytes, str]:
            return work_order_export.export_orders(
                session.database(), session.actor(), scene.wanted, form=form, purpose=purpose
            )

        export_menu.offer(_NAME, (scene.wanted, form), purpose, make)
