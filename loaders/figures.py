"""Numbers, counts, flags and listed words out of a file's cells."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grid_cells.vocabulary import COLUMNS
from loaders.findings import Findings, Notes
from loaders.raw import as_text, is_text
from loaders.rules import RANGES
from loaders.texts import clean_text, truth

_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
_THOUSANDS = r"^[+-]?\d{1,3}(?:[, '_]\d{3})+(?:\.\d+)?$"
_NOT_FINITE = r"(?i)^[+-]?(?:nan|inf|infinity|∞)$"
_UNITS = {
    "kWh": ("kwh", "千瓦时", "度"),
    "kVA": ("kva", "千伏安"),
    "km/h": ("km/h", "kmh", "公里/小时"),
    "m": ("m", "米"),
    "°": ("°", "度"),
    "1": ("户", "个", "台", "人", "倍"),
}
_YES = ("是", "y", "yes", "true", "t", "1", "有", "on", "√", "✓")
_NO = ("否", "n", "no", "false", "f", "0", "无", "off", "×")

Floats = NDArray[np.float64]


def numbers(array: pa.Array, column: str, findings: Findings) -> Floats:
    """The column as floats, NaN where empty.

    Reports number_written, not_a_number, not_finite and, by RANGES, out_of_range.
    """
    values = _typed_numbers(array, column, findings)
    if values is None:
        values = _parsed_numbers(clean_text(array, column, findings, fold=True), column, findings)
    if column in RANGES:
        low, high = RANGES[column]
        findings.reject(
            (values < low) | (values > high), column, "out_of_range", f"{low:g} … {high:g}"
        )
    return values


def integers(array: pa.Array, column: str, findings: Findings) -> pd.Series:
    """The column as whole numbers (Int64, NA where empty); reports not_whole too."""
    values = numbers(array, column, findings)
    broken = np.isfinite(values) & (values != np.floor(values))
    findings.reject(broken, column, "not_whole", "0, 1, 2 …")
    whole = np.where(broken | ~np.isfinite(values), 0, values).astype(np.int64)
    return pd.Series(pd.arrays.IntegerArray(whole, np.isnan(values)))


def flags(array: pa.Array, column: str, findings: Findings) -> pd.Series:
    """The column as yes and no (boolean, NA where empty); reports not_a_flag."""
    if pa.types.is_boolean(array.type):
        return pd.Series(array.to_pandas(), dtype="boolean")
    texts = clean_text(array, column, findings, fold=True)
    folded = pc.utf8_lower(texts)
    yes, no = truth(pc.is_in(folded, _words(_YES))), truth(pc.is_in(folded, _words(_NO)))
    known = yes | no
    findings.reject(~known & truth(pc.is_valid(texts)), column, "not_a_flag", "是/否, yes/no, 1/0")
    return pd.Series(pd.arrays.BooleanArray(yes, ~known))


def choices(
    array: pa.Array, column: str, findings: Notes, *, allowed: Mapping[str, tuple[str, ...]]
) -> pa.Array:
    """The column's words as `allowed` spells them; reports unknown_choice."""
    texts = clean_text(array, column, findings, fold=True)
    found = pc.dictionary_encode(texts)
    meanings = {
        _plain_word(word): ours for ours, others in allowed.items() for word in (ours, *others)
    }
    ours = [meanings.get(_plain_word(word)) for word in found.dictionary.to_pylist()]
    words = pa.array(ours, pa.large_string()).take(found.indices)
    unknown = truth(pc.and_(pc.is_valid(texts), pc.is_null(words)))
    findings.reject(unknown, column, "unknown_choice", ", ".join(allowed))
    return words


def _plain_word(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace(" ", "").replace("_", "")


def _words(words: tuple[str, ...]) -> pa.Array:
    return pa.array(words, pa.large_string())


def _typed_numbers(array: pa.Array, column: str, findings: Findings) -> Floats | None:
    """Values of a column that is a number already; None where it is not."""
    kind = array.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        return None
    values: Floats = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    if np.isinf(values).any():
        findings.reject(np.isinf(values), column, "not_finite", COLUMNS[column].unit)
    return values


def _parsed_numbers(texts: pa.Array, column: str, findings: Findings) -> Floats:
    texts = as_text(texts)
    good = truth(pc.match_substring_regex(texts, _PLAIN))
    rest = np.flatnonzero(~good & truth(pc.is_valid(texts)))
    values = _floats(pc.if_else(pa.array(good), texts, pa.scalar(None, pa.large_string())))
    if len(rest):
        values = values.copy()
        values[rest] = _mended(texts.take(pa.array(rest)), rest, column, findings)
    findings.reject(np.isinf(values), column, "not_finite", COLUMNS[column].unit)
    return values


def _floats(texts: pa.Array) -> Floats:
    values: Floats = texts.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _mended(texts: pa.Array, rows: NDArray[np.int64], column: str, findings: Findings) -> Floats:
    """Numbers under thousands separators and units; the others are rejected."""
    infinite = truth(pc.match_substring_regex(texts, _NOT_FINITE))
    plain = _without_unit(texts, COLUMNS[column].unit)
    grouped = pc.match_substring_regex(plain, _THOUSANDS)
    plain = pc.if_else(grouped, pc.replace_substring_regex(plain, r"[, '_]", ""), plain)
    good = truth(pc.match_substring_regex(plain, _PLAIN))
    findings.reject(rows[infinite], column, "not_finite", COLUMNS[column].unit)
    findings.reject(rows[~good & ~infinite], column, "not_a_number", COLUMNS[column].unit)
    values = _floats(pc.if_else(pa.array(good), plain, pa.scalar(None, pa.large_string())))
    findings.correct(rows[good], column, "number_written", [f"{v:.15g}" for v in values[good]])
    return values


def _without_unit(texts: pa.Array, unit: str) -> pa.Array:
    words = sorted(_UNITS.get(unit, ()), key=len, reverse=True)
    if not words:
        return texts
    return pc.replace_substring_regex(texts, rf"(?i)\s*(?:{'|'.join(words)})$", "")


def is_number_column(array: Any) -> bool:
    """Whether the file itself holds the column as numbers."""
    return not is_text(array) and not pa.types.is_null(array.type)
