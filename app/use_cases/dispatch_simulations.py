"""A past day lived through again with more, fewer or other crews, beside the day as it was."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.store import audit, units
from app.store import dispatch_runs as store
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import crew_spots, dispatch_ground, shifts, solver_process, work_orders
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells import dispatch_making
from grid_cells.crew_skills import skills_of
from grid_cells.dispatch import Crew, DispatchProblem
from grid_cells.dispatch_making import Clock
from grid_cells.dispatch_simulation import Outcome, Rhythm
from grid_cells.errors import UserError
from grid_cells.shifts import Span, day_of, within

KIND: Final = "simulation"
MOST_MORE: Final = 10
AFTER_H: Final = 8
"""Orders of the day may be served so many hours into the next."""
Tell = Callable[[float], None]


def _unheard(_done: float) -> None:
    pass


@dataclass(frozen=True)
class LineUp:
    """Which crews live the day: those that worked, without some, with copies of others.

    `more`: crews of which one more of the same kind works, from the same base at the same hours; a
    crew named twice has two more.
    """

    day: date
    without: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayFigures:
    """How a day went: promises kept of all, mean wait and travel in minutes (None: unknown)."""

    crews: int
    orders: int
    served: int
    promises: int
    promises_kept: int
    wait_min: float | None
    travel_min: float | None


@dataclass(frozen=True)
class Simulated:
    """A day as it was, as the solver would have run it with the same crews, and with others."""

    run_id: int
    line_up: LineUp
    real: DayFigures
    same: DayFigures
    other: DayFigures


@needs("dispatch_orders")
def simulate(db: Database, actor: Actor, line_up: LineUp, *, tell: Tell = _unheard) -> Simulated:
    """Live the day again, once with its crews and once with the line-up; kept as a run.

    Raises UserError `dispatch_day_ahead`, `dispatch_no_orders`, `dispatch_no_crews`,
    `dispatch_crew_unseen`, `dispatch_too_many_more`, and what `solver_process.simulate_day` does.
    """
    now = clock_now(db)
    ground = _ground(db, line_up.day, now)
    known = {crew.id for crew in ground.problem.crews}
    for name in (*line_up.without, *line_up.more):
        if name not in known:
            raise UserError("dispatch_crew_unseen", crew=name[:40])
    if len(line_up.more) > MOST_MORE:
        raise UserError("dispatch_too_many_more", most=MOST_MORE)
    other = _with(ground.problem, line_up)
    if not other.crews:
        raise UserError("dispatch_no_crews", hours=24)
    first = solver_process.simulate_day(ground.problem, Rhythm(), lambda done: tell(done / 2))
    second = solver_process.simulate_day(other, Rhythm(), lambda done: tell(0.5 + done / 2))
    same, changed = _told(ground.problem, first), _told(other, second)
    run = {
        "kind": KIND, "planned_for": ground.clock.at, "made_at": now, "orders": same.orders,
        "served": changed.served, "score": second.score, "travel_min": second.travel_min,
        "actor": actor.id,
        "detail": {
            "day": line_up.day.isoformat(), "without": line_up.without, "more": line_up.more,
            "real": asdict(ground.real), "same": asdict(same), "other": asdict(changed),
        },
    }  # fmt: skip

    def write(connection: Connection) -> int:
        number = store.add(connection, run)
        audit.record(
            connection, actor.id, "dispatch_simulated", at=real_now(),
            subject=f"dispatch:{number}", detail={"day": line_up.day.isoformat()},
        )  # fmt: skip
        return number

    number: int = db.whole.write(write)
    return Simulated(number, line_up, ground.real, same, changed)


@dataclass(frozen=True, eq=False)
class _Ground:
    clock: Clock
    problem: DispatchProblem
    real: DayFigures


@needs("dispatch_orders")
def crews_of(db: Database, actor: Actor, day: date) -> list[str]:  # noqa: ARG001
    """Crews in sight that worked on the day."""
    return [crew for crew, spans in _spans(db, day).items() if spans]


def _zone(db: Database) -> str:
    return units.timezone(db.whole.read()) or "UTC"


def _spans(db: Database, day: date) -> dict[str, list[Span]]:
    connection = db.read()
    seen = shifts.crews(connection)
    whole = day_of(day, _zone(db))
    planned = shifts.planned(connection, seen, day - timedelta(days=1), day)
    found = {str(crew): within(planned.get(str(crew), []), whole) for crew in seen["crew_id"]}
    for crew, text in zip(seen["crew_id"], seen["shift"], strict=True):
        if not (isinstance(text, str) and text.strip()) and not found[str(crew)]:
            found[str(crew)] = [whole]
    return found


def _ground(db: Database, day: date, now: datetime) -> _Ground:
    """The day's orders as registered and its crews at their bases, and how it really went."""
    whole = day_of(day, _zone(db))
    if whole.ends > now:
        raise UserError("dispatch_day_ahead")
    until = min(now, whole.ends + timedelta(hours=AFTER_H))
    rows = order_store.known(db.read(), until, whole.starts - timedelta(days=1))
    came = pd.to_datetime(rows["registered_at"], utc=True)
    rows = rows[(came >= whole.starts) & (came < whole.ends) & rows["lon"].notna()]
    rows = rows[rows["state"] != "cancelled"].reset_index(drop=True)
    if rows.empty:
        raise UserError("dispatch_no_orders", left_out=0)
    rows = work_orders.clocked(db, rows, until)
    due, _ = work_orders.deadlines(rows)
    spans = {crew: found for crew, found in _spans(db, day).items() if found}
    crews = crew_spots.crews(db, whole.starts)
    crews = crews[crews["crew_id"].isin(spans)].reset_index(drop=True)
    if crews.empty:
        raise UserError("dispatch_no_crews", hours=24)
    clock = Clock(whole.starts, whole.starts)
    problem = _problem(db, clock, (rows.assign(due_at=due), crews, spans))
    return _Ground(clock, problem, _real(rows.assign(due_at=due), len(crews)))


