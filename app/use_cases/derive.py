"""What follows from the facts and is kept beside them: areas, travel times, daily energy."""

from collections.abc import Callable
from datetime import datetime

import pandas as pd

from app.store import cells, customers, derived, meta, places, plans, reading_reviews, streets
from app.store.database import Connection, Database
from app.use_cases import cell_parts, privacy, told
from grid_cells import assignment, small_cells, travel_time
from grid_cells.cells import centres
from grid_cells.streets import StreetGraph, build_graph

DIRECTIONS: dict[str, travel_time.Direction] = {
    "hall": "to_source",
    "bank": "to_source",
    "crew": "from_source",
}
GRAPHS_KEPT = 2
"""Streets as they are, and as they would be without what is closed."""
Step = Callable[[Connection, datetime], None]

_fresh: dict[int, tuple[int, datetime | None]] = {}
"""The version up to which each open database was found fresh."""
_graphs: dict[tuple[str, str, str], StreetGraph] = {}


def refresh(db: Database, now: datetime) -> bool:
    """Whether anything had to be worked out anew; quick when nothing changed."""
    db = db.whole  # what follows from the facts is worked out for everybody
    stamp = (meta.facts_version(db), cells.moment_of_change(db.read(), now))
    if _fresh.get(db.opened_as) == stamp:
        return False
    stale = [(name, key) for name, key in _keys(db.read(), now).items() if _held(db, name) != key]
    if not stale:
        _fresh[db.opened_as] = stamp
        return False

    def change(connection: Connection) -> None:
        for name, key in stale:
            _STEPS[name](connection, now)
            meta.set_value(connection, f"derived:{name}", key)

    db.write(change)
    _fresh[db.opened_as] = stamp
    return True


