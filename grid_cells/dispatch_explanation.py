"""Why an order went to its crew, who else could have taken it, and what that would have cost.

Codes and figures only; what another crew would cost is its cheapest insertion into the plan as it
stands, without the order.
"""

from dataclasses import dataclass

import numpy as np

from grid_cells.dispatch import (
    DispatchPlan,
    DispatchProblem,
    Order,
    Sequences,
    Tour,
    committed_to,
    refusals,
    tours,
)
from grid_cells.dispatch_insertion import Offers, Standing, demands_of, offers, standing
from grid_cells.dispatch_routes import begins, sequences_of, travel_of


@dataclass(frozen=True)
class Late:
    """An order that would be reached after its last window, and by how many minutes."""

    order: str
    late_min: int


@dataclass(frozen=True)
class Choice:
    """What a crew could have done about an order.

    `code`: `could` (it fits in between) · `others_late` (it can be there in time, then `late`
    would not be, or the crew be `home_late_min` late at home) · `out_of_reach` (not there in time
    from any of its stops) · `no_room` (its van is full) · `not_on_shift` · `no_skill` ·
    `not_allowed` · `committed_elsewhere`.
    `extra_min`: travel that the order adds; `arrive_min`: when work would begin.
    """

    crew: str
    code: str
    extra_min: int | None = None
    arrive_min: int | None = None
    late: tuple[Late, ...] = ()
    home_late_min: int = 0


@dataclass(frozen=True)
class Explanation:
    """Why an order went to `crew`.

    `code`: `committed` (it was to keep it) · `only_one` (no other crew may and can) · `nearest`
    (the least extra travel of those who could) · `others_full` (the others who may would be late
    elsewhere) · `whole_plan` (another would travel less for it, and the plan as a whole more or
    serve less). `extra_min`: travel that the order adds to its crew. `spare_min`: minutes from
    arrival to the window's end. `promise_spare_min`: the same for the promise, negative if late.
    `load_orders`, `load_min`: the crew's orders and minutes from its first departure to home.
    """

    order: str
    crew: str
    code: str
    arrive_min: int
    extra_min: int
    spare_min: int
    promise_spare_min: int | None
    load_orders: int
    load_min: int
    others: tuple[Choice, ...]


class Stand:
    """A plan as its explanations need it, each part worked out once: sequences, tours, refusals."""

    def __init__(self, problem: DispatchProblem, sequences: Sequences) -> None:
        """Of the plan's orders by tour."""
        self.problem, self.sequences = problem, sequences
        self.at = {order.id: k for k, order in enumerate(problem.orders)}
        self.tours, self.refused = tours(problem), refusals(problem)
        self._standing: dict[int, Standing] = {}

    def standing(self, way: int) -> Standing:
        """The tour with its orders."""
        if way not in self._standing:
            self._standing[way] = standing(self.problem, self.tours[way], self.sequences[way])
        return self._standing[way]


def stand_of(problem: DispatchProblem, plan: DispatchPlan) -> Stand:
    """The plan made ready for many explanations."""
    return Stand(problem, sequences_of(problem, plan))


def explain(
    problem: DispatchProblem, plan: DispatchPlan, order_id: str, stand: Stand | None = None
) -> Explanation:
    """Why the plan gives the order to its crew; KeyError for an order that it does not serve.

    `others` has every other crew, those who could first, by extra travel. `stand`: of the plan,
    where many of its orders are explained.
    """
    stand = stand or stand_of(problem, plan)
    at, held = stand.at[order_id], stand.sequences
    way = next((k for k, orders in enumerate(held) if at in orders), None)
    if way is None:
        raise KeyError(order_id)
    mine = stand.tours[way]
    others = [k for k in range(len(problem.crews)) if k != mine.crew]
    choices = choices_of(stand, at, others)
    extra = _added(problem, mine, held[way], at)
    return _told(problem, plan, at, extra, choices)


def _added(problem: DispatchProblem, tour: Tour, orders: tuple[int, ...], at: int) -> int:
    """Travel that an order adds to the route it stands in."""
    rest = tuple(one for one in orders if one != at)
    return travel_of(problem, tour, orders) - travel_of(problem, tour, rest)


def choices_of(stand: Stand, at: int, crews: list[int]) -> list[Choice]:
    """What each of these crews could do about an order that none of them has."""
    problem, refused, asked = stand.problem, stand.refused[:, at], set(crews)
    by_crew = dict[int, list[Choice]]()
    for way, tour in enumerate(stand.tours):
        if tour.crew in asked and not refused[tour.crew]:
            by_crew.setdefault(tour.crew, []).append(_choice(stand, way, at))
    return [
        min(by_crew[k], key=_merit)
        if k in by_crew
        else Choice(problem.crews[k].id, str(refused[k]) or "not_on_shift")
        for k in crews
    ]


