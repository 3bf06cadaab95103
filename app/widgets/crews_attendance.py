"""How crews kept their shifts, and the shifts themselves."""

import streamlit as st

from app.widgets import crews_view, session


def show() -> None:
    """The part "attendance" of the page of crews."""
    with st.container(key="page"):
        st.header(session.say("page_crews"))
        crews_view.choose()
