"""My area: a crew's border and cells, today's orders and chores, whose a place is, the phone page."""

import streamlit as st

from app.widgets import crew_board, crew_map, crew_whose, empty, errors, session

db, actor = session.database(), session.actor()
with st.container(key="page"):
    if empty.shown(db):
        st.stop()
    st.header(session.say("page_my_area"))
    with errors.kindly():
        day = crew_board.gather()
        crew_board.show_why(day)
        left, right = st.columns([3, 2])
        with left:
            crew_map.show(day)
        with right:
            crew_board.show_phone()
            crew_whose.ask()
        crew_board.show_round(day)
