"""Workbooks: the first sheet with something in it, every cell as text."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from grid_cells.errors import FileRejected
from loaders.delimited import distinct_headings
from loaders.raw import RawTable

_EXACT_BELOW = 1e15
"""A workbook's number of more digits has lost the last ones."""


def read_workbook(source: Path) -> RawTable:
    """Columns as texts, numbers without a needless fraction, below the heading.

    The heading is the first filled row after any title.
    A number too long for a spreadsheet is written as 1.2E+18, as the sheet shows it, and so
    found again as excel_number where digits matter. Raises FileRejected.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(source))
        sheets = [(name, _rows(workbook, name)) for name in workbook.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error
    filled = [(name, rows) for name, rows in sheets if any(_is_filled(row) for row in rows)]
    if not filled:
        raise FileRejected("file_empty", file=source.name)
    name, rows = filled[0]
    others = [other for other, _ in filled[1:]]
    told = {"file": source.name, "sheet": name, "others": ", ".join(others)}
    warnings = (("other_sheets", told),) if others else ()
    return _table(source.name, rows, warnings)


def _rows(workbook: Any, name: str) -> list[list[Any]]:
    rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows


def _is_filled(row: Sequence[Any]) -> bool:
    return any(cell != "" and cell is not None for cell in row)


def _table(file: str, rows: list[list[Any]], warnings: Any) -> RawTable:
    top = _heading_row(rows)
    width = max(i + 1 for i, cell in enumerate(rows[top]) if cell != "")
    headings = distinct_headings([_text(cell) for cell in rows[top][:width]])
    at = [i for i in range(top + 1, len(rows)) if _is_filled(rows[i][:width])]
    columns = {
        heading: pa.array([_text(rows[i][c]) for i in at], pa.large_string())
        for c, heading in enumerate(headings)
    }
    row_no = np.array(at, dtype=np.int64) + 1
    return RawTable(file, columns, row_no, warnings=warnings)


def _heading_row(rows: list[list[Any]]) -> int:
    """The first filled row, passing over titles: rows of one cell above rows of several."""
    filled = [i for i, row in enumerate(rows) if _is_filled(row)]
    widths = [sum(cell != "" for cell in rows[i]) for i in filled]
    if max(widths) == 1:
        return filled[0]
    return next(i for i, width in zip(filled, widths, strict=True) if width > 1)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        is_day = cell.time() == time(0)
        return cell.date().isoformat() if is_day else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    if isinstance(number, float) and not number.is_integer():
        return repr(number)
    if abs(number) >= _EXACT_BELOW:
        return f"{number:.5E}"
    return str(int(number))
