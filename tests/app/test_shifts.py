"""Shifts entered, changed, taken back; one answer to who is on shift."""

import dataclasses
from typing import Any

import pytest

from app.store.database import Database
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import promise_crews, shifts
from app.use_cases.load import LoadChoice, load
from app.use_cases.shifts import ShiftWish
from grid_cells.errors import AccessDenied, UserError
from tests.app.crew_town import BOSS, LAT, LON, MANAGER, at, events, plan
from tests.conftest import LOADER, NOW

DEEDS = ("crew_shift_added", "crew_shift_changed", "crew_shift_cancelled", "crew_shift_undone")


def wish(begins: float, ends: float, kind: Any = "duty", **more: Any) -> ShiftWish:
    return ShiftWish("C0", at(begins), at(ends), kind, **more)


def held(db: Database) -> list[tuple[str, float, str]]:
    frame = shifts.roster(db, BOSS, at(-9e4), at(9e4))
    minutes = (frame["starts_at"] - NOW).dt.total_seconds() / 60
    return list(zip(frame["crew_id"], minutes, frame["kind"], strict=True))


def on(db: Database, minutes: float = 0) -> set[str]:
    return set(shifts.on_shift(db, at(minutes)).index)


def test_a_shift_is_entered_changed_and_cancelled_each_on_record(town_database: Database) -> None:
    db = town_database
    added = shifts.add(db, BOSS, wish(60, 120, note="张三 13900000000"))
    assert (added.before, held(db)) == (None, [("C0", 60, "duty")])
    shifts.change(db, BOSS, at(60), wish(90, 180, "standby"))
    assert held(db) == [("C0", 90, "standby")]
    shifts.cancel(db, BOSS, "C0", at(90))
    assert held(db) == []
    noted = events(db, DEEDS)
    assert noted["event"].tolist() == list(DEEDS[:3])
    assert set(noted["subject"]) == {"crew:C0"}
    assert not noted["detail"].str.contains("张三|139", regex=True).any()


def test_each_deed_is_undone_unless_somebody_has_moved_on(town_database: Database) -> None:
    db = town_database
    first = shifts.add(db, BOSS, wish(60, 120, vehicle="E·1"))
    changed = shifts.change(db, BOSS, at(60), wish(90, 180))
    with pytest.raises(UserError, match="shift_changed_since"):
        shifts.undo(db, BOSS, first)
    shifts.undo(db, BOSS, changed)
    row = shifts.roster(db, BOSS, at(0), at(300)).iloc[0]
    assert (row["starts_at"], row["vehicle"]) == (at(60), "E·1")
    gone = shifts.cancel(db, BOSS, "C0", at(60))
    shifts.undo(db, BOSS, gone)
    assert held(db) == [("C0", 60, "duty")]
    shifts.undo(db, BOSS, first)
    assert held(db) == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (wish(60, 60), "shift_span"),
        (wish(60, 60 + 36 * 60 + 1), "shift_long"),
        (wish(60, 61, "party"), "shift_kind_unknown"),
        (wish(-120, 0), "shift_over"),
        (wish(119, 200), "shift_overlaps"),
        (wish(60, 90, "leave"), "shift_overlaps"),  # two rows would begin at one moment
    ],
)
def test_what_cannot_be_is_refused(town_database: Database, wanted: ShiftWish, code: str) -> None:
    plan(town_database, "C0", (60, 120, "duty"))
    with pytest.raises(UserError, match=code):
        shifts.add(town_database, BOSS, wanted)
    assert held(town_database) == [("C0", 60, "duty")]


def test_leave_may_lie_over_a_shift_and_takes_it_away(town_database: Database) -> None:
    plan(town_database, "C0", (-60, 120, "duty"))
    assert on(town_database) == {"C0", "C1"}
    shifts.add(town_database, BOSS, wish(-30, 60, "leave"))
    assert (on(town_database), on(town_database, 60)) == ({"C1"}, {"C0", "C1"})


def test_what_is_over_is_not_changed_any_more(town_database: Database) -> None:
    plan(town_database, "C0", (-120, -60, "duty"))
    for deed in (
        lambda: shifts.cancel(town_database, BOSS, "C0", at(-120)),
        lambda: shifts.change(town_database, BOSS, at(-120), wish(60, 90)),
    ):
        with pytest.raises(UserError, match="shift_over"):
            deed()
    with pytest.raises(UserError, match="shift_unknown"):
        shifts.cancel(town_database, BOSS, "C0", at(-119))


