"""Which halls overflow beside idle neighbours, and what changing a hall would mean."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import pandas as pd

from app.store import payments as store
from app.store import places
from app.store.database import Database
from app.use_cases import derive, hall_choice, hall_load, reach, reach_ground, reference
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.reach_ground import ReachGround
from app.use_cases.reach_wishes import NOW, is_hour
from app.use_cases.remember import remembered
from grid_cells import hall_balance as rules
from grid_cells.errors import UserError
from grid_cells.hall_choice import Floats

Deed = Literal["open", "close", "move", "staff", "machine"]

DEEDS: Final[tuple[Deed, ...]] = ("open", "close", "move", "staff", "machine")
NEW_HALL: Final = "new"
_AN_HOUR: Final = timedelta(hours=1)
_LEAST_SHARE: Final = 0.25
"""An hour just begun is judged as if so much of it were over, as in `grid_cells.hall_load`."""
_WEEK: Final = timedelta(weeks=1)
_SERVED: Final = ("hall", "self_service")
_MOST_COUNTERS: Final = 1_000


@dataclass(frozen=True)
class HallChange:
    """One change: a new hall, or one of hall_id closed, moved, staffed anew, given a machine.

    at: lon, lat of a new or moved hall; counters: of a new one or one staffed anew.
    """

    deed: Deed
    hall_id: str = NEW_HALL
    at: tuple[float, float] | None = None
    counters: int | None = None


@dataclass(frozen=True)
class Balance:
    """Halls in an hour, and who would move if people were told.

    halls: hall_id, name, visits (an hour, uncounted work included; NaN unknown), servers,
    service_min, capacity, wait_min (Erlang C; NaN unknown or overflowing), is_over,
    visits_after, wait_after. moves: see `rules.moves`. hours: how many hours the means are of.
    """

    at: datetime
    halls: pd.DataFrame
    moves: pd.DataFrame
    limit_min: float
    hours: int


@dataclass(frozen=True)
class HallOutcome:
    """What changes come to.

    halls: hall_id, name, visits, servers, wait_min, visits_after, servers_after, wait_after (NaN:
    none, unknown or overflowing), is_over, is_over_after. before_min, after_min: mean way of the
    visits; lost: visits of people who reach no hall any more; customers_longer, customers_shorter:
    whose way to the nearest hall changes by a minute or more.
    """

    at: datetime
    halls: pd.DataFrame
    before_min: float
    after_min: float
    lost: float
    customers_longer: float
    customers_shorter: float


def figure(rule: str) -> float:
    """One figure of the table of rules of reach."""
    rows = reference.table("reach_rules").set_index("rule")
    return float(rows.loc[rule, "value"])  # type: ignore[arg-type]


@needs("see_halls")
def balance(db: Database, actor: Actor, moment: str = NOW) -> Balance:  # noqa: ARG001
    """Which halls overflow at the moment's hour, and whither their visitors could go.

    An hour that is over or running is as it was; one to come is the mean of the same hour of the
    weeks before. Of halls out of sight only the place is told. Raises UserError
    `reach_moment_unreadable`.
    """
    found = _whole_balance(db, moment)
    seen = _in_sight(db)
    theirs = found.moves["from_hall"].isin(seen) | found.moves["to_hall"].isin(seen)
    moves = found.moves[theirs].reset_index(drop=True)
    return replace(found, halls=_told_of(found.halls, seen), moves=moves)


def _in_sight(db: Database) -> set[str]:
    return set(places.listing(db, "hall")["hall_id"]) | {NEW_HALL}


def _told_of(halls: pd.DataFrame, seen: set[str]) -> pd.DataFrame:
    """The halls with the figures of those out of sight unknown."""
    told, hidden = halls.copy(), ~halls["hall_id"].isin(seen)
    for name in told.columns.difference(["hall_id", "name", "lon", "lat"]):
        told[name] = told[name].mask(hidden, False if told[name].dtype == bool else np.nan)
    return told


def _whole_balance(db: Database, moment: str) -> Balance:
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    at = reach_ground.moment_of(db, moment, now)
    key = ("hall_balance", *reach.stamp(db), at, now, store.visits_told(db.whole.read()))
    return remembered(key, lambda: _balance(db, at, now, usual=is_hour(moment) or at > now))


def _balance(db: Database, at: datetime, now: datetime, *, usual: bool) -> Balance:
    halls, hours = _halls(db, at, now, usual=usual)
    limit = figure("neighbour_min")
    between = ReachGround(db, at, "drive").between(halls[["lon", "lat"]])
    moved = rules.moves(halls, between, limit)
    after = rules.with_moves(halls, moved)
    servers, service = _pair(halls)
    told = halls.assign(
        wait_min=rules.waits(halls["visits"].to_numpy(np.float64), servers, service),
        is_over=halls["visits"] > halls["capacity"], visits_after=after,
        wait_after=rules.waits(after, servers, service),
    )  # fmt: skip
    return Balance(at, told, moved, limit, hours)


def _halls(db: Database, at: datetime, now: datetime, *, usual: bool) -> tuple[pd.DataFrame, int]:
    """Every hall with visits an hour, servers, service_min and capacity; of how many hours."""
    hour = at - timedelta(minutes=at.minute)
    weeks = int(figure("load_weeks")) if usual else 0
    back = max(0, -(-(hour - now) // _WEEK)) if usual else 0
    hours = [hour - _WEEK * (back + n) for n in range(weeks)] or [hour]
    known = [hall_load.loaded(db.whole, None, one, one + _AN_HOUR) for one in hours if one <= now]
    halls = store.halls(db.whole.read()).rename(columns={"id": "hall_id"})
    told = pd.concat(known, ignore_index=True) if known else pd.DataFrame()
    if told.empty:
        told = pd.DataFrame(columns=["hall_id", "hour", "visits", "load", "load_h", "servers"])
    mean = _usual(told, now).reindex(halls["hall_id"])
    load = mean["load"].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        service = (mean["load_h"] * 60 / mean["weighed"]).to_numpy(dtype=np.float64)
    servers = mean["servers"].fillna(halls.set_index("hall_id")["counters"].astype("float64"))
    table = halls[["hall_id", "name", "lon", "lat"]].assign(
        visits=load, servers=servers.to_numpy(dtype=np.float64), service_min=service
    )
    usual_min = float(np.nanmean(service)) if np.isfinite(service).any() else np.nan
    table["service_min"] = table["service_min"].fillna(usual_min)  # an idle hall serves like others
    table["capacity"] = rules.capacity(*_pair(table), hall_load.promise())
    return table, len(known)


def _usual(told: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Means by hall: load, load_h, servers, and weighed: the load of which load_h is known.

    Hours of which no visits are known are left out: a wait alone says nothing of how many came.
    """
    known = told[told["load_h"].notna() | told["visits"].notna()]
    over = (pd.Timestamp(now) - pd.to_datetime(known["hour"], utc=True)) / _AN_HOUR
    share = over.astype("float64").clip(_LEAST_SHARE, 1.0)  # of an hour still running
    load, work = (known[name].astype("float64") / share for name in ("load", "load_h"))
    rows = known[["hall_id"]].assign(
        load=load, load_h=work, weighed=load.where(work.notna()),
        servers=known["servers"].astype("float64"),
    )  # fmt: skip
    return rows.groupby("hall_id").mean()


