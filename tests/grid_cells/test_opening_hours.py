from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from grid_cells.opening_hours import is_open, is_readable, next_change

ZONE = "Asia/Shanghai"


def local(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local(7, 16, 8, 29), False), (local(7, 16, 8, 30), True), (local(7, 16, 17, 29), True),
        (local(7, 16, 17, 30), False), (local(7, 18, 10), False),
    ],
)  # fmt: skip
def test_working_hours_hold_on_working_days(at: datetime, expected: bool):
    assert is_open("Mo-Fr 08:30-17:30", at, ZONE) is expected


def test_the_hours_are_those_of_the_zone_whatever_zone_the_question_has():
    half_past_nine_in_china = datetime(2026, 7, 16, 1, 30, tzinfo=UTC)
    assert is_open("Mo-Fr 08:30-17:30", half_past_nine_in_china, ZONE)
    assert not is_open("Mo-Fr 08:30-17:30", half_past_nine_in_china, "Europe/Berlin")


def test_a_night_shift_runs_past_midnight():
    assert is_open("20:00-08:00", local(7, 17, 7, 59), ZONE)
    assert not is_open("20:00-08:00", local(7, 17, 8), ZONE)


def test_holidays_are_those_of_the_country():
    assert is_open("Mo-Fr 08:30-17:30; PH off", local(10, 1, 10), ZONE) is False  # National Day
    assert is_open("Mo-Fr 08:30-17:30; PH off", local(10, 9, 10), ZONE) is True
    assert is_open("Mo-Fr 08:30-17:30; PH off", local(10, 1, 10), ZONE, country="US") is True


def test_an_exception_beats_the_rule():
    assert is_open("24/7", local(7, 16, 12), ZONE, exceptions="Jul 16 12:00-13:00 off") is False
    assert is_open("24/7", local(7, 17, 12), ZONE, exceptions="Jul 16 12:00-13:00 off") is True
    assert is_open("24/7", local(7, 17, 12), ZONE, exceptions=" ") is True


@pytest.mark.parametrize("hours", [None, "", "  ", "half past", "周一至周五"])
def test_hours_not_known_or_not_readable_are_unknown_not_closed(hours: str | None):
    assert is_open(hours, local(7, 16, 12), ZONE) is None
    assert next_change(hours, local(7, 16, 12), ZONE) is None


def test_an_exception_nobody_can_read_makes_the_whole_unknown():
    assert is_open("24/7", local(7, 16, 12), ZONE, exceptions="sometimes") is None


def test_readable_is_what_follows_the_notation():
    assert is_readable("Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00; PH off")
    assert not is_readable("Mon to Fri")
    assert not is_readable("")


def test_the_next_change_is_told_in_the_zone():
    assert next_change("Mo-Fr 08:30-17:30", local(7, 16, 12), ZONE) == local(7, 16, 17, 30)
    assert next_change("Mo-Fr 08:30-17:30", local(7, 17, 18), ZONE) == local(7, 20, 8, 30)
    assert next_change("24/7", local(7, 16, 12), ZONE) is None
