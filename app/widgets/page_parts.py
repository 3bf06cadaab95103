"""The switch between the parts of a page, one of which is open; the others are not worked out."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from app.widgets import session

PARAM: Final = "part"


@dataclass(frozen=True)
class PageParts:
    """The parts of a page, the first one open at first; `word` begins their keys and words."""

    page: str
    word: str
    parts: tuple[str, ...]

    @property
    def _held(self) -> str:
        return f"{self.word}_chosen"

    def chosen(self) -> str:
        """The open part: as the address says when one comes to the page, then as chosen."""
        asked = st.query_params.get(PARAM)
        if session.is_fresh(self.page) and asked in self.parts:
            st.session_state[self._held] = asked
        part = str(st.session_state.setdefault(self._held, self.parts[0]))
        if asked != part:
            st.query_params[PARAM] = part
        session.remember_query(self.page, {PARAM: [part]})
        return part

    def choose(self) -> None:
        """The switch; the whole page runs anew, for each part is drawn alone."""
        st.session_state[self.word] = st.session_state.get(self._held, self.parts[0])
        st.segmented_control(
            session.say(self.word), self.parts, key=self.word, required=True,
            format_func=lambda one: session.say(f"{self.word}_{one}"),
            label_visibility="collapsed", on_change=self._keep,
        )  # fmt: skip
        if st.session_state.pop(f"{self.word}_news", False):
            st.rerun()

    def _keep(self) -> None:
        st.session_state[self._held] = st.query_params[PARAM] = st.session_state[self.word]
        st.session_state[f"{self.word}_news"] = True
