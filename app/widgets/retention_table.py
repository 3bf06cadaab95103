"""How long each kind of row is kept: the rules, their days, what is due, and the work done now."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import clock, retention
from app.widgets import errors, plain, session

_DONE: Final = "retention_done"
_EDITED: Final = "retention_edited"


def show() -> None:
    """The rules as a table whose days can be changed, and the button that honours them now."""
    frame = retention.list_rules(session.database(), session.actor())
    st.caption(session.say("retention_help"))
    table = _table(frame)
    days, due = session.say("retention_column_days"), session.say("retention_column_due")
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=[str(name) for name in table if name != days],
        num_rows="fixed",
        column_config={
            days: st.column_config.NumberColumn(
                min_value=1, step=1, required=True, format="localized"
            ),
            due: st.column_config.NumberColumn(format="localized"),
        },
        key=f"{_EDITED}_{st.session_state.get(_EDITED, 0)}",
    )
    changed = _changed(frame, edited[days])
    with st.container(horizontal=True, gap="small"):
        if st.button(session.say("retention_save"), key="retention_save", disabled=not changed):
            _save(changed)
        st.button(
            session.say("retention_run", count=int(frame["due"].sum())),
            icon=":material/auto_delete:", key="retention_run", disabled=not frame["due"].any(),
            on_click=_run,
        )  # fmt: skip
    _tell()


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.to_dict("records")
    columns: dict[str, list[Any]] = {
        "table": [_name(row["table"]) for row in rows],
        "days": [int(row["days"]) for row in rows],
        "deed": [session.say(f"retention_{row['deed']}") for row in rows],
        "range": [
            f"{words.number(row['least_days'])}–{words.number(row['most_days'])}" for row in rows
        ],
        "oldest": [_day(row["oldest"]) for row in rows],
        "due": [int(row["due"]) for row in rows],
    }
    return pd.DataFrame({session.say(f"retention_column_{n}"): v for n, v in columns.items()})


def _name(table: str) -> str:
    return session.say(f"retention_{table}")


def _day(at: object) -> str:
    if plain.is_missing(at):
        return words.NOTHING
    moment = pd.Timestamp(at).to_pydatetime().astimezone(session.zone())  # type: ignore[arg-type]
    return f"{moment:%Y-%m-%d}"


def _changed(frame: pd.DataFrame, days: pd.Series) -> dict[str, int]:
    """Days that the person wrote over those in force, by table."""
    pairs = zip(frame["table"], frame["days"], days, strict=True)
    return {table: int(new) for table, old, new in pairs if pd.notna(new) and int(new) != int(old)}


def _save(changed: dict[str, int]) -> None:
    with errors.kindly():
        for table, days in changed.items():
            retention.set_days(session.database(), session.actor(), table, days)
        st.session_state[_EDITED] = (
            st.session_state.get(_EDITED, 0) + 1
        )  # nothing is edited any more
        st.rerun()


def _run() -> None:
    with errors.kindly():
        st.session_state[_DONE] = retention.run(
            session.database(), session.actor(), clock.real_now()
        )


def _tell() -> None:
    done: dict[str, int] | None = st.session_state.pop(_DONE, None)
    if done is None:
        return
    told = [f"{_told(table)} {words.number(rows)}" for table, rows in done.items() if rows]
    sentence = session.say("retention_done", rows=told) if told else session.say("retention_none")
    st.success(plain.in_markdown(sentence), icon=":material/check:")


def _told(table: str) -> str:
    """A table's name; the copies kept for undoing have one name together."""
    known = table if words.knows(f"retention_{table}", session.language()) else "undo_copies"
    return _name(known)
