"""What cannot keep its promise is still served as soon as it can be, round by round.

To the solver every minute after a promise is alike, and short ways would put what is late off to
the next day. So orders are asked for in rounds: first each within its promise; whoever found no
place may be reached later in the next round, while those that have one keep their time and weigh
more than all else.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from grid_cells.dispatch import HIGHEST_PRIORITY, DispatchPlan, DispatchProblem, Order
from grid_cells.dispatch_routes import sequences_of
from grid_cells.dispatch_seats import finished

LATER_MIN: Final = (0, 120, 360)
"""How much later than its promise an order may be reached, round by round; then whenever."""
_SEATED: Final = HIGHEST_PRIORITY - 5


def solve_in_rounds(
    problem: DispatchProblem, solve: Callable[[DispatchProblem], DispatchPlan]
) -> DispatchPlan:
    """The plan of the problem, its orders as early as the rounds found them a place."""
    seated: dict[str, int] = {}
    found = DispatchPlan((), (), 0, 0)
    for turn in range(len(LATER_MIN) + 1):
        found = solve(cut(problem, turn, seated))
        # who lost its place looks for one like everybody else in the next round
        seated = {name: seated.get(name, turn) for name in found.crew_of()}
        if len(seated) == len(problem.orders):
            break
    # with the whole windows more may fit in than the rounds let
    return finished(problem, sequences_of(problem, found), found.found_by)


def cut(problem: DispatchProblem, turn: int, seated: Mapping[str, int]) -> DispatchProblem:
    """The orders with the windows of the round in which each found its place, or of this one."""
    orders = tuple(
        _cut(order, seated.get(order.id, turn), is_seated=order.id in seated)
        for order in problem.orders
    )
    return replace(problem, orders=orders)


def _cut(order: Order, turn: int, *, is_seated: bool) -> Order:
    priority = max(order.priority, _SEATED) if is_seated else order.priority
    if turn >= len(LATER_MIN) or order.promise_min is None:
        return replace(order, priority=priority)
    last = order.promise_min + LATER_MIN[turn]
    windows = tuple((first, min(end, last)) for first, end in order.windows if first <= last)
    first = order.windows[0][0]
    return replace(order, priority=priority, windows=windows or ((first, first),))
