"""What changed and what is red: each line with since when, whose it is, and the way to its map."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd

from app.store import batches, derived, places, readings, units
from app.store import cells as cell_store
from app.store.database import Database
from app.use_cases import (
    derive,
    measures,
    privacy,
    service_map,
    today_coverage,
    today_crews,
    today_devices,
    today_halls,
    today_orders,
    today_outages,
    today_promises,
    today_theft,
)
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.today_scene import Scene, TodayLine, managers
from grid_cells.duties import on_duty

FULL = 1.0
FREQUENT, FREQUENT_DAYS = 3, 60
ENOUGH_READ = 0.98
LOOK_AHEAD = timedelta(days=10)
_ORDER = {"red": 0, "amber": 1, "info": 2}


@needs("see_today")
def lines(db: Database, actor: Actor, now: datetime) -> list[TodayLine]:
    """The lines of Today, the reddest first, then by how long they have stood."""
    areas = service_map.areas(db, actor, now)
    connection = db.read()
    scene = Scene(db, actor, connection, now, units.timezone(connection) or "UTC", areas)
    found = [line for question in _QUESTIONS for line in question(scene)]
    return sorted(found, key=lambda line: (_ORDER[line.severity], line.since or now))


def _inbox(scene: Scene, kind: str, **query: str) -> dict[str, str]:
    """The way to the inbox, where it can be settled; the map for who may not see plans."""
    if may(scene.actor, "see_plans"):
        return {"page": "plan_inbox", "kind": kind}
    return _map(**query)


def _map(**query: str) -> dict[str, str]:
    return {"page": "service_map", **query}


def _out_now(scene: Scene) -> list[TodayLine]:
    rows = places.open_outages(scene.connection, scene.now)
    if rows.empty:
        return []
    count = cell_store.total_out(scene.connection, scene.now)
    before = cell_store.total_out(scene.connection, scene.now - timedelta(days=1))
    values = {"customers": count, "outages": len(rows), "change": count - before}
    first = rows["started_at"].min().to_pydatetime()
    return [TodayLine("today_out", "red", values, first, None, {"page": "outages"})]


def _vacant(scene: Scene) -> list[TodayLine]:
    duties = places.all_duties(scene.connection)
    if duties.empty or scene.areas.empty:
        return []
    people = places.people(scene.connection).set_index("id")["name"]
    begun = duties[(duties["valid_from"].isna()) | (duties["valid_from"] <= scene.now)]
    current = begun[(begun["valid_to"].isna()) | (begun["valid_to"] > scene.now)]
    managed = set(current.loc[current["duty"] == "manager", "area_id"])
    ended = begun[begun["duty"] == "manager"].groupby("area_id")["valid_to"].max()
    found = []
    for area in scene.areas[~scene.areas["area_id"].isin(managed)].to_dict("records"):
        held = on_duty(current[current["area_id"] == area["area_id"]], scene.now, scene.zone)
        backup = held.get("backup")
        since = ended.get(area["area_id"])
        values = {"area": area["area_id"], "customers": int(area["customers"])}
        found.append(
            TodayLine(
                "today_vacant", "red", values,
                None if since is None or pd.isna(since) else since.to_pydatetime(),
                None if backup is None else str(people.get(backup, backup)),
                _inbox(scene, "vacant", measure="area", areas=str(area["area_id"])),
            )
        )  # fmt: skip
    return found


def _unserved(scene: Scene) -> list[TodayLine]:
    counts = cell_store.rules(scene.connection).set_index("rule")["customers"]
    if scene.areas.empty:
        return []
    found = []
    if int(counts.get("none", 0)):
        values = {"customers": int(counts["none"])}
        where = derived.cells_unserved(scene.connection)
        cell = {"cell": f"{where[0]:x}"} if where else {}
        link = _inbox(scene, "no_area", measure="area", **cell)
        found.append(TodayLine("today_no_area", "amber", values, None, None, link))
    claimed = derived.cells_claimed_twice(scene.connection)
    if claimed:
        values = {"cells": len(claimed), "customers": int(counts.get("conflict", 0))}
        link = _inbox(scene, "twice", measure="area", cell=f"{claimed[0]:x}")
        found.append(TodayLine("today_claimed_twice", "amber", values, None, None, link))
    return found


def _closures(scene: Scene) -> list[TodayLine]:
    rows = derive.closures_at(scene.connection, scene.now)
    return [
        TodayLine(
            "today_closed", "amber",
            {
                "street": row["street"] or "–", "reason": row["reason"] or "–",
                "until": None if pd.isna(row["valid_to"]) else row["valid_to"].to_pydatetime(),
            },
            None if pd.isna(row["valid_from"]) else row["valid_from"].to_pydatetime(),
            None, _map(measure="crew_min"),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip


def _overloaded(scene: Scene) -> list[TodayLine]:
    loads = measures.transformer_loads(scene.db, scene.actor)
    if loads.empty:
        return []
    full = loads[loads["load_share"] > FULL].sort_values("load_share", ascending=False)
    owners = derived.area_of_cells(scene.connection).set_index("cell_id")["area_id"]
    managed_by = managers(scene)
    return [
        TodayLine(
            "today_overload", "red" if row["load_share"] > 1.1 else "amber",  # noqa: PLR2004
            {"transformer": row["transformer_id"], "share": round(100 * row["load_share"])},
            None, managed_by.get(owners.get(row["cell_id"])),
            _map(measure="load_share", cell=f"{row['cell_id']:x}"),
        )
        for row in full.head(5).to_dict("records")
    ]  # fmt: skip


def _frequent(scene: Scene) -> list[TodayLine]:
    start = scene.now - timedelta(days=FREQUENT_DAYS)
    rows = places.outages_since(scene.connection, start, scene.now)
    scoped = rows[rows["scope"].notna() & (rows["kind"].fillna("fault") == "fault")]
    found = []
    for scope, group in scoped.groupby("scope"):
        if len(group) < FREQUENT:
            continue
        values = {
            "scope": _spoken(scene.actor, str(scope)),
            "count": len(group), "days": FREQUENT_DAYS,
            "customers": int(group["customers_affected"].fillna(0).max()),
        }  # fmt: skip
        since = group["started_at"].min().to_pydatetime()
        found.append(
            TodayLine("today_frequent", "amber", values, since, None, _map(measure="outages_open"))
        )
    return found


def _spoken(actor: Actor, scope: str) -> str:
    """What is out, without the kinds of things, customers as the actor may see them."""
    shown = str(privacy.shown_value(actor, "outages", "scope", scope))
    return shown.replace("transformer:", "").replace("feeder:", "").replace("customer:", "")


def _planned(scene: Scene) -> list[TodayLine]:
    rows = places.planned_outages(scene.connection, scene.now, scene.now + LOOK_AHEAD)
    rows["customers_affected"] = rows["customers_affected"].fillna(0)
    return [
        TodayLine(
            "today_planned", "info",
            {
                "outage": row["outage_id"], "at": row["started_at"].to_pydatetime(),
                "customers": int(row["customers_affected"]),
            },
            None, None, _map(measure="customers", **_cell(row["cell_id"])),
        )
        for row in rows.head(5).to_dict("records")
    ]  # fmt: skip


def _cell(cell_id: int) -> dict[str, str]:
    return {"cell": f"{cell_id:x}"} if cell_id else {}


def _unread(scene: Scene) -> list[TodayLine]:
    last = readings.last_day(scene.connection)
    if last is None:
        return []
    read, expected = readings.read_share(scene.connection, last)
    if expected == 0 or read / expected >= ENOUGH_READ:
        return []
    values = {"missing": expected - read, "day": last, "share": round(100 * read / expected, 1)}
    return [TodayLine("today_unread", "amber", values, None, None, _map(measure="data_quality"))]


def _loaded(scene: Scene) -> list[TodayLine]:
    rows = batches.loaded_since(scene.db, scene.now - timedelta(days=1))
    rejected = int(rows["rejected"].sum()) if len(rows) else 0
    if not rejected:
        return []
    values = {"batches": len(rows), "rejected": rejected}
    return [TodayLine("today_rejected", "info", values, None, None, {"page": "data"})]


_QUESTIONS: tuple[Callable[[Scene], list[TodayLine]], ...] = (
    _out_now, *today_outages.QUESTIONS, *today_promises.QUESTIONS, *today_orders.QUESTIONS,
    *today_crews.QUESTIONS, *today_coverage.QUESTIONS, *today_theft.QUESTIONS,
    *today_halls.QUESTIONS, *today_devices.QUESTIONS, _vacant, _unserved,
    _closures, _overloaded, _frequent, _planned, _unread, _loaded,
)  # fmt: skip
