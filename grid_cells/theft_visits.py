"""What a model of the store's own inspections reads: weeks, attributes, and who is surer."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.cells import parents, resolutions

Floats = NDArray[np.float64]
RECENT_DAYS: Final = 28
"""The last weeks before a visit, apart from those before them."""
LEAST_DAYS: Final = 4
"""Of fewer measured days a week is not known."""
_ZONE_COARSER: Final = 2
"""Cells so many resolutions coarser are the zone of a customer's peers."""


def by_week(known: pd.DataFrame, rows: int, weeks: int) -> Floats:
    """Mean kWh a day, rows × weeks, oldest first; NaN for weeks with fewer than LEAST_DAYS days.

    `known`: row, week (0 the last before the visit), kwh, days.
    """
    energy = np.full((rows, weeks), np.nan)
    told = known[(known["days"] >= LEAST_DAYS) & (known["week"] < weeks)]
    at = weeks - 1 - told["week"].to_numpy(np.int64)
    energy[told["row"].to_numpy(np.int64), at] = told["kwh"].to_numpy(np.float64)
    return energy


def known_weeks(energy: Floats) -> Floats:
    """How many weeks of each row are known."""
    return np.asarray((~np.isnan(energy)).sum(axis=1), dtype=np.float64)


def attributes(given: pd.DataFrame) -> pd.DataFrame:
    """Use type, tariff and zone (a coarser cell) as texts, missing where unknown.

    `given`: use_type, tariff, cell_id.
    """
    cells = given["cell_id"].fillna(0).to_numpy(np.int64)
    placed = cells != 0
    zone = np.full(len(cells), None, dtype=object)
    if placed.any():
        level = max(int(resolutions(cells[placed]).min()) - _ZONE_COARSER, 0)
        zone[placed] = [f"{one:x}" for one in parents(cells[placed], level)]
    texts = {name: given[name].astype(object).where(given[name].notna(), None)
             for name in ("use_type", "tariff")}  # fmt: skip
    return pd.DataFrame({**texts, "zone": zone}, dtype=object).reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Joint:
    """Scores with their causes; by_model: where the model's counts."""

    score: Floats
    cause: NDArray[np.object_]
    by_model: NDArray[np.bool_]


def joined(rules: Floats, cause: NDArray[np.object_], model: Floats, suspect_from: float) -> Joint:
    """The surer of the rules and the model for each customer; NaN: the model could not score.

    What the balance of a transformer tells is not lost to a model that never saw the like, and an
    innocent cause stays: it was tested first.
    """
    is_open = np.isin(cause.astype(str), ("none", "suspect"))
    by_model = is_open & (np.nan_to_num(model, nan=-1.0) > rules)
    score = np.where(by_model, model, rules)
    named = np.where(score >= suspect_from, "suspect", "none").astype(object)
    return Joint(score, np.where(is_open, named, cause).astype(object), by_model)
