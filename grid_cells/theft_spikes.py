"""Days that stand far above a meter's own use, and whether its transformer's master saw them too.

A home that is empty for most of the days looked at shows its usual days as spikes. A reading gone
wrong does not reach the master: the loss of that day tells the two apart.
"""

from dataclasses import dataclass

import numpy as np

from grid_cells.theft_balance import Losses
from grid_cells.theft_panel import Flags, Floats, Ints, Panel
from grid_cells.theft_quality import Quality
from grid_cells.theft_usual import Usual


@dataclass(frozen=True, eq=False)
class Spikes:
    """Days held for spikes: row, column, and what was recorded (kWh)."""

    row: Ints
    day: Ints
    kwh: Floats


def seen_by_masters(panel: Panel, own: Usual, found: Losses, spikes: Spikes) -> Flags:
    """Which spikes the loss of their transformer and day fits better as they were recorded.

    `found`: the losses with what is usual in their place. Beside the median of the transformer's
    known days, so that its own technical share or a wrong master says nothing. Of an unknown day
    nothing is said: a spike it stays.
    """
    known = ~np.isnan(panel.supply) & (found.through > 0)
    more = spikes.kwh - own.filled[spikes.row, spikes.day]
    seen = np.zeros(len(spikes.row), bool)
    for b in np.unique(panel.of[spikes.row]):
        mine = (panel.of[spikes.row] == b) & known[b, spikes.day]
        usual = np.median(found.rest[b, known[b]]) if mine.any() else 0.0
        for day in np.unique(spikes.day[mine]):
            at = np.flatnonzero(mine & (spikes.day == day))
            seen[at] = _explained(more[at], float(found.rest[b, day] - usual))
    return seen


def _explained(more: Floats, away: float) -> Flags:
    """Which of the kWh that spikes of one day add explain what is away, the best one first.

    What one explains is away no more: the others are judged by what is left.
    """
    seen = np.zeros(len(more), bool)
    while not seen.all():
        left = np.where(seen, np.inf, np.abs(away - more))
        best = int(np.argmin(left))
        if left[best] >= abs(away):
            break
        seen[best], away = True, away - more[best]
    return seen


def put_back(own: Usual, judged: Quality, spikes: Spikes, seen: Flags) -> None:
    """Let those seen count as measured in the sums and in the quality, in place.

    Of the own use of such days nothing more is concluded.
    """
    row, day = spikes.row[seen], spikes.day[seen]
    own.filled[row, day], own.error[row, day] = spikes.kwh[seen], 0
    np.subtract.at(judged.spiking, row, 1)
