"""Rejected rows written down to be mended and loaded again."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from loaders.contract import Report

NOTES = ("_file", "_row", "_column", "_value", "_reason", "_expected")
"""Columns of ours beside the file's own; loaders pass over headings that begin with "_"."""


def rejects_csv(reports: Sequence[Report]) -> bytes:
    """CSV (UTF-8 with BOM) of the rejected rows: the file's columns, then NOTES.

    A row with several problems stands once, its notes joined by " | ".
    """
    parts = [_noted(report) for report in reports if len(report.rejected)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(NOTES))
    own = [name for name in rows.columns if name not in NOTES]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*own, *NOTES])
    writer.writerows(rows[[*own, *NOTES]].fillna("").itertuples(index=False))
    return text.getvalue().encode("utf-8-sig")


def write_rejects(reports: Sequence[Report], target: Path) -> None:
    """Write `rejects_csv` to a file."""
    target.write_bytes(rejects_csv(reports))


def _noted(report: Report) -> pd.DataFrame:
    lines = report.rejected.astype({"row": "int64"})
    grouped = lines.groupby(["file", "row"], sort=False)
    notes = pd.DataFrame(
        {
            "_column": grouped["column"].agg(_joined),
            "_value": grouped["value"].agg(_joined),
            "_reason": grouped["code"].agg(_joined),
            "_expected": grouped["expected"].agg(_joined),
        }
    )
    return report.rejected_rows.join(notes, how="left").reset_index(names=["_file", "_row"])


def _joined(texts: pd.Series) -> str:
    return " | ".join(str(text) for text in texts)
