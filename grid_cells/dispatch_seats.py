"""Room for what must be served, before a solver goes on, and for what still fits in after it."""

from dataclasses import replace
from typing import Final

import numpy as np

from grid_cells.dispatch import (
    DispatchPlan,
    DispatchProblem,
    Sequences,
    abilities,
    committed_to,
    tours,
)
from grid_cells.dispatch_insertion import demands_of, offers, standing
from grid_cells.dispatch_reasons import with_reasons
from grid_cells.dispatch_routes import plan_of

_UNTOUCHABLE: Final = 10**5
_ONE_POINT: Final = 10**4


def seated(problem: DispatchProblem, sequences: Sequences, urgent: frozenset[str]) -> Sequences:
    """The sequences with the urgent orders in them where that can be, the weightiest first.

    Each goes where the least priority leaves for it, then the least travel is added; what is urgent
    or committed does not leave.
    """
    safe = urgent | frozenset(committed_to(problem))
    weighed = replace(
        problem,
        orders=tuple(
            replace(order, priority=_UNTOUCHABLE) if order.id in safe else order
            for order in problem.orders
        ),
    )
    served = {at for orders in sequences for at in orders}
    waiting = [at for at, o in enumerate(problem.orders) if o.id in urgent and at not in served]
    for at in sorted(waiting, key=lambda at: -problem.orders[at].priority):
        sequences = _with(weighed, sequences, at, _UNTOUCHABLE)
    return sequences


def finished(problem: DispatchProblem, sequences: Sequences, found_by: str) -> DispatchPlan:
    """The plan of a solver's sequences, each order left out with its reason.

    Where a search ended before an order was put into a gap that it fits into, it goes there.
    """
    plan = with_reasons(problem, plan_of(problem, sequences, found_by=found_by), sequences)
    fitting = {one.order for one in plan.unserved if one.reason == "search_ended"}
    if not fitting:
        return plan
    waiting = [at for at, order in enumerate(problem.orders) if order.id in fitting]
    for at in sorted(waiting, key=lambda at: -problem.orders[at].priority):
        sequences = _with(problem, sequences, at, 1)
    return with_reasons(problem, plan_of(problem, sequences, found_by=found_by), sequences)


def _with(problem: DispatchProblem, sequences: Sequences, order: int, below: int) -> Sequences:
    """The sequences with one more order, for which less priority than `below` leaves.

    Unchanged where no one can come.
    """
    able, demands = abilities(problem)[:, order], demands_of(problem, [order])
    best: tuple[int, int, tuple[int, ...]] | None = None
    for way, (tour, orders) in enumerate(zip(tours(problem), sequences, strict=True)):
        stand = standing(problem, tour, orders)
        found = offers(problem, stand, demands)
        works = found.works[0] & (found.dropped < below)
        if not able[tour.crew] or not works.any():
            continue
        cost = np.where(works, found.dropped * _ONE_POINT + found.extra[0], np.iinfo(np.int64).max)
        gap = int(np.argmin(cost))
        i, j = stand.gaps
        anew = (*orders[: int(i[gap])], order, *orders[int(j[gap]) - 1 :])
        if best is None or int(cost[gap]) < best[0]:
            best = int(cost[gap]), way, anew
    if best is None:
        return sequences
    return tuple(best[2] if way == best[1] else orders for way, orders in enumerate(sequences))
