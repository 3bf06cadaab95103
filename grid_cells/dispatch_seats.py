"""Room for what must be served: the start from which a solver goes on."""

from dataclasses import replace
from typing import Final

import numpy as np

from grid_cells.dispatch import DispatchProblem, Sequences, abilities, committed_to, tours
from grid_cells.dispatch_insertion import demands_of, offers, standing

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
        sequences = _with(weighed, sequences, at)
    return sequences


def _with(problem: DispatchProblem, sequences: Sequences, order: int) -> Sequences:
    """The sequences with one more order, unchanged where no one can come."""
    able, demands = abilities(problem)[:, order], demands_of(problem, [order])
    best: tuple[int, int, tuple[int, ...]] | None = None
    for way, (tour, orders) in enumerate(zip(tours(problem), sequences, strict=True)):
        stand = standing(problem, tour, orders)
        found = offers(problem, stand, demands)
        works = found.works[0] & (found.dropped < _UNTOUCHABLE)
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
