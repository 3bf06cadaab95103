"""Which daily readings of meters cannot be believed, and how far a meter is to be believed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

GOOD = 0
FINDINGS = ("missing", "negative", "clock", "frozen", "spike", "zero")
CODE = {name: code for code, name in enumerate(FINDINGS, start=1)}
_DISCOUNTS = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.25])
_NORMAL = 1.4826
_LEAST_RUN = 2
_LEAST_DAYS_COMPARED = 10
_LEAST_WEEKS = 2


@dataclass(frozen=True)
class QualityRules:
    """When a reading is doubted; energies in kWh a day before the multiplier.

    frozen_days: so many equal readings in a row are a register that stands still; least_kwh: meters
    whose usual day is below it are never doubted for zeros and spikes; spike_ratio and
    spike_sigmas: a spike exceeds the usual day so many times and by so many robust deviations;
    spike_days: what stays high for longer is a new level, no spike; zero_days: up to so many days
    without use are doubted, longer ones are a state of the customer.
    """

    frozen_days: int = 4
    least_kwh: float = 0.5
    spike_ratio: float = 4.0
    spike_sigmas: float = 8.0
    spike_days: int = 3
    zero_days: int = 3
    clock_gain: float = 0.15
    clock_fit: float = 0.6


RULES = QualityRules()


def reading_findings(
    energy: Floats,
    *,
    due: Flags | None = None,
    clock: Flags | None = None,
    rules: QualityRules = RULES,
) -> Codes:
    """The finding of each meter (row) and day (column): 0 good, else CODE of its name.

    `energy` kWh, NaN where no reading came; `due` where one was to come (without it: everywhere);
    `clock` where the meter's clock is known to be wrong. A reading has the first finding that
    fits in the order of FINDINGS; days not due are good.
    """
    found = np.zeros(energy.shape, dtype=np.int8)
    layers = (
        ("zero", doubtful_zeros(energy, rules=rules)),
        ("spike", spikes(energy, rules=rules)),
        ("frozen", frozen_runs(energy, rules=rules)),
        ("clock", clock if clock is not None else np.zeros(energy.shape, dtype=bool)),
        ("negative", energy < 0),
        ("missing", np.isnan(energy)),
    )
    for name, flags in layers:
        found[flags] = CODE[name]
    if due is not None:
        found[~due] = GOOD
    return found


def row_medians(values: Floats) -> Floats:
    """The median of each row's known values, NaN where a row has none."""
    if values.shape[1] == 0:
        return np.full(len(values), np.nan)
    known = np.sum(~np.isnan(values), axis=1)
    ordered = np.sort(values, axis=1)
    at = np.arange(len(values))
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, values.shape[1] - 1)
    return np.asarray((ordered[at, low] + ordered[at, high]) / 2)


def usual_days(energy: Floats) -> tuple[Floats, Floats]:
    """Each meter's usual day, kWh: the median of its days with use, and their robust deviation.

    The deviation is 1.4826 times the median absolute deviation (Hampel 1974).
    """
    used = np.where(energy > 0, energy, np.nan)
    usual = row_medians(used)
    return usual, _NORMAL * row_medians(np.abs(used - usual[:, None]))


def spikes(energy: Floats, *, rules: QualityRules = RULES) -> Flags:
    """Where a few days far exceed all that is usual for their meter."""
    usual, deviation = usual_days(energy)
    enough = usual >= rules.least_kwh
    limit = np.maximum(usual * rules.spike_ratio, usual + rules.spike_sigmas * deviation)
    high = enough[:, None] & (energy > limit[:, None])
    return np.asarray(high & (run_lengths(high) <= rules.spike_days))


