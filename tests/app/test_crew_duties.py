"""On and off duty: told of tracks, once, within a shift; what is open; what nobody ended."""

from typing import Any

import pytest

from app.store.database import Database
from app.use_cases import crew_duties, shifts, work_order_moves
from app.use_cases.work_order_moves import Step
from grid_cells.errors import UserError
from tests.app.crew_town import (
    BOSS,
    CREW,
    MATE,
    NO_CREW,
    OTHERS,
    at,
    events,
    fix,
    go_off,
    go_on,
    plan,
    rows,
    set_now,
    tell,
)


def duties(db: Database) -> list[dict[str, Any]]:
    return db.query("SELECT * FROM crew_duties ORDER BY duty_id").to_dict("records")


def test_a_duty_has_place_and_time_and_the_record_only_that_it_began(
    town_database: Database,
) -> None:
    db = town_database
    state = go_on(db)
    assert (state.is_on, state.since, state.crew_id) == (True, at(0), "C0")
    (duty,) = duties(db)
    assert (duty["on_at"], duty["on_accuracy_m"], duty["told_of_tracks"]) == (at(0), 9.0, True)
    assert duty["on_cell_id"] > 0
    set_now(db, 30)
    state = go_off(db, lon=112.6, lat=30.5)
    assert not state.is_on
    (duty,) = duties(db)
    assert (duty["off_at"], duty["off_lon"], duty["off_why"]) == (at(30), 112.6, "own")
    noted = events(db, ["crew_duty_begun", "crew_duty_ended"])
    assert noted["event"].tolist() == ["crew_duty_begun", "crew_duty_ended"]
    assert not noted["detail"].str.contains(r"112\.|30\.4|lon", regex=True).any()


def test_a_step_sent_twice_counts_once(town_database: Database) -> None:
    db = town_database
    go_on(db)
    set_now(db, 5)
    again = go_on(db)
    assert (again.is_repeated, again.since, rows(db, "crew_duties")) == (True, at(0), 1)
    go_off(db)
    set_now(db, 6)
    assert go_off(db).is_repeated
    late = go_on(db)  # the old step, come late once more, begins nothing
    assert (late.is_repeated, late.is_on, rows(db, "crew_duties")) == (True, False, 1)


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (lambda db: go_on(db, told_of_tracks=False), "duty_not_told"),
        (lambda db: go_on(db, NO_CREW), "duty_no_crew"),
        (lambda db: go_on(db, key=""), "duty_step_unreadable"),
        (lambda db: go_on(db, key="k" * 65), "duty_step_unreadable"),
        (go_off, "duty_not_on"),
    ],
)
def test_what_cannot_be_is_refused_and_stores_nothing(
    town_database: Database, deed: Any, code: str
) -> None:
    with pytest.raises(UserError, match=code):
        deed(town_database)
    assert rows(town_database, "crew_duties") == 0


def test_nobody_is_on_duty_twice(town_database: Database) -> None:
    go_on(town_database)
    with pytest.raises(UserError, match="duty_already_on"):
        go_on(town_database, key="on-2")


def test_a_duty_begins_within_a_shift_or_shortly_before_it(town_database: Database) -> None:
    db = town_database
    plan(db, "C0", (31, 200, "duty"))
    with pytest.raises(UserError, match="duty_no_shift") as refused:
        go_on(db)
    assert refused.value.values["at"] == at(31)
    set_now(db, 1)
    state = go_on(db)
    assert (state.is_on, state.until, state.ends_by) == (True, at(200), at(260))


def test_who_is_called_in_gets_overtime_until_the_next_shift(town_database: Database) -> None:
    db = town_database
    plan(db, "C0", (180, 200, "duty"))
    state = go_on(db, is_called_in=True)
    assert state.until == at(200)  # overtime and shift follow each other
    row = shifts.roster(db, BOSS, at(0), at(100)).iloc[0]
    assert (row["kind"], row["starts_at"], row["ends_at"]) == ("overtime", at(0), at(180))


def test_a_duty_that_nobody_ends_is_ended_by_the_rule_and_the_person_is_told(
    town_database: Database,
) -> None:
    db = town_database
    plan(db, "C0", (-60, 60, "duty"))
    go_on(db)
    set_now(db, 119)
    assert crew_duties.end_forgotten(db) == 0
    set_now(db, 200)
    assert not crew_duties.state(db, CREW).is_on  # even before the rule has run
    assert crew_duties.end_forgotten(db) == 1
    (duty,) = duties(db)
    assert (duty["off_at"], duty["off_why"]) == (at(120), "forgotten")
    assert crew_duties.state(db, CREW).ended_by_rule == at(120)
    assert crew_duties.end_forgotten(db) == 0
    go_on(db, key="on-2", is_called_in=True)
    assert crew_duties.state(db, CREW).ended_by_rule is None
    assert events(db, ["crew_duty_forgotten"])["actor"].tolist() == ["system"]


def test_a_crew_at_work_is_not_forgotten_but_no_duty_lasts_over_a_day(
    town_database: Database,
) -> None:
    db = town_database
    plan(db, "C0", (-60, 60, "duty"))
    go_on(db)
    hold(db, "W1")
    db.write(lambda c: c.execute("UPDATE work_order_crews SET arrived_at = ?", [at(30)]))
    set_now(db, 600)
    assert crew_duties.end_forgotten(db) == 0
    set_now(db, 24 * 60)
    assert crew_duties.end_forgotten(db) == 1


