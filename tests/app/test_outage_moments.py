"""What was known of outages at a moment, and who may know it: what lies ahead is told to nobody."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from app.maps import film_file
from app.outage_routes import film_bytes
from app.store import cells, fault_places, places
from app.store import outages as store
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.use_cases import (
    outage_closing,
    outage_deeds,
    outage_export,
    outage_film,
    outage_messages,
    outage_story,
    outages,
)
from app.use_cases.actors import Actor
from app.use_cases.outage_film import Film, Period
from app.use_cases.outages import OutageWish
from grid_cells import outage_board
from grid_cells.errors import UserError
from grid_cells.outage_board import Wish
from tests.app.outage_town import NOW, at, put

DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
ANALYST = Actor("user:a", "A", role="analyst")
PLANNER = Actor("user:p", "P", role="planner")
T10 = "transformer:T-010"
THREE = f"{T10};transformer:T-011;transformer:T-012"


@pytest.fixture
def db(town_database: Database) -> Database:
    """The town without the outage it comes with."""
    town_database.write(lambda connection: connection.execute("DELETE FROM outages"))
    town_database.write(store.touch)
    return town_database


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def write(db: Database, sql: str, *values: object) -> None:
    def change(connection: Connection) -> None:
        connection.execute(sql, list(values))
        store.touch(connection)

    db.write(change)


def test_a_fault_to_come_is_announced_nowhere(db):
    put(db, "later", T10, at(12, day=16), at(13, day=16))
    put(db, "none", T10, at(12, day=16), None, kind=None)
    assert outages.list_outages(db, DISPATCHER, OutageWish("planned")).rows.empty
    assert outage_film.film(db, DISPATCHER, outage_film.ahead(NOW)).outages.empty
    assert places.planned_outages(db.read(), NOW, later(600)).empty
    with pytest.raises(UserError, match="outage_unknown"):
        outage_story.story(db, DISPATCHER, "later")
    assert outage_story.story(db, DISPATCHER, "later", at(12, 30, day=16)).customers_out == 4


def test_work_that_is_over_by_now_was_still_to_come_before_it(db):
    put(db, "W", T10, at(10, day=12), at(12, day=12), kind="planned")
    put(db, "off", T10, at(10, day=12), None, kind="urgent", status="cancelled")
    rows = outages.list_outages(db, DISPATCHER, OutageWish("planned", at(9, day=12))).rows
    assert rows["outage_id"].tolist() == ["W"]
    assert rows["restored_at"].isna().all()
    found = outage_film.film(db, DISPATCHER, outage_film.ahead(at(9, day=12))).outages
    assert (found["outage_id"].tolist(), found["ended_at"].isna().all()) == (["W"], True)


def test_work_only_proposed_is_told_to_the_public_by_no_message(db):
    for status in ("proposed", "approved", "notified"):
        put(db, status, THREE, at(0, day=18), None, kind="planned", status=status)
    told = outage_messages.messages(db, DISPATCHER)["Payload"]["Outages"]
    assert {one["mRID"] for one in told} == {"approved", "notified"}


def period() -> Period:
    return outage_film.until_now(NOW, timedelta(hours=6))


def test_the_mark_of_one_home_is_in_the_film_of_those_alone_who_may_know(db):
    write(db, "UPDATE customers SET life_support = true WHERE transformer_id = 'T-010'")
    put(db, "few", T10, at(10, day=16), None)
    put(db, "many", THREE, at(11, day=16), None)
    whole, told = (outage_film.film(db, one, period()) for one in (DISPATCHER, PLANNER))

    def marks(found: Film) -> list[dict[str, int]]:
        board = outage_film.board(found, found.outages, NOW)
        frames = (found.outages.set_index("outage_id"), board.set_index("outage_id"))
        return [frame["life_support"].to_dict() for frame in frames]

    assert marks(whole) == [{"few": 4, "many": 4}] * 2
    assert marks(told) == [{"few": 0, "many": 4}] * 2
    assert whole.url != told.url
    flags = [film_file.decode(film_bytes(db, one, period())).outages["flags"] & film_file.IMPORTANT
             for one in (DISPATCHER, PLANNER)]  # fmt: skip
    assert [list(one) for one in flags] == [[1, 1], [0, 1]]
    data, _ = outage_export.export_outages(
        db, ANALYST, period(), Wish(only=("important",)), at=None, form="csv", purpose="report"
    )
    assert [line[:6] for line in data.decode("utf-8-sig").splitlines()[1:]] == ['"many"']


def test_an_estimate_corrected_in_the_same_moment_holds(db, town):
    place = next(n for n in range(61) if town.is_west(n))
    put(db, "O", f"transformer:T-{place:03d}", at(10, day=16), None)
    for minutes in (90, 60, 30, 45):
        outage_deeds.estimate(db, DISPATCHER, "O", later(minutes), "sooner")
    west = Actor("user:w", "W", role="dispatcher", scope=Scope("S1"))
    for actor in (DISPATCHER, west):
        found = outage_film.film(db, actor, period())
        board = outage_film.board(found, found.outages, NOW)
        rows = outages.list_outages(db, actor, OutageWish()).rows
        story = outage_story.story(db, actor, "O")
        for told in (board["estimate"].iloc[0], rows["estimated_restore_at"].iloc[0],
                     story.facts["estimated_restore_at"],
                     story.estimates["estimated_restore_at"].iloc[-1]):  # fmt: skip
            assert told == later(45)
    outage_deeds.estimate(db, DISPATCHER, "O", None, "weather")
    rows = outages.list_outages(db, DISPATCHER, OutageWish()).rows
    assert rows["estimated_restore_at"].isna().all()


def told(db: Database, outage_id: str, moment: datetime, until: datetime) -> None:
    sql = "INSERT INTO outage_estimates (outage_id, told_at, estimated_restore_at, actor)"
    write(db, f"{sql} VALUES (?, ?, ?, 'x')", outage_id, moment, until)


def test_a_cell_and_a_customer_know_no_estimate_and_no_end_of_the_future(db):
    put(db, "O", T10, at(10), at(14), estimated_restore_at=at(13))
    told(db, "O", at(10, 20), at(12))
    told(db, "O", at(11, 20), at(13))
    known = {at(10, 10): None, at(11): at(12), at(12): at(13)}
    for moment, estimate in known.items():
        one = cells.outage_of(db.read(), "0000000041", moment)
        place = int(store.outage_points(db.read(), moment)["cell_id"].iloc[0])
        row = cells.outages_in(db.read(), place, moment).iloc[0]
        points = store.outage_points(db.read(), moment).iloc[0]
        for found in (one, row, points):
            until = found["estimated_restore_at"]
            assert (None if pd.isna(until) else until) == estimate
            assert found["status"] == "in_force"
    assert outage_story.story(db, DISPATCHER, "O", at(14)).facts["status"] == "ended"
    span = Period(at(9), at(12))
    assert outage_film.film(db, DISPATCHER, span).outages["status"].tolist() == ["in_force"]


def test_a_film_of_the_past_knows_no_first_estimate_told_later(db):
    put(db, "O", T10, at(10), at(14), estimated_restore_at=at(13))
    told(db, "O", at(11, 20), at(13))
    span = Period(at(9), at(11))
    assert outage_film.film(db, DISPATCHER, span).outages["estimate"].isna().all()


def test_announced_work_ends_when_it_was_said_to_by_then(db):
    put(db, "W", T10, at(10, day=12), at(16, day=12), kind="planned", status="ended",
        estimated_restore_at=at(15, day=12))  # fmt: skip
    told(db, "W", at(8, day=12), at(14, day=12))
    told(db, "W", at(11, day=12), at(15, day=12))
    found = outage_film.film(db, DISPATCHER, outage_film.ahead(at(9, day=12))).outages.iloc[0]
    rows = outages.list_outages(db, DISPATCHER, OutageWish("planned", at(9, day=12))).rows
    assert (found["ended_at"], found["estimate"]) == (at(14, day=12),) * 2
    assert rows["estimated_restore_at"].tolist() == [at(14, day=12)]
    assert (found["status"], rows["status"].tolist()) == ("approved", ["approved"])


def test_a_call_is_behind_an_outage_by_the_same_rule_as_everything_else(db):
    """A step tells the beginning, and so everything: T-011 was never out; 41 is no more."""
    steps = ((at(10), "out", T10, None), (at(10, 20), "restored", "customer:0000000041", None))
    put(db, "O", f"{T10};transformer:T-011", at(10), None, steps, estimated_restore_at=at(12))
    write(db, "UPDATE outage_steps SET batch_id = 1")
    told(db, "O", at(10, 10), at(13))
    write(db, "INSERT INTO outage_estimates (outage_id, told_at, actor) VALUES ('O', ?, 'x')",
          at(10, 15))  # fmt: skip
    people = ["0000000041", "0000000042", "0000000045", None, None]
    lines = ["T-010", "T-010", "T-011", "T-010", "T-011"]
    calls = pd.DataFrame({"customer_no": people, "transformer_id": lines}).assign(
        place=range(5), at=at(10, 30), lon=None, lat=None, cell_id=None
    )
    connection = db.read()
    fault_places.ask(connection, calls)
    found = fault_places.outages(connection, at(10, 30), since=at(10, 30))
    fault_places.forget(connection)
    assert found["place"].tolist() == [1, 3]
    assert found["estimated_restore_at"].isna().all()  # it was taken back


def test_work_only_proposed_is_not_open_and_cannot_be_closed(db):
    put(db, "P", T10, at(10, day=16), None, kind="planned", status="proposed")
    assert not outage_story.story(db, DISPATCHER, "P").is_open
    with pytest.raises(UserError, match="outage_move"):
        outage_closing.close(db, DISPATCHER, "P", reason="no_answer")


def test_who_goes_out_twice_was_in_the_outage_once(db):
    steps = ((at(10, 10), "restored", T10, None), (at(10, 20), "out", T10, None))
    put(db, "O", None, at(10), None, ((at(10), "out", T10, None), *steps))
    story = outage_story.story(db, DISPATCHER, "O", at(10, 30))
    assert (story.customers_out, story.customers_ever) == (4, 4)
    assert story.by_cell["customers_affected"].tolist() == [4]


def test_a_person_with_two_marks_in_two_nested_outages_is_one(db):
    """T-010's first home is important and on life support, dark in two outages, nested."""
    home = "customer_no = (SELECT min(customer_no) FROM customers WHERE transformer_id = 'T-010')"
    write(db, f"UPDATE customers SET life_support = true, importance_code = '1' WHERE {home}")
    put(db, "wide", THREE, at(11, day=16), None)
    put(db, "under", T10, at(11, 5, day=16), None, parent_outage_id="wide")
    found = outage_film.film(db, DISPATCHER, period())
    rows = outage_film.board(found, found.outages, NOW)
    assert rows.set_index("outage_id")["marked"].to_dict() == {"wide": 1, "under": 1}
    assert outage_board.figures(rows, found.spans, NOW)["important_out"] == 1.0
