"""Reliability of supply: how often and how long people had no power, where, and by which rule."""

import streamlit as st

from app.widgets import empty, errors, reliability_figures, reliability_wish, session

with st.container(key="page"):
    if empty.shown(session.database()):
        st.stop()
    st.header(session.say("page_reliability"))
    with errors.kindly():
        wish = reliability_wish.ask()
        if wish is not None:
            reliability_figures.show(wish)
