"""Attendance of a day, hours, what Today tells of them, and the file."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from app.store.database import Database
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import crew_attendance, derive, today
from grid_cells.errors import AccessDenied
from tests.app.crew_town import (
    BOSS,
    CREW,
    MANAGER,
    at,
    fix,
    go_off,
    go_on,
    plan,
    rows,
    set_now,
    tell,
)

DAY = date(2026, 7, 16)


def lines(db: Database, actor: Any = BOSS) -> dict[str, dict[str, Any]]:
    derive.refresh(db, at(0))
    found = today.lines(db, actor, at(200))
    return {one.code: one.values for one in found if one.code.startswith("today_crews")}


@pytest.fixture
def worked(town_database: Database) -> Database:
    """C0 comes 20 min late, is at its base, and goes 10 min early; C1 stays away."""
    db = town_database
    plan(db, "C0", (0, 120, "duty"))
    plan(db, "C1", (0, 120, "duty"))
    set_now(db, 20)
    go_on(db)
    base = db.query("SELECT lon, lat FROM crews WHERE crew_id = 'C0'").iloc[0]
    set_now(db, 110)
    here = dataclasses.replace(fix(21), lon=float(base["lon"]), lat=float(base["lat"]))
    away = dataclasses.replace(fix(31), lon=float(base["lon"]) + 0.09, lat=float(base["lat"]))
    tell(db, here, dataclasses.replace(here, at=at(30)), away)
    go_off(db)
    set_now(db, 200)
    return db


def test_a_day_tells_late_early_away_and_where_the_time_went(worked: Database) -> None:
    found = crew_attendance.of_day(worked, BOSS, DAY).set_index("crew_id")
    c0, c1 = found.loc["C0"], found.loc["C1"]
    assert (c0["planned_min"], c0["duty_min"], c0["late_min"], c0["early_min"]) == (120, 90, 20, 10)
    assert (c1["planned_min"], c1["duty_min"], c1["late_min"], c1["early_min"]) == (120, 0, 120, 0)
    # a jump of 9 km in a minute was not kept, so the base holds for a quarter of an hour
    assert (c0["base"], c0["elsewhere"], c0["unknown"]) == (24, 0, 66)


def test_places_are_told_to_who_may_know_them_and_a_crew_sees_itself(worked: Database) -> None:
    found = crew_attendance.of_day(worked, MANAGER, DAY)
    assert found["crew_id"].tolist() == ["C0", "C1"]
    assert found["base"].isna().all()
    assert crew_attendance.of_day(worked, CREW, DAY)["crew_id"].tolist() == ["C0"]
    assert crew_attendance.hours(worked, CREW).index.tolist() == ["C0"]


def test_a_unit_and_a_scope_limit_the_rows(worked: Database) -> None:
    assert crew_attendance.of_day(worked, BOSS, DAY, "S2").empty
    assert len(crew_attendance.of_day(worked, BOSS, DAY, "C")) == 2
    boss = dataclasses.replace(BOSS, scope=Scope("S2"))
    sight: Any = ScopedDatabase(worked, Scope("S2"))
    assert crew_attendance.of_day(sight, boss, DAY)["crew_id"].tolist() == ["C1"]
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        crew_attendance.of_day(sight, boss, DAY, "S1")


def test_a_past_moment_knows_nothing_of_later(worked: Database) -> None:
    set_now(worked, 50)
    row = crew_attendance.of_day(worked, BOSS, DAY).set_index("crew_id").loc["C0"]
    assert (row["duty_min"], row["late_min"], row["early_min"]) == (30, 20, 0)
    assert row["base"] == 0  # the phone told its places later


def test_hours_over_the_limit_are_found_and_told_on_today(worked: Database) -> None:
    found = crew_attendance.hours(worked, BOSS)
    assert found.loc["C0", [1, 7, 30]].tolist() == [1.5, 1.5, 1.5]
    assert found["over"].tolist() == [0, 0]
    sql = (
        "INSERT INTO crew_duties (duty_id, crew_id, user_id, on_at, off_at, told_of_tracks)"
        " SELECT 100 + n, 'C0', 'x', ?::TIMESTAMPTZ - n * INTERVAL 1 DAY,"
        " ?::TIMESTAMPTZ - n * INTERVAL 1 DAY, true FROM range(1, 6) t(n)"
    )
    worked.write(lambda c: c.execute(sql, [at(0), at(13 * 60)]))
    found = crew_attendance.hours(worked, BOSS)
    assert (found.loc["C0", 7], found.loc["C0", "over"]) == (66.5, 7)
    assert lines(worked)["today_crews_over"] == {"count": 1, "crew": "C0", "days": 7, "hours": 66}
    assert "today_crews_over" not in lines(worked, CREW)


def test_a_shift_to_which_nobody_came_is_told_to_who_runs_crews(worked: Database) -> None:
    plan(worked, "C1", (150, 230, "duty"))
    assert lines(worked)["today_crews_absent"] == {"count": 1, "crew": "C1", "minutes": 50}
    assert "today_crews_absent" not in lines(worked, MANAGER)
    worked.write(lambda c: c.execute("DELETE FROM crew_duties"))
    assert "today_crews_absent" not in lines(worked)  # attendance is not kept here


def test_the_file_holds_the_day_as_the_actor_may_see_it(worked: Database) -> None:
    data, name = crew_attendance.export_day(worked, MANAGER, DAY, form="csv", purpose="other")
    assert name == "attendance-20260716.csv"
    text = data.decode("utf-8-sig")
    assert "C0" in text
    assert "late_min" in text
    assert rows(worked, "crew_positions") == 2
