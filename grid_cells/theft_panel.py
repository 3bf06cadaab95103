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

    use: drawn, × the recorded multiplier; NaN where nothing was measured, 0 where not linked.
    fed: what is fed in, only of the rows `fed_rows`. of: each row's transformer.
    supply: (master forward − master reverse) of each transformer, × its multiplier, NaN unread;
    through: the master's forward alone. multiplier: as recorded.
    group: who are peers. near: for each transformer its nearest others, −1 for none. place_cost:
    how much likelier the meter's place is under each of `near` than under its own (log, nats).
    """

    use: Floats
    fed: Floats
    fed_rows: Ints
    of: Ints
    supply: Floats
    through: Floats
    multiplier: Floats
    group: Ints
    near: Ints
    place_odds: Floats
    first_weekday: int = 0

    @property
    def transformers(self) -> int:
        """How many transformers."""
        return len(self.supply)

    @property
    def days(self) -> int:
        """How many days."""
        return int(self.use.shape[1])

    def bounds(self) -> Ints:
        """Where each transformer's rows begin, and the end of the last."""
        return np.searchsorted(self.of, np.arange(self.transformers + 1))
