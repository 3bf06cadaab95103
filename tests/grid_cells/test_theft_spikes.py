"""Days far above a meter's own use: of a home that is mostly empty, or of a reading gone wrong."""

from dataclasses import replace

import numpy as np
import pytest

from grid_cells.theft_balance import Common, Losses
from grid_cells.theft_findings import find
from grid_cells.theft_spikes import Spikes, seen_by_masters
from grid_cells.theft_usual import usual
from tests.grid_cells.theft_town import HOMES, town


def empty_home(seen_by_master: bool):
    """A home of about 9 kWh that is empty for all but the last three days, as its master saw it.

    Else the master saw an empty home to the end: the last figures are wrong.
    """
    panel, row, days = town(), 4 * HOMES + 6, 40
    use, supply = panel.use[:, :days].copy(), panel.supply[:, :days].copy()
    true = use[row].copy()
    use[row, : days - 3] = 0.3 + 0.01 * np.arange(days - 3)
    use[row, days - 3 :] = [9, 8, 10]
    seen = use[row].copy()
    if not seen_by_master:
        seen[days - 3 :] = 0.4
    supply[4] += (seen - true) / 0.97
    made = replace(
        panel, use=use, supply=supply, through=supply.copy(), ends=np.full(len(use), days),
        fed=np.zeros((0, days)),
    )  # fmt: skip
    return made, row


@pytest.mark.parametrize("seen", [True, False])
def test_what_the_master_saw_is_use_and_explains_its_day(seen):
    panel, row = empty_home(seen)
    found = find(panel, suspect_from=0.5)
    assert found.own.filled[row, -3:].tolist() == pytest.approx([9, 8, 10]) or not seen
    assert (found.own.filled[row, -3:] < 2).all() or seen
    assert int(found.quality.spiking[row]) == (0 if seen else 3)
    assert np.flatnonzero(found.causes != "none").tolist() == []
    # 9 kWh of some 180 that nobody explains would be far from the noise of 0.1 %
    assert np.abs(found.rest[4, -3:]).max() < 2


def test_of_a_day_without_the_master_a_spike_stays_one():
    panel, row = empty_home(True)
    supply = panel.supply.copy()
    supply[4, -1] = np.nan
    found = find(replace(panel, supply=supply, through=supply.copy()), suspect_from=0.5)
    assert int(found.quality.spiking[row]) == 1
    assert found.own.filled[row, -1] < 2


@pytest.mark.parametrize(
    ("more", "away", "seen"),
    [
        ([10, 15], 10, [True, False]),
        ([15, 10], 10, [False, True]),
        ([10, 15], 25, [True, True]),
        ([10, 15], 2, [False, False]),
    ],
)
def test_what_one_spike_explains_no_other_does(more, away, seen):
    """A home really used 10 kWh more, its neighbour's reading is wrong by 15."""
    panel = town(1)
    own = usual(panel)
    rest = np.zeros(panel.supply.shape)
    rest[0, -1] = away
    found = Losses(rest, np.ones_like(rest), panel.through, Common(0.03, 0.001, 0.01), np.ones(1))
    row, day = np.array([3, 7]), np.full(2, panel.days - 1)
    spikes = Spikes(row, day, own.filled[row, day] + np.array(more, float))
    assert seen_by_masters(panel, own, found, spikes).tolist() == seen
