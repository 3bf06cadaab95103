"""Data: bring files in, see what they are and would change, load them, take loads back."""

import streamlit as st

from app.widgets import batch_list, errors, links, load_steps, session

with st.container(key="page"):
    st.header(session.say("data_title"))
    bring, past = st.tabs([session.say("data_tab_bring"), session.say("data_tab_past")])
    with bring, errors.kindly():
        load_steps.show()
    with past, errors.kindly():
        batch_list.show()
    links.show({"page": "dictionary"}, session.say("page_dictionary"), icon=":material/menu_book:")
