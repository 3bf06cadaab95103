"""Where the crews are: the map, who is on duty, one crew beside it."""

import streamlit as st

from app.widgets import crews_view


@st.fragment(run_every="30s")
def show() -> None:
    """The part "positions" of the page of crews."""
    rail, _middle, _drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        crews_view.choose()
