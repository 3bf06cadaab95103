"""The search: a customer number, an address, coordinates of any datum, a cell, a place's name."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from app import language as words
from app.use_cases import search
from app.use_cases.search import Found
from app.widgets import errors, plain, session
from grid_cells.datum import DATUMS

_TEXT: Final = "search_text"
_DATUM: Final = "search_datum"
_PICKED: Final = "search_picked"
_SHOWN: Final = 8
_NO_CUSTOMER: Final = ("place", "cell")


def picked() -> Found | None:
    """What the person picked among the finds, in the one run that follows the pick."""
    pick: Found | None = st.session_state.pop(_PICKED, None)
    return pick


def show() -> bool:
    """The search with its finds, each a button; whether it had something to say."""
    st.text_input(
        session.say("search"),
        key=_TEXT,
        type="search",
        placeholder=_hint(),
        label_visibility="collapsed",
        icon=":material/search:",
        persist_state="page",
    )
    text = (st.session_state.get(_TEXT) or "").strip()
    if not text:
        return False
    with errors.kindly():
        found = search.find(
            session.database(), session.actor(), text, datum=_chosen_datum(), now=session.now()
        )
        _offer(found)
    return True


def by_what(*, customers_only: bool = False) -> list[str]:
    """What the person may search by, in words; customers alone, or places too."""
    clues = search.clues(session.actor())
    left_out = _NO_CUSTOMER if customers_only else ()
    return [session.say(f"clue_long_{one}") for one in clues if one not in left_out]


def _hint() -> str:
    """The same in few words, begun as a sentence is."""
    clues = [session.say(f"clue_{one}") for one in search.clues(session.actor())]
    hint = words.shown(clues, session.language())
    return hint[:1].upper() + hint[1:]


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


def _offer(found: Sequence[Found]) -> None:
    if not found:
        st.caption(session.say("search_nothing", clues=by_what()))
        return
    with st.container(key="search_finds", gap=None):
        for place, one in enumerate(found[:_SHOWN]):
            kind = session.say(f"found_{one.kind}")
            under = " · ".join((kind, *([plain.in_markdown(one.detail)] if one.detail else [])))
            st.button(
                f"**{plain.in_markdown(one.title)}**  \n{under}",
                key=f"find_{place}_{one.kind}",
                type="tertiary",
                width="stretch",
                on_click=_pick,
                args=(one,),
            )
    if len(found) > _SHOWN:
        st.caption(session.say("search_more", n=len(found) - _SHOWN))


def _pick(one: Found) -> None:
    """Remember the pick for the run that follows, and clear the search."""
    st.session_state[_PICKED] = one
    st.session_state[_TEXT] = ""
