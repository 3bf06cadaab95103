"""Wide tables, one column a day or a measure, made long."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from grid_cells.errors import FileRejected
from loaders.contract import ColumnMap
from loaders.mapping import wide_pattern
from loaders.raw import RawTable, as_text, is_text
from loaders.texts import truth


def melted(raw: RawTable, mapping: ColumnMap) -> tuple[RawTable, dict[str, str]]:
    """The table with one record for each filled cell under a heading the pattern matches.

    Returns it and our column → its new heading. Empty cells are no records; the record's number
    stays that of the wide row. Raises FileRejected mapping_invalid, columns_missing.
    """
    if not mapping.wide:
        return raw, {}
    pattern = wide_pattern(mapping, raw.file)
    found = {name: hit for name in raw.columns if (hit := pattern.fullmatch(name))}
    if not found:
        raise FileRejected(
            "columns_missing",
            file=raw.file,
            missing=mapping.wide["columns"],
            found=", ".join(raw.columns),
            expected=mapping.wide["columns"],
        )
    values = {name: raw.columns[name] for name in found}
    rows, stacked = _stacked(values)
    groups = {ours: f"_{ours}" for ours in pattern.groupindex}
    value = mapping.wide["value"]
    columns = {n: c.take(pa.array(rows)) for n, c in raw.columns.items() if n not in found}
    for ours, heading in groups.items():
        words = [_heading_value(hit[ours], ours, mapping) for hit in found.values()]
        counts = [int(_filled(column).sum()) for column in values.values()]
        repeated = np.repeat(np.arange(len(words)), counts)
        columns[heading] = pa.array(words, pa.large_string()).take(pa.array(repeated))
    columns[f"_{value}"] = stacked
    long = RawTable(raw.file, columns, raw.row_no[rows], raw.torn, None, raw.crs, raw.warnings)
    return long, {**groups, value: f"_{value}"}


def _stacked(
    values: dict[str, pa.Array],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], pa.Array]:
    """Positions of the wide rows and the filled cells, column by column."""
    if len({str(column.type) for column in values.values()}) > 1:
        values = {name: as_text(column) for name, column in values.items()}
    rows = [np.flatnonzero(_filled(column)) for column in values.values()]
    parts = [c.take(pa.array(at)) for c, at in zip(values.values(), rows, strict=True)]
    return np.concatenate(rows), pa.concat_arrays(parts)


def _filled(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
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
