"""Today: what changed since yesterday, what is red, since when, why, and who owns it."""

import streamlit as st

from app.use_cases import service_map, today
from app.widgets import empty, figures, session, today_lines

db, actor, now = session.database(), session.actor(), session.now()
with st.container(key="page"):
    if empty.shown(db):
        st.stop()
    st.header(session.say("today_title", time=session.moment(now)))
    figures.show(service_map.figures(db, actor, now), service_map.list_measures(db, actor))
    today_lines.show(today.lines(db, actor, now), now)
