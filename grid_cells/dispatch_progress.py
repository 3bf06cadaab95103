"""A plan in progress: what is done or under way at a minute, and the day that is still ahead."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from grid_cells.dispatch import (
    Crew,
    DispatchPlan,
    DispatchProblem,
    Order,
    Route,
    Sequences,
    Stop,
    Tour,
    Window,
    abilities,
    committed_to,
    tours,
)
from grid_cells.dispatch_routes import sequences_of, stops_of

Position = tuple[int, int]
"""A place, and the minute from which a crew can leave it."""


@dataclass(frozen=True, eq=False)
class Progress:
    """A plan at a minute. `fixed`: stops done, being served or driven to, which stay as they are.

    `ahead`: the problem of everything else, each crew from where and when it is free; `kept`: what
    the plan meant to do of it, without what can no longer be done.
    """

    at: int
    fixed: tuple[Route, ...]
    ahead: DispatchProblem
    kept: Sequences

    def fixed_orders(self) -> frozenset[str]:
        """Ids of the orders that stay as they are."""
        return frozenset(stop.order for route in self.fixed for stop in route.stops)


def progress_at(
    problem: DispatchProblem,
    plan: DispatchPlan,
    at: int,
    positions: Mapping[str, Position] | None = None,
) -> Progress:
    """The plan at minute `at` of the problem as it is now: with new orders, without those given up.

    A crew leaves for its next stop so that it is there when work begins; once it has left it
    drives on, unless its position is known (`positions`, by crew): then it can turn to something
    else there. Of a crew or a shift that the problem has no longer, what was begun stays and the
    rest is free again.
    """
    known = positions or {}
    ways = {(problem.crews[t.crew].id, _shift_of(problem, t)): t for t in tours(problem)}
    held = tuple(
        _fixed(problem, ways.get((route.crew, route.shift)), route, at, route.crew in known)
        for route in plan.routes
    )
    gone = {stop.order for route in held for stop in route.stops}
    done = {(route.crew, route.shift): route for route in held if route.stops}
    moment = _Moment(at, ways, done, {order.id: order for order in problem.orders})
    crews = tuple(_now(moment, crew, known.get(crew.id)) for crew in problem.crews)
    left = tuple(order for order in problem.orders if order.id not in gone)
    ahead = DispatchProblem(crews, left, problem.minutes)
    fixed = tuple(done.values())
    return Progress(at, fixed, ahead, _drivable(ahead, sequences_of(ahead, plan)))


@dataclass(frozen=True, eq=False)
class _Moment:
    """The minute; the tours, and what is done of them, by crew and shift; the orders by id."""

    at: int
    ways: Mapping[tuple[str, Window], Tour]
    done: Mapping[tuple[str, Window], Route]
    orders: Mapping[str, Order]


def _shift_of(problem: DispatchProblem, tour: Tour) -> Window:
    return problem.crews[tour.crew].shifts[tour.shift]


def _fixed(
    problem: DispatchProblem, tour: Tour | None, route: Route, at: int, is_seen: bool
) -> Route:
    """The part of a route that is done or under way; a stop given up meanwhile is passed over.

    Without a tour the crew is no longer there: only what it had begun.
    """
    places = {order.id: order.location for order in problem.orders}
    place, stops, travel = None if tour is None else tour.start, list[Stop](), 0
    for stop in route.stops:
        if stop.order not in places:
            continue
        to = places[stop.order]
        way = 0 if place is None else int(problem.minutes[place, to])
        has_left = stop.arrive_min - way < at and not is_seen and tour is not None
        if stop.arrive_min > at and not has_left:
            break
        place, travel = to, travel + way
        stops.append(stop)
    return replace(route, stops=tuple(stops), travel_min=travel)


def _now(moment: _Moment, crew: Crew, position: Position | None) -> Crew:
    """The crew from where and when it is free, with what it still has to keep."""
    at, done = moment.at, moment.done
    over = {s.order for (name, _), r in done.items() if name == crew.id for s in r.stops}
    crew = replace(crew, committed=tuple(name for name in crew.committed if name not in over))
    shift = next((one for one in crew.shifts if one[1] > at), None)
    tour = None if shift is None else moment.ways.get((crew.id, shift))
    if shift is None or tour is None:
        return replace(crew, start_location=None, free_from=at, used=0)
    place, minute, used = tour.start, max(at, tour.begin), _used(crew, tour)
    route = done.get((crew.id, shift))
    if route is not None:
        place = moment.orders[route.stops[-1].order].location
        minute = max(at, route.stops[-1].leave_min)
        used += sum(moment.orders[stop.order].load for stop in route.stops)
    if position is not None and (route is None or route.stops[-1].leave_min <= at):
        place, minute = position[0], max(at, position[1])
    if minute >= shift[1]:
        return replace(crew, start_location=None, free_from=minute, used=0)
    return replace(crew, start_location=place, free_from=minute, used=used)


def _used(crew: Crew, tour: Tour) -> int:
    """Load that went out of the van in this shift before the tour begins."""
    return 0 if crew.capacity is None else crew.capacity - tour.room


def _drivable(problem: DispatchProblem, sequences: Sequences) -> Sequences:
    """The sequences without the stops that a delay or a refusal has made impossible."""
    able, held, found = abilities(problem), committed_to(problem), list[tuple[int, ...]]()

    def weight(at: int) -> tuple[bool, int]:
        return problem.orders[at].id in held, problem.orders[at].priority

    for tour, orders in zip(tours(problem), sequences, strict=True):
        kept = [at for at in orders if able[tour.crew, at]]
        while stops_of(problem, tour, tuple(kept)) is None:
            late = next(
                k for k in range(len(kept)) if not _is_kept(problem, tour, tuple(kept[: k + 1]))
            )
            weakest = min(range(late + 1), key=lambda k: weight(kept[k]))
            del kept[weakest]
        found.append(tuple(kept))
    return tuple(found)


def _is_kept(problem: DispatchProblem, tour: Tour, orders: tuple[int, ...]) -> bool:
    return stops_of(problem, tour, orders) is not None
