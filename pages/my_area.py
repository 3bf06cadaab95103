"""My area: a crew's border and cells, today's orders and chores, the phone page."""

import streamlit as st

from app.widgets import empty, errors, my_area_day, my_area_map, my_area_whose, session

with st.container(key="page"):
    if empty.shown(session.database()):
        st.stop()
    st.header(session.say("page_my_area"))
    with errors.kindly():
        day = my_area_day.gather()
        my_area_day.show_why(day)
        left, right = st.columns([3, 2])
        with left:
            my_area_map.show(day)
        with right:
            my_area_day.show_phone()
            my_area_whose.ask()
            my_area_day.show_round(day)