def test_promises_and_shifts_give_one_answer(town_database: Database) -> None:
    db = town_database
    assert set(promise_crews.on_shift(db, NOW).index) == {"C0", "C1"}
    plan(db, "C1", (60, 120, "duty"))
    assert set(promise_crews.on_shift(db, NOW).index) == on(db) == {"C0"}
    assert on(db, 90) == {"C0", "C1"}


def test_a_shift_may_start_elsewhere_than_the_base(town_database: Database) -> None:
    plan(town_database, "C0", (-60, 60, "duty"))
    sql = "UPDATE crew_shifts SET lon = ?, lat = ?, cell_id = 7"
    town_database.write(lambda c: c.execute(sql, [LON, LAT]))
    found = shifts.on_shift(town_database, NOW)
    assert found.loc["C0", ["lon", "lat", "cell_id", "kind"]].tolist() == [LON, LAT, 7, "duty"]
    assert found.loc["C1", "lon"] != LON
    assert shifts.on_shift(town_database, at(61)).empty is False


def test_a_changed_shift_keeps_its_own_start_place_and_the_undone_one_has_it_back(
    town_database: Database,
) -> None:
    db = town_database
    plan(db, "C0", (60, 120, "duty"))
    where = "lon = ?, lat = ?, cell_id = 7, given_x = 1, batch_id = 3, row_no = 5"
    db.write(lambda c: c.execute(f"UPDATE crew_shifts SET {where}", [LON, LAT]))
    asked = "SELECT lon, lat, cell_id, given_x, batch_id, row_no FROM crew_shifts"
    loaded = [[LON, LAT, 7, 1, 3, 5]]
    shifts.change(db, BOSS, at(60), wish(90, 180))
    assert db.query(asked).to_numpy().tolist() == loaded
    gone = shifts.cancel(db, BOSS, "C0", at(90))
    shifts.undo(db, BOSS, gone)
    assert db.query(asked).to_numpy().tolist() == loaded


def test_a_crew_out_of_sight_can_be_given_no_shift(town_database: Database) -> None:
    sight = ScopedDatabase(town_database, Scope("S2"))
    boss = dataclasses.replace(BOSS, scope=Scope("S2"))
    # C1 repairs in the eastern area, which S2 keeps; C0 works for the western one alone
    shifts.add(sight, boss, ShiftWish("C1", at(60), at(90)))
    assert held(town_database) == [("C1", 60, "duty")]
    for deed in (
        lambda: shifts.add(sight, boss, wish(60, 90)),
        lambda: shifts.cancel(sight, boss, "C0", at(60)),
    ):
        with pytest.raises(AccessDenied, match="access_out_of_scope"):
            deed()
    assert set(shifts.roster(sight, boss, at(0), at(99))["crew_id"]) == {"C1"}


def test_who_works_with_whom_is_masked(town_database: Database) -> None:
    shifts.add(town_database, BOSS, wish(60, 90, note="with 李安"))
    nobody = dataclasses.replace(MANAGER, role="analyst")
    assert shifts.roster(town_database, BOSS, at(0), at(99))["note"].tolist() == ["with 李安"]
    assert "李安" not in str(shifts.roster(town_database, nobody, at(0), at(99)).to_dict())


def test_a_file_brings_shifts_and_a_second_file_replaces_them(
    town_database: Database, tmp_path: Any
) -> None:
    file = tmp_path / "s.csv"
    file.write_text(
        "班组,开始时间,结束时间,班次类型\nC0,2026-07-16 08:00,2026-07-16 20:00,值班\n"
        "C1,2026-07-16 08:00,2026-07-16 20:00,休假\nC1,2026-07-16 21:00,2026-07-16 20:00,加班\n"
        "C1,2026-07-17 08:00,2026-07-19 20:00,加班\nC1,2026-07-20 08:00,2026-07-20 09:00,午休\n"
    )
    done = load(town_database, LOADER, "crew_shifts", [file], LoadChoice())
    codes = done.rejects[["row", "code"]].to_numpy().tolist()
    assert codes == [[4, "ends_before_start"], [5, "shift_too_long"], [6, "unknown_choice"]]
    assert on(town_database) == {"C0"}
    file.write_text("crew_id,starts_at,ends_at\nC0,2026-07-16 08:00,2026-07-16 12:00\n")
    load(town_database, LOADER, "crew_shifts", [file], LoadChoice())
    assert on(town_database) == set()
    assert on(town_database, 24 * 60) == {"C0", "C1"}  # nothing is entered for tomorrow


def test_a_past_moment_is_asked_like_any_other(town_database: Database) -> None:
    plan(town_database, "C0", (-600, -300, "duty"))
    assert (on(town_database, -400), on(town_database, -200)) == ({"C0", "C1"}, {"C1"})
