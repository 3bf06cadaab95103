"""How many areas each separate part of a plan gets, and what each of them should weigh."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from grid_cells.errors import UserError
from grid_cells.unit_graph import Floats, Ints, UnitGraph, pieces, sum_by

Flags = NDArray[np.bool_]

_LIGHT = 0.5
"""Share of a target below which a separate piece is no area of its own."""


@dataclass(frozen=True)
class Ground:
    """Where areas may lie: `joined` pairs may share an area, `group_of` each unit (-1 for none).

    A group is a connected piece within one upper unit; no area crosses groups.
    """

    graph: UnitGraph
    joined: Flags
    group_of: Ints
    groups: int


def lay_ground(graph: UnitGraph, *, is_open: Flags, within: Ints, light: float) -> Ground:
    """Groups of the open units; one lighter than `light` x 0.5 is tied to the nearest of its kind.

    `within`: code of each unit's upper unit. `light`: weight of a usual area. A tie is a pair
    more in the graph, between the nearest units; its area will be in two pieces.
    """
    joined = (
        is_open[graph.left] & is_open[graph.right] & (within[graph.left] == within[graph.right])
    )
    count, piece_of = pieces(graph, kept=joined)
    piece_of = np.where(is_open, piece_of, -1)
    ties = _ties(graph, piece_of, count, within=within, least=light * _LIGHT)
    if len(ties):
        graph = replace(
            graph,
            left=np.concatenate((graph.left, ties[:, 0])),
            right=np.concatenate((graph.right, ties[:, 1])),
            price=np.concatenate((graph.price, np.full(len(ties), graph.price.max(initial=1)))),
        )
        joined = np.concatenate((joined, np.ones(len(ties), dtype=bool)))
    _, all_groups = pieces(graph, kept=joined)
    groups, group_of = np.unique(all_groups[is_open], return_inverse=True)
    of_unit = np.full(graph.units, -1, dtype=np.int64)
    of_unit[is_open] = group_of
    return Ground(graph, joined, of_unit, len(groups))


def _ties(graph: UnitGraph, piece_of: Ints, count: int, *, within: Ints, least: float) -> Ints:
    """Pairs (rows of two) that tie light pieces to the nearest unit of a heavier piece."""
    opened = piece_of >= 0
    weight = sum_by(piece_of, graph.weight, count)
    code = np.zeros(count, dtype=np.int64)
    code[piece_of[opened]] = np.unique(within, return_inverse=True)[1][opened]
    used = np.unique(piece_of[opened])
    order = used[np.lexsort((-weight[used], code[used]))]
    heaviest = order[np.unique(code[order], return_index=True)[1]]
    is_light = np.zeros(count, dtype=bool)
    is_light[used] = weight[used] < least
    is_light[heaviest] = False
    found = [_nearest(graph, piece_of, code, is_light, at) for at in np.unique(code[is_light])]
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.int64)


def _nearest(graph: UnitGraph, piece_of: Ints, code: Ints, is_light: Flags, at: int) -> Ints:
    """Ties of the light pieces of one code; a unit without a place is tied to any."""
    inside = np.flatnonzero((piece_of >= 0) & (code[piece_of] == at))
    places = np.nan_to_num(np.column_stack((graph.x, graph.y)))
    light = is_light[piece_of[inside]]
    loose, held = inside[light], inside[~light]
    metres, near = cKDTree(places[held]).query(places[loose])
    order = np.lexsort((metres, piece_of[loose]))
    _, first = np.unique(piece_of[loose][order], return_index=True)
    chosen = order[first]
    return np.column_stack((loose[chosen], held[near[chosen]]))


def share_out(ground: Ground, bound: Ints, targets: Floats) -> Ints:
    """Group of each area: those bound to a unit where it lies, the rest by weight; -1 for none.

    `bound` (n): area that the unit is bound to, or -1. Each group gets at least one.
    Raises UserError `plan_area_across_pieces` (area, unit) and `plan_areas_fewer_than_pieces`
    (areas, pieces).
    """
    held = np.flatnonzero((bound >= 0) & (ground.group_of >= 0))
    group_of_area = np.full(len(targets), -1, dtype=np.int64)
    group_of_area[bound[held]] = ground.group_of[held]
    across = held[group_of_area[bound[held]] != ground.group_of[held]]
    if len(across):
        raise UserError("plan_area_across_pieces", area=int(bound[across[0]]), unit=int(across[0]))
    free = np.setdiff1d(np.arange(len(targets)), bound)
    if ground.groups - len(np.unique(group_of_area[group_of_area >= 0])) > len(free):
        raise UserError("plan_areas_fewer_than_pieces", areas=len(targets), pieces=ground.groups)
    return share_rest(ground, group_of_area, targets, free=free)


def share_rest(ground: Ground, group_of_area: Ints, targets: Floats, *, free: Ints) -> Ints:
    """Group of each area when the `free` ones go, largest first, to the group that lacks most.

    With equal targets the numbers are those of the largest remainder; a group without an area
    is served before the areas run out, one with an area for each unit gets no more.
    """
    shared = group_of_area.copy()
    room, lack = _room_and_lack(ground, shared, targets, free)
    waiting = set(range(ground.groups)) - set(shared.tolist())
    largest_first = free[np.argsort(-targets[free], kind="stable")].tolist()
    for at, area in enumerate(largest_first):
        is_last_call = len(waiting) >= len(largest_first) - at
        asking = sorted(waiting) if is_last_call else np.flatnonzero(room > 0).tolist()
        if not asking:
            break
        group = max(asking, key=lambda one: float(lack[one]))
        shared[area] = group
        waiting.discard(group)
        lack[group] -= targets[area]
        room[group] -= 1
    return shared


def _room_and_lack(
    ground: Ground, group_of_area: Ints, targets: Floats, free: Ints
) -> tuple[Ints, Floats]:
    """Units of each group that could have areas of their own, and targets that its weight lacks."""
    held = np.flatnonzero(group_of_area >= 0)
    room = sum_by(ground.group_of, np.ones(ground.graph.units), ground.groups).astype(np.int64)
    weight = sum_by(ground.group_of, ground.graph.weight, ground.groups)
    wished = targets[held].sum() + targets[free].sum()
    scale = wished / weight.sum() if weight.sum() > 0 else 1.0
    lack = np.asarray(weight * scale, dtype=np.float64)
    np.subtract.at(lack, group_of_area[held], targets[held])
    np.subtract.at(room, group_of_area[held], 1)
    return room, lack


def fair_targets(
    weight: Floats, targets: Floats, held: Floats, *, groups: Ints, tolerance: float
) -> Floats:
    """Target of each area, changed only where a group's weight cannot be shared as wished.

    `weight`: of each group; `held`: weight that each area holds in any case (bound units, one
    heavy unit); `groups`: of each area. An area that holds too much in any case has that as its
    target, and the others of the group share the rest in proportion.
    """
    fair = targets.astype(np.float64)
    for group in range(len(weight)):
        here = np.flatnonzero(groups == group)
        fair[here] = _fair_in_group(float(weight[group]), targets[here], held[here], tolerance)
    return fair


def _fair_in_group(weight: float, targets: Floats, held: Floats, tolerance: float) -> Floats:
    alone = np.zeros(len(targets), dtype=bool)
    for _ in range(len(targets) + 1):
        rest, wished = weight - held[alone].sum(), targets[~alone].sum()
        is_as_wished = abs(rest - wished) <= tolerance * wished
        scale = 1.0 if is_as_wished or wished <= 0 else max(rest, 0.0) / wished
        over = ~alone & (held > targets * scale * (1 + tolerance))
        if not over.any():
            break
        alone |= over
    return np.where(alone, held, targets * scale)
