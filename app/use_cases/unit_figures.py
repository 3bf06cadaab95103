"""What each unit of a plan means for people and work, as far as the reader may see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import meta, outages, places, plans, readings
from app.store import unit_figures as store
from app.store.database import Connection, Database
from app.use_cases import (
    assumed_travel,
    cell_parts,
    derive,
    measures,
    reference,
    service_map,
    small_cells,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.assumed_travel import Assumed
from app.use_cases.remember import fingerprint, remembered
from grid_cells import unit_figures
from grid_cells.cells import Cells, resolutions
from grid_cells.consequences import Prepared, prepare
from grid_cells.own_bases import own_bases
from grid_cells.promises import cell_promise_classes, promise_classes
from grid_cells.unit_figures import HISTORY_DAYS, UnitFigures
from grid_cells.what_if import Kind


@needs("see_plans")
def figures(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    basis: str,
    units: "pd.Index[Any]",
    now: datetime,
    plan_id: int | None = None,
) -> UnitFigures:
    """Figures of a plan's units (transformer ids or cell ids), in their order.

    Overrides are those of `plan_id`, else of the plan in force. Energy and prepaid customers are
    parts of what is published of groups of cells, so that no painting tells of a household; who
    may see small cells gets the cells' own energy. Whoever is out of sight counts nowhere.
    """
    return prepared(db, actor, basis=basis, units=units, now=now, plan_id=plan_id).figures


@needs("see_plans")
def prepared(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    basis: str,
    units: "pd.Index[Any]",
    now: datetime,
    plan_id: int | None = None,
    assumed: Assumed = (),
) -> Prepared:
    """As `figures`, with what `grid_cells.consequences` asks of them made ready.

    `assumed`: halls, banks and crew bases that are added, moved or closed.
    """
    derive.refresh(db, now)
    small_cells.groups(db)  # first, since the stamp names the grouping held
    overrides = overrides_of(db.read(), plan_id, now)
    hidden = small_cells.hidden_from(actor)
    sight = (*small_cells.stamp(db), db.seen_as, hidden, service_map.facts_version(db, now))
    moment = (store.links_stamp(db.read(), now), now.date(), fingerprint(overrides))
    finer = _finer(db.read(), basis, units)
    key = ("atoms", *sight, *moment, finer.tobytes())
    atoms = remembered(key, lambda: _atoms(db, overrides, now, finer, hidden=hidden))
    shape = (*key, basis, fingerprint(units.to_frame()), assumed)
    of = _Asked(basis, units, now, assumed)
    return remembered(shape, lambda: _made_ready(db, atoms, of))


def _finer(connection: Connection, basis: str, units: "pd.Index[Any]") -> Cells:
    """The units that are finer cells than the store's."""
    if basis != "cell":
        return np.empty(0, dtype=np.int64)
    cells = units.to_numpy(dtype=np.int64)
    found: Cells = cells[resolutions(cells) > meta.resolution(connection)]
    return found


@dataclass(frozen=True)
class _Asked:
    """Units of which basis, at which moment, with places as assumed."""

    basis: str
    units: "pd.Index[Any]"
    now: datetime
    assumed: Assumed


def _made_ready(db: Database, atoms: "_Atoms", of: _Asked) -> Prepared:
    connection, frame = db.read(), atoms.frame
    if any(one.kind == "crew" for one in of.assumed):
        minutes = assumed_travel.minutes(db, "crew", of.assumed, of.now)
        frame = unit_figures.with_reach(frame, minutes, atoms.promised)
        work = ["visits", "hours", "travel"]
        frame = unit_figures.with_work(frame.drop(columns=work), reference.table("task_minutes"))
    found = unit_figures.by_unit(
        frame, basis=of.basis, units=of.units,
        transformers=store.transformers(connection, of.now), places=_places(connection, of.assumed),
        resolution=meta.resolution(connection), days=atoms.days,
        faults_unplaced=atoms.faults_unplaced,
    )  # fmt: skip
    by_crew = assumed_travel.by_crew(db, of.assumed, of.now)
    promised = unit_figures.promises(frame, atoms.promised)
    return prepare(found, own_bases(frame, found, by_crew, promised, basis=of.basis))


def _places(connection: Connection, assumed: Assumed) -> pd.DataFrame:
    """Halls and banks in sight as they would be: kind, id, cell_id, lon, lat."""
    kinds: dict[str, Kind] = {"halls": "hall", "banks": "bank"}
    found = [
        assumed_travel.points(connection, kind, assumed).assign(kind=name)
        for name, kind in kinds.items()
    ]
    return pd.concat(found, ignore_index=True)[["kind", "id", "cell_id", "lon", "lat"]]


