"""Which cells of a province are told together: a grouping that only ever grows coarser.

Somebody may keep what was told of a day before it was loaded again. As long as every later group
is made of whole earlier ones, no difference of the two tells of fewer people than a group has.
"""

import numpy as np
import pandas as pd

from grid_cells import small_cells

COLUMNS = ("cell_id", "people", "group")


def coarsened(held: pd.DataFrame, fewest: pd.DataFrame, least: int) -> pd.DataFrame:
    """The grouping held, as much coarser as new days ask for: COLUMNS, one row a cell.

    held: COLUMNS as from this function, none at first. fewest: cell_id, people: on the new day on
    which they are fewest. people: on any day so far. Every group is made of whole groups of `held`
    and of whole groups of `small_cells.partition` by the fewest people of each cell.
    """
    both = pd.concat([held[["cell_id", "people"]], fewest[["cell_id", "people"]]])
    people: pd.DataFrame = both.groupby("cell_id")["people"].min().reset_index()
    cells = people.rename(columns={"people": "customers"}).assign(area=0)
    fresh = small_cells.partition(cells, least, is_lived=False)["group"]
    before = people["cell_id"].map(held.set_index("cell_id")["group"])
    before = before.where(before.notna(), -1 - people.index.to_series())  # was in no group
    found: pd.DataFrame = people.assign(group=_joined(fresh, before))[list(COLUMNS)]
    return found


def _joined(one: "pd.Series[int]", other: "pd.Series[int]") -> "pd.Series[int]":
    """Numbers that are equal wherever either of two groupings, or a chain of both, joins rows."""
    joined = pd.Series(np.arange(len(one)), index=one.index)
    while True:
        lower = joined.groupby(one).transform("min")
        lower = lower.groupby(other).transform("min")
        if lower.equals(joined):
            return joined
        joined = lower
