"""How far a meter's readings can be trusted, and days on which they say nothing about its use."""

from dataclasses import dataclass, fields

import numpy as np

from grid_cells.theft_panel import Flags, Floats, Ints
from grid_cells.theft_usual import BATCH

_RUN_DAYS = 3
_CATCH_UP = 0.35
"""After a standstill the register shows at once at least this share of the usual use."""
_SAME_DAYS = 5
_SPIKE = 8.0
_SOUND = 0.95


@dataclass(frozen=True, eq=False)
class Quality:
    """Days by row of each kind, the catch-up after a standstill among the frozen ones.

    frozen_from is the first frozen column, −1 for none.
    """

    due: Ints
    missing: Ints
    zero: Ints
    negative: Ints
    frozen: Ints
    spiking: Ints
    frozen_from: Ints

    def score(self) -> Floats:
        """Trust in a row's readings, 0 to 1: the share of sound days; 95 % are enough."""
        unsound = self.missing + self.negative + self.frozen + self.spiking
        share = 1 - unsound / np.maximum(self.due, 1)
        return np.clip(share / _SOUND, 0, 1)


def quality(
    use: Floats, begins: Ints, ends: Ints, spikes: list[tuple[Ints, Ints, Floats]] | None = None
) -> Quality:
    """The quality of every row; frozen, negative and spiking days of `use` become NaN in place.

    `spikes` gets the rows, columns and kWh of those that spike.

    `use`: kWh a day, NaN where nothing was measured; due are columns from `begins` before `ends`.
    """
    parts = []
    for first in range(0, len(use), BATCH):
        part = slice(first, first + BATCH)
        held = use[part].copy() if spikes is not None else use[part]
        one, spiking = _one_batch(use[part], begins[part], ends[part])
        parts.append(one)
        if spikes is not None:
            row, day = np.nonzero(spiking)
            spikes.append((row + first, day, held[row, day]))
    names = [f.name for f in fields(Quality)]
    if not parts:
        return Quality(*(np.zeros(0, np.int64) for _ in names))
    return Quality(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def _one_batch(use: Floats, begins: Ints, ends: Ints) -> tuple[Quality, Flags]:
    day = np.arange(use.shape[1])
    due = (day >= begins[:, None]) & (day < ends[:, None])
    missing = due & np.isnan(use)
    zero, negative = use == 0, use < 0
    frozen = _frozen(use)
    level = _mean_level(use)
    spiking = (use > _SPIKE * level[:, None]) & (use > 1) & ~frozen
    use[frozen | negative | spiking] = np.nan
    first = np.where(frozen.any(axis=1), frozen.argmax(axis=1), -1)
    counted = (due, missing, zero & ~frozen, negative, frozen, spiking)
    counts = [np.asarray(flag.sum(axis=1)) for flag in counted]
    found = Quality(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], first)
    return found, spiking


def _mean_level(use: Floats) -> Floats:
    """Mean of the measured days that are no standstill, the highest tenth bounded."""
    known = np.where(use > 0, use, np.nan)
    top = np.sort(known, axis=1)
    count = (~np.isnan(top)).sum(axis=1)
    high = top[np.arange(len(top)), np.maximum((count * 9) // 10 - 1, 0)]
    bounded = np.minimum(np.nan_to_num(known), np.nan_to_num(high)[:, None])
    return np.asarray(bounded.sum(axis=1) / np.maximum(count, 1))


def _frozen(use: Floats) -> Flags:
    """Days on which a register stood still, with the day on which it caught up.

    A standstill is a run of the same figure: five days of one above zero, or three of zero after
    which a day shows a good part of what would have been used meanwhile.
    """
    found = np.zeros(use.shape, bool)
    same = use[:, 1:] == use[:, :-1]
    level = _mean_level(use)
    for row in np.flatnonzero(same.sum(axis=1) >= _RUN_DAYS - 1):
        for begin, end in _runs(use[row]):
            missed = (end - begin) * level[row]
            after = use[row, end] if end < use.shape[1] else 0
            is_zero = use[row, begin] == 0
            if is_zero and end - begin >= _RUN_DAYS and after > level[row] + _CATCH_UP * missed:
                found[row, begin : end + 1] = True
            elif not is_zero and end - begin >= _SAME_DAYS:
                found[row, begin:end] = True
    return found


def _runs(values: Floats) -> list[tuple[int, int]]:
    """Runs of at least three equal figures: first column and the one after the last."""
    change = np.flatnonzero(values[1:] != values[:-1]) + 1
    edges = np.concatenate([[0], change, [len(values)]])
    long = np.flatnonzero(np.diff(edges) >= _RUN_DAYS)
    return [(int(edges[i]), int(edges[i + 1])) for i in long]
