"""Which units of a plan a person may give to an area or take from one, where their part ends."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from grid_cells.cells import neighbour_pairs


def may_change(facts: pd.DataFrame, near: ArrayLike | None = None) -> NDArray[np.bool_]:
    """Per unit, whether whoever sees only a part of the company may change whose it is.

    facts: is_known, is_seen, is_held, hides_customers, hides_transformers; `near` tells of cells
    that touch a cell in sight, none without. What one's own areas hold may be changed; what they
    do not hold must be in sight with everybody in it, or be an empty cell at the border. A
    transformer that nobody knows is nobody's to take: its customers are still to come.
    """
    told = {name: facts[name].to_numpy(dtype=bool) for name in facts.columns}
    border = np.zeros(len(facts), dtype=bool) if near is None else np.asarray(near, dtype=bool)
    inside = told["is_seen"] | (border & ~told["hides_transformers"])
    allowed: NDArray[np.bool_] = told["is_known"] & (
        told["is_held"] | (inside & ~told["hides_customers"])
    )
    return allowed


def touches(cells: ArrayLike, ground: ArrayLike) -> NDArray[np.bool_]:
    """Per cell (0 = none) whether it touches a cell of the ground, all of one resolution."""
    asked = np.asarray(cells, dtype=np.int64)
    inside = np.unique(np.asarray(ground, dtype=np.int64))
    beyond = np.setdiff1d(asked[asked != 0], inside)
    every = np.concatenate([inside, beyond])
    one, other = neighbour_pairs(every)
    crossing = (one < len(inside)) != (other < len(inside))
    border = every[np.maximum(one, other)[crossing]]
    return np.isin(asked, border)
