"""My account: who I am, what my role lets me do, where I am signed in, my password."""

import streamlit as st

from app.widgets import account_card, errors, session, session_list

with st.container(key="page"):
    st.header(session.say("page_account"))
    left, right = st.columns([5, 6], gap="large")
    with left, errors.kindly():
        account_card.show()
    with right, errors.kindly():
        session_list.show()
