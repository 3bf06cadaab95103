"""Whether a plan keeps the rules of dispatch: every breach, found by driving the routes again.

Nothing here is shared with the solvers, so that a mistake there shows here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grid_cells.dispatch import Crew, DispatchPlan, DispatchProblem, Order, Route


@dataclass(frozen=True)
class Breach:
    """A rule that a plan breaks: its code, the crew, the order (if one) and the minutes it is off.

    Codes: `crew_unknown`, `shift_unknown`, `route_twice`, `order_unknown`, `order_twice`,
    `order_lost` (neither served nor unserved), `no_skill`, `against_wishes`,
    `committed_elsewhere`, `too_fast` (there before it can be), `outside_window`, `left_early`,
    `home_late`, `wrong_travel`, `wrong_score`.
    """

    code: str
    crew: str | None = None
    order: str | None = None
    minutes: int = 0


def breaches(problem: DispatchProblem, plan: DispatchPlan) -> tuple[Breach, ...]:
    """Every rule that the plan breaks, none for a plan that may be driven."""
    crews = {crew.id: crew for crew in problem.crews}
    orders = {order.id: order for order in problem.orders}
    found = list(_of_whole(problem, plan, orders))
    for route in plan.routes:
        crew = crews.get(route.crew)
        if crew is None:
            found.append(Breach("crew_unknown", route.crew))
        elif route.shift not in crew.shifts:
            found.append(Breach("shift_unknown", route.crew))
        else:
            found += _of_route(problem, crew, route, orders)
    return tuple(found)


def _of_whole(
    problem: DispatchProblem, plan: DispatchPlan, orders: dict[str, Order]
) -> Iterator[Breach]:
    served = [stop.order for route in plan.routes for stop in route.stops]
    told = Counter(served + [left.order for left in plan.unserved])
    yield from (Breach("order_twice", order=name) for name, n in told.items() if n > 1)
    yield from (Breach("order_unknown", order=name) for name in told if name not in orders)
    yield from (Breach("order_lost", order=name) for name in orders if name not in told)
    driven = Counter((route.crew, route.shift) for route in plan.routes)
    yield from (Breach("route_twice", crew) for (crew, _), n in driven.items() if n > 1)
    holders = {name: crew.id for crew in problem.crews for name in crew.committed}
    for route in plan.routes:
        for stop in route.stops:
            if holders.get(stop.order, route.crew) != route.crew:
                yield Breach("committed_elsewhere", route.crew, stop.order)
    known = (orders[name].priority for name in set(served) if name in orders)
    if plan.score != sum(known):
        yield Breach("wrong_score")
    if plan.travel_min != sum(route.travel_min for route in plan.routes):
        yield Breach("wrong_travel")


def _of_route(
    problem: DispatchProblem, crew: Crew, route: Route, orders: dict[str, Order]
) -> Iterator[Breach]:
    place, clock = _beginning(crew, route)
    driven = 0
    for stop in route.stops:
        order = orders.get(stop.order)
        if order is None:
            continue
        yield from _of_person(crew, order)
        way = int(problem.minutes[place][order.location])
        driven += way
        if stop.arrive_min < clock + way:
            yield Breach("too_fast", crew.id, order.id, clock + way - stop.arrive_min)
        if not any(first <= stop.arrive_min <= last for first, last in order.windows):
            yield Breach("outside_window", crew.id, order.id)
        if stop.leave_min < stop.arrive_min + order.service_min:
            short = stop.arrive_min + order.service_min - stop.leave_min
            yield Breach("left_early", crew.id, order.id, short)
        place, clock = order.location, stop.leave_min
    if route.stops:
        way = int(problem.minutes[place][crew.location])
        driven += way
        if clock + way > route.shift[1]:
            yield Breach("home_late", crew.id, minutes=clock + way - route.shift[1])
    if driven != route.travel_min:
        yield Breach("wrong_travel", crew.id, minutes=abs(driven - route.travel_min))


def _beginning(crew: Crew, route: Route) -> tuple[int, int]:
    """Place and minute from which the crew can go: on from where it is in its current shift."""
    place, clock = crew.location, route.shift[0]
    if crew.free_from is None:
        is_current = route.shift == crew.shifts[0]
    else:
        is_current = next((s for s in crew.shifts if s[1] > crew.free_from), None) == route.shift
        clock = max(clock, crew.free_from)
    if is_current and crew.start_location is not None:
        place = crew.start_location
    return place, clock


def _of_person(crew: Crew, order: Order) -> Iterator[Breach]:
    if order.skills - crew.skills:
        yield Breach("no_skill", crew.id, order.id)
    wished = order.allowed is None or crew.id in order.allowed
    if crew.id in order.forbidden or not wished:
        yield Breach("against_wishes", crew.id, order.id)
