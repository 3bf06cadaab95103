"""The vocabulary as a table to read and search."""

from typing import Final

import pandas as pd
import streamlit as st

from app.widgets import session
from app.widgets import words_of as naming
from grid_cells.meanings import MEANINGS_ZH
from grid_cells.vocabulary import COLUMNS, KIND_ALIASES, KINDS

_KIND: Final = "dictionary_kind"
_MEANING_PX: Final = 380
_HEIGHT_PX: Final = 620


def choose() -> str | None:
    """The kind of file to look at, None for all columns."""
    kind: str | None = st.selectbox(
        session.say("data_kind"),
        [None, *KINDS],
        format_func=lambda one: session.say("dictionary_all") if one is None else naming.kind(one),
        key=_KIND,
    )
    return kind


def show() -> None:
    """The columns of the kind chosen, the meanings wide enough to be read."""
    table, meaning = rows(choose()), session.say("dictionary_meaning")
    with st.container(key="dictionary_rows"):
        st.dataframe(
            table,
            hide_index=True,
            height=_HEIGHT_PX,
            column_config={meaning: st.column_config.Column(width=_MEANING_PX)},
        )


def rows(kind: str | None) -> pd.DataFrame:
    """One row a column of the kind: its name, word, type, unit, meaning, other names."""
    names = list(COLUMNS) if kind is None else list(KINDS[kind].columns)
    table = [_row(name, kind) for name in names]
    return pd.DataFrame(table).rename(columns=lambda name: session.say(f"dictionary_{name}"))


def _row(name: str, kind: str | None) -> dict[str, str]:
    column = COLUMNS[name]
    own = KIND_ALIASES.get((kind, name), ()) if kind else ()
    row = {
        "name": name,
        "word": column.zh,
        "meaning": MEANINGS_ZH[name] if session.language() == "zh" else column.meaning,
        "type": session.say(f"type_{column.type}"),
        "unit": "" if column.unit == "1" else column.unit,
        "aliases": ", ".join((*own, *column.aliases)),
    }
    if kind is not None:
        row["needed"] = session.say("yes") if name in KINDS[kind].required else ""
    return row
