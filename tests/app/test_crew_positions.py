"""Positions: within a duty alone, once, for those entitled, and each look on record."""

import dataclasses
import logging
import math
from datetime import timedelta
from typing import Any

import pytest

from app.store import crew_positions as store
from app.store.database import Database
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import crew_positions, retention
from grid_cells.errors import AccessDenied, UserError
from tests.app.crew_town import (
    BOSS,
    CREW,
    MANAGER,
    MATE,
    NO_CREW,
    OTHERS,
    at,
    events,
    every_table,
    fix,
    go_off,
    go_on,
    plan,
    rows,
    set_now,
    tell,
)


def test_outside_duties_nothing_whatsoever_is_stored(
    town_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither before the first duty, nor between two, nor after the last, nor by a mate's duty."""
    db = town_database
    caplog.set_level(logging.DEBUG)
    go_on(db, MATE, "on-mate")
    before = every_table(db)
    told = tell(db, fix(-5), fix(0), fix(1))
    assert (told.is_on, set(told.verdicts)) == (False, {"outside_duty"})
    assert every_table(db) == before
    go_on(db)
    set_now(db, 10)
    go_off(db)
    set_now(db, 30)
    go_on(db, key="on-2")
    set_now(db, 40)
    go_off(db, key="off-2")
    set_now(db, 60)
    before = every_table(db)
    told = tell(db, fix(-0.1), fix(10), fix(20), fix(29.9), fix(40), fix(55))
    assert (told.is_on, set(told.verdicts)) == (False, {"outside_duty"})
    assert every_table(db) == before
    assert "112." not in caplog.text
    assert not db.query("SELECT detail FROM audit_log")["detail"].str.contains("30.42|112.51").any()


def test_after_the_shift_and_its_grace_nothing_is_stored_even_before_the_rule_ran(
    town_database: Database,
) -> None:
    db = town_database
    plan(db, "C0", (-60, 60, "duty"))
    go_on(db)
    set_now(db, 200)
    assert tell(db, fix(119), fix(120), fix(180)).verdicts == (
        "kept", "outside_duty", "outside_duty",
    )  # fmt: skip
    assert rows(db, "crew_positions") == 1


def test_what_a_phone_kept_without_a_signal_is_stored_when_it_comes_late(
    town_database: Database,
) -> None:
    db = town_database
    go_on(db)
    set_now(db, 30)
    go_off(db)
    set_now(db, 300)
    told = tell(db, fix(5), fix(29), fix(31))
    assert told.counts() == {"kept": 2, "outside_duty": 1}
    assert not told.is_on
    frame = db.query("SELECT * FROM crew_positions ORDER BY seen_at")
    assert frame["received_at"].tolist() == [at(300)] * 2
    assert (frame["cell_id"] > 0).all()


def test_a_batch_sent_twice_counts_once(town_database: Database) -> None:
    go_on(town_database)
    set_now(town_database, 10)
    batch = [fix(minute, east=20 * minute) for minute in range(5)]
    assert tell(town_database, *batch).counts() == {"kept": 5}
    assert tell(town_database, *batch).counts() == {"repeated": 5}
    assert rows(town_database, "crew_positions") == 5


def test_only_the_fixes_near_a_batch_and_the_last_before_it_are_looked_at(
    town_database: Database,
) -> None:
    go_on(town_database)
    set_now(town_database, 400)
    tell(town_database, fix(10), fix(100, east=9), fix(300, east=20), fix(399, east=30))
    near = store.of_user(town_database.read(), CREW.id, at(250), at(350))
    assert near["seen_at"].tolist() == [at(100), at(300)]
    assert tell(town_database, fix(300, east=20), fix(301, east=90_000)).verdicts == (
        "repeated", "jump",
    )  # fmt: skip


def test_a_phone_whose_clock_is_wrong_is_believed_by_the_age_of_its_fixes(
    town_database: Database,
) -> None:
    db = town_database
    go_on(db)
    set_now(db, 10)
    ahead = timedelta(days=135)
    wrong = [dataclasses.replace(one, at=one.at + ahead) for one in (fix(-2), fix(3), fix(9))]
    told = crew_positions.store_positions(db, CREW, wrong, at(10) + ahead)
    assert told.verdicts == ("outside_duty", "kept", "kept")
    assert db.query("SELECT max(seen_at) AS t FROM crew_positions")["t"].iloc[0] == at(9)


def test_too_many_at_once_and_people_without_a_crew_are_refused(town_database: Database) -> None:
    with pytest.raises(UserError, match="positions_too_many"):
        tell(town_database, *[fix(0)] * (crew_positions.MOST_FIXES + 1))
    with pytest.raises(UserError, match="duty_no_crew"):
        tell(town_database, fix(0), actor=NO_CREW)


def test_the_map_tells_who_is_on_where_last_seen_and_how_old_that_is(
    town_database: Database,
) -> None:
    db = town_database
    go_on(db)
    set_now(db, 30)
    tell(db, fix(1), fix(5, east=100))
    seen = crew_positions.now_seen(db, BOSS)
    c0, c1 = seen.loc["C0"], seen.loc["C1"]
    assert (c0["is_on"], c0["since"], c0["age_min"], c0["is_old"]) == (True, at(0), 25, True)
    assert c0["lon"] == pytest.approx(112.5140 + 100 / 95_900)
    assert (bool(c1["is_on"]), bool(c1["is_on_shift"])) == (False, True)
    assert seen["base_lon"].notna().all()
    earlier = crew_positions.now_seen(db, BOSS, at(10)).loc["C0"]
    assert earlier["is_on"]
    assert math.isnan(earlier["lon"])  # the fixes had not come in yet


def test_places_are_withheld_from_who_may_not_see_tracks_but_not_ones_own(
    town_database: Database,
) -> None:
    db = town_database
    go_on(db)
    set_now(db, 3)
    tell(db, fix(1))
    for who in (MANAGER, OTHERS, MATE):
        row = crew_positions.now_seen(db, who).loc["C0"]
        assert row["is_on"]
        assert row[["lon", "lat"]].isna().all()
    assert crew_positions.now_seen(db, CREW).loc["C0", ["lon", "lat"]].notna().all()


def looks(db: Database) -> list[tuple[str, str]]:
    frame = events(db, [crew_positions.LOOKED])
    return list(zip(frame["actor"], frame["subject"], strict=True))


def test_a_track_is_for_the_entitled_and_each_look_is_on_record_once(
    town_database: Database,
) -> None:
    db = town_database
    go_on(db)
    go_on(db, MATE, "on-mate")
    set_now(db, 5)
    tell(db, fix(1), fix(2, 50))
    tell(db, fix(1.5), actor=MATE)
    span = (at(-60), at(60))
    assert len(crew_positions.track(db, BOSS, "C0", *span)) == 3
    assert len(crew_positions.track(db, BOSS, "C0", *span)) == 3
    assert looks(db) == [(BOSS.id, "crew:C0")]
    db.write(lambda c: c.execute("UPDATE audit_log SET happened_at = happened_at - INTERVAL 1 DAY"))
    crew_positions.track(db, BOSS, "C0", *span)
    assert len(looks(db)) == 2
    own = crew_positions.track(db, CREW, "C0", *span)
    assert (len(own), set(own["user_id"]), len(looks(db))) == (2, {CREW.id}, 2)
    for who, crew in ((OTHERS, "C0"), (MANAGER, "C0"), (CREW, "C1")):
        with pytest.raises(AccessDenied, match="access_no_permission"):
            crew_positions.track(db, who, crew, *span)


def test_a_track_that_holds_nothing_of_others_is_no_look(town_database: Database) -> None:
    assert crew_positions.track(town_database, BOSS, "C0", at(-60), at(60)).empty
    assert looks(town_database) == []


def test_a_scoped_dispatcher_sees_the_crews_of_their_branch_alone(town_database: Database) -> None:
    db = town_database
    go_on(db)
    set_now(db, 3)
    tell(db, fix(1))
    boss = dataclasses.replace(BOSS, scope=Scope("S2"))
    sight: Any = ScopedDatabase(db, Scope("S2"))
    assert crew_positions.now_seen(sight, boss).index.tolist() == ["C1"]
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        crew_positions.track(sight, boss, "C0", at(-60), at(60))


def test_positions_are_kept_for_days(town_database: Database) -> None:
    db = town_database
    db.write(lambda c: c.execute("UPDATE meta SET value = 'own' WHERE name = 'origin'"))
    assert crew_positions.kept_days(db) == 7
    retention.set_days(db, dataclasses.replace(BOSS, role="admin"), "crew_positions", 3)
    assert crew_positions.kept_days(db) == 3
