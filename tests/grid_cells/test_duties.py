from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from grid_cells.duties import holders, on_duty, repair_crews_at

ZONE = "Asia/Shanghai"
THURSDAY_EVENING = datetime(2026, 7, 16, 19, 40, tzinfo=ZoneInfo(ZONE))
COLUMNS = ["area_id", "duty", "staff_id", "crew_id", "hours", "valid_from", "valid_to"]


def duties(*rows: tuple[str | None, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=COLUMNS)
    for name in ("valid_from", "valid_to"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype(dict.fromkeys(COLUMNS[:5], "str"))


def test_people_by_day_and_crews_by_hour():
    rows = duties(
        ("E-01", "manager", "P1", None, None, None, None),
        ("E-01", "backup", "P2", None, "Mo-Fr 08:30-17:30", None, None),
        ("E-01", "repair", None, "C1", "08:00-20:00", None, None),
        ("E-01", "repair", None, "C2", "20:00-08:00", None, None),
    )
    assert on_duty(rows, THURSDAY_EVENING, ZONE) == {
        "manager": "P1",
        "backup": None,
        "repair": "C1",
        "inspection": None,
    }
    night = THURSDAY_EVENING.replace(hour=20, minute=0).astimezone(UTC)
    assert on_duty(rows, night, ZONE)["repair"] == "C2"
    early = THURSDAY_EVENING.replace(day=17, hour=7, minute=59)
    assert on_duty(rows, early, ZONE)["repair"] == "C2"


def test_a_manager_who_left_leaves_the_duty_vacant():
    rows = duties(("E-03", "manager", "P9", None, None, None, "2026-07-01T00:00:00+08:00"))
    assert on_duty(rows, THURSDAY_EVENING, ZONE)["manager"] is None
    last_minute = datetime(2026, 6, 30, 23, 59, tzinfo=ZoneInfo(ZONE))
    assert on_duty(rows, last_minute, ZONE)["manager"] == "P9"
    assert on_duty(rows, datetime(2026, 7, 1, tzinfo=ZoneInfo(ZONE)), ZONE)["manager"] is None


def test_the_one_appointed_last_has_the_duty():
    rows = duties(
        ("E-01", "manager", "P1", None, None, "2026-01-01", None),
        ("E-01", "manager", "P2", None, None, "2026-07-01", None),
        ("E-01", "manager", "P3", None, None, "2026-08-01", None),
    )
    assert on_duty(rows, THURSDAY_EVENING, ZONE)["manager"] == "P2"


def test_of_two_appointed_together_the_first_by_id_has_it():
    rows = duties(
        ("E-01", "repair", None, "C2", "24/7", None, None),
        ("E-01", "repair", None, "C1", "24/7", None, None),
    )
    assert on_duty(rows, THURSDAY_EVENING, ZONE)["repair"] == "C1"


def test_hours_nobody_can_read_never_hold():
    rows = duties(("E-01", "repair", None, "C1", "when needed", None, None))
    assert on_duty(rows, THURSDAY_EVENING, ZONE)["repair"] is None


def test_nobody_named_is_nobody():
    rows = duties(("E-01", "manager", None, None, None, None, None))
    assert on_duty(rows, THURSDAY_EVENING, ZONE)["manager"] is None
    assert set(on_duty(duties(), THURSDAY_EVENING, ZONE).values()) == {None}


def test_every_area_has_its_own_holders_and_vacancies_are_absent():
    rows = duties(
        ("E-02", "manager", "P2", None, None, None, None),
        ("E-01", "manager", "P1", None, None, None, None),
        ("E-03", "manager", "P3", None, "off", None, None),
    )
    found = holders(rows, THURSDAY_EVENING, ZONE)
    assert found.to_numpy().tolist() == [["E-01", "manager", "P1"], ["E-02", "manager", "P2"]]


def test_bounds_that_are_empty_throughout_are_open():
    rows = pd.DataFrame([("E-01", "manager", "P1", None, None, None, None)], columns=COLUMNS)
    assert on_duty(rows, THURSDAY_EVENING, ZONE)["manager"] == "P1"


def test_repair_crews_of_many_calls_are_those_of_each_moment_alone():
    rows = duties(
        ("E-01", "repair", None, "C1", "08:00-20:00", None, None),
        ("E-01", "repair", None, "C2", "20:00-08:00", None, None),
        ("E-01", "repair", None, "C4", "08:00-20:00", "2026-07-10T00:00:00+08:00", None),
        ("E-02", "repair", "P1", None, None, None, "2026-07-16T12:00:00+08:00"),
        ("E-02", "manager", "P2", None, None, None, None),
        ("E-03", "repair", None, None, None, None, None),
    )
    hours = pd.date_range("2026-07-09T01:30:00Z", periods=60, freq="5h")
    areas = ["E-01", "E-02", "E-03", "E-09", None]
    asked = [(area, at.to_pydatetime()) for at in hours for area in areas]
    found = repair_crews_at(rows, [a for a, _ in asked], [at for _, at in asked], ZONE)
    alone = []
    for area, at in asked:
        held = holders(rows[(rows["area_id"] == area) & (rows["duty"] == "repair")], at, ZONE)
        alone.append(held["holder_id"].iloc[0] if len(held) else None)
    assert found == alone
    assert set(found) == {"C1", "C2", "C4", "P1", None}
