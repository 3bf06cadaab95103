"""Texts cleaned of what spreadsheets and databases leave around them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.encodings import REPLACEMENT
from loaders.findings import Notes
from loaders.raw import as_text, is_text
from loaders.rules import MISSING_WORDS

IDENTIFIERS = frozenset(
    {"unit_id", "parent_id", "feeder_id", "transformer_id", "meter_id", "customer_no", "area_id"}
    | {"meter_box_id", "hall_id", "bank_id", "staff_id", "crew_id", "outage_id", "way_id"}
    | {"second_feeder_id", "cell_id", "phone", "ticket_id", "visitor_key", "counter"}
    | {"device_id"}
)
"""Columns whose digits are a name: kept as texts, and looked at for a spreadsheet's damage."""

_EXCEL_NUMBER = r"^[+-]?\d(?:(?:[.,]\d+)?[eE][+-]\d{1,3}|[.,]\d+[eE]\d{1,3})$"
_EXCEL_ERROR = r"^#(?:REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|#+)$"
_BROKEN = rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f{REPLACEMENT}]"
_MENDED = (
    ("excel_text", r'^(?:="([^"]*)"|\'(.*))$', r"\1\2"),
    ("decimal_id", r"^(\d+)\.0+$", r"\1"),
)
_TO_MEND = r"^[=']|\.0+$"
_SAFE_DIGITS = 15
"""A spreadsheet's number holds no more digits than these."""
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def clean_text(array: pa.Array, column: str, findings: Notes, *, fold: bool) -> pa.Array:
    """The column's texts trimmed, empties as null; full-width letters folded if `fold`.

    Reports trimmed, full_width and bad_bytes.
    """
    texts = as_text(array)
    trimmed = _trimmed(texts)
    if is_text(array):
        _note_change(texts, trimmed, column, "trimmed", findings)
    _reject_broken(trimmed, column, findings)
    if fold:
        trimmed = _folded(trimmed, column, findings)
    missing = pc.or_(
        pc.equal(pc.binary_length(trimmed), 0),
        pc.is_in(trimmed, value_set=pa.array(MISSING_WORDS, pa.large_string())),
    )
    return pc.if_else(missing, pa.scalar(None, pa.large_string()), trimmed)


def clean_identifier(array: pa.Array, column: str, findings: Notes) -> pa.Array:
    """The column's identifiers as texts, leading zeros kept.

    Reports excel_number (1.2E+11, or a workbook's number of more digits than it can hold),
    excel_text and decimal_id, beside what `clean_text` reports.
    """
    _reject_long_numbers(array, column, findings)
    texts = clean_text(array, column, findings, fold=True)
    if not is_text(array):
        return texts
    rounded = truth(pc.match_substring_regex(texts, _EXCEL_NUMBER))
    findings.reject(rounded, column, "excel_number", "text")
    if not truth(pc.match_substring_regex(texts, _TO_MEND)).any():
        return texts
    for code, pattern, by in _MENDED:
        plain = pc.replace_substring_regex(texts, pattern, by)
        _note_mended(texts, plain, column, code, findings)
        texts = plain
    return texts


def truth(mask: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """An Arrow mask as numpy, null being False."""
    values: np.ndarray[Any, np.dtype[np.bool_]] = pc.fill_null(mask, False).to_numpy(
        zero_copy_only=False
    )
    return values


def _trimmed(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(texts)
    if pc.all(pc.string_is_ascii(trimmed)).as_py() is not False:
        return trimmed
    return pc.utf8_trim_whitespace(pc.utf8_trim(trimmed, characters=_INVISIBLE + " \u3000\u00a0"))


def _note_change(
    before: pa.Array, after: pa.Array, column: str, code: str, findings: Notes
) -> None:
    # nothing but spaces is an empty cell, not a value put right
    changed = truth(
        pc.and_(
            pc.not_equal(pc.binary_length(before), pc.binary_length(after)),
            pc.greater(pc.binary_length(after), 0),
        )
    )
    at = np.flatnonzero(changed)
    if len(at):
        findings.correct(at, column, code, after.take(pa.array(at)).to_pylist())


def _reject_broken(texts: pa.Array, column: str, findings: Notes) -> None:
    findings.reject(truth(pc.match_substring_regex(texts, _BROKEN)), column, "bad_bytes", "UTF-8")
    marked = pc.starts_with(texts, "#")
    if pc.any(marked).as_py():
        failed = truth(pc.match_substring_regex(texts, _EXCEL_ERROR))
        findings.reject(failed, column, "excel_error", "")


def _folded(texts: pa.Array, column: str, findings: Notes) -> pa.Array:
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    folded = pc.utf8_normalize(texts, form="NFKC")
    _note_mended(texts, folded, column, "full_width", findings)
    return folded


def _note_mended(
    before: pa.Array, after: pa.Array, column: str, code: str, findings: Notes
) -> None:
    at = np.flatnonzero(truth(pc.not_equal(before, after)))
    if len(at):
        findings.correct(at, column, code, after.take(pa.array(at)).to_pylist())


def _reject_long_numbers(array: pa.Array, column: str, findings: Notes) -> None:
    if pa.types.is_floating(array.type):
        values = np.abs(array.to_numpy(zero_copy_only=False).astype(np.float64))
        findings.reject(values >= 10.0**_SAFE_DIGITS, column, "excel_number", "text")
