"""A dispatch problem as PyVRP's data.

PyVRP adds travel and prizes up; half a point of priority is worth more minutes than any detour, so
that the score rules and travel breaks ties.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from grid_cells.dispatch import (
    UNREACHABLE,
    DispatchProblem,
    Ints,
    Order,
    Sequences,
    Tour,
    abilities,
    committed_to,
    tours,
)
from grid_cells.dispatch_promises import HALVES, stretches
from grid_cells.dispatch_routes import stops_of

_LEAST_POINT_MIN: Final = 100
_COMMITTED: Final = 50
"""What a committed order is worth in prizes of the highest priority."""


def point_min(problem: DispatchProblem) -> int:
    """Minutes of travel that a point of priority is worth: twice the longest way there and back."""
    ways = problem.minutes[problem.minutes < UNREACHABLE]
    return max(_LEAST_POINT_MIN, 4 * int(ways.max(initial=0)))


@dataclass(frozen=True, eq=False)
class Leanings:
    """What speaks for and against an assignment beyond travel, in minutes of travel.

    `price` (crews, orders) is paid where the crew serves the order; `bonus` (orders) is gained
    where the order is served at all.
    """

    price: Ints
    bonus: Ints


@dataclass(frozen=True, eq=False)
class PyvrpModel:
    """PyVRP's data, the order of each of its clients, and the clients of each order."""

    data: Any
    order_of: list[int]
    clients_of: list[list[int]]


def model_of(problem: DispatchProblem, leanings: Leanings | None) -> PyvrpModel:
    """PyVRP's data. Each stretch of an order is a client; of several one at most is visited."""
    import pyvrp  # noqa: PLC0415

    ways, point = tours(problem), point_min(problem)
    prizes = _prizes(problem, leanings, point)
    groups, clients = list[Any](), list[Any]()
    order_of, clients_of = list[int](), list[list[int]]()
    for at, order in enumerate(problem.orders):
        parts = stretches(order)
        mine = list(range(len(clients), len(clients) + len(parts)))
        group = len(groups) if len(mine) > 1 else None
        if group is not None:
            groups.append(pyvrp.ClientGroup(mine, required=False))
        clients += [
            pyvrp.Client(
                client, [order.load], service_duration=order.service_min,
                tw_early=opens, tw_late=closes,
                prize=int(prizes[at]) - (HALVES - halves) * order.priority * point // HALVES,
                required=False, group=group,
            )
            for client, (opens, closes, halves) in zip(mine, parts, strict=True)
        ]  # fmt: skip
        order_of += [at] * len(mine)
        clients_of.append(mine)
    places = _places(problem, ways, order_of)
    minutes: Any = problem.minutes[np.ix_(places, places)]
    np.fill_diagonal(minutes, 0)
    costs, profile_of = _costs(problem, leanings, minutes, order_of, int(prizes.max()))
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in places], clients, _depots(ways, len(clients)),
        _vehicles(ways, profile_of), costs, [minutes] * len(costs), groups,
    )  # fmt: skip
    return PyvrpModel(data, order_of, clients_of)


def _places(problem: DispatchProblem, ways: tuple[Tour, ...], order_of: list[int]) -> Ints:
    """Place of each client, then start and home of each tour."""
    sites = [problem.orders[at].location for at in order_of]
    ends = [place for tour in ways for place in (tour.start, tour.home)]
    return np.array(sites + ends, dtype=np.int64)


def _depots(ways: tuple[Tour, ...], clients: int) -> list[Any]:
    import pyvrp  # noqa: PLC0415

    return [pyvrp.Depot(clients + at) for at in range(2 * len(ways))]


def _vehicles(ways: tuple[Tour, ...], profile_of: list[int]) -> list[Any]:
    import pyvrp  # noqa: PLC0415

    return [
        pyvrp.VehicleType(
            1, [max(tour.room, 0)], 2 * at, 2 * at + 1, tw_early=tour.begin, tw_late=tour.end,
            profile=profile_of[tour.crew],
        )
        for at, tour in enumerate(ways)
    ]  # fmt: skip


def _prizes(problem: DispatchProblem, leanings: Leanings | None, point: int) -> Ints:
    """What serving each order is worth, in minutes of travel."""
    priority = np.array([order.priority for order in problem.orders], dtype=np.int64)
    prizes = priority * point
    if leanings is not None:
        prizes = prizes + leanings.bonus
    held = committed_to(problem)
    is_held = np.array([order.id in held for order in problem.orders], dtype=bool)
    return np.asarray(prizes + is_held * (_COMMITTED * prizes.max() + point))


def _costs(
    problem: DispatchProblem,
    leanings: Leanings | None,
    minutes: Ints,
    order_of: list[int],
    highest_prize: int,
) -> tuple[list[Any], list[int]]:
    """Matrices of costs, and which of them each crew goes by.

    The way to an order that a crew may not serve costs more than any prize.
    """
    able = abilities(problem)
    price = np.zeros(able.shape, dtype=np.int64) if leanings is None else leanings.price
    toll = np.where(able, price, highest_prize + UNREACHABLE)
    tolls, profile_of = np.unique(toll[:, order_of], axis=0, return_inverse=True)
    found = list[Any]()
    for row in tolls:
        cost = minutes.copy()
        cost[:, : len(order_of)] += row
        np.fill_diagonal(cost, 0)
        found.append(cost)
    return found, profile_of.tolist()


def warm_start(problem: DispatchProblem, model: PyvrpModel, start: Sequences) -> Any:
    """The start as PyVRP's solution, built against the new data: an old one would serve nobody."""
    import pyvrp  # noqa: PLC0415

    routes = list[Any]()
    for at, (tour, orders) in enumerate(zip(tours(problem), start, strict=True)):
        stops = stops_of(problem, tour, orders)
        if not orders or stops is None:
            continue
        visits = [
            model.clients_of[order][_stretch_of(problem.orders[order], stop.arrive_min)]
            for order, stop in zip(orders, stops, strict=True)
        ]
        routes.append(pyvrp.Route(model.data, visits, at))
    return pyvrp.Solution(model.data, routes)


def _stretch_of(order: Order, minute: int) -> int:
    return next(at for at, (a, b, _) in enumerate(stretches(order)) if a <= minute <= b)
