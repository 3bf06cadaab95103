"""Audit: who did what, newest first; whether the log is whole; the log taken along as a file."""

import streamlit as st

from app.widgets import audit_acts, audit_filter, audit_rows, errors, session

with st.container(key="page"):
    st.header(session.say("page_audit"))
    with errors.kindly():
        query = audit_filter.ask()
        audit_acts.show(query)
        audit_rows.show(query)
