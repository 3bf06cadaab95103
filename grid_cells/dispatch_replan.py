"""A plan in progress takes emergencies in: what is done stays, few orders change crew.

The rest of the old plan, with room made for the emergencies, is PyVRP's warm start; an order that
changes crew or loses it costs as much as half a point of priority (more where too many would
change), and an emergency outweighs everything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from grid_cells.dispatch import (
    DispatchPlan,
    DispatchProblem,
    Ints,
    Route,
    Sequences,
    tours,
)
from grid_cells.dispatch_progress import Position, Progress, progress_at
from grid_cells.dispatch_pyvrp import Effort, polish
from grid_cells.dispatch_pyvrp_model import Leanings, point_min
from grid_cells.dispatch_seats import finished, seated
from grid_cells.dispatch_solver import Means

MOST_MOVED: Final = 15
REPLAN_S: Final = 0.5
"""Seconds that a re-plan is usually given."""
_FIRM: Final = 8
"""How many times as much a change of crew costs where too many orders changed."""
_EMERGENCY: Final = 50
_IDLE: Final = 1500


@dataclass(frozen=True)
class Turn:
    """What happens at minute `at`: `emergencies` are ids of orders that go before all others.

    `positions`: where crews are known to be, by id, and from when they can leave.
    """

    at: int
    emergencies: frozenset[str] = frozenset()
    positions: Mapping[str, Position] = field(default_factory=dict)
    most_moved: int = MOST_MOVED


@dataclass(frozen=True)
class Change:
    """An order that changes: its crew before and now, None where nobody serves it."""

    order: str
    before: str | None
    now: str | None


@dataclass(frozen=True, eq=False)
class Replan:
    """The whole plan anew (with what is done), the part ahead with its problem, and the changes.

    `changes`: orders whose crew differs, new ones and those that lost or won a crew included.
    """

    plan: DispatchPlan
    ahead: DispatchPlan
    problem_ahead: DispatchProblem
    changes: tuple[Change, ...]

    @property
    def moved(self) -> int:
        """How many orders went from one crew to another."""
        return sum(one.before is not None and one.now is not None for one in self.changes)

    @property
    def lost(self) -> int:
        """How many orders had a crew and have none any more."""
        return sum(one.before is not None and one.now is None for one in self.changes)


def replan(problem: DispatchProblem, plan: DispatchPlan, turn: Turn, means: Means) -> Replan:
    """The plan from minute `turn.at` on, for the problem as it is now: orders come and gone, crews.

    Orders done, being served or driven to stay as they are.
    """
    progress = progress_at(problem, plan, turn.at, turn.positions)
    sequences = _firm_enough(progress, turn, means)
    ahead = finished(progress.ahead, sequences, "pyvrp")
    whole = _joined(problem, progress, ahead)
    return Replan(whole, ahead, progress.ahead, _changes(plan, whole))


def _firm_enough(progress: Progress, turn: Turn, means: Means) -> Sequences:
    """The best sequences with changes at the usual price, at a high one if too many moved.

    Where too many move even so, whatever moves fewest: room for the emergencies and no more.
    """
    stay_min = point_min(progress.ahead) // 2
    found = _anew(progress, turn, means, stay_min, part=0.6)
    if _moved(progress, found) > turn.most_moved:
        found = _anew(progress, turn, means, stay_min * _FIRM, part=1.0)
    if _moved(progress, found) > turn.most_moved:
        found = seated(progress.ahead, progress.kept, turn.emergencies)
    return found


def _anew(progress: Progress, turn: Turn, means: Means, stay_min: int, *, part: float) -> Sequences:
    reserve = means.seconds_left() * (1 - part)

    def is_over() -> bool:
        means.heed()
        return means.seconds_left() <= reserve

    effort = Effort(is_over, means.idle or _IDLE, means.seed)
    leanings = _leanings(progress, turn, stay_min)
    start = seated(progress.ahead, progress.kept, turn.emergencies)
    return polish(progress.ahead, start, effort, leanings)


def _leanings(progress: Progress, turn: Turn, stay_min: int) -> Leanings:
    """The price of another crew than before, and what keeping an order and an emergency gain."""
    problem = progress.ahead
    crew_of = _crews_of(problem, progress.kept)
    is_other = np.arange(len(problem.crews))[:, None] != crew_of[None, :]
    price = np.where(is_other & (crew_of >= 0)[None, :], stay_min, 0)
    highest = max((order.priority for order in problem.orders), default=1)
    urgent = np.array([order.id in turn.emergencies for order in problem.orders], dtype=bool)
    gain = _EMERGENCY * max(highest, 1) * point_min(problem)
    bonus = np.where(crew_of >= 0, stay_min, 0) + np.where(urgent, gain, 0)
    return Leanings(price.astype(np.int64), bonus.astype(np.int64))


def _crews_of(problem: DispatchProblem, sequences: Sequences) -> Ints:
    """Position of the crew that serves each order, -1 for none."""
    found = np.full(len(problem.orders), -1, dtype=np.int64)
    for tour, orders in zip(tours(problem), sequences, strict=True):
        found[list(orders)] = tour.crew
    return found


def _moved(progress: Progress, sequences: Sequences) -> int:
    before = _crews_of(progress.ahead, progress.kept)
    now = _crews_of(progress.ahead, sequences)
    return int(((before >= 0) & (now >= 0) & (before != now)).sum())


def _joined(problem: DispatchProblem, progress: Progress, ahead: DispatchPlan) -> DispatchPlan:
    """What is done and what is ahead as one plan."""
    routes = {(route.crew, route.shift): route for route in progress.fixed}
    for route in ahead.routes:
        done = routes.get((route.crew, route.shift))
        routes[route.crew, route.shift] = route if done is None else _after(done, route)
    served = {stop.order for route in routes.values() for stop in route.stops}
    for route in progress.fixed:
        if routes[route.crew, route.shift] is route:
            routes[route.crew, route.shift] = _sent_home(problem, route)
    score = sum(order.priority for order in problem.orders if order.id in served)
    travel = sum(route.travel_min for route in routes.values())
    return DispatchPlan(tuple(routes.values()), ahead.unserved, score, travel, ahead.found_by)


def _after(done: Route, ahead: Route) -> Route:
    travel = done.travel_min + ahead.travel_min
    return replace(ahead, stops=done.stops + ahead.stops, travel_min=travel)


def _sent_home(problem: DispatchProblem, route: Route) -> Route:
    """A route that ends with what is done, way home included where the crew is known."""
    places = {order.id: order.location for order in problem.orders}
    last = places[route.stops[-1].order]
    home = next((crew.location for crew in problem.crews if crew.id == route.crew), last)
    way = int(problem.minutes[last, home]) if home != last else 0
    return replace(route, travel_min=route.travel_min + way)


def _changes(before: DispatchPlan, now: DispatchPlan) -> tuple[Change, ...]:
    held, holds = before.crew_of(), now.crew_of()
    known = [*holds, *(one.order for one in now.unserved)]
    pairs = ((name, held.get(name), holds.get(name)) for name in known)
    return tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])
