"""How well the areas of a plan are balanced, in one piece and compact."""

from dataclasses import dataclass
from typing import Any

import h3ronpy
import numpy as np
import shapely
from numpy.typing import ArrayLike

from grid_cells.cell_parts import shared_sides, touching_pairs
from grid_cells.cells import Cells, boundaries, centres, resolutions
from grid_cells.distance import distance_m
from grid_cells.unit_graph import Floats, Ints, UnitGraph, pieces, sum_by

_SIDES_OF_A_CELL = 6
_STEP_SHARE = 7**0.5 / 3


@dataclass(frozen=True)
class Balance:
    """State of a plan's areas, deviations as a share of the target.

    By area: `weight`, `targets`, `deviation` (signed), `pieces`, `units`. For the plan:
    `largest_deviation`, `stray_pieces` (connected pieces beyond one an area), `cut_edges`
    (touching pairs in different areas), `unassigned` (units in no area). `too_heavy`: units that
    alone outweigh target x (1 + tolerance).
    """

    weight: Floats
    targets: Floats
    deviation: Floats
    pieces: Ints
    units: Ints
    largest_deviation: float
    stray_pieces: int
    cut_edges: int
    unassigned: int
    too_heavy: Ints


def weigh(graph: UnitGraph, labels: Ints, targets: Floats, *, tolerance: float) -> Balance:
    """Balance of the areas, deviations as a share of the target.

    `labels` (n): area of each unit, -1 for none; `targets`: weight wished for each area. A unit
    in no area is in no piece and on no border. A target of 0 that is missed deviates infinitely.
    """
    areas, placed = len(targets), labels >= 0
    weight = sum_by(labels, graph.weight, areas)
    both = placed[graph.left] & placed[graph.right]
    same = labels[graph.left] == labels[graph.right]
    count, piece_of = pieces(graph, kept=same & both)
    area_of_piece = np.full(count, -1, dtype=np.int64)
    area_of_piece[piece_of] = labels
    in_pieces = np.bincount(area_of_piece[area_of_piece >= 0], minlength=areas)
    deviation = _deviation(weight, targets)
    return Balance(
        weight=weight,
        targets=targets,
        deviation=deviation,
        pieces=in_pieces,
        units=np.bincount(labels[placed], minlength=areas),
        largest_deviation=float(np.abs(deviation).max(initial=0)),
        stray_pieces=int(np.maximum(in_pieces - 1, 0).sum()),
        cut_edges=int((both & ~same).sum()),
        unassigned=int((~placed).sum()),
        too_heavy=too_heavy(graph.weight, targets, tolerance=tolerance),
    )


def too_heavy(weight: Floats, targets: Floats, *, tolerance: float) -> Ints:
    """Positions of units that alone outweigh the largest target x (1 + tolerance)."""
    return np.flatnonzero(weight > targets.max(initial=0) * (1 + tolerance))


def _deviation(weight: Floats, targets: Floats) -> Floats:
    off = weight - targets
    unwished = np.where(off == 0, 0.0, np.inf)
    return np.divide(off, targets, out=unwished, where=targets > 0)


@dataclass(frozen=True)
class CellShapes:
    """Sizes of cells in metres, worked out once for a set of cells.

    `area_m2` and `perimeter_m` (n); `shared_m` (m): length of the side between the cells of
    each touching pair `left`, `right`; where their sizes differ the mean of what both have of it.
    """

    left: Ints
    right: Ints
    area_m2: Floats
    perimeter_m: Floats
    shared_m: Floats


def cell_shapes(cells: ArrayLike) -> CellShapes:
    """Areas in square metres and sides in metres of distinct H3 cells, none within another.

    Each side is measured: within one city the sides of a hexagon differ by a tenth and more, so
    that H3's average edge length would rank areas by their direction. Areas are H3's own.
    """
    given = np.asarray(cells, dtype=np.int64)
    left, right = touching_pairs(given)
    starts, ends, owner = _sides(given)
    metres = distance_m(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])
    area: Any = h3ronpy.cells_area_m2(given.view(np.uint64))
    perimeter = sum_by(owner, metres, len(given))
    shared = _shared(np.column_stack(centres(given)), (left, right), (starts + ends) / 2, owner)
    sides_m = _uneven(given, (left, right), metres[shared], perimeter)
    return CellShapes(left, right, np.asarray(area), perimeter, sides_m)


def _uneven(cells: Cells, pairs: tuple[Ints, Ints], even_m: Floats, perimeter_m: Floats) -> Floats:
    """The sides of pairs of one size as they are, and what pairs of two sizes share.

    The border of a divided cell is longer than its own sides, by 3 for the root of 7 each step:
    the finer cell's sides count as they are, the coarser cell's as much shorter.
    """
    level = resolutions(cells)
    steps = np.abs(level[pairs[0]] - level[pairs[1]])
    if not steps.any():
        return even_m
    fine = np.where(level[pairs[0]] > level[pairs[1]], *pairs)
    side_m = perimeter_m[fine] / _SIDES_OF_A_CELL * shared_sides(cells, *pairs)
    return np.where(steps > 0, side_m * (1 + _STEP_SHARE**steps) / 2, even_m)


def _sides(cells: Cells) -> tuple[Floats, Floats, Ints]:
    """Both ends (lon, lat) of every side of every cell, and whose it is."""
    corners, owner = shapely.get_coordinates(boundaries(cells), return_index=True)
    same = owner[:-1] == owner[1:]
    return corners[:-1][same], corners[1:][same], owner[:-1][same].astype(np.int64)


def _shared(middles: Floats, pairs: tuple[Ints, Ints], sides: Floats, owner: Ints) -> Ints:
    """Which side of the left cell lies between the two: the one nearest halfway."""
    first, count = np.searchsorted(owner, pairs[0]), np.bincount(owner, minlength=len(middles))
    halfway = (middles[pairs[0]] + middles[pairs[1]]) / 2
    nearest, found = np.full(len(first), np.inf), first.copy()
    for turn in range(int(count.max(initial=0))):
        at = np.minimum(first + turn, len(owner) - 1)
        apart = np.where(turn < count[pairs[0]], ((sides[at] - halfway) ** 2).sum(axis=1), np.inf)
        closer = apart < nearest
        nearest[closer], found[closer] = apart[closer], at[closer]
    return found


def polsby_popper(shapes: CellShapes, labels: Ints, areas: int) -> Floats:
    """Compactness of each area, 4 pi x area / perimeter squared; 1 is a disk, NaN no cell.

    Holes count in the perimeter. Polsby, Popper 1991, "The Third Criterion: Compactness as a
    Procedural Safeguard Against Partisan Gerrymandering", Yale Law & Policy Review 9.
    """
    area, rim = (sum_by(labels, of, areas) for of in (shapes.area_m2, shapes.perimeter_m))
    is_inner = labels[shapes.left] == labels[shapes.right]
    rim -= 2 * sum_by(labels[shapes.left[is_inner]], shapes.shared_m[is_inner], areas)
    compactness = np.full(areas, np.nan)
    np.divide(4 * np.pi * area, rim**2, out=compactness, where=rim > 0)
    return compactness
