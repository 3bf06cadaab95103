"""Which customers a crew on duty reaches in time, by how many crews, and where the gaps are."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grid_cells.cell_parts import touching_pairs

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BRACKETS: Final = (15.0, 30.0, 45.0, 90.0, 120.0)
"""Minutes that people know: the classes of the map, and of customers reached."""
TOGETHER_MIN: Final = BRACKETS[0]
"""So near to each other by the streets, two pieces are one gap: one post would serve both."""
MOST_OF_A_GAP: Final = 0.5
"""Share of a gap's customers whom a remedy must bring in time to be what the gap is for."""
CAUSES: Final = ("nobody", "cut_off", "closure", "busy", "shift", "skill", "far")


def nearest(minutes: Floats) -> tuple[Floats, Floats, Ints]:
    """Minutes of the nearest crew and of the second, NaN where there is none, and which is nearest.

    `minutes`: cells by crews, NaN where a crew cannot get there; the third is -1 where nobody can.
    """
    known = np.where(np.isnan(minutes), np.inf, minutes)
    if known.shape[1] == 0:
        nothing = np.full(len(known), np.nan)
        return nothing, nothing.copy(), np.full(len(known), -1, dtype=np.int64)
    which = np.argmin(known, axis=1).astype(np.int64)
    first = known.min(axis=1)
    second = (
        np.partition(known, 1, axis=1)[:, 1] if known.shape[1] > 1 else np.full_like(first, np.inf)
    )
    which[~np.isfinite(first)] = -1
    return _or_nan(first), _or_nan(second), which


def depth(minutes: Floats, limit_min: Floats) -> Ints:
    """How many crews are at each cell within its limit; none where no limit is known."""
    return np.asarray((minutes <= limit_min[:, None]).sum(axis=1), dtype=np.int64)


def beyond(minutes: Floats, limit_min: Floats) -> Bools:
    """Cells whose limit is known and not kept, also because nobody gets there at all."""
    return np.isfinite(limit_min) & ~(minutes <= limit_min)


def reached(minutes: Floats, customers: Floats) -> dict[float, float]:
    """Customers within each of BRACKETS."""
    return {limit: float(customers[minutes <= limit].sum()) for limit in BRACKETS}


def pieces(cells: ArrayLike, is_beyond: Bools) -> Ints:
    """Number of the connected piece of each cell beyond its limit, -1 of the others.

    `cells`: distinct H3 cells, those without customers included, since they join those with.
    """
    given = np.asarray(cells, dtype=np.int64)
    rows = np.flatnonzero(is_beyond)
    found = np.full(len(given), -1, dtype=np.int64)
    found[rows] = _components(len(rows), *touching_pairs(given[rows]))
    return found


def joined(piece: Ints, between_min: Floats) -> Ints:
    """The pieces with those made one that lie within TOGETHER_MIN of each other.

    `between_min`: pieces by pieces, minutes by the streets, NaN unknown; the shorter way counts.
    """
    near = np.argwhere(between_min <= TOGETHER_MIN)
    whole = _components(len(between_min), near[:, 0], near[:, 1])
    return np.where(piece < 0, -1, whole[piece]) if len(whole) else piece


def middles(cells: pd.DataFrame, piece: Ints) -> pd.DataFrame:
    """The cell of each piece where most customers live: row of `cells`, indexed by piece.

    `cells`: customers at least.
    """
    held = pd.DataFrame({"piece": piece, "customers": cells["customers"].to_numpy()})
    held = held[held["piece"] >= 0].assign(row=lambda one: one.index)
    held = held.sort_values(["piece", "customers", "row"], ascending=[True, False, True])
    return held.drop_duplicates("piece").set_index("piece")[["row"]]


def gaps(cells: pd.DataFrame, group: Ints, remedies: Mapping[str, Bools]) -> pd.DataFrame:
    """Every gap in which customers live, most customers first.

    `cells`: cell_id, customers, important, minutes, before_min (NaN: nobody gets or got there),
    was_beyond (in the moment compared with); `group`: the gap of each cell, -1 none. `remedies`:
    by the code of a cause, cells that would be in time without it, in the order in which causes are
    thought of. Columns: gap, cells, customers, important, minutes (mean over customers who are
    reached), before_min, unreached (customers nobody gets to), new (customers who were in time in
    the moment compared with), cause, cell_id (where most live).
    """
    inside = cells[group >= 0].assign(gap=group[group >= 0])
    for code, helped in remedies.items():
        inside[f"by_{code}"] = np.where(helped[group >= 0], inside["customers"], 0.0)
    inside = inside.sort_values(["customers", "cell_id"], ascending=[False, True])
    lived = inside[inside["customers"] > 0]
    if lived.empty:
        return pd.DataFrame(columns=GAP_COLUMNS)
    told = pd.DataFrame([_gap(int(str(n)), rows, remedies) for n, rows in lived.groupby("gap")])
    ordered = told.sort_values(["customers", "cell_id"], ascending=[False, True])
    return ordered[GAP_COLUMNS].reset_index(drop=True)


GAP_COLUMNS: Final = [
    "gap", "cells", "customers", "important", "minutes", "before_min", "unreached", "new", "cause",
    "cell_id",
]  # fmt: skip


def _gap(number: int, rows: pd.DataFrame, remedies: Mapping[str, Bools]) -> dict[str, object]:
    people = rows["customers"]
    total = float(people.sum())
    helped = {code: float(rows[f"by_{code}"].sum()) / total for code in remedies}
    causes = [code for code, share in helped.items() if share >= MOST_OF_A_GAP]
    lost = float(people[rows["minutes"].isna()].sum())
    cause = causes[0] if causes else "cut_off" if lost >= MOST_OF_A_GAP * total else "far"
    return {
        "gap": number, "cells": len(rows), "customers": total,
        "important": int(rows["important"].sum()), "minutes": mean(rows["minutes"], people),
        "before_min": mean(rows["before_min"], people), "unreached": lost,
        "new": float(people[~rows["was_beyond"].astype(bool)].sum()), "cause": cause,
        "cell_id": int(rows["cell_id"].iloc[0]),
    }  # fmt: skip


def mean(minutes: ArrayLike, customers: ArrayLike) -> float:
    """Mean minutes over the customers who are reached; NaN where nobody is."""
    took, people = np.asarray(minutes, np.float64), np.asarray(customers, np.float64)
    known = np.isfinite(took) & (people > 0)
    return float(np.average(took[known], weights=people[known])) if known.any() else np.nan


def _components(count: int, left: Ints, right: Ints) -> Ints:
    if not count:
        return np.empty(0, dtype=np.int64)
    joins = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(joins, directed=False)[1], dtype=np.int64)


def _or_nan(minutes: Floats) -> Floats:
    return np.where(np.isfinite(minutes), minutes, np.nan)
