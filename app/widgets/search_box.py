"""The search: a customer number, an address, coordinates of any datum, a cell, a place's name."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from app.use_cases import search
from app.use_cases.search import Found
from app.widgets import errors, plain, session
from grid_cells.datum import DATUMS

_TEXT: Final = "search_text"
_DATUM: Final = "search_datum"
_SHOWN: Final = 8


def ask(*, with_datum: bool = False) -> Found | None:
    """What the person picked among the finds, in the run in which it was picked."""
    st.text_input(
        session.say("search"),
        key=_TEXT,
        type="search",
        placeholder=session.say("search_hint"),
        label_visibility="collapsed",
        icon=":material/search:",
        persist_state="page",
    )
    if with_datum:
        datum()
    text = (st.session_state.get(_TEXT) or "").strip()
    if not text:
        return None
    with errors.kindly():
        found = search.find(
            session.database(), session.actor(), text, datum=_chosen_datum(), now=session.now()
        )
        return _pick(found)
    return None


def datum() -> None:
    """The control that says how typed coordinates are meant."""
    st.selectbox(
        session.say("search_datum"),
        DATUMS,
        format_func=lambda name: session.say(f"datum_{name}"),
        key=_DATUM,
        accept_new_options=True,
        persist_state="page",
    )


def _chosen_datum() -> str:
    return str(st.session_state.get(_DATUM) or DATUMS[0])


def _pick(found: Sequence[Found]) -> Found | None:
    if not found:
        st.caption(session.say("search_nothing"))
        return None
    picked = None
    with st.container(key="search_finds", gap=None):
        for place, one in enumerate(found[:_SHOWN]):
            kind = session.say(f"found_{one.kind}")
            under = f"{kind} {plain.in_markdown(one.detail or '')}"
            label = f"**{plain.in_markdown(one.title)}**  \n{under}"
            if st.button(label, key=f"find_{place}_{one.kind}", type="tertiary", width="stretch"):
                picked = one
    if len(found) > _SHOWN:
        st.caption(session.say("search_more", n=len(found) - _SHOWN))
    return picked
