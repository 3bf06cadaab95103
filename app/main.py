"""The script every session runs: the frame around the page that was asked for."""

from collections.abc import Callable

import streamlit as st

from app import navigation, theme
from app.navigation import ENTRIES, Entry
from app.widgets import frame, refusal, session


def _page(entry: Entry, *, default: bool = False) -> st.Page:
    """The page of an entry; the first one also stands at the bare address."""
    return st.Page(
        entry.path if entry in allowed else _refused(entry),
        title=f"{session.say(f'page_{entry.code}')} · {session.say('product')}",
        url_path="home" if default else entry.code,
        default=default,
    )


def _refused(entry: Entry) -> Callable[[], None]:
    """What stands at the address of a page that the person may not use."""

    def refused() -> None:
        refusal.show(entry)

    return refused


st.set_page_config(page_icon=str(theme.ICON), layout="wide", initial_sidebar_state="collapsed")
session.hear_language()
role = session.actor().role
allowed, first = navigation.open_to(role), navigation.first_of(role)
pages = {entry.code: _page(entry) for entry in ENTRIES}
chosen = st.navigation([_page(first, default=True), *pages.values()], position="hidden")
frame.show(pages, here=chosen.url_path if chosen.url_path in pages else first.code)
chosen.run()
