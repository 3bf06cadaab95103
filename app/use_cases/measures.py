"""The figures that a map can show: names, units, scales, and how each is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import pandas as pd

from app.store import cells, readings, streets
from app.store.database import Connection
from app.use_cases import reference
from grid_cells.errors import UserError
from grid_cells.load import load_share

Rollup = Literal["sum", "mean", "max"]
MINUTE_BREAKS = (15.0, 30.0, 45.0, 90.0, 120.0)
ENERGY_DAYS = 30
FACT = "fact:"


@dataclass(frozen=True)
class Measure:
    """A figure of cells: unit, how it adds up to parents, fixed class breaks and colours.

    `note` is the code of a sentence that must stand wherever the figure shows.
    """

    code: str
    unit: str
    rollup: Rollup
    breaks: tuple[float, ...] | None = None
    ramp: Literal["sequential", "diverging", "area"] = "sequential"
    source: str | None = None
    as_of: datetime | None = None
    zero_is_known: bool = False
    note: str | None = None


Question = Callable[[Connection, datetime], pd.DataFrame]

_MEASURES = (
    Measure("area", "", "max", ramp="area"),
    Measure("customers", "1", "sum"),
    Measure("energy_kwh", "kWh", "sum"),
    Measure("customers_per_hall", "1", "max"),
    Measure("hall_min", "min", "mean", MINUTE_BREAKS),
    Measure("bank_min", "min", "mean", MINUTE_BREAKS),
    Measure("crew_min", "min", "mean", MINUTE_BREAKS),
    Measure("outages_open", "1", "max", zero_is_known=True),
    Measure("customers_out", "1", "sum", zero_is_known=True),
    Measure("load_share", "%", "max", (50.0, 70.0, 80.0, 100.0, 120.0), note="load_estimated"),
    Measure("data_quality", "%", "mean", (50.0, 75.0, 90.0, 95.0, 99.0)),
)


def all_measures(connection: Connection) -> list[Measure]:
    """Every figure that can be shown, the loaded cell facts included."""
    facts = cells.fact_measures(connection)
    loaded = [
        Measure(
            f"{FACT}{row['measure']}",
            _text(row["unit"]) or "",
            "mean",
            source=_text(row["source"]),
            as_of=None if pd.isna(row["as_of"]) else row["as_of"].to_pydatetime(),
        )
        for row in facts.to_dict("records")
    ]
    note = None if streets.count(connection) else "straight_line"
    built_in = [replace(m, note=note) if m.unit == "min" else m for m in _MEASURES]
    return [*built_in, *loaded]


def measure_of(connection: Connection, code: str) -> Measure:
    """The figure of that code."""
    for measure in all_measures(connection):
        if measure.code == code:
            return measure
    raise UserError("measure_unknown", measure=code)


def values(connection: Connection, code: str, at: datetime) -> pd.DataFrame:
    """The figure by cell at that moment: cell_id, value; cells without a row are unknown."""
    if code.startswith(FACT):
        return cells.fact(connection, code.removeprefix(FACT))[["cell_id", "value"]]
    return _QUESTIONS[code](connection, at)[["cell_id", "value"]]


def transformer_loads(connection: Connection) -> pd.DataFrame:
    """Load of each transformer on the last day read: transformer_id, …, load_share."""
    last = readings.last_day(connection)
    if last is None:
        return pd.DataFrame(columns=["transformer_id", "name", "cell_id", "load_share"])
    frame = cells.transformer_energy(connection, last)
    share = load_share(
        frame["energy_kwh"],
        frame["capacity_kva"],
        load_factor=reference.estimate("daily_load_factor"),
        power_factor=reference.estimate("power_factor"),
    )
    return frame.assign(load_share=share)


def _energy(connection: Connection, _at: datetime) -> pd.DataFrame:
    last = readings.last_day(connection)
    if last is None:
        return pd.DataFrame({"cell_id": [], "value": []})
    return cells.energy_a_day(connection, last, ENERGY_DAYS)


def _load(connection: Connection, _at: datetime) -> pd.DataFrame:
    loads = transformer_loads(connection)
    placed = loads[loads["cell_id"] != 0]
    highest = placed.groupby("cell_id")["load_share"].max() * 100
    return highest.rename("value").reset_index()


def _quality(connection: Connection, _at: datetime) -> pd.DataFrame:
    frame = cells.data_quality(connection, readings.last_day(connection))
    return frame.assign(value=frame["value"] * 100)


def _minutes(target: str) -> Question:
    return lambda connection, _at: cells.minutes(connection, target)


_QUESTIONS: dict[str, Question] = {
    "customers": lambda connection, _at: cells.customers(connection),
    "energy_kwh": _energy,
    "customers_per_hall": lambda connection, _at: cells.customers_per_hall(connection),
    "hall_min": _minutes("hall"),
    "bank_min": _minutes("bank"),
    "crew_min": _minutes("crew"),
    "outages_open": cells.outages_open,
    "customers_out": cells.customers_out,
    "load_share": _load,
    "data_quality": _quality,
}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
