"""Features by answers worked out by hand, and what may not be known from them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grid_cells.errors import UserError
from grid_cells.theft_crowd import crowd_features, crowd_of, used_features
from grid_cells.theft_evaluation import Protocol, evaluate
from grid_cells.theft_features import BLOCKS, apply_recipe, learn_recipe, teaching
from grid_cells.theft_models import MemberPlan
from grid_cells.theft_peers import peer_norms, season_of
from grid_cells.theft_series import (
    MOST_BLOCKS,
    blocks,
    filled_energy,
    missing_features,
    relative_logs,
    series_features,
    step_features,
    weekday_features,
)
from tests.grid_cells.visit_town import town

NONE = float("nan")


def test_a_step_is_found_where_it_is() -> None:
    found = step_features(np.array([[2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0]]))
    assert found["fall_step"][0] == pytest.approx(-1.0)
    assert found["fall_k"][0] == 3  # after the fourth period
    assert found["fall_t"][0] < -5


def test_missing_periods_are_counted_and_are_no_zeros() -> None:
    energy = np.array([[10.0, NONE, 10.0, NONE, NONE]])
    found = series_features(energy)
    assert found["missing_share"][0] == 0.6
    assert found["missing_run"][0] == 2
    assert found["missing_last"][0] == 2
    assert found["zero_share"][0] == 0
    assert found["own_fall_step"][0] == 0
    assert missing_features(np.zeros((1, 3)))["missing_share"][0] == 0


def test_zeros_repeats_and_levels_by_hand() -> None:
    found = series_features(np.array([[0.0, 5.0, 5.0, 5.0, 0.0, 0.0]]))
    assert found["zero_share"][0] == 0.5
    assert (found["zero_first"][0], found["zero_last"][0]) == (1, 2)
    assert (found["same_count"][0], found["same_run"][0]) == (2, 2)
    assert found["level_mean"][0] == pytest.approx(np.log1p(2.5))


def test_long_series_become_blocks_that_keep_the_mean() -> None:
    values = np.arange(365.0)[None, :]
    made = blocks(values)
    assert made.shape[1] <= MOST_BLOCKS
    assert made[0, -1] == pytest.approx(np.arange(365 - 11, 365).mean())


def test_weekends_stand_beside_workdays() -> None:
    dates = pd.date_range("2026-01-05", periods=14)
    energy = np.where(dates.day_of_week >= 5, np.e - 1, 0.0)[None, :]
    found = weekday_features(energy, dates)
    assert found["weekend"][0] == pytest.approx(1.0)
    assert found["weekday_mon"][0] == 0.0


@pytest.mark.parametrize("block", BLOCKS)
def test_features_of_a_row_hang_on_no_other_row_but_by_season(block: str) -> None:
    table = replace(town(300), visited=np.full(300, np.datetime64("NaT", "D")))
    recipe, _ = learn_recipe(table, block)
    whole = apply_recipe(table, recipe)
    part = apply_recipe(table.rows(np.arange(60)), recipe)
    by_file = ("season", "rough")
    same = [k for k, name in enumerate(recipe.names) if not any(w in name for w in by_file)]
    np.testing.assert_allclose(whole[:60, same], part[:, same])


def test_outcomes_change_no_feature() -> None:
    table = town(200)
    turned = replace(table, confirmed=1 - table.confirmed)
    np.testing.assert_array_equal(learn_recipe(table, "all")[1], learn_recipe(turned, "all")[1])


def test_behaviour_alone_knows_neither_attributes_nor_gaps() -> None:
    names = learn_recipe(town(200), "behaviour")[0].names
    assert not [n for n in names if n.startswith(("missing", "category", "peers", "campaign"))]


def test_without_missingness_a_missing_attribute_is_like_the_commonest() -> None:
    table = town(200)
    recipe, _ = learn_recipe(table, "without_missingness")
    filled = table.attributes.fillna(recipe.commonest["zone"])
    np.testing.assert_array_equal(
        apply_recipe(table, recipe), apply_recipe(replace(table, attributes=filled), recipe)
    )


def test_small_groups_are_no_norm() -> None:
    attributes = pd.DataFrame({"zone": ["A"] * 5 + ["B"] * 4})
    own = pd.DataFrame(
        {name: np.arange(9.0) for name in
         ("level_log_mean", "season_last_to_first_half", "spread", "roughness")}
    )  # fmt: skip
    usual = peer_norms(attributes, own).usual["zone"]
    assert usual == {"A": (5 / 9, 2.0, 2.0, 2.0, 2.0)}


def test_another_table_is_refused_with_what_differs() -> None:
    table = town(100)
    recipe, _ = learn_recipe(table, "all")
    with pytest.raises(UserError, match="theft_periods_differ"):
        apply_recipe(replace(table, energy=table.energy[:, :6]), recipe)
    with pytest.raises(UserError, match="theft_columns_differ"):
        apply_recipe(replace(table, attributes=pd.DataFrame(index=range(100))), recipe)


def test_days_that_stand_still_together_are_a_pattern_of_the_crowd() -> None:
    energy = np.array([[1.0, 0.0, 2.0]] * 3 + [[1.0, 2.0, 0.0]])
    crowd = crowd_of(energy, np.log1p(energy))
    within = crowd_features(energy, np.log1p(energy), crowd, within=True)
    np.testing.assert_allclose(within["crowd_pattern"], np.log([3, 3, 3, 1]))  # others, and one
    np.testing.assert_allclose(within["crowd_zero"], [0.75, 0.75, 0.75, 0.25])
    stranger = crowd_features(energy[2:], np.log1p(energy[2:]), crowd, within=False)
    np.testing.assert_allclose(stranger["crowd_pattern"], np.log([4, 1]))


def test_periods_with_use_by_hand() -> None:
    found = used_features(np.array([[0.0, 1.0, np.e, 0.0], [0.0, 0.0, 0.0, 0.0]]))
    assert found["used_level"][0] == pytest.approx(0.5)
    assert found["used_spread"][0] == pytest.approx(0.5)
    assert found["used_roughness"][0] == pytest.approx(1.0)
    assert found["used_changes"].tolist() == [2.0, 0.0]
    assert np.isnan(found["used_level"][1])


def test_without_missingness_gaps_are_no_repeats_and_tell_nothing() -> None:
    energy = np.array([[5.0, NONE, NONE, 5.0, 5.0]])
    assert series_features(energy)["same_count"][0] == 4
    found = series_features(energy, with_gaps=False)
    assert found["same_count"][0] == 1
    assert not [name for name in found if name.startswith("missing")]


@pytest.mark.parametrize("block", ["without_missingness", "behaviour"])
def test_a_gap_is_as_the_rows_median_wherever_missingness_may_not_tell(block: str) -> None:
    table = town(100)
    energy = np.where(np.arange(12) == 3, NONE, np.round(table.energy) + 0.25 * np.arange(12))
    figures = pd.DataFrame({"kva": np.where(np.arange(100) < 50, NONE, 40.0)})
    gaps = replace(table, energy=energy, figures=figures)
    recipe, made = learn_recipe(gaps, block)
    usual = np.nanmedian(energy, axis=1)[:, None]
    whole = replace(gaps, energy=np.where(np.isnan(energy), usual, energy))
    repeats = [k for k, name in enumerate(recipe.names) if name.startswith("same_")]
    np.testing.assert_allclose(
        np.delete(apply_recipe(gaps, recipe), repeats, axis=1),
        np.delete(apply_recipe(whole, recipe), repeats, axis=1),
    )
    if "figure_kva" in recipe.names:
        assert (made[:, recipe.names.index("figure_kva")] == 40).all()


def test_a_model_of_visits_scores_rows_without_a_day() -> None:
    table = town(200)
    recipe, _ = learn_recipe(table, "all")
    undated = replace(table, visited=np.full(200, np.datetime64("NaT", "D")))
    made = apply_recipe(undated, recipe)
    for name in ("month_of_year", "campaign_share_zone"):
        assert np.isnan(made[:, recipe.names.index(name)]).all()


def test_in_a_small_file_the_season_is_that_of_the_training_rows() -> None:
    few = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(season_of(few, np.array([5, 6]), (7.0, 8.0)), [[7, 8], [7, 8]])
    table = town(200)
    recipe, _ = learn_recipe(table, "all")
    assert recipe.season == tuple(np.median(relative_logs(table.energy), axis=0))
    np.testing.assert_array_equal(
        apply_recipe(table.rows(np.arange(1)), recipe)[0, recipe.names.index("season_slope")],
        apply_recipe(table.rows(np.arange(9)), recipe)[0, recipe.names.index("season_slope")],
    )


@pytest.mark.parametrize("block", ["without_missingness", "behaviour"])
def test_a_row_never_read_teaches_nothing_and_is_scored_as_the_median_row(block: str) -> None:
    table = town(60)
    unread = replace(table, energy=np.where(np.arange(60)[:, None] < 9, NONE, table.energy))
    taught = teaching(unread, block)
    assert len(taught) == 51
    recipe, _ = learn_recipe(taught, block)
    usual = np.median(filled_energy(taught.energy), axis=0)
    assert recipe.usual_energy == tuple(usual)
    stands_in = np.where(np.isnan(unread.energy).all(axis=1)[:, None], usual, unread.energy)
    np.testing.assert_array_equal(
        apply_recipe(unread, recipe), apply_recipe(replace(unread, energy=stands_in), recipe)
    )
    assert len(teaching(unread, "all")) == 60


def test_by_what_is_unread_alone_nothing_can_be_told() -> None:
    table = town(400, told=False)
    is_unread = (table.confirmed == 1)[:, None]  # missingness gives all of them away
    unread = replace(table, energy=np.where(is_unread, NONE, table.energy))
    plans = (MemberPlan(5, {"objective": "binary", "verbose": -1, "num_threads": 1}),)
    found = evaluate(unread, Protocol(folds=2, draws=2, plans=plans, blocks=("all", "behaviour")))
    assert found["all"]["auc"] > 0.95
    assert found["behaviour"]["auc"] < 0.7
