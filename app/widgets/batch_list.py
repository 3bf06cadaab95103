"""Past loads: what came in when, by whom, and the way back."""

from typing import Any, cast

import pandas as pd
import streamlit as st

from app.use_cases import batches
from app.widgets import errors, plain, session
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
    chosen = st.dataframe(
        _table(frame),
        hide_index=True,
        column_config=_localised(),
        on_select="rerun",
        selection_mode="single-row",
        key="batch_list",
    )
    picked = chosen.selection.rows
    if not picked or picked[0] >= len(frame):
        st.caption(session.say("batch_pick"))
        return
    _acts(cast("dict[str, Any]", frame.iloc[picked[0]].to_dict()))


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
    return table.rename(columns={name: session.say(f"batch_column_{name}") for name in table})


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
