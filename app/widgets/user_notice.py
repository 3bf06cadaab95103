"""What the last deed on the users page came to: a sentence, a password shown once, an undo."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from app.widgets import errors, plain, session
from grid_cells.errors import UserError

_SAID: Final = "users_said"


@dataclass(frozen=True)
class Said:
    """A sentence, perhaps with a password that nobody can see again, perhaps with a way back."""

    sentence: str
    password: str = ""
    undo: Callable[[], "Said"] | None = None
    is_error: bool = False


def tell(deed: Callable[[], Said]) -> None:
    """Do it, as a button's callback, and keep what is to be said for the run that follows."""
    try:
        st.session_state[_SAID] = deed()
    except UserError as error:
        sentence = errors.sentence(error.code, **error.values)
        st.session_state[_SAID] = Said(sentence, is_error=True)


def show() -> None:
    """The notice of the last deed, in the one run that follows it."""
    said: Said | None = st.session_state.pop(_SAID, None)
    if said is None:
        return
    with st.container(key="user_notice"):
        if said.is_error:
            st.error(plain.in_markdown(said.sentence), icon=":material/info:")
            return
        st.success(plain.in_markdown(said.sentence), icon=":material/check:")
        if said.password:
            st.code(said.password, language=None)
        if said.undo is not None:
            st.button(
                session.say("users_undo"),
                icon=":material/undo:",
                key="users_undo",
                on_click=tell,
                args=(said.undo,),
            )
