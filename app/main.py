"""The script every session runs: the frame around the page that was asked for."""

import streamlit as st

from app import theme
from app.navigation import ENTRIES, FIRST, Entry
from app.widgets import frame, session


def _page(entry: Entry, *, default: bool = False) -> st.Page:
    """The page of an entry; the first one also stands at the bare address."""
    return st.Page(
        entry.path,
        title=f"{session.say(f'page_{entry.code}')} · {session.say('product')}",
        url_path="home" if default else entry.code,
        default=default,
    )


st.set_page_config(page_icon=str(theme.ICON), layout="wide", initial_sidebar_state="collapsed")
pages = {entry.code: _page(entry) for entry in ENTRIES}
chosen = st.navigation([_page(FIRST, default=True), *pages.values()], position="hidden")
frame.show(pages, here=chosen.url_path if chosen.url_path in pages else FIRST.code)
chosen.run()
