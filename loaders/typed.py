"""A file's column given the type the vocabulary says."""

from collections.abc import Mapping
from typing import Any, TypedDict

import h3ronpy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grid_cells.cells import hex_to_cells
from grid_cells.vocabulary import CHOICES, COLUMNS
from loaders.figures import choices, flags, integers, numbers
from loaders.findings import Findings
from loaders.moments import days, times
from loaders.shapes import shapes_of_column
from loaders.texts import IDENTIFIERS, clean_identifier, clean_text, truth
from loaders.words import Clean, cleaned_by_word


class MomentReading(TypedDict):
    """How days and times are written in a file; without a timezone they must carry their own."""

    form: str | None
    timezone: str | None


def typed(
    array: pa.Array, name: str, findings: Findings, *, kind: str, reading: MomentReading
) -> Any:
    """The column's values, ready for a frame: str, float64, Int64, boolean, datetime, cells."""
    clean = _text_cleaner(name, CHOICES.get((kind, name)))
    if clean is not None:
        return _frame_text(cleaned_by_word(array, name, findings, clean))
    match COLUMNS[name].type:
        case "number":
            return numbers(array, name, findings)
        case "integer":
            return integers(array, name, findings)
        case "flag":
            return flags(array, name, findings)
        case "day":
            return days(array, name, findings, **reading)
        case "time":
            return times(array, name, findings, **reading)
        case "cell":
            return cells(array, name, findings)
        case "geometry":
            return shapes_of_column(array, name, findings)
    raise ValueError(name)


def _text_cleaner(name: str, allowed: Mapping[str, tuple[str, ...]] | None) -> Clean | None:
    """What makes the column's texts ours; None where it holds no texts."""
    if allowed is not None:
        return lambda array, notes: choices(array, name, notes, allowed=allowed)
    if COLUMNS[name].type != "text":
        return None
    if name in IDENTIFIERS:
        return lambda array, notes: clean_identifier(array, name, notes)
    return lambda array, notes: clean_text(array, name, notes, fold=False)


def cells(array: pa.Array, column: str, findings: Findings) -> NDArray[np.int64]:
    """H3 cells, 0 where empty, from hexadecimal or decimal texts or integers; reports bad_cell."""
    if pa.types.is_integer(array.type):
        given = pc.fill_null(array, 0)
        whole = given.to_numpy(zero_copy_only=False).astype(np.uint64)
        valid = np.asarray(pa.array(h3ronpy.cells_valid(whole))).astype(bool)
        findings.reject(~valid & (whole != 0), column, "bad_cell", "H3")
        return np.where(valid, whole, 0).astype(np.int64)
    texts = clean_identifier(array, column, findings)
    words = texts.dictionary_encode()
    found = hex_to_cells(words.dictionary.to_pylist())
    given = truth(pc.is_valid(texts))
    index = pc.fill_null(words.indices, 0).to_numpy(zero_copy_only=False)
    values = np.where(given, found[index], 0) if len(found) else np.zeros(len(array), np.int64)
    bad = given & (values == 0) & ~findings.is_rejected_for(column)
    findings.reject(bad, column, "bad_cell", "H3")
    return values.astype(np.int64)


def _frame_text(texts: pa.Array) -> Any:
    return pa.table({"x": texts}).to_pandas()["x"]
