"""The service map: cells with a figure, areas, places, the strip of figures."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import shapely

from app.store import cells as cell_store
from app.store import customers, derived, meta, outages, plans, readings
from app.store import places as place_store
from app.store import units as unit_store
from app.store.database import Connection, Database
from app.store.subjects import UNKNOWN
from app.use_cases import derive, measures, small_cells
from app.use_cases.access import check_unit, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.measures import Measure
from app.use_cases.remember import remembered
from grid_cells.cells import outline
from grid_cells.colouring import colour_areas, neighbouring_areas
from grid_cells.small_cells import ALONE

NO_AREA = 0xFFFF
CREW_REACH_MIN = 45.0
ALL = "all"


@dataclass(frozen=True)
class Figure:
    """One figure of the strip: its value, its change since yesterday, the rows behind it."""

    code: str
    value: float | None
    unit: str
    change: float | None
    link: dict[str, str]


@needs("see_map")
def list_measures(db: Database, actor: Actor) -> list[Measure]:
    """The figures this person may see on the map."""
    known = measures.all_measures(db.read())
    return [measure for measure in known if measures.may_see(actor, measure.code)]


def facts_version(db: Database, now: datetime | None = None) -> str:
    """A word that changes whenever a figure may have changed; for addresses of cells files."""
    now = now or clock_now(db)
    moved = cell_store.moment_of_change(db.read(), now)
    stamp = 0 if moved is None else int(moved.timestamp())
    return f"{meta.facts_version(db)}-{outages.version(db.read())}-{stamp}"


def scope_key(unit_id: str | None, area_ids: tuple[str, ...] = ()) -> str:
    """A word for a choice of unit or areas; for addresses of cells files."""
    if area_ids:
        return "areas:" + ",".join(sorted(area_ids))
    return f"unit:{unit_id}" if unit_id else ALL


def scope_of(key: str) -> tuple[str | None, tuple[str, ...]]:
    """The unit and areas behind a scope's word."""
    if key.startswith("areas:"):
        return None, tuple(key.removeprefix("areas:").split(","))
    return (key.removeprefix("unit:"), ()) if key.startswith("unit:") else (None, ())


@needs("see_map")
def units(db: Database, actor: Actor) -> pd.DataFrame:  # noqa: ARG001
    """Units to choose from: unit_id, parent_id, level, name."""
    return unit_store.list_units(db)


@needs("see_map")
def areas(db: Database, actor: Actor, now: datetime) -> pd.DataFrame:  # noqa: ARG001
    """Service areas in force.

    area_index, area_id, name, unit_id, hall_id, colour_index, customers, geometry (WKB outline).
    """
    derive.refresh(db, now)
    key = ("areas", _identity(db), facts_version(db, now))
    return remembered(key, lambda: _areas(db))


@needs("see_map")
def cells(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    measure: str,
    unit_id: str | None = None,
    area_ids: tuple[str, ...] = (),
    now: datetime,
) -> pd.DataFrame:
    """One figure by cell: cell_id, area_index (65535 none), value (NaN unknown), rolled_up_to.

    A figure about people is that of the cell with its siblings where few customers live:
    `rolled_up_to` is then their parents' resolution, -1 the whole area, 0 elsewhere.
    """
    derive.refresh(db, now)
    _check_choice(db, actor, unit_id, area_ids, now)
    _check_measure(db, actor, measure)
    key = ("cells", *_sight(db, actor), facts_version(db, now), measure, unit_id, area_ids)
    return remembered(
        key, lambda: _cells(db, actor, measure=measure, unit_id=unit_id, area_ids=area_ids, now=now)
    )


def _cells(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    measure: str,
    unit_id: str | None,
    area_ids: tuple[str, ...],
    now: datetime,
) -> pd.DataFrame:
    connection = db.read()
    known = measures.measure_of(connection, measure)
    frame = _framed(db, actor, now)
    if measure == "area":
        colours = areas(db, actor, now).set_index("area_index")["colour_index"]
        frame["value"] = frame["area_index"].map(colours).astype("float32")
        frame["rolled_up_to"] = ALONE
    else:
        found = measures.values(db, actor, known, now)
        frame = frame.merge(found.drop_duplicates("cell_id"), on="cell_id", how="left")
        if known.zero_is_known:
            frame["value"] = frame["value"].fillna(0)
    frame["value"] = frame["value"].astype("float32")
    frame["rolled_up_to"] = frame["rolled_up_to"].fillna(ALONE).astype("int8")
    wanted = _wanted(db, actor, unit_id, area_ids, now)
    if wanted is not None:
        frame = frame[frame["area_index"].isin(wanted)]
    return frame[["cell_id", "area_index", "value", "rolled_up_to"]].reset_index(drop=True)


