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
    seen = np.zeros(len(spikes.row), bool)
    for b in np.unique(panel.of[spikes.row]):
        at = np.flatnonzero((panel.of[spikes.row] == b) & known[b, spikes.day])
        if len(at):
            away = found.rest[b, spikes.day[at]] - np.median(found.rest[b, known[b]])
            more = spikes.kwh[at] - own.filled[spikes.row[at], spikes.day[at]]
            seen[at] = np.abs(away - more) < np.abs(away)
    return seen


def put_back(own: Usual, judged: Quality, spikes: Spikes, seen: Flags) -> None:
    """Let those seen count as measured in the sums and in the quality, in place.

    Of the own use of such days nothing more is concluded.
    """
    row, day = spikes.row[seen], spikes.day[seen]
    own.filled[row, day], own.error[row, day] = spikes.kwh[seen], 0
    np.subtract.at(judged.spiking, row, 1)
