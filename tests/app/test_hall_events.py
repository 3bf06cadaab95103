"""What queue machines tell live: whatever the order, however often, the same tickets."""

import json
from datetime import timedelta
from itertools import count, permutations

import httpx
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.use_cases import batches, hall_events, tokens
from app.use_cases.actors import Actor
from app.use_cases.hall_events import VisitEvent
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import UserError
from tests.app.hall_town import ZONE, fill
from tests.conftest import LOADER, NOW

ADMIN = Actor("test:admin", "Admin", role="admin")
MACHINE = Actor("user:town-queue", "排队机", "queue")
ROUTE = "/hall-visits"
TAKEN = VisitEvent("H0", "A1", "taken", NOW - timedelta(minutes=30), matter="billing", visitor="V1")
CALLED = VisitEvent("H0", "A1", "called", NOW - timedelta(minutes=20), counter="3")
AGAIN = VisitEvent("H0", "A1", "called", NOW - timedelta(minutes=19), counter="3")
FINISHED = VisitEvent("H0", "A1", "finished", NOW - timedelta(minutes=9), outcome="done")


def rows(db):
    return db.query(
        "SELECT hall_id, ticket_id, taken_at, called_at, finished_at, matter, counter, outcome,"
        " visitor_key FROM hall_visits ORDER BY ALL"
    )


@pytest.mark.parametrize("order", list(permutations([TAKEN, CALLED, AGAIN, FINISHED])))
def test_events_in_any_order_make_the_same_ticket(town_database, order):
    for one in order:
        hall_events.take(town_database, MACHINE, [one])
    assert hall_events.take(town_database, MACHINE, list(order)) == {
        "made": 0, "changed": 0, "known": 2,
    }  # fmt: skip
    held = rows(town_database).sort_values("called_at")
    assert held["called_at"].tolist() == [CALLED.at, AGAIN.at]  # the call repeated stands beside
    assert held["taken_at"].isna().tolist() == [False, True]
    row = held.iloc[0]
    assert row["taken_at"] == TAKEN.at
    assert row["called_at"] == CALLED.at
    assert row["finished_at"] == FINISHED.at
    assert (row["matter"], row["counter"], row["outcome"]) == ("billing", "3", "done")
    assert row["visitor_key"] not in (None, "V1")


def test_numbers_begin_anew_every_day_and_in_every_hall(town_database):
    yesterday = VisitEvent("H0", "A1", "taken", TAKEN.at - timedelta(days=1))
    elsewhere = VisitEvent("H1", "A1", "taken", TAKEN.at)
    counts = hall_events.take(town_database, MACHINE, [TAKEN, yesterday, elsewhere])
    assert counts == {"made": 3, "changed": 0, "known": 0}


def told(ticket, event, minutes):
    return VisitEvent("H0", ticket, event, NOW - timedelta(minutes=minutes), counter="3")


def test_a_number_taken_twice_on_one_day_is_two_tickets(town_database):
    first = [told("A1", "taken", 300), told("A1", "called", 280), told("A1", "finished", 270)]
    second = [told("A1", "taken", 60), told("A1", "called", 50)]
    hall_events.take(town_database, MACHINE, first)
    for one in (*second, *first, *second):  # one by one, and again
        hall_events.take(town_database, MACHINE, [one])
    held = rows(town_database).sort_values("taken_at")
    assert held["taken_at"].tolist() == [first[0].at, second[0].at]
    assert held["called_at"].tolist() == [first[1].at, second[1].at]
    assert held["finished_at"].isna().tolist() == [False, True]


def moments(db):
    """Every ticket's moments, in minutes from the first moment of any."""
    held = rows(db)[["taken_at", "called_at", "finished_at"]].sort_values(
        ["taken_at", "called_at", "finished_at"]
    )
    start = NOW - timedelta(minutes=300)
    return [
        tuple(None if pd.isna(one) else round((one - start).total_seconds() / 60) for one in row)
        for row in held.itertuples(index=False)
    ]


@pytest.mark.parametrize("order", list(permutations(["taken", "called", "finished"])))
def test_a_number_used_again_waits_for_its_taking(town_database, order):
    """The machine began anew; of the second ticket anything may come first, one by one."""
    second = {"taken": 60, "called": 50, "finished": 45}
    for event, minutes in (("taken", 300), ("called", 290), ("finished", 280)):
        hall_events.take(town_database, MACHINE, [told("A1", event, minutes)])
    for event in order:
        hall_events.take(town_database, MACHINE, [told("A1", event, second[event])])
    assert moments(town_database) == [(0, 10, 20), (240, 250, 255)]


