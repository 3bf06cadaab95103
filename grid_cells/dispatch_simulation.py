"""A past day lived through again with other crews: orders become known when they were registered.

Whenever orders have come in, the plan in progress is made anew; nothing is known beforehand. Each
search ends by its iterations, so the same day, crews and seed give the same outcome anywhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from grid_cells.dispatch import DispatchPlan, DispatchProblem
from grid_cells.dispatch_promises import promises_kept
from grid_cells.dispatch_replan import Turn, replan
from grid_cells.dispatch_solver import Means, solve

EVERY_MIN: Final = 15
_IDLE: Final = 120
_AHEAD_S: Final = 3600.0


@dataclass(frozen=True)
class Rhythm:
    """How often the plan is made anew: at each registration (0), else every so many minutes.

    `idle`: iterations without improvement that end each search; more take longer and plan better.
    """

    every_min: int = EVERY_MIN
    idle: int = _IDLE
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a day went. Minutes; `wait_min`: mean from registration to arrival, None if nobody came.

    `promises_kept` of `promises`: an order left out breaks its promise. `moved`: how often an order
    went from one crew to another. `turns`: how often the plan was made.
    """

    plan: DispatchPlan
    promises: int
    promises_kept: int
    wait_min: float | None
    travel_min: int
    served: int
    unserved: int
    score: int
    moved: int
    turns: int


def simulate(
    problem: DispatchProblem,
    rhythm: Rhythm | None = None,
    tell: Callable[[float], None] = lambda _done: None,
) -> Outcome:
    """The day as these crews would have lived it.

    An order without `known_from` is known from the beginning. `tell` hears the share that is done,
    from 0 to 1, again and again, and ends the work by what it raises.
    """
    beat = rhythm or Rhythm()
    moments = list(_moments(problem, beat.every_min))
    plan, moved = DispatchPlan((), (), 0, 0), 0
    for turn, at in enumerate(moments):
        share = turn / len(moments)
        tell(share)
        means = Means(
            lambda: _AHEAD_S, 1, beat.seed, heed=partial(tell, share), level=0, idle=beat.idle
        )
        known = _known(problem, at)
        if turn == 0:
            plan = solve(known, means)
            continue
        answer = replan(known, plan, Turn(at, most_moved=len(known.orders)), means)
        plan, moved = answer.plan, moved + answer.moved
    tell(1.0)
    return _told(problem, plan, moved, len(moments))


def _moments(problem: DispatchProblem, every_min: int) -> Iterator[int]:
    """The first shift's beginning, then each minute at which orders that came in are planned."""
    begin = min((first for crew in problem.crews for first, _ in crew.shifts), default=0)
    yield begin
    came = {order.known_from for order in problem.orders if order.known_from is not None}
    later = sorted(minute for minute in came if minute > begin)
    last = begin
    for minute in later:
        at = minute if every_min <= 0 else -(-minute // every_min) * every_min
        if at > last:
            yield at
            last = at


def _known(problem: DispatchProblem, at: int) -> DispatchProblem:
    """The problem as far as it was known at a minute."""
    orders = tuple(o for o in problem.orders if o.known_from is None or o.known_from <= at)
    names = {order.id for order in orders}
    crews = tuple(
        replace(crew, committed=tuple(name for name in crew.committed if name in names))
        for crew in problem.crews
    )
    return DispatchProblem(crews, orders, problem.minutes)


def _told(problem: DispatchProblem, plan: DispatchPlan, moved: int, turns: int) -> Outcome:
    kept, promised = promises_kept(problem, plan)
    known = {order.id: order.known_from for order in problem.orders}
    waits = [
        stop.arrive_min - begun
        for route in plan.routes
        for stop in route.stops
        if (begun := known[stop.order]) is not None
    ]
    wait = sum(waits) / len(waits) if waits else None
    return Outcome(
        plan, promised, kept, wait, plan.travel_min, plan.served,
        len(problem.orders) - plan.served, plan.score, moved, turns,
    )  # fmt: skip
