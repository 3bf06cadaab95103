"""Devices of halls as known at the clock: states, availability, deeds with undo, events by key."""

import math

import pandas as pd
import pytest

from app.store import audit
from app.store import hall_devices as store
from app.use_cases import clock, hall_device_deeds, hall_device_events, hall_devices, tokens
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import AccessDenied, UserError
from tests.app.device_town import COLUMNS, DEVICES, add, ago, fill
from tests.conftest import LOADER

ADMIN = Actor("test:admin", "Admin", role="admin")
ROUTE = "/hall-devices"
MANAGER = Actor("town-manager", "周明", role="manager")
CLERK = Actor("town-clerk", "孙悦", role="hall_clerk")
MACHINE = Actor("town-queue", "大厅", role="queue")
PLANNER = Actor("town-planner", "吴越", role="planner")


@pytest.fixture
def halls(town_database, tmp_path):
    fill(town_database, tmp_path)
    return town_database


def table(db, actor=MANAGER):
    return hall_devices.devices(db, actor).set_index("device_id")


def set_clock(db, minutes_ago):
    db.write(lambda connection: clock.start_clock(connection, at=ago(minutes_ago), running=False))


def test_what_asks_for_a_deed_comes_first_and_silence_is_unknown(halls):
    found = table(halls)
    assert list(found.index) == ["P2", "Q1", "M1", "P1", "M2", "X1", "X2"]
    assert found["state"].tolist() == [
        "faulty", "unknown", "ok", "ok", "ok", "spare", "retired",
    ]  # fmt: skip
    assert (found.loc["P2", "fault"], found.loc["P2", "faulted_at"]) == ("paper", ago(600))
    assert found.loc["Q1", "seen_at"] == ago(180)
    assert found.loc["Q1", "age_years"] == pytest.approx(1826 / 365.2425)
    assert found["content"].dropna().to_dict() == {"M1": "outdated", "M2": "current"}
    assert found["standing_min"].dropna().to_dict() == {"P1": 12.0}


def test_the_past_is_told_as_it_was_known(halls):
    set_clock(halls, 100)
    found = table(halls)
    assert found.loc["Q1", "state"] == "ok"
    assert found.loc["M2", "content_version"] == "2026.9"
    assert found["standing_min"].isna().all()
    set_clock(halls, 601)
    assert table(halls).loc["P2", "state"] == "ok"


def test_what_came_late_was_not_known_before_it_came(halls):
    halls.write(lambda c: add(c, [("late", "Q1", "beat", 90, None)], received=30))
    set_clock(halls, 40)
    assert table(halls).loc["Q1", "seen_at"] == ago(180)
    set_clock(halls, 0)
    assert (table(halls).loc["Q1", "seen_at"], table(halls).loc["Q1", "state"]) == (ago(90), "ok")


def test_availability_is_of_the_time_known_and_spares_are_left_out(halls):
    found = hall_devices.availability(halls, MANAGER, "maker", days=1).set_index("maker")
    acme = found.loc["Acme"]
    # Q1: 21 hours, then silence; P1 all the day
    assert acme[["devices", "up_h", "down_h", "unknown_h"]].tolist() == [2, 45, 0, 3]
    assert (acme["availability"], acme["known_share"]) == (1.0, 45 / 48)
    bolt = found.loc["Bolt"]
    # P2 down for ten hours; M1 and M2 told once each within the limit
    assert bolt["down_h"] == pytest.approx(10)
    assert bolt["up_h"] == pytest.approx(14 + 0.5 + 1 / 3)
    assert bolt["unknown_h"] == pytest.approx(72 - 10 - 14 - 0.5 - 1 / 3)
    assert list(found.index) == ["Bolt", "Acme"]


def test_availability_by_hall_and_model_names_what_it_is_of(halls):
    by_hall = hall_devices.availability(halls, MANAGER, "hall")
    assert by_hall[["hall_id", "hall", "devices"]].to_numpy().tolist() == [
        ["H1", "营业厅1", 2], ["H0", "营业厅0", 3],
    ]  # fmt: skip
    by_model = hall_devices.availability(halls, MANAGER, "model")
    assert set(by_model["model"]) == {"Q-1", "P-1", "P-9", "M-1"}


@pytest.mark.parametrize(
    ("by", "days", "code"), [("colour", 30, "device_by_unknown"), ("hall", 0, "device_days"),
                             ("hall", 401, "device_days")],
)  # fmt: skip
def test_what_nobody_can_answer_is_a_persons_error(halls, by, days, code):
    with pytest.raises(UserError) as caught:
        hall_devices.availability(halls, MANAGER, by, days=days)
    assert caught.value.code == code


def test_heartbeats_joined_by_the_store_are_those_that_came(halls):
    limits = pd.DataFrame({"device_id": ["Q1"], "late_min": [59.0]})
    every = store.beats(halls.read(), limits, ago(600), ago(0), ago(0))
    assert (every["from_at"] == every["to_at"]).all()
    limits["late_min"] = 60.0
    joined = store.beats(halls.read(), limits, ago(600), ago(0), ago(0))
    assert joined[["from_at", "to_at"]].to_numpy().tolist() == [
        [every["from_at"].min(), every["to_at"].max()]
    ]
    assert every["to_at"].max() == ago(180)


