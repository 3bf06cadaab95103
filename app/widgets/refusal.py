"""What stands where a person may not go: why not, whom to ask, and the way on."""

import streamlit as st

from app.navigation import Entry, first_of
from app.use_cases import access
from app.widgets import errors, links, session
from grid_cells.errors import AccessDenied


def show(entry: Entry) -> None:
    """Refuse a page, on record, with the reason."""
    actor = session.actor()
    with st.container(key="page"), st.container(key="refusal"):
        st.header(session.say("access_refused_title"))
        try:
            access.check(session.database(), actor, entry.permission, asked=f"page.{entry.code}")
        except AccessDenied as error:
            errors.show(error)
        st.caption(session.say("access_refused_kept"))
        links.show(
            {"page": first_of(actor.role).code},
            session.say("access_back"),
            icon=":material/arrow_back:",
        )
