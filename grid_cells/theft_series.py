"""Features of a customer's own series of energies, for months as for days.

All are about one row alone: its level, its ratios to its own past, steps, trend, zeros, spread.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.reading_quality import row_medians, run_lengths

Floats = NDArray[np.float64]
Columns = dict[str, Floats]

MOST_BLOCKS = 36
_WEEK = 7
_LOW_SHARE = 0.2
_SMALL = 1e-6
_STEP_NOISE = 0.01
_SHORTEST_WEEKLY = 14


def series_features(energy: Floats, *, with_gaps: bool = True) -> Columns:
    """Features of each row of `energy` (rows × periods, kWh; NaN where nothing is known).

    Missing periods are counted apart (`missing_*`) and stand as the row's own median wherever a
    shape is asked for: they are neither zeros nor steps. Without `with_gaps` nothing tells of them:
    they are not counted, and what stands in them is no repeat.
    """
    filled = filled_energy(energy)
    logs = log_energy(blocks(filled))
    repeated = energy if not with_gaps else filled
    columns = _levels(filled, logs) | _zeros(filled) | _texture(filled, repeated)
    columns |= {f"own_{name}": values for name, values in shape_features(logs).items()}
    return columns | _profile(logs) | (missing_features(energy) if with_gaps else {})


def log_energy(energy: Floats) -> Floats:
    """ln(1 + kWh), what is below 0 as 0."""
    return np.asarray(np.log1p(np.maximum(energy, 0.0)))


def relative_logs(energy: Floats) -> Floats:
    """Each period's log beside the row's own median, missing periods as 0."""
    logs = log_energy(blocks(filled_energy(energy)))
    return np.asarray(logs - np.median(logs, axis=1)[:, None])


def blocks(values: Floats) -> Floats:
    """The periods, or means over so many in a row that at most MOST_BLOCKS are left."""
    periods = values.shape[1]
    size = -(-periods // MOST_BLOCKS)
    if size == 1:
        return values
    kept = periods // size * size
    return np.asarray(values[:, periods - kept :].reshape(len(values), -1, size).mean(axis=2))


def filled_energy(energy: Floats) -> Floats:
    """The energies with the row's own median where nothing is known (0 where all is unknown)."""
    usual = np.nan_to_num(row_medians(energy))
    return np.where(np.isnan(energy), usual[:, None], energy)


def missing_features(energy: Floats) -> Columns:
    """How much of the series is missing, and how long the last and the longest gaps are."""
    gone = np.isnan(energy)
    return {
        "missing_share": gone.mean(axis=1),
        "missing_run": run_lengths(gone).max(axis=1, initial=0).astype(np.float64),
        "missing_last": _trailing(gone),
    }


def _trailing(flags: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.cumprod(flags[:, ::-1], axis=1).sum(axis=1).astype(np.float64))