def test_without_a_stated_shift_a_duty_ends_within_a_day(town_database: Database) -> None:
    db = town_database
    db.write(lambda c: c.execute("UPDATE crews SET shift = NULL"))
    assert go_on(db).until is None
    set_now(db, 24 * 60 - 1)
    assert crew_duties.state(db, CREW).is_on
    set_now(db, 24 * 60)
    assert crew_duties.end_forgotten(db) == 1


def test_a_duty_is_as_known_at_the_moment(town_database: Database) -> None:
    """What a demo clock has already seen ends later than it stands now."""
    db = town_database
    go_on(db)
    set_now(db, 60)
    tell(db, fix(50))
    go_off(db)
    set_now(db, 30)
    assert crew_duties.state(db, CREW).is_on
    go_off(db, key="off-2")
    (duty,) = duties(db)
    assert duty["off_at"] == at(30)
    assert rows(db, "crew_positions") == 0  # nothing may lie beyond the end


def insert(connection: Any, table: str, **row: Any) -> None:
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    values = list(row.values())
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


def hold(db: Database, order: str, crew: str = "C0") -> None:
    """An order that a crew has accepted."""

    def change(connection: Any) -> None:
        number = rows(db, "work_orders") + 1
        insert(
            connection, "work_orders", order_id=order, kind="inspection", state="accepted",
            registered_at=at(-60), priority=5, version=1, is_in_pool=False,
        )  # fmt: skip
        insert(
            connection, "work_order_crews", holding_id=number, order_id=order, crew_id=crew,
            part="lead", how="manual", told_at=at(-50), accepted_at=at(-40), assigned_by="x",
        )  # fmt: skip
        insert(
            connection, "work_order_events", event_id=number, order_id=order, crew_id=crew,
            happened_at=at(-40), move="accepted", state_before="told", state_after="accepted",
            actor="x",
        )  # fmt: skip

    db.write(change)


def test_what_is_open_must_be_handed_over_or_kept_with_a_reason(town_database: Database) -> None:
    db = town_database
    hold(db, "W1")
    hold(db, "W2")
    hold(db, "W3", "C1")
    go_on(db)
    state = crew_duties.state(db, CREW)
    assert sorted(state.open_orders) == ["W1", "W2"]
    assert [one for one, _ in state.next_crews] == ["C1"]
    with pytest.raises(UserError, match="duty_open_orders") as refused:
        go_off(db, open_orders={"W1": "goes_on"})
    assert refused.value.values == {"count": 1, "orders": "W2"}
    with pytest.raises(UserError, match="duty_keep_reason"):
        go_off(db, open_orders={"W1": "no wish", "W2": "goes_on"})
    assert crew_duties.state(db, CREW).is_on
    assert not go_off(db, open_orders={"W1": "goes_on", "W2": "crew:C1"}).is_on
    assert duties(db)[0]["off_why"] == "handed_over"
    holders = db.query(
        "SELECT order_id, crew_id FROM work_order_crews WHERE ended_at IS NULL ORDER BY ALL"
    )
    assert holders.to_numpy().tolist() == [["W1", "C0"], ["W2", "C1"], ["W3", "C1"]]


def test_off_duty_that_comes_after_the_rule_ended_it_still_hands_the_orders_over(
    town_database: Database,
) -> None:
    """Made without a line: the rule ended the duty meanwhile, and another order came in."""
    db = town_database
    plan(db, "C0", (-60, 60, "duty"))
    for order in ("W1", "W2", "W3"):
        hold(db, order)
    db.write(lambda c: c.execute("UPDATE work_order_crews SET arrived_at = NULL"))
    go_on(db)
    set_now(db, 300)
    assert crew_duties.end_forgotten(db) == 1
    wanted = {"W1": "goes_on", "W2": "crew:C1"}
    for _ in range(2):
        state = go_off(db, open_orders=wanted)
        assert (state.is_on, state.is_repeated) == (False, True)
    holders = db.query(
        "SELECT order_id, crew_id FROM work_order_crews WHERE ended_at IS NULL ORDER BY ALL"
    )
    assert holders.to_numpy().tolist() == [["W1", "C0"], ["W2", "C1"], ["W3", "C0"]]
    assert duties(db)[0]["off_why"] == "forgotten"
    with pytest.raises(UserError, match="duty_not_on"):
        go_off(db, key="off-2")


def test_an_order_that_cannot_be_handed_over_keeps_the_duty_on(town_database: Database) -> None:
    db = town_database
    hold(db, "W1")
    go_on(db)
    for crew in ("nobody", "C0"):
        with pytest.raises(UserError, match="crew_unknown"):
            go_off(db, open_orders={"W1": f"crew:{crew}"})
    assert crew_duties.state(db, CREW).is_on


def test_a_crew_of_another_station_is_neither_named_nor_sent_an_order(
    town_database: Database,
) -> None:
    db = town_database
    db.write(lambda c: c.execute("UPDATE crews SET unit_id = 'S2' WHERE crew_id = 'C1'"))
    hold(db, "W1")
    go_on(db)
    assert crew_duties.state(db, CREW).next_crews == ()
    with pytest.raises(UserError, match="crew_unknown"):
        go_off(db, open_orders={"W1": "crew:C1"})
    with pytest.raises(UserError, match="crew_unknown"):
        work_order_moves.move(db, CREW, "W1", Step("handed_over", crew_id="C1"))


def test_while_a_mate_stays_nothing_need_be_handed_over(town_database: Database) -> None:
    db = town_database
    hold(db, "W1")
    go_on(db)
    go_on(db, MATE, "on-mate")
    go_on(db, OTHERS, "on-others")
    assert not go_off(db).is_on
    with pytest.raises(UserError, match="duty_open_orders"):
        go_off(db, MATE, "off-mate")
