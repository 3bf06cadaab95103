"""What is wished of proposed areas, checked and turned into the task of proposing them."""

from dataclasses import dataclass

import numpy as np

from grid_cells.area_shares import Flags, Ground, fair_targets, lay_ground, share_out
from grid_cells.errors import UserError
from grid_cells.unit_graph import Floats, Ints, UnitGraph, sum_by


@dataclass(frozen=True)
class Wishes:
    """What proposed areas have to respect.

    `areas`: how many, numbered from 0. `tolerance`: largest share by which an area may miss its
    target. `targets`: weight of each area, by default the same for all. `fixed` (n): area that
    a unit stays in, -1 if free. `closed`: areas that keep just their fixed units. `seats`:
    positions of units (halls, crew bases) that come to lie in an area of their own each.
    `within` (n): code of the upper unit of each unit; no area crosses it.
    """

    areas: int
    tolerance: float = 0.05
    targets: Floats | None = None
    fixed: Ints | None = None
    closed: tuple[int, ...] = ()
    seats: Ints | None = None
    within: Ints | None = None


@dataclass(frozen=True)
class Task:
    """Wishes settled: where areas may lie, what is bound to which, and what each should weigh.

    `bound` (n): area of a unit, -1 if free; `targets` as wished and `fair` ones as the weight of
    each group allows; `group_of_area`, -1 for a closed one.
    """

    ground: Ground
    wishes: Wishes
    bound: Ints
    targets: Floats
    fair: Floats
    group_of_area: Ints


def set_task(graph: UnitGraph, wishes: Wishes) -> Task:
    """The task that the wishes come to; raises the UserErrors that `propose` names."""
    _check(graph, wishes)
    fixed = _codes(wishes.fixed, graph.units, default=-1)
    is_open = ~np.isin(fixed, wishes.closed)
    targets = _targets(graph, wishes, fixed, is_open)
    closed = np.isin(np.arange(wishes.areas), wishes.closed)
    ground = lay_ground(
        graph,
        is_open=is_open,
        within=_codes(wishes.within, graph.units, default=0),
        light=float(targets[~closed].mean()) if not closed.all() else 0.0,
    )
    total = np.array([graph.weight[is_open].sum()])

    def shares(bound: Ints) -> Floats:
        groups = np.where(closed, -1, 0)
        return _fair(graph, wishes, bound, total, (targets, groups))

    bound = _with_seats(graph, wishes, fixed)
    bound = _with_heavy(ground, wishes, bound, shares(bound))
    groups = share_out(ground, bound, shares(bound))
    weights = sum_by(ground.group_of, graph.weight, ground.groups)
    fair = _fair(graph, wishes, bound, weights, (targets, groups))
    return Task(ground, wishes, bound, targets, fair, groups)


def _fair(
    graph: UnitGraph,
    wishes: Wishes,
    bound: Ints,
    weights: Floats,
    targets_and_groups: tuple[Floats, Ints],
) -> Floats:
    targets, groups = targets_and_groups
    held = sum_by(bound, graph.weight, wishes.areas)
    return fair_targets(weights, targets, held, groups=groups, tolerance=wishes.tolerance)


def _codes(given: Ints | None, units: int, *, default: int) -> Ints:
    if given is None:
        return np.full(units, default, dtype=np.int64)
    return np.asarray(given, dtype=np.int64)


def _check(graph: UnitGraph, wishes: Wishes) -> None:
    if not 0 < wishes.tolerance < 1:
        raise UserError("plan_tolerance", tolerance=wishes.tolerance)
    if wishes.areas < 1:
        raise UserError("plan_areas_few", areas=wishes.areas)
    if wishes.areas > graph.units:
        raise UserError("plan_more_areas_than_units", areas=wishes.areas, units=graph.units)
    seats = 0 if wishes.seats is None else len(wishes.seats)
    if seats > wishes.areas - len(wishes.closed):
        raise UserError("plan_more_seats_than_areas", seats=seats, areas=wishes.areas)


def _targets(graph: UnitGraph, wishes: Wishes, fixed: Ints, is_open: Flags) -> Floats:
    """Targets as wished, else equal shares; a closed area's is what it holds."""
    if wishes.targets is not None:
        return np.asarray(wishes.targets, dtype=np.float64)
    shared = graph.weight[is_open].sum() / max(wishes.areas - len(wishes.closed), 1)
    targets = np.full(wishes.areas, shared)
    held = sum_by(fixed, graph.weight, wishes.areas)
    closed = list(wishes.closed)
    targets[closed] = held[closed]
    return targets


def _with_seats(graph: UnitGraph, wishes: Wishes, fixed: Ints) -> Ints:
    """Units bound to areas when each seat has one: an area not yet fixed, else the nearest."""
    bound, seats = fixed.copy(), _codes(wishes.seats, 0, default=0)
    taken = bound[seats][bound[seats] >= 0]
    if len(np.unique(seats)) < len(seats):
        raise UserError("plan_seats_in_one_unit", unit=_twice(seats))
    if len(np.unique(taken)) < len(taken):
        raise UserError("plan_seats_in_one_area", area=_twice(taken))
    unbound = np.setdiff1d(np.arange(wishes.areas), bound)
    for seat in seats[bound[seats] < 0].tolist():
        if len(unbound):
            bound[seat], unbound = unbound[0], unbound[1:]
            continue
        others = np.setdiff1d(np.arange(wishes.areas), [*bound[seats], *wishes.closed])
        held = np.flatnonzero(np.isin(bound, others))
        metres = np.hypot(graph.x[held] - graph.x[seat], graph.y[held] - graph.y[seat])
        bound[seat] = bound[held[np.argmin(np.nan_to_num(metres))]]
    return bound


def _twice(values: Ints) -> int:
    found, count = np.unique(values, return_counts=True)
    return int(found[count > 1][0])


def _with_heavy(ground: Ground, wishes: Wishes, bound: Ints, shares: Floats) -> Ints:
    """Units too heavy for an area bound to one each, while areas last: the rest can be even then.

    `shares`: target of each area once bound weights are taken off.
    """
    weight = ground.graph.weight
    free = np.setdiff1d(np.arange(wishes.areas), bound)
    free = free[np.argsort(-shares[free], kind="stable")]
    without = np.setdiff1d(np.arange(ground.groups), ground.group_of[bound >= 0])
    rest, wished, bound = shares[free].sum(), shares[free].sum(), bound.copy()
    units = np.flatnonzero((bound < 0) & (ground.group_of >= 0))
    order = units[np.argsort(-weight[units], kind="stable")]
    most = max(len(free) - max(len(without), 1), 0)
    for unit, area in zip(order[:most].tolist(), free[:most].tolist(), strict=False):
        largest = shares[area] * (rest / wished if wished > 0 else 0)
        if weight[unit] <= largest * (1 + wishes.tolerance):
            break
        bound[unit] = area
        rest, wished = rest - weight[unit], wished - shares[area]
    return bound
