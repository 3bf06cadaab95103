"""Pieces of the forms of an outage's deeds."""

from collections.abc import Callable

import streamlit as st

from app.use_cases import outage_deeds as use_case
from app.widgets import errors, session
from app.widgets import words_of as naming


def choice(label: str, family: str, key: str) -> str | None:
    """One code of a family, in words; None until it is chosen."""
    return st.selectbox(
        session.say(label), use_case.codes(family), index=None, key=key,
        placeholder=session.say("outage_deed_choose"),
        format_func=lambda one: str(naming.said(f"outage_code_{one}", one)),
    )  # fmt: skip


def do(act: Callable[[], None], key: str, *, ready: bool = True, label: str = "") -> None:
    """The button of a deed; what was wrong is said beneath it, else the story is told anew."""
    if st.button(session.say(label or "outage_deed_do"), key=key, disabled=not ready,
                 type="primary", width="stretch"):  # fmt: skip
        with errors.kindly():
            act()
            st.toast(session.say("outage_deed_done"), icon=":material/check:")
            session.again()
