"""Neighbouring areas thrown together and parted anew along random trees.

For what cannot be mended unit by unit: one unit as heavy as half an area. Parting a spanning
tree at one edge leaves two connected parts (recombination; DeFord, Duchin, Solomon 2021,
"Recombination: a family of Markov chains for redistricting").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, depth_first_order, minimum_spanning_tree

from grid_cells.area_board import Board
from grid_cells.area_shifts import Band, outside
from grid_cells.unit_graph import Floats, Ints, sum_by

_MOST_TOGETHER = 7
"""Areas thrown together at most."""
_TREES = 24
"""Random trees tried for each cut."""
_ROUNDS = 2
_MOST_UNITS = 6_000
"""Units in the areas thrown together: bounds the time of a tree."""
_TREE_COST = 300
"""Units that take as long as what every tree takes, however small."""
_EFFORT = 300_000
"""Units in the trees drawn before parting stops, about half a second's work."""
_CUTS_COMPARED = 8
"""Cuts of one tree of which the one with the shortest border is taken."""

_Cut = tuple[int, int, int, bool]
"""Area, where a branch of the tree begins and ends, and whether it gets that or the rest."""


@dataclass(frozen=True)
class _Region:
    """Units of some areas: their touching pairs, weights, and the area each is bound to or -1."""

    units: Ints
    joins: csr_array
    weight: Floats
    bound: Ints


def split_anew(
    board: Board, band: Band, *, random: np.random.Generator, most_moved: float = np.inf
) -> bool:
    """Part areas outside their band anew together with neighbours; whether all are within it.

    Frozen units keep their areas. An attempt that does not lessen what lies outside is dropped, as
    is one after which more than `most_moved` would be elsewhere than at the beginning.
    """
    enough = board.effort + _EFFORT
    for _ in range(_ROUNDS):
        for area in outside(board, band):
            if board.effort > enough:
                break
            if band.excess(board.load[area], area) > 0:
                _mend(board, band, area, (random, most_moved))
    return not outside(board, band)


def _mend(board: Board, band: Band, area: int, terms: tuple[np.random.Generator, float]) -> bool:
    """Part the area anew with one neighbour, with two, and so on; whether that helped."""
    together = [area]
    while len(together) < _MOST_TOGETHER:
        other = _best_partner(board, band, together, terms[0])
        if other < 0:
            return False
        together.append(other)
        board.heed()
        if sum(len(board.members[a]) for a in together) > _MOST_UNITS:
            return False
        if _part_anew(board, band, together, terms):
            return True
    return False


def _best_partner(
    board: Board, band: Band, together: list[int], random: np.random.Generator
) -> int:
    """The neighbour that evens the sum out best, chance breaking ties; -1 if there is none."""
    near = {b for a in together for b, rim in board.borders[a].items() if rim}
    near.difference_update(together)
    if not near:
        return -1

    def gap(areas: list[int]) -> float:
        middle = sum((band.least[a] + band.most[a]) / 2 for a in areas)
        return abs(sum(board.load[a] for a in areas) - middle)

    width = max(band.most[together[0]] - band.least[together[0]], 1e-9)
    return min(near, key=lambda b: gap([*together, b]) / width + random.random())


def _part_anew(
    board: Board, band: Band, areas: list[int], terms: tuple[np.random.Generator, float]
) -> bool:
    random, most_moved = terms
    before = sum(band.excess(board.load[a], a) for a in areas)
    region = _region(board, areas)
    if connected_components(region.joins, directed=False)[0] > 1:
        return False  # a frozen piece lies apart from its area
    parts = _parts(region, band, areas, random)
    if parts is None:
        board.effort += (len(region.units) + _TREE_COST) * _TREES
        return False
    loads = sum_by(parts, region.weight, board.areas)
    if sum(band.excess(float(loads[a]), a) for a in areas) >= before:
        return False
    parts = _named_alike(board, region, parts, band)
    given = zip(region.units.tolist(), parts.tolist(), strict=True)
    moves = [board.flip(unit, area) for unit, area in given if board.area_of[unit] != area]
    if board.moved <= most_moved:
        return True
    board.is_capped = True
    board.take_back(moves)
    return False


def _named_alike(board: Board, region: _Region, parts: Ints, band: Band) -> Ints:
    """Parts given to the areas that hold most of them already, where any area could have any."""
    areas, part_of = np.unique(parts, return_inverse=True)
    bands = {(band.least[a], band.most[a]) for a in areas.tolist()}
    if len(bands) > 1 or np.any(region.bound >= 0):
        return parts
    former = np.searchsorted(areas, [board.area_of[unit] for unit in region.units.tolist()])
    shared = np.zeros((len(areas), len(areas)))
    np.add.at(shared, (part_of, former), region.weight)
    return np.asarray(areas[linear_sum_assignment(-shared)[1]][part_of])


