"""Quotes that are opened and never closed, found before they swallow the rest of a file."""

import csv
import io

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Span = tuple[int, int, int]
"""A record's number (the heading being 1), where it starts and where it ends."""

_BLOCK = 32 * 1024 * 1024
_LONGEST_FIELD_LINES = 50
"""A quoted field over more lines is an unclosed quote."""


def lone_quotes(text: bytes, separator: str, *, fields: int) -> list[Span]:
    """Records whose quote is never closed, which would swallow all after.

    Looks only at lines with an odd number of quotes; such a line belongs with the following ones
    up to the next odd line if together they make whole fields, else it stands alone and is torn.
    """
    if b'"' not in text:
        return []
    ends = _line_ends(text)
    odd = _odd_lines(text, ends)
    if len(odd) == 0:
        return []
    return _unclosed(text, ends, odd, separator=separator, fields=fields)


def _line_ends(text: bytes) -> Positions:
    parts = []
    for start in range(0, len(text), _BLOCK):
        piece = np.frombuffer(text, np.uint8, count=min(_BLOCK, len(text) - start), offset=start)
        parts.append(np.flatnonzero(piece == ord("\n")) + start)
    ends = np.concatenate(parts)
    return ends if len(ends) and ends[-1] == len(text) - 1 else np.append(ends, len(text))


def _odd_lines(text: bytes, ends: Positions) -> Positions:
    counts = np.zeros(len(ends), dtype=np.int64)
    for start in range(0, len(text), _BLOCK):
        piece = np.frombuffer(text, np.uint8, count=min(_BLOCK, len(text) - start), offset=start)
        quotes = np.flatnonzero(piece == ord('"')) + start
        if len(quotes):
            counts += np.bincount(np.searchsorted(ends, quotes), minlength=len(ends))
    return np.flatnonzero(counts % 2)


def _unclosed(
    text: bytes, ends: Positions, odd: Positions, *, separator: str, fields: int
) -> list[Span]:
    lone: list[Span] = []
    joined_lines = 0
    position = 0
    while position < len(odd):
        first = int(odd[position])
        last = int(odd[position + 1]) if position + 1 < len(odd) else first
        start = int(ends[first - 1]) + 1 if first else 0
        record = text[start : int(ends[last])].rstrip(b"\r\n")
        within = text[int(ends[first]) + 1 : int(ends[last - 1])].splitlines()
        is_joined = _is_whole(record, separator, fields) or (
            _field_count(record, separator) is not None
            and not any(_is_whole(line, separator, fields) for line in within)
        )
        if 0 < last - first <= _LONGEST_FIELD_LINES and is_joined:
            joined_lines += last - first
            position += 2
            continue
        line = text[start : int(ends[first])].rstrip(b"\r\n")
        if not _is_whole(line, separator, fields):  # whole: the quote is a plain character
            lone.append((first + 1 - joined_lines, start, min(int(ends[first]) + 1, len(text))))
        position += 1
    return lone


def _is_whole(record: bytes, separator: str, fields: int) -> bool:
    return _field_count(record, separator) == fields


def _field_count(record: bytes, separator: str) -> int | None:
    """Number of fields of one record, None where it is not one whole record."""
    shown = io.StringIO(record.decode("utf-8", "replace"), newline="")
    try:
        records = list(csv.reader(shown, delimiter=separator, strict=True))
    except csv.Error:
        return None
    return len(records[0]) if len(records) == 1 else None
