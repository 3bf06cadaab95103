"""Rejected rows written down to be mended and loaded again."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from loaders.contract import Report

_AS_NOTES = {
    "file": "_file",
    "row": "_row",
    "column": "_column",
    "value": "_value",
    "code": "_reason",
    "expected": "_expected",
}
NOTES = tuple(_AS_NOTES.values())
"""Columns of ours beside the file's own; loaders pass over headings that begin with "_"."""


def rejects_csv(reports: Sequence[Report], stamp: Mapping[str, str] | None = None) -> bytes:
    """CSV (UTF-8 with BOM) of the rejected rows: the file's columns, then NOTES, then the stamp.

    A row with several problems stands once, its notes joined by " | ". `stamp`: columns that say
    the same in every row; their names begin with "_" too.
    """
    parts = [_noted(report) for report in reports if len(report.rejected)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(NOTES))
    own = [name for name in rows.columns if name not in NOTES]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    rows = rows.assign(**(stamp or {}))
    columns = [*own, *NOTES, *(stamp or {})]
    writer.writerow(columns)
    writer.writerows(rows[columns].fillna("").itertuples(index=False))
    return text.getvalue().encode("utf-8-sig")


def write_rejects(reports: Sequence[Report], target: Path) -> None:
    """Write `rejects_csv` to a file."""
    target.write_bytes(rejects_csv(reports))


def _noted(report: Report) -> pd.DataFrame:
    lines = report.rejected.rename(columns=_AS_NOTES).astype({"_row": "int64"})
    several = lines.duplicated(["_file", "_row"], keep=False)
    joined = lines[several].groupby(["_file", "_row"], sort=False)[list(_AS_NOTES.values())[2:]]
    notes = pd.concat(
        [lines[~several].set_index(["_file", "_row"]), joined.agg(" | ".join)]
        if several.any()
        else [lines.set_index(["_file", "_row"])]
    )
    rows = report.rejected_rows.rename_axis(index=["_file", "_row"])
    return rows.join(notes, how="left").reset_index()