def _pair(halls: pd.DataFrame) -> tuple[Floats, Floats]:
    servers, service = halls["servers"], halls["service_min"]
    return servers.to_numpy(dtype=np.float64), service.to_numpy(dtype=np.float64)


def check(change: HallChange, halls: pd.DataFrame) -> None:
    """Raise UserError `hall_change_unreadable` or `hall_unknown` for what cannot be asked."""
    has_place = change.at is not None and all(np.isfinite(change.at))
    counted = change.counters is not None and 0 < change.counters <= _MOST_COUNTERS
    fits = {
        "open": has_place and counted, "close": True, "move": has_place, "staff": counted,
        "machine": True,
    }  # fmt: skip
    if not fits.get(change.deed, False):
        raise UserError("hall_change_unreadable")
    if change.deed != "open" and change.hall_id not in set(halls["hall_id"]):
        raise UserError("hall_unknown", hall=change.hall_id[:100])


@needs("see_halls")
def what_if(
    db: Database, actor: Actor, changes: tuple[HallChange, ...], moment: str = NOW
) -> HallOutcome:
    """What changes of halls mean for ways, waits and visits; nothing is stored.

    Raises UserError `hall_change_unreadable`, `hall_unknown`, `reach_moment_unreadable`.
    """
    before = _whole_balance(db, moment)
    for one in changes:
        check(one, before.halls)
    people = reach.customers(db, actor)
    ground = ReachGround(db, before.at, "drive")
    lived = ground.cells["cell_id"].map(people).fillna(0.0)
    weight: Floats = np.asarray(lived, dtype=np.float64)
    after = _changed(before.halls, changes)
    ways = ground.minutes_to(before.halls)
    to: Floats = ground.minutes_to(after).copy()
    to[:, after["is_gone"].to_numpy(bool)] = np.nan
    shifted = rules.shift(weight, ways, to, before.halls["visits"].to_numpy(np.float64))
    visits = shifted.visits * _left_by_machines(db, after, changes, before.at)
    unknown = after["visits"].isna().to_numpy() & (after["hall_id"] != NEW_HALL).to_numpy()
    visits = np.where(unknown & (visits == 0), np.nan, visits)
    longer, shorter = _ways_changed(ways, to, weight)
    servers, service = _pair(after)
    gone = after["is_gone"].to_numpy(bool)
    told = after.assign(
        visits_after=np.where(gone, 0.0, visits), servers_after=np.where(gone, 0.0, servers),
        servers=before.halls["servers"].reindex(after.index),
        wait_after=np.where(gone, np.nan, rules.waits(visits, servers, service)),
        is_over_after=~gone & (visits > rules.capacity(servers, service, hall_load.promise())),
    )  # fmt: skip
    told = _told_of(told.drop(columns="is_gone"), _in_sight(db))
    return HallOutcome(
        before.at, told, shifted.before_min, shifted.after_min,
        shifted.lost, longer, shorter,
    )  # fmt: skip


