"""The next days of each hall by hour, with an interval; judged against the usual.

LightGBM (Ke et al., NeurIPS 2017) on the least absolute error, taught on what was known at many
origins of the past for the days after each. The interval is split-conformal with local width (Lei
et al., JASA 2018): residuals of days that the model did not see, over the spread of each hall and
hour.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.errors import UserError
from grid_cells.hall_forecast_features import SPAN, DayFacts, Floats, features, known_quantile
from grid_cells.hall_hours import HallHours
from grid_cells.work_calendar import SATURDAY

AHEAD = 14
"""Days that are forecast."""
JUDGED = 28
"""Days at the end of the past that judge the forecast and give its interval."""
LEAST = 42
"""Days of the past before which nothing is learnt: two weeks to learn from, four to judge by."""
_WARM = 14
_EVERY = 7
_MOST_ROWS = 300_000
ROUNDS = 300
SHARE = 0.8
"""How many hours out of all the interval is to hold."""
_PARAMETERS: dict[str, Any] = {
    "objective": "l1",
    "num_leaves": 31,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "num_threads": 2,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


Tell = Callable[[float], None]


def _unheard(_done: float) -> None:
    pass


@dataclass(frozen=True)
class ForecastFigures:
    """Mean absolute errors of the judged days, in the unit of the figures.

    `last_week`: the same hour of the last week that was known; `usual`: the mean of all such
    weekdays and hours before. `covered`: the share of hours within the interval.
    """

    hours: int
    ours: float
    last_week: float
    usual: float
    covered: float

    @property
    def gain(self) -> float:
        """How much less than the better of the two: 0.15 is 15 % less; NaN where nothing is."""
        best = min(self.last_week, self.usual)
        return 1.0 - self.ours / best if best > 0 else float("nan")


@dataclass(frozen=True)
class HallForecast:
    """What is expected from the first day on: arrays days × hours × halls like the past.

    NaN where the hall has never been open at such a weekday and hour, or where the day is off.
    """

    expected: HallHours
    low: Floats
    high: Floats
    figures: ForecastFigures


def forecast(
    past: HallHours,
    facts: DayFacts,
    *,
    ahead: int = AHEAD,
    seed: int = 0,
    tell: Tell = _unheard,
) -> HallForecast:
    """The days after the past, with the interval that holds SHARE of hours.

    The figures are of the last JUDGED days by a model that had not seen them. `tell` hears the
    share that is done, and stops the work by what it raises. Raises UserError `forecast_too_short`
    when from the first known day to the last there are fewer than LEAST, when fewer than a third
    of so many are known, and when none is left to learn from.
    """
    known = _known_days(past)
    span = int(known[-1] - known[0]) + 1 if len(known) else 0
    if span < LEAST or len(known) < LEAST // 3:
        days = span if span < LEAST else len(known)
        raise UserError("forecast_too_short", days=days, least=LEAST)
    judged = judge(past, facts, seed=seed, tell=lambda done: tell(done / 2))
    model = _learn(past, facts, seed, lambda done: tell((1 + done) / 2))
    expected = _expect(model, past, range(ahead), facts)
    width = _width(past)
    low = np.maximum(expected + judged.quantiles[0] * width, 0.0)
    high = np.maximum(expected + judged.quantiles[1] * width, low)
    ours = HallHours(past.end, past.hours, past.halls, expected)
    return HallForecast(ours, low, high, judged.figures)


def _known_days(past: HallHours) -> NDArray[np.int64]:
    """The days, by number, of which anything is known."""
    return np.flatnonzero(np.isfinite(past.grid).any(axis=(1, 2)))


@dataclass(frozen=True)
class Judged:
    """Errors on the last days, and the two quantiles of residuals over the local width."""

    figures: ForecastFigures
    quantiles: tuple[float, float]


def judge(  # noqa: PLR0913
    hours: HallHours,
    facts: DayFacts,
    *,
    days: int = JUDGED,
    step: int = AHEAD,
    seed: int = 0,
    tell: Tell = _unheard,
) -> Judged:
    """The last `days` forecast by a model taught before them, from an origin every `step` days.

    The peers know as much as ours: everything before each origin.
    """
    start = hours.end - timedelta(days=days)
    model = _learn(hours.before(start), facts, seed, tell)
    parts = [
        _judged_part(model, hours, start + timedelta(days=at), min(step, days - at), facts)
        for at in range(0, days, step)
    ]
    truth, ours, before, wonted, width = (np.concatenate(p) for p in zip(*parts, strict=True))
    known = np.isfinite(truth) & np.isfinite(ours) & np.isfinite(before) & np.isfinite(wonted)
    rest = (truth - ours)[known] / width[known]
    low, high = _quantiles(rest)
    inside = _held_out_cover(rest)
    mean, week, common = (_absolute(truth[known], x[known]) for x in (ours, before, wonted))
    return Judged(ForecastFigures(int(known.sum()), mean, week, common, inside), (low, high))


def _judged_part(
    model: Any, hours: HallHours, origin: date, ahead: int, facts: DayFacts
) -> tuple[Floats, ...]:
    past = hours.before(origin)
    at = len(past.grid)
    truth = hours.grid[at : at + ahead]
    ours = _expect(model, past, range(len(truth)), facts)
    width = np.broadcast_to(_width(past), truth.shape)
    peers = (last_week(past, len(truth)), usual(past, len(truth)))
    return tuple(x.ravel() for x in (truth, ours, *peers, width))


def last_week(past: HallHours, ahead: int) -> Floats:
    """Each day ahead as the last one of its weekday that is known; days × hours × halls."""
    return _by_weekday(past, ahead, _last_known)


def usual(past: HallHours, ahead: int) -> Floats:
    """Each day ahead as the mean of its weekday and hour in all the past."""
    return _by_weekday(past, ahead, _mean_known)


def _by_weekday(past: HallHours, ahead: int, take: Any) -> Floats:
    first = past.end.weekday()
    taken = {day: take(past.grid[past.weekdays == day]) for day in range(7)}
    return np.stack([taken[(first + at) % 7] for at in range(ahead)])


def _last_known(same: Floats) -> Floats:
    found = np.full(same.shape[1:], np.nan)
    for values in same:
        found = np.where(np.isfinite(values), values, found)
    return found


def _mean_known(same: Floats) -> Floats:
    known = np.isfinite(same)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(
            known.any(axis=0), np.where(known, same, 0).sum(axis=0) / known.sum(axis=0), np.nan
        )


def _learn(past: HallHours, facts: DayFacts, seed: int, tell: Tell) -> Any:
    import lightgbm as lgb  # noqa: PLC0415 - a second of start-up that few need

    made = list(_lessons(past, facts, seed))
    if not sum(len(part) for _, part in made):
        raise UserError("forecast_too_short", days=len(_known_days(past)), least=LEAST)
    matrix = np.concatenate([part for part, _ in made])
    truth = np.concatenate([part for _, part in made])
    parameters = {**_PARAMETERS, "seed": seed, "min_data_in_leaf": _least_in_leaf(len(truth))}
    heard = [lambda state: tell((state.iteration + 1) / ROUNDS)]
    return lgb.train(parameters, lgb.Dataset(matrix, truth), ROUNDS, callbacks=heard)


def _least_in_leaf(rows: int) -> int:
    return int(np.clip(rows // 500, 10, _PARAMETERS["min_data_in_leaf"]))


def _lessons(past: HallHours, facts: DayFacts, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """What was known at an origin of each week, and what came in the days after it."""
    days = len(past.grid)
    origins = range(_WARM, days - 1, _EVERY)
    known = np.isfinite(past.grid).sum() / max(days, 1) * AHEAD * 2 * max(len(origins), 1)
    share = min(1.0, _MOST_ROWS / max(known, 1.0))
    drawn = np.random.default_rng(seed)
    for origin in origins:
        truth = past.grid[origin : origin + 2 * AHEAD]
        rows = features(past, past.first + timedelta(days=origin), range(len(truth)), facts)
        kept = np.isfinite(truth.ravel()) & (drawn.random(truth.size) < share)
        yield rows[kept], truth.ravel()[kept]


def _expect(model: Any, past: HallHours, ahead: Sequence[int], facts: DayFacts) -> Floats:
    shape = (len(ahead), *past.grid.shape[1:])
    found = np.asarray(model.predict(features(past, past.end, ahead, facts))).reshape(shape)
    return np.where(_opens(past, ahead, facts), np.maximum(found, 0.0), np.nan)


def _opens(past: HallHours, ahead: Sequence[int], facts: DayFacts) -> NDArray[np.bool_]:
    """Where a hall was open at the weekday and hour lately, on days that are not off by law."""
    lately = past.grid[-2 * JUDGED :]
    weekdays = past.weekdays[-2 * JUDGED :]
    open_at = np.stack([np.isfinite(lately[weekdays == day]).any(axis=0) for day in range(7)])
    days = [past.end + timedelta(days=at) for at in ahead]
    off = np.array([_was_shut(past, facts) and day in facts.free for day in days])
    return np.asarray(open_at[[day.weekday() for day in days]] & ~off[:, None, None])


def _was_shut(past: HallHours, facts: DayFacts) -> bool:
    """Whether halls were shut on most days off of the past; without any, days off are taken so."""
    off = [at for at, day in enumerate(past.days) if day in facts.free and day.weekday() < SATURDAY]
    shut = [not np.isfinite(past.grid[at]).any() for at in off]
    return not shut or sum(shut) * 2 >= len(shut)


def _width(past: HallHours) -> Floats:
    """How far an hour of a hall strays: the spread of its last weeks, at least 1."""
    lately = past.grid[-SPAN:]
    width = known_quantile(lately, 0.9) - known_quantile(lately, 0.1)
    return np.fmax(width, 1.0)


def _quantiles(rest: Floats) -> tuple[float, float]:
    if not len(rest):
        return (0.0, 0.0)
    edge = (1 - SHARE) / 2
    low, high = np.quantile(rest, [edge, 1 - edge])
    return float(low), float(high)


def _held_out_cover(rest: Floats) -> float:
    """The share of the later half within the interval that the earlier half gives."""
    half = len(rest) // 2
    if not half:
        return float("nan")
    low, high = _quantiles(rest[:half])
    return float(((rest[half:] >= low) & (rest[half:] <= high)).mean())


def _absolute(truth: Floats, guess: Floats) -> float:
    return float(np.abs(truth - guess).mean()) if len(truth) else float("nan")


def table_of(made: HallForecast) -> pd.DataFrame:
    """Rows `hall_id`, `hour` (local), `expected`, `low`, `high`, where something is expected."""
    days, hours, halls = np.nonzero(np.isfinite(made.expected.grid))
    start = pd.Timestamp(made.expected.first)
    clock = np.array(made.expected.hours, dtype=np.int64)[hours]
    return pd.DataFrame(
        {
            "hall_id": np.array(made.expected.halls, dtype=object)[halls],
            "hour": start + pd.to_timedelta(days, unit="D") + pd.to_timedelta(clock, unit="h"),
            "expected": made.expected.grid[days, hours, halls],
            "low": made.low[days, hours, halls],
            "high": made.high[days, hours, halls],
        }
    )
