"""Measures mixed by their shares, each by its own total."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.errors import UserError
from grid_cells.weight_mix import mixed, read_mix


def test_one_measure_alone_needs_no_share():
    assert read_mix(" hours ") == {"hours": 1.0}


def test_shares_are_made_to_add_up_to_one_and_those_of_nothing_left_out():
    assert read_mix("customers=1, faults=3,travel=0") == {"customers": 0.25, "faults": 0.75}


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("", "plan_mix_unreadable", {"text": ""}),
        ("customers=1,faults", "plan_mix_unreadable", {"text": "customers=1,faults"}),
        ("=1", "plan_mix_unreadable", {"text": "=1"}),
        ("hours=1,hours=2", "plan_mix_unreadable", {"text": "hours=1,hours=2"}),
        ("hours=-1,customers=2", "plan_mix_share", {"weight": "hours", "share": "-1"}),
        ("hours=many", "plan_mix_share", {"weight": "hours", "share": "many"}),
        ("hours=inf", "plan_mix_share", {"weight": "hours", "share": "inf"}),
        ("hours=0,faults=0", "plan_mix_share", {"weight": "hours, faults", "share": 0}),
    ],
)
def test_what_is_no_mix_is_refused_with_the_word_that_is_wrong(text, code, values):
    with pytest.raises(UserError) as caught:
        read_mix(text)
    assert (caught.value.code, caught.value.values) == (code, values)


def test_each_measure_counts_by_its_share_whatever_its_unit():
    parts = {"customers": np.array([30.0, 10]), "energy_kwh": np.array([0.0, 9000])}
    # the first has 3/4 of the customers, the second 1/4 and all the energy
    found = mixed(parts, {"customers": 0.5, "energy_kwh": 0.5}, total=40)
    assert found.tolist() == [15.0, 25.0]


def test_a_measure_of_nothing_counts_nothing():
    parts = {"customers": np.array([1.0, 3]), "faults": np.zeros(2)}
    assert mixed(parts, {"customers": 0.5, "faults": 0.5}, total=4).tolist() == [0.5, 1.5]


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=9),
    st.floats(0.01, 0.99),
    st.floats(0.001, 1000),
)
def test_a_mix_adds_up_and_the_unit_of_a_measure_does_not_matter(rows, share, factor):
    a, b = np.array(rows, dtype=float).T + 1
    shares = {"a": share, "b": 1 - share}
    found = mixed({"a": a, "b": b}, shares, total=7)
    assert found.sum() == pytest.approx(7)
    assert mixed({"a": a, "b": factor * b}, shares, total=7) == pytest.approx(found)
