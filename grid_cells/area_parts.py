"""First drafts of areas: parts of equal weight with short borders, by METIS."""

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from grid_cells.area_growth import deepest_units, spread_from_seats
from grid_cells.area_shares import Ground
from grid_cells.unit_graph import Floats, Ints, UnitGraph, touching_matrix

_MOST_TOTAL = 1e8
"""METIS adds weights in 32 bits."""
_PRICE_STEPS = 100
_SMALL = 10_000
"""Units up to which METIS may take the best of more cuts."""


def draft(
    ground: Ground, group_of_area: Ints, targets: Floats, *, bound: Ints, options: tuple[float, int]
) -> Ints:
    """Area of each unit in parts near the targets; -1 outside the ground.

    `bound`: area that a unit is bound to, or -1; `options`: tolerance and seed. Where units of a
    group are bound, areas spread from these and, for areas without one, from the middles of
    METIS' parts.
    """
    labels = np.full(ground.graph.units, -1, dtype=np.int64)
    for group in range(ground.groups):
        units = np.flatnonzero(ground.group_of == group)
        areas = np.flatnonzero(group_of_area == group)
        part, inner = _part_of(ground, units)
        local = np.full(len(units), -1, dtype=np.int64)
        held = bound[units] >= 0
        local[held] = np.searchsorted(areas, bound[units][held])
        found = _parts(part, targets[areas], options)
        if held.any():
            seats = _with_middles(part, found, local, len(areas))
            found = spread_from_seats(part, seats, targets[areas], joined=inner)
            found = np.where(held, local, found)
        labels[units] = np.where(found >= 0, areas[found], -1)
    return labels


def _part_of(ground: Ground, units: Ints) -> tuple[UnitGraph, NDArray[np.bool_]]:
    """The graph of some units alone, all of its pairs joined."""
    graph = ground.graph
    place = np.full(graph.units, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    kept = ground.joined & (place[graph.left] >= 0) & (place[graph.right] >= 0)
    part = UnitGraph(
        graph.weight[units],
        place[graph.left[kept]],
        place[graph.right[kept]],
        graph.price[kept],
        graph.x[units],
        graph.y[units],
    )
    return part, np.ones(len(part.left), dtype=bool)


def _parts(graph: UnitGraph, targets: Floats, tolerance_and_seed: tuple[float, int]) -> Ints:
    """Part of each unit: contiguous and about as heavy as its target."""
    tolerance, seed = tolerance_and_seed
    if len(targets) == 1:
        return np.zeros(graph.units, dtype=np.int64)
    matrix = touching_matrix(graph)
    adjacency = pymetis.CSRAdjacency(
        matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    )
    is_plain = bool(np.all(matrix.data == matrix.data[0]))
    prices = np.maximum(np.round(matrix.data * _PRICE_STEPS), 1).astype(np.int32)
    is_even = bool(np.all(targets == targets[0])) or targets.sum() <= 0
    found = pymetis.part_graph(
        len(targets),
        adjacency,
        vweights=_whole(graph.weight),
        eweights=None if is_plain else prices,
        tpwgts=None if is_even else (targets / targets.sum()).tolist(),
        recursive=False,
        options=_options(tolerance, seed, cuts=4 if graph.units <= _SMALL else 1),
    )
    return np.array(found.vertex_part, dtype=np.int64)


def _options(tolerance: float, seed: int, *, cuts: int) -> pymetis.Options:
    """Contiguous parts, a little tighter than asked for, since METIS may miss it a little."""
    ufactor = max(int(600 * tolerance), 1)
    return pymetis.Options(seed=seed, contig=1, ufactor=ufactor, ncuts=cuts)


def _whole(weight: Floats) -> NDArray[np.int32]:
    total = weight.sum()
    if total <= 0:
        return np.ones(len(weight), dtype=np.int32)
    is_whole = total <= _MOST_TOTAL and bool(np.all(weight == np.round(weight)))
    return np.round(weight if is_whole else weight * (_MOST_TOTAL / total)).astype(np.int32)


def _with_middles(graph: UnitGraph, parts: Ints, bound: Ints, areas: int) -> Ints:
    """Seats of all areas: the bound units, and the middle of a part for an area without."""
    held = np.flatnonzero(bound >= 0)
    shared = np.zeros((areas, areas))
    np.add.at(shared, (bound[held], parts[held]), 1.0)
    part_of_area = linear_sum_assignment(-shared)[1]
    seats = bound.copy()
    middles = deepest_units(graph, parts, barred=bound >= 0)
    for area in np.setdiff1d(np.arange(areas), bound[held]).tolist():
        part = int(part_of_area[area])
        if part < len(middles) and middles[part] >= 0:
            seats[middles[part]] = area
    return seats
