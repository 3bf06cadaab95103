"""Inspections of customers' supplies: who was visited when, and what was found."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from loaders.checking import Sheet, deduplicated, finished, open_sheet, timezone_of
from loaders.contract import Loaded, LoadOptions
from loaders.moments import local_day

AMOUNTS = ("recovered_kwh", "penalty_amount")


def load_inspections(source: Path, options: LoadOptions) -> Loaded:
    """Checked inspections, one row each; raises FileRejected.

    Days after `options.now` are rejected, and so are energy and money below zero.
    """
    sheet = open_sheet(source, "inspections", options)
    _reject_future(sheet)
    for name in AMOUNTS:
        _reject_below_zero(sheet, name)
    return finished(deduplicated(sheet))


def _reject_future(sheet: Sheet) -> None:
    today = local_day(sheet.options.now or datetime.now(UTC), timezone_of(sheet.options))
    days = sheet.frame["inspected_on"].to_numpy("datetime64[D]")
    future = ~np.isnat(days) & (days > today)
    sheet.findings.reject(future, "inspected_on", "in_future", f"≤ {today}")


def _reject_below_zero(sheet: Sheet, name: str) -> None:
    if name in sheet.frame.columns:
        values = pd.to_numeric(sheet.frame[name], errors="coerce")
        sheet.findings.reject((values < 0).to_numpy(), name, "out_of_range", "≥ 0")
