import math
import sys
from types import ModuleType

import growth_measure
import pytest
from growth_measure import Growth, Point, exponent, rows_of, unfit
from hypothesis import given
from hypothesis import strategies as st


def test_the_exponent_is_the_slope_of_the_logarithms():
    assert exponent([10, 100, 1000], [1.0, 10.0, 100.0]) == pytest.approx(1.0)
    assert exponent([10, 100], [3.0, 300.0]) == pytest.approx(2.0)
    # seconds 1, 10, 10: logs 0, 1, 1 over 0, 1, 2 have the slope 1/2
    assert exponent([1, 10, 100], [1.0, 10.0, 10.0]) == pytest.approx(0.5)


def test_one_size_has_no_exponent():
    assert exponent([100], [1.0]) is None


@given(st.floats(-2, 3), st.floats(1e-6, 1e3))
def test_a_power_law_gives_its_own_exponent(power, scale):
    sizes = [10**5, 10**6, 10**7]
    found = exponent(sizes, [scale * size**power for size in sizes])
    assert math.isclose(found, power, abs_tol=1e-9)


def test_sizes_below_a_hundred_thousand_do_not_count():
    points = [Point(10_000, 9.0, 9.0, 1, 0), Point(100_000, 1.0, 1.0, 1, 0),
              Point(1_000_000, 10.0, 100.0, 1, 0)]  # fmt: skip
    grown = Growth("a job", points)
    assert grown.exponent() == pytest.approx(1.0)
    assert grown.exponent("cpu_s") == pytest.approx(2.0)


def test_rows_tell_every_size_and_whether_the_exponent_is_within_the_goal():
    points = [Point(100_000, 1.0, 1.5, 300.4, 0.25), Point(1_000_000, 20.0, 20.0, 900, 2)]
    *sizes, last = rows_of(Growth("a job", points, "10,000,000: it would need about 9,000 MB"))
    assert [row.case for row in sizes] == ["a job, 100,000", "a job, 1,000,000"]
    assert sizes[0].more == {"cpu_s": 1.5, "peak_mb": 300, "make_s": 0.25}
    assert last.ours == pytest.approx(1.30103)
    assert (last.unit, last.equal) == ("exponent", False)
    assert last.more["left_out"] == "10,000,000: it would need about 9,000 MB"


def test_a_size_that_fits_neither_time_nor_memory_is_left_out():
    points = [Point(100_000, 4.0, 4.0, 500.0, 2.0)]
    assert unfit([], 10, limit_s=1, free_mb=1) is None
    assert unfit(points, 1_000_000, limit_s=100, free_mb=10_000) is None
    assert unfit(points, 1_000_000, limit_s=99, free_mb=10_000) == "it would take about 100 s"
    assert unfit(points, 1_000_000, limit_s=100, free_mb=6_000) == "it would need about 5,000 MB"


def test_a_job_is_measured_in_a_process_of_its_own_and_a_failing_size_is_told(monkeypatch):
    # a test of a page before this one leaves the page as the main module, which a child would run
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    grown = growth_measure.growth("fractions", list_of, total, (1_000, 2_000, 0), limit_s=60)
    assert [point.size for point in grown.points] == [1_000, 2_000]
    assert all(point.seconds > 0 and point.peak_mb > 1 for point in grown.points)
    assert grown.left_out == "0: ZeroDivisionError: division by zero"


def list_of(size):
    return [1 / size] * size if size else [1 / size]


def total(values):
    return sum(values)
