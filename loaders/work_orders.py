"""Work orders: what is to be done where, by which crew, and how far it has come."""

from itertools import pairwise
from pathlib import Path

import pandas as pd

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
from loaders.fault_reports import classify
from loaders.outages import reject_before_records

STAMPS = (
    "registered_at", "told_at", "accepted_at", "arrived_at", "surveyed_at", "repaired_at",
    "restored_at", "finished_at", "archived_at",
)  # fmt: skip
"""The moments of an order in the order in which they come."""
_MOST_PRIORITY, _MOST_RATING = 10, 5


def load_work_orders(source: Path, options: LoadOptions) -> Loaded:
    """Checked orders, one row each; raises FileRejected.

    An order names a customer, a transformer, a place, an address or the calls it answers. Rejected
    are moments out of their order, windows that end before they begin, stamps without a crew,
    priorities and ratings out of range, and what `options.known` ("order_tasks", "fault_classes",
    "unrated_reasons") does not have.
    """
    sheet = located(open_sheet(source, "work_orders", options))
    for column in (*STAMPS, "window_from", "window_to"):
        reject_before_records(sheet, column)
        reject_far_future(sheet, column)
    for start, end in pairwise(STAMPS):
        reject_ends_before_start(sheet, start, end)
    for end in STAMPS[2:]:
        reject_ends_before_start(sheet, STAMPS[0], end)
    reject_ends_before_start(sheet, "window_from", "window_to")
    require_one_of(sheet, "customer_no", "transformer_id", "lon", "lat", "address", "report_ids")
    classify(sheet)
    _check_table(sheet, "task", "order_tasks", "task")
    _check_table(sheet, "unrated_reason", "unrated_reasons", "code")
    _check_tasks(sheet)
    _check_range(sheet, "priority", 1, _MOST_PRIORITY)
    _check_range(sheet, "rating", 1, _MOST_RATING)
    _check_crew(sheet)
    return finished(deduplicated(sheet))


def _check_table(sheet: Sheet, column: str, known: str, name: str) -> None:
    """Reject words that a table does not have."""
    table = sheet.options.known.get(known)
    if table is None or column not in sheet.frame.columns:
        return
    values = sheet.frame[column]
    bad = values.notna() & ~values.isin(table[name])
    sheet.findings.reject(bad.to_numpy(), column, "unknown_choice", ", ".join(table[name]))


def _check_tasks(sheet: Sheet) -> None:
    """Reject the tasks that belong to another kind of order."""
    table = sheet.options.known.get("order_tasks")
    if table is None or "task" not in sheet.frame.columns:
        return
    kinds = sheet.frame["task"].map(dict(zip(table["task"], table["kind"], strict=True)))
    bad = kinds.notna() & sheet.frame["kind"].notna() & (kinds != sheet.frame["kind"])
    sheet.findings.reject(bad.to_numpy(), "task", "unknown_choice", "kind")


def _check_range(sheet: Sheet, column: str, least: int, most: int) -> None:
    if column not in sheet.frame.columns:
        return
    values = pd.to_numeric(sheet.frame[column], errors="coerce")
    bad = values.notna() & ~values.between(least, most)
    sheet.findings.reject(bad.to_numpy(), column, "out_of_range", f"{least}–{most}")


def _check_crew(sheet: Sheet) -> None:
    """Reject the rows that a crew was told of, but which one they do not say."""
    frame = sheet.frame
    if "told_at" not in frame.columns:
        return
    crew = frame["crew_id"].notna() if "crew_id" in frame.columns else frame["told_at"].isna()
    bad = frame["told_at"].notna() & ~crew
    sheet.findings.reject(bad.to_numpy(), "crew_id", "required_missing", "crew_id")