@needs("see_map")
def cells_in_scope(
    db: Database, actor: Actor, *, scope: str, measure: str, now: datetime
) -> pd.DataFrame:
    """As `cells`, for a scope's word."""
    unit_id, area_ids = scope_of(scope)
    return cells(db, actor, measure=measure, unit_id=unit_id, area_ids=area_ids, now=now)


@needs("see_map")
def places(db: Database, actor: Actor, now: datetime) -> pd.DataFrame:  # noqa: ARG001
    """Halls, banks, crew bases and open outages: kind, id, name, lon, lat, detail."""
    key = ("places", _identity(db), facts_version(db, now))
    return remembered(key, lambda: _places(db.read(), now))


def _places(connection: Connection, now: datetime) -> pd.DataFrame:
    frames = [
        place_store.points(connection, kind, now)[["id", "name", "lon", "lat"]].assign(
            kind=kind, detail=""
        )
        for kind in ("hall", "bank", "crew")
    ]
    frames.append(_outage_points(connection, now))
    whole = pd.concat([f for f in frames if not f.empty] or frames[:1], ignore_index=True)
    return whole[["kind", "id", "name", "lon", "lat", "detail"]]


@needs("see_map")
def figures(
    db: Database,
    actor: Actor,
    now: datetime,
    unit_id: str | None = None,
    area_ids: tuple[str, ...] = (),
) -> list[Figure]:
    """The strip above the map, within the chosen unit or areas; changes are since 24 hours ago."""
    derive.refresh(db, now)
    _check_choice(db, actor, unit_id, area_ids, now)
    versions = (facts_version(db, now), facts_version(db, now - timedelta(days=1)))
    key = ("figures", *_sight(db, actor), versions, unit_id, area_ids)
    return remembered(key, lambda: _figures(db, actor, now, unit_id, area_ids))


def _figures(
    db: Database, actor: Actor, now: datetime, unit_id: str | None, area_ids: tuple[str, ...]
) -> list[Figure]:
    wanted = _wanted(db, actor, unit_id, area_ids, now)
    framed = _framed(db, actor, now)
    inside = framed if wanted is None else framed[framed["area_index"].isin(wanted)]
    connection = db.read()
    return [
        _outage_figure(connection, "customers_out", inside, now, whole=wanted is None),
        _outages_figure(connection, inside, now, whole=wanted is None),
        _reach_figure(connection, inside),
        _customers_figure(connection, inside, whole=wanted is None),
        _energy_figure(db, actor, inside),
        _load_figure(db, actor, inside),
    ]


def _framed(db: Database, actor: Actor, now: datetime) -> pd.DataFrame:
    frame = cell_store.frame_cells(db.read())
    index = areas(db, actor, now).set_index("area_id")["area_index"]
    found = frame["area_id"].map(index).fillna(NO_AREA).astype("uint16")
    return frame[["cell_id"]].assign(area_index=found)


def _wanted(
    db: Database, actor: Actor, unit_id: str | None, area_ids: tuple[str, ...], now: datetime
) -> list[int] | None:
    if not unit_id and not area_ids:
        return None
    held = areas(db, actor, now)
    if area_ids:
        return held.loc[held["area_id"].isin(area_ids), "area_index"].tolist()
    below = unit_store.below(db.read(), str(unit_id))
    return held.loc[held["unit_id"].isin(below), "area_index"].tolist()


def _check_choice(
    db: Database, actor: Actor, unit_id: str | None, area_ids: tuple[str, ...], now: datetime
) -> None:
    """Refuse a unit or area outside the actor's sight, with an audit row."""
    check_unit(db, actor, unit_id, asked="service_map")
    if not area_ids or db is db.whole:
        return
    outside = sorted(set(area_ids) - set(areas(db, actor, now)["area_id"]))
    if outside:
        refuse(db, actor, "access_out_of_scope", asked="service_map", about=f"area:{outside[0]}")


def _identity(db: Database) -> str:
    """What tells this database from any other, and from its own file put back from a copy."""
    return f"{meta.read_value(db.read(), 'database_id')}:{db.opened_as}:{db.seen_as}"


def _sight(db: Database, actor: Actor) -> tuple[str, bool, int]:
    """What an answer with figures about people depends on beside the facts."""
    return _identity(db), small_cells.hidden_from(actor), small_cells.least(db)


def _check_measure(db: Database, actor: Actor, code: str) -> None:
    """Refuse, with an audit row, a figure that needs more than the map's permission."""
    if not measures.may_see(actor, code):
        known = {one.code for one in measures.all_measures(db.whole.read())}
        needed, about = measures.right_to(code), f"measure:{code if code in known else UNKNOWN}"
        refuse(
            db, actor, "access_no_permission", asked="service_map.cells",
            permission=needed, about=about,
        )  # fmt: skip


