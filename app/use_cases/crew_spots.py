"""Where crews are at a moment, and how long they need from there to orders."""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import crew_positions, meta, places
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import crew_rules, derive, shifts
from app.use_cases.remember import fingerprint, remembered
from grid_cells import travel_time
from grid_cells.work_orders import OPEN

SEEN, WORK, SHIFT, BASE = "seen", "work", "shift", "base"
"""How a crew's place is known, the best first."""
_PLACE: Final = ["lon", "lat"]
_AT_WORK: Final = OPEN[3:]


def crews(db: Database, at: datetime) -> pd.DataFrame:
    """Every crew: crew_id, name, skills, members, is_on_shift, lon, lat, spot (how it is known).

    For everybody's eyes: whose places may be shown is for the caller to decide.
    """
    whole = db.whole
    found = places.listing(whole, "crew")
    works = shifts.on_shift(whole, at)
    found["is_on_shift"] = found["crew_id"].isin(works.index)
    found["spot"] = BASE
    connection = whole.read()
    starts = works.reset_index()
    starts = starts[starts["kind"].notna()]
    since = pd.Timestamp(at) - crew_rules.lasting("fix_holds")
    fixes = crew_positions.latest(connection, at)
    for spot, rows in (
        (SHIFT, starts),
        (WORK, at_work(connection, at)),
        (SEEN, fixes[fixes["seen_at"] >= since]),
    ):
        found = _placed(found, rows, spot)
    columns = ["crew_id", "name", "skills", "members", "unit_id", "is_on_shift", *_PLACE, "spot"]
    return found[columns].reset_index(drop=True)


def bases(db: Database) -> pd.DataFrame:
    """Where each crew starts from and comes home to, by crew_id: lon, lat."""
    return places.listing(db.whole, "crew").set_index("crew_id")[_PLACE]


def _placed(found: pd.DataFrame, rows: pd.DataFrame, spot: str) -> pd.DataFrame:
    """The crews put to these places (crew_id, lon, lat) where there is one."""
    known = rows.dropna(subset=_PLACE).drop_duplicates("crew_id").set_index("crew_id")
    here = found["crew_id"].isin(known.index)
    moved = {name: found[name].where(~here, found["crew_id"].map(known[name])) for name in _PLACE}
    return found.assign(**moved, spot=found["spot"].where(~here, spot))


def open_holdings(connection: Connection, at: datetime) -> pd.DataFrame:
    """Who holds which order that is still to be done: the holding's columns with the order's.

    order_id, crew_id, part, how, told_at, accepted_at, arrived_at, planned_arrive_at, state, kind,
    task, priority, service_min, lon, lat, area_id.
    """
    orders = order_store.known(connection, at, at)
    orders = orders[orders["state"].isin(OPEN)]
    held = order_store.holdings(connection, orders["order_id"].tolist(), at)
    held = held[held["ended_at"].isna()]
    names = ["order_id", "state", "kind", "task", "priority", "service_min", *_PLACE, "area_id"]
    return held.merge(orders[names], on="order_id")


def under_way(connection: Connection, at: datetime) -> pd.DataFrame:
    """Crews with an order that they accepted and did not finish, the first: by crew_id.

    busy_since, order_id.
    """
    held = open_holdings(connection, at)
    held = held[held["accepted_at"].notna() & held["finished_at"].isna()]
    first = held.sort_values(["accepted_at", "order_id"]).drop_duplicates("crew_id")
    named = first.rename(columns={"accepted_at": "busy_since"})
    return named.set_index("crew_id")[["busy_since", "order_id"]]


def at_work(connection: Connection, at: datetime) -> pd.DataFrame:
    """Places of the orders at which crews are, the latest arrival first: crew_id, lon, lat."""
    held = open_holdings(connection, at)
    held = held[held["arrived_at"].notna() & held["state"].isin(_AT_WORK)]
    return held.sort_values("arrived_at", ascending=False)[["crew_id", *_PLACE]]


def minutes(
    db: Database, at: datetime, origins: pd.DataFrame, targets: pd.DataFrame
) -> NDArray[np.float64]:
    """Minutes of travel from each origin (row) to each target (column), by the closures of `at`.

    Both: lon, lat. NaN where there is no way.
    """
    whole = db.whole.read()
    shut = derive.closures_at(whole, at)
    closed = tuple(zip(shut["street"], shut["valid_from"].astype(str), strict=True))
    asked = tuple(fingerprint(frame[_PLACE].astype("float64")) for frame in (origins, targets))
    facts = meta.versions(whole, ("streets", "closures"))
    key = ("crew minutes", db.whole.opened_as, facts, closed, asked)
    return remembered(key, lambda: _minutes(whole, at, origins, targets))


def _minutes(
    whole: Connection, at: datetime, origins: pd.DataFrame, targets: pd.DataFrame
) -> NDArray[np.float64]:
    graph = derive.graph_at(whole, at)
    # places that many share are asked once
    starts, spot_of = _distinct(origins)
    ends, end_of = _distinct(targets)
    if graph is None:
        found = travel_time.straight_line_matrix(ends, starts)
    else:
        found = travel_time.matrix(graph, ends, starts, derive.DIRECTIONS["crew"])
    return np.ascontiguousarray(found.T[np.ix_(spot_of, end_of)])


def _distinct(frame: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    points = frame[_PLACE].astype("float64").round(6)
    codes, kept = pd.factorize(pd.MultiIndex.from_frame(points))
    spots = pd.DataFrame(list(kept), columns=_PLACE, dtype="float64")
    return spots, np.asarray(codes, dtype=np.int64)
