"""Late, early, outside the plan; minutes by sort of place."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import attendance
from grid_cells.shifts import Span

BEGIN = datetime(2026, 7, 16, 0, tzinfo=UTC)
Hours = list[tuple[float, float]]
Told = list[tuple[float, str]]


def h(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def kept(
    plan: list[tuple[float, float]], duty: list[tuple[float, float]], now: float = 24
) -> tuple[float | None, ...]:
    found = attendance.kept(
        [Span(h(a), h(b)) for a, b in plan], [Span(h(a), h(b)) for a, b in duty], h(now)
    )
    return found.planned_min, found.duty_min, found.outside_min, found.late_min, found.early_min


def test_late_early_and_overtime_are_told_apart() -> None:
    assert kept([(8, 20)], [(8.25, 19.5)]) == (720, 675, 0, 15, 30)
    assert kept([(8, 20)], [(7.5, 22)]) == (720, 870, 150, 0, 0)


def test_a_break_is_neither_late_nor_early() -> None:
    assert kept([(8, 20)], [(8, 12), (13, 20)]) == (720, 660, 0, 0, 0)


def test_a_plan_that_is_not_over_makes_nobody_early_nor_one_to_come_late() -> None:
    assert kept([(8, 20)], [(8, 12)], now=15) == (720, 240, 0, 0, 0)
    assert kept([(8, 20)], [], now=9) == (720, 0, 0, 60, 0)
    assert kept([(8, 20)], [], now=7) == (720, 0, 0, None, None)


def test_who_never_came_is_late_the_whole_shift_and_not_early() -> None:
    assert kept([(8, 20)], []) == (720, 0, 0, 720, 0)


def test_without_a_plan_all_duty_is_outside_it() -> None:
    assert kept([], [(1, 3)]) == (0, 120, 120, None, None)


def test_two_members_count_once() -> None:
    assert kept([(8, 10)], [(8, 9), (8.5, 10)])[1] == 120


def spent(
    told: list[tuple[float, str]], duty: list[tuple[float, float]], until: float = 24
) -> dict[str, float]:
    frame = pd.DataFrame({"seen_at": [h(one) for one, _ in told], "place": [p for _, p in told]})
    frame["seen_at"] = pd.to_datetime(frame["seen_at"], utc=True)
    found = attendance.minutes_by_place(frame, [Span(h(a), h(b)) for a, b in duty], h(until))
    return {place: minutes for place, minutes in found.items() if minutes}


def test_a_fix_holds_until_the_next_one_and_silence_is_unknown() -> None:
    told = [(8, "base"), (8.1, "site"), (8.2, "own"), (10, "elsewhere")]
    assert spent(told, [(8, 11)]) == pytest.approx(
        {"base": 6, "site": 6, "own": 15, "elsewhere": 15, "unknown": 138}
    )


def test_only_time_on_duty_counts_and_none_after_now() -> None:
    assert spent([(8, "base"), (8.1, "base")], [(8, 12)], until=8.2) == {"base": 12}
    assert spent([(8, "base")], [(8.1, 9)]) == pytest.approx({"base": 9, "unknown": 45})
    assert spent([], [(8, 9)]) == {"unknown": 60}


def test_the_first_sort_of_place_that_fits_counts() -> None:
    near = {
        "base": np.array([True, False, False, False]),
        "site": np.array([True, True, False, False]),
        "own": np.array([True, True, True, False]),
    }
    assert attendance.places_of(near, 4).tolist() == ["base", "site", "own", "elsewhere"]


PLACES = st.sampled_from(attendance.PLACES[:4])
FIXES = st.lists(st.tuples(st.floats(0, 24), PLACES), max_size=10).map(sorted)


@given(FIXES, st.floats(0, 12), st.floats(0, 12))
def test_places_add_up_to_the_duty(told: Told, starts: float, lasts: float) -> None:
    found = spent(told, [(starts, starts + lasts)])
    assert sum(found.values()) == pytest.approx(60 * lasts, abs=1e-3)
    assert all(minutes >= 0 for minutes in found.values())
