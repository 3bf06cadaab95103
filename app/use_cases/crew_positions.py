"""Where crews are while on duty: what phones tell, who sees it, and who looked at a track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import audit, meta
from app.store import crew_duties as duty_store
from app.store import crew_positions as store
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import (
    crew_duties,
    crew_rules,
    crew_spots,
    crew_stays,
    privacy,
    promise_crews,
    retention,
    shifts,
)
from app.use_cases.access import may, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells import fixes as rules
from grid_cells.cells import points_to_cells
from grid_cells.errors import UserError
from grid_cells.fixes import Known, Verdict

MOST_FIXES: Final = 2_000
LOOKED: Final = "crew_track_seen"
_TABLE: Final = "crew_positions"
_SKEWED: Final = timedelta(minutes=2)
"""A phone's clock that differs by more is wrong (or the city's is a demo clock)."""
_NEAR: Final = timedelta(hours=1)
"""Fixes kept so long before and after a batch are compared with it."""
_KEPT: Final = timedelta(days=31)
"""No rule keeps positions longer, so no older duty is looked at."""


@dataclass(frozen=True)
class Fix:
    """A place (WGS-84) at a moment of the phone's own clock; accuracy in metres, if told."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Told:
    """What became of each fix of a batch, in its order, and whether the person is on duty."""

    verdicts: tuple[Verdict, ...]
    is_on: bool

    def counts(self) -> dict[str, int]:
        """How many fixes had each verdict."""
        return {one: self.verdicts.count(one) for one in dict.fromkeys(self.verdicts)}


@needs("do_orders")
def store_positions(
    db: Database, actor: Actor, fixes: Sequence[Fix], sent_at: datetime | None = None
) -> Told:
    """Keep the fixes that lie within the actor's own duties; of the others nothing at all remains.

    `sent_at` is the phone's clock when it sent them: where it is wrong, the ages of the fixes
    count. Raises UserError `duty_no_crew`, `positions_too_many`.
    """
    if actor.crew_id is None:
        raise UserError("duty_no_crew")
    if len(fixes) > MOST_FIXES:
        raise UserError("positions_too_many", most=MOST_FIXES, count=len(fixes))

    def change(connection: Connection) -> Told:
        now = read_on(connection, real_now()).now
        spans = crew_duties.spans_of(connection, actor, now - _KEPT, now)
        is_on = bool(spans) and spans[-1].ends > now
        if not spans or not fixes:
            return Told(tuple(rules.OUTSIDE for _ in fixes), is_on)
        given = _frame(fixes, sent_at, now)
        known = Known(spans, _near(connection, actor, given["seen_at"], spans[0].starts))
        verdicts = rules.judged(given, known, pd.Timestamp(now))
        _keep(connection, actor, given[[one == "kept" for one in verdicts]], now)
        return Told(tuple(verdicts), is_on)

    told: Told = db.write(change)
    return told


def _near(
    connection: Connection, actor: Actor, moments: "pd.Series[pd.Timestamp]", oldest: datetime
) -> pd.DataFrame:
    """The person's fixes round the moments of a batch: of a long duty no more is looked at."""
    first = max(moments.min() - _NEAR, pd.Timestamp(oldest))
    last = max(moments.max() + _NEAR, first)
    return store.of_user(connection, actor.id, first.to_pydatetime(), last.to_pydatetime())


def _frame(fixes: Sequence[Fix], sent_at: datetime | None, now: datetime) -> pd.DataFrame:
    fast = timedelta(0) if sent_at is None else sent_at - now
    late = fast if abs(fast) > _SKEWED else timedelta(0)
    given = pd.DataFrame(
        [(one.at - late, one.lon, one.lat, one.accuracy_m) for one in fixes],
        columns=["seen_at", "lon", "lat", "accuracy_m"],
    )
    moments = pd.to_datetime(given["seen_at"], utc=True).dt.as_unit("us")
    return given.assign(seen_at=moments).astype(dict.fromkeys(("lon", "lat", "accuracy_m"), float))


def _keep(connection: Connection, actor: Actor, fixes: pd.DataFrame, now: datetime) -> None:
    if fixes.empty:
        return
    cells = points_to_cells(fixes["lon"], fixes["lat"], meta.resolution(connection))
    crew_id = str(actor.crew_id)
    whose: dict[str, Any] = {
        "crew_id": crew_id,
        "user_id": actor.id,
        "received_at": pd.Timestamp(now),
    }
    store.add(connection, fixes.assign(cell_id=cells, **whose))
    crew_stays.follow(connection, crew_id, fixes["seen_at"].min().to_pydatetime(), now)


