"""Fences drawn, ended, undone; who stayed within them, and who only drove past."""

import dataclasses
from typing import Any

import pytest

from app.store.database import Database
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import crew_fences, derive
from app.use_cases.crew_fences import FenceWish
from grid_cells.errors import AccessDenied, UserError
from tests.app.crew_town import (
    BOSS,
    CREW,
    LAT,
    LON,
    MANAGER,
    MATE,
    at,
    events,
    fix,
    go_off,
    go_on,
    rows,
    set_now,
    tell,
)

SITE = FenceWish("site", "West gate", 5, LON, LAT, 100)


def told(db: Database, actor: Any = BOSS) -> list[tuple[str, str, float]]:
    frame = crew_fences.events(db, actor, at(-600), at(600))
    minutes = (frame["at"] - at(0)).dt.total_seconds() / 60
    return list(zip(frame["crew_id"], frame["event"], minutes, strict=True))


def test_a_stay_raises_an_event_and_driving_past_raises_nothing(town_database: Database) -> None:
    db = town_database
    crew_fences.add(db, BOSS, SITE)
    go_on(db)
    set_now(db, 60)
    tell(db, fix(1, 900), fix(2, 30), fix(3, -400), fix(4, -900))
    assert told(db) == []
    assert rows(db, "fence_stays") == 0
    tell(db, fix(10, 50), fix(12, 40), fix(18, 20))
    assert told(db) == [("C0", "entered", 15.0)]
    tell(db, fix(40, 20), fix(41, 400))
    assert told(db) == [("C0", "left", 41.0), ("C0", "entered", 15.0)]
    assert rows(db, "fence_stays") == 1


def test_a_late_batch_mends_what_an_early_one_told(town_database: Database) -> None:
    """Fixes kept in a basement come after those told outside."""
    db = town_database
    crew_fences.add(db, BOSS, SITE)
    go_on(db)
    set_now(db, 60)
    tell(db, fix(1, 50), fix(20, 50))
    assert told(db) == [("C0", "entered", 6.0)]
    tell(db, fix(3, 600))
    assert told(db) == []


def test_an_event_is_known_from_its_moment_on(town_database: Database) -> None:
    db = town_database
    crew_fences.add(db, BOSS, SITE)
    go_on(db)
    set_now(db, 60)
    tell(db, fix(10, 50), fix(18, 20), fix(30, 500))
    set_now(db, 14)
    assert told(db) == []
    set_now(db, 20)
    assert told(db) == [("C0", "entered", 15.0)]


def test_off_duty_ends_a_stay_and_two_members_are_one_crew(town_database: Database) -> None:
    db = town_database
    crew_fences.add(db, BOSS, SITE)
    go_on(db)
    go_on(db, MATE, "on-mate")
    set_now(db, 30)
    tell(db, fix(1, 10), fix(9, 10))
    tell(db, fix(4, 10), fix(20, 10), actor=MATE)
    go_off(db)
    assert told(db) == [("C0", "entered", 6.0)]
    go_off(db, MATE, "off-mate")
    assert told(db) == [("C0", "left", 30.0), ("C0", "entered", 6.0)]


def test_a_fence_of_an_area_holds_its_cells(town_database: Database) -> None:
    db = town_database
    derive.refresh(db, at(0))
    crew_fences.add(db, BOSS, FenceWish("area", "Western area", 5, area_id="W-01"))
    go_on(db)
    set_now(db, 60)
    tell(db, fix(1, 300), fix(5, -500), fix(20, -500))
    assert told(db) == [("C0", "entered", 10.0)]
    fence = crew_fences.listing(db, BOSS).iloc[0]
    assert (fence["subject"], fence["unit_id"]) == ("W-01", "S1")


def test_ending_and_undo_work_out_stays_anew(town_database: Database) -> None:
    db = town_database
    added = crew_fences.add(db, BOSS, SITE)
    go_on(db)
    set_now(db, 30)
    tell(db, fix(1, 10), fix(9, 10))
    ended = crew_fences.end(db, BOSS, added.fence_id)
    assert crew_fences.listing(db, BOSS).empty
    assert told(db) == [("C0", "entered", 6.0)]  # what was found stays on record
    crew_fences.undo(db, BOSS, ended)
    assert len(crew_fences.listing(db, BOSS)) == 1
    crew_fences.undo(db, BOSS, added)
    assert (rows(db, "fences"), rows(db, "fence_stays")) == (0, 0)
    noted = events(db, list(crew_fences._EVENTS.values()))
    assert noted["event"].tolist() == [
        "fence_added", "fence_ended", "fence_opened_again", "fence_taken_back",
    ]  # fmt: skip
    assert not noted["detail"].str.contains("West|112", regex=True).any()
    with pytest.raises(UserError, match="fence_unknown"):
        crew_fences.undo(db, BOSS, added)
    with pytest.raises(UserError, match="fence_unknown"):
        crew_fences.end(db, BOSS, 77)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "  "}, "fence_name"), ({"name": "x" * 61}, "fence_name"),
        ({"dwell_min": -1}, "fence_dwell"), ({"dwell_min": 241}, "fence_dwell"),
        ({"radius_m": 19}, "fence_radius"), ({"radius_m": None}, "fence_radius"),
        ({"radius_m": 5001}, "fence_radius"), ({"lon": None}, "fence_place"),
        ({"lat": 91}, "fence_place"), ({"kind": "area", "area_id": "X"}, "fence_area_empty"),
    ],
)  # fmt: skip
def test_what_is_no_fence_is_refused(
    town_database: Database, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(UserError, match=code):
        crew_fences.add(town_database, BOSS, dataclasses.replace(SITE, **change))
    assert rows(town_database, "fences") == 0


def test_a_scope_draws_within_itself_and_sees_its_own(town_database: Database) -> None:
    db = town_database
    derive.refresh(db, at(0))
    sight: Any = ScopedDatabase(db, Scope("S2"))
    boss = dataclasses.replace(BOSS, scope=Scope("S2"))
    east = dataclasses.replace(SITE, name="East", lon=LON + 0.006)
    west = dataclasses.replace(SITE, name="West", lon=LON - 0.006)
    crew_fences.add(sight, boss, east)
    for wish in (west, FenceWish("area", "W", 5, area_id="W-01")):
        with pytest.raises(AccessDenied, match="access_out_of_scope"):
            crew_fences.add(sight, boss, wish)
    crew_fences.add(db, BOSS, west)
    assert crew_fences.listing(sight, boss)["name"].tolist() == ["East"]
    number = int(crew_fences.listing(db, BOSS).set_index("name").loc["West", "fence_id"])
    with pytest.raises(UserError, match="fence_unknown"):
        crew_fences.end(sight, boss, number)


def test_events_are_for_who_sees_tracks_and_for_ones_own_crew(town_database: Database) -> None:
    db = town_database
    crew_fences.add(db, BOSS, SITE)
    go_on(db)
    set_now(db, 30)
    tell(db, fix(1, 10), fix(9, 10))
    assert len(told(db)) == len(told(db, CREW)) == 1
    assert told(db, MANAGER) == []
