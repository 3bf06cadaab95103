"""The drawer beside the map of outages: the open outage's story, and who must be told of it."""

import streamlit as st

from app.widgets import outage_choice, outage_notices, outage_story, session


def show(outage_id: str | None) -> None:
    """The story of the outage, nothing without one."""
    with st.container(key="drawer_open" if outage_id else "drawer_shut", gap="small"):
        if outage_id is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            outage_choice.open_outage(None)
            session.again()
        outage_story.show(outage_id)
        outage_notices.show(outage_id)