@needs("see_crews")
def now_seen(db: Database, actor: Actor, at: datetime | None = None) -> pd.DataFrame:
    """Crews in sight at the moment, by crew_id: who is on shift, on duty, and last seen where.

    name, unit_id, skills, base_lon, base_lat, is_on_shift, is_on, since; seen_at, age_min, lon, lat
    and accuracy_m of the last fix of the duty that is on, withheld from who may not see tracks;
    is_old: nobody told it for too long; busy_since, busy_with: the call the crew is at, in sight;
    order_id: the first order that it accepted and did not finish, in sight.
    """
    now = at or clock_now(db)
    connection = db.read()
    crews = shifts.crews(connection).set_index("crew_id")
    found = crews[["name", "unit_id", "skills"]].assign(
        base_lon=crews["lon"], base_lat=crews["lat"]
    )
    found["is_on_shift"] = found.index.isin(shifts.on_shift(db, now).index)
    running = duty_store.running(connection, now).groupby("crew_id")["on_at"].min()
    found["is_on"] = found.index.isin(running.index)
    found["since"] = running.reindex(found.index)
    last = _withheld(actor, store.latest(connection, now)).set_index("crew_id")
    for name in ("seen_at", "lon", "lat", "accuracy_m"):
        found[name] = last[name].reindex(found.index)
    age = pd.Timestamp(now) - found["seen_at"]
    found["age_min"] = age.dt.total_seconds() / 60
    found["is_old"] = age > crew_rules.lasting("fix_holds")
    busy = promise_crews.busy(db, now)
    for name in ("busy_since", "busy_with"):
        found[name] = busy[name].reindex(found.index)
    return found.assign(order_id=_orders(db, now).reindex(found.index))


def _orders(db: Database, now: datetime) -> "pd.Series[Any]":
    """The order of each crew that is under way, None where it is out of sight."""
    found = crew_spots.under_way(db.whole.read(), now)["order_id"]
    seen = order_store.of_ids(db.read(), found.tolist(), now)["order_id"]
    return found.where(found.isin(seen))


def may_see(actor: Actor) -> bool:
    """Whether the actor sees where other people are."""
    return may(actor, "see_tracks")


def _withheld(actor: Actor, fixes: pd.DataFrame) -> pd.DataFrame:
    """The fixes with the places of others withheld from who may not see tracks."""
    shown = privacy.shown(actor, _TABLE, fixes)
    own = (fixes["user_id"] == actor.id).to_numpy()
    places = {
        name: np.where(own, fixes[name], shown[name].astype("float64")) for name in ("lon", "lat")
    }
    return shown.assign(**places).astype({"lon": "float64", "lat": "float64"})


@needs("see_crews")
def track(
    db: Database, actor: Actor, crew_id: str, first: datetime, last: datetime
) -> pd.DataFrame:
    """Where a crew was within the span, oldest first: seen_at, lon, lat, accuracy_m, user_id.

    For who may see tracks, each look recorded; others see their own fixes alone. Raises
    AccessDenied for a crew out of sight, and for a track that is not theirs.
    """
    now = clock_now(db)
    if crew_id not in set(shifts.crews(db.read())["crew_id"]) and crew_id != actor.crew_id:
        refuse(
            db, actor, "access_out_of_scope", asked="crew_positions.track", about=f"crew:{crew_id}"
        )
    source = db.whole.read() if crew_id == actor.crew_id else db.read()
    found = store.of_crews(source, [crew_id], first, min(last, now), now)
    found = found[["seen_at", "lon", "lat", "accuracy_m", "user_id"]]
    if may(actor, "see_tracks"):
        if (found["user_id"] != actor.id).any():
            _note_look(db, actor, crew_id, {"first": first, "last": last})
        return found
    if crew_id != actor.crew_id:
        refuse(
            db, actor, "access_no_permission", asked="crew_positions.track",
            permission="see_tracks", about=f"crew:{crew_id}",
        )  # fmt: skip
    return found[found["user_id"] == actor.id].reset_index(drop=True)


def _note_look(db: Database, actor: Actor, crew_id: str, detail: Mapping[str, Any]) -> None:
    """Record the look, once while it lasts: a page that refreshes itself is one look."""
    at, subject = real_now(), f"crew:{crew_id}"
    since = at - crew_rules.lasting("look_lasts")
    if store.is_noted(db.whole.read(), actor.id, LOOKED, subject, since):
        return

    def note(connection: Connection) -> None:
        audit.record(connection, actor.id, LOOKED, at=at, subject=subject, detail=detail)

    db.write(note)


def kept_days(db: Database) -> int:
    """For how many days positions are kept."""
    return retention.days_kept(db.whole.read(), _TABLE)
