"""What was found wrong in a file, gathered while it is checked and told in one report."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from loaders.contract import CORRECTION_COLUMNS, REJECT_COLUMNS
from loaders.raw import RawTable, TornRow
from loaders.rules import RULES

Rows = NDArray[np.int64]


class Notes(Protocol):
    """Where checks tell what they find, by position or mask."""

    def reject(self, rows: Any, column: str, code: str, expected: str = "") -> None:
        """Leave these out."""

    def correct(self, rows: Any, column: str, code: str, became: Any) -> None:
        """Count these as put right."""


class Findings:
    """Problems of one file by position of the record; `matched` is our column → the file's."""

    def __init__(self, raw: RawTable, matched: Mapping[str, str]) -> None:
        self.raw = raw
        self.matched = matched
        self.warnings: list[tuple[str, Mapping[str, Any]]] = list(raw.warnings)
        self._rejected: list[pd.DataFrame] = []
        self._corrected: list[pd.DataFrame] = []
        self.codes: dict[str, tuple[NDArray[np.int32], int]] = {}
        self.is_rejected = np.zeros(raw.rows, dtype=bool)
        self.is_dropped = np.zeros(raw.rows, dtype=bool)
        self._by_column: dict[str, NDArray[np.bool_]] = {}

    def reject(self, rows: Any, column: str, code: str, expected: str | Sequence[str] = "") -> None:
        """Leave these records (positions or a mask) out because of this column."""
        at = positions(rows)
        if len(at) == 0:
            return
        self._check(code, "reject_row")
        self.is_rejected[at] = True
        self._by_column.setdefault(column, np.zeros(self.raw.rows, dtype=bool))[at] = True
        self._rejected.append(self._lines(at, column, {"code": code, "expected": expected}))

    def correct(self, rows: Any, column: str, code: str, became: Any) -> None:
        """Count these records as put right; `became` is one text or one for each of them."""
        at = positions(rows)
        if len(at) == 0:
            return
        self._check(code, "correct")
        self._corrected.append(self._lines(at, column, {"became": became, "code": code}))

    def drop(self, rows: Any, column: str, code: str, first_rows: Sequence[str]) -> None:
        """Leave these records out as repetitions, counted among the corrected."""
        at = positions(rows)
        self.correct(at, column, code, first_rows)
        self.is_dropped[at] = True

    def warn(self, code: str, **values: Any) -> None:
        """Say something about the file as a whole."""
        self._check(code, "warn")
        self.warnings.append((code, values))

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Mask of the records still to be loaded."""
        return ~(self.is_rejected | self.is_dropped)

    def is_rejected_for(self, *columns: str) -> NDArray[np.bool_]:
        """Mask of the records rejected because of one of these columns."""
        found = np.zeros(self.raw.rows, dtype=bool)
        for column in columns:
            found |= self._by_column.get(column, False)
        return found

    def rejected_rows(self) -> pd.DataFrame:
        """The rejected records' own texts, indexed by (file, row).

        `_surplus` holds what a torn record has beyond its headings.
        """
        at, raw = np.flatnonzero(self.is_rejected), self.raw
        if raw.unfolded is not None:
            at, raw = np.unique(raw.unfolded.row[at]), raw.unfolded.table
        headings = list(raw.columns)
        texts = {name: raw.text_at(name, at) for name in headings}
        if raw.shapes is not None and "geometry" not in headings:
            texts["geometry"] = list(shapely.to_wkt(raw.shapes[at], rounding_precision=9))
            headings.append("geometry")
        rows = pd.DataFrame(texts, index=raw.row_no[at], columns=headings, dtype="str")
        torn = [_torn_cells(t, headings) for t in self.raw.torn]
        if torn:
            numbers = [t.row for t in self.raw.torn]
            rows = pd.concat([rows, pd.DataFrame(torn, index=numbers, dtype="str")])
        rows = rows[~rows.index.duplicated()].sort_index()
        rows.index = pd.MultiIndex.from_arrays(
            [[self.raw.file] * len(rows), rows.index], names=["file", "row"]
        )
        return rows.fillna("")

    def rejected(self) -> pd.DataFrame:
        """REJECT_COLUMNS, one line a problem, torn rows included, by row."""
        torn = [(self.raw.file, t.row, "", t.text, t.code, str(t.expected)) for t in self.raw.torn]
        parts = [pd.DataFrame(torn, columns=list(REJECT_COLUMNS)), *self._rejected]
        return _stacked(parts, REJECT_COLUMNS)

    def corrected(self) -> pd.DataFrame:
        """CORRECTION_COLUMNS of the records not rejected for another reason, by row."""
        numbers = self.raw.row_no[self.is_rejected]
        parts = [
            part[~part["row"].isin(numbers)] if len(numbers) else part for part in self._corrected
        ]
        return _stacked(parts, CORRECTION_COLUMNS)

    def _lines(self, at: Rows, column: str, more: Mapping[str, Any]) -> pd.DataFrame:
        named = self.matched.get(column, column)
        return pd.DataFrame(
            {
                "file": self.raw.file,
                "row": self.raw.row_no[at],
                "column": self._headings(named, at),
                "value": pd.Series(self.raw.text_at(named, at), dtype="str"),
                **{name: _spread(value, len(at)) for name, value in more.items()},
            }
        )

    def _headings(self, named: str, at: Rows) -> Any:
        unfolded = self.raw.unfolded
        if unfolded is None or named not in unfolded.columns:
            return named
        return pd.Series(unfolded.heading.take(pa.array(at)).to_pylist(), dtype="str")

    @staticmethod
    def _check(code: str, fate: str) -> None:
        if RULES[code].fate != fate:
            raise ValueError(f"rule {code} says {RULES[code].fate}, not {fate}")


def _torn_cells(torn: TornRow, headings: Sequence[str]) -> dict[str, str]:
    cells = dict(zip(headings, torn.fields, strict=False))
    surplus = torn.fields[len(headings) :]
    return {**cells, "_surplus": " | ".join(surplus)} if surplus else cells


def _spread(value: Any, count: int) -> Any:
    return value if isinstance(value, str) else pd.Series(list(value), dtype="str").iloc[:count]


def positions(rows: Any) -> Rows:
    """Positions of a mask, or the positions given."""
    given = np.asarray(rows)
    if given.dtype == bool:
        return np.flatnonzero(given)
    return given.astype(np.int64)


def _stacked(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    if not full:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns}).astype(
            {"row": "int64"}
        )
    lines = pd.concat(full, ignore_index=True)[list(columns)]
    return lines.sort_values("row", kind="stable", ignore_index=True)