def assign(connection: Connection, now: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Areas of all customers (customer_no, area_id, rule) and cells (…, is_mixed, areas)."""
    plan = plans.plan_at(connection, now)
    if plan is None:
        people = customers.to_assign(connection, now)
        nobody = people[["customer_no"]].assign(area_id=None, rule="none")
        return nobody, pd.DataFrame(columns=["cell_id", "area_id", "is_mixed", "areas"])
    claims = plans.claims_at(connection, plan["plan_id"], now)
    overrides = plans.overrides_at(connection, plan["plan_id"], now)
    people = cell_parts.to_assign(connection, claims, now)
    assigned = assignment.assign_customers(
        people, basis=plan["basis"], claims=claims, overrides=overrides
    )
    return assigned, assignment.cell_areas(people, assigned, basis=plan["basis"], claims=claims)


def graph_at(connection: Connection, at: datetime) -> StreetGraph | None:
    """The street graph with the closures of that moment, or None where no streets are loaded."""
    return graph_with(connection, streets.closures_at(connection, at))


def graph_with(connection: Connection, closures: pd.DataFrame) -> StreetGraph | None:
    """The street graph with those closures; the last GRAPHS_KEPT are kept, to be compared."""
    if streets.count(connection) == 0:
        return None
    database = meta.read_value(connection, "database_id")
    shut = pd.util.hash_pandas_object(closures[["street", "valid_from"]], index=False).sum()
    key = (database, meta.versions(connection, ("streets", "closures")), str(shut))
    found = _graphs.get(key)
    if found is None:
        for old in list(_graphs)[: max(0, len(_graphs) - GRAPHS_KEPT + 1)]:
            _graphs.pop(old, None)
        found = _graphs[key] = build_graph(streets.edges(connection), closures)
    return found


def nearest_targets(connection: Connection, origins: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Nearest hall, bank and crew of each origin (cell_id, lon, lat), as rows of cell_travel."""
    graph = graph_at(connection, at)
    found = []
    for target, direction in DIRECTIONS.items():
        sources = places.points(connection, target, at)
        if sources.empty or origins.empty:
            continue
        answer = travel_time.nearest(graph, origins, sources, direction)
        reached = answer["source_index"] >= 0
        ids = pd.Series(None, index=origins.index, dtype="object")
        ids[reached] = sources["id"].to_numpy()[answer.loc[reached, "source_index"]]
        found.append(
            pd.DataFrame(
                {
                    "cell_id": origins["cell_id"],
                    "target": target,
                    "target_id": ids.astype("str").where(reached),
                    "travel_time_min": answer["travel_time_min"],
                    "method": answer["method"],
                }
            )
        )
    columns = ["cell_id", "target", "target_id", "travel_time_min", "method"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def closures_at(connection: Connection, at: datetime) -> pd.DataFrame:
    """Closures that the travel times of that moment respect."""
    return streets.closures_at(connection, at)


def _keys(connection: Connection, now: datetime) -> dict[str, str]:
    plan = plans.plan_at(connection, now)
    held = "" if plan is None else f"{plan['plan_id']}:{_claims_stamp(connection, plan, now)}"
    shut = streets.closures_at(connection, now)
    closed = ",".join(f"{s}@{v}" for s, v in zip(shut["street"], shut["valid_from"], strict=True))
    who = meta.versions(connection, ("customers", "meters", "areas"))
    where = meta.versions(connection, ("streets", "closures", "halls", "banks", "crews"))
    read = meta.versions(connection, ("readings", "meters", "customers", "reading_reviews"))
    read = f"{read}|{reading_reviews.stamp(connection, now)}"
    told_of = meta.versions(connection, ("cell_facts", "customers"))
    travel = f"{who}|{where}|{places.banks_stamp(connection, now)}|{closed}|{held}"
    return {"areas": f"{who}|{held}", "travel": travel, "energy": read, "facts": told_of}


def _claims_stamp(connection: Connection, plan: dict[str, object], now: datetime) -> str:
    return plans.claims_stamp(connection, int(str(plan["plan_id"])), now)


def _held(db: Database, name: str) -> str:
    return meta.read_value(db.read(), f"derived:{name}", "never")


def _derive_areas(connection: Connection, now: datetime) -> None:
    assigned, by_cell = assign(connection, now)
    derived.replace(connection, "customer_areas", assigned[["customer_no", "area_id", "rule"]])
    derived.replace(connection, "cell_areas", by_cell[["cell_id", "area_id", "is_mixed", "areas"]])
    plan = plans.plan_at(connection, now)
    meta.set_value(connection, "derived:plan_id", "" if plan is None else str(plan["plan_id"]))


def travel_origins(connection: Connection) -> pd.DataFrame:
    """From where each cell's minutes are asked: cell_id, lon, lat; no position of the few."""
    lived = derived.cells_with_customers(connection)
    origins = small_cells.middles(lived, privacy.limit(connection, "small_cell"))
    empty = derived.area_cells_without_customers(connection)
    lon, lat = centres(empty["cell_id"].to_numpy())
    return pd.concat([origins, empty.assign(lon=lon, lat=lat)], ignore_index=True)


def _derive_travel(connection: Connection, now: datetime) -> None:
    origins = travel_origins(connection)
    derived.replace(connection, "cell_travel", nearest_targets(connection, origins, now))


def _derive_energy(connection: Connection, now: datetime) -> None:
    told.hold_places(connection)
    derived.rebuild_energy_days(connection, now)
    told.tell_energy(connection)


def _tell_facts(connection: Connection, _now: datetime) -> None:
    told.tell_facts(connection)


_STEPS: dict[str, Step] = {
    "areas": _derive_areas,
    "travel": _derive_travel,
    "energy": _derive_energy,
    "facts": _tell_facts,
}


def is_same_plan(connection: Connection, moment: datetime, now: datetime) -> bool:
    """Whether the derived areas of `now` also hold at `moment`."""
    return _keys(connection, moment)["areas"] == _keys(connection, now)["areas"]
