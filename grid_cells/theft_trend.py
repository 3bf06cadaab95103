"""Grade, trend and step of a transformer's loss."""

from dataclasses import dataclass

import numpy as np

from grid_cells.theft_balance import Losses
from grid_cells.theft_evidence import starts
from grid_cells.theft_panel import Floats, Ints

_SURE = 4.0
"""Standard deviations from which a step is told."""


@dataclass(frozen=True, eq=False)
class Steps:
    """By transformer: column of the clearest lasting step of the loss (−1: none), kWh a day, sureness."""

    start: Ints
    kwh_day: Floats
    sureness: Floats


def steps(found: Losses) -> Steps:
    """The clearest step of each transformer's loss, beyond its own technical share."""
    days = found.rest.shape[1]
    at = np.array(starts(days))
    after = (np.arange(days) >= at[:, None]).astype(float).T
    weight = found.weight
    own = found.excess(np.arange(len(weight)))
    rest = found.rest - own[:, None] * found.through
    total = weight.sum(axis=1, keepdims=True)
    mean = (weight * rest).sum(axis=1, keepdims=True) / np.maximum(total, 1e-9)
    later = weight @ after
    pull = (weight * (rest - mean)) @ after
    precision = later - later**2 / np.maximum(total, 1e-9)
    sure = pull / np.sqrt(np.maximum(precision, 1e-9))
    best = np.abs(sure).argmax(axis=1)
    row = np.arange(len(weight))
    told = np.abs(sure[row, best]) >= _SURE
    size = pull[row, best] / np.maximum(precision[row, best], 1e-9)
    return Steps(np.where(told, at[best], -1), np.where(told, size, 0.0), sure[row, best])


def grade(rate: float | None, *, raised: float, high: float) -> str:
    """The word for a loss rate: unknown, negative, usual, raised or high."""
    if rate is None or np.isnan(rate):
        return "unknown"
    if rate < 0:
        return "negative"
    if rate < raised:
        return "usual"
    return "raised" if rate < high else "high"


def trend(days: Ints, rates: Floats) -> float:
    """Change of a loss rate in 30 days: the median slope of all pairs (Theil and Sen); NaN of too few."""
    known = ~np.isnan(rates)
    day, rate = days[known].astype(float), rates[known]
    if len(day) < 10:  # noqa: PLR2004 - of fewer days nothing is said
        return float("nan")
    i, j = np.triu_indices(len(day), 1)
    return float(np.median((rate[j] - rate[i]) / (day[j] - day[i])) * 30)
