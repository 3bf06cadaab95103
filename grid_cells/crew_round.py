"""In which order one crew visits what it has to do today."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from grid_cells.dispatch import UNREACHABLE, Crew, DispatchProblem, Order
from grid_cells.dispatch_vroom import solve_by_vroom

By = Literal["plan", "solver", "due"]
BEGUN, ORDER, CHORE = 0, 1, 2
"""Ranks of stops: work that has begun, an order, a chore."""
HORIZON_MIN: Final = 12 * 60
"""Stops are looked at so far ahead: longer than any shift."""
_LEVEL: Final = 3
_ORDER_WORTH: Final = 10
"""An order counts for so much more than its priority: chores count one."""


@dataclass(frozen=True)
class Stop:
    """Somewhere to go. Minutes count from now: planned_min of arrival, due_min of the promise.

    rank: BEGUN, ORDER or CHORE; priority: the higher the sooner.
    """

    id: str
    rank: int
    service_min: float
    priority: int = 1
    planned_min: float | None = None
    due_min: float | None = None


def visits(stops: Sequence[Stop], minutes: NDArray[np.float64]) -> tuple[list[int], By]:
    """Positions of the stops in visiting order, and by what they were put into it.

    `minutes` (1 + n, 1 + n): of driving, the crew's own place first, NaN where no way leads. What
    is begun comes first, then what was dispatched with a time, then what is overdue; the rest is
    put into order by the solver (VROOM) for the least driving within what is due, chores last in
    worth. Stops that cannot be reached in time come last, by due moment.
    """
    first = sorted(
        (i for i, one in enumerate(stops) if _is_fixed(one)), key=lambda i: _key(stops[i])
    )
    rest = [i for i, one in enumerate(stops) if not _is_fixed(one)]
    begin, at = _after(stops, minutes, first)
    found = _solved(stops, minutes, rest, (begin, at))
    left = sorted(set(rest) - set(found), key=lambda i: _due(stops[i]))
    planned = any(one.planned_min is not None for one in stops)
    by: By = "plan" if planned else "solver" if found else "due"
    return [*first, *found, *left], by


def _is_fixed(one: Stop) -> bool:
    is_late = one.due_min is not None and one.due_min <= 0
    return one.rank == BEGUN or one.planned_min is not None or is_late


def _key(one: Stop) -> tuple[int, float, float]:
    planned = one.planned_min if one.planned_min is not None else _due(one)
    return (one.rank, planned, _due(one))


def _due(one: Stop) -> float:
    return np.inf if one.due_min is None else one.due_min


def _after(
    stops: Sequence[Stop], minutes: NDArray[np.float64], first: list[int]
) -> tuple[int, float]:
    """Where the crew is once the first stops are done, and the minute of it."""
    at, clock = 0, 0.0
    for i in first:
        drive = minutes[at, i + 1]
        clock += (0.0 if np.isnan(drive) else float(drive)) + stops[i].service_min
        at = i + 1
    return at, clock


def _solved(
    stops: Sequence[Stop], minutes: NDArray[np.float64], rest: list[int], begin: tuple[int, float]
) -> list[int]:
    if not rest:
        return []
    place, clock = begin
    took = np.where(np.isnan(minutes), UNREACHABLE, np.ceil(np.nan_to_num(minutes))).astype("int64")
    end = int(clock) + HORIZON_MIN
    crew = Crew("own", 0, frozenset(), ((int(clock), end),), place, int(clock))
    orders = tuple(_order(stops[i], i, int(clock), end) for i in rest)
    took[:, 0] = 0  # the way home after the last stop counts for nothing here
    problem = DispatchProblem((crew,), orders, took)
    sequences = solve_by_vroom(problem, _LEVEL, seconds=None, threads=1)
    return [rest[k] for sequence in sequences for k in sequence]


def _order(one: Stop, at: int, begin: int, end: int) -> Order:
    closes = end if one.due_min is None else max(begin, min(end, int(one.due_min)))
    worth = one.priority + _ORDER_WORTH if one.rank != CHORE else 1
    return Order(
        one.id, at + 1, frozenset(), round(one.service_min), ((begin, closes),), min(worth, 99)
    )


def drives(order: Sequence[int], minutes: NDArray[np.float64]) -> list[float]:
    """Minutes of driving to each stop from the one before it, NaN where no way leads."""
    places = [0, *(i + 1 for i in order)]
    return [float(minutes[a, b]) for a, b in pairwise(places)]
