"""CSV and TSV files: separator found, quotes honoured, torn records told with their number."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from grid_cells.errors import FileRejected
from loaders.encodings import REPLACEMENT, to_utf8
from loaders.quotes import Span, lone_quotes
from loaders.raw import RawTable, TornRow, plain

_SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_BYTES = 200_000
_SAMPLE_RECORDS = 50
_BLOCK = 32 * 1024 * 1024
_SHOWN = 500


def read_delimited(source: Path, *, encoding: str | None = None) -> RawTable:
    """All columns as texts; raises FileRejected file_empty, encoding_* and file_unreadable."""
    raw = source.read_bytes()
    if source.suffix.lower() == ".gz":
        raw = _unpacked(raw, source.name)
    text = to_utf8(raw, encoding=encoding, file=source.name)
    del raw
    return read_text_table(text, file=source.name)


def _unpacked(raw: bytes, file: str) -> bytes:
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise FileRejected("file_unreadable", file=file, detail=str(error)) from error


def read_text_table(text: bytes, *, file: str) -> RawTable:
    """The table in UTF-8 text; the record's number counts the header as 1, blank lines too."""
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    if not text.strip():
        raise FileRejected("file_empty", file=file)
    separator = find_separator(text[:_SAMPLE_BYTES].decode("utf-8", "replace"))
    lone = lone_quotes(text, separator, fields=len(_read_headings(text, separator)))
    whole = _without(text, lone)
    table, torn = _parsed(whole, separator, file)
    columns = {name: plain(table.column(name)) for name in table.column_names}
    row_no = _record_numbers(table.num_rows, [t.row for t in torn], [n for n, _, _ in lone])
    torn = [_renumbered(t, lone) for t in torn] + [
        _torn(number, _shown(text[a:b]), len(columns), separator, code="unclosed_quote")
        for number, a, b in lone
    ]
    return _without_blank(RawTable(file, columns, row_no, tuple(torn)))


def find_separator(sample: str) -> str:
    """The separator that cuts the sample's first records into the same number of fields."""
    best, best_score = ",", (0.0, 0)
    for separator in _SEPARATORS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            counts = [len(r) for _, r in zip(range(_SAMPLE_RECORDS), reader, strict=False) if r]
        except csv.Error:
            continue
        if not counts or counts[0] < 2:  # noqa: PLR2004 - a separator makes two fields
            continue
        agreeing = sum(count == counts[0] for count in counts) / len(counts)
        score = (round(agreeing, 1), counts[0])
        if score > best_score:
            best, best_score = separator, score
    return best


def _parsed(text: bytes, separator: str, file: str) -> tuple[pa.Table, list[TornRow]]:
    torn: list[TornRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        torn.append(_torn(row.number, row.text, row.expected_columns, separator))
        return "skip"

    headings = _read_headings(text, separator)
    has_breaks = b'"' in text
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK, column_names=headings, skip_rows=0
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=has_breaks,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(headings, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise FileRejected("file_unreadable", file=file, detail=str(error)[:200]) from error
    return table.slice(1), torn


def _read_headings(text: bytes, separator: str) -> list[str]:
    """The first record's fields, made distinct, as the names by which Arrow holds columns."""
    head = text[:_SAMPLE_BYTES].decode("utf-8", "replace")
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    return distinct_headings(next(reader, []))


def distinct_headings(given: Sequence[object]) -> list[str]:
    """Trimmed headings; empty ones and repetitions get their position's number."""
    seen: set[str] = set()
    names = []
    for position, heading in enumerate(given, start=1):
        name = str(heading if heading is not None else "").strip().strip("\ufeff")
        name = name or f"column {position}"
        if name in seen:
            name = f"{name} ({position})"
        seen.add(name)
        names.append(name)
    return names


def _torn(
    number: int, text: str, expected: int, separator: str, *, code: str = "torn_row"
) -> TornRow:
    fields = next(csv.reader([text.replace("\n", " ")], delimiter=separator), [])
    return TornRow(number, text[:_SHOWN], tuple(fields), expected, code)


def _record_numbers(rows: int, torn: Sequence[int], cut: Sequence[int]) -> NDArray[np.int64]:
    """Numbers of the kept records: all from 2 on but the torn and the cut ones.

    `torn` is counted without the cut records, `cut` with them.
    """
    numbers = np.arange(2, 2 + rows + len(torn), dtype=np.int64)
    if torn:
        numbers = np.delete(numbers, np.asarray(torn) - 2)
    for number in cut:
        numbers[numbers >= number] += 1
    return numbers


def _renumbered(torn: TornRow, cut: Sequence[Span]) -> TornRow:
    number = torn.row
    for lost, _, _ in cut:
        number += number >= lost
    return replace(torn, row=number)


def _without_blank(raw: RawTable) -> RawTable:
    """The table without records that hold nothing at all."""
    filled = np.zeros(raw.rows, dtype=bool)
    for column in raw.columns.values():
        if filled.all():
            return raw
        filled |= pc.greater(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    if filled.all():
        return raw
    kept = pa.array(filled)
    columns = {name: column.filter(kept) for name, column in raw.columns.items()}
    torn = tuple(t for t in raw.torn if t.text.strip())
    return RawTable(raw.file, columns, raw.row_no[filled], torn)


def _without(text: bytes, spans: Sequence[Span]) -> bytes:
    if not spans:
        return text
    parts, at = [], 0
    for _, start, end in spans:
        parts.append(text[at:start])
        at = end
    return b"".join([*parts, text[at:]])


def _shown(line: bytes) -> str:
    return line[:_SHOWN].decode("utf-8", "replace").strip("\r\n").replace(REPLACEMENT, "")
