"""Calls about faults: who, where, when registered, and how far the crew has come."""

from itertools import pairwise
from pathlib import Path

import pandas as pd

from grid_cells.fault_classes import FaultClasses
from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    located,
    open_sheet,
    reject_ends_before_start,
    reject_far_future,
    require_one_of,
)
from loaders.contract import Loaded, LoadOptions
from loaders.outages import reject_before_records

STAMPS = ("registered_at", "told_at", "accepted_at", "arrived_at", "restored_at")
"""The moments of a report in the order in which they come."""


def load_fault_reports(source: Path, options: LoadOptions) -> Loaded:
    """Checked reports, one row each; raises FileRejected.

    A report names a customer, a transformer, a place or an address. A moment before the one
    that must have come first is rejected, and so is a class of fault that `options.known`
    ("fault_classes": the table of classes) does not have by code or word.
    """
    sheet = located(open_sheet(source, "fault_reports", options))
    for column in STAMPS:
        reject_before_records(sheet, column)
        reject_far_future(sheet, column)
    for start, end in pairwise(STAMPS):
        reject_ends_before_start(sheet, start, end)
    for end in STAMPS[2:]:
        reject_ends_before_start(sheet, STAMPS[0], end)
    require_one_of(sheet, "customer_no", "transformer_id", "lon", "lat", "address")
    classify(sheet)
    return finished(deduplicated(sheet))


def classify(sheet: Sheet) -> None:
    """Put codes in place of the words for classes; unknown words reject their rows."""
    table = sheet.options.known.get("fault_classes")
    if table is None or "fault_class" not in sheet.frame.columns:
        return
    classes, words = FaultClasses(table), sheet.frame["fault_class"]
    meant = {word: classes.code_of(str(word)) for word in words.dropna().unique()}
    codes = words.map(meant).astype("str").where(words.notna() & words.map(meant).notna())
    sheet.findings.reject(
        (words.notna() & codes.isna()).to_numpy(), "fault_class", "unknown_choice",
        ", ".join(classes.codes),
    )  # fmt: skip
    sheet.frame["fault_class"] = pd.Series(codes, index=words.index, dtype="str")
