"""Doubtful readings, by answers worked out by hand and by laws."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grid_cells.reading_quality import (
    CODE,
    FINDINGS,
    GOOD,
    clock_shifts,
    expected_energy,
    quality_scores,
    reading_findings,
    row_medians,
    run_lengths,
    stamped_too_early,
)

NONE = float("nan")


def names(*energy: float) -> list[str]:
    found = reading_findings(np.array([energy]))[0]
    return ["good" if code == GOOD else FINDINGS[code - 1] for code in found]


def test_missing_and_negative_readings_are_found() -> None:
    assert names(5.0, NONE, 5.2, -1.0, 4.9) == ["good", "missing", "good", "negative", "good"]


def test_a_single_day_far_above_all_others_is_a_spike() -> None:
    assert names(5.0, 5.5, 4.8, 60.0, 5.1, 5.2, 4.9)[3] == "spike"


def test_a_reading_repeated_four_times_stands_still() -> None:
    found = names(5.0, 6.1, 6.1, 6.1, 6.1, 5.2, 5.3)
    assert found == ["good", "frozen", "frozen", "frozen", "frozen", "good", "good"]


def test_three_equal_days_are_chance() -> None:
    assert "frozen" not in names(5.0, 6.1, 6.1, 6.1, 5.2, 5.3)


def test_zeros_made_up_for_afterwards_are_a_frozen_register() -> None:
    # usual day 5; four zeros and then 25: 20 owed, at least 10 asked for
    found = names(5.0, 5.1, 4.9, 0.0, 0.0, 0.0, 0.0, 25.0, 5.0, 5.2, 4.8, 5.1)
    assert found[3:7] == ["frozen"] * 4
    assert found[7] == "spike"


def test_long_zeros_without_a_catch_up_are_an_empty_home_and_short_ones_doubtful() -> None:
    empty = names(*[5.0, 5.1] * 4, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.3)
    assert set(empty) == {"good"}
    assert names(5.0, 5.1, 4.9, 0.0, 5.0, 5.2)[3] == "zero"


def test_small_users_are_not_doubted_for_zeros_and_spikes() -> None:
    assert set(names(0.1, 0.0, 0.12, 3.0, 0.09, 0.1)) == {"good"}


def test_days_that_were_not_due_are_good() -> None:
    energy = np.array([[NONE, 5.0, NONE]])
    due = np.array([[False, True, True]])
    found = reading_findings(energy, due=due)
    assert found.tolist() == [[GOOD, GOOD, CODE["missing"]]]
    assert quality_scores(found, due=due).tolist() == [0.5]


def test_quality_counts_spikes_half_and_zeros_a_quarter() -> None:
    found = np.array([[0, CODE["spike"], CODE["zero"], CODE["missing"]]], dtype=np.int8)
    assert quality_scores(found)[0] == 1 - (0.5 + 0.25 + 1) / 4
    assert np.isnan(quality_scores(found, due=np.zeros((1, 4), dtype=bool))[0])


def test_a_clock_a_day_behind_is_named_by_its_neighbours() -> None:
    rng = np.random.default_rng(1)
    town = np.exp(rng.normal(2, 0.4, 42))
    late, right, alone = town[1:-1], town[2:], np.exp(rng.normal(2, 0.4, 40))
    energy = np.stack([late, right, alone])
    assert clock_shifts(energy, np.tile(town[2:], (3, 1))).tolist() == [1, 0, 0]
    early = np.stack([town[2:]])
    assert clock_shifts(early, town[None, 1:-1]).tolist() == [-1]


def test_a_reading_cannot_come_before_its_day_is_over() -> None:
    assert stamped_too_early(np.array([[-0.5, 3.0, NONE]])).tolist() == [[True, False, False]]


def test_the_expected_day_is_the_median_of_its_weekday() -> None:
    energy = np.array([[1.0, 2, 3, 4, 5, 6, 70, 1, 2, 3, 4, 5, 6, NONE, 1, 2, 3, 4, 5, 6, 72]])
    found = np.where(np.isnan(energy), CODE["missing"], GOOD).astype(np.int8)
    assert expected_energy(energy, found, np.array([0]), np.array([13])).tolist() == [71.0]


def test_nothing_known_nothing_expected() -> None:
    energy = np.array([[NONE, NONE]])
    found = reading_findings(energy)
    assert np.isnan(expected_energy(energy, found, np.array([0]), np.array([0])))[0]


energies = arrays(
    np.float64, (3, 12), elements=st.sampled_from([0.0, 1.0, 2.0, 2.5, 3.0, 50.0, -1.0, NONE])
)


@given(energies)
def test_row_medians_are_numpys(energy: np.ndarray) -> None:
    known = energy[~np.isnan(energy).all(axis=1)]
    np.testing.assert_array_equal(row_medians(known), np.nanmedian(known, axis=1))


@given(energies)
def test_findings_and_scores_keep_to_their_range(energy: np.ndarray) -> None:
    found = reading_findings(energy)
    assert ((found >= 0) & (found <= len(FINDINGS))).all()
    assert (found[np.isnan(energy)] == CODE["missing"]).all()
    assert (found[energy < 0] == CODE["negative"]).all()
    scores = quality_scores(found)
    assert ((scores >= 0) & (scores <= 1)).all()


@given(arrays(np.bool_, (2, 9)))
def test_run_lengths_sum_up_to_the_squares_of_the_runs(flags: np.ndarray) -> None:
    words = ["".join("x" if flag else " " for flag in row).split() for row in flags]
    expected = [sum(len(word) ** 2 for word in row) for row in words]
    assert run_lengths(flags).sum(axis=1).tolist() == expected
