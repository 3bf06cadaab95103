"""The slim bar on top of every page: where one can go, what time it is, the language, who."""

import json
from collections.abc import Mapping
from itertools import groupby

import streamlit as st
from streamlit.navigation.page import Page

from app import language as words
from app import navigation, theme
from app.navigation import Entry
from app.widgets import clock_pill, person_menu, plain, session

_LANGUAGE_CHOICE = "frame_language"
_MOST_IN_LINE = 9
"""So many links fit beside the clock at 1440 px; of more, all groups but the first are folded."""
_OPEN_GROUP = "look"
_OWN = {"browse": "data_browse", "drop": "data_drop", "skip": "skip_to_content"}


def show(pages: Mapping[str, Page], here: str) -> None:
    """The style sheet and the bar; the page follows below."""
    session.begin_run(here)
    st.html(theme.STYLE_SHEET)
    st.html(_own_words())
    with st.container(key="topbar", horizontal=True, vertical_alignment="center", gap="small"):
        _product()
        _links(pages, here)
        clock_pill.show()
        _language()
        person_menu.show()


def _own_words() -> str:
    """A style sheet with our words for parts of Streamlit that know English only."""
    told = {name: json.dumps(session.say(code), ensure_ascii=False) for name, code in _OWN.items()}
    rules = "".join(f"--gc-{name}:{words};" for name, words in told.items())
    return f"<style>:root{{{rules}}}</style>"


def _product() -> None:
    st.html(f'<div class="gc-product"><b>{plain.escaped(session.say("product"))}</b></div>')


def _links(pages: Mapping[str, Page], here: str) -> None:
    here = _shown_as(here)
    entries = [one for one in navigation.open_to(session.actor().role) if one.in_bar]
    with st.container(key="topbar_links", horizontal=True, gap=None):
        for group, fellows in groupby(entries, key=lambda one: one.group):
            members = list(fellows)
            is_open = group == _OPEN_GROUP or len(members) == 1
            if is_open or len(entries) <= _MOST_IN_LINE:
                for entry in members:
                    _link(pages, entry.code, here)
            else:
                _folded(pages, group, members, here)


def _link(pages: Mapping[str, Page], code: str, here: str) -> None:
    with st.container(key=f"nav_{'here' if code == here else 'there'}_{code}", width="content"):
        st.page_link(
            pages[code],
            label=session.say(f"page_{code}"),
            query_params=_query_to(code) or None,
        )


def _folded(pages: Mapping[str, Page], group: str, members: list[Entry], here: str) -> None:
    """A group behind one word, or behind the page's own name when it is one of these."""
    shown = next((one.code for one in members if one.code == here), "")
    label = session.say(f"page_{shown}" if shown else f"nav_{group}")
    key = f"nav_{'here' if shown else 'there'}_group_{group}"
    with st.container(key=key, width="content"), st.popover(label):
        for entry in members:
            _link(pages, entry.code, here)


def _query_to(page: str) -> dict[str, list[str]]:
    """What a page showed last, in the language of now."""
    spoken = {name: [value] for name, value in session.language_query().items()}
    return session.last_query(page) | spoken


def _shown_as(here: str) -> str:
    """The link that stands for a page: its own, else the first of its group, else none."""
    page = navigation.entry(here)
    fellows = (one.code for one in navigation.ENTRIES if one.group == page.group and one.in_bar)
    return here if page.in_bar else next(fellows, "")


def _language() -> None:
    spoken = session.language()
    other = next(name for name in words.LANGUAGES if name != spoken)
    st.session_state[_LANGUAGE_CHOICE] = spoken
    with st.container(key="topbar_language", width="content"):
        st.segmented_control(
            session.say("language"),
            words.LANGUAGES,
            format_func=words.NAMES.__getitem__,
            key=_LANGUAGE_CHOICE,
            label_visibility="collapsed",
            on_change=lambda: session.choose_language(st.session_state[_LANGUAGE_CHOICE] or other),
        )
