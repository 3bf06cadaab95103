"""The drawer beside the map of outages: the open outage's story, and who must be told of it."""

import streamlit as st

from app.widgets import errors, outage_choice, session


def show(outage_id: str | None) -> None:
    """The story of the outage, nothing without one."""
    with st.container(key="drawer_open" if outage_id else "drawer_shut", gap="small"):
        if outage_id is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            outage_choice.open_outage(None)
            session.again()
        with errors.kindly():
            st.write(outage_id)
