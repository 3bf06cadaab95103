"""Any labels made into areas: in one piece each, none empty, and within their band if it can be."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from grid_cells.area_board import Board, Heed, Move, never_mind
from grid_cells.area_growth import Flags
from grid_cells.area_shares import Ground
from grid_cells.area_shifts import Band, level
from grid_cells.area_splits import split_anew
from grid_cells.unit_graph import Ints, pieces, sum_by

_ROUNDS = 2
_SEEDS_TRIED = 50
"""Units of an area looked at for one that an empty area can begin with."""


@dataclass(frozen=True)
class Terms:
    """What mending has to keep: bands, units that stay, the group of each area, the most moved.

    `heed` is called on the way; what it raises ends the work.
    """

    band: Band
    frozen: Flags
    group_of_area: Ints
    most_moved: float = np.inf
    heed: Heed = never_mind


@dataclass(frozen=True)
class Mended:
    """Labels mended, whether the cap on moves bound, and the units looked at on the way."""

    labels: Ints
    is_capped: bool
    effort: int


def mend(ground: Ground, labels: Ints, terms: Terms, *, random: np.random.Generator) -> Mended:
    """Labels brought into their bands as well as can be.

    `labels`: -1 for units that are to be left alone. Frozen pieces apart from their area are
    joined to it where a way leads there, empty areas begin anew within their group.
    """
    board = Board(
        ground.graph, labels, len(terms.band.most), frozen=terms.frozen, joined=ground.joined
    )
    board.heed = terms.heed
    _join_frozen_pieces(board, ground, terms)
    _begin_empty_areas(board, terms)
    for _ in range(_ROUNDS):
        if level(board, terms.band, most_moved=terms.most_moved):
            break
        if split_anew(board, terms.band, random=random, most_moved=terms.most_moved):
            break
    return Mended(board.labels(), board.is_capped, board.effort)


def _join_frozen_pieces(board: Board, ground: Ground, terms: Terms) -> None:
    labels = board.labels()
    graph = ground.graph
    kept = ground.joined & (labels[graph.left] == labels[graph.right]) & (labels[graph.left] >= 0)
    count, piece_of = pieces(graph, kept=kept)
    placed = np.flatnonzero(labels >= 0)
    if count - int((labels < 0).sum()) <= len(np.unique(labels[placed])):
        return
    weight, size = sum_by(piece_of, graph.weight, count), np.bincount(piece_of)
    _, first = np.unique(piece_of, return_index=True)
    order = np.lexsort((-size, -weight, labels[first]))
    order = order[labels[first[order]] >= 0]
    areas = labels[first[order]]
    for at in np.flatnonzero(np.append(False, areas[1:] == areas[:-1])).tolist():
        island = np.flatnonzero(piece_of == order[at]).tolist()
        _join(board, island, int(areas[at]), terms.most_moved)


def _join(board: Board, island: list[int], area: int, most_moved: float) -> None:
    """Give the units between an island and the rest of its area to the area, if they can go."""
    moves = list[Move]()
    for unit in reversed(_way_home(board, island, area)):
        former = board.area_of[unit]
        if former == area:
            continue
        units = [unit, *board.lobes(unit)]
        is_free = not any(board.is_frozen[one] for one in units)
        if not is_free or len(units) >= len(board.members[former]):
            board.take_back(moves)
            return
        moves.extend(board.flip(one, area) for one in units)
    if board.moved > most_moved:
        board.is_capped = True
        board.take_back(moves)


def _way_home(board: Board, island: list[int], area: int) -> list[int]:
    """Units from the island to the rest of its area, without both; none where no way leads."""
    before = dict.fromkeys(island, -1)
    queue = deque(island)
    while queue:
        here = queue.popleft()
        for other in board.near(here):
            if other in before:
                continue
            if board.area_of[other] == area:
                return _between(before, here)
            if not board.is_frozen[other]:
                before[other] = here
                queue.append(other)
    return []


def _between(before: dict[int, int], end: int) -> list[int]:
    way = []
    while before[end] >= 0:
        way.append(end)
        end = before[end]
    return way[::-1]


def _begin_empty_areas(board: Board, terms: Terms) -> None:
    """A first unit for each empty area, from the heaviest area of its group that can spare one."""
    for area in (a for a in range(board.areas) if not board.members[a]):
        group = terms.group_of_area[area]
        donors = [a for a in np.flatnonzero(terms.group_of_area == group).tolist() if a != area]
        most = terms.band.most
        for donor in sorted(donors, key=lambda a: -board.load[a] / max(most[a], 1e-12)):
            unit = _spare_unit(board, donor, most[area])
            if group >= 0 and unit >= 0:
                board.flip(unit, area)
                break


def _spare_unit(board: Board, donor: int, most: float) -> int:
    """The heaviest unit that fits and without which the donor stays in one piece; -1 for none."""
    if len(board.members[donor]) < 2:  # noqa: PLR2004
        return -1
    fitting = [
        u for u in board.members[donor] if not board.is_frozen[u] and board.weight[u] <= most
    ]
    fitting.sort(key=lambda u: (-board.weight[u], u))
    spare = (u for u in fitting[:_SEEDS_TRIED] + fitting[_SEEDS_TRIED:] if not board.lobes(u))
    return next(spare, -1)