@dataclass(frozen=True)
class _Atoms:
    """Atoms with every figure and what is promised; days of the faults' history; faults nowhere."""

    frame: pd.DataFrame
    promised: pd.DataFrame
    days: float | None
    faults_unplaced: float


def overrides_of(connection: Connection, plan_id: int | None, now: datetime) -> pd.DataFrame:
    """Overrides of the plan, else of the one in force: customer_no, transformer_id, area_id."""
    if plan_id is None:
        plan = plans.plan_at(connection, now)
        plan_id = -1 if plan is None else int(plan["plan_id"])
    found = plans.overrides_at(connection, plan_id, now)
    return found[["customer_no", "transformer_id", "area_id"]]


def _atoms(
    db: Database, overrides: pd.DataFrame, now: datetime, finer: Cells, *, hidden: bool
) -> _Atoms:
    connection = db.read()
    days = unit_figures.history_days(outages.first_begun_at(connection, now), now)
    since = now - timedelta(days=HISTORY_DAYS)
    with store.people(connection, overrides, now, cell_parts.parts_of(db, finer)):
        atoms = unit_figures.gather(store.atoms(connection))
        faults = store.faults(connection, since, now)
        promised = _promised(connection, atoms)
    placed = faults["is_pinned"].notna()
    lost = float(faults.loc[~placed, "faults"].sum())
    minutes = cell_store.minutes(db.whole.read(), "crew")
    atoms = unit_figures.with_faults(atoms, faults[placed], days)
    atoms = unit_figures.with_shares(atoms, _by_cell(db, hidden=hidden))
    atoms = unit_figures.with_network(atoms, store.transformers(connection, now))
    atoms = unit_figures.with_reach(atoms, minutes, promised)
    atoms = unit_figures.with_work(atoms, reference.table("task_minutes"))
    lost_a_month = 0.0 if days is None else lost * unit_figures.MONTH_DAYS / days
    return _Atoms(atoms, promised, days, lost_a_month)


def _promised(connection: Connection, atoms: pd.DataFrame) -> pd.DataFrame:
    """Customers by the arrival promise of their place: KEY, promise_min, customers.

    Only where a border of zones crosses a cell are its customers asked one by one.
    """
    zones, held = places.zones(connection), reference.arrival_promises_min()
    placed = atoms.loc[atoms["cell_id"] != 0, "cell_id"]
    cells = placed.drop_duplicates().to_numpy(np.int64)
    by_cell = cell_promise_classes(zones, cells)
    crossed = by_cell[by_cell["is_crossed"]]
    whole = by_cell[~by_cell["is_crossed"]].set_index("cell_id")["promise_class"]
    key = unit_figures.key_of(atoms)
    simple = atoms.loc[atoms["cell_id"].isin(whole.index), [*key, "customers"]]
    simple = simple.assign(promise_min=simple["cell_id"].map(whole).map(held).to_numpy(float))
    single = store.people_in(connection, crossed)
    classes = promise_classes(zones, single["lon"], single["lat"])
    single = single.assign(promise_min=pd.Series(classes, dtype="object").map(held).to_numpy(float))
    grouped = single.groupby([*key, "promise_min"], dropna=False, as_index=False)
    counted = grouped.size().rename(columns={"size": "customers"})
    return pd.concat([simple, counted.astype(simple.dtypes[counted.columns])], ignore_index=True)


def _by_cell(db: Database, *, hidden: bool) -> pd.DataFrame:
    """Of whole cells: cell_id, customers, energy_a_day (kWh), prepaid."""
    whole = db.whole.read()
    last = readings.last_day(whole)
    people = cell_store.customers(whole).rename(columns={"value": "customers"})
    asked = small_cells.published(db, store.prepaid(whole))
    found = {"prepaid": asked, "energy_a_day": asked.iloc[:0]}
    if last is not None:
        tell = small_cells.energy_a_day if hidden else _energy_of_cells
        found["energy_a_day"] = tell(db, last, measures.ENERGY_DAYS)
    for name, frame in found.items():
        held = frame.drop_duplicates("cell_id").set_index("cell_id")["value"]
        people[name] = people["cell_id"].map(held).to_numpy(float)
    return people


def _energy_of_cells(db: Database, last: Any, days: int) -> pd.DataFrame:
    return cell_store.energy_a_day(db.whole.read(), last, days)
