"""Orders in sequence as routes with times: a crew is everywhere as early as it can be."""

from itertools import pairwise

from grid_cells.dispatch import (
    DispatchPlan,
    DispatchProblem,
    Order,
    Route,
    Sequences,
    Stop,
    Tour,
    Unserved,
    committed_to,
    tours,
)
from grid_cells.dispatch_promises import KEPT, LATE, is_kept


def begins(order: Order, arrival: int) -> int | None:
    """The minute in which work begins after an arrival; None where it is too late for any window.

    Windows need not be sorted.
    """
    starts = [max(arrival, opens) for opens, closes in order.windows if arrival <= closes]
    return min(starts, default=None)


def stops_of(problem: DispatchProblem, tour: Tour, orders: tuple[int, ...]) -> list[Stop] | None:
    """The stops of a tour by earliest times.

    None where a window or the shift's end is missed or the van is too small.
    """
    if sum(problem.orders[at].load for at in orders) > tour.room and orders:
        return None
    place, clock, found = tour.start, tour.begin, list[Stop]()
    for at in orders:
        order = problem.orders[at]
        begin = begins(order, clock + int(problem.minutes[place, order.location]))
        if begin is None:
            return None
        place, clock = order.location, begin + order.service_min
        found.append(Stop(order.id, begin, clock))
    home = int(problem.minutes[place, tour.home]) if orders else 0
    return found if clock + home <= tour.end or not orders else None


def travel_of(problem: DispatchProblem, tour: Tour, orders: tuple[int, ...]) -> int:
    """Minutes on the road, way home included; none for a tour without orders."""
    if not orders:
        return 0
    places = [tour.start, *(problem.orders[at].location for at in orders), tour.home]
    return sum(int(problem.minutes[a, b]) for a, b in pairwise(places))


def plan_of(problem: DispatchProblem, sequences: Sequences, *, found_by: str = "") -> DispatchPlan:
    """The plan of feasible sequences; what is in none is unserved, for the reason `unexplained`.

    Raises ValueError for a sequence that cannot be driven.
    """
    routes = list[Route]()
    for tour, orders in zip(tours(problem), sequences, strict=True):
        stops = stops_of(problem, tour, orders)
        if stops is None:
            raise ValueError(f"crew {problem.crews[tour.crew].id} cannot keep {orders}")
        if stops:
            crew = problem.crews[tour.crew]
            way = travel_of(problem, tour, orders)
            routes.append(Route(crew.id, crew.shifts[tour.shift], tuple(stops), way))
    served = {at for orders in sequences for at in orders}
    left = (o.id for at, o in enumerate(problem.orders) if at not in served)
    score = sum(problem.orders[at].priority for at in served)
    unserved = tuple(Unserved(order, "unexplained") for order in left)
    return DispatchPlan(tuple(routes), unserved, score, sum(r.travel_min for r in routes), found_by)


def sequences_of(problem: DispatchProblem, plan: DispatchPlan) -> Sequences:
    """A plan's orders tour by tour, as positions; orders unknown to the problem are passed over."""
    at = {order.id: place for place, order in enumerate(problem.orders)}
    held = {(route.crew, route.shift): route.stops for route in plan.routes}
    found = list[tuple[int, ...]]()
    for tour in tours(problem):
        crew = problem.crews[tour.crew]
        stops = held.get((crew.id, crew.shifts[tour.shift]), ())
        found.append(tuple(at[stop.order] for stop in stops if stop.order in at))
    return tuple(found)


def worth(problem: DispatchProblem, sequences: Sequences) -> tuple[int, int, int]:
    """Sorts feasible sequences, the best last.

    Orders served of those that crews keep, then halves of priorities gained, then less travel.
    """
    held = committed_to(problem)
    kept, halves, travel = 0, 0, 0
    for tour, orders in zip(tours(problem), sequences, strict=True):
        stops = stops_of(problem, tour, orders) or []
        for at, stop in zip(orders, stops, strict=True):
            order = problem.orders[at]
            kept += order.id in held
            halves += order.priority * (KEPT if is_kept(order, stop.arrive_min) else LATE)
        travel += travel_of(problem, tour, orders)
    return kept, halves, -travel
