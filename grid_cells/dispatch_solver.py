"""The plan of a day: VROOM first, at the level that time allows, then polished by PyVRP.

Where the iterations end the search (small days) the same seed gives the same plan; where time ends
it, a faster machine finds more. No plan is worse than VROOM's at level 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grid_cells.dispatch import DispatchPlan, DispatchProblem, Sequences
from grid_cells.dispatch_pyvrp import Effort, polish
from grid_cells.dispatch_reasons import with_reasons
from grid_cells.dispatch_routes import plan_of, worth
from grid_cells.dispatch_vroom import solve_by_vroom

USUAL_S: Final = 1.0
"""Seconds for 20 crews and 200 orders or less."""
_USUAL_SIZE: Final = 20 * 200
_LEVELS: Final = ((5, 40.0), (3, 14.0), (2, 7.0), (1, 3.0))
"""VROOM's levels, and how many times the seconds of level 0 they take."""
_FOR_VROOM: Final = 0.6
"""Part of the seconds left after level 0 that a higher level may take."""


@dataclass(frozen=True)
class Means:
    """What solving may use. `seconds_left()` tells the seconds that remain, by the caller's clock.

    `heed()` is called between the steps and ends the work by what it raises.
    """

    seconds_left: Callable[[], float]
    threads: int = 2
    seed: int = 0
    heed: Callable[[], None] = lambda: None


def usual_seconds(problem: DispatchProblem) -> float:
    """Seconds that a day of this size should be given: they grow with crews × orders."""
    size = len(problem.crews) * len(problem.orders)
    return USUAL_S * max(1.0, size / _USUAL_SIZE)


def solve(problem: DispatchProblem, means: Means) -> DispatchPlan:
    """The plan with the highest score found in time, then the least travel."""
    sequences, found_by = _searched(problem, means)
    plan = plan_of(problem, sequences, found_by=found_by)
    return with_reasons(problem, plan, sequences)


def _searched(problem: DispatchProblem, means: Means) -> tuple[Sequences, str]:
    best, found_by = _by_vroom(problem, means)
    means.heed()
    effort = Effort(lambda: means.seconds_left() <= 0, seed=means.seed)
    if means.seconds_left() <= 0:
        return best, found_by
    polished = polish(problem, best, effort)
    if worth(problem, polished) > worth(problem, best):
        return polished, f"{found_by}, pyvrp"
    return best, found_by


def _by_vroom(problem: DispatchProblem, means: Means) -> tuple[Sequences, str]:
    """The better one of level 0 and of the highest level that fits into the time left."""
    before = means.seconds_left()
    first = solve_by_vroom(problem, 0, seconds=None, threads=means.threads)
    left = means.seconds_left()
    took = before - left
    means.heed()
    fitting = (level for level, times in _LEVELS if took * times < _FOR_VROOM * left)
    level = next(fitting, None)
    if level is None:
        return first, "vroom 0"
    second = solve_by_vroom(problem, level, seconds=left * 0.8, threads=means.threads)
    if worth(problem, second) > worth(problem, first):
        return second, f"vroom {level}"
    return first, "vroom 0"
