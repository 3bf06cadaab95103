"""The parts of the data page, each for those who may do what it offers."""

from collections.abc import Callable
from typing import Final

from app.use_cases import access
from app.widgets import (
    batch_list,
    errors,
    load_steps,
    province_facts,
    retention_table,
    session,
    tabs,
)

_PAST: Final = "data_tab_past"
"""Of the whole company: a planner or manager of a part of it would always find it empty."""
_PARTS: Final[tuple[tuple[str, str, Callable[[], None]], ...]] = (
    ("data_tab_bring", "bring_files", load_steps.show),
    ("data_tab_facts", "load_data", province_facts.show),
    (_PAST, "bring_files", batch_list.show),
    ("data_tab_retention", "manage_store", retention_table.show),
)


def _is_for_me(word: str, right: str) -> bool:
    actor = session.actor()
    is_empty = word == _PAST and actor.scope is not None and not access.may(actor, "load_data")
    return access.may(actor, right) and not is_empty


def show() -> None:
    """One tab for each part that the person may use."""
    parts = [(word, part) for word, right, part in _PARTS if _is_for_me(word, right)]
    shown = tabs.show("data_tabs", [word for word, _ in parts])
    for tab, (_, part) in zip(shown, parts, strict=True):
        with tab, errors.kindly():
            part()
