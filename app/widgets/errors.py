"""Errors as people meet them: a user's mistake in words, ours as a reference to the log."""

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import streamlit as st

from app import language as words
from app.widgets import plain, session
from grid_cells.datum import DATUMS
from grid_cells.errors import UserError

_DATUM_VALUES: Final = ("datum", "datums", "stated", "best")
_FAMILIES: Final = {
    "role": "role", "permission": "permission", "weight": "plan_figure", "level": "value_level",
    "seats": "propose_seats",
}  # fmt: skip
"""Values that are words of ours, with the beginning of their codes."""
_LOG = logging.getLogger("gridcells")


def sentence(code: str, /, **values: Any) -> str:
    """The words for a code raised anywhere; the code itself where the catalogue lacks them."""
    language = session.language()
    if not words.knows(code, language):
        _LOG.error("no words for %s in %s", code, language)
        return words.say("error_unworded", language, code=code)
    return words.say(code, language, **session.local(_worded(values)))


def _worded(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with roles, permissions and datums in words."""
    worded = {
        name: _datum(value) if name in _DATUM_VALUES else value for name, value in values.items()
    }
    for name, family in _FAMILIES.items():
        code = f"{family}_{values.get(name)}"
        if words.knows(code, session.language()):
            worded[name] = session.say(code)
    return worded


def _datum(value: Any) -> Any:
    """A datum, or several, as the lists of datums call them."""
    parts = str(value).split(", ")
    if set(parts) <= set(DATUMS):
        return [session.say(f"datum_{one}") for one in parts]
    return value


def show(error: UserError) -> None:
    """The user's error, kindly."""
    st.error(plain.in_markdown(sentence(error.code, **error.values)), icon=":material/info:")


@contextmanager
def kindly() -> Iterator[None]:
    """Run a part of a page; a user's error in it is said where it happened."""
    try:
        yield
    except UserError as error:
        show(error)


def on_script_error(error: Exception) -> bool:
    """The one handler of uncaught errors; True, because it has shown the error itself."""
    if isinstance(error, UserError):
        show(error)
        return True
    reference = secrets.token_hex(2)
    _LOG.error("reference %s", reference, exc_info=error)
    st.error(session.say("error_broke", reference=reference), icon=":material/build:")
    return True
