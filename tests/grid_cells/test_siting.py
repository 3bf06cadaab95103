"""Best sites against every choice there is, on small cases."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grid_cells import siting
from grid_cells.errors import UserError
from grid_cells.siting import Floats, Sites
from tests.laws import examples

WAYS = np.array(
    [[1.0, 9.0, 6.0], [2.0, 8.0, 6.0], [9.0, 1.0, 6.0], [40.0, 42.0, 7.0]]
)  # the third site is near to nobody and far from nobody
HEAVY = np.array([10.0, 10.0, 10.0, 1.0])


def test_one_site_by_hand():
    assert siting.median(WAYS, HEAVY, 1) == Sites((0,), (10 + 20 + 90 + 40) / 31, True)
    assert siting.center(WAYS, 1) == Sites((2,), 7.0, True)
    assert siting.cover(WAYS, HEAVY, 1, 5.0) == Sites((0,), 20.0, True)
    assert siting.fewest(WAYS, 7.0) == Sites((2,), 1.0, True)
    assert siting.fewest(WAYS, 2.0 + 5.0, fixed=(0,)) == Sites((0, 2), 2.0, True)


def test_sites_that_stand_already_stay():
    assert siting.median(WAYS, HEAVY, 2, fixed=(2,)).chosen[-1] == 2
    assert siting.cover(WAYS, HEAVY, 1, 5.0, fixed=(1,)) == Sites((1,), 10.0, True)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: siting.median(WAYS, HEAVY, 0),
        lambda: siting.median(WAYS, HEAVY, 4),
        lambda: siting.cover(WAYS, HEAVY, 1, 5.0, fixed=(0, 1)),
        lambda: siting.fewest(WAYS, 0.5),
        lambda: siting.center(np.array([[1.0, np.nan], [np.nan, 1.0]]), 1),
        lambda: siting.median(np.array([[1.0, np.nan], [np.nan, 1.0]]), np.ones(2), 1),
    ],
)
def test_what_cannot_be_done_is_said(ask):
    with pytest.raises(UserError, match="siting_infeasible"):
        ask()


def every(ways: Floats, count: int, cost: Callable[[Floats], float]) -> float:
    """The least cost over all choices of so many sites, from each place's nearest way."""
    chosen = (list(one) for one in combinations(range(ways.shape[1]), count))
    return min(cost(ways[:, one].min(axis=1)) for one in chosen)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Floats, Floats, int]:
    places, sites = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    way = st.integers(1, 30).map(float)
    row = st.lists(way, min_size=sites, max_size=sites)
    ways = np.array(draw(st.lists(row, min_size=places, max_size=places)))
    heavy = st.lists(st.integers(1, 9).map(float), min_size=places, max_size=places)
    return ways, np.array(draw(heavy)), draw(st.integers(1, sites))


@settings(max_examples=examples(60))
@given(cases())
def test_nothing_is_better_than_what_is_found(case):
    ways, heavy, count = case
    assert siting.median(ways, heavy, count).value == pytest.approx(
        every(ways, count, lambda near: float((near * heavy).sum() / heavy.sum()))
    )
    assert siting.center(ways, count).value == every(ways, count, lambda near: float(near.max()))
    inside = every(ways, count, lambda near: -float(heavy[near <= 10].sum()))
    assert siting.cover(ways, heavy, count, 10.0).value == -inside


@settings(max_examples=examples(60))
@given(cases(), st.integers(5, 30))
def test_no_fewer_sites_would_do(case, limit):
    ways, _, _ = case
    assume((ways <= limit).any(axis=1).all())
    found = siting.fewest(ways, float(limit))
    assert (ways[:, list(found.chosen)].min(axis=1) <= limit).all()
    for count in range(1, len(found.chosen)):
        assert every(ways, count, lambda near: float(near.max())) > limit
