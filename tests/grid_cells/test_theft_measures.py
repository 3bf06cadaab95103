"""Measures by hand, by sklearn, and by laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from grid_cells.theft_drift import grade, spread_of, stability
from grid_cells.theft_folds import folds_of
from grid_cells.theft_measures import intervals, measured, ranked


def test_measures_by_hand() -> None:
    confirmed = np.array([1.0, 0.0, 1.0, 0.0])
    found = measured(confirmed, np.array([0.9, 0.8, 0.7, 0.1]))
    assert found.auc == 0.75  # of the four pairs one is wrong
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert found.precision_at_100 is None
    assert (found.precision_top_tenth, found.recall_top_tenth) == (1.0, 0.5)


def test_one_class_alone_has_no_auc() -> None:
    found = measured(np.zeros(3), np.arange(3.0))
    assert found.auc is None
    assert found.recall_top_tenth is None


def test_thieves_that_come_first_gain_nothing_from_ties() -> None:
    confirmed = np.r_[np.ones(100), np.zeros(900)]
    tops = [measured(confirmed, np.zeros(1000), seed).precision_at_100 for seed in range(40)]
    assert 0.05 < np.mean(tops) < 0.15
    assert measured(confirmed, np.zeros(1000)).auc == 0.5


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_auc_and_average_precision_are_sklearns(rows: list[tuple[bool, int]]) -> None:
    confirmed = np.array([float(good) for good, _ in rows])
    score = np.array([float(value) for _, value in rows])
    found = measured(confirmed, score)
    if 0 < confirmed.sum() < len(confirmed):
        assert found.auc == pytest.approx(roc_auc_score(confirmed, score))
        assert found.average_precision == pytest.approx(average_precision_score(confirmed, score))
    assert sorted(ranked(confirmed, score)) == sorted(confirmed)


def test_the_bootstrap_is_the_same_for_the_same_seed_and_holds_the_estimate() -> None:
    rng = np.random.default_rng(3)
    confirmed = (rng.random(400) < 0.2).astype(float)
    score = confirmed + rng.normal(0, 1, 400)
    once = intervals(confirmed, score, draws=100, seed=5)
    assert once == intervals(confirmed, score, draws=100, seed=5)
    assert once != intervals(confirmed, score, draws=100, seed=6)
    low, high = once["auc"]
    assert low < (measured(confirmed, score).auc or 0) < high


def test_stability_is_none_for_the_same_and_large_for_another_population() -> None:
    values = np.random.default_rng(0).normal(0, 1, 5000)
    then = spread_of(values)
    assert stability(then, values) == pytest.approx(0, abs=1e-12)
    assert grade(stability(then, values)) == "steady"
    assert grade(stability(then, values + 2)) == "large"


def test_stability_by_hand() -> None:
    # one cut at 0.5: half below and half above, then a fifth and four fifths
    then = spread_of(np.array([0.0, 1.0]))
    now = np.array([0.0, 1.0, 1.0, 1.0, 1.0])
    shares = dict(zip(("low", "high"), (then.shares[0], sum(then.shares[1:])), strict=True))
    assert sum(shares.values()) == pytest.approx(1.0)
    assert stability(then, now) > 0


def test_a_column_that_went_missing_is_drift() -> None:
    then = spread_of(np.arange(100.0))
    assert grade(stability(then, np.full(50, np.nan))) == "large"


@given(st.integers(2, 6), st.integers(0, 5))
def test_folds_are_a_partition_with_equal_shares(count: int, seed: int) -> None:
    confirmed = np.r_[np.ones(12), np.zeros(48)]
    folds = folds_of(confirmed, count, seed=seed)
    judged = np.concatenate([fold.judged for fold in folds])
    assert sorted(judged) == list(range(60))
    for fold in folds:
        assert not set(fold.judged) & set(fold.taught)
        assert abs(confirmed[fold.judged].sum() - 12 / count) < 1
