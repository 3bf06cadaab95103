"""Inbox: what came up since the plan in force was published, and exceptions from that plan."""

import streamlit as st

from app.widgets import empty, errors, inbox_list, override_list, session, tabs

with st.container(key="page"):
    if empty.shown(session.database()):
        st.stop()
    st.header(session.say("page_plan_inbox"))
    came, exceptions = tabs.show("inbox_tabs", ["inbox_tab_open", "inbox_tab_exceptions"])
    with came, errors.kindly():
        inbox_list.show()
    with exceptions, errors.kindly():
        override_list.show()
