"""A day's dispatch: crews, orders and travel minutes; the plan; what is kept and how it scores.

Minutes are whole and count from the local midnight of the day; an order's priority is what the
score counts. The rules: a crew has every skill of an order and is not against the customer's
wishes; it arrives within a window of the order (waiting is allowed); it is back at its base within
its shift; an order is served at most once; what is committed to a crew goes to no other; what the
orders of a shift need of the van (meters, parts: `load`) fits into it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Window = tuple[int, int]
UNREACHABLE: Final = 1_000_000
"""Minutes between places that no way joins."""
BOUNDLESS: Final = 1_000_000_000
"""Room of a van of which nothing is said."""
HIGHEST_PRIORITY: Final = 100
"""Priorities are whole numbers from 0 to this."""


@dataclass(frozen=True)
class Crew:
    """A crew: `location` is its base, where each of its `shifts` ends.

    `start_location`, `free_from`: where and from which minute it can be sent on (None: from its
    base, from the beginning of its shift). `committed`: orders that it keeps. `capacity` (None: no
    bound): load of its van for a shift, of which `used` went into orders before `free_from`.
    """

    id: str
    location: int
    skills: frozenset[str]
    shifts: tuple[Window, ...]
    start_location: int | None = None
    free_from: int | None = None
    committed: tuple[str, ...] = ()
    capacity: int | None = None
    used: int = 0


@dataclass(frozen=True)
class Order:
    """A work order: `windows` are for the arrival, a crew needs all of `skills`.

    `allowed` (None: all) and `forbidden`: ids of crews by the customer's wishes. `promise_min`:
    the minute until which arrival was promised, kept where that can be, else served later.
    `known_from`: the minute in which it was registered (for a simulation). `load`: what it takes
    of the van.
    """

    id: str
    location: int
    skills: frozenset[str]
    service_min: int
    windows: tuple[Window, ...]
    priority: int
    allowed: frozenset[str] | None = None
    forbidden: frozenset[str] = frozenset()
    promise_min: int | None = None
    known_from: int | None = None
    load: int = 0


@dataclass(frozen=True, eq=False)
class DispatchProblem:
    """Crews, orders and `minutes` (n, n) from place to place, not symmetric."""

    crews: tuple[Crew, ...]
    orders: tuple[Order, ...]
    minutes: Ints


@dataclass(frozen=True)
class Stop:
    """An order on a route. `arrive_min`: work begins; a crew that is early waits before it."""

    order: str
    arrive_min: int
    leave_min: int


@dataclass(frozen=True)
class Route:
    """The stops of a crew in one of its shifts, and the minutes it travels, way home included."""

    crew: str
    shift: Window
    stops: tuple[Stop, ...]
    travel_min: int


@dataclass(frozen=True)
class Unserved:
    """An order left out: `reason` is a code of `dispatch_reasons`, `outweighed_by` orders."""

    order: str
    reason: str
    outweighed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class DispatchPlan:
    """Routes with stops, and every other order with its reason.

    `score`: sum of the priorities of the orders served. `found_by`: solver of the plan.
    """

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    score: int
    travel_min: int
    found_by: str = ""

    @property
    def served(self) -> int:
        """How many orders are served."""
        return sum(len(route.stops) for route in self.routes)

    def crew_of(self) -> dict[str, str]:
        """Crew of each order served."""
        return {stop.order: route.crew for route in self.routes for stop in route.stops}


@dataclass(frozen=True)
class Tour:
    """One shift of a crew: from place `start` not before `begin`, at place `home` by `end`.

    `room`: load that fits into its van, `BOUNDLESS` where nothing is said. `crew` and `shift` are
    positions in the problem's crews and in the crew's shifts.
    """

    crew: int
    shift: int
    start: int
    begin: int
    home: int
    end: int
    room: int


Sequences = tuple[tuple[int, ...], ...]
"""For each tour the positions of its orders, in visiting order."""


def tours(problem: DispatchProblem) -> tuple[Tour, ...]:
    """The shifts that are still to be worked, crew by crew.

    A crew that is free from a minute on starts from where it is then, in the first shift that ends
    later; the shifts after it start at the base.
    """
    found = list[Tour]()
    for at, crew in enumerate(problem.crews):
        free = crew.free_from
        open_shifts = [k for k, (_, end) in enumerate(crew.shifts) if free is None or end > free]
        for turn, k in enumerate(open_shifts):
            begin, end = crew.shifts[k]
            is_first = turn == 0
            start = crew.location
            if is_first and crew.start_location is not None:
                start = crew.start_location
            begin = max(begin, free) if is_first and free is not None else begin
            room = BOUNDLESS if crew.capacity is None else crew.capacity
            room -= crew.used if is_first else 0
            found.append(Tour(at, k, start, begin, crew.location, end, room))
    return tuple(found)


def committed_to(problem: DispatchProblem) -> dict[str, str]:
    """Crew of each order that is committed to one."""
    return {order: crew.id for crew in problem.crews for order in crew.committed}


def refusals(problem: DispatchProblem) -> NDArray[np.str_]:
    """Why a crew may not serve an order (crews, orders): "" where it may.

    Codes: `no_skill`, `not_allowed` (the customer's wishes), `committed_elsewhere`.
    """
    held = committed_to(problem)
    found = np.full((len(problem.crews), len(problem.orders)), "", dtype="<U19")
    for i, crew in enumerate(problem.crews):
        for j, order in enumerate(problem.orders):
            found[i, j] = _refusal(crew, order, held.get(order.id))
    return found


def _refusal(crew: Crew, order: Order, holder: str | None) -> str:
    if not order.skills <= crew.skills:
        return "no_skill"
    if crew.id in order.forbidden or (order.allowed is not None and crew.id not in order.allowed):
        return "not_allowed"
    if holder is not None and holder != crew.id:
        return "committed_elsewhere"
    return ""


def abilities(problem: DispatchProblem) -> NDArray[np.bool_]:
    """Whether a crew may serve an order (crews, orders)."""
    return np.asarray(refusals(problem) == "")
