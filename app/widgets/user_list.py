"""The accounts as a table to filter and to choose from."""

from typing import Any, Final, cast

import pandas as pd
import streamlit as st

from app.use_cases import users
from app.widgets import choice_list, empty, plain, session, who

_FILTER: Final = "users_filter"
_SHOWN: Final = ("login", "name", "role", "scope", "state", "last_sign_in", "sessions")


def choose() -> dict[str, Any] | None:
    """The account chosen in the table, None while none is."""
    frame = users.list_users(session.database(), session.actor())
    if frame.empty:
        empty.hint(session.say("users_none"))
        return None
    table = _table(frame)
    wish = st.text_input(
        session.say("users_filter"),
        key=_FILTER,
        placeholder=session.say("users_filter_hint"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    fits = _fitting(table, wish or "")
    if not fits.any():
        empty.hint(session.say("users_none_fit"))
        return None
    return _picked(frame[fits].reset_index(drop=True), table[fits])


def _picked(frame: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any] | None:
    place = choice_list.choose(
        table.rename(columns={name: session.say(f"users_column_{name}") for name in table}),
        list(frame["user_id"]),
        [_line(row) for row in table.to_dict("records")],
        key="users_table",
    )
    if place is None:
        st.caption(session.say("users_pick"))
        return None
    return cast("dict[str, Any]", frame.iloc[place].to_dict())


def _line(row: dict[Any, Any]) -> tuple[str, str]:
    """An account on a phone."""
    title = f"{row['name']} ({row['login']})" if row["name"] else str(row["login"])
    last = f"{session.say('users_column_last_sign_in')}: {row['last_sign_in']}"
    return title, " · ".join((row["role"], row["scope"], row["state"], last))


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    names = who.unit_names()
    places = zip(frame["unit_id"], frame["area_id"], strict=True)
    table = frame.assign(
        name=frame["name"].fillna(""),
        role=[who.role(str(role)) for role in frame["role"]],
        scope=[who.place(unit, area, names) for unit, area in places],
        state=[_state(row) for row in frame.to_dict("records")],
        last_sign_in=[_last(seen) for seen in frame["seen_at"]],
    )
    return table[list(_SHOWN)]


def _state(row: dict[Any, Any]) -> str:
    sample = "sample_" if row["is_sample"] else ""
    if row["is_sample"] and row["is_active"]:
        return session.say("users_state_sample")
    return session.say(f"users_state_{sample}{'active' if row['is_active'] else 'disabled'}")


def _last(seen: object) -> str:
    if plain.is_missing(seen):
        return session.say("users_never")
    return session.moment(pd.Timestamp(cast("Any", seen)).to_pydatetime())


def _fitting(table: pd.DataFrame, wish: str) -> pd.Series:
    """Rows in which every word typed stands somewhere."""
    text = table[["login", "name", "role", "scope", "state"]].agg(" ".join, axis=1).str.casefold()
    fits = pd.Series(data=True, index=table.index)
    for word in wish.casefold().split():
        fits &= text.str.contains(word, regex=False)
    return fits