_ORDER = ("could", "others_late", "no_room", "out_of_reach", "not_on_shift")


def _merit(choice: Choice) -> tuple[int, int, int]:
    rank = _ORDER.index(choice.code) if choice.code in _ORDER else len(_ORDER)
    return rank, len(choice.late), choice.extra_min or 0


def _choice(known: Stand, way: int, at: int) -> Choice:
    problem, tour = known.problem, known.tours[way]
    name, order = problem.crews[tour.crew].id, problem.orders[at]
    if not any(tour.begin <= last and first <= tour.end for first, last in order.windows):
        return Choice(name, "not_on_shift")
    stand = known.standing(way)
    found = offers(problem, stand, demands_of(problem, [at]))
    i, j = stand.gaps
    plain = j == i + 1  # nothing leaves
    if (found.works[0] & plain).any():
        gap = _least(found, found.works[0] & plain)
        return Choice(name, "could", int(found.extra[0, gap]), int(found.begin[0, gap]))
    if not (found.reaches[0] & plain).any():
        return Choice(name, "no_room" if order.load > stand.room else "out_of_reach")
    gaps = np.flatnonzero(found.reaches[0] & plain).tolist()
    cases = [(_late(problem, tour, stand, int(i[gap]), at), gap) for gap in gaps]
    (late, home_late), gap = min(cases, key=lambda case: (_harm(*case[0]), case[1]))
    extra, begin = int(found.extra[0, gap]), int(found.begin[0, gap])
    return Choice(name, "others_late", extra, begin, late, home_late)


def _harm(late: tuple[Late, ...], home_late: int) -> tuple[int, int]:
    """Sorts places for an order, the least harmful first: who is late, then by how much."""
    return len(late) + (home_late > 0), sum(one.late_min for one in late) + home_late


def _least(found: Offers, among: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> int:
    extra = np.where(among, found.extra[0], np.iinfo(np.int64).max)
    return int(np.argmin(extra))


def _late(
    problem: DispatchProblem, tour: Tour, stand: Standing, after: int, at: int
) -> tuple[tuple[Late, ...], int]:
    """Who is late, and the crew at home, if the order goes in after a stop and all are served."""
    place, clock, found = int(stand.place[after]), int(stand.leave[after]), list[Late]()
    for k in (at, *stand.orders[after:]):
        order = problem.orders[k]
        arrival = clock + int(problem.minutes[place, order.location])
        begin = begins(order, arrival)
        if begin is None:
            found.append(Late(order.id, arrival - max(last for _, last in order.windows)))
        place, clock = order.location, (arrival if begin is None else begin) + order.service_min
    home = clock + int(problem.minutes[place, tour.home])
    return tuple(found), max(0, home - tour.end)


def _told(
    problem: DispatchProblem, plan: DispatchPlan, at: int, extra: int, others: list[Choice]
) -> Explanation:
    order = problem.orders[at]
    route = next(r for r in plan.routes if any(s.order == order.id for s in r.stops))
    stop = next(s for s in route.stops if s.order == order.id)
    closes = max(last for first, last in order.windows if first <= stop.arrive_min <= last)
    promise = None if order.promise_min is None else order.promise_min - stop.arrive_min
    load = route.travel_min + sum(s.leave_min - s.arrive_min for s in route.stops)
    return Explanation(
        order.id, route.crew, _why(problem, order, extra, others), stop.arrive_min, extra,
        closes - stop.arrive_min, promise, len(route.stops), load,
        tuple(sorted(others, key=_place)),
    )  # fmt: skip


def _why(problem: DispatchProblem, order: Order, extra: int, others: list[Choice]) -> str:
    could = [one for one in others if one.code == "could"]
    if order.id in committed_to(problem):
        return "committed"
    if could:
        least = min(one.extra_min or 0 for one in could)
        return "nearest" if extra <= least else "whole_plan"
    return "others_full" if any(one.code == "others_late" for one in others) else "only_one"


def explain_unserved(
    problem: DispatchProblem, plan: DispatchPlan, order_id: str, stand: Stand | None = None
) -> tuple[Choice, ...]:
    """What each crew could do about an order that the plan leaves out, the best first."""
    stand = stand or stand_of(problem, plan)
    found = choices_of(stand, stand.at[order_id], list(range(len(problem.crews))))
    return tuple(sorted(found, key=_place))


def _place(choice: Choice) -> tuple[int, int, int, str]:
    return *_merit(choice), choice.crew
