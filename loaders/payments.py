"""Payments by month and channel, of single customers or of cells."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    require_one_of,
    sheet_of,
    timezone_of,
)
from loaders.contract import Loaded, LoadOptions
from loaders.moments import days, local_day
from loaders.prepared import prepared_columns
from loaders.raw import is_text
from loaders.reading import read_raw
from loaders.resolutions import at_base_resolution

_BARE_MONTHS = (
    (r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?\s*$", r"\1-\2-01"),
    (r"^\s*(\d{4})(\d{2})\s*$", r"\1-\2-01"),
)
"""2026-07, 2026/7, 2026年7月 and 202607: a month without a day."""
COUNTED = ("payments", "amount")


def load_payments(source: Path, options: LoadOptions) -> Loaded:
    """Checked payments, one row for a customer or cell, month (its first day) and channel.

    Any day of a month stands for it. Figures of a cell coarser than the store's are divided evenly
    among its parts. Raises FileRejected.
    """
    raw = read_raw(source, "payments", options)
    sheet = _with_month(sheet_of(raw, "payments", options, skip=("month",)))
    require_one_of(sheet, "customer_no", "cell_id")
    _reject_future(sheet)
    return finished(_divided(at_base_resolution(deduplicated(sheet)), sheet))


def _with_month(sheet: Sheet) -> Sheet:
    """The sheet with the first day of each row's month."""
    options, findings = sheet.options, sheet.findings
    given = prepared_columns(findings.raw, sheet.match.matched, sheet.kind, options)["month"]
    form = options.mapping.formats.get("month")
    if form is None and is_text(given):
        given = _with_days(given)
    day = days(given, "month", findings, form=form, timezone=timezone_of(options))
    empty = day.isna().to_numpy() & ~findings.is_rejected_for("month")
    findings.reject(empty, "month", "required_missing", "month")
    month = day.to_numpy("datetime64[M]").astype("datetime64[s]")
    return replace(sheet, frame=sheet.frame.assign(month=month))


def _with_days(given: pa.Array) -> pa.Array:
    for pattern, dated in _BARE_MONTHS:
        given = pc.replace_substring_regex(given, pattern, dated)
    return given


def _reject_future(sheet: Sheet) -> None:
    today = local_day(sheet.options.now or datetime.now(UTC), timezone_of(sheet.options))
    months = sheet.frame["month"].to_numpy("datetime64[D]")
    future = ~np.isnat(months) & (months > today)
    sheet.findings.reject(future, "month", "in_future", f"≤ {today}")


def _divided(spread: Sheet, given: Sheet) -> Sheet:
    """Counts and amounts of a row divided by the number of cells that it became."""
    if len(spread.frame) == len(given.frame):
        return spread
    parts: pd.Series[int] = spread.frame.groupby(level=0)["row_no"].transform("size")
    shares = {name: spread.frame[name] / parts for name in COUNTED if name in spread.frame}
    return replace(spread, frame=spread.frame.assign(**shares))
