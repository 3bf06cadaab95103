"""The plan of a day: VROOM at level 0, where time allows at a higher one too, then PyVRP.

Where the iterations end the search (small days) the same seed gives the same plan; where time ends
it, a faster machine finds more. No plan is worse than VROOM's at level 0, unless time ends that
already. Both libraries keep Python's lock while they work: beside a server they belong into a
process of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from grid_cells.dispatch import DispatchPlan, DispatchProblem, Sequences, committed_to
from grid_cells.dispatch_promises import narrowed
from grid_cells.dispatch_pyvrp import IDLE, Effort, polish
from grid_cells.dispatch_routes import worth
from grid_cells.dispatch_seats import finished, seated
from grid_cells.dispatch_vroom import solve_by_vroom

USUAL_S: Final = 1.25
"""Seconds for 20 crews and 200 orders or less, loading of the solvers included."""
_USUAL_SIZE: Final = 20 * 200
_LEVELS: Final = ((5, 33.0), (3, 12.0), (2, 6.5), (1, 2.7))
"""VROOM's levels, and how many times the seconds of level 0 they take."""
_LEAST_S: Final = 0.2
"""PyVRP is not begun for less: half of it goes into loading it."""
_LEVELS_FROM_S: Final = 1.0
"""With less left after level 0, PyVRP gains as much as a higher level, and ends when it should."""
_IDLE_AN_ORDER: Final = 100
"""Further iterations without improvement for each order before PyVRP gives up."""
_PATIENCE: Final = 10
"""How many times the seconds level 0 may take: cut short it is much worse than a little late."""
_FOR_VROOM, _AT_MOST = 0.65, 0.85
"""Part of the seconds left after level 0 that a higher level is meant to take, and may take."""


@dataclass(frozen=True)
class Means:
    """What solving may use. `seconds_left()` tells the seconds that remain, by the caller's clock.

    `threads`: for VROOM. `heed()` is called again and again while PyVRP works and between the
    solvers; it ends the work by what it raises. With a `level` of VROOM and `idle` iterations of
    PyVRP the time decides nothing, and the same seed gives the same plan.
    """

    seconds_left: Callable[[], float]
    threads: int = 2
    seed: int = 0
    heed: Callable[[], None] = lambda: None
    level: int | None = None
    idle: int | None = None


def usual_seconds(problem: DispatchProblem) -> float:
    """Seconds that a day of this size should be given: they grow with crews × orders."""
    size = len(problem.crews) * len(problem.orders)
    return USUAL_S * max(1.0, size / _USUAL_SIZE)


def solve(problem: DispatchProblem, means: Means) -> DispatchPlan:
    """The plan with the highest score found in time, then the least travel."""
    found = _with_committed(problem, _by_vroom(problem, means))
    means.heed()
    if means.seconds_left() > _LEAST_S:
        found = _polished(problem, found, means)
    return finished(problem, found.sequences, found.by)


@dataclass(frozen=True)
class Found:
    """Sequences, and the solvers they came from."""

    sequences: Sequences
    by: str


def _with_committed(problem: DispatchProblem, found: Found) -> Found:
    """What crews keep goes before any sum of priorities, of which VROOM knows nothing."""
    held = frozenset(committed_to(problem))
    return replace(found, sequences=seated(problem, found.sequences, held)) if held else found


def _by_vroom(whole: DispatchProblem, means: Means) -> Found:
    """VROOM knows no promise: to it the windows end there; what is left PyVRP serves late."""
    problem = narrowed(whole)
    before = means.seconds_left()
    most = max(before, _LEAST_S) * _PATIENCE if means.level is None else None
    sequences = solve_by_vroom(problem, 0, seconds=most, threads=means.threads)
    first, left = Found(sequences, "vroom 0"), means.seconds_left()
    means.heed()
    by_time = _level(before - left, left) if left >= _LEVELS_FROM_S else 0
    level = by_time if means.level is None else means.level
    if not level:
        return first
    limit = _AT_MOST * left if means.level is None else None
    sequences = solve_by_vroom(problem, level, seconds=limit, threads=means.threads)
    return _better(problem, first, Found(sequences, f"vroom {level}"))


def _level(took: float, left: float) -> int:
    """The highest of VROOM's levels that should fit into a part of the seconds left."""
    return next((level for level, times in _LEVELS if took * times < _FOR_VROOM * left), 0)


def _polished(problem: DispatchProblem, found: Found, means: Means) -> Found:
    """The answer after PyVRP, which works until the time is over or nothing is found any more."""

    def is_over() -> bool:
        means.heed()
        return means.seconds_left() <= 0

    idle = IDLE + _IDLE_AN_ORDER * len(problem.orders) if means.idle is None else means.idle
    polished = polish(problem, found.sequences, Effort(is_over, idle, means.seed))
    return _better(problem, found, Found(polished, f"{found.by}, pyvrp"))


def _better(problem: DispatchProblem, one: Found, other: Found) -> Found:
    return other if worth(problem, other.sequences) > worth(problem, one.sequences) else one
