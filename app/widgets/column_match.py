"""Which heading of a file is which of our columns: as found, corrected by hand, kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from app.use_cases.look import FileLook
from app.widgets import plain, session
from app.widgets import words_of as naming
from grid_cells.vocabulary import KINDS
from loaders.contract import ColumnMap
from loaders.mapping import mapping_text, parse_mapping

_TOML: Final = "data_map_file"


def given() -> ColumnMap:
    """The mapping of the file the person brought, an empty one where there is none."""
    file = st.file_uploader(session.say("data_map_given"), type=["toml"], key=_TOML)
    if file is None:
        return ColumnMap()
    return parse_mapping(file.getvalue().decode("utf-8-sig"), file=file.name)


def chosen(kind: str, look: FileLook, mapping: ColumnMap, mark: str) -> ColumnMap:
    """The mapping with what the person corrected by hand."""
    columns = dict(mapping.columns)
    wanted = KINDS[kind]
    grid = st.columns(3)
    for place, column in enumerate(wanted.columns):
        star = " \\*" if column in wanted.required else ""
        found = look.matched.get(column)
        with grid[place % 3]:
            heading = st.selectbox(
                f"{plain.in_markdown(naming.column(column))}{star}",
                look.headings,
                index=look.headings.index(found) if found in look.headings else None,
                key=f"data_column_{mark}_{column}",
                placeholder=session.say("data_not_in_file"),
            )
        if heading is not None and heading != found:
            columns[column] = heading
    return replace(mapping, columns=columns)


def offer(kind: str, mapping: ColumnMap, matched: Mapping[str, str]) -> None:
    """The mapping as a file to keep for the next time."""
    whole = replace(mapping, columns={**matched, **mapping.columns})
    st.download_button(
        session.say("data_map_save"),
        mapping_text(whole),
        file_name=f"{kind}.toml",
        mime="application/toml",
        icon=":material/save:",
        on_click="ignore",
        key="data_map_save",
    )


def summary(kind: str, look: FileLook) -> None:
    """What was recognised, in one glance."""
    pairs = [
        f"<span class='gc-pair'><b>{plain.escaped(theirs)}</b> → "
        f"{plain.escaped(naming.column(ours))}</span>"
        for ours, theirs in look.matched.items()
    ]
    lacking = [
        naming.column(name)
        for name in KINDS[kind].required
        if name not in look.matched and not (look.has_shapes and name in ("geometry", "lon", "lat"))
    ]
    if lacking:
        bad = plain.escaped(session.say("data_columns_lacking", columns=lacking))
        pairs.append(f"<span class='gc-pair gc-bad'>{bad}</span>")
    if look.unmatched:
        left = plain.escaped(session.say("data_columns_left", columns=look.unmatched))
        pairs.append(f"<span class='gc-pair gc-left'>{left}</span>")
    st.html(f'<div class="gc-pairs">{"".join(pairs)}</div>')
