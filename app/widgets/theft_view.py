"""Which part of the page of theft hotspots is open; the others are not worked out."""

from typing import Final

import streamlit as st

from app.use_cases.access import may
from app.widgets import session

PAGE: Final = "theft_hotspots"
VIEWS: Final = ("map", "inspections", "models")
PARAM: Final = "part"
_CHOSEN: Final = "theft_view_chosen"
_CONTROL: Final = "theft_view"


def chosen() -> str:
    """The open part: as the address says when one comes to the page, then as chosen."""
    asked = st.query_params.get(PARAM)
    if asked in offered() and _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = asked
    return str(st.session_state.setdefault(_CHOSEN, VIEWS[0]))


def offered() -> tuple[str, ...]:
    """The parts for this person: models are for those who make runs."""
    return VIEWS if may(session.actor(), "run_theft") else VIEWS[:-1]


def choose() -> None:
    """The switch between the parts; the whole page runs anew, for each part is drawn alone."""
    st.session_state[_CONTROL] = chosen()
    st.segmented_control(
        session.say("theft_view"), offered(), key=_CONTROL, required=True,
        format_func=lambda one: session.say(f"theft_view_{one}"),
        label_visibility="collapsed", on_change=_keep,
    )  # fmt: skip
    if st.session_state.pop(f"{_CONTROL}_news", False):
        st.rerun()


def _keep() -> None:
    st.session_state[_CHOSEN] = st.query_params[PARAM] = st.session_state[_CONTROL]
    st.session_state[f"{_CONTROL}_news"] = True
