"""Tabs that stay open while the language changes and when one comes back to the page."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.widgets import session


def show(name: str, codes: Sequence[str]) -> Sequence[DeltaGenerator]:
    """One tab for each code of a word; which of them is open is kept by its code."""
    labels = [session.say(code) for code in codes]
    opened = st.session_state.get(f"{name}_open")
    key = f"{name}_{session.language()}"
    if key not in st.session_state and opened in codes:
        st.session_state[key] = labels[codes.index(opened)]

    def keep() -> None:
        st.session_state[f"{name}_open"] = codes[labels.index(st.session_state[key])]

    return st.tabs(labels, key=key, on_change=keep)
