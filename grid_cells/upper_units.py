"""Stations, counties and cities above the units of a plan."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from grid_cells.unit_graph import Floats, Ints


def above(tree: pd.DataFrame, level: str) -> dict[str, str]:
    """The unit of that level at or above each unit that has one.

    `tree`: unit_id, parent_id (missing at the top), level; a circle has nothing above it.
    """
    parent = dict(zip(tree["unit_id"], tree["parent_id"], strict=True))
    of_level = set(tree.loc[tree["level"] == level, "unit_id"])
    found = {}
    for unit in parent:
        here, steps = unit, 0
        while here in parent and here not in of_level and steps < len(parent):
            here, steps = parent[here], steps + 1
        if here in of_level:
            found[str(unit)] = str(here)
    return found


def nearest_known(codes: Ints, x: Floats, y: Floats) -> Ints:
    """Codes in which each -1 has become that of the nearest unit with one; -1 without any.

    `x`, `y`: metres; a unit without a place counts as in the middle.
    """
    known = codes >= 0
    if known.all() or not known.any():
        return codes
    spots = np.nan_to_num(np.column_stack((x, y)))
    filled = codes.copy()
    filled[~known] = codes[known][cKDTree(spots[known]).query(spots[~known])[1]]
    return filled
