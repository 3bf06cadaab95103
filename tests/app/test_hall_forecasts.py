"""Forecasts of halls' hours on the town: made, kept, asked at a moment; the counters they need."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from app.store import hall_forecasts as store
from app.store.scope import Scope
from app.use_cases import clock, hall_forecasts, hall_staffing
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from grid_cells.erlang import servers_needed
from grid_cells.errors import AccessDenied, UserError
from tests.app.hall_town import ZONE, at
from tests.conftest import LOADER

MANAGER = Actor("town-manager", "周明", role="manager")
CLERK = Actor("town-clerk", "孙悦", role="hall_clerk")
WEEKS = 10
FIRST = date(2026, 7, 16) - timedelta(weeks=WEEKS)


def hour_rows() -> pd.DataFrame:
    """Weekdays 9 to 11: H0 about 12 an hour and 24 on Mondays, H1 three; waits a minute a head."""
    drawn = np.random.default_rng(1)
    days = [FIRST + timedelta(days=n) for n in range(7 * WEEKS)]
    rows = [
        (hall, f"{day} {hour:02d}:00", int(drawn.poisson(level * (2 if day.weekday() == 0 else 1))))
        for hall, level in (("H0", 12), ("H1", 3))
        for day in days
        if day.weekday() < 5
        for hour in (9, 10, 11)
    ]
    frame = pd.DataFrame(rows, columns=["hall_id", "hour", "visits"])
    return frame.assign(wait_min=frame["visits"].astype(float))


def fill(db, town, folder, hours):
    halls = town.frames()["halls"].assign(
        opens="Mo-Fr 08:30-12:00", counters=[3, 2], opening_exceptions=[None, "2026 Jul 21 off"]
    )
    for kind, frame in (("halls", halls), ("hall_hours", hours)):
        path = folder / f"{kind}.csv"
        frame.to_csv(path, index=False)
        load(db, LOADER, kind, [path], LoadChoice(datum="wgs84", mapping=ZONE), is_sample=True)
    db.write(lambda connection: clock.start_clock(connection, at=at("16 08:00"), running=False))


@pytest.fixture
def halls(town_database, town, tmp_path):
    fill(town_database, town, tmp_path, hour_rows())
    return town_database


def test_two_weeks_are_forecast_kept_and_known_from_then_on(halls):
    shares = []
    made = hall_forecasts.make(halls, MANAGER, shares.append)
    assert [run["measure"] for run in made] == ["visits", "wait_min"]
    assert shares == sorted(shares)
    found = hall_forecasts.latest(halls, CLERK, "visits")
    assert found.run["first_day"] == FIRST
    assert found.run["last_day"] == date(2026, 7, 15)
    # 3 hours and 2 halls on the 20 weekdays of the last four weeks, but for the Dragon Boat
    # Festival: no day off is known before it, so the halls were taken to be shut
    assert found.run["hours_judged"] == 114
    assert found.run["error"] < 1.15 * found.run["error_last_week"]
    local = found.hours.assign(hour=found.hours["hour"].dt.tz_convert("Asia/Shanghai"))
    days = local.groupby("hall_id")["hour"].agg(lambda hours: sorted(set(hours.dt.date)))
    assert days["H0"] == [
        date(2026, 7, 16) + timedelta(days=n)
        for n in range(14)
        if (date(2026, 7, 16) + timedelta(days=n)).weekday() < 5
    ]
    assert set(days["H0"]) - set(days["H1"]) == {date(2026, 7, 21)}
    mondays = local[local["hour"].dt.day_of_week == 0].groupby("hall_id")["expected"].mean()
    assert mondays["H0"] == pytest.approx(24, abs=4)
    assert mondays["H1"] == pytest.approx(6, abs=2.5)

    halls.write(lambda c: clock.start_clock(c, at=at("15 08:00"), running=False))
    assert hall_forecasts.latest(halls, CLERK, "visits") is None


def test_counters_needed_follow_from_erlang(halls):
    hall_forecasts.make(halls, MANAGER, lambda _: None)
    rows = hall_staffing.staffing(halls, CLERK, "H0")
    # hourly figures tell no minutes of work: the usual 8 of the table of rules
    load = rows["expected"].to_numpy() * 8 / 60
    expected = servers_needed(load, 8.0, within_min=20, share=0.8)
    assert rows["counters_needed"].tolist() == expected.tolist()
    assert (rows["counters_needed_high"] >= rows["counters_needed"]).all()
    assert set(rows["counters"]) == {3.0}
    assert rows["staff"].isna().all()
    # 24 an hour at 8 minutes are 3.2 erlangs: four at the least
    monday = rows[rows["hour"].dt.tz_convert("Asia/Shanghai").dt.day_of_week == 0]
    assert monday["counters_needed"].min() >= 3


def test_once_its_hours_are_over_a_forecast_asks_for_nobody(halls):
    run = {
        "measure": "visits", "country": "CN", "first_day": FIRST, "last_day": date(2026, 7, 14),
        "days_ahead": 1, "hours_judged": 1, "error": 1.0, "error_last_week": 1.0,
        "error_usual": 1.0, "covered": 0.8, "made_at": at("15 07:00"), "made_by": MANAGER.id,
    }  # fmt: skip
    hours = pd.DataFrame(
        {"hall_id": ["H0"], "hour": [pd.Timestamp(at("15 09:00"))], "expected": [12.0],
         "low": [8.0], "high": [16.0]}
    )  # fmt: skip
    halls.write(lambda connection: store.add(connection, run, hours))
    assert hall_forecasts.latest(halls, CLERK, "visits").hours["expected"].tolist() == [12.0]
    assert hall_staffing.staffing(halls, CLERK, "H0").empty


def test_a_manager_of_a_part_does_not_make_everybodys_forecast(halls):
    with pytest.raises(AccessDenied, match="access_whole_only"):
        hall_forecasts.make(halls, replace(MANAGER, scope=Scope("S1")), lambda _: None)
    assert hall_forecasts.latest(halls, CLERK, "visits") is None


def test_without_a_forecast_nobody_is_asked_for(halls):
    assert hall_staffing.staffing(halls, CLERK, "H0").empty
    assert hall_forecasts.latest(halls, CLERK, "wait_min") is None


def test_too_few_days_are_told_and_nothing_is_kept(town_database, town, tmp_path):
    rows = hour_rows()
    fill(town_database, town, tmp_path, rows[rows["hour"] >= "2026-06-25"])
    with pytest.raises(UserError) as said:
        hall_forecasts.make(town_database, MANAGER, lambda _: None)
    assert said.value.code == "forecast_too_short"
    assert town_database.query("SELECT count(*) AS n FROM hall_forecast_runs")["n"][0] == 0


def test_a_clerk_sees_and_does_not_make(halls):
    with pytest.raises(AccessDenied):
        hall_forecasts.make(halls, CLERK, lambda _: None)
    with pytest.raises(UserError) as said:
        hall_forecasts.latest(halls, CLERK, "queue")
    assert said.value.code == "forecast_measure"


def test_days_off_and_days_worked_for_them_are_named():
    days = hall_forecasts.calendar(date(2026, 10, 1), 10, "zh_CN")
    assert days[0].holiday == "国庆节"
    assert days[9].is_made_up is True
