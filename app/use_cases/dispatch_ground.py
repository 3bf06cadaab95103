"""What a plan of the present moment is made of: open orders in sight, crews, ways between them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.store import crew_shifts, places, units
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import crew_spots, derive, grab_answers, shifts, work_orders
from grid_cells import crew_loads, dispatch_making, grab
from grid_cells.crew_skills import skills_of
from grid_cells.crew_wishes import wishes_of
from grid_cells.dispatch import DispatchProblem
from grid_cells.dispatch_making import MOVABLE, Clock
from grid_cells.shifts import Span, day_of, within

HOURS_AHEAD: Final = 24
MOST_ORDERS: Final = 1500
"""Orders planned at once, the most urgent first; the others are left out by name."""
SOON_MIN: Final = 60
"""What is late already should be reached within so long."""


@dataclass(frozen=True, eq=False)
class DispatchGround:
    """The problem of a moment and what it was made of.

    `orders`: planned ones as `work_orders.listing` (unmasked), in the problem's order; `crews`: as
    `crew_spots.crews` with open_orders, held_min, free_in_min, is_working; `left_out`: open orders
    that cannot be planned, with the reason; `held`: who holds which order, as
    `crew_spots.open_holdings`.
    """

    clock: Clock
    problem: DispatchProblem
    orders: pd.DataFrame
    crews: pd.DataFrame
    left_out: dict[str, str]
    held: pd.DataFrame


def ground(db: Database, at: datetime, *, free_told: bool = False) -> DispatchGround:
    """The ground as of `at`, for the sight of `db`: its orders and its crews.

    Orders that a crew accepted stay with it, those it was only told of too unless `free_told`.
    """
    clock = clock_of(db, at)
    derive.refresh(db, at)
    rows = work_orders.clocked(db, order_store.known(db.read(), at, at), at)
    held = crew_spots.open_holdings(db.whole.read(), at)
    elsewhere = held[(held["part"] == "lead") & ~held["crew_id"].isin(crews_seen(db))]
    left_out = dispatch_making.left_out(rows, frozenset(elsewhere["order_id"]))
    fits = rows["state"].isin(MOVABLE) & ~rows["order_id"].isin(left_out)
    waits = rows["state"] == "registered"  # what crews hold takes their time anyway
    rows = (
        rows.assign(waits=waits)[fits]
        .sort_values(["waits", "priority", "due_at"], ascending=[True, False, True], kind="stable")
        .drop(columns="waits")
    )
    left_out |= dict.fromkeys(rows["order_id"].astype(str)[MOST_ORDERS:], dispatch_making.TOO_MANY)
    rows = wished(rows.head(MOST_ORDERS).sort_index().reset_index(drop=True))
    crews, spans = crews_at(db, at, held)
    kept = _kept(rows, held, crews, free_told=free_told)
    problem = _problem(db, clock, (rows, crews, spans), kept)
    return DispatchGround(clock, problem, rows, crews, left_out, held)


def clock_of(db: Database, at: datetime) -> Clock:
    """The clock of a plan: minutes of the company's day."""
    zone = units.timezone(db.whole.read()) or "UTC"
    return Clock(at, day_of(_local(at, zone).date(), zone).starts)


def _local(at: datetime, zone: str) -> pd.Timestamp:
    return pd.Timestamp(at).tz_convert(zone)


def crews_seen(db: Database) -> frozenset[str]:
    """The crews in sight, whether they work or not."""
    return frozenset(places.listing(db, "crew")["crew_id"].astype(str))


def crews_at(
    db: Database, at: datetime, held: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, list[Span]]]:
    """Crews in sight that work within the time ahead, with their loads; when each works."""
    connection = db.read()
    seen = shifts.crews(connection)
    spans = spans_of(connection, seen, at)
    found = crew_spots.crews(db, at)
    works = found["crew_id"].map(lambda one: bool(spans.get(str(one))))
    found = found[works.astype(bool)].dropna(subset=["lon", "lat"]).reset_index(drop=True)
    parts = [grab.parts_of(one, grab_answers.rules().part_size) for one in found["members"]]
    here = held[held["arrived_at"].notna()]
    names = ["crew_id", "order_id", "arrived_at", "service_min"]
    # on a plan a crew is one: it sets out when what it does now is done
    busy = crew_loads.loads(found[["crew_id"]].assign(parts=1), here[names], at)
    loads = crew_loads.loads(found[["crew_id"]].assign(parts=parts), held[names], at)
    found = found.assign(
        parts=parts, free_in_min=busy["free_in_min"], open_orders=loads["open_orders"],
        held_min=loads["held_min"], is_working=found["crew_id"].isin(here["crew_id"]),
    )  # fmt: skip
    return found, spans


