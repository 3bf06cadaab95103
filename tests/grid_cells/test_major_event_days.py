"""The 2.5 beta method against figures worked by hand."""

import math
from datetime import date, timedelta

import pandas as pd
import pytest

from grid_cells import major_event_days
from grid_cells.errors import UserError

FIRST = date(2021, 1, 1)


def history(days: int, *values: float) -> pd.Series:
    """Values spread over the days, one after another from the first day on."""
    return pd.Series({FIRST + timedelta(days=n): value for n, value in enumerate(values[:days])})


def test_the_threshold_of_four_days_worked_by_hand() -> None:
    """SAIDI of 1, e, e and e² minutes: logarithms 0, 1, 1, 2; α = 1, β² = (1+0+0+1) / 3.

    The threshold is exp(1 + 2.5 · √(2/3)) = exp(3.0412…) = 20.931… minutes.
    """
    saidi = history(400, 1.0, math.e, math.e, math.e**2)
    found = major_event_days.threshold(saidi, first=FIRST, last=FIRST + timedelta(days=399))
    assert found.alpha == pytest.approx(1.0)
    assert found.beta == pytest.approx(math.sqrt(2 / 3))
    assert found.minutes == pytest.approx(20.9312, abs=0.0001)
    assert (found.days, found.counted, found.standing) == (400, 4, "provisional")


def test_days_without_an_interruption_are_dropped() -> None:
    saidi = history(400, 1.0, 0.0, math.e, 0.0, math.e, math.e**2)
    found = major_event_days.threshold(saidi, first=FIRST, last=FIRST + timedelta(days=399))
    assert (found.counted, found.minutes) == (4, pytest.approx(20.9312, abs=0.0001))


def test_the_older_edition_counts_days_without_any_as_the_lowest() -> None:
    """Days of 1, e, e² minutes among 400: 397 are 0 with the day of 1 itself, so 398 zeros, 1, 2.

    α = 3 / 400; β² = (Σ x² - 400 α²) / 399 = (5 - 0.0225) / 399.
    """
    saidi = history(400, 1.0, math.e, math.e**2)
    found = major_event_days.threshold(
        saidi, first=FIRST, last=FIRST + timedelta(days=399), zero_days="lowest"
    )
    assert found.alpha == pytest.approx(3 / 400)
    assert found.beta == pytest.approx(math.sqrt((5 - 0.0225) / 399))
    assert (found.counted, found.standing) == (3, "provisional")


def test_under_a_year_there_is_no_threshold_and_no_major_day() -> None:
    saidi = history(364, 1.0, 2.0, 500.0)
    found = major_event_days.threshold(saidi, first=FIRST, last=FIRST + timedelta(days=363))
    assert (found.standing, found.minutes, found.days) == ("too_little", None, 364)
    assert major_event_days.major_days(saidi, found) == []


def test_no_more_than_the_last_five_years_count() -> None:
    last = FIRST + timedelta(days=6 * 365 - 1)
    old = pd.Series({FIRST: 1e6})
    new = pd.Series({last - timedelta(days=n): value for n, value in enumerate((1.0, 2.0, 3.0))})
    found = major_event_days.threshold(pd.concat([old, new]), first=FIRST, last=last)
    assert (found.counted, found.days, found.standing) == (3, 5 * 365, "full")


def test_days_above_the_threshold_are_major_and_the_day_at_it_is_not() -> None:
    found = major_event_days.Threshold(20.0, 1.0, 0.8, 400, 4, "provisional")
    saidi = history(400, 20.0, 20.001, 3.0, 90.0)
    assert major_event_days.major_days(saidi, found) == [
        FIRST + timedelta(days=1), FIRST + timedelta(days=3),
    ]  # fmt: skip


def test_minutes_go_to_the_day_on_which_the_interruption_began() -> None:
    """Out from 23:30 to 02:30 in Shanghai (15:30 UTC): all 180 min of 50 customers are that day's.

    Of 1,000 served that is 9 min of SAIDI; 20 more at 00:10 for 60 min are 1.2 min of the next.
    """
    held = pd.DataFrame({
        "began": pd.to_datetime(["2026-07-16 15:30", "2026-07-16 16:10"], utc=True),
        "minutes": [180.0, 60.0], "customers": [50, 20],
    })  # fmt: skip
    found = major_event_days.daily_saidi(held, 1000, zone="Asia/Shanghai")
    assert found.to_dict() == {date(2026, 7, 16): 9.0, date(2026, 7, 17): 1.2}


def test_nobody_served_is_an_error_and_no_division() -> None:
    held = pd.DataFrame({"began": pd.to_datetime([], utc=True), "minutes": [], "customers": []})
    with pytest.raises(UserError, match="nobody_served"):
        major_event_days.daily_saidi(held, 0, zone="UTC")
