"""Why an order is in no route: a code, and what outweighs it.

`no_skill`: no crew has its skills · `not_allowed`: those who have may not come by the customer's
wishes, or are kept from it · `not_on_shift`: none of those who may works in its windows ·
`out_of_reach`: none of them, with nothing else to do, is there in time and home in time ·
`outweighed`: someone could, if the orders named were left out; these have the least priority of
all such sets · `search_ended`: it would fit in, and was not found in the time given.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from grid_cells.dispatch import (
    DispatchPlan,
    DispatchProblem,
    Ints,
    Sequences,
    Tour,
    Unserved,
    refusals,
    tours,
)
from grid_cells.dispatch_insertion import Demands, Standing, between, demands_of, offers, standing

_NO_WAY = 10**12
_MANY = 10_000


def with_reasons(
    problem: DispatchProblem, plan: DispatchPlan, sequences: Sequences
) -> DispatchPlan:
    """The plan with the reason of each order that it leaves out; `sequences` are its routes'."""
    at = {order.id: place for place, order in enumerate(problem.orders)}
    left = [at[one.order] for one in plan.unserved]
    if not left:
        return plan
    demands, refused, ways = demands_of(problem, left), refusals(problem)[:, left], tours(problem)
    bids = [
        _bid(problem, tour, standing(problem, tour, orders), demands)
        for tour, orders in zip(ways, sequences, strict=True)
    ]
    mine = (_Case(order, refused[:, row], row) for row, order in enumerate(left))
    return replace(plan, unserved=tuple(_told(problem, ways, bids, case) for case in mine))


@dataclass(frozen=True, eq=False)
class _Bid:
    """A tour's offer to each order: `rank` by priority and number of what leaves, and the gap.

    `alone`: it could serve the order with nothing else to do.
    """

    stand: Standing
    rank: Ints
    gap: Ints
    alone: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Case:
    """An order left out: its position, why each crew may not serve it, its row in the bids."""

    order: int
    refused: NDArray[np.str_]
    row: int


def _bid(problem: DispatchProblem, tour: Tour, stand: Standing, demands: Demands) -> _Bid:
    alone = offers(problem, standing(problem, tour, ()), demands).works[:, 0]
    found = offers(problem, stand, demands)
    i, j = stand.gaps
    rank = np.where(found.works, found.dropped * _MANY + (j - i - 1), _NO_WAY)
    gap = np.argmin(rank, axis=1)
    return _Bid(stand, rank[np.arange(len(gap)), gap], gap, alone)


def _told(
    problem: DispatchProblem, ways: tuple[Tour, ...], bids: list[_Bid], case: _Case
) -> Unserved:
    name, refused = problem.orders[case.order].id, case.refused
    if not len(refused):
        return Unserved(name, "not_on_shift")
    if not np.any(refused == ""):
        return Unserved(name, "no_skill" if np.all(refused == "no_skill") else "not_allowed")
    mine = [at for at, tour in enumerate(ways) if refused[tour.crew] == ""]
    if not any(bids[at].alone[case.row] for at in mine):
        is_open = any(_meets(problem, case.order, ways[at]) for at in mine)
        return Unserved(name, "out_of_reach" if is_open else "not_on_shift")
    best = min((bids[at] for at in mine), key=lambda bid: int(bid.rank[case.row]))
    leaving = between(best.stand, int(best.gap[case.row]))
    if not leaving:
        return Unserved(name, "search_ended")
    return Unserved(name, "outweighed", tuple(problem.orders[at].id for at in leaving))


def _meets(problem: DispatchProblem, order: int, tour: Tour) -> bool:
    """Whether the tour and a window of the order share a minute."""
    windows = problem.orders[order].windows
    return any(tour.begin <= last and first <= tour.end for first, last in windows)
