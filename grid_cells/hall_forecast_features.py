"""What a forecast of a hall's hour knows: the same weekday and hour before, levels, the calendar.

Everything is taken from days before the origin; only the calendar reaches beyond it. Means of the
past are weighted by halves (exponential smoothing with a half-life in days, Brown 1956), so that
they follow a hall whose visitors change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from grid_cells.hall_hours import HallHours

Floats = NDArray[np.float64]

LEVEL_DAYS = (3.0, 10.0, 30.0, 120.0)
WEEKDAY_DAYS = (21.0, 60.0, 200.0)
SPAN = 84
"""Days of which a hall's spread is taken."""
NEAR_DAYS = 1
"""Days of the month that count as the same for bills and pay days."""
MONTH = 30
MANY_DAYS = 9
_NOTHING = 1e-9


@dataclass(frozen=True)
class DayFacts:
    """What is known of days ahead: who is off, when bills go out, the weather if given.

    `free`: days off; `unsure`: weekend days that may be worked; `billing_days`: days of the month;
    `weather`: one figure a day in any one unit, days without are unknown.
    """

    free: frozenset[date] = frozenset()
    unsure: frozenset[date] = frozenset()
    billing_days: tuple[int, ...] = ()
    weather: Mapping[date, float] = field(default_factory=dict)


NO_FACTS = DayFacts()


@dataclass(frozen=True)
class _Past:
    """The figures before an origin with what is taken from them once for all days ahead."""

    month_days: NDArray[np.int64]
    levels: tuple[Floats, ...]
    spread: tuple[Floats, Floats, Floats]
    rest: Floats
    """Figures less the month's level."""
    lately: list[Floats]
    same_weekday: tuple[list[Floats], ...]
    """For each weekday, what such days had."""


def halving(values: Floats, days: float, among: NDArray[np.bool_] | None = None) -> Floats:
    """The mean of the days with weights ½^(age / days); NaN where none is known.

    `among`: the days that count. Sums over the first axis.
    """
    weights = 0.5 ** (np.arange(len(values))[::-1] / days)
    if among is not None:
        weights = weights * among
    flat = values.reshape(len(values), -1)
    known = np.isfinite(flat)
    total = weights @ known
    summed = weights @ np.where(known, flat, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > _NOTHING, summed / total, np.nan).reshape(values.shape[1:])


def known_quantile(values: Floats, share: float) -> Floats:
    """The quantile of what is known along the first axis, between neighbours; NaN where nothing.

    As numpy's nanquantile with its linear method, which asks each column by itself.
    """
    if not len(values):
        return np.full(values.shape[1:], np.nan)
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.isfinite(values).sum(axis=0) - 1
    place = np.maximum(last, 0) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(last, 0))
    below, above = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (low, high))
    return np.asarray(below + (above - below) * (place - low))


def features(hours: HallHours, origin: date, ahead: Sequence[int], facts: DayFacts) -> Floats:
    """One row for each day `origin` + a, hour and hall in this order; shape (rows, features).

    Days from the origin on are not looked at.
    """
    past = _past_of(hours.before(origin))
    made = [_day_features(past, origin + timedelta(days=a), a, facts) for a in ahead]
    return np.concatenate(made) if made else np.empty((0, 0))


def _past_of(past: HallHours) -> _Past:
    values = past.grid
    levels = tuple(halving(values, days) for days in LEVEL_DAYS)
    recent = values[-SPAN:]
    spread = (
        known_quantile(recent, 0.5), known_quantile(recent, 0.9), known_quantile(recent, 0.1)
    )  # fmt: skip
    days = np.array([day.day for day in past.days], dtype=np.int64)
    rest = values - levels[2]
    same = tuple(_same_weekday(values, rest, past.weekdays == day) for day in range(7))
    return _Past(days, levels, spread, rest, _lately(rest), same)


def _mean(values: Floats, axis: int | tuple[int, ...] = 0) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(known, values, 0.0).sum(axis=axis)
        return np.asarray(np.where(count > 0, total / count, np.nan))


def _smoothed(level: Floats) -> Floats:
    """Each hour with its neighbours, ¼ ½ ¼."""
    wide = np.pad(level, ((1, 1), (0, 0)), mode="edge")
    return _mean(np.stack([wide[:-2], wide[1:-1], wide[1:-1], wide[2:]]))


def _day_features(past: _Past, day: date, ahead: int, facts: DayFacts) -> Floats:
    shape = past.rest.shape[1:]
    columns: list[Floats | float] = [
        np.arange(shape[0], dtype=np.float64)[:, None],
        *_calendar(day, ahead, facts),
        *past.same_weekday[day.weekday()],
        *past.levels,
        *past.spread,
        *(_smoothed(past.levels[at]) for at in (1, 2)),
        *(_mean(level)[None] for level in past.levels),
        *past.lately,
        _same_month_day(past, day.day),
    ]
    return np.column_stack([np.broadcast_to(c, shape).ravel() for c in columns])


def _calendar(day: date, ahead: int, facts: DayFacts) -> list[float]:
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return [
        day.weekday(),
        ahead,
        day.day,
        day.timetuple().tm_yday,
        float(day in facts.free),
        float(before in facts.free),
        float(after in facts.free),
        float(day in facts.unsure),
        _since_bill(day, facts.billing_days),
        facts.weather.get(day, np.nan),
    ]


def _since_bill(day: date, billing_days: tuple[int, ...]) -> float:
    gaps = [(day.day - bill) % MONTH for bill in billing_days]
    return float(min(gaps)) if gaps else np.nan


def _same_weekday(values: Floats, rest: Floats, among: NDArray[np.bool_]) -> list[Floats]:
    same = values[among]
    means = [halving(values, days, among) for days in WEEKDAY_DAYS]
    return [
        *(_nth_last(same, back) for back in (1, 2)),
        *means,
        known_quantile(same[-MANY_DAYS:], 0.5),
        _smoothed(means[1]),
        halving(_mean(rest, axis=1), WEEKDAY_DAYS[1], among)[None],
        _mean(halving(rest, WEEKDAY_DAYS[1], among), axis=1)[:, None],
    ]


def _nth_last(same: Floats, back: int) -> Floats:
    return same[-back] if len(same) >= back else np.full(same.shape[1:], np.nan)


def _lately(rest: Floats) -> list[Floats]:
    """How far the last days that are known lay above the month's level, by hall and for all."""
    hall = _mean(rest, axis=1)
    known = np.flatnonzero(np.isfinite(hall).any(axis=1))
    last = hall[known[-3:]]
    if not len(last):
        return [np.full((1, hall.shape[1]), np.nan)] * 2 + [np.full((1, 1), np.nan)]
    return [last[-1][None], _mean(last)[None], _mean(hall[-14:], axis=(0, 1)).reshape(1, 1)]


def _same_month_day(past: _Past, month_day: int) -> Floats:
    """How far days of the month near this one lay above the month's level."""
    half = MONTH // 2
    gap = np.abs((past.month_days - month_day + half) % MONTH - half)
    near = past.rest[gap <= NEAR_DAYS]
    return _mean(near, axis=(0, 1, 2)).reshape(1, 1) if len(near) else np.full((1, 1), np.nan)
