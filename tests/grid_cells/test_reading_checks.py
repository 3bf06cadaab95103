"""Checks of many meters: clocks beside their neighbours, runs of days, what stood there."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grid_cells.meter_figures import FEW, few_together, rated
from grid_cells.reading_checks import Readings, days_of, findings, neighbours_mean, runs
from grid_cells.reading_quality import CODE

NAN = np.nan
LEAST = {"negative": 1, "spike": 1, "frozen": 4, "missing": 3}


def readings(energy, **changed):
    energy = np.array(energy, float)
    n, days = energy.shape
    base = {
        "is_early": np.zeros(energy.shape, bool), "begins": np.zeros(n, int),
        "ends": np.full(n, days), "of": np.zeros(n, int), "is_master": np.zeros(n, bool),
    }  # fmt: skip
    return Readings(energy, **base | changed)


def test_neighbours_are_the_other_customers_of_the_transformer():
    mean = neighbours_mean(
        readings(
            [[1, 2], [3, NAN], [100, 100], [7, 7]],
            of=np.array([0, 0, 0, -1]), is_master=np.array([False, False, True, False]),
        )
    )  # fmt: skip
    assert mean[0].tolist()[0] == 3
    assert np.isnan(mean[0, 1])  # its only neighbour was not read
    assert mean[2].tolist() == [2, 2]  # the master beside its customers
    assert np.isnan(mean[3]).all()


def test_a_clock_a_day_late_is_found_in_old_meters_alone():
    draw = np.random.default_rng(3)
    day = 5 + 3 * draw.random(60)
    energy = np.stack([day * size for size in (1, 1.1, 0.9, 1.2, 1.3)])
    energy += draw.normal(0, 0.05, energy.shape)
    energy[0] = np.r_[6.0, energy[0, :-1]]
    found = findings(readings(energy))
    assert (found[0] == CODE["clock"]).all()
    assert not (found[1:] == CODE["clock"]).any()
    assert not (findings(readings(energy[:, :20])) == CODE["clock"]).any()


def test_a_reading_stamped_before_its_day_was_over_is_out_of_clock():
    early = np.zeros((1, 12), bool)
    early[0, 5] = True
    found = findings(readings([[3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 5]], is_early=early))
    assert np.flatnonzero(found[0]).tolist() == [5]


def test_runs_are_looked_at_from_their_own_length_on():
    c = CODE
    found = np.array(
        [
            [0, c["missing"], c["missing"], c["missing"], 0, c["spike"], c["zero"]],
            [c["frozen"]] * 4 + [c["missing"], c["missing"], 0],
        ],
        np.int8,
    )
    told = runs(found, LEAST)
    assert told.to_dict("records") == [
        {"row": 0, "begin": 1, "end": 3, "finding": "missing"},
        {"row": 0, "begin": 5, "end": 5, "finding": "spike"},
        {"row": 1, "begin": 0, "end": 3, "finding": "frozen"},
    ]


def test_the_day_a_register_catches_up_belongs_to_its_standstill():
    c = CODE
    found = np.array([[c["frozen"]] * 4 + [c["spike"], 0, c["spike"], c["spike"]]], np.int8)
    told = runs(found, LEAST)
    assert told[["begin", "end", "finding"]].to_numpy().tolist() == [
        [0, 4, "frozen"], [6, 7, "spike"],
    ]  # fmt: skip


def test_days_of_a_run_come_with_what_is_usual():
    energy = np.array([[4.0, 4, 4, NAN, NAN, NAN, 6, 6, 6]])
    found = np.where(np.isnan(energy), CODE["missing"], 0).astype(np.int8)
    days = days_of(runs(found, LEAST), energy, found)
    assert days["day"].tolist() == [3, 4, 5]
    assert days["kwh"].isna().all()
    assert days["usual_kwh"].tolist() == [5, 5, 5]  # the median of 4, 4, 4, 6, 6, 6


@given(hnp.arrays(np.int8, (3, 9), elements=st.integers(0, 6)))
def test_runs_of_one_day_tell_every_finding_once(found):
    told = runs(found, dict.fromkeys(CODE, 1))
    days = days_of(told, np.zeros(found.shape), found)
    seen = np.zeros(found.shape, int)
    np.add.at(seen, (told["row"].to_numpy(int)[days["run"].to_numpy(int)], days["day"]), 1)
    assert (seen == (found > 0)).all()


def sums(*rows):
    return pd.DataFrame(rows, columns=["name", "meters", "due", "frozen", "bad"])


def test_who_loses_more_days_than_usual_stands_at_the_top():
    found = rated(sums(("A", 10, 900, 240, 250.0), ("B", 5, 35, 0, 7.0), ("C", 90, 8100, 0, 43.0)))
    # 300 of 9035 days are bad: A has 250 − 29.9, B 7 − 1.2, C 43 − 269
    assert found["name"].tolist() == ["A", "B", "C"]
    assert found["quality"].round(3).tolist() == [0.722, 0.8, 0.995]
    assert found["excess_days"].round(1).tolist() == [220.1, 5.8, -226.0]


def test_places_of_few_meters_are_told_together():
    rows = sums(("A", 10, 900, 1, 1.0), ("B", 2, 180, 2, 2.0), ("C", 4, 360, 4, 4.0))
    told = few_together(rows, 5)
    assert told["name"].tolist() == ["A", FEW]
    assert told.iloc[1][["meters", "due", "frozen"]].tolist() == [6, 540, 6]
    # one place of two meters: the next smallest joins it, or nothing is told of it
    told = few_together(rows[:2], 5)
    assert told["name"].tolist() == [FEW]
    assert told["meters"].tolist() == [12]
    assert few_together(rows[1:2], 5).empty
