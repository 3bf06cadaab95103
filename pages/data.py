"""Data: bring files in, see what they are and would change, load them, take loads back."""

import streamlit as st

from app.widgets import data_tabs, links, session

with st.container(key="page"):
    st.header(session.say("data_title"))
    data_tabs.show()
    links.show({"page": "dictionary"}, session.say("page_dictionary"), icon=":material/menu_book:")
