"""A plan made better by PyVRP's iterated local search (Wouda, Lan, Kool 2024), from a warm start.

PyVRP adds travel and prizes up; a point of priority is worth so many minutes that the score rules
and travel breaks ties.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from grid_cells.dispatch import (
    UNREACHABLE,
    DispatchProblem,
    Ints,
    Sequences,
    Tour,
    abilities,
    committed_to,
    tours,
)

POINT_MIN: Final = 100
"""Minutes of travel that a point of priority is worth."""
_COMMITTED: Final = 50
"""What a committed order is worth in prizes of the highest priority."""
_NEIGHBOURS, _MOST_PERTURBED, _HISTORY = 50, 10, 10
_OPERATORS: Final = (
    "Relocate1", "Swap11", "SwapTails", "RemoveOptionalClient", "InsertOptionalClient",
    "ReplaceOptionalClient", "ReplaceGroup",
)  # fmt: skip
"""Fewer than PyVRP's own, fewer and smaller perturbations: twice the gain within half a second."""


@dataclass(frozen=True, eq=False)
class Leanings:
    """What speaks for and against an assignment beyond travel, in minutes of travel.

    `price` (crews, orders) is paid where the crew serves the order; `bonus` (orders) is gained
    where the order is served at all.
    """

    price: Ints
    bonus: Ints


@dataclass(frozen=True)
class Effort:
    """When the search ends: `is_over()` or `idle` iterations in a row without improvement.

    `seed` draws the same answer again where the iterations end it.
    """

    is_over: Callable[[], bool]
    idle: int = 4000
    seed: int = 0


class _Stop:
    """PyVRP's stopping criterion."""

    def __init__(self, effort: Effort) -> None:
        self._effort, self._best, self._idle = effort, float("inf"), 0

    def __call__(self, best_cost: float) -> bool:
        self._idle = 0 if best_cost < self._best else self._idle + 1
        self._best = min(best_cost, self._best)
        return self._idle > self._effort.idle or self._effort.is_over()


@dataclass(frozen=True, eq=False)
class _Model:
    """PyVRP's data, and which order and which window each of its clients is."""

    data: Any
    order_of: list[int]
    clients_of: list[list[int]]


def polish(
    problem: DispatchProblem, start: Sequences, effort: Effort, leanings: Leanings | None = None
) -> Sequences:
    """Sequences at least as good as those of `start`, which must keep the rules."""
    if not start or not problem.orders:
        return start
    model = _model(problem, leanings)
    best = _search(model, _warm(problem, model, start), effort)
    if not best.is_feasible():
        return start
    found: list[tuple[int, ...]] = [() for _ in start]
    for route in best.routes():
        clients = (stop.idx for stop in route if stop.is_client())
        found[route.vehicle_type()] = tuple(model.order_of[client] for client in clients)
    return tuple(found)


def _search(model: _Model, warm: Any, effort: Effort) -> Any:
    """The best solution of an iterated local search that begins with all of the warm start."""
    import pyvrp  # noqa: PLC0415 - commands that solve nothing save it
    from pyvrp import search  # noqa: PLC0415

    random = pyvrp.RandomNumberGenerator(seed=effort.seed)
    near = search.compute_neighbours(
        model.data, search.NeighbourhoodParams(num_neighbours=_NEIGHBOURS)
    )
    shaken = search.PerturbationParams(1, _MOST_PERTURBED)
    local = search.LocalSearch(model.data, random, near, search.PerturbationManager(shaken))
    for name in _OPERATORS:
        operator = getattr(search, name)
        if operator.supports(model.data):
            local.add_operator(operator(model.data))
    terms = pyvrp.PenaltyParams()
    penalties = pyvrp.PenaltyManager(terms.midpoint_penalties(model.data), terms)
    first = local(warm, penalties.max_cost_evaluator(), exhaustive=True)
    rules = pyvrp.IteratedLocalSearchParams(history_length=_HISTORY)
    walk = pyvrp.IteratedLocalSearch(model.data, penalties, local, first, rules)
    return walk.run(_Stop(effort), collect_stats=False).best


def _model(problem: DispatchProblem, leanings: Leanings | None) -> _Model:
    """Each window of an order is a client of its own; of several one at most is visited."""
    import pyvrp  # noqa: PLC0415

    ways, prizes = tours(problem), _prizes(problem, leanings)
    groups, clients = list[Any](), list[Any]()
    order_of, clients_of = list[int](), list[list[int]]()
    for at, order in enumerate(problem.orders):
        mine = list(range(len(clients), len(clients) + len(order.windows)))
        group = len(groups) if len(mine) > 1 else None
        if group is not None:
            groups.append(pyvrp.ClientGroup(mine, required=False))
        clients += [
            pyvrp.Client(
                client, service_duration=order.service_min, tw_early=opens, tw_late=closes,
                prize=int(prizes[at]), required=False, group=group,
            )
            for client, (opens, closes) in zip(mine, order.windows, strict=True)
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
    return _Model(data, order_of, clients_of)


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
            1, [], 2 * at, 2 * at + 1, tw_early=tour.begin, tw_late=tour.end,
            profile=profile_of[tour.crew],
        )
        for at, tour in enumerate(ways)
    ]  # fmt: skip


def _prizes(problem: DispatchProblem, leanings: Leanings | None) -> Ints:
    """What serving each order is worth, in minutes of travel."""
    priority = np.array([order.priority for order in problem.orders], dtype=np.int64)
    prizes = priority * POINT_MIN
    if leanings is not None:
        prizes = prizes + leanings.bonus
    held = committed_to(problem)
    is_held = np.array([order.id in held for order in problem.orders], dtype=bool)
    return np.asarray(prizes + is_held * (_COMMITTED * prizes.max() + POINT_MIN))


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


def _warm(problem: DispatchProblem, model: _Model, start: Sequences) -> Any:
    """The start as PyVRP's solution, built against the new data: an old one would serve nobody."""
    import pyvrp  # noqa: PLC0415

    from grid_cells.dispatch_routes import stops_of  # noqa: PLC0415

    routes = list[Any]()
    for at, (tour, orders) in enumerate(zip(tours(problem), start, strict=True)):
        stops = stops_of(problem, tour, orders)
        if not orders or stops is None:
            continue
        visits = [
            model.clients_of[order][_window_of(problem.orders[order].windows, stop.arrive_min)]
            for order, stop in zip(orders, stops, strict=True)
        ]
        routes.append(pyvrp.Route(model.data, visits, at))
    return pyvrp.Solution(model.data, routes)


def _window_of(windows: tuple[tuple[int, int], ...], minute: int) -> int:
    return next(at for at, (a, b) in enumerate(windows) if a <= minute <= b)