def _region(board: Board, areas: list[int]) -> _Region:
    units = sorted(unit for area in areas for unit in board.members[area])
    at = {unit: place for place, unit in enumerate(units)}
    near = [[at[v] for v in board.near(unit) if v in at] for unit in units]
    begin = np.cumsum([0, *map(len, near)])
    flat = np.array([v for row in near for v in row], dtype=np.int32)
    joins = csr_array((np.ones(len(flat)), flat, begin), shape=(len(units), len(units)))
    weight = np.array([board.weight[unit] for unit in units])
    bound = [board.area_of[unit] if board.is_frozen[unit] else -1 for unit in units]
    return _Region(np.array(units), joins, weight, np.array(bound))


def _parts(
    region: _Region, band: Band, areas: list[int], random: np.random.Generator
) -> Ints | None:
    """Area of each unit of the region, cut off one after another; None where no tree fits."""
    parts = np.full(len(region.units), -1, dtype=np.int64)
    left, here = list(areas), np.arange(len(region.units))
    while len(left) > 1:
        cut = _cut_off(region, here, band, left, random)
        if cut is None:
            return None
        area, inside = cut
        parts[here[inside]] = area
        here, left = here[~inside], [a for a in left if a != area]
    parts[here] = left[0]
    return parts


def _cut_off(
    region: _Region, here: Ints, band: Band, areas: list[int], random: np.random.Generator
) -> tuple[int, NDArray[np.bool_]] | None:
    """An area and which units it gets, so that the rest can hold the other areas."""
    if len(here) < len(areas):
        return None
    part = _Region(here, region.joins[here][:, here], region.weight[here], region.bound[here])
    keys = [(band.least[a], band.most[a], a if np.any(part.bound == a) else -1) for a in areas]
    unlike = dict(zip(keys, areas, strict=True))
    for _ in range(_TREES):
        order, end = random_tree(part.joins, random)
        tree = (order, end)
        cuts = [cut for area in unlike.values() for cut in _cuts_for(area, part, tree, band, areas)]
        if cuts:
            drawn = random.permutation(len(cuts))[:_CUTS_COMPARED]
            shown = [(cuts[at][0], _inside(order, cuts[at])) for at in drawn]
            return min(shown, key=lambda cut: _border(part.joins, cut[1]))
    return None


def _cuts_for(
    area: int, part: _Region, tree: tuple[Ints, Ints], band: Band, areas: list[int]
) -> list[_Cut]:
    """Edges of the tree below or above which lies what the area may hold."""
    order, end = tree
    begin = np.arange(len(order))
    weight = _sums(part.weight[order], begin, end)
    own = _sums((part.bound[order] == area).astype(np.float64), begin, end)
    others = _sums((part.bound[order] >= 0).astype(np.float64), begin, end) - own
    rest = [a for a in areas if a != area]
    least, most = sum(band.least[a] for a in rest), sum(band.most[a] for a in rest)
    found: list[_Cut] = []
    for is_below in (True, False):
        inside = weight if is_below else weight[0] - weight
        bound = (own[0] - own, others) if is_below else (own, others[0] - others)
        fits = (inside >= band.least[area]) & (inside <= band.most[area])
        fits &= (weight[0] - inside >= least) & (weight[0] - inside <= most)
        fits &= (bound[0] == 0) & (bound[1] == 0)
        at = np.flatnonzero(fits[1:]) + 1
        found += [
            (area, p, q, is_below) for p, q in zip(at.tolist(), end[at].tolist(), strict=True)
        ]
    return found


def _sums(values: Floats, begin: Ints, end: Ints) -> Floats:
    run = np.append(0.0, np.cumsum(values))
    return np.asarray(run[end] - run[begin])


def _inside(order: Ints, cut: _Cut) -> NDArray[np.bool_]:
    _, start, stop, is_below = cut
    inside = np.full(len(order), not is_below)
    inside[order[start:stop]] = is_below
    return inside


def _border(joins: csr_array, inside: NDArray[np.bool_]) -> float:
    marks = inside.astype(np.float64)
    return float(marks @ (joins @ (1 - marks)))


def random_tree(joins: csr_array, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Units of a random spanning tree, each before those below it, and where its branch ends.

    `joins`: connected, both directions of each pair. The units below and with order[i] are
    order[i:end[i]].
    """
    lengths = random.random(len(joins.data)) + 0.5
    drawn = csr_array((lengths, joins.indices, joins.indptr), shape=joins.shape)
    tree = minimum_spanning_tree(drawn)
    root = int(random.integers(joins.shape[0]))
    order, parent = depth_first_order(tree, root, directed=False)
    place = np.empty(joins.shape[0], dtype=np.int64)
    place[order] = np.arange(len(order))
    up = place[parent[order[1:]]].tolist()
    end = list(range(1, len(order) + 1))
    for at in range(len(order) - 1, 0, -1):
        end[up[at - 1]] = max(end[up[at - 1]], end[at])
    return order.astype(np.int64), np.array(end)
