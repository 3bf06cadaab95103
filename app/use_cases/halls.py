"""Halls as one sees them: how each stands now, its day, its week, who comes again and why."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import hall_duties, places
from app.store import hall_visits as store
from app.store.database import Database
from app.use_cases import hall_load, hall_neighbours, hall_rules, hall_staff
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.hall_waits import present_waits
from app.use_cases.remember import remembered
from grid_cells import hall_load as rules
from grid_cells import hall_waits
from grid_cells.opening_hours import is_open, next_change

COUNTED_DAYS = 7
"""Days over which the share of uncounted work is told."""
SEEN_DAYS = 28
"""Days of the week's heat and of repeat visits."""


@dataclass(frozen=True)
class Day:
    """One hall's day: hours as `hour_load`, counters (as `hours` of the store), its duties."""

    hours: pd.DataFrame
    counters: pd.DataFrame
    duties: pd.DataFrame


@dataclass(frozen=True)
class Repeats:
    """Visits of known visitors: by matter and why (see the store), and the whole.

    visits: for matters that are not done again without a reason; papers, others: came again within
    the days of the rule, for a missing paper or for anything else; days: of the rule.
    """

    table: pd.DataFrame
    visits: int
    papers: int
    others: int
    days: int

    @property
    def papers_share(self) -> float:
        """The share that came again for a missing paper; NaN without visits."""
        return self.papers / self.visits if self.visits else float("nan")


@needs("see_halls")
def board(db: Database, actor: Actor, at: datetime | None = None) -> pd.DataFrame:  # noqa: ARG001
    """How every hall in sight stands at the moment (None: now), as known at the clock.

    hall_id, name, grade, lon, lat, counters, opens, self_service_24h, capabilities; is_open (None:
    hours unknown), changes_at (when that ends); wait_min, source, waiting; staff (NA: no duty
    known); state (ok, busy, full, unknown, closed).
    """
    moment = min(at or clock_now(db), clock_now(db))
    halls = places.listing(db, "hall")
    zone = hall_load.zone_of(db)
    hours = [
        (None if pd.isna(a) else str(a), None if pd.isna(b) else str(b))
        for a, b in zip(halls["opens"], halls["opening_exceptions"], strict=True)
    ]
    halls = halls.assign(
        is_open=pd.Series([is_open(a, moment, zone, exceptions=b) for a, b in hours], dtype=object),
        changes_at=_utc([next_change(a, moment, zone, exceptions=b) for a, b in hours]),
    )
    halls = halls.merge(present_waits(db, moment), on="hall_id", how="left")
    halls["staff"] = halls["hall_id"].map(_staff_at(db, moment)).astype("Int64")
    halls["state"] = hall_waits.states(
        halls["wait_min"], halls["is_open"],
        busy_min=hall_rules.figure("busy_wait"), full_min=hall_rules.figure("full_wait"),
    )  # fmt: skip
    return halls


def _utc(moments: Any) -> "pd.Series[pd.Timestamp]":
    return pd.Series(pd.to_datetime(moments, utc=True))


def _staff_at(db: Database, at: datetime) -> "pd.Series[int]":
    duties = hall_duties.listing(db.read(), at, at + timedelta(microseconds=1), at)
    return duties.groupby("hall_id")["headcount"].sum()


@needs("see_halls")
def uncounted(db: Database, actor: Actor, hall_id: str | None = None) -> float:  # noqa: ARG001
    """The share of the last seven days' work that no machine counted; NaN where none is known."""
    now = clock_now(db)
    halls = None if hall_id is None else [hall_id]
    return rules.uncounted(hall_load.held(db, halls, timedelta(days=COUNTED_DAYS), now))


@needs("see_halls")
def day(db: Database, actor: Actor, hall_id: str, on: date) -> Day:
    """One hall's day by the company's clocks, as far as it is over."""
    now = clock_now(db)
    first, last = _midnight(db, on), _midnight(db, on + timedelta(days=1))
    span = hall_load.span_of(db, [hall_id], (first, last), now)
    counters = store.counters(db.read(), span, hall_load.work())
    duties = hall_staff.shown_duties(actor, hall_duties.listing(db.read(), first, last, now))
    return Day(
        hall_load.loaded(db, [hall_id], first, last), counters,
        duties[duties["hall_id"] == hall_id].reset_index(drop=True),
    )  # fmt: skip


@needs("see_halls")
def week(db: Database, actor: Actor, hall_id: str | None, measure: str) -> pd.DataFrame:  # noqa: ARG001
    """Means by weekday and hour over the last four weeks: weekday, clock, value, hours.

    `measure` is a column of `hour_load`; without a hall, the mean over the halls in sight.
    """
    now = clock_now(db)
    halls = None if hall_id is None else [hall_id]
    table = hall_load.held(db, halls, timedelta(days=SEEN_DAYS), now)
    return rules.heat(table[table["is_open"]], measure, zone=hall_load.zone_of(db))


@needs("see_halls")
def repeats(db: Database, actor: Actor, hall_id: str | None = None) -> Repeats:  # noqa: ARG001
    """Who came again for one matter in the last four weeks, and why the visit before did not do."""
    now, days = clock_now(db), int(hall_rules.figure("repeat_days"))
    halls = None if hall_id is None else [hall_id]
    span = hall_load.span_of(db, halls, (now - timedelta(days=SEEN_DAYS), now), now)
    matters = hall_rules.matters()
    wanted = matters.loc[matters["repeats"], "code"].tolist()
    lately = hall_load.lately(now)
    key = ("hall_repeats", db.whole.opened_as, db.seen_as, hall_id, lately, db.whole.commits)
    table = remembered(key, lambda: store.repeats(db.read(), span, days, wanted))
    came = table[table["why"].notna()]
    papers = int(came.loc[came["why"] == "papers_missing", "visits"].sum())
    every = int(came["visits"].sum())
    return Repeats(table, int(table["visits"].sum()), papers, every - papers, days)


@needs("see_halls")
def alternatives(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    hall_id: str,
    at: datetime | None = None,
) -> pd.DataFrame:
    """Where the visitors of a hall could go: other halls by way and wait, as `neighbours` tells."""
    return hall_neighbours.neighbours(db, hall_id, min(at or clock_now(db), clock_now(db)))


@needs("see_halls")
def told_span(db: Database, actor: Actor) -> tuple[datetime | None, datetime | None]:  # noqa: ARG001
    """The first and the last moment until now of which anything about visits is known."""
    return store.told_span(db.read(), clock_now(db))


def _midnight(db: Database, on: date) -> datetime:
    return datetime.combine(on, time(0), ZoneInfo(hall_load.zone_of(db)))
