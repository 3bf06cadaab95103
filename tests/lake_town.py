"""A lake small enough to be worked out by hand: four customers, two transformers, three days."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grid_cells.cells import points_to_cells

WEST, EAST = (112.50, 30.40), (112.60, 30.40)
WEST_CELL, EAST_CELL = (int(points_to_cells([x], [y], 9)[0]) for x, y in (WEST, EAST))
DAYS = (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3))

CUSTOMERS = [
    {
        "customer_no": "01",
        "transformer_id": "T1",
        "lon": WEST[0],
        "lat": WEST[1],
        "connected_on": None,
    },
    {
        "customer_no": "02",
        "transformer_id": "T1",
        "lon": WEST[0],
        "lat": WEST[1],
        "connected_on": None,
    },
    {
        "customer_no": "03",
        "transformer_id": "T2",
        "lon": EAST[0],
        "lat": EAST[1],
        "connected_on": date(2026, 1, 2),
    },
    {"customer_no": "04", "transformer_id": None, "lon": None, "lat": None, "connected_on": None},
]
# meter 3 moves from T2 to T1 on the second day; its first link has no end of its own
METERS = [
    {
        "meter_id": "m1",
        "customer_no": "01",
        "transformer_id": "T1",
        "role": None,
        "multiplier": None,
        "valid_from": None,
    },
    {
        "meter_id": "m2",
        "customer_no": "02",
        "transformer_id": "T1",
        "role": "billing",
        "multiplier": 10.0,
        "valid_from": None,
    },
    {
        "meter_id": "m3",
        "customer_no": "03",
        "transformer_id": "T2",
        "role": "billing",
        "multiplier": 1.0,
        "valid_from": None,
    },
    {
        "meter_id": "m3",
        "customer_no": "03",
        "transformer_id": "T1",
        "role": "billing",
        "multiplier": 1.0,
        "valid_from": date(2026, 1, 2),
    },
    {
        "meter_id": "k1",
        "customer_no": None,
        "transformer_id": "T1",
        "role": "master",
        "multiplier": 40.0,
        "valid_from": None,
    },
    {
        "meter_id": "k2",
        "customer_no": None,
        "transformer_id": "T2",
        "role": "master",
        "multiplier": 1.0,
        "valid_from": None,
    },
]
TRANSFORMERS = [
    {"transformer_id": "T1", "kind": "public", "lon": WEST[0], "lat": WEST[1]},
    {"transformer_id": "T2", "kind": "public", "lon": EAST[0], "lat": EAST[1]},
]
AREAS = [
    {"area": "A", "transformer_id": "T1", "cell": None},
    {"area": "B", "transformer_id": "T2", "cell": None},
]
READINGS = {
    DAYS[0]: [
        ("m1", 5.0, None),
        ("m2", 2.0, 0.5),
        ("m3", 3.0, None),
        ("k1", 0.6, 0.0),
        ("k2", 4.0, 0.0),
    ],
    DAYS[1]: [
        ("m1", 5.0, None),
        ("m2", 2.0, None),
        ("m3", 3.0, None),
        ("k1", 0.8, 0.0),
        ("k2", 0.1, 0.0),
    ],
    DAYS[2]: [("m1", 7.0, None), ("m2", 2.0, None), ("m3", 3.0, None), ("k1", 0.8, 0.0)],
}
ESTIMATED = (DAYS[2], "m1")


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as one Parquet file, all columns those of the first row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows)), path)


def readings(day: date, told: Sequence[tuple[str, float, float | None]]) -> list[dict[str, Any]]:
    """Readings as a lake holds them, received at seven in the morning after."""
    at = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    return [
        {
            "meter_id": meter, "energy_kwh": kwh, "reverse_kwh": fed, "received_at": at,
            "source": "estimated" if (day, meter) == ESTIMATED else "measured",
        }
        for meter, kwh, fed in told
    ]  # fmt: skip


def write_lake(folder: Path) -> Path:
    """The whole lake."""
    for name, rows in (
        ("customers", CUSTOMERS),
        ("meters", METERS),
        ("transformers", TRANSFORMERS),
        ("areas", AREAS),
    ):
        write(folder / name / "part-0.parquet", rows)
    for day, told in READINGS.items():
        write(folder / f"readings/day={day}/part-0.parquet", readings(day, told))
    return folder


def facts(folder: Path, name: str) -> pd.DataFrame:
    """A fact of all days, ordered by day and key."""
    parts = []
    for path in sorted((folder / name).glob("day=*/*.parquet")):
        rows = pd.read_parquet(path, partitioning=None)
        parts.append(rows.assign(day=path.parent.name.removeprefix("day=")))
    found = pd.concat(parts, ignore_index=True)
    key = name.replace("_day", "_id")
    return found.sort_values(["day", key], na_position="first").reset_index(drop=True)
