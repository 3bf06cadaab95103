"""First drafts of areas: parts of equal weight with short borders, by METIS."""

from dataclasses import dataclass

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from grid_cells.area_board import Heed, never_mind
from grid_cells.area_growth import deepest_units, spread_from_seats
from grid_cells.area_shares import Ground
from grid_cells.unit_graph import Floats, Ints, UnitGraph, touching_matrix

_MOST_TOTAL = 1e8
"""METIS adds weights in 32 bits."""
_PRICE_STEPS = 100
_LEAST_SHARE = 1e-5
_LEAST_OF_MEAN = 0.002
_CAPPINGS = 30
_SMALL = 10_000
"""Units up to which METIS may take the best of more cuts."""


@dataclass(frozen=True)
class Options:
    """How closely and with which chances a draft is made; `heed` is called on the way."""

    tolerance: float
    seed: int
    heed: Heed = never_mind


def draft(
    ground: Ground, group_of_area: Ints, targets: Floats, *, bound: Ints, options: Options
) -> Ints:
    """Area of each unit in parts near the targets; -1 outside the ground.

    `bound`: area that a unit is bound to, or -1. Where units of a group are bound, areas spread
    from these and, for areas without one, from the middles of METIS' parts.
    """
    labels = np.full(ground.graph.units, -1, dtype=np.int64)
    for group in range(ground.groups):
        options.heed()
        units = np.flatnonzero(ground.group_of == group)
        areas = np.flatnonzero(group_of_area == group)
        part, inner = _part_of(ground, units)
        local = np.full(len(units), -1, dtype=np.int64)
        held = bound[units] >= 0
        local[held] = np.searchsorted(areas, bound[units][held])
        even = np.full(len(areas), targets[areas].mean())
        found = _parts(part, even if held.any() else targets[areas], options)
        if held.any():
            seats = _with_middles(part, found, local, len(areas))
            found = spread_from_seats(part, seats, targets[areas], joined=inner, heed=options.heed)
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


def _parts(graph: UnitGraph, targets: Floats, options: Options) -> Ints:
    """Part of each unit: contiguous and about as heavy as its target."""
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
        vweights=_whole(graph.weight, len(targets)),
        eweights=None if is_plain else prices,
        tpwgts=None if is_even else _shares(targets),
        recursive=False,
        options=_of_metis(options, cuts=4 if graph.units <= _SMALL else 1),
    )
    return np.array(found.vertex_part, dtype=np.int64)


def _shares(targets: Floats) -> list[float]:
    """Targets as shares of 1; METIS refuses a share of nothing."""
    some = np.maximum(targets, _LEAST_SHARE * targets.sum())
    return [float(share) for share in some / some.sum()]


def _of_metis(options: Options, *, cuts: int) -> pymetis.Options:
    """Contiguous parts, a little tighter than asked for, since METIS may miss it a little."""
    ufactor = max(int(600 * options.tolerance), 1)
    return pymetis.Options(seed=options.seed, contig=1, ufactor=ufactor, ncuts=cuts)


def _whole(weight: Floats, parts: int) -> NDArray[np.int32]:
    """Weights as whole numbers, none heavier than a part and none 0.

    METIS is left with graphs of no vertex where one unit outweighs a part, and says so on the
    process' own output, which belongs to whoever asked for JSON.
    """
    even = weight + max(_LEAST_OF_MEAN * weight.mean(), 1e-12)
    for _ in range(_CAPPINGS):
        even = np.minimum(even, even.sum() / parts)
    return np.asarray(np.maximum(even * (_MOST_TOTAL / even.sum()), 1), dtype=np.int32)


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