def _levels(energy: Floats, logs: Floats) -> Columns:
    quarter = max(logs.shape[1] // 4, 1)
    columns = {
        "level_mean": log_energy(energy.mean(axis=1)),
        "level_log_mean": logs.mean(axis=1),
        "level_last": logs[:, -1],
        "level_last_quarter": logs[:, -quarter:].mean(axis=1),
        "level_first_quarter": logs[:, :quarter].mean(axis=1),
    }
    shares = (0, 10, 25, 50, 75, 90, 100)
    ranks = np.percentile(logs, shares, axis=1)
    return columns | {f"level_q{share}": ranks[k] for k, share in enumerate(shares)}


def _zeros(energy: Floats) -> Columns:
    zero = energy <= 0
    low = energy < _LOW_SHARE * np.median(energy, axis=1)[:, None]
    return {
        "zero_share": zero.mean(axis=1),
        "zero_run": run_lengths(zero).max(axis=1, initial=0).astype(np.float64),
        "zero_last": _trailing(zero),
        "zero_first": _trailing(zero[:, ::-1]),
        "negative_count": (energy < 0).sum(axis=1).astype(np.float64),
        "low_share": low.mean(axis=1),
        "low_run": run_lengths(low).max(axis=1, initial=0).astype(np.float64),
        "low_last": _trailing(low),
    }


def _texture(energy: Floats, repeated: Floats) -> Columns:
    """Repeats (of `repeated`), round figures, spread and evenness (entropy) of the series."""
    same = (np.diff(repeated, axis=1) == 0) & (repeated[:, 1:] > 0)
    used = np.maximum(energy, 0.0)
    share = used / np.maximum(used.sum(axis=1, keepdims=True), _SMALL)
    logs = np.log(np.where(share > 0, share, 1.0))
    return {
        "same_count": same.sum(axis=1).astype(np.float64),
        "same_run": run_lengths(same).max(axis=1, initial=0).astype(np.float64),
        "round_share": (np.mod(energy, 10) == 0).mean(axis=1),
        "whole_share": (np.mod(energy, 1) == 0).mean(axis=1),
        "spread": energy.std(axis=1) / (np.abs(energy.mean(axis=1)) + _SMALL),
        "entropy": -(share * logs).sum(axis=1),
    }


def _profile(logs: Floats) -> Columns:
    """Each period by itself: its log, and beside the row's own median."""
    relative = logs - np.median(logs, axis=1)[:, None]
    count = logs.shape[1]
    columns = {f"log_{count - k:02d}": logs[:, k] for k in range(count)}
    return columns | {f"relative_{count - k:02d}": relative[:, k] for k in range(count)}


def shape_features(logs: Floats) -> Columns:
    """Trend, halves and quarters, extremes, roughness, memory and steps of rows of logs."""
    return _trend(logs) | _extremes(logs) | _memory(logs) | step_features(logs)


def _trend(logs: Floats) -> Columns:
    periods = logs.shape[1]
    mean = logs.mean(axis=1)
    time = np.arange(periods) - (periods - 1) / 2
    slope = (logs * time).sum(axis=1) / max(float((time**2).sum()), _SMALL)
    rest = logs - mean[:, None] - slope[:, None] * time
    quarter, half = max(periods // 4, 1), max(periods // 2, 1)
    last = logs[:, -quarter:].mean(axis=1)
    return {
        "slope": slope,
        "sd": logs.std(axis=1),
        "sd_of_rest": rest.std(axis=1),
        "last_to_first_quarter": last - logs[:, :quarter].mean(axis=1),
        "last_to_first_half": logs[:, -half:].mean(axis=1) - logs[:, :half].mean(axis=1),
        "last_to_mean": logs[:, -1] - mean,
        "last_quarter_to_mean": last - mean,
    }


def _extremes(logs: Floats) -> Columns:
    mean = logs.mean(axis=1)
    change = np.diff(logs, axis=1) if logs.shape[1] > 1 else np.zeros((len(logs), 1))
    return {
        "roughness": np.abs(change).mean(axis=1),
        "largest_fall": change.min(axis=1),
        "largest_rise": change.max(axis=1),
        "fall_at": change.argmin(axis=1).astype(np.float64),
        "range": logs.max(axis=1) - logs.min(axis=1),
        "lowest": logs.min(axis=1) - mean,
        "highest": logs.max(axis=1) - mean,
        "lowest_at": logs.argmin(axis=1).astype(np.float64),
        "highest_at": logs.argmax(axis=1).astype(np.float64),
    }


def _memory(logs: Floats) -> Columns:
    """Autocorrelation at one and two periods, at a week where there are two, and skewness."""
    away = logs - logs.mean(axis=1, keepdims=True)
    total = (away**2).sum(axis=1) + _SMALL
    periods = logs.shape[1]
    lags = [lag for lag in (1, 2) if lag < periods]
    lags += [_WEEK] if periods > _SHORTEST_WEEKLY else []
    columns = {
        f"memory_{lag}": (away[:, lag:] * away[:, :-lag]).sum(axis=1) / total for lag in lags
    }
    return columns | {"skewness": (away**3).mean(axis=1) / (logs.std(axis=1) ** 3 + 1e-3)}


def step_features(logs: Floats) -> Columns:
    """The surest fall and the surest rise of the mean: size, where, and how sure.

    For each way to part the periods in two the difference of the means over its standard error
    (two-sample t, common variance; a small constant keeps flat series from infinity).
    """
    periods = logs.shape[1]
    if periods < 3:  # noqa: PLR2004 - two parts and a degree of freedom
        none = np.zeros(len(logs))
        return {f"{way}{part}": none for way in ("fall", "rise") for part in ("_t", "_step", "_k")}
    before = np.arange(1, periods)
    after = periods - before
    sums, squares = np.cumsum(logs, axis=1), (logs**2).sum(axis=1, keepdims=True)
    left = sums[:, :-1] / before
    right = (sums[:, -1:] - sums[:, :-1]) / after
    rest = np.maximum(squares - before * left**2 - after * right**2, 0.0) / (periods - 2)
    step = right - left
    sure = step * np.sqrt(before * after / periods) / np.sqrt(rest + _STEP_NOISE)
    return _surest(step, sure, "fall", sure.argmin(axis=1)) | _surest(
        step, sure, "rise", sure.argmax(axis=1)
    )


def _surest(step: Floats, sure: Floats, way: str, at: NDArray[np.intp]) -> Columns:
    row = np.arange(len(step))
    return {
        f"{way}_t": sure[row, at],
        f"{way}_step": step[row, at],
        f"{way}_k": at.astype(np.float64),
    }


def weekday_features(energy: Floats, dates: pd.DatetimeIndex) -> Columns:
    """Days alone: each weekday beside the row's own median (logs), and weekends beside workdays."""
    logs = log_energy(filled_energy(energy))
    relative = logs - np.median(logs, axis=1)[:, None]
    weekday = dates.day_of_week.to_numpy()
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    columns = {
        f"weekday_{name}": relative[:, weekday == k].mean(axis=1)
        for k, name in enumerate(names)
        if (weekday == k).any()
    }
    is_end = weekday >= names.index("sat")
    if is_end.any() and not is_end.all():
        columns["weekend"] = relative[:, is_end].mean(axis=1) - relative[:, ~is_end].mean(axis=1)
    return columns
