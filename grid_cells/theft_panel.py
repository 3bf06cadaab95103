"""Readings of meters and of the transformers they hang on, side by side in days."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Panel:
    """A row a meter and transformer (rows of one transformer together), a column a day; kWh a day.

    use: drawn, × the recorded multiplier; NaN where nothing was measured or the row is not linked.
    begins, ends: first linked column and the first no longer linked. fed: what is fed in, of the
    rows `fed_rows` alone. of: each row's transformer. supply: (master forward − master reverse) of
    each transformer, × its multiplier, NaN unread; through: the master's forward alone.
    multiplier: as recorded; usual_multiplier: that of the row's peers. group: who are peers.
    near, place_odds: as `grid_cells.theft_neighbours.neighbours` tells.
    """

    use: Floats
    begins: Ints
    ends: Ints
    fed: Floats
    fed_rows: Ints
    of: Ints
    supply: Floats
    through: Floats
    multiplier: Floats
    usual_multiplier: Floats
    group: Ints
    near: Ints
    place_odds: Floats

    @property
    def transformers(self) -> int:
        """How many transformers."""
        return len(self.supply)

    @property
    def days(self) -> int:
        """How many days."""
        return int(self.use.shape[1])

    def linked(self, rows: slice = slice(None)) -> Flags:
        """Whether each of some rows is linked, by day."""
        day = np.arange(self.days)
        return np.asarray((day >= self.begins[rows, None]) & (day < self.ends[rows, None]))

    def bounds(self) -> Ints:
        """Where each transformer's rows begin, and the end of the last."""
        return np.searchsorted(self.of, np.arange(self.transformers + 1))
