"""Fourteen months of ordinary outages, none of them as bad as the storm."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from grid_cells.major_event_days import threshold
from grid_cells.sample_city.ground import Ints, stream
from grid_cells.sample_city.moments import ZONE, days_before, utc
from grid_cells.sample_city.network import Network, growth
from grid_cells.sample_city.outages import Outage
from grid_cells.sample_city.places import Place

HISTORY_DAYS = 425
_LATELY_DAYS, _BLOCK_DAYS, _LATELY = 90, 67, 64
"""In one block of days no transformer fails twice, so no chance makes three times in sixty days."""

_CANCELLED_SHARE = 0.1
_KINDS = ("fault", "planned", "urgent", "customer")
_KIND_SHARES = (0.58, 0.24, 0.12, 0.06)
_CAUSES = {
    "fault": ("equipment", "tree on line", "vehicle", "animal", "cable damage"),
    "planned": ("maintenance", "new connection", "replacement"),
    "urgent": ("defect found", "overheated joint"),
    "customer": ("work on customer's side",),
}
_PLAIN = ("city", "village", "town", "west", "hills", "roads")
_TAME_BETAS, _ROUNDS = 2.1, 12
"""An ordinary day stays this far below the 2.5 beta of a major-event day."""

Weight = Callable[[Outage], float]


def ordinary_outages(
    network: Network, places: tuple[Place, ...], end: date, seed: int
) -> list[Outage]:
    """Ordinary outages of fourteen months at transformers outside every story, none today."""
    kinds = np.array([place.kind for place in places])[network.place]
    plain = np.flatnonzero(np.isin(kinds, _PLAIN))
    size = growth(int(network.customers.sum()))
    recent = round(_LATELY * size)
    found = _drawn(plain, end, (1, _LATELY_DAYS), recent, stream(seed, 31))
    rng = stream(seed, 50)
    for first in range(_LATELY_DAYS, HISTORY_DAYS, _BLOCK_DAYS):
        count = round(recent * _BLOCK_DAYS / _LATELY_DAYS)
        found += _drawn(plain, end, (first, first + _BLOCK_DAYS), count, rng)
    return found


def _drawn(
    plain: Ints, end: date, ago: tuple[int, int], count: int, rng: np.random.Generator
) -> list[Outage]:
    """Outages between so many days ago, each at a transformer of its own."""
    found = []
    for site in rng.choice(plain, min(count, len(plain)), replace=False).tolist():
        kind = _KINDS[int(rng.choice(len(_KINDS), p=_KIND_SHARES))]
        cause = _CAUSES[kind][int(rng.integers(0, len(_CAUSES[kind])))]
        hour = f"{int(rng.integers(6, 21)):02d}:{int(rng.integers(0, 60)):02d}"
        start = utc(days_before(end, int(rng.integers(*ago))), hour)
        back = start + pd.Timedelta(minutes=int(rng.lognormal(4.5, 0.6)))
        status = "cancelled" if kind == "planned" and rng.random() < _CANCELLED_SHARE else "ended"
        found.append(Outage(np.array([site]), kind, status, cause, start, back, back))
    return found


def without_major_days(
    network: Network, ordinary: list[Outage], fixed: list[Outage]
) -> list[Outage]:
    """The ordinary outages, shortened where their day stood out among all days.

    Counted by customers and by medium-voltage users, as the two standards do. `fixed` are further
    outages of the past that stay as they are.
    """
    weights: tuple[Weight, ...] = (
        lambda one: float(network.customers[one.transformers].sum()),
        lambda one: float(len(one.transformers)),
    )
    for _ in range(_ROUNDS):
        factors = [_day_factors(ordinary, fixed, weigh) for weigh in weights]
        least = pd.concat(factors, axis=1).min(axis=1)
        if (least >= 1).all():
            break
        ordinary = [_shortened(one, float(least.get(_day(one), 1.0))) for one in ordinary]
    return ordinary


def _day_factors(ordinary: list[Outage], fixed: list[Outage], weigh: Weight) -> pd.Series:
    """By day, how much shorter its outages must be to stay ordinary; 1 or more is well."""
    lived = [one for one in (*ordinary, *fixed) if one.status == "ended"]
    days = [_day(one) for one in lived]
    sums = pd.Series([_minutes(one) * weigh(one) for one in lived]).groupby(days).sum()
    found = threshold(sums, first=min(days), last=max(days))
    if found.alpha is None or found.beta is None:
        return pd.Series(1.0, index=sums.index)
    return float(np.exp(found.alpha + _TAME_BETAS * found.beta)) / sums


def _day(one: Outage) -> date:
    return one.started.tz_convert(ZONE).date()


def _minutes(one: Outage) -> float:
    return 0.0 if one.restored is None else (one.restored - one.started).total_seconds() / 60


def _shortened(one: Outage, factor: float) -> Outage:
    if factor >= 1 or one.restored is None:
        return one
    back = one.started + pd.Timedelta(minutes=max(6, int(_minutes(one) * factor * 0.98)))
    return replace(one, estimated=back, restored=back)
