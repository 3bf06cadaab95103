"""The lines of Today about halls and their devices: only what is so now, with the way there."""

from datetime import datetime
from pathlib import Path

import pytest

from app.store.database import Database
from app.use_cases import clock, today
from app.use_cases.actors import Actor
from app.use_cases.today_scene import TodayLine
from tests.app import device_town, hall_town
from tests.conftest import NOW, LittleTown

MANAGER = Actor("user:town-manager", "周明", "manager")


def lines(db: Database, at: datetime, actor: Actor = MANAGER) -> dict[str, TodayLine]:
    db.write(lambda c: clock.start_clock(c, at=at, running=False))
    return {one.code: one for one in today.lines(db, actor, at)}


@pytest.fixture
def halls(town_database: Database, town: LittleTown, tmp_path: Path) -> Database:
    hall_town.fill(town_database, tmp_path, town.frames()["halls"])
    return town_database


def test_a_full_hall_is_told_with_where_its_visitors_could_go(halls: Database) -> None:
    line = lines(halls, hall_town.at("16 10:20"))["today_halls_full"]
    assert line.severity == "amber"
    assert (line.values["hall"], line.values["wait"]) == ("营业厅0", 40)
    assert (line.values["other"], line.values["other_wait"]) == ("营业厅1", 4)
    assert line.link == {"page": "halls", "part": "now", "hall": "H0"}


def test_a_hall_that_is_not_full_is_not_told(halls: Database) -> None:
    told = lines(halls, hall_town.at("16 09:45"))
    assert not {one for one in told if one.startswith("today_halls")}


def test_devices_that_are_down_or_silent_and_who_stands_too_long(
    town_database: Database, tmp_path: Path
) -> None:
    device_town.fill(town_database, tmp_path)
    told = lines(town_database, NOW)
    standing = told["today_devices_standing"]
    assert standing.values == {"device": "P1", "hall": "营业厅0", "minutes": 12}
    down = told["today_devices_down"]
    assert down.values == {"faulty": 1, "unknown": 1}  # P2 has no paper, Q1 is silent
    assert down.since == device_town.ago(600)
    assert down.link == {"page": "halls", "part": "devices"}


def test_without_devices_nothing_is_told_of_them(town_database: Database) -> None:
    assert not {one for one in lines(town_database, NOW) if "devices" in one}
