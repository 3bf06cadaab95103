"""Shifts of crews: who is planned to work when, or is away."""

from pathlib import Path
from typing import Final

import pandas as pd

from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    located,
    open_sheet,
    reject_ends_before_start,
    reject_far_future,
)
from loaders.contract import Loaded, LoadOptions
from loaders.outages import reject_before_records

LONGEST_H: Final = 36
"""Longer than any shift; two days and more are leave, or a mistyped date."""
_USUAL: Final = "duty"


def load_crew_shifts(source: Path, options: LoadOptions) -> Loaded:
    """Checked shifts, one row for a crew and beginning; raises FileRejected.

    A shift without a kind is a duty; a place is where the crew starts from instead of its base.
    Ends that are not after the beginning and shifts of more than 36 hours are rejected.
    """
    sheet = located(open_sheet(source, "crew_shifts", options))
    for column in ("starts_at", "ends_at"):
        reject_before_records(sheet, column)
        reject_far_future(sheet, column)
    reject_ends_before_start(sheet, "starts_at", "ends_at")
    _complete(sheet)
    _reject_too_long(sheet)
    return finished(deduplicated(sheet))


def _complete(sheet: Sheet) -> None:
    if "kind" not in sheet.frame.columns:
        sheet.frame["kind"] = pd.Series(_USUAL, index=sheet.frame.index, dtype="str")
    sheet.frame["kind"] = sheet.frame["kind"].fillna(_USUAL)


def _reject_too_long(sheet: Sheet) -> None:
    lasts = sheet.frame["ends_at"] - sheet.frame["starts_at"]
    works = sheet.frame["kind"] != "leave"
    none = (lasts == pd.Timedelta(0)).to_numpy()
    sheet.findings.reject(none, "ends_at", "ends_before_start", "starts_at")
    long = (works & (lasts > pd.Timedelta(hours=LONGEST_H))).to_numpy()
    sheet.findings.reject(long, "ends_at", "shift_too_long", f"≤ {LONGEST_H} h")
