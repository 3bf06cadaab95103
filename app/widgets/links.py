"""Ways from one page to another that keep the language and carry what to show there."""

from collections.abc import Mapping
from typing import Any, NoReturn

import streamlit as st

from app.navigation import entry
from app.use_cases import access
from app.widgets import session

PAGE = "page"


def query_of(link: Mapping[str, Any]) -> dict[str, list[str]]:
    """A link's query parameters, each as a list of texts, the language with them."""
    wanted = {
        name: value for name, value in link.items() if name != PAGE and value not in (None, "")
    }
    texts = {
        name: [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        for name, value in wanted.items()
    }
    return texts | {name: [value] for name, value in session.language_query().items()}


def follow(link: Mapping[str, Any]) -> NoReturn:
    """Go to the link's page with its parameters."""
    st.switch_page(str(entry(str(link[PAGE])).path), query_params=query_of(link))


def show(link: Mapping[str, Any], label: str, *, icon: str | None = None) -> None:
    """A link as a line to click; nothing where the person may not use the page."""
    wanted = entry(str(link[PAGE]))
    if not access.may(session.actor(), wanted.permission):
        return
    page = str(wanted.path)
    st.page_link(page, label=label, icon=icon, query_params=query_of(link) or None)
