"""The orders chosen taken along as a file, with who took it and what for."""

from typing import Final

import streamlit as st

from app.use_cases import access, export, work_order_export
from app.use_cases.export import Form
from app.widgets import errors, export_menu, session
from app.widgets.order_scene import OrdersScene

_MADE: Final = "orders_export_made"


def show(scene: OrdersScene) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = st.radio(
            session.say("export_form"), export.FORMS, key="orders_export_form",
            format_func=lambda one: session.say(f"export_{one}"),
        )  # fmt: skip
        st.caption(session.say("wo_export_what"))
        purpose = export_menu.ask_purpose("orders_export_purpose")
        with errors.kindly():
            _offer(scene, form, purpose)


def _offer(scene: OrdersScene, form: Form, purpose: str) -> None:
    wanted = (scene.wanted, form, purpose)
    if st.session_state.get(_MADE, (None,))[0] != wanted:
        if not st.button(
            session.say("export_make"), key="orders_export_make", width="stretch",
            disabled=not purpose,
        ):  # fmt: skip
            return
        made = work_order_export.export_orders(
            session.database(), session.actor(), scene.wanted, form=form, purpose=purpose
        )
        st.session_state[_MADE] = (wanted, *made)
    _, content, name = st.session_state[_MADE]
    st.download_button(
        session.say("export_save", file=name), content, file_name=name, on_click="ignore",
        type="primary", width="stretch", key="orders_export_save",
    )  # fmt: skip