def run_lengths(flags: Flags) -> NDArray[np.int64]:
    """For each True the length of its run within the row, 0 elsewhere."""
    padded = np.zeros((flags.shape[0], flags.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = flags
    edge = np.diff(padded, axis=1)
    start, end = np.nonzero(edge == 1)[1], np.nonzero(edge == -1)[1]
    lengths = np.zeros(flags.shape, dtype=np.int64)
    lengths[flags] = np.repeat(end - start, end - start)
    return lengths


def frozen_runs(energy: Floats, *, rules: QualityRules = RULES) -> Flags:
    """Where a register stood still: one reading again and again, or nothing and then all at once.

    A run of zeros counts when the first reading after it makes up for at least half of what the
    meter would usually have used in it; without that it may be a home that stands empty.
    """
    same = np.zeros(energy.shape, dtype=bool)
    same[:, 1:] = (energy[:, 1:] == energy[:, :-1]) & (energy[:, 1:] > 0)
    repeats = run_lengths(same) >= rules.frozen_days - 1
    repeats[:, :-1] |= repeats[:, 1:]
    return np.asarray(repeats | _made_up(energy, rules))


def _made_up(energy: Floats, rules: QualityRules) -> Flags:
    """Runs of zeros, at least two days long, whose energy came on the day after."""
    zero = energy == 0
    lengths = run_lengths(zero)
    usual, _ = usual_days(energy)
    ends = np.zeros(energy.shape, dtype=bool)
    after = energy[:, 1:] - usual[:, None]
    owed = 0.5 * lengths[:, :-1] * usual[:, None]
    ends[:, :-1] = zero[:, :-1] & (lengths[:, :-1] >= _LEAST_RUN) & (after >= owed)
    ends &= (usual >= rules.least_kwh)[:, None]
    row, last = np.nonzero(ends)
    marks = np.zeros((energy.shape[0], energy.shape[1] + 1), dtype=np.int64)
    marks[row, last - lengths[row, last] + 1] += 1
    marks[row, last + 1] -= 1
    return np.asarray(np.cumsum(marks, axis=1)[:, :-1] > 0)


def doubtful_zeros(energy: Floats, *, rules: QualityRules = RULES) -> Flags:
    """Days without use, few in a row, of a meter that otherwise shows use most of the time."""
    usual, _ = usual_days(energy)
    zero = energy == 0
    known = np.maximum(np.sum(~np.isnan(energy), axis=1), 1)
    mostly = (np.sum(zero, axis=1) < 0.5 * known) & (usual >= rules.least_kwh)
    return np.asarray(zero & mostly[:, None] & (run_lengths(zero) <= rules.zero_days))


def clock_shifts(
    energy: Floats, reference: Floats, *, rules: QualityRules = RULES
) -> NDArray[np.int64]:
    """The days by which each meter's readings lag (1) or lead (−1) its reference; 0: none.

    `reference` (as `energy`) is what the meter's neighbours used on each day. A meter is shifted
    where day-to-day changes agree with the reference's (Pearson) at least `clock_fit` well when
    moved by a day, and by `clock_gain` better than unmoved.
    """
    own, other = _changes(energy), _changes(reference)
    fits = np.stack(
        [
            _correlations(own[:, 1:-1], other[:, 1:-1]),
            _correlations(own[:, 1:-1], other[:, :-2]),
            _correlations(own[:, 1:-1], other[:, 2:]),
        ]
    )
    best = np.argmax(fits, axis=0)
    top = np.max(fits, axis=0)
    sure = (top >= rules.clock_fit) & (top - fits[0] >= rules.clock_gain)
    return np.where(sure, np.array([0, 1, -1])[best], 0)


def stamped_too_early(received_h: Floats) -> Flags:
    """Where a reading arrived before its day was over: hours after the day's end below 0."""
    return np.asarray(received_h < 0)


def _changes(energy: Floats) -> Floats:
    return np.asarray(np.diff(np.log1p(np.maximum(energy, 0)), axis=1))


def _correlations(left: Floats, right: Floats) -> Floats:
    """Pearson's r of each row over the days both know; −1 where fewer than ten."""
    both = ~(np.isnan(left) | np.isnan(right))
    count = np.maximum(both.sum(axis=1), 1)
    left, right = np.where(both, left, 0.0), np.where(both, right, 0.0)
    left = np.where(both, left - (left.sum(axis=1) / count)[:, None], 0.0)
    right = np.where(both, right - (right.sum(axis=1) / count)[:, None], 0.0)
    spread = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    fit = (left * right).sum(axis=1) / np.where(spread > 0, spread, 1.0)
    return np.where((spread > 0) & (both.sum(axis=1) >= _LEAST_DAYS_COMPARED), fit, -1.0)


def quality_scores(found: Codes, *, due: Flags | None = None) -> Floats:
    """How far each meter is to be believed, 0 to 1: the share of its due days without finding.

    A spike counts half a day, a doubtful zero a quarter; NaN where no day was due.
    """
    due = np.ones(found.shape, dtype=bool) if due is None else due
    days = due.sum(axis=1)
    bad = np.where(due, _DISCOUNTS[found], 0.0).sum(axis=1)
    return np.where(days > 0, 1.0 - bad / np.maximum(days, 1), np.nan)


def expected_energy(
    energy: Floats, found: Codes, row: NDArray[np.int64], day: NDArray[np.int64]
) -> Floats:
    """What each asked meter (row) likely used on the asked day, kWh.

    The median of the good days of the same weekday within four weeks, where there are two at
    least, else of all good days within two weeks; NaN where there is none.
    """
    good = np.where(found == GOOD, energy, np.nan)
    weeks = _around(good, row, day, np.array([-28, -21, -14, -7, 7, 14, 21, 28]))
    near = row_medians(_around(good, row, day, np.r_[-14:0, 1:15]))
    same = row_medians(weeks)
    return np.where((~np.isnan(weeks)).sum(axis=1) >= _LEAST_WEEKS, same, near)


def _around(
    good: Floats, row: NDArray[np.int64], day: NDArray[np.int64], steps: NDArray[np.int64]
) -> Floats:
    at = day[:, None] + steps
    inside = (at >= 0) & (at < good.shape[1])
    return np.where(inside, good[row[:, None], np.clip(at, 0, good.shape[1] - 1)], np.nan)