@pytest.mark.parametrize("order", [("finished", "taken"), ("called", "taken")])
def test_a_call_or_end_of_the_morning_leaves_the_evenings_ticket(town_database, order):
    evening = NOW.replace(hour=12, minute=0) - timedelta(days=1)  # 20:00 by the halls' clocks
    hall_events.take(town_database, MACHINE, [VisitEvent("H0", "A1", "taken", evening)])
    for event, hours in zip(order, (11.8, 11.7), strict=True):
        at = evening + timedelta(hours=hours)
        hall_events.take(town_database, MACHINE, [VisitEvent("H0", "A1", event, at)])
    held = town_database.query(
        "SELECT ticket_id, day::VARCHAR AS day, taken_at FROM hall_visits ORDER BY taken_at"
    )
    assert held["day"].tolist() == ["2026-07-15", "2026-07-16"]
    assert held["ticket_id"].tolist() == ["A1", "A1"]
    assert held["taken_at"].tolist() == [evening, evening + timedelta(hours=11.7)]


SOME = st.lists(
    st.tuples(st.sampled_from(["taken", "called", "finished"]), st.integers(0, 240)),
    min_size=2, max_size=6, unique=True,
)  # fmt: skip
_NUMBERS = count()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture],
          deadline=None)  # fmt: skip
@example(tuples=[("taken", 0), ("finished", 240), ("finished", 20), ("taken", 230)], seed=None)
@given(tuples=SOME, seed=st.randoms(use_true_random=False))
def test_events_one_by_one_in_any_order_end_as_the_same_tickets(town_database, tuples, seed):
    mixed = list(tuples)
    if seed:
        seed.shuffle(mixed)
    found = []
    for posts in ([[*tuples]], [[one] for one in tuples], [[one] for one in mixed]):
        number = f"L{next(_NUMBERS)}"
        for post in posts:
            hall_events.take(
                town_database, MACHINE, [told(number, event, 290 - at) for event, at in post]
            )
        found.append(
            town_database.query(
                "SELECT day, taken_at, called_at, finished_at FROM hall_visits"
                " WHERE split_part(ticket_id, '@', 1) = $number ORDER BY ALL",
                {"number": number},
            )
        )
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)
    keys = town_database.query("SELECT hall_id, ticket_id, day FROM hall_visits")
    assert not keys.duplicated().any()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_ticket_over_midnight_is_one(town_database, order):
    at = NOW.replace(hour=15, minute=50) - timedelta(days=1)  # 23:50 by the halls' clocks
    over = [
        VisitEvent("H0", "A9", event, at + timedelta(minutes=minutes))
        for event, minutes in (("taken", 0), ("called", 15), ("finished", 25))
    ]
    for place in order:
        hall_events.take(town_database, MACHINE, [over[place]])
    (row,) = rows(town_database).to_dict("records")
    assert (row["taken_at"], row["called_at"]) == (over[0].at, over[1].at)
    days = town_database.query("SELECT ticket_id, day::VARCHAR AS day FROM hall_visits")
    assert days.to_numpy().tolist() == [["A9", "2026-07-15"]]


@pytest.mark.parametrize("is_called_first", [True, False])
def test_a_ticket_of_a_file_that_moves_is_still_of_its_file(
    town_database, town, tmp_path, is_called_first
):
    """The machine's clock for calls is behind: the call is stamped before midnight."""
    fill(town_database, tmp_path, town.frames()["halls"])
    before = len(rows(town_database))
    midnight = NOW.replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=1)
    call = VisitEvent("H0", "N1", "called", midnight - timedelta(seconds=10))
    end = VisitEvent("H0", "N1", "finished", midnight + timedelta(minutes=9))
    path = tmp_path / "night.csv"
    path.write_text("ticket_id,hall_id,taken_at\nN1,H0,2026-07-16 00:00:20\n")
    if is_called_first:
        hall_events.take(town_database, MACHINE, [call])
    done = load(town_database, LOADER, "visits", [path], LoadChoice(mapping=ZONE), is_sample=True)
    hall_events.take(town_database, MACHINE, [end if is_called_first else call])
    held = town_database.query(
        "SELECT day::VARCHAR AS day, taken_at, called_at, batch_id FROM hall_visits"
        " WHERE ticket_id = 'N1'"
    )
    assert held["day"].tolist() == ["2026-07-15"]
    assert held["taken_at"].tolist() == [midnight + timedelta(seconds=20)]
    assert held["called_at"].tolist() == [call.at]
    assert held["batch_id"].tolist() == [done.batch_id]
    batches.undo(town_database, LOADER, done.batch_id)
    assert len(rows(town_database)) == before


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (VisitEvent("H9", "A1", "taken", NOW), "hall_event_hall", "hall"),
        (VisitEvent("H0", "A1", "taken", NOW + timedelta(minutes=6)), "hall_event_future", "at"),
        (VisitEvent("H0", "A1", "taken", NOW - timedelta(days=32)), "hall_event_old", "at"),
    ],
)
def test_one_that_cannot_be_stops_all_and_is_named(town_database, event, code, field):
    with pytest.raises(UserError) as caught:
        hall_events.take(town_database, MACHINE, [TAKEN, event])
    assert (caught.value.code, caught.value.values["field"]) == (code, field)
    assert caught.value.values["item"] == 1
    assert rows(town_database).empty


