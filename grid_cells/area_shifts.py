"""Weight passed from heavy areas to light ones, unit by unit over the borders between them."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from grid_cells.area_board import Board, Move
from grid_cells.unit_graph import Floats

_ROUTES_AN_AREA = 40
"""Ways tried for one area before it is given up until others have changed."""
_EFFORT = 400_000
"""Units looked at in vain before levelling stops, about a second's work."""
_PATIENCE = 0.5
"""Share of the work that counts for nothing where it has helped."""
_LEAST_GAIN = 0.05
"""Share of an area's excess, or of the width of its band, that a way must take off it."""
_AT_EASE = 0.6
"""Share of what an area can spare that is asked of it, since units rarely fit exactly."""
_AT_ONCE = 0.25
_LEAST_ROOM = 0.2
"""Share of an area's excess, or of the width of a band, that the end of a way has to take."""
_EXACT = 1e-9
"""Share of the band within which sums of floats count as equal."""


@dataclass(frozen=True)
class Band:
    """Least and most weight of each area."""

    least: list[float]
    most: list[float]

    def excess(self, load: float, area: int) -> float:
        """How far a load lies outside the area's band; 0 within it."""
        return max(load - self.most[area], self.least[area] - load, 0.0)


def band_around(targets: Floats, tolerance: float) -> Band:
    """Weights from (1 - tolerance) to (1 + tolerance) x target, rounding errors allowed for."""
    slack = tolerance * targets + _EXACT * np.maximum(targets, 1)
    return Band((targets - slack).tolist(), (targets + slack).tolist())


def outside(board: Board, band: Band) -> list[int]:
    """Areas outside their band, worst first."""
    excess = [band.excess(load, area) for area, load in enumerate(board.load)]
    return sorted((a for a in range(board.areas) if excess[a] > 0), key=lambda a: -excess[a])


def level(board: Board, band: Band, *, most_moved: float = np.inf) -> bool:
    """Bring areas into the band by the shortest ways; whether all are.

    A heavy area gives to a neighbour with room, or to one that gives on, and so on. Every area
    stays in one piece, none is emptied, frozen units stay, and the weight that is elsewhere than
    at the beginning stays within `most_moved`.
    """
    given_up = set[int]()
    enough = float(board.effort + _EFFORT)
    while board.effort < enough:
        waiting = [area for area in outside(board, band) if area not in given_up]
        if not waiting:
            break
        before = board.effort
        if _relieve(board, band, waiting[0], most_moved):
            given_up.clear()
            enough += (board.effort - before) * _PATIENCE
        else:
            given_up.add(waiting[0])
    return not outside(board, band)


def _relieve(board: Board, band: Band, area: int, most_moved: float) -> bool:
    """One way for one area's excess; whether any was found."""
    blocked = set[tuple[int, int]]()
    is_heavy = board.load[area] > band.most[area]
    for _ in range(_ROUTES_AN_AREA):
        board.heed()
        way = _way(board, band, area, blocked)
        if not way:
            return False
        moves = list[Move]()
        fault = _pass_along(board, band, way if is_heavy else way[::-1], moves)
        if fault is None and board.moved <= most_moved:
            return True
        board.is_capped |= fault is None
        board.take_back(moves)
        giver, taker = fault or (way[-2:] if is_heavy else way[-2:][::-1])
        blocked.add((giver, taker))
    return False


def _way(board: Board, band: Band, area: int, blocked: set[tuple[int, int]]) -> list[int]:
    """Shortest chain of areas from a heavy one to one with room, or a light one to one to spare."""
    is_heavy = board.load[area] > band.most[area]
    excess = band.excess(board.load[area], area)
    before, queue = {area: area}, deque([area])
    while queue:
        here = queue.popleft()
        onward = []
        for other, rim in board.borders[here].items():
            edge = (here, other) if is_heavy else (other, here)
            if rim and other not in before and edge not in blocked:
                before[other] = here
                onward.append(other)
        rooms = [(_room(board, band, other, is_heavy=is_heavy), other) for other in onward]
        room, end = max(rooms, default=(0.0, -1))
        if room > _LEAST_ROOM * min(excess, _width(band, end)):
            return _chain(before, end)
        queue.extend(onward)
    return []


