"""The rows behind a comparison: moves from area to area, customers moved, lists to take along."""

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import access, hand_over
from app.use_cases.plan_diff import Difference
from app.widgets import errors, plain, session
from app.widgets import hand_over as lists
from app.widgets import words_of as naming
from app.widgets.compare_figures import named

_TABLES: Final = ("moves", "customers", "lists")
_HEIGHT: Final = 320


def show(found: Difference) -> None:
    """One table at a time; only the chosen one is worked out."""
    if found.moves.empty:
        return
    with st.container(key="compare_rows"):
        offered = [one for one in _TABLES if one != "lists" or _may_take()]
        chosen = st.segmented_control(
            session.say("compare_tables"), offered, default=offered[0], key="compare_table",
            format_func=lambda one: session.say(f"compare_table_{one}"),
            label_visibility="collapsed",
        )  # fmt: skip
        if chosen is None:
            return
        with errors.kindly():
            _SHOWN[chosen](found)


def _may_take() -> bool:
    return access.may(session.actor(), "export_data")


def _moves(found: Difference) -> None:
    told = found.moves
    nobody = session.say("compare_vacant")
    shown = {
        session.say("hand_over_old_area"): [named(found.names, one) for one in told["old_area"]],
        session.say("hand_over_new_area"): [named(found.names, one) for one in told["new_area"]],
        session.say("plan_figure_customers"): told["customers"],
        session.say("compare_cells"): told["cells"],
        session.say("hand_over_old_manager"): _or(told["old_manager"], nobody),
        session.say("hand_over_new_manager"): _or(told["new_manager"], nobody),
    }
    st.dataframe(pd.DataFrame(shown), hide_index=True, height=_HEIGHT)
    st.caption(session.say("compare_moves_how"))


def _or(names: "pd.Series[str]", word: str) -> list[str]:
    return [word if plain.is_missing(one) else str(one) for one in names]


def _customers(found: Difference) -> None:
    if not access.may(session.actor(), "see_customers"):
        st.caption(session.say("hand_over_no_customers"))
        return
    rows = hand_over.customers(session.database(), session.actor(), found.changes(session.now()))
    for side in ("old_area", "new_area"):
        rows[side] = [named(found.names, one) for one in rows[side]]
        rows[f"{side[:3]}_manager"] = _or(
            rows[f"{side[:3]}_manager"], session.say("compare_vacant")
        )
    words = {name: _column(name) for name in rows.columns}
    st.dataframe(rows.rename(columns=words), hide_index=True, height=_HEIGHT)
    if len(rows) < found.moved_customers:
        told = {"n": len(rows), "count": found.moved_customers}
        st.caption(session.say("compare_first", **told))


def _column(name: str) -> str:
    if name == "unit":
        return _begun(naming.column("cell_id"))
    said = {"old_area", "new_area", "old_manager", "new_manager", "customer_no"}
    return session.say(f"hand_over_{name}") if name in said else _begun(naming.column(name))


def _begun(word: str) -> str:
    """The word with a capital, as the heads beside it have."""
    return word[:1].upper() + word[1:]


def _lists(found: Difference) -> None:
    name = f"compare_{found.after}_{found.before}_{found.version}"
    lists.take_along(name, found.changes(session.now()), hand_over.LISTS_OF_CUSTOMERS)


_SHOWN: Final[dict[str, Callable[[Difference], None]]] = {
    "moves": _moves, "customers": _customers, "lists": _lists,
}  # fmt: skip
