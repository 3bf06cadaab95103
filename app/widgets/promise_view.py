"""Which half of the promises page is open: who waits now, or how promises were kept."""

from typing import Final

import streamlit as st

from app.widgets import session

VIEWS: Final = ("now", "history")
_CHOSEN: Final = "promise_view_chosen"
_CONTROL: Final = "promise_view"


def chosen() -> str:
    """The open half; the other is not worked out."""
    return str(st.session_state.setdefault(_CHOSEN, VIEWS[0]))


def choose() -> None:
    """The switch between the halves; the whole page runs anew, for each half is drawn alone."""
    st.session_state[_CONTROL] = chosen()
    st.segmented_control(
        session.say("promise_view"), VIEWS, key=_CONTROL, required=True,
        format_func=lambda one: session.say(f"promise_view_{one}"),
        label_visibility="collapsed", on_change=_keep,
    )  # fmt: skip
    if st.session_state.pop(f"{_CONTROL}_news", False):
        st.rerun()


def _keep() -> None:
    st.session_state[_CHOSEN] = st.session_state[_CONTROL]
    st.session_state[f"{_CONTROL}_news"] = True
