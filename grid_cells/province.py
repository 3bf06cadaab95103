"""Cells of a province seen coarser, and the figures that add up over cells and days.

The index of a cell says where it lies in the tree of cells, so that ancestors and descendants are
a matter of whole numbers: https://h3geo.org/docs/core-library/h3Indexing (bits 52 to 55 hold the
resolution, three bits a digit from bit 42 down, unused digits are 7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FINEST_H3: Final = 15
TILE_LEVELS: Final = 4
"""Cells travel in tiles: a cell so many resolutions coarser, with up to 7^4 of them in it."""
BLOCK_LEVELS: Final = 6
COARSEST: Final = 2
LEVELS: Final = 7
"""How many coarser resolutions are kept: the next one seven times coarser holds a few cells."""

_RESOLUTION_SHIFT: Final = 52
_RESOLUTION_MASK: Final = 0xF << _RESOLUTION_SHIFT
_DIGIT_BITS: Final = 3

Code = Literal[
    "customers", "energy_kwh", "energy_a_meter", "feed_in_kwh", "loss_kwh", "loss_rate",
    "read_share", "known_share", "interruptions", "interrupted_h", "interrupted_min", "visits",
]  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A figure of cells over days: a sum of `part`, or that over a sum of `whole`, times `factor`.

    A sum adds up over cells; a rate is made anew from the two sums for whatever is looked at.
    due, known: the columns that count the cells where there is something to know and where it is
    known; empty: every cell, and always.
    """

    code: Code
    unit: str
    part: str
    whole: str = ""
    factor: float = 1.0
    due: str = ""
    known: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether values of cells add up to the value of all of them."""
        return not self.whole


def _energy(code: Code, whole: str = "") -> Figure:
    return Figure(code, "kWh", "energy_kwh", whole, due="energy_due", known="energy_known")


def _loss(code: Code, unit: str, part: str, whole: str = "", factor: float = 1.0) -> Figure:
    return Figure(code, unit, part, whole, factor, due="loss_due", known="loss_known")


FIGURES: Final[dict[str, Figure]] = {
    one.code: one
    for one in (
        _energy("energy_kwh"),
        _energy("energy_a_meter", "energy_meters"),
        Figure("customers", "1", "customers"),
        Figure("feed_in_kwh", "kWh", "feed_in_kwh", due="energy_due", known="feed_in_known"),
        _loss("loss_rate", "%", "supplied_loss_kwh", "supplied_kwh", 100.0),
        _loss("loss_kwh", "kWh", "loss_kwh"),
        Figure("read_share", "%", "meters_read", "meters", 100.0),
        Figure("known_share", "%", "days_known", "transformers", 100.0),
        Figure(
            "interrupted_min",
            "min",
            "interrupted_h",
            "outage_customers",
            60.0,
            known="outages_known",
        ),
        Figure("interrupted_h", "h", "interrupted_h", known="outages_known"),
        Figure("interruptions", "1", "interruptions", known="outages_known"),
        Figure("visits", "1", "visits", known="visits_known"),
    )
}
"""What the map of a province can show, in the order of the menu."""


def levels(finest: int) -> list[int]:
    """Resolutions in which the province is held, the finest first."""
    return list(range(finest, max(COARSEST, finest - LEVELS) - 1, -1))


def tile_resolution(resolution: int) -> int:
    """Resolution of the tiles in which cells of `resolution` travel."""
    return max(0, resolution - TILE_LEVELS)


def ancestor_bits(resolution: int) -> tuple[int, int]:
    """(keep, put): `cell & keep | put` is the cell's ancestor at `resolution`."""
    spare = (1 << (_DIGIT_BITS * (FINEST_H3 - resolution))) - 1
    return ~_RESOLUTION_MASK & ~spare, (resolution << _RESOLUTION_SHIFT) | spare


def ancestor(cell_id: int, resolution: int) -> int:
    """The cell at `resolution`, coarser than its own or the same, in which this one lies."""
    keep, put = ancestor_bits(resolution)
    return cell_id & keep | put


def resolution_of(cell_id: int) -> int:
    """Resolution of an H3 index."""
    return (cell_id >> _RESOLUTION_SHIFT) & 0xF


def span_within(cell_id: int, resolution: int) -> tuple[int, int]:
    """First and last index of the cells of `resolution` that lie in a coarser cell, or in itself.

    Nothing else of that resolution lies between. Raises ValueError where the cell is finer.
    """
    own = resolution_of(cell_id)
    if own > resolution:
        raise ValueError(f"a cell of resolution {own} holds none of {resolution}")
    spare = _DIGIT_BITS * (FINEST_H3 - resolution)
    free = (1 << (_DIGIT_BITS * (FINEST_H3 - own))) - (1 << spare)
    last = ancestor(cell_id & ~_RESOLUTION_MASK | (resolution << _RESOLUTION_SHIFT), resolution)
    return last & ~free, last


def whole_span(resolution: int) -> tuple[int, int]:
    """First and last index that a cell of `resolution` can have."""
    head = (1 << 59) | (resolution << _RESOLUTION_SHIFT)
    return head, head | ((1 << _RESOLUTION_SHIFT) - 1)


def stretches(spans: Iterable[tuple[int, int]], resolution: int) -> list[list[tuple[int, int]]]:
    """Spans of indexes of a resolution, in order, those near each other together.

    Overlapping ones become one. Near is what shares an ancestor some 10^5 cells large: cells held
    in order lie in the same block of a file then.
    """
    keep, put = ancestor_bits(max(0, resolution - BLOCK_LEVELS))
    found: list[list[tuple[int, int]]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][-1][1]:
            found[-1][-1] = (found[-1][-1][0], max(high, found[-1][-1][1]))
        elif found and found[-1][-1][0] & keep | put == low & keep | put:
            found[-1].append((low, high))
        else:
            found.append([(low, high)])
    return found


def stretched_breaks(values: Floats) -> list[float]:
    """Edges between classes of figures that run over powers of ten, as those of cells do.

    Five, in equal ratios between the lowest tenth and the highest two hundredth of the positive
    values, to two digits; fewer where values hardly differ. NaN is unknown and left out.
    """
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return []
    low, high = np.quantile(positive, (0.1, 0.995))
    return sorted({float(f"{one:.1e}") for one in np.geomspace(low, high, 5)})


def sound_cell(resolution: int) -> tuple[int, int, int]:
    """(shift, head, sevens): how a well-formed index of `resolution` is told from any other number.

    `cell >> shift == head` apart from its base cell, its unused digits are those of `ancestor`,
    and no used digit is 7: `cell & (cell >> 1) & (cell >> 2) & sevens == 0`.
    """
    head = (1 << 7) | resolution
    used = range(FINEST_H3 - resolution, FINEST_H3)
    return _RESOLUTION_SHIFT, head, sum(1 << (_DIGIT_BITS * at) for at in used)