def _room(board: Board, band: Band, area: int, *, is_heavy: bool) -> float:
    if is_heavy:
        return band.most[area] - board.load[area]
    return board.load[area] - band.least[area]


def _chain(before: dict[int, int], end: int) -> list[int]:
    way = [end]
    while before[way[-1]] != way[-1]:
        way.append(before[way[-1]])
    return way[::-1]


def _pass_along(
    board: Board, band: Band, way: list[int], moves: list[Move]
) -> tuple[int, int] | None:
    """Pass weight from the first area of the way to the last; the border where it failed, if any.

    The last border goes first, so that an area on the way gets no more than it has given.
    """
    first, last = way[0], way[-1]
    loads = [board.load[area] for area in way]
    excess = [band.excess(load, area) for load, area in zip(loads, way, strict=True)]
    wanted = min(excess[0] or excess[-1], _AT_EASE * (loads[0] - band.least[first]))
    for at in range(len(way) - 1, 0, -1):
        giver, taker = way[at - 1], way[at]
        least, most = min(band.least[taker], loads[at]), max(band.most[taker], loads[at])
        room = most - board.load[taker]
        if giver == first:
            room = min(room, board.load[giver] - band.least[giver])
        aim = wanted if taker == last else max(wanted, least - board.load[taker])
        passed = shift(board, giver, taker, (min(aim, room), room), moves)
        if passed <= 0 or (taker != last and board.load[taker] < least):
            return giver, taker
        wanted = min(wanted, passed)
    after = [band.excess(board.load[area], area) for area in way]
    is_worse = any(now > then for now, then in zip(after, excess, strict=True))
    least_gain = max(_LEAST_GAIN * min(sum(excess), _width(band, first)), _EXACT)
    return (way[-2], last) if is_worse or sum(excess) - sum(after) < least_gain else None


def _width(band: Band, area: int) -> float:
    return band.most[area] - band.least[area]


def shift(
    board: Board, giver: int, taker: int, aim_and_most: tuple[float, float], moves: list[Move]
) -> float:
    """Weight moved over one border: at least the aim if it can be, never above the most.

    `moves` is extended by what takes it back. A quarter of the border at most is moved between
    two looks at it.
    """
    passed, (aim, most) = 0.0, aim_and_most
    while passed < aim:
        before = len(moves)
        ranked = _ranked(board, giver, taker, need=aim - passed, most=most - passed)
        for at, unit in enumerate(ranked):
            if passed >= aim or (len(moves) > before and at > len(ranked) * _AT_ONCE):
                break
            units = _spared(board, unit, most - passed)
            passed += sum(board.weight[one] for one in units)
            moves.extend([board.flip(one, taker) for one in units])
        if len(moves) == before:
            break
    return passed


def _ranked(board: Board, giver: int, taker: int, *, need: float, most: float) -> list[int]:
    """Units on the border, the best to give away first."""
    rim = board.borders[giver].get(taker, set())
    weight, frozen = board.weight, board.is_frozen
    board.effort += len(rim)
    fitting = [unit for unit in rim if weight[unit] <= most and not frozen[unit]]
    ranked = [(_merit(board, unit, taker, need, most), unit) for unit in fitting]
    return [unit for _, unit in sorted(ranked, reverse=True)]


def _spared(board: Board, unit: int, most: float) -> list[int]:
    """The unit and what it would cut off from its area; none where that cannot all go."""
    units = [unit, *board.lobes(unit)]
    is_light = sum(board.weight[one] for one in units) <= most
    is_spare = len(units) < len(board.members[board.area_of[unit]])
    is_free = not any(board.is_frozen[one] for one in units)
    return units if is_light and is_spare and is_free else []


def _merit(board: Board, unit: int, taker: int, need: float, most: float) -> float:
    """Border that is saved, and how well the weight fits what is needed."""
    giver, saved = board.area_of[unit], 0.0
    for other, price in board.priced(unit):
        owner = board.area_of[other]
        if owner == taker:
            saved += price
        elif owner == giver:
            saved -= price
    weight = board.weight[unit]
    return saved + 3 * min(weight / need, 1) - 3 * max(weight - need, 0) / most
