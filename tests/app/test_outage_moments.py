"""What was known of outages at a moment, and who may know it: what lies ahead is told to nobody."""

from datetime import datetime, timedelta

import pytest

from app.store import outages as store
from app.store import places
from app.store.database import Connection, Database
from app.use_cases import outage_film, outage_messages, outage_story, outages
from app.use_cases.actors import Actor
from app.use_cases.outages import OutageWish
from grid_cells.errors import UserError
from tests.app.outage_town import NOW, at, put

DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
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
