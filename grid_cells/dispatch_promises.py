"""What a promised arrival is worth: kept, the whole priority of its order; served late, half of it.

A promise is no rule: an order whose promise cannot be kept is still served in its windows.
"""

from dataclasses import replace
from typing import Final

from grid_cells.dispatch import DispatchPlan, DispatchProblem, Order, Window, committed_to

KEPT, LATE = 2, 1
"""Halves of its priority that an order is worth in time and late."""
Stretch = tuple[int, int, int]
HALVES: Final = 2


def stretches(order: Order) -> tuple[Stretch, ...]:
    """The order's windows cut at its promise: first and last minute, halves it is worth there."""
    promise = order.promise_min
    found = list[Stretch]()
    for first, last in order.windows:
        if promise is None or promise >= last:
            found.append((first, last, KEPT))
        elif promise < first:
            found.append((first, last, LATE))
        else:
            found += [(first, promise, KEPT), (promise + 1, last, LATE)]
    return tuple(found)


def narrowed(problem: DispatchProblem) -> DispatchProblem:
    """The problem with windows that end at the promise, where that leaves any.

    What a crew keeps has its whole windows: it is served late rather than not at all.
    """
    if all(order.promise_min is None for order in problem.orders):
        return problem
    held = committed_to(problem)
    orders = (order if order.id in held else _narrow(order) for order in problem.orders)
    return replace(problem, orders=tuple(orders))


def _narrow(order: Order) -> Order:
    kept: tuple[Window, ...] = tuple((a, b) for a, b, halves in stretches(order) if halves == KEPT)
    return replace(order, windows=kept) if kept else order


def is_kept(order: Order, arrive_min: int) -> bool:
    """Whether an arrival keeps the promise; one without a promise is always in time."""
    return order.promise_min is None or arrive_min <= order.promise_min


def promises_kept(problem: DispatchProblem, plan: DispatchPlan) -> tuple[int, int]:
    """How many promises the plan keeps, of how many; an order left out breaks its promise."""
    promised = {order.id: order for order in problem.orders if order.promise_min is not None}
    stops = (stop for route in plan.routes for stop in route.stops)
    kept = sum(s.order in promised and is_kept(promised[s.order], s.arrive_min) for s in stops)
    return kept, len(promised)