GOOD = {"hall": "H0", "ticket": "A1", "event": "taken", "at": "2026-07-16T19:00:00+08:00"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"at": "2026-07-16 19:00"}, "hall_event_time", "at"),
        ({"at": None}, "hall_event_missing", "at"),
        ({"at": 7}, "hall_event_time", "at"),
        ({"hall": ""}, "hall_event_missing", "hall"),
        ({"ticket": "x" * 65}, "hall_event_long", "ticket"),
        ({"event": "sung"}, "hall_event_choice", "event"),
        ({"outcome": "sung"}, "hall_event_choice", "outcome"),
        ({"counter": 3}, "hall_event_type", "counter"),
        ({"colour": "red"}, "hall_event_unknown", "colour"),
    ],
)
def test_a_field_that_cannot_be_is_named(change, code, field):
    with pytest.raises(UserError) as caught:
        hall_events.read(GOOD | change)
    assert (caught.value.code, caught.value.values["field"]) == (code, field)


def test_words_that_files_write_are_codes_here_too():
    assert hall_events.read(GOOD | {"outcome": "资料不全"}).outcome == "papers_missing"
    assert hall_events.read(GOOD | {"matter": "过户"}).matter == "name_change"
    assert hall_events.read(GOOD | {"matter": "其它业务"}).matter == "其它业务"


def test_the_route_takes_a_machines_token_alone(served):
    token = tokens.issue(served.db, ADMIN, "town-queue", days=30).token
    machine = served.visitor(Authorization=f"Bearer {token}")
    assert machine.post(ROUTE, json=GOOD).json() == {"made": 1, "changed": 0, "known": 0}
    assert machine.post(ROUTE, json=[GOOD]).json() == {"made": 0, "changed": 0, "known": 1}
    bad = machine.post(ROUTE, json=[GOOD, GOOD | {"at": "noon"}])
    told = bad.json()
    assert (bad.status_code, told["code"], told["item"], told["field"], told["value"]) == (
        400, "hall_event_time", 1, "at", "noon",
    )  # fmt: skip
    assert "time" in told["reason"]
    assert (
        machine.post(ROUTE, content=b"{", headers={"content-type": "application/json"}).json()[
            "code"
        ]
        == "hall_event_body"
    )
    assert machine.post(ROUTE, content=b"x").status_code == 415
    hotline = tokens.issue(served.db, ADMIN, "town-hotline", days=30).token
    assert (
        served.visitor(Authorization=f"Bearer {hotline}").post(ROUTE, json=GOOD).status_code == 403
    )
    assert served.visitor().post(ROUTE, json=GOOD).status_code == 403
    assert machine.get("/tally").status_code == 403


def test_taps_over_the_wire_are_answered_by_their_keys(served):
    clerk: httpx.Client = served.person("clerk")
    who = clerk.get("/tally/day").json()["who"]
    body = {"who": who, "taps": [{"key": "K1", "hall": "H0", "matter": "enquiry", "ago_s": 5}]}
    for fate in ("done", "repeated"):
        answer = clerk.post("/tally/taps", json=body, headers={"Origin": served.url}).json()
        assert answer["answers"] == [{"key": "K1", "fate": fate, "code": ""}]
    other = clerk.post("/tally/taps", json=body | {"who": "x"}, headers={"Origin": served.url})
    assert (other.status_code, other.json()["code"]) == (409, "crew_other_person")
    page = clerk.get("/tally")
    assert page.status_code == 200
    assert "script-src" not in page.headers["content-security-policy"]
    worker = clerk.get("/tally/sw.js")
    assert worker.headers["service-worker-allowed"] == "/tally"
    assert "{{" not in worker.text
    listed = json.loads(worker.text.split("const FILES = ")[1].split(";\n")[0])
    assert {"/tally", "/tally/static/crew_sender.js", "/tally/static/words-zh.json"} <= set(listed)
    assert "/tally/day" not in listed
    assert [path for path in listed if clerk.get(path).status_code != 200] == []
    assert clerk.get("/tally/static/crew_app.js").status_code == 404
