"""Notices and public messages of outages in the town: whom to tell, and what nobody is told."""

import io
import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import shapely

from app.cli import main
from app.store import audit
from app.store import outages as store
from app.store.database import Connection, Database
from app.use_cases import outage_deeds, outage_messages, outage_notices, small_cells
from app.use_cases.actors import Actor
from grid_cells.cells import outline
from grid_cells.errors import AccessDenied, UserError
from tests.app.outage_town import NOW, at, put

DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
PLANNER = Actor("user:p", "P", role="planner")
SATURDAY = at(0, day=18)


@pytest.fixture
def db(town_database: Database) -> Database:
    """The town with work on Saturday at T-010 to T-012: 12 customers."""

    def change(connection: Connection) -> None:
        connection.execute("DELETE FROM outages")
        for number, day, channel in (
            (41, "2026-07-01", "sms"), (42, "2025-07-17", "sms"), (43, "2025-07-15", "sms"),
            (44, "2026-07-17", "call"), (45, "2026-01-01", None), (46, None, "visit"),
        ):  # fmt: skip
            connection.execute(
                "UPDATE customers SET contact_confirmed_on = ?, notice_channel = ?"
                " WHERE customer_no = ?",
                [day, channel, f"{number:010d}"],
            )
        connection.execute(
            "UPDATE customers SET life_support = true WHERE customer_no = '0000000041'"
        )
        store.touch(connection)

    town_database.write(change)
    scope = "transformer:T-010;transformer:T-011;transformer:T-012"
    put(town_database, "W", scope, SATURDAY, None, kind="planned", status="approved",
        estimated_restore_at=at(4, day=18), cause="配变检修")  # fmt: skip
    return town_database


def test_people_are_told_by_their_channel_and_life_support_at_the_door(db):
    """Confirmed within 365 days of 16 July 2026: 41, 42 and 45; a day to come is not known yet."""
    found = outage_notices.notices(db, DISPATCHER, "W")
    channels = found.channels.set_index("channel")
    assert (found.customers, found.confirmed, found.visits) == (12, 3, 1)
    assert channels["customers"].to_dict() == {"unknown": 7, "sms": 2, "visit": 2, "call": 1}
    assert channels["confirmed"].to_dict() == {"unknown": 1, "sms": 1, "visit": 1, "call": 0}


def test_a_notice_is_late_seven_days_before_unless_it_was_given(db):
    found = outage_notices.notices(db, DISPATCHER, "W")
    assert found.due_at == SATURDAY - timedelta(days=7)
    assert (found.is_late, found.told_at) == (True, None)
    earlier = outage_notices.notices(db, DISPATCHER, "W", SATURDAY - timedelta(days=7))
    assert not earlier.is_late
    outage_deeds.move(db, DISPATCHER, "W", "notified")
    found = outage_notices.notices(db, DISPATCHER, "W")
    assert (found.is_late, found.told_at) == (True, NOW)  # it was given too late
    db.write(lambda c: c.execute("UPDATE outages SET kind = 'urgent' WHERE outage_id = 'W'"))
    assert not outage_notices.notices(db, DISPATCHER, "W").is_late


def test_who_may_not_see_names_gets_nobody_set_apart(db):
    told = outage_notices.rows(db, DISPATCHER, "W")
    assert told["customer_no"].iloc[0] == "0000000041"
    assert told["notice_channel"].iloc[0] == "visit"
    hidden = outage_notices.rows(db, PLANNER, "W")
    assert hidden["notice_channel"].tolist()[:2] == ["sms", "sms"]
    assert hidden["life_support"].isna().all()
    assert not hidden["customer_no"].isin(told["customer_no"]).any()


def test_the_list_is_taken_masked_unless_everything_may_be_seen(db):
    data, name = outage_notices.export_list(db, DISPATCHER, "W", form="csv", purpose="outage")
    assert name == "notices-W.csv"
    frame = pd.read_csv(io.BytesIO(data), dtype="str")
    assert len(frame) == 12
    assert frame["purpose"].eq("outage").all()
    assert frame["exported_by"].eq(DISPATCHER.id).all()
    assert b"0000000041" not in data
    assert frame["life_support"].isna().all()
    sheet, _ = outage_notices.export_list(db, DISPATCHER, "W", form="xlsx", purpose="outage")
    assert len(pd.read_excel(io.BytesIO(sheet), engine="calamine")) == 12
    clear, _ = outage_notices.export_list(
        db, DISPATCHER, "W", form="csv", purpose="outage", personal=True
    )
    assert b"0000000041" in clear
    with pytest.raises(AccessDenied):
        outage_notices.export_list(db, PLANNER, "W", form="csv", purpose="x", personal=True)
    with pytest.raises(UserError, match="export_purpose_needed"):
        outage_notices.export_list(db, DISPATCHER, "W", form="csv", purpose=" ")


def messages(db: Database, **wish: object) -> dict[str, dict[str, object]]:
    told = outage_messages.messages(db, DISPATCHER, **wish)["Payload"]["Outages"]
    return {one["mRID"]: one for one in told}


