"""Users: who may sign in, as what and for which part of the company; what each role permits."""

import streamlit as st

from app.widgets import (
    errors,
    role_table,
    session,
    tabs,
    user_add,
    user_change,
    user_list,
    user_notice,
)

with st.container(key="page"):
    st.header(session.say("page_users"))
    people, by_role = tabs.show("users_tabs", ["users_tab_people", "users_tab_roles"])
    with people, errors.kindly():
        user_notice.show()
        user_add.show()
        chosen = user_list.choose()
        if chosen is not None:
            user_change.show(chosen)
    with by_role:
        role_table.show()
