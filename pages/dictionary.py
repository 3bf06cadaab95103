"""Data dictionary: every column once, with its type, unit, meaning and the names files use."""

import streamlit as st

from app.widgets import dictionary_table, session

with st.container(key="page"):
    st.header(session.say("page_dictionary"))
    dictionary_table.show()
