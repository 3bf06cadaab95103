from datetime import date

import pytest

from grid_cells.errors import UserError
from grid_cells.work_calendar import WorkDay, work_days


def test_the_national_day_and_the_saturday_worked_for_it() -> None:
    # the State Council's notice of November 2025: 1 to 7 October off, 10 October worked
    days = work_days([date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 11)], "CN")
    assert [day.is_free for day in days] == [True, False, True]
    assert [day.is_made_up for day in days] == [False, True, False]
    assert days[0].holiday is not None


def test_names_come_in_the_language_asked_for() -> None:
    assert work_days([date(2026, 9, 25)], "CN", language="zh_CN")[0].holiday == "中秋节"


def test_weekends_of_a_year_without_a_notice_are_unknown() -> None:
    sunday, tuesday = work_days([date(2031, 9, 28), date(2031, 9, 30)], "CN")
    assert sunday == WorkDay(date(2031, 9, 28), None, None)
    assert sunday.is_free is None
    assert tuesday.is_free is False


def test_a_country_that_makes_no_days_up_knows_its_weekends() -> None:
    thanksgiving, friday, saturday = work_days(
        [date(2025, 11, 27), date(2025, 11, 28), date(2025, 11, 29)], "US", "CA"
    )
    assert [thanksgiving.is_free, friday.is_free, saturday.is_free] == [True, True, True]
    assert work_days([date(2025, 11, 28)], "US")[0].is_free is False


def test_no_days_are_asked() -> None:
    assert work_days([], "CN") == []


def test_an_unknown_country_is_named() -> None:
    with pytest.raises(UserError) as said:
        work_days([date(2026, 1, 1)], "XX")
    assert said.value.code == "unknown_country"
    assert said.value.values["country"] == "XX"
