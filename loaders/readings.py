"""Daily readings of meters: registers or energies."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from grid_cells.errors import FileRejected
from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    open_sheet,
    require_one_of,
    timezone_of,
)
from loaders.contract import Loaded, LoadOptions
from loaders.moments import local_day

OWNERS = ("meter_id", "customer_no")
FIGURES = ("register_kwh", "energy_kwh", "reverse_kwh")


def load_readings(source: Path, options: LoadOptions) -> Loaded:
    """Checked readings, one row for a meter (or customer) and day; raises FileRejected.

    Days after `options.now` in the readings' zone and negative energies are rejected.
    """
    sheet = open_sheet(source, "readings", options)
    _check_columns(sheet)
    require_one_of(sheet, *OWNERS)
    require_one_of(sheet, *FIGURES)
    _reject_future(sheet)
    return finished(deduplicated(sheet, ("meter_id", "customer_no", "day")))


def _check_columns(sheet: Sheet) -> None:
    """Raise where a whole column is lacking, rather than reject every row."""
    for names in (OWNERS, FIGURES):
        if not set(names) & set(sheet.frame.columns):
            raise FileRejected(
                "columns_missing",
                file=sheet.findings.raw.file,
                missing=" / ".join(names),
                found=", ".join(sheet.findings.raw.columns),
                expected=", ".join(sheet.kind.columns),
            )


def _reject_future(sheet: Sheet) -> None:
    today = local_day(sheet.options.now or datetime.now(UTC), timezone_of(sheet.options))
    days = sheet.frame["day"].to_numpy("datetime64[D]")
    future = ~np.isnat(days) & (days > today) & ~sheet.findings.is_rejected_for("day")
    sheet.findings.reject(future, "day", "in_future", f"≤ {today}")