def spans_of(connection: Connection, crews: pd.DataFrame, at: datetime) -> dict[str, list[Span]]:
    """When each crew works within the time ahead; always where nothing is known of its hours."""
    ahead = Span(at, at + timedelta(hours=HOURS_AHEAD))
    if crews.empty:
        return {}
    zone = str(crews["timezone"].iloc[0])
    first, last = (_local(one, zone).date() for one in ahead)
    near = timedelta(days=1)
    # a night shift of the day before still runs
    planned = shifts.planned(connection, crews, first - near, last)
    stated = crew_shifts.between(connection, at - near, ahead.ends)["crew_id"].unique()
    found = {}
    for crew, text in zip(crews["crew_id"], crews["shift"], strict=True):
        is_free = not (isinstance(text, str) and text.strip()) and crew not in stated
        found[str(crew)] = [ahead] if is_free else within(planned.get(str(crew), []), ahead)
    return found


def wished(rows: pd.DataFrame) -> pd.DataFrame:
    """The orders with what customers asked for as objects."""
    wishes: list[Any] = [wishes_of(one) for one in rows["wishes"]]
    return rows.assign(wishes=wishes)


def _kept(
    rows: pd.DataFrame, held: pd.DataFrame, crews: pd.DataFrame, *, free_told: bool
) -> dict[str, str]:
    """The crew that keeps each order: who accepted it, or was told of it."""
    states = ("accepted",) if free_told else ("told", "accepted")
    lead = held[(held["part"] == "lead") & held["state"].isin(states)]
    lead = lead[lead["order_id"].isin(rows["order_id"]) & lead["crew_id"].isin(crews["crew_id"])]
    return {str(k): str(v) for k, v in zip(lead["order_id"], lead["crew_id"], strict=True)}


def _problem(
    db: Database, clock: Clock,
    asked: tuple[pd.DataFrame, pd.DataFrame, dict[str, list[Span]]], kept: dict[str, str],
) -> DispatchProblem:  # fmt: skip
    rows, crews, spans = asked
    minutes = dispatch_making.whole_minutes(
        crew_spots.minutes(db, clock.at, *[_places(db, rows, crews)] * 2)
    )
    horizon = clock.minute(clock.at) + HOURS_AHEAD * 60
    orders = dispatch_making.orders_of(_aimed(rows, clock), clock, 2 * len(crews), horizon, kept)
    needed: frozenset[str] = frozenset().union(*(skills_of(one) for one in rows["skills"]))
    by_crew: dict[str, list[str]] = {}
    for order, crew in kept.items():
        by_crew.setdefault(crew, []).append(order)
    hands = dispatch_making.crews_of(crews, clock, spans, by_crew, needed)
    return dispatch_making.made(hands, orders, minutes)


def _aimed(rows: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """What is late already is aimed at within the hour: it should not wait for the day's end."""
    soon = pd.Timestamp(clock.at) + pd.Timedelta(minutes=SOON_MIN)
    late = rows["due_at"].notna() & (rows["due_at"] < pd.Timestamp(clock.at))
    return rows.assign(due_at=rows["due_at"].mask(late, soon))


def _places(db: Database, rows: pd.DataFrame, crews: pd.DataFrame) -> pd.DataFrame:
    """Each crew's base and where it is now in turn, then the orders: lon, lat."""
    bases = crew_spots.bases(db).reindex(crews["crew_id"])
    spots = [
        place
        for crew, lon, lat in zip(crews["crew_id"], crews["lon"], crews["lat"], strict=True)
        for place in (tuple(bases.loc[crew, ["lon", "lat"]]), (lon, lat))
    ]
    points = [*spots, *zip(rows["lon"], rows["lat"], strict=True)]
    return pd.DataFrame(points, columns=["lon", "lat"], dtype="float64")
