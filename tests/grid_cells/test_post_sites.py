"""Best sites: against answers by hand, and against trying every choice of sites."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import post_sites
from grid_cells.post_sites import Demand, Goal

NAN = np.nan


def demand(weight: list[float], now: list[float], limit: float = 45.0) -> Demand:
    return Demand(np.array(weight, float), np.full(len(weight), limit), np.array(now, float))


def test_the_site_that_brings_most_customers_in_time_is_chosen() -> None:
    asked = demand([100, 60, 50], [50, 50, 50])
    minutes = np.array([[10.0, 60.0], [60.0, 10.0], [60.0, 10.0]])
    found = post_sites.best(asked, minutes, 1, "cover")
    assert found == post_sites.Chosen((1,), True)
    after = post_sites.after(asked, minutes, found.sites)
    assert after.tolist() == [50, 10, 10]
    assert post_sites.in_time(asked, after) == 110


def test_of_equal_ones_the_one_with_shorter_ways() -> None:
    asked = demand([100, 500], [50, 20])
    minutes = np.array([[44.0, 20.0, NAN], [20.0, 20.0, 1.0]])
    assert post_sites.best(asked, minutes, 1, "cover").sites == (1,)


def test_the_median_may_prefer_many_who_were_in_time() -> None:
    asked = demand([100, 5_000], [50, 20])
    minutes = np.array([[20.0, NAN], [NAN, 10.0]])
    assert post_sites.best(asked, minutes, 1, "cover").sites == (0,)
    assert post_sites.best(asked, minutes, 1, "median").sites == (1,)


def test_two_posts_are_not_simply_the_two_best_ones() -> None:
    """The middle site wins most alone, yet both ends together win everybody."""
    asked = demand([10] * 6, [60] * 6)
    minutes = np.full((6, 3), 60.0)
    minutes[:3, 0] = minutes[3:, 2] = 5
    minutes[1:5, 1] = 5
    assert post_sites.best(asked, minutes, 1, "cover").sites == (1,)
    assert post_sites.best(asked, minutes, 2, "cover").sites == (0, 2)


def test_a_site_that_helps_nobody_is_not_proposed() -> None:
    asked = demand([10, 20], [5, 5])
    assert post_sites.best(asked, np.full((2, 2), 5.0), 2, "cover").sites == ()
    assert post_sites.best(asked, np.empty((2, 0)), 1, "median").sites == ()
    assert post_sites.after(asked, np.full((2, 2), 5.0), ()).tolist() == [5, 5]


def test_who_is_reached_by_nobody_counts_four_hours_in_a_mean() -> None:
    asked = demand([1, 3], [NAN, 20])
    assert post_sites.mean_min(asked, asked.now_min) == pytest.approx((240 + 60) / 4)
    assert post_sites.best(asked, np.array([[30.0], [NAN]]), 1, "median").sites == (0,)


def test_where_nothing_is_promised_nothing_is_won_back() -> None:
    asked = Demand(np.array([9.0]), np.array([NAN]), np.array([NAN]))
    found = post_sites.best(asked, np.array([[10.0]]), 1, "cover")
    assert post_sites.in_time(asked, post_sites.after(asked, np.array([[10.0]]), found.sites)) == 0


CASES = st.tuples(
    st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 6), st.integers(1, 3),
    st.sampled_from(post_sites.GOALS),
)  # fmt: skip


@given(CASES)
def test_no_choice_of_sites_is_better(case: tuple[int, int, int, int, Goal]) -> None:
    seed, places, sites, count, goal = case
    rng = np.random.default_rng(seed)
    asked = Demand(
        rng.integers(0, 9, places).astype(float),
        np.where(rng.random(places) < 0.1, NAN, rng.choice([15.0, 45.0], places)),
        np.where(rng.random(places) < 0.2, NAN, rng.integers(1, 90, places).astype(float)),
    )
    minutes = np.where(
        rng.random((places, sites)) < 0.15, NAN, rng.integers(1, 90, (places, sites)).astype(float)
    )
    found = post_sites.best(asked, minutes, count, goal)
    assert found.is_proven
    assert len(found.sites) <= count

    def worth(chosen: tuple[int, ...]) -> tuple[float, float]:
        took = post_sites.after(asked, minutes, chosen)
        spent = 0.0 if not asked.weight.sum() else post_sites.mean_min(asked, took)
        return post_sites.in_time(asked, took), -spent

    every = [worth(s) for n in range(count + 1) for s in itertools.combinations(range(sites), n)]
    mine = worth(found.sites)
    if goal == "cover":
        assert mine[0] == max(one[0] for one in every)
    best = max(one[1] for one in every if goal == "median" or one[0] == mine[0])
    assert mine[1] == pytest.approx(best)  # whole minutes: no saving is below the least counted


def test_spopt_says_the_same() -> None:
    """Compared once with another solver's model, where it is installed."""
    spopt = pytest.importorskip("spopt.locate")
    pulp = pytest.importorskip("pulp")
    rng = np.random.default_rng(5)
    minutes, weight = rng.integers(1, 90, (40, 8)).astype(float), rng.integers(1, 9, 40)
    model = spopt.MCLP.from_cost_matrix(minutes, weight, service_radius=30, p_facilities=2)
    solved = model.solve(pulp.PULP_CBC_CMD(msg=False))
    asked = demand(weight.tolist(), [NAN] * 40, 30.0)
    found = post_sites.best(asked, minutes, 2, "cover")
    won = post_sites.in_time(asked, post_sites.after(asked, minutes, found.sites))
    assert won == pytest.approx(solved.problem.objective.value())
