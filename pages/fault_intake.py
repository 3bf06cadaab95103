"""Fault intake: whose place a call is about, what is known there, one button to register it."""

import streamlit as st

from app.widgets import empty, errors, fault_form, fault_list, fault_look, fault_place, session

with st.container(key="page"):
    if empty.shown(session.database()):
        st.stop()
    st.header(session.say("page_fault_intake"))
    with st.container(key="fault_intake"):
        place = None
        place_part, look_part, form_part = fault_place.parts()
        with place_part, errors.kindly():
            place = fault_place.ask()
            fault_form.registered()
        with form_part, errors.kindly():
            if place is not None:
                fault_form.ask(place)
        with look_part, errors.kindly():
            if place is not None:
                fault_look.show(fault_form.wish(place))
        with errors.kindly():
            fault_list.show()