def _changed(halls: pd.DataFrame, changes: tuple[HallChange, ...]) -> pd.DataFrame:
    """The halls as they would be, closed ones kept in their row, new ones at the end."""
    after = halls.assign(is_gone=False)
    for one in changes:
        mine = after["hall_id"] == one.hall_id
        if one.deed == "close":
            after.loc[mine, "is_gone"] = True
        elif one.deed == "move" and one.at is not None:
            after.loc[mine, ["lon", "lat"]] = one.at
        elif one.deed == "staff" and one.counters is not None:
            after.loc[mine, "servers"] = float(one.counters)
        elif one.deed == "open" and one.at is not None and one.counters is not None:
            after = pd.concat([after, _opened(after, one)], ignore_index=True)
    return after


def _opened(halls: pd.DataFrame, change: HallChange) -> pd.DataFrame:
    lon, lat = change.at or (np.nan, np.nan)
    row = {
        "hall_id": NEW_HALL, "name": "", "lon": lon, "lat": lat, "visits": np.nan,
        "servers": float(change.counters or 0), "service_min": halls["service_min"].mean(),
        "is_over": False, "is_gone": False,
    }  # fmt: skip
    return pd.DataFrame([row])


def _left_by_machines(
    db: Database, halls: pd.DataFrame, changes: tuple[HallChange, ...], at: datetime
) -> Floats:
    """The share of each hall's visits that still comes to its counters."""
    left = np.ones(len(halls))
    given = {one.hall_id for one in changes if one.deed == "machine"}
    if not given:
        return left
    counted = store.visits_by_matter(db.whole.read(), at - 8 * _WEEK, at)
    able = [one for one in hall_choice.matters() if _SERVED[1] in hall_choice.channels_of(one)]
    whole = counted.groupby("hall_id")["visits"].sum()
    mine = counted[counted["matter"].isin(able)].groupby("hall_id")["visits"].sum()
    share = (mine.reindex(whole.index).fillna(0) / whole).reindex(halls["hall_id"]).fillna(0.0)
    gone = share.to_numpy(dtype=np.float64) * figure("machine_uptake")
    return np.where(halls["hall_id"].isin(given), 1 - gone, left)


def _ways_changed(before: Floats, after: Floats, weight: Floats) -> tuple[float, float]:
    """Customers whose way to the nearest hall grows, and falls, by a minute or more."""
    was, now = (
        np.fmin.reduce(one, axis=1) if one.shape[1] else np.full(len(one), np.nan)
        for one in (before, after)
    )
    longer = np.isfinite(was) & ~(now - was < 1)
    shorter = np.isfinite(now) & ~(was - now < 1)
    return float(weight[longer].sum()), float(weight[shorter].sum())
