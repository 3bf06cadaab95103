"""What is found behind losses: suspects, and mistakes of records before them."""

from dataclasses import replace

import numpy as np
import pytest

from grid_cells.theft_findings import find
from tests.grid_cells.theft_town import HOMES, hide, mislink, town


def test_nobody_is_accused_where_all_are_honest():
    found = find(town(), suspect_from=0.5)
    assert set(found.causes) == {"none"}
    assert found.scores.row.max() < 0.5
    assert found.scores.transformer.max() < 0.5


def test_who_hides_half_since_a_day_is_the_suspect_since_that_day():
    row, day = 3 * HOMES + 4, 30
    found = find(hide(town(), row, day, 0.5), suspect_from=0.5)
    assert np.flatnonzero(found.causes == "suspect").tolist() == [row]
    assert abs(int(found.scores.start[row]) - day) <= 1
    assert found.scores.taken[row] == pytest.approx(0.5, abs=0.08)
    assert found.scores.transformer.argmax() == 3


def test_three_of_one_transformer_are_found_together():
    panel, rows = town(), [2 * HOMES + 1, 2 * HOMES + 5, 2 * HOMES + 9]
    for row in rows:
        panel = hide(panel, row, 25, 0.8)
    found = find(panel, suspect_from=0.5)
    assert np.flatnonzero(found.causes == "suspect").tolist() == rows


def test_a_meter_recorded_under_the_neighbour_is_no_suspect():
    row = 5 * HOMES + 2
    found = find(mislink(town(), row), suspect_from=0.5)
    assert np.flatnonzero(found.causes != "none").tolist() == [row]
    assert found.causes[row] == "wrong_link"
    assert found.explained[row].value == 6
    assert found.scores.row[row] < 0.05


def test_a_multiplier_unlike_all_peers_is_told_and_the_true_one():
    row, panel = 7 * HOMES + 3, town()
    use, multiplier = panel.use.copy(), panel.multiplier.copy()
    use[row] *= 1.5
    multiplier[row] = 1.5
    found = find(replace(panel, use=use, multiplier=multiplier), suspect_from=0.5)
    assert found.causes[row] == "wrong_multiplier"
    assert 1.5 * found.explained[row].value == pytest.approx(1.0)


def test_a_master_wired_100_5_and_recorded_150_5_accuses_nobody():
    panel = town()
    supply = panel.supply.copy()
    supply[4] *= 1.5
    found = find(replace(panel, supply=supply, through=supply.copy()), suspect_from=0.5)
    assert found.masters.tolist() == [1.0] * 4 + [1.5] + [1.0] * 7
    assert set(found.causes) == {"none"}


def test_a_home_that_stands_empty_explains_itself():
    panel = town()
    use, supply = panel.use.copy(), panel.supply.copy()
    gone = use[9, 12:] * 0.97
    use[9, 12:] -= gone
    supply[0, 12:] -= gone / 0.97
    found = find(replace(panel, use=use, supply=supply, through=supply.copy()), suspect_from=0.5)
    assert found.causes[9] == "vacancy"
    assert int(found.vacant_from[9]) == 12


def test_solar_power_is_told():
    panel = town()
    feed = np.full((1, panel.days), 6.0)
    supply = panel.supply.copy()
    supply[0] -= 6.0 / 0.97
    found = find(
        replace(panel, fed=feed, fed_rows=np.array([5]), supply=supply, through=supply.copy()),
        suspect_from=0.5,
    )
    assert found.causes[5] == "pv"
    assert found.scores.row[5] < 0.5


def test_twice_the_energy_of_all_changes_no_cause():
    row = 3 * HOMES + 4
    panel = hide(town(), row, 30, 0.6)
    double = replace(panel, use=panel.use * 2, supply=panel.supply * 2, through=panel.through * 2)
    once, twice = (find(one, suspect_from=0.5) for one in (panel, double))
    assert once.causes.tolist() == twice.causes.tolist()
    assert twice.hidden_kwh(row) == pytest.approx(2 * once.hidden_kwh(row), rel=0.05)


def test_a_standstill_usual_with_its_maker_makes_a_suspicion_weaker():
    """The same thief, whose register also stood still for a week, of a sound and of a bad maker."""

    def score(bad):
        robbed = hide(town(), 45, 30, 0.7)
        use = robbed.use.copy()
        for row in (45, *bad):
            use[row, 10:16] = use[row, 9]
        makers = np.where(np.isin(np.arange(len(use)), [45, *range(100, 110)]), 1, 0)
        return find(replace(robbed, use=use), suspect_from=0.5, makers=makers)

    sound, poor = score(()), score(range(100, 108))
    assert sound.stood.says[45] == 1
    # 8 of the maker's 10 others stood still, none of the 229 of other makers
    usual = 0.5 / 230
    assert poor.stood.says[45] == pytest.approx(usual / ((8 + 2 * usual) / 12))
    assert poor.scores.row[45] < 0.1 * sound.scores.row[45]
    assert poor.quality.score()[45] == sound.quality.score()[45]