def test_messages_name_no_customer_and_no_equipment(db):
    put(db, "O", "transformer:T-020;transformer:T-021;customer:0000000001", at(10, day=16), None)
    found = messages(db)
    text = json.dumps(outage_messages.messages(db, DISPATCHER), ensure_ascii=False)
    assert not [word for word in ("T-020", "T-010", "F-07", "0000000001", "王") if word in text]
    assert found["O"]["metersAffected"] == 9
    assert found["O"]["outageArea"]["geometry"]["type"] == "MultiPolygon"
    assert (found["W"]["class"], found["W"]["outageKind"]) == ("PlannedOutage", "predicted")
    assert found["W"]["metersAffected"] == 12


def test_outages_of_a_few_are_told_together_and_without_a_place(db):
    """Two of four customers make eight; one of one alone tells no number."""
    for n in (30, 31):
        put(db, f"few-{n}", f"transformer:T-0{n}", at(10, day=16), None)
    units = {one["communityDescriptor"] for one in messages(db).values()}
    small = [one for name, one in messages(db).items() if name.startswith("small-")]
    assert sum(one["metersAffected"] or 0 for one in small) in (0, 8)
    assert all(one["outageArea"] is None for one in small)
    assert all(one["startTime"] == NOW.isoformat() for one in small)
    assert units <= {"江北供电所", "江南供电所"}
    assert not [name for name in messages(db) if name.startswith("few-")]


def test_where_nobody_placed_is_out_any_more_the_place_is_a_parent_with_enough_customers(db):
    """T-020's cell has four customers, all of them back; the outage itself goes on."""
    scope = "transformer:T-020;transformer:T-021"
    steps = ((at(11, day=16), "restored", scope, None),)
    cell = "SELECT cell_id FROM transformers WHERE transformer_id = 'T-020'"
    own = int(db.query(cell)["cell_id"].iloc[0])
    put(db, "O", scope, at(10, day=16), None, steps, cell_id=own)
    area = messages(db)["O"]["outageArea"]["geometry"]
    homes = db.query("SELECT count(*) AS n FROM customers WHERE cell_id = ?", [own])
    assert homes["n"].iloc[0] == 4
    told = shapely.geometry.shape(area)
    group = small_cells.groups(db).set_index("cell_id")["group"]
    within = set(group[group == group[own]].index)
    assert told.area > 1.5 * outline(np.array([own])).area
    assert abs(told.area - outline(np.array(sorted(within))).area) < 1e-9


def test_an_outage_without_a_cell_or_customers_has_no_area(db):
    put(db, "O", None, at(10, day=16), None, customers_affected=50)
    assert messages(db)["O"]["outageArea"] is None


def test_a_cause_is_told_where_it_is_a_class(db):
    assert messages(db)["W"]["cause"] is None
    for n in (1, 2):
        put(db, f"old-{n}", None, at(1), at(2), cause="配变检修")
    assert messages(db)["W"]["cause"] == "配变检修"


def test_messages_of_a_moment_in_the_past(db):
    put(db, "O", "feeder:F-07", at(10), at(11))
    assert messages(db, at=at(10, 30))["O"]["outageKind"] == "confirmed"
    assert "O" not in messages(db, at=at(9, 30))


def test_messages_are_taken_along_on_record(db):
    data, name = outage_messages.export_messages(db, DISPATCHER, purpose="report")
    assert name == "outages-20260716-1140.json"
    assert json.loads(data)["Header"]["Noun"] == "Outages"
    assert audit.latest(db, 1)["event"].iloc[0] == "outage_messages_exported"


def test_a_command_does_not_tell_what_is_to_come(db, capsys):
    path = str(db.path)
    db.close()
    for action in (["list"], ["story", "W"], ["messages"]):
        code = main(["outages", *action, "--at", "2026-07-16T19:41", "--db", path])
        assert code == 1
        assert "19:40" in capsys.readouterr().err


def test_commands_tell_the_same(db, capsys):
    put(db, "O", "transformer:T-020;transformer:T-021", at(10, day=16), None)
    path = str(db.path)
    db.close()

    def run(*words: str) -> dict[str, object]:
        assert main(["outages", *words, "--json", "--db", path]) == 0
        return json.loads(capsys.readouterr().out)

    assert [one["outage_id"] for one in run("list")["outages"]] == ["O"]
    assert run("list", "--view", "planned")["outages"][0]["customers_affected"] == 12
    assert run("story", "O")["customers_out"] == 8
    assert run("step", "O", "restored", "transformer:T-020")["customers_out"] == 4
    run("estimate", "O", "2026-07-16T23:00", "--reason", "on_site")
    assert run("news", "O", "searching")["status"] == "in_force"
    assert run("notices", "W")["customers"] == 12
    assert len(run("messages")["Payload"]["Outages"]) == 2
    assert main(["outages", "notices", "W", "--out", "n.csv", "--db", path]) == 1
    assert "see_customers" in capsys.readouterr().err  # who administers looks nobody up
    assert main(["outages", "close", "O", "--db", path]) == 1
    assert "without a reason" in capsys.readouterr().err
    assert run("close", "O", "--reason", "no_answer")["doubts"] == ["unasked"]
    told = [one["what"] for one in run("story", "O")["timeline"]]
    assert told[-2:] in (["closed", "ended"], ["ended", "closed"])
