"""Cell facts of days as `gridcells rollup` writes them, for tests."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DAY = date(2026, 7, 14)
NEXT = date(2026, 7, 15)

_TYPES = {
    **dict.fromkeys(
        ("cell_id", "customers", "meters", "meters_read", "transformers", "days_known",
         "interruptions", "visits", "meters_balanced"), pa.int64(),
    ),
    **dict.fromkeys(
        ("energy_kwh", "feed_in_kwh", "loss_kwh", "supplied_kwh", "interrupted_h"), pa.float64()
    ),
}  # fmt: skip


def fact(cell_id: int | None, customers: int, **other: Any) -> dict[str, Any]:
    """A cell with so many customers, each with a meter that was read and used 2 kWh."""
    row = {
        "cell_id": cell_id, "customers": customers, "meters": customers, "meters_read": customers,
        "energy_kwh": 2.0 * customers if customers else None,
        "feed_in_kwh": 0.0 if customers else None, "loss_kwh": None, "supplied_kwh": None,
        "transformers": 0, "days_known": 0, "interruptions": 0, "interrupted_h": 0.0, "visits": 0,
        "meters_balanced": None,
    }  # fmt: skip
    balanced = customers if (row | other)["loss_kwh"] is not None else None
    return row | {"meters_balanced": balanced} | other


def write_day(
    folder: Path, day: date, rows: list[dict[str, Any]], *, without: tuple[str, ...] = ()
) -> Path:
    """The file of a day under a folder of facts."""
    names = [name for name in _TYPES if name not in without]
    table = pa.table({n: pa.array([row[n] for row in rows], _TYPES[n]) for n in names})
    place = folder / "cell_day" / f"day={day}"
    place.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, place / "part-0.parquet")
    return place / "part-0.parquet"
