"""What a meter would usually show: its own level, the common weather of its peers, its week."""

from dataclasses import dataclass

import numpy as np

from grid_cells.theft_panel import Flags, Floats, Ints, Panel

BATCH = 4096
_FLOOR = 0.02
"""Share of a row's own level that counts as its least use: logarithms need one."""
_PEERS = 3000
_CLIP = 1.0
_SMOOTH_DAYS = 10
_AWAY = -1.8
_AWAY_DAYS = 3


@dataclass(frozen=True, eq=False)
class Usual:
    """Of every row: use without gaps (kWh), which days were filled, and how it stands to its usual.

    filled: measured use, or what would be usual where nothing was measured. error: standard
    deviation of what was filled in (kWh, 0 where measured). ratio: log of use over level × common
    daily factor × own week; days of absence with a return are filled. noise: standard deviation of a
    day of it. drift: daily standard deviation of the population's wander. level: kWh.
    """

    filled: Floats
    error: Floats
    ratio: Floats
    noise: Floats
    drift: float
    level: Floats
    factor: Floats


def usual(panel: Panel) -> Usual:
    """The usual use of every row (see `Usual`); on days without its link a row uses nothing."""
    use, group = panel.use, panel.group
    level = _levels(use)
    factor = _common(use, level, group)
    shape = use.shape
    filled, error, ratio = (np.empty(shape, np.float32) for _ in range(3))
    noise = np.empty(len(use))
    for first in range(0, len(use), BATCH):
        part = slice(first, first + BATCH)
        found = _one_batch(use[part], level[part], factor[group[part]])
        filled[part], error[part], ratio[part], noise[part] = found
        linked = panel.linked(part)
        filled[part] *= linked
        error[part] *= linked
    return Usual(filled, error, ratio, noise, _drift(ratio, noise), level, factor)


def _levels(use: Floats) -> Floats:
    """Median of what was measured; 0 where nothing was."""
    level = np.zeros(len(use))
    for first in range(0, len(use), BATCH):
        rows = np.sort(use[first : first + BATCH], axis=1)  # missing ones come last
        known = (~np.isnan(rows)).sum(axis=1)
        at = np.maximum(known - 1, 0) // 2
        middle = rows[np.arange(len(rows)), at]
        level[first : first + BATCH] = np.where(known > 0, middle, 0)
    return np.maximum(np.nan_to_num(level), 0)


def _logs(use: Floats, level: Floats) -> Floats:
    """Log of use over level, NaN where unknown."""
    own = np.maximum(level, 1e-6)[:, None]
    return np.asarray(np.log(np.maximum(use / own, _FLOOR)))


def _common(use: Floats, level: Floats, group: Ints) -> Floats:
    """Daily factor (log) of each group of peers: the median of its rows around their own level."""
    factor = np.zeros((int(group.max(initial=0)) + 1, use.shape[1]))
    everybody = np.flatnonzero(level > 0)
    for number in range(len(factor)):
        own = everybody[group[everybody] == number]
        rows = own if len(own) >= 20 else everybody
        rows = rows[:: max(1, len(rows) // _PEERS)]
        if len(rows):
            factor[number] = _middle_by_day(_logs(use[rows], level[rows]))
    return factor


def _middle_by_day(logs: Floats) -> Floats:
    ordered = np.sort(logs, axis=0)
    known = (~np.isnan(ordered)).sum(axis=0)
    middle = ordered[np.maximum(known - 1, 0) // 2, np.arange(logs.shape[1])]
    return np.where(known > 0, middle, 0)


def _one_batch(use: Floats, level: Floats, factor: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    logs = _logs(use, level) - factor
    week = _week(logs)
    ratio = logs - week
    away = _absences(ratio)
    noise = _noise(ratio)
    local = _smooth(np.where(away, np.nan, ratio))
    seen = np.isnan(use)
    guess = level[:, None] * np.exp(factor + week + _smooth(ratio) + noise[:, None] ** 2 / 2)
    filled = np.where(seen, guess, use)
    error = np.where(seen, guess * np.sqrt(np.expm1(noise[:, None] ** 2 * 1.1)), 0)
    return filled, error, np.where(np.isnan(ratio) | away, local, ratio), noise


def _week(logs: Floats) -> Floats:
    """The own week of each row around its level, drawn towards none as far as it may be chance."""
    days = logs.shape[1]
    bounded = np.clip(logs, -_CLIP, _CLIP)
    local = bounded - _smooth(bounded)
    found = np.zeros_like(logs)
    means, counts = [], []
    for phase in range(7):
        part = local[:, phase::7]
        known = ~np.isnan(part)
        counts.append(np.maximum(known.sum(axis=1), 1))
        means.append(np.where(known, part, 0).sum(axis=1) / counts[-1])
    table, count = np.array(means), np.array(counts)
    chance = np.nanvar(local, axis=1) / count
    between = np.maximum(np.mean(table**2 - chance, axis=0), 0)
    kept = table * between / (between + chance + 1e-9)
    for phase in range(7):
        found[:, phase::7] = kept[phase][:, None]
    return found[:, :days]


def _smooth(values: Floats, reach: int = _SMOOTH_DAYS) -> Floats:
    """Mean of the known values within some days; 0 where none is known."""
    known = ~np.isnan(values)
    bounded = np.where(known, np.clip(values, -4, 4), 0)
    top = np.pad(np.cumsum(bounded, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    count = np.pad(np.cumsum(known, axis=1), ((0, 0), (1, 0)))
    day = np.arange(values.shape[1])
    begin, end = np.maximum(day - reach, 0), np.minimum(day + reach + 1, values.shape[1])
    total = top[:, end] - top[:, begin]
    return np.asarray(total / np.maximum(count[:, end] - count[:, begin], 1))


def _absences(ratio: Floats) -> Flags:
    """Days in a run of nearly no use that ends before the last day."""
    low = np.nan_to_num(ratio, nan=-9.0) < _AWAY
    usual = np.nan_to_num(ratio, nan=-9.0) > _AWAY / 2
    later = np.flip(np.cumsum(np.flip(usual, axis=1), axis=1), axis=1) >= _AWAY_DAYS
    return low & later & (ratio < _AWAY)


def _noise(ratio: Floats) -> Floats:
    """Standard deviation of a day, from differences of neighbouring days."""
    step = np.sort(np.abs(np.diff(ratio, axis=1)), axis=1)
    known = (~np.isnan(step)).sum(axis=1)
    middle = step[np.arange(len(step)), np.maximum(known - 1, 0) // 2] if step.shape[1] else known
    return np.clip(np.where(known > 5, middle * 1.4826 / np.sqrt(2), 0.3), 0.05, 1.5)


def _drift(ratio: Floats, noise: Floats) -> float:
    """Daily standard deviation of the wander: how much more weeks differ far apart than near."""
    weeks = ratio.shape[1] // 7
    if weeks < 4 or not len(ratio):
        return 0.012
    rows = slice(None, None, max(1, len(ratio) // _PEERS))
    week = ratio[rows, : weeks * 7].reshape(-1, weeks, 7).mean(axis=2) / noise[rows, None]
    far = weeks // 2

    def spread(lag: int) -> float:
        return float(np.median((week[:, lag:] - week[:, :-lag]) ** 2) / 0.455)

    wander = max(spread(far) - spread(1), 0.0) / (7 * (far - 1)) if far > 1 else 0.003
    return float(np.clip(np.sqrt(wander), 0.01, 0.3))