def test_a_clerk_reports_a_fault_says_it_repaired_and_takes_each_back(halls):
    key = hall_device_deeds.report_fault(halls, CLERK, "P1", "network")
    assert table(halls).loc["P1", ["state", "fault"]].tolist() == ["faulty", "network"]
    assert table(halls, CLERK).loc["P1", "is_mine"]
    assert not table(halls, MANAGER).loc["P1", "is_mine"]
    hall_device_deeds.take_back(halls, CLERK, key)
    assert table(halls).loc["P1", "state"] == "ok"
    repair = hall_device_deeds.say_repaired(halls, CLERK, "P2")
    assert table(halls).loc["P2", "state"] == "ok"
    hall_device_deeds.take_back(halls, CLERK, repair)
    assert table(halls).loc["P2", "state"] == "faulty"
    rows = audit.latest(halls, 4)
    assert rows["event"].tolist()[::-1] == [
        "device_fault_reported", "device_event_taken_back", "device_said_repaired",
        "device_event_taken_back",
    ]  # fmt: skip
    assert set(rows["subject"]) == {"device:P1", "device:P2"}


def test_a_fault_after_a_repair_of_the_same_moment_stands(halls):
    hall_device_deeds.say_repaired(halls, CLERK, "P2")
    hall_device_deeds.report_fault(halls, CLERK, "P2", "screen")
    assert table(halls).loc["P2", ["state", "fault"]].tolist() == ["faulty", "screen"]


@pytest.mark.parametrize(
    ("deed", "asked", "code"),
    [
        ("report_fault", ("P1", "gremlins"), "device_fault_unknown"),
        ("report_fault", ("nowhere", "paper"), "device_unknown"),
        ("report_fault", ("X1", "paper"), "device_not_in_use"),
        ("report_fault", ("P2", "paper"), "device_fault_stands"),
        ("say_repaired", ("P1",), "device_no_fault"),
        ("take_back", ("f1",), "device_event_gone"),
        ("take_back", ("nothing",), "device_event_gone"),
    ],
)
def test_deeds_that_cannot_be_are_told_and_nothing_is_done(halls, deed, asked, code):
    before = table(halls)
    with pytest.raises(UserError) as caught:
        getattr(hall_device_deeds, deed)(halls, CLERK, *asked)
    assert caught.value.code == code
    pd.testing.assert_frame_equal(before, table(halls))


def test_a_move_holds_from_its_moment_and_is_taken_back(halls):
    hall_device_deeds.move(halls, MANAGER, "X1", "H0", "in_use")
    assert table(halls).loc["X1", ["hall_id", "status", "state"]].tolist() == [
        "H0", "in_use", "unknown",
    ]  # fmt: skip
    set_clock(halls, 1)
    assert table(halls).loc["X1", ["hall_id", "status"]].tolist() == ["H1", "spare"]
    set_clock(halls, 0)
    hall_device_deeds.undo_move(halls, MANAGER, "X1")
    assert table(halls).loc["X1", ["hall_id", "status"]].tolist() == ["H1", "spare"]
    with pytest.raises(UserError) as caught:
        hall_device_deeds.undo_move(halls, MANAGER, "X1")
    assert caught.value.code == "device_move_none"
    with pytest.raises(AccessDenied):
        hall_device_deeds.move(halls, CLERK, "X1", "H0", "in_use")


@pytest.mark.parametrize(
    ("asked", "code"),
    [(("X1", "H9", "spare"), "device_hall_unknown"),
     (("X1", "H0", "lost"), "device_status_unknown"),
     (("X1", "H1", "spare"), "device_not_moved"), (("?", "H1", "spare"), "device_unknown")],
)  # fmt: skip
def test_moves_that_cannot_be_are_told(halls, asked, code):
    with pytest.raises(UserError) as caught:
        hall_device_deeds.move(halls, MANAGER, *asked)
    assert caught.value.code == code


def test_the_registers_next_file_has_the_last_word_and_can_be_taken_back(halls, tmp_path):
    hall_device_deeds.move(halls, MANAGER, "X1", "H0", "in_use")
    path = tmp_path / "next.csv"
    pd.DataFrame(DEVICES, columns=COLUMNS).to_csv(path, index=False)
    outcome = load(halls, LOADER, "devices", [path], LoadChoice(), is_sample=True)
    assert (outcome.loaded, outcome.unchanged) == (1, len(DEVICES) - 1)
    assert table(halls).loc["X1", ["hall_id", "status"]].tolist() == ["H1", "spare"]
    with pytest.raises(UserError) as caught:
        hall_device_deeds.undo_move(halls, MANAGER, "X1")
    assert caught.value.code == "device_move_none"


def event(device, word, minutes, **more):
    return hall_device_events.read(
        {"device": device, "event": word, "at": ago(minutes).isoformat(), **more}
    )


