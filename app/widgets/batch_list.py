"""Past loads: what came in when, by whom, and the way back."""

from typing import Any, cast

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import batches
from app.widgets import choice_list, errors, plain, session
from app.widgets import words_of as naming
from grid_cells.errors import UserError

_SHOWN = ("batch_id", "kind", "files", "actor", "loaded_at", "rows", "loaded", "corrected",
          "rejected", "unchanged", "status")  # fmt: skip
_COUNTS = ("rows", "loaded", "corrected", "rejected", "unchanged")


def show() -> None:
    """The loads, newest first; the chosen one can be undone and its rejects taken away."""
    frame = batches.list_batches(session.database(), session.actor())
    if frame.empty:
        st.caption(session.say("batch_none"))
        return
    table = _table(frame)
    place = choice_list.choose(
        table.rename(columns={name: session.say(f"batch_column_{name}") for name in table}),
        [int(one) for one in frame["batch_id"]],
        [_line(row) for row in table.to_dict("records")],
        key="batch_list",
        config=_localised(),
    )
    if place is None:
        st.caption(session.say("batch_pick"))
        return
    _acts(cast("dict[str, Any]", frame.iloc[place].to_dict()))


def _line(row: dict[Any, Any]) -> tuple[str, str]:
    """A load on a phone: what came in, then when, by whom and how many rows went where."""
    counts = [
        f"{session.say(f'batch_column_{name}')} {words.number(row[name])}"
        for name in _COUNTS
        if name == "rows" or row[name]
    ]
    under = " · ".join((row["status"], row["loaded_at"], str(row["actor"]), *counts))
    return f"{row['batch_id']} {row['kind']}: {row['files']}", under


def _localised() -> dict[str, Any]:
    """Thousands set apart as the browser's language does."""
    return {
        session.say(f"batch_column_{name}"): st.column_config.NumberColumn(format="localized")
        for name in _COUNTS
    }


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    table = frame[[name for name in _SHOWN if name in frame]].copy()
    table["kind"] = [naming.kind(str(kind)) for kind in table["kind"]]
    table["files"] = [_names(files) for files in table["files"]]
    table["status"] = [session.say(f"batch_{status}") for status in table["status"]]
    table["loaded_at"] = [session.moment(at) for at in table["loaded_at"]]
    return table


def _names(files: Any) -> str:
    return files if isinstance(files, str) else ", ".join(str(file) for file in files)


def _acts(batch: dict[str, Any]) -> None:
    number = int(batch["batch_id"])
    with st.container(horizontal=True):
        undone = batch["status"] == "undone"
        label = session.say("batch_undo", batch=number, kind=naming.kind(str(batch["kind"])))
        if st.button(label, icon=":material/undo:", disabled=undone, key="batch_undo"):
            _undo(number)
        if int(batch["rejected"]):
            st.download_button(
                session.say("data_rejects_save"),
                batches.rejects_file(session.database(), session.actor(), number),
                file_name=f"{batch['kind']}-{number}-rejects.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="batch_rejects",
            )


def _undo(number: int) -> None:
    try:
        done = batches.undo(session.database(), session.actor(), number)
    except UserError as error:
        _refused(error)
        return
    sentence = session.say(
        "batch_was_undone", batch=number, removed=done.removed, restored=done.restored
    )
    st.toast(plain.in_markdown(sentence), icon=":material/undo:")
    st.rerun()


def _refused(error: UserError) -> None:
    told = dict(error.values)
    rows = told.get("rows")
    if not isinstance(rows, list):
        errors.show(error)
        return
    st.error(session.say("batch_refused", batch=told.get("batch"), count=len(rows)))
    table = pd.DataFrame([_touched(row) for row in rows])
    st.dataframe(
        table.rename(columns={n: session.say(f"batch_column_{n}") for n in table}), hide_index=True
    )


def _touched(row: dict[str, Any]) -> dict[str, Any]:
    key = row.get("key", {})
    named = ", ".join(f"{naming.column(str(name))} {value}" for name, value in key.items())
    return {"row": named, "batch_id": row.get("batch")}