def _problem(
    db: Database, clock: Clock, asked: tuple[pd.DataFrame, pd.DataFrame, dict[str, list[Span]]]
) -> DispatchProblem:
    rows, crews, spans = asked
    bases = crew_spots.bases(db).reindex(crews["crew_id"])
    twice = bases.loc[bases.index.repeat(2)]
    places = pd.concat([twice[["lon", "lat"]], rows[["lon", "lat"]]], ignore_index=True)
    minutes = crew_spots.minutes(db, clock.at, places, places)
    horizon = 24 * 60 + AFTER_H * 60
    rows = dispatch_ground.wished(rows)
    orders = dispatch_making.orders_of(rows, clock, 2 * len(crews), horizon, {})
    needed: frozenset[str] = frozenset().union(*(skills_of(one) for one in rows["skills"]))
    free = crews.assign(free_in_min=0.0)
    hands = dispatch_making.crews_of(free, clock, spans, {}, needed)
    hands = tuple(replace(one, start_location=None, free_from=None) for one in hands)
    return dispatch_making.made(hands, orders, dispatch_making.whole_minutes(minutes))


def _with(problem: DispatchProblem, line_up: LineUp) -> DispatchProblem:
    """The day with the other crews."""
    by_id = {crew.id: crew for crew in problem.crews}
    left = [crew for crew in problem.crews if crew.id not in line_up.without]
    more = [
        replace(by_id[name], id=f"{name}+{turn + 1}", committed=())
        for turn, name in enumerate(line_up.more)
    ]
    return replace(problem, crews=tuple[Crew, ...]((*left, *more)))


def _told(problem: DispatchProblem, one: Outcome) -> DayFigures:
    return DayFigures(
        len(problem.crews), len(problem.orders), one.served, one.promises, one.promises_kept,
        one.wait_min, float(one.travel_min),
    )  # fmt: skip


def _real(rows: pd.DataFrame, crews: int) -> DayFigures:
    """The day as its stamps tell it; nobody wrote down how long crews drove."""
    arrived = pd.to_datetime(rows["arrived_at"], utc=True)
    waits = (arrived - pd.to_datetime(rows["registered_at"], utc=True)).dt.total_seconds() / 60
    promised = rows["due_at"].notna()
    kept = promised & arrived.notna() & (arrived <= rows["due_at"])
    mean = waits.mean()
    return DayFigures(
        crews, len(rows), int(arrived.notna().sum()), int(promised.sum()), int(kept.sum()),
        None if pd.isna(mean) else float(mean), None,
    )  # fmt: skip


@needs("dispatch_orders")
def latest(db: Database, actor: Actor) -> Simulated | None:
    """The actor's last simulation, None without one."""
    row = store.latest(db.whole.read(), (KIND,), actor.id, clock_now(db))
    if row is None:
        return None
    told: dict[str, Any] = row["detail"]
    names: Sequence[str] = ("real", "same", "other")
    figures = (DayFigures(**told[name]) for name in names)
    line_up = LineUp(date.fromisoformat(told["day"]), tuple(told["without"]), tuple(told["more"]))
    return Simulated(int(row["run_id"]), line_up, *figures)
