"""What it takes to put an order into a route that stands: minutes, and orders that must leave.

For each stop the earliest minute of leaving and the latest of arriving that keeps the rest are
known; so each place for an order, with or without stops that leave for it, is judged at once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grid_cells.dispatch import DispatchProblem, Ints, Tour
from grid_cells.dispatch_routes import stops_of

_NEVER = 10**9
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Demands:
    """Orders as arrays: place, service minutes, load (n); windows (n, w), empty ones never open."""

    place: Ints
    service: Ints
    load: Ints
    opens: Ints
    closes: Ints

    def begin(self, arrival: Ints) -> Ints:
        """When work begins after arrivals (n, p); `_NEVER` where all windows are over."""
        begin = np.full(arrival.shape, _NEVER, dtype=np.int64)
        for opens, closes in zip(self.opens.T, self.closes.T, strict=True):
            at = np.maximum(arrival, opens[:, None])
            begin = np.where(arrival <= closes[:, None], np.minimum(begin, at), begin)
        return begin


def demands_of(problem: DispatchProblem, orders: list[int]) -> Demands:
    """The orders at these positions as arrays."""
    chosen = [problem.orders[at] for at in orders]
    width = max((len(order.windows) for order in chosen), default=1)
    opens = np.full((len(chosen), width), _NEVER, dtype=np.int64)
    closes = np.full((len(chosen), width), -1, dtype=np.int64)
    for row, order in enumerate(chosen):
        for k, (first, last) in enumerate(order.windows):
            opens[row, k], closes[row, k] = first, last
    place = np.array([order.location for order in chosen], dtype=np.int64)
    service = np.array([order.service_min for order in chosen], dtype=np.int64)
    load = np.array([order.load for order in chosen], dtype=np.int64)
    return Demands(place, service, load, opens, closes)


@dataclass(frozen=True, eq=False)
class Standing:
    """A tour with its orders: from stop to stop (0: the start, the last: home).

    `place` (k + 2), `leave` (k + 1): earliest minute of leaving, `latest` (k + 2): latest arrival
    that keeps what comes after. `room`: load that would still fit in.
    """

    orders: tuple[int, ...]
    place: Ints
    leave: Ints
    latest: Ints
    priority: Ints
    load: Ints
    legs: Ints
    room: int

    @cached_property
    def gaps(self) -> tuple[Ints, Ints]:
        """Each pair of stops i < j between which an order can go; what lies between leaves."""
        return np.triu_indices(len(self.place), k=1)


def standing(problem: DispatchProblem, tour: Tour, orders: tuple[int, ...]) -> Standing:
    """The tour with its orders, which must be feasible (else ValueError)."""
    stops = stops_of(problem, tour, orders)
    if stops is None:
        raise ValueError(f"{orders} cannot be driven")
    chosen = [problem.orders[at] for at in orders]
    place = np.array([tour.start, *(o.location for o in chosen), tour.home], dtype=np.int64)
    legs = np.asarray(problem.minutes[place[:-1], place[1:]], dtype=np.int64)
    if not orders:
        legs = np.zeros(1, dtype=np.int64)  # a crew without orders does not travel
    latest = np.full(len(place), tour.end, dtype=np.int64)
    for at in range(len(orders), 0, -1):
        order = chosen[at - 1]
        begin = int(latest[at + 1]) - int(legs[at]) - order.service_min
        latest[at] = max(min(last, begin) for first, last in order.windows if first <= begin)
    leave = np.array([tour.begin, *(stop.leave_min for stop in stops)], dtype=np.int64)
    # at least 1: nothing leaves for nothing, not even what counts for nothing
    priority = np.array([max(order.priority, 1) for order in chosen], dtype=np.int64)
    load = np.array([order.load for order in chosen], dtype=np.int64)
    room = tour.room - int(load.sum())
    return Standing(orders, place, leave, latest, priority, load, legs, room)


@dataclass(frozen=True, eq=False)
class Offers:
    """Orders (n) in the gaps (p) of a route: whether it works, begin, extra travel, what leaves.

    `reaches`: the order itself is reached in a window and fits into the van, whatever becomes of
    those after it.
    """

    works: Bools
    reaches: Bools
    begin: Ints
    extra: Ints
    dropped: Ints


def offers(problem: DispatchProblem, stand: Standing, demands: Demands) -> Offers:
    """Every order in every gap of a route."""
    i, j = stand.gaps
    to = np.asarray(problem.minutes[stand.place[i]][:, demands.place].T, dtype=np.int64)
    away = np.asarray(problem.minutes[demands.place][:, stand.place[j]], dtype=np.int64)
    begin = demands.begin(stand.leave[i][None, :] + to)
    freed = np.concatenate(([0], np.cumsum(stand.load)))
    room = stand.room + freed[j - 1] - freed[i]
    reaches = (begin < _NEVER) & (demands.load[:, None] <= room[None, :])
    works = reaches & (begin + demands.service[:, None] + away <= stand.latest[j][None, :])
    driven = np.concatenate(([0], np.cumsum(stand.legs)))
    weight = np.concatenate(([0], np.cumsum(stand.priority)))
    return Offers(
        works, reaches, begin, to + away - (driven[j] - driven[i]), weight[j - 1] - weight[i]
    )


def between(stand: Standing, gap: int) -> tuple[int, ...]:
    """Positions of the orders that leave for one in that gap."""
    i, j = stand.gaps
    return stand.orders[int(i[gap]) : int(j[gap]) - 1]
