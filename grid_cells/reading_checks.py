"""What a check of many meters finds: each day's finding, and runs of days to be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.reading_quality import (
    CODE,
    FINDINGS,
    GOOD,
    RULES,
    Codes,
    Flags,
    Floats,
    QualityRules,
    clock_shifts,
    expected_energy,
    reading_findings,
)

Ints = NDArray[np.int64]
_LEAST_DAYS_SHIFTED = 28
"""With fewer known days a clock is not called wrong: a new meter follows nobody yet."""


@dataclass(frozen=True, eq=False)
class Readings:
    """What came in of meters (rows) by day (columns).

    energy: kWh, NaN where no reading came; is_early: stamped before the day was over; begins, ends:
    first due column and the first no longer due; of: number of each row's transformer, −1 for
    none; is_master: whether it measures a transformer or feeder.
    """

    energy: Floats
    is_early: Flags
    begins: Ints
    ends: Ints
    of: Ints
    is_master: Flags

    @property
    def due(self) -> Flags:
        """Where a reading was to come."""
        day = np.arange(self.energy.shape[1])
        return np.asarray((day >= self.begins[:, None]) & (day < self.ends[:, None]))


def findings(readings: Readings, *, rules: QualityRules = RULES) -> Codes:
    """The finding of each meter and day, as `reading_quality.reading_findings` tells.

    A clock is wrong on days stamped too early, and on all days of a customer's meter whose use
    follows that of its transformer's other customers a day late or early.
    """
    energy, due = readings.energy, readings.due
    shifts = clock_shifts(energy, neighbours_mean(readings), rules=rules)
    enough = (~np.isnan(energy)).sum(axis=1) >= _LEAST_DAYS_SHIFTED
    is_shifted = (shifts != 0) & enough & ~readings.is_master
    clock = readings.is_early | (is_shifted[:, None] & ~np.isnan(energy))
    return reading_findings(energy, due=due, clock=clock, rules=rules)


def neighbours_mean(readings: Readings) -> Floats:
    """Mean use of each transformer's other customers by day, kWh; NaN where none was read."""
    known = ~np.isnan(readings.energy) & ~readings.is_master[:, None] & (readings.of >= 0)[:, None]
    use = np.where(known, readings.energy, 0.0)
    size = (int(readings.of.max(initial=-1)) + 1, use.shape[1])
    total, count = np.zeros(size), np.zeros(size)
    inside = readings.of >= 0
    np.add.at(total, readings.of[inside], use[inside])
    np.add.at(count, readings.of[inside], known[inside])
    mean = np.full(use.shape, np.nan)
    others = count[readings.of[inside]] - known[inside]
    rest = total[readings.of[inside]] - use[inside]
    mean[inside] = np.where(others > 0, rest / np.maximum(others, 1), np.nan)
    return mean


def runs(found: Codes, least_days: Mapping[str, int]) -> pd.DataFrame:
    """Runs of one finding that are long enough to be looked at: row, begin, end, finding.

    `least_days` by finding; what is not named there is never looked at. end: the last column. The
    day on which a register that stood still catches up belongs to its standstill.
    """
    padded = np.zeros((found.shape[0], found.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = found
    change = padded[:, 1:] != padded[:, :-1]
    row, begin = np.nonzero(change & (padded[:, 1:] != GOOD))
    _, end = np.nonzero(change & (padded[:, :-1] != GOOD))
    code = found[row, begin]
    frame = pd.DataFrame({"row": row, "begin": begin, "end": end - 1})
    frame["finding"] = np.array(["", *FINDINGS], dtype=object)[code]
    least = np.full(len(FINDINGS) + 1, np.iinfo(np.int64).max)
    for name, days in least_days.items():
        least[CODE[name]] = days
    kept = frame[end - begin >= least[code]].reset_index(drop=True)
    return _with_catch_up(kept)


def _with_catch_up(frame: pd.DataFrame) -> pd.DataFrame:
    """The runs, single spikes right after a standstill made part of it."""
    before = frame.shift(1)
    joins = (
        (frame["finding"] == "spike") & (frame["begin"] == frame["end"])
        & (before["finding"] == "frozen") & (before["row"] == frame["row"])
        & (before["end"] + 1 == frame["begin"])
    ).to_numpy(bool)  # fmt: skip
    end = frame["end"].to_numpy(np.int64) + np.append(joins[1:], [False])[: len(frame)]
    kept: pd.DataFrame = frame.assign(end=end)[~joins].reset_index(drop=True)
    return kept


def days_of(found_runs: pd.DataFrame, energy: Floats, found: Codes) -> pd.DataFrame:
    """The days of runs: run (place in `found_runs`), day, kwh (NaN: no reading), usual_kwh."""
    length = (found_runs["end"] - found_runs["begin"] + 1).to_numpy(np.int64)
    run = np.repeat(np.arange(len(found_runs)), length)
    first = np.repeat(np.cumsum(length) - length, length)
    row = found_runs["row"].to_numpy(np.int64)[run]
    day = found_runs["begin"].to_numpy(np.int64)[run] + np.arange(len(run)) - first
    usual = expected_energy(energy, found, row, day)
    return pd.DataFrame({"run": run, "day": day, "kwh": energy[row, day], "usual_kwh": usual})
