"""A plan while it is being changed: who is in which area, and which units lie on which border.

The search for a balanced plan makes thousands of small moves, so this is the one place in the
core that changes in place, in plain lists: a look-up in an array takes five times as long.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from grid_cells.unit_graph import Ints, UnitGraph, sum_by, touching_matrix

Move = tuple[int, int]
"""A unit and the area that it was in before."""
Heed = Callable[[], None]
"""Called every now and then during long work; what it raises ends the work."""


def never_mind() -> None:
    """Nobody waits to stop the work."""


class Board:
    """Areas under change; units whose area is -1 are no part of it.

    `area_of`, `weight`, `is_frozen` by unit; `load`, `members` by area; `borders[a][b]` are the
    units of a that touch b; `moved` is the weight now elsewhere than at the beginning; `effort`
    counts units looked at; `is_capped` says whether a change was given up for moving too much;
    whoever changes areas for long calls `heed`.
    """

    def __init__(
        self,
        graph: UnitGraph,
        labels: Ints,
        areas: int,
        *,
        frozen: NDArray[np.bool_],
        joined: NDArray[np.bool_] | None = None,
    ) -> None:
        """`joined`: pairs that may share an area; all by default."""
        kept = (labels[graph.left] >= 0) & (labels[graph.right] >= 0)
        kept = kept if joined is None else kept & joined
        matrix = touching_matrix(graph, kept=kept)
        self.areas = areas
        self._begin: list[int] = matrix.indptr.tolist()
        self._near: list[int] = matrix.indices.tolist()
        self._price: list[float] = matrix.data.tolist()
        self.area_of: list[int] = labels.tolist()
        self._area_before = list(self.area_of)
        self.weight: list[float] = graph.weight.tolist()
        self.is_frozen: list[bool] = frozen.tolist()
        self.load: list[float] = sum_by(labels, graph.weight, areas).tolist()
        self.members = _members(labels, areas)
        self.borders = _borders(graph, labels, areas, kept=kept)
        self.moved = 0.0
        self.effort = 0
        self.is_capped = False
        self.heed: Heed = never_mind

    def labels(self) -> Ints:
        """Area of each unit as an array."""
        return np.array(self.area_of, dtype=np.int64)

    def near(self, unit: int) -> list[int]:
        """Units that touch the unit."""
        return self._near[self._begin[unit] : self._begin[unit + 1]]

    def priced(self, unit: int) -> Iterable[tuple[int, float]]:
        """Units that touch the unit, each with the price of a border there."""
        part = slice(self._begin[unit], self._begin[unit + 1])
        return zip(self._near[part], self._price[part], strict=True)

    def flip(self, unit: int, area: int) -> Move:
        """Put the unit into the area; returns what takes it back."""
        former = self.area_of[unit]
        self._leave(unit, former)
        self.area_of[unit] = area
        self._enter(unit, former, area)
        weight = self.weight[unit]
        self.load[former] -= weight
        self.load[area] += weight
        self.members[former].discard(unit)
        self.members[area].add(unit)
        if former == self._area_before[unit]:
            self.moved += weight
        elif area == self._area_before[unit]:
            self.moved -= weight
        return unit, former

    def take_back(self, moves: Sequence[Move]) -> None:
        """Undo the moves, last one first."""
        for unit, former in reversed(moves):
            self.flip(unit, former)

    def _leave(self, unit: int, former: int) -> None:
        rims = self.borders[former]
        for other in self.near(unit):
            touched = self.area_of[other]
            if touched != former and unit in rims[touched]:
                rims[touched].discard(unit)

    def _enter(self, unit: int, former: int, area: int) -> None:
        borders, area_of = self.borders, self.area_of
        for other in self.near(unit):
            owner = area_of[other]
            if owner != area:
                borders[owner].setdefault(area, set()).add(other)
                borders[area].setdefault(owner, set()).add(unit)
            if owner != former and not any(area_of[far] == former for far in self.near(other)):
                borders[owner].get(former, set()).discard(other)

    def lobes(self, unit: int) -> list[int]:
        """Units of the same area that would be cut off from its largest part without the unit."""
        area = self.area_of[unit]
        groups = self._local_groups([v for v in self.near(unit) if self.area_of[v] == area])
        if len(groups) <= 1:
            return []
        return _smaller_parts(self, unit, groups)

    def _local_groups(self, own: list[int]) -> list[list[int]]:
        """Neighbours that touch one another; in a grid mostly one group, which settles it."""
        left, groups = set(own), []
        while left:
            group = [left.pop()]
            for unit in group:
                reached = left.intersection(self.near(unit))
                left -= reached
                group.extend(reached)
            groups.append(group)
        return groups


def _smaller_parts(board: Board, without: int, groups: list[list[int]]) -> list[int]:
    """Search from all groups in turn, so that it takes no longer than the smaller parts do."""
    area, found = board.area_of[without], {without: -1}
    found.update((unit, at) for at, group in enumerate(groups) for unit in group)
    into = list(range(len(groups)))
    queues = [deque(group) for group in groups]
    turns, closed = deque(into), set[int]()
    while len(turns) > 1:
        at = turns.popleft()
        if into[at] != at:
            continue
        if not queues[at]:
            closed.add(at)
            continue
        board.effort += 1
        for other in board.near(queues[at].popleft()):
            if board.area_of[other] != area:
                continue
            met = found.get(other)
            if met is None:
                found[other] = at
                queues[at].append(other)
            elif met >= 0:
                _merge(into, queues, at, met)
        turns.append(at)
    return [unit for unit, at in found.items() if at >= 0 and _root(into, at) in closed]


def _root(into: list[int], at: int) -> int:
    while into[at] != at:
        at = into[at]
    return at


def _merge(into: list[int], queues: list[deque[int]], at: int, other: int) -> None:
    met = _root(into, other)
    if met != at:
        into[met] = at
        queues[at].extend(queues[met])


def _members(labels: Ints, areas: int) -> list[set[int]]:
    order = np.argsort(labels, kind="stable")
    cuts = np.searchsorted(labels[order], np.arange(areas + 1))
    units = order.tolist()
    return [set(units[cuts[a] : cuts[a + 1]]) for a in range(areas)]


def _borders(
    graph: UnitGraph, labels: Ints, areas: int, *, kept: NDArray[np.bool_]
) -> list[dict[int, set[int]]]:
    parted = kept & (labels[graph.left] != labels[graph.right])
    ends = graph.left[parted], graph.right[parted]
    found: list[dict[int, set[int]]] = [{} for _ in range(areas)]
    for here, there in (ends, ends[::-1]):
        rows = zip(labels[here].tolist(), labels[there].tolist(), here.tolist(), strict=True)
        for area, other, unit in rows:
            found[area].setdefault(other, set()).add(unit)
    return found
