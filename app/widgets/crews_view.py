"""Which part of the page of crews is open; the others are not worked out."""

from typing import Final

import streamlit as st

from app.widgets import session

PAGE: Final = "crews"
VIEWS: Final = ("positions", "attendance")
_CHOSEN: Final = "crews_view_chosen"
_CONTROL: Final = "crews_view"
PARAM: Final = "part"


def chosen() -> str:
    """The open part: as the address says when one comes to the page, then as chosen."""
    asked = st.query_params.get(PARAM)
    if session.is_fresh(PAGE) and asked in VIEWS:
        st.session_state[_CHOSEN] = asked
    view = str(st.session_state.setdefault(_CHOSEN, VIEWS[0]))
    if asked != view:
        st.query_params[PARAM] = view
    session.remember_query(PAGE, {PARAM: [view]})
    return view


def choose() -> None:
    """The switch between the parts; the whole page runs anew, for each part is drawn alone."""
    st.session_state[_CONTROL] = st.session_state.get(_CHOSEN, VIEWS[0])
    st.segmented_control(
        session.say("crews_view"), VIEWS, key=_CONTROL, required=True,
        format_func=lambda one: session.say(f"crews_view_{one}"),
        label_visibility="collapsed", on_change=_keep,
    )  # fmt: skip
    if st.session_state.pop(f"{_CONTROL}_news", False):
        st.rerun()


def _keep() -> None:
    st.session_state[_CHOSEN] = st.query_params[PARAM] = st.session_state[_CONTROL]
    st.session_state[f"{_CONTROL}_news"] = True
