"""What is usual for a customer: peers of the same tariff in the same cell, else further around."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from grid_cells.cells import parents, resolutions
from grid_cells.theft_panel import Floats, Ints

LEAST: Final = 5
"""Of fewer peers nothing is usual, and their use would be somebody's."""
_CLIMB: Final = 2
Around = Literal["cell", "around", "tariff"]


@dataclass(frozen=True)
class PeerLevel:
    """Median use of peers (kWh a day), how many, and from where: the cell, a parent, anywhere."""

    kwh_day: float
    count: int
    around: Around


def families(cells: Ints) -> list[Ints]:
    """The cells and their parents, the nearest first; 0 where a place is unknown."""
    ids = np.asarray(cells, dtype=np.int64)
    placed = ids != 0
    if not placed.any():
        return []
    level = int(resolutions(ids[placed]).min())
    found: list[Ints] = [ids]
    for coarser in range(level - 1, max(level - 1 - _CLIMB, -1), -1):
        up = np.zeros_like(ids)
        up[placed] = parents(ids[placed], coarser)
        found.append(up)
    return found


def peer_level(
    row: int, level: Floats, group: Ints, whose: Ints, near: Sequence[Ints]
) -> PeerLevel | None:
    """The level of a row's peers of its group, in the nearest family with LEAST of them.

    `whose` tells which rows are one customer's: nobody is a peer of themselves. None: too few.
    """
    mine = (group == group[row]) & (level > 0) & (whose != whose[row])
    for place, family in enumerate(near):
        if family[row] == 0:
            break
        peers = mine & (family == family[row])
        if peers.sum() >= LEAST:
            return _level(level, peers, "cell" if place == 0 else "around")
    return _level(level, mine, "tariff") if mine.sum() >= LEAST else None


def _level(level: Floats, peers: "np.typing.NDArray[np.bool_]", around: Around) -> PeerLevel:
    return PeerLevel(float(np.median(level[peers])), int(peers.sum()), around)
