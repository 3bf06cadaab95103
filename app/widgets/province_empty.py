"""The page of a province before any facts are there: what to load, and where."""

import streamlit as st

from app.use_cases import access, province
from app.use_cases.province import Ground
from app.widgets import links, plain, session


def ground() -> Ground | None:
    """What is held; where nothing is, how it comes in is said."""
    found = province.ground(session.database(), session.actor())
    if found is None:
        with st.container(key="page"), st.container(key="empty"):
            st.header(session.say("page_province"))
            st.write(plain.in_markdown(session.say("province_empty")))
            st.code("gridcells province load FACTS", language=None)
            if access.may(session.actor(), "load_data"):
                links.show(
                    {"page": "data"}, session.say("empty_load"), icon=":material/upload_file:"
                )
    return found
