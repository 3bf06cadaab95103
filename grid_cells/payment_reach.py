"""Whom payment points reach: by hour, how many there are, who runs them, where nobody is near.

All follows from one table of minutes, cells by points, NaN where no way leads. A point whose hours
nobody knows is open to nobody's knowledge: it counts in what there is, never in what is open.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.coverage import mean

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

LIMITS: Final = (15.0, 30.0, 45.0)
"""Minutes that people know, as classes of the map."""
LEAST_LOST_MIN: Final = 5.0
"""A way that grew by less is no loss: streets are not known to the minute."""


def nearest(minutes: Floats, counted: Bools) -> tuple[Floats, Ints]:
    """Minutes to the nearest counted point (NaN: none) and its column (-1: none)."""
    if not counted.any():
        return np.full(len(minutes), np.nan), np.full(len(minutes), -1, dtype=np.int64)
    columns = np.flatnonzero(counted)
    held = np.where(np.isnan(minutes[:, columns]), np.inf, minutes[:, columns])
    which = np.argmin(held, axis=1)
    least = held[np.arange(len(held)), which]
    found = np.isfinite(least)
    return np.where(found, least, np.nan), np.where(found, columns[which], -1).astype(np.int64)


def overlap(minutes: Floats, counted: Bools, limit_min: float) -> Ints:
    """How many counted points are within the limit of each cell."""
    return np.asarray((minutes[:, counted] <= limit_min).sum(axis=1), dtype=np.int64)


def operators(
    minutes: Floats, counted: Bools, operator: "pd.Series[str]", limit_min: float
) -> Ints:
    """How many operators run the counted points within the limit; one unknown is one of its own."""
    names = operator.where(operator.notna(), pd.Series(operator.index.astype(str), operator.index))
    codes = pd.factorize(names)[0]
    found = np.zeros(len(minutes), dtype=np.int64)
    for code in np.unique(codes[counted]):
        mine = counted & (codes == code)
        found += (minutes[:, mine] <= limit_min).any(axis=1)
    return found


def by_hour(
    minutes: Floats, is_open: NDArray[np.bool_], weight: Floats, limit_min: float
) -> pd.DataFrame:
    """Of each hour (row of `is_open`, hours by points): points open, weight within the limit.

    Columns points, reached, share (of all weight). Hours at which the same points are open are
    worked out once.
    """
    near = minutes <= limit_min
    held: dict[bytes, float] = {}
    rows = []
    total = float(weight.sum())
    for hour in is_open:
        key = hour.tobytes()
        if key not in held:
            held[key] = float(weight[near[:, hour].any(axis=1)].sum())
        rows.append((int(hour.sum()), held[key], held[key] / total if total else np.nan))
    return pd.DataFrame(rows, columns=["points", "reached", "share"])


@dataclass(frozen=True)
class Loss:
    """What people lose when points close.

    cells: rows whose way grows by LEAST_LOST_MIN or who are left with none; customers, payers (in
    person, a month), elderly (share in per cent, NaN unknown); before_min, after_min: mean over
    those who have a point; stranded: customers left with none; operators_left: of the points that
    are nearest now.
    """

    cells: Ints
    customers: float
    payers: float
    elderly: float
    before_min: float
    after_min: float
    stranded: float
    operators_left: tuple[str, ...]


def loss(
    minutes: Floats, before: Bools, after: Bools, cells: pd.DataFrame, points: pd.DataFrame
) -> Loss:
    """Who is further from a point of `after` than from one of `before` (both by column).

    `cells`: customers, payers (NaN unknown), group_share (of the old: per cent, NaN unknown);
    `points`: operator.
    """
    was, now = nearest(minutes, before)[0], nearest(minutes, after)
    longer = np.isfinite(was) & ~(now[0] - was < LEAST_LOST_MIN)
    people = cells["customers"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero(longer & (people > 0))
    lost, lived = cells.iloc[rows], people[rows]
    payers = lost["payers"].to_numpy(dtype=np.float64)
    left = points["operator"].iloc[now[1][rows][now[1][rows] >= 0]].dropna()
    return Loss(
        rows, float(lived.sum()),
        float(np.nansum(payers)) if np.isfinite(payers).any() else float("nan"),
        mean(lost["group_share"], lived), mean(was[rows], lived), mean(now[0][rows], lived),
        float(lived[np.isnan(now[0][rows])].sum()), tuple(sorted(left.unique())),
    )  # fmt: skip


def gaps(cells: pd.DataFrame, group: Ints, rank: str = "payers") -> pd.DataFrame:
    """Every gap in which customers live, most by `rank` first, then most customers.

    `cells`: cell_id, customers, payers (NaN unknown), group_share (per cent) and group_people of an
    age group (NaN unknown), minutes (NaN: no point); `group`: the gap of each cell, -1 none;
    `rank` ∈ payers, customers, group_people. Columns: gap, cells, customers, payers and
    group_people (NaN where of none it is known), group_share, minutes (mean over those reached),
    unreached, cell_id (where most live).
    """
    inside = cells[group >= 0].assign(gap=group[group >= 0])
    inside = inside.sort_values(["customers", "cell_id"], ascending=[False, True])
    lived = [(n, one) for n, one in inside.groupby("gap") if one["customers"].sum() > 0]
    rows = [_gap(int(str(n)), one) for n, one in lived]
    table = pd.DataFrame(rows, columns=GAP_COLUMNS)
    order = list(dict.fromkeys([rank, "payers", "customers", "cell_id"]))
    return table.sort_values(
        order, ascending=[one == "cell_id" for one in order], na_position="last"
    ).reset_index(drop=True)


GAP_COLUMNS: Final = [
    "gap", "cells", "customers", "payers", "group_share", "group_people", "minutes", "unreached",
    "cell_id",
]  # fmt: skip


def _gap(number: int, rows: pd.DataFrame) -> dict[str, object]:
    people = rows["customers"].to_numpy(dtype=np.float64)
    return {
        "gap": number, "cells": len(rows), "customers": float(people.sum()),
        "payers": float(rows["payers"].sum(min_count=1)),
        "group_share": mean(rows["group_share"], people),
        "group_people": float(rows["group_people"].sum(min_count=1)),
        "minutes": mean(rows["minutes"], people),
        "unreached": float(people[rows["minutes"].isna()].sum()),
        "cell_id": int(rows["cell_id"].iloc[0]),
    }  # fmt: skip
