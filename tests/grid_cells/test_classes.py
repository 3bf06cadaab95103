import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.classes import MINUTES, class_breaks, class_counts, class_of

NAN = float("nan")


def test_a_hundred_values_make_five_classes_of_twenty():
    values = np.arange(100.0)
    edges = class_breaks(values, classes=5)
    assert edges.tolist() == [0, 19.8, 39.6, 59.4, 79.2, 99]
    counts, unknown = class_counts(values, edges)
    assert counts.tolist() == [20, 20, 20, 20, 20]
    assert unknown == 0


def test_minutes_keep_the_breaks_people_know():
    values = [5, 15, 29.9, 200, NAN, np.inf]
    edges = class_breaks(values, "fixed", MINUTES)
    assert edges.tolist() == [0, 15, 30, 45, 90, 120, 200]
    assert class_counts(values, edges)[0].tolist() == [1, 2, 0, 0, 0, 1]
    assert class_counts(values, edges)[1] == 2


def test_fixed_breaks_stay_where_no_value_reaches_them():
    assert class_breaks([1.0, 2.0], "fixed", (15, 30, 45)).tolist() == [0, 15, 30, 45, 60]
    assert class_breaks([-7.0], "fixed", (10.0,)).tolist() == [-7, 10, 20]
    assert class_breaks([3.0], "fixed", (-5, 0, 5)).tolist() == [-10, -5, 0, 5, 10]


def test_many_zeros_are_a_class_of_their_own():
    values = np.concatenate((np.zeros(900), np.arange(1, 101)))
    edges = class_breaks(values)
    counts, _ = class_counts(values, edges)
    assert edges[:2].tolist() == [0, 1]
    assert counts.tolist() == [900, 20, 20, 20, 20, 20]


def test_one_value_is_one_class():
    edges = class_breaks([7.0] * 5)
    assert edges.tolist() == [7, 7]
    assert class_counts([7.0] * 5, edges)[0].tolist() == [5]
    assert class_counts([0.0, NAN], class_breaks([0.0, NAN]))[1] == 1


def test_few_values_are_a_class_each():
    values = [1, 1, 2, 3, 3, 3]
    edges = class_breaks(values)
    assert edges.tolist() == [1, 2, 3, 3]
    assert class_counts(values, edges)[0].tolist() == [2, 1, 3]


@pytest.mark.parametrize("values", [[], [NAN, NAN], [np.inf]])
@pytest.mark.parametrize("method", ["quantile", "fixed"])
def test_nothing_known_has_no_class_and_all_are_unknown(values: list[float], method: str):
    edges = class_breaks(values, method)
    assert len(edges) == 0
    counts, unknown = class_counts(values, edges)
    assert (counts.tolist(), unknown) == ([], len(values))


def test_inner_edges_are_rounded_to_three_digits():
    values = np.random.default_rng(0).lognormal(8, 1, 1000)
    inner = class_breaks(values)[1:-1]
    assert len(inner) == 5
    assert all(float(f"{edge:.3g}") == pytest.approx(edge, rel=1e-12) for edge in inner)


def test_values_of_another_day_fall_into_the_outer_classes():
    assert class_of([-1, 5, 99, NAN], [0, 3, 6, 9]).tolist() == [0, 1, 2, -1]


values_ = st.lists(
    st.one_of(st.floats(-1e9, 1e9, allow_subnormal=False), st.just(0.0), st.just(NAN)), max_size=80
)


@given(values_, st.sampled_from(["quantile", "fixed"]), st.integers(5, 7))
def test_every_value_is_in_one_class_or_unknown(values: list[float], method: str, classes: int):
    edges = class_breaks(values, method, classes=classes)
    counts, unknown = class_counts(values, edges)
    assert counts.sum() + unknown == len(values)
    assert unknown == np.isnan(values).sum() if values else unknown == 0
    assert (np.diff(edges) >= 0).all()
    if len(edges) and method == "quantile":
        assert len(counts) <= classes
        assert (edges[0], edges[-1]) == (np.nanmin(values), np.nanmax(values))