def test_events_count_once_whatever_their_order(halls):
    told = [event("Q1", "fault", 20, detail="E42"), event("Q1", "beat", 10),
            event("Q1", "repaired", 5, key="k1")]  # fmt: skip
    assert hall_device_events.take(halls, MACHINE, told[::-1]) == {"new": 3, "known": 0}
    assert hall_device_events.take(halls, MACHINE, told) == {"new": 0, "known": 3}
    assert table(halls).loc["Q1", ["state", "seen_at"]].tolist() == ["ok", ago(10)]
    set_clock(halls, 5.5)
    halls.write(lambda c: c.execute("UPDATE hall_device_events SET received_at = happened_at"))
    assert table(halls).loc["Q1", ["state", "fault"]].tolist() == ["faulty", "E42"]


@pytest.mark.parametrize(
    ("events", "code", "item"),
    [
        ([("Q1", "beat", 1, {}), ("Q9", "beat", 1, {})], "device_event_device", 1),
        ([("Q1", "beat", -6, {})], "device_event_future", 0),
        ([("Q1", "beat", 60 * 24 * 32, {})], "device_event_old", 0),
        ([("Q1", "beat", 1, {"key": "m1"})], "device_event_key_taken", 0),
        ([("Q1", "beat", 1, {"key": "a"}), ("Q1", "beat", 2, {"key": "a"})],
         "device_event_key_taken", 1),
    ],
)  # fmt: skip
def test_one_event_that_cannot_be_keeps_all_out(halls, events, code, item):
    read = [event(device, word, minutes, **more) for device, word, minutes, more in events]
    with pytest.raises(UserError) as caught:
        hall_device_events.take(halls, MACHINE, read)
    assert (caught.value.code, caught.value.values["item"]) == (code, item)
    assert table(halls).loc["Q1", "seen_at"] == ago(180)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ("beat", "device_event_type", ""),
        ({"device": "Q1", "event": "beat", "at": "2026-07-16T19:00"}, "device_event_time", "at"),
        ({"device": "Q1", "event": "beat"}, "device_event_missing", "at"),
        ({"device": 7, "event": "beat", "at": "x"}, "device_event_type", "device"),
        ({"device": "Q1", "event": "song", "at": "x"}, "device_event_choice", "event"),
        ({"device": "Q1", "event": "beat", "at": "x", "hue": 1}, "device_event_unknown", "hue"),
        ({"device": "Q" * 65, "event": "beat", "at": "x"}, "device_event_long", "device"),
        ({"device": "Q1", "event": "content", "at": "2026-07-16T19:00Z"},
         "device_event_missing", "detail"),
    ],
)  # fmt: skip
def test_what_no_event_looks_like_names_the_field(given, code, field):
    with pytest.raises(UserError) as caught:
        hall_device_events.read(given)
    assert (caught.value.code, caught.value.values["field"]) == (code, field)


def test_the_effect_on_the_counters_needs_enough_hours(halls, tmp_path, town):
    found = hall_devices.load_effect(halls, MANAGER).set_index("hall_id")
    assert found["change_h"].isna().all()
    assert math.isnan(found["load_down_h"].sum(min_count=1))


def test_who_may_not_see_staff_does_not_read_who_told(halls):
    told = table(halls, Actor("x", "", role="inspector"))["told_by"]
    assert told.dropna().tolist() == ["***"]


GOOD = {"key": "r1", "device": "Q1", "event": "beat", "at": "2026-07-16T19:30:00+08:00"}


def test_the_route_takes_a_machines_token_alone(served, tmp_path):
    fill(served.db, tmp_path)
    token = tokens.issue(served.db, ADMIN, "town-queue", days=30).token
    machine = served.visitor(Authorization=f"Bearer {token}")
    assert machine.post(ROUTE, json=GOOD).json() == {"new": 1, "known": 0}
    assert machine.post(ROUTE, json=[GOOD, GOOD | {"key": "r2"}]).json() == {"new": 1, "known": 1}
    bad = machine.post(ROUTE, json=[GOOD, GOOD | {"key": "r3", "at": "noon"}])
    told = bad.json()
    assert (bad.status_code, told["code"], told["item"], told["field"], told["value"]) == (
        400, "device_event_time", 1, "at", "noon",
    )  # fmt: skip
    taken = machine.post(ROUTE, json=GOOD | {"device": "P1"})
    assert (taken.status_code, taken.json()["code"]) == (409, "device_event_key_taken")
    broken = machine.post(ROUTE, content=b"{", headers={"content-type": "application/json"})
    assert broken.json()["code"] == "device_event_body"
    assert machine.post(ROUTE, content=b"x").status_code == 415
    hotline = tokens.issue(served.db, ADMIN, "town-hotline", days=30).token
    other = served.visitor(Authorization=f"Bearer {hotline}")
    assert other.post(ROUTE, json=GOOD).status_code == 403
    assert served.visitor().post(ROUTE, json=GOOD).status_code == 403
    keys = served.db.query("SELECT event_key FROM hall_device_events WHERE event_key LIKE 'r%'")
    assert sorted(keys["event_key"]) == ["r1", "r2"]