def _areas(db: Database) -> pd.DataFrame:
    connection = db.read()
    rows = derived.cell_areas(connection)
    named = _named_areas(connection, rows)
    coloured = _colours(rows, named["area_id"].tolist())
    counted = cell_store.area_customers(connection).set_index("area_id")["customers"]
    by_area = rows.dropna(subset=["area_id"]).groupby("area_id")["cell_id"]
    outlines = {a: shapely.to_wkb(outline(c.to_numpy())) for a, c in by_area}
    return named.assign(
        area_index=np.arange(len(named), dtype="int64"),
        colour_index=coloured,
        customers=named["area_id"].map(counted).fillna(0).astype("int64"),
        geometry=named["area_id"].map(outlines),
    )


def _named_areas(connection: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    plan_id = meta.read_value(connection, "derived:plan_id")
    columns = ["area_id", "name", "hall_id", "unit_id"]
    if not plan_id:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    held = plans.areas(connection, int(plan_id))[columns]
    extra = sorted(set(rows["area_id"].dropna()) - set(held["area_id"]))
    more = pd.DataFrame({"area_id": extra}).reindex(columns=columns)
    return pd.concat([held, more], ignore_index=True) if extra else held


def _colours(rows: pd.DataFrame, area_ids: list[str]) -> list[int]:
    colours = colour_areas(neighbouring_areas(rows), area_ids)
    return [int(colours[a]) for a in area_ids]


def _outage_points(connection: Connection, now: datetime) -> pd.DataFrame:
    frame = outages.outage_points(connection, now)
    placed = frame[frame["lon"].notna()]
    return pd.DataFrame(
        {
            "id": placed["outage_id"],
            "name": placed["outage_id"],
            "lon": placed["lon"],
            "lat": placed["lat"],
            "kind": "outage",
            "detail": placed["customers_out"].astype("str"),
        }
    )


def _outage_figure(
    connection: Connection, code: str, inside: pd.DataFrame, now: datetime, *, whole: bool
) -> Figure:
    def count(at: datetime) -> float:
        if whole:
            return float(cell_store.total_out(connection, at))
        return _inside_sum(cell_store.customers_out(connection, at), inside)

    value, before = count(now), count(now - timedelta(days=1))
    link = {"page": "service_map", "measure": "customers_out"}
    return Figure(code, value, "1", value - before, link)


def _outages_figure(
    connection: Connection, inside: pd.DataFrame, now: datetime, *, whole: bool
) -> Figure:
    def count(at: datetime) -> int:
        rows = place_store.open_outages(connection, at)
        return len(rows) if whole else int(rows["cell_id"].isin(inside["cell_id"]).sum())

    value, before = count(now), count(now - timedelta(days=1))
    link = {"page": "service_map", "measure": "outages_open"}
    return Figure("outages_open", value, "1", value - before, link)


def _reach_figure(connection: Connection, inside: pd.DataFrame) -> Figure:
    people = cell_store.customers(connection).set_index("cell_id")["value"]
    minutes = cell_store.minutes(connection, "crew").set_index("cell_id")["value"]
    people = people[people.index.isin(inside["cell_id"])]
    link = {"page": "service_map", "measure": "crew_min"}
    if people.empty or minutes.empty:
        return Figure("crew_reach", None, "%", None, link)
    reached = people[minutes.reindex(people.index) <= CREW_REACH_MIN].sum()
    return Figure("crew_reach", 100 * float(reached) / float(people.sum()), "%", None, link)


def _customers_figure(connection: Connection, inside: pd.DataFrame, *, whole: bool) -> Figure:
    value = (
        float(customers.count(connection))
        if whole
        else _inside_sum(cell_store.customers(connection), inside)
    )
    return Figure("customers", value, "1", None, {"page": "service_map", "measure": "customers"})


def _energy_figure(db: Database, actor: Actor, inside: pd.DataFrame) -> Figure:
    link = {"page": "service_map", "measure": "energy_kwh"}
    whole = db.whole.read()
    last = readings.last_day(whole)
    if last is None:
        return Figure("energy_day", None, "MWh", None, link)
    is_hidden = small_cells.hidden_from(actor)

    def told(day: date) -> float:
        if is_hidden:
            return _inside_sum(small_cells.energy_a_day(db, day, 1), inside) / 1000
        return _inside_sum(cell_store.energy_a_day(whole, day, 1), inside) / 1000

    today, before = told(last), told(last - timedelta(days=1))
    return Figure("energy_day", today, "MWh", today - before, link)


def _load_figure(db: Database, actor: Actor, inside: pd.DataFrame) -> Figure:
    link = {"page": "service_map", "measure": "load_share"}
    loads = measures.transformer_loads(db, actor)
    loads = loads[loads["cell_id"].isin(inside["cell_id"])].dropna(subset=["load_share"])
    if loads.empty:
        return Figure("highest_load", None, "%", None, link)
    return Figure("highest_load", 100 * float(loads["load_share"].max()), "%", None, link)


def _inside_sum(values: pd.DataFrame, inside: pd.DataFrame) -> float:
    return float(values.loc[values["cell_id"].isin(inside["cell_id"]), "value"].sum())
