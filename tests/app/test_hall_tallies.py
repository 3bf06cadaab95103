"""Taps: what is sent twice counts once, one's own can be taken back, none of what is refused."""

import json
from datetime import timedelta

import pytest

from app.store.scope import Scope
from app.use_cases import hall_load, hall_tallies
from app.use_cases.actors import Actor
from app.use_cases.hall_tallies import Tap
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import NOW

CLERK = Actor("user:town-clerk", "孙悦", "hall_clerk")
OTHER = Actor("user:town-manager", "周明", "manager")


def fates(db, taps, actor=CLERK):
    return [(one.fate, one.code) for one in hall_tallies.take(db, actor, taps)]


def held(db):
    table = hall_load.hour_load(
        db, OTHER, ["H0"], NOW - timedelta(days=1), NOW + timedelta(hours=1)
    )
    return int(table["tallies"].sum())


def test_a_tap_counts_once_and_at_the_moment_it_was_tapped(town_database):
    tap = Tap("K1", "H0", "enquiry", timedelta(hours=3))
    assert fates(town_database, [tap, tap]) == [("done", ""), ("repeated", "")]
    assert fates(town_database, [tap]) == [("repeated", "")]
    assert held(town_database) == 1
    row = town_database.query("SELECT tapped_at, received_at, user_id FROM hall_tallies").iloc[0]
    assert (row["tapped_at"], row["received_at"]) == (NOW - timedelta(hours=3), NOW)
    assert row["user_id"] == CLERK.id


def test_a_wrong_clock_moves_nothing_into_the_future(town_database):
    assert fates(town_database, [Tap("K1", "H0", "enquiry", -timedelta(hours=3))]) == [("done", "")]
    row = town_database.query("SELECT tapped_at FROM hall_tallies").iloc[0]
    assert row["tapped_at"] == NOW


def test_ones_own_tap_is_taken_back_once_and_nobody_elses(town_database):
    hall_tallies.take(town_database, CLERK, [Tap("K1", "H0", "enquiry"), Tap("K2", "H0", "pv")])
    back = Tap("K2", is_back=True)
    assert fates(town_database, [back], OTHER) == [("refused", "tally_not_yours")]
    assert fates(town_database, [back, back]) == [("done", ""), ("repeated", "")]
    assert held(town_database) == 1
    assert fates(town_database, [Tap("K9", is_back=True)]) == [("refused", "tally_not_yours")]


def test_what_cannot_be_is_refused_and_the_rest_is_kept(town_database):
    taps = [
        Tap("A", "H7", "enquiry"), Tap("B", "H0", "singing"),
        Tap("C", "H0", "enquiry", timedelta(days=8)), Tap("D", "H0", "enquiry"),
    ]  # fmt: skip
    assert fates(town_database, taps) == [
        ("refused", "tally_hall"), ("refused", "tally_matter"), ("refused", "tally_old"),
        ("done", ""),
    ]  # fmt: skip
    assert held(town_database) == 1


def test_the_audit_says_how_many_and_where(town_database):
    hall_tallies.take(town_database, CLERK, [Tap("A", "H0", "enquiry"), Tap("B", "H0", "pv")])
    hall_tallies.take(town_database, CLERK, [Tap("A", "H0", "enquiry")])  # nothing new
    rows = town_database.query("SELECT * FROM audit_log WHERE event = 'visits_tallied'")
    assert rows["subject"].tolist() == ["hall:H0"]
    assert json.loads(rows["detail"].iloc[0]) == {"taps": 2, "taken_back": 0}


def test_a_clerk_of_one_station_sees_its_halls_alone(town_database, town):
    clerk = Actor("user:town-clerk", "孙悦", "hall_clerk", Scope("S1"))
    seen = {one["id"] for one in hall_tallies.day(town_database, clerk)["halls"]}
    assert seen < {"H0", "H1"}
    for hall in {"H0", "H1"} - seen:
        assert fates(town_database, [Tap("A", hall, "enquiry")], clerk) == [
            ("refused", "tally_hall")
        ]


def test_only_who_may_taps(town_database):
    with pytest.raises(AccessDenied):
        hall_tallies.take(town_database, Actor("x", "", "planner"), [Tap("A", "H0", "enquiry")])


@pytest.mark.parametrize("given", [{}, {"taps": "x"}, {"taps": [{"key": "a"}] * 501}])
def test_a_body_without_a_list_of_taps_is_refused_whole(given):
    with pytest.raises(UserError) as caught:
        hall_tallies.read(given)
    assert caught.value.values["field"] == "taps"


def test_a_tap_that_cannot_be_read_does_not_hold_up_the_others(town_database):
    good = {"hall": "H0", "matter": "enquiry"}
    given = [
        1, {}, good | {"key": "a", "hall": 3}, good | {"key": "b", "ago_s": "x"},
        good | {"key": "c", "ago_s": float("nan")}, good | {"key": "a" * 65},
        good | {"key": "d", "ago_s": 10**400}, good | {"key": "e"},
    ]  # fmt: skip
    answers = hall_tallies.take(town_database, CLERK, hall_tallies.read({"taps": given}))
    assert [(one.key, one.code) for one in answers] == [
        ("", "tally_unreadable"), ("", "tally_unreadable"), ("a", "tally_unreadable"),
        ("b", "tally_unreadable"), ("c", "tally_unreadable"), ("", "tally_unreadable"),
        ("d", "tally_old"), ("e", ""),
    ]  # fmt: skip
    assert answers[-1].fate == "done"
    assert held(town_database) == 1


def test_matters_no_machine_counts_have_the_first_buttons(town_database):
    told = hall_tallies.day(town_database, CLERK)
    assert told["matters"][:3] == ["enquiry", "app_help", "machine_help"]
    assert len(set(told["matters"])) == len(told["matters"])
    hall_tallies.take(town_database, CLERK, [Tap("A", "H0", "pv")])
    counts = hall_tallies.day(town_database, CLERK)["counts"]
    assert counts == [{"hall": "H0", "matter": "pv", "tallies": 1}]
