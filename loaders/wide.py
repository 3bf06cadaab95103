"""Wide tables, one column a day or a measure, made long."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grid_cells.errors import FileRejected
from loaders.contract import ColumnMap
from loaders.mapping import wide_pattern
from loaders.raw import RawTable, Unfolded, as_text, is_text
from loaders.texts import truth

Rows = NDArray[np.int64]


def melted(raw: RawTable, mapping: ColumnMap) -> tuple[RawTable, dict[str, str]]:
    """The table with one record for each filled cell under a heading the pattern matches.

    Returns it and our column → its new heading. Empty cells are no records; the record's number
    stays that of the wide row. Raises FileRejected mapping_invalid, columns_missing.
    """
    if not mapping.wide:
        return raw, {}
    pattern = wide_pattern(mapping, raw.file)
    found = {name: hit for name in raw.columns if (hit := pattern.fullmatch(name))}
    found = found or {name: hit for name in raw.columns if (hit := pattern.search(name))}
    if not found:
        raise FileRejected(
            "columns_missing",
            file=raw.file,
            missing=mapping.wide["columns"],
            found=", ".join(raw.columns),
            expected=mapping.wide["columns"],
        )
    rows, owner, stacked = _stacked({name: raw.columns[name] for name in found})
    made = {
        ours: _taken([_heading_value(hit[ours], ours, mapping) for hit in found.values()], owner)
        for ours in pattern.groupindex
    }
    made[mapping.wide["value"]] = stacked
    kept = {n: c.take(pa.array(rows)) for n, c in raw.columns.items() if n not in found}
    unfolded = Unfolded(raw, rows, _taken(list(found), owner), frozenset(made))
    shapes = None if raw.shapes is None else raw.shapes[rows]
    long = replace(
        raw, columns=kept | made, row_no=raw.row_no[rows], shapes=shapes, unfolded=unfolded
    )
    return long, {name: name for name in made}


def _taken(words: list[str], owner: Rows) -> pa.Array:
    return pa.array(words, pa.large_string()).take(pa.array(owner))


def _stacked(values: dict[str, pa.Array]) -> tuple[Rows, Rows, pa.Array]:
    """Positions of the wide rows, of the columns, and the filled cells, column by column."""
    if len({str(column.type) for column in values.values()}) > 1:
        values = {name: as_text(column) for name, column in values.items()}
    rows = [np.flatnonzero(_filled(column)) for column in values.values()]
    parts = [c.take(pa.array(at)) for c, at in zip(values.values(), rows, strict=True)]
    owner = np.repeat(np.arange(len(rows)), [len(at) for at in rows])
    return np.concatenate(rows), owner, pa.concat_arrays(parts)


def _filled(column: pa.Array) -> NDArray[np.bool_]:
    known = pc.is_valid(column)
    if is_text(column):
        known = pc.and_(known, pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0))
    elif pa.types.is_floating(column.type):
        known = pc.and_(known, pc.invert(pc.is_nan(column)))
    return truth(known)


def _heading_value(text: str, ours: str, mapping: ColumnMap) -> str:
    form = mapping.wide.get("format")
    if form is None or ours != "day":
        return text
    try:
        return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return text
