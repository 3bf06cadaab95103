"""The figures that a map can show: names, units, scales, and how each is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

import pandas as pd

from app.store import cells, readings, streets
from app.store import privacy as privacy_store
from app.store.database import Connection, Database
from app.use_cases import reference, small_cells
from app.use_cases.access import may
from app.use_cases.actors import Actor
from app.use_cases.remember import remembered
from grid_cells.errors import UserError
from grid_cells.load import HOURS_A_DAY, load_share
from grid_cells.small_cells import ALONE, apart, load_step

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


def right_to(code: str) -> str:
    """The permission that a figure needs of its own, empty where the map's is enough."""
    rows = [row for row in _rights() if fnmatchcase(code.casefold(), row["measure"])]
    return next((row["permission"] for row in rows if row["permission"]), "")


def is_about_people(code: str) -> bool:
    """Whether a figure tells something of the people in a cell, by the first row that fits it."""
    rows = [row for row in _rights() if fnmatchcase(code.casefold(), row["measure"])]
    return bool(rows) and rows[0]["about_people"] == "1"


def may_see(actor: Actor, code: str) -> bool:
    """Whether the actor may see the figure at all."""
    needed = right_to(code)
    return not needed or may(actor, needed)


def _rights() -> list[dict[str, str]]:
    """Rows of `data/reference/measure_rights.csv` as text, names in small letters."""
    rows = reference.table("measure_rights").fillna("").astype("str").to_dict("records")
    return [{str(k): str(v).casefold() for k, v in row.items()} for row in rows]


def values(db: Database, actor: Actor, measure: Measure, at: datetime) -> pd.DataFrame:
    """The figure by cell at that moment as the actor may see it: cell_id, value, rolled_up_to.

    Cells without a row are unknown. Figures about people come from the whole database, so that
    every scope is told the same of a cell.
    """
    code = measure.code
    if not is_about_people(code):
        return _values(db.read(), code, at).assign(rolled_up_to=ALONE)
    if code == "load_share":
        return _load(db, actor).assign(rolled_up_to=ALONE)
    is_hidden = small_cells.hidden_from(actor)
    small_cells.groups(db)  # first, since the stamp names the grouping held
    key = ("people", code, *small_cells.stamp(db), is_hidden)
    return remembered(key, lambda: _about_people(db, measure, at, is_hidden=is_hidden))


def _about_people(db: Database, measure: Measure, at: datetime, *, is_hidden: bool) -> pd.DataFrame:
    if not is_hidden:
        raw = _values(db.whole.read(), measure.code, at)
        return raw.assign(rolled_up_to=ALONE)
    if measure.code == "energy_kwh":
        return _energy_told(db)
    values = _values(db.whole.read(), measure.code, at)
    return small_cells.told_fact(db, measure.code.removeprefix(FACT), values)


def _values(connection: Connection, code: str, at: datetime) -> pd.DataFrame:
    if code.startswith(FACT):
        return cells.fact(connection, code.removeprefix(FACT))[["cell_id", "value"]]
    return _QUESTIONS[code](connection, at)[["cell_id", "value"]]


def transformer_loads(db: Database, actor: Actor) -> pd.DataFrame:
    """Load of each transformer in sight on the last day read: transformer_id, …, load_share.

    For those who must not see single households a transformer with few customers has no load, and
    any load is rounded to what a few customers use.
    """
    whole, hidden = db.whole.read(), small_cells.hidden_from(actor)
    key = ("loads", *small_cells.stamp(db), hidden)
    told = remembered(key, lambda: _loads(db, whole, hidden=hidden))
    if db.whole is db:
        return told
    return told[told["transformer_id"].isin(privacy_store.transformer_ids(db.read()))]


def _loads(db: Database, whole: Connection, *, hidden: bool) -> pd.DataFrame:
    last = readings.last_day(whole)
    if last is None:
        return pd.DataFrame(columns=["transformer_id", "name", "cell_id", "load_share"])
    frame = cells.transformer_energy(whole, last)
    factor, power = reference.estimate("daily_load_factor"), reference.estimate("power_factor")
    share = load_share(
        frame["energy_kwh"], frame["capacity_kva"], load_factor=factor, power_factor=power
    )
    frame = frame.assign(load_share=share)
    if not hidden:
        return frame
    behind = privacy_store.transformer_cells(whole, last)
    customers = behind.groupby("transformer_id")["customers"].sum()
    people = frame["transformer_id"].map(customers).fillna(0)
    usual = float(frame["energy_kwh"].sum()) / max(float(people.sum()), 1.0)
    few = small_cells.least(db)
    step = load_step(
        frame["capacity_kva"], least=few, kwh_a_customer=usual,
        kwh_a_kva=HOURS_A_DAY * factor * power,
    )  # fmt: skip
    # who could be told apart by subtracting cells is told only coarsely
    told_apart = frame["transformer_id"].map(apart(behind, small_cells.groups(db))).fillna(0) < few
    step = step.where(told_apart, 0.01)
    rounded = ((frame["load_share"] / step).round() * step).round(2)
    return frame.drop(columns="energy_kwh").assign(load_share=rounded.where(people >= few))


def _energy_told(db: Database) -> pd.DataFrame:
    last = readings.last_day(db.whole.read())
    if last is None:
        return pd.DataFrame({"cell_id": [], "value": [], "rolled_up_to": []})
    return small_cells.energy_a_day(db, last, ENERGY_DAYS)


def _energy(connection: Connection, _at: datetime) -> pd.DataFrame:
    last = readings.last_day(connection)
    if last is None:
        return pd.DataFrame({"cell_id": [], "value": []})
    return cells.energy_a_day(connection, last, ENERGY_DAYS)


def _load(db: Database, actor: Actor) -> pd.DataFrame:
    loads = transformer_loads(db, actor)
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
    "data_quality": _quality,
}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
