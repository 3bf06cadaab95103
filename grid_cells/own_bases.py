"""Minutes from an area's own crew base, where a duty gives the area a crew; else the nearest's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.unit_figures import Promises, UnitFigures, placing, reached

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class OwnBases:
    """What a unit means for each crew that may be an area's own.

    Columns are the crews of `ids`; rows the units, then the followers. minutes: mean over the
    row's customers (NaN unknown or not reached); beyond: its customers beyond their promise;
    pinned: the same of customers with an override, in the order of `UnitFigures.pinned`.
    """

    ids: list[str]
    minutes: Floats
    beyond: Floats
    pinned: Floats

    def columns(self, crews: Mapping[int, str], slots: int) -> Codes:
        """Column of each slot's own crew, −1 where it has none whose base is known."""
        found = np.full(slots, -1, dtype=np.int64)
        place = {crew: n for n, crew in enumerate(self.ids)}
        for slot, crew in crews.items():
            found[slot] = place.get(crew, -1)
        return found


def own_bases(
    atoms: pd.DataFrame,
    figures: UnitFigures,
    by_crew: Mapping[str, pd.DataFrame],
    promised: Promises,
    *,
    basis: str,
) -> OwnBases:
    """The figures of units for each crew of `by_crew` (cell_id, value: minutes from its base)."""
    units: pd.Index[Any] = figures.units.index
    code, pinned, follows = placing(atoms, basis, units)
    at_cell = pd.Index(figures.followers.index).get_indexer(pd.Index(atoms["cell_id"]))
    row = np.where(follows, len(units) + at_cell, code)
    named = pd.Index(figures.pinned.index).get_indexer(pd.Index(atoms["pinned_to"].astype("str")))
    rows = len(units) + len(figures.followers)
    people = atoms["customers"].to_numpy(np.float64)
    shape = (rows, len(by_crew))
    found = OwnBases(
        list(by_crew), np.full(shape, np.nan), np.zeros(shape),
        np.zeros((len(figures.pinned), len(by_crew))),
    )  # fmt: skip
    for column, minutes in enumerate(by_crew.values()):
        took, beyond = reached(atoms, minutes, promised)
        known = (row >= 0) & ~np.isnan(took)
        total, count = (
            np.bincount(row[known], weights=one[known], minlength=rows)
            for one in (took * people, people)
        )
        np.divide(total, count, out=found.minutes[:, column], where=count > 0)
        here, held = row >= 0, pinned & (named >= 0)
        found.beyond[:, column] = np.bincount(row[here], weights=beyond[here], minlength=rows)
        found.pinned[:, column] = np.bincount(
            named[held], weights=beyond[held], minlength=len(figures.pinned)
        )
    return found
