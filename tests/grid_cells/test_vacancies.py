"""Duties that nobody has or soon will have, and who steps in: worked by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from grid_cells.vacancies import NEEDED, StandIn, Vacancy, stand_in, vacancies

NOW = datetime(2026, 7, 16, 12, tzinfo=UTC)
SOON = NOW + timedelta(days=30)
DAY = timedelta(days=1)


def roster(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Area, duty, holder, from, until; crews begin with C."""
    wide = [
        (a, d, None if h.startswith("C") else h, h if h.startswith("C") else None, "24/7", f, t)
        for a, d, h, f, t in rows
    ]
    names = ["area_id", "duty", "staff_id", "crew_id", "hours", "valid_from", "valid_to"]
    return pd.DataFrame(wide, columns=names)


def full(area: str, manager: str = "P1", backup: str = "P2") -> list[tuple[Any, ...]]:
    held = (("manager", manager), ("backup", backup), ("repair", "C1"))
    return [(area, duty, who, None, None) for duty, who in held]


def test_a_duty_that_ended_is_vacant_since_then_and_one_never_given_since_ever() -> None:
    left = NOW - 15 * DAY
    rows = [*full("A")[1:], ("A", "manager", "P1", None, left), *full("B")[:2]]
    assert vacancies(roster(*rows), ["A", "B"], NOW, SOON) == [
        Vacancy("A", "manager", since=left), Vacancy("B", "repair"),
    ]  # fmt: skip


def test_a_duty_that_will_end_without_a_follower_is_told_before() -> None:
    ends = NOW + 3 * DAY
    rows = [*full("A")[1:], ("A", "manager", "P1", None, ends)]
    assert vacancies(roster(*rows), ["A"], NOW, SOON) == [Vacancy("A", "manager", begins=ends)]
    assert vacancies(roster(*rows), ["A"], NOW, NOW + DAY) == []
    follower = ("A", "manager", "P9", ends, None)
    assert vacancies(roster(*rows, follower), ["A"], NOW, SOON) == []


def test_at_night_and_outside_hours_an_area_is_still_somebodys() -> None:
    day_only = roster(*full("A")).assign(hours="Mo-Fr 08:00-12:00")
    assert vacancies(day_only, ["A"], NOW, SOON) == []


def test_a_manager_is_no_backup_of_their_own() -> None:
    assert vacancies(roster(*full("A", "P1", "P1")), ["A"], NOW, SOON) == [Vacancy("A", "backup")]


def test_an_area_without_a_roster_lacks_everything() -> None:
    found = vacancies(roster(*full("A")), ["B"], NOW, SOON)
    assert [one.duty for one in found] == list(NEEDED)
    assert vacancies(roster(), [], NOW, SOON) == []


def held(**who: str) -> pd.DataFrame:
    """`A_manager="P1"` and so on."""
    rows = [(*key.split("_"), holder) for key, holder in who.items()]
    return pd.DataFrame(rows, columns=["area_id", "duty", "holder_id"])


CUSTOMERS = {"A": 100, "B": 200, "C": 150, "D": 10}


def asked(frame: pd.DataFrame, duty: str, *rings: set[str]) -> StandIn | None:
    return stand_in(frame, Vacancy("A", duty), rings, CUSTOMERS)


def test_a_backup_who_manages_nobody_steps_up() -> None:
    known = held(A_backup="P2", B_manager="P3", C_manager="P4")
    assert asked(known, "manager", {"B", "C"}) == StandIn("P2", "backup", 0, 0)


def test_a_backup_who_manages_more_than_a_neighbour_is_spared() -> None:
    known = held(A_backup="P3", B_manager="P3", C_manager="P4")
    assert asked(known, "manager", {"B", "C"}) == StandIn("P4", "neighbour", 150, 1)
    alike = held(A_backup="P3", D_manager="P3")
    assert asked(alike, "manager", {"D"}) == StandIn("P3", "backup", 10, 1)


def test_the_station_is_asked_where_no_neighbour_is() -> None:
    known = held(B_manager="P3", C_manager="P4")
    assert asked(known, "manager", set(), {"B", "C"}) == StandIn("P4", "station", 150, 1)
    assert asked(known, "manager", set(), set()) is None


def test_whoever_manages_two_areas_carries_both() -> None:
    known = held(B_manager="P3", C_manager="P4", D_manager="P4")
    assert asked(known, "manager", {"B", "C", "D"}) == StandIn("P4", "neighbour", 160, 2)


def test_a_backup_is_a_neighbouring_manager_and_never_the_areas_own() -> None:
    known = held(A_manager="P1", D_manager="P1", B_manager="P3")
    assert asked(known, "backup", {"B", "D"}) == StandIn("P3", "neighbour", 200, 1)


def test_a_crew_is_asked_of_the_crews() -> None:
    known = held(A_backup="P2", B_manager="P3", B_repair="C7", C_repair="C8")
    assert asked(known, "repair", {"B", "C"}) == StandIn("C8", "neighbour", 150, 1)
