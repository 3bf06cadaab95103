"""Calls put to outages by the rule and by hand: reasons, customers counted, nothing ever lost."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store import outages
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import fault_group_deeds as deeds
from app.use_cases import fault_groups, fault_reports, outage_closing, outage_deeds
from app.use_cases.actors import Actor
from app.use_cases.fault_wishes import ReportWish
from app.use_cases.outage_deeds import StepWish
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import NOW
from tests.laws import examples

DISPATCHER = Actor("user:town-dispatcher", "林薇", "dispatcher")
OTHER = Actor("user:town-admin", "李安", "admin")
Call = Callable[..., str]


@pytest.fixture
def call(town_database: Database) -> Call:
    """Registers a call of a customer of a transformer, minutes before now; its number."""

    def one(transformer: int, customer: int = 0, before: int = 5, **more: Any) -> str:
        wish = ReportWish(
            customer_no=f"{4 * transformer + customer + 1:010d}",
            registered_at=NOW - timedelta(minutes=before), **more,
        )  # fmt: skip
        return fault_reports.register(town_database, DISPATCHER, wish).report_id

    return one


def members(db: Database) -> dict[str, str | None]:
    rows = db.query("SELECT report_id, outage_id FROM fault_reports").to_dict("records")
    return {
        r["report_id"]: r["outage_id"] if isinstance(r["outage_id"], str) else None for r in rows
    }


def clocks(db: Database) -> list[tuple[Any, ...]]:
    rows = db.read().execute("SELECT report_id, epoch_us(registered_at) FROM fault_reports")
    return sorted(rows.fetchall())


def outage(db: Database, outage_id: str) -> dict[str, Any]:
    frame = db.query("SELECT * FROM outages WHERE outage_id = ?", [outage_id])
    return {str(k): v for k, v in frame.iloc[0].to_dict().items()}


def test_two_neighbours_make_an_outage_of_their_transformer(
    town_database: Database, call: Call
) -> None:
    first, second = call(20, 0, 12), call(20, 1, 4)
    assert fault_groups.regroup(town_database) == 2
    found = members(town_database)
    assert found[first] == found[second] == "CALL-260716-0001"
    row = outage(town_database, "CALL-260716-0001")
    assert (row["kind"], row["status"], row["scope"], row["customers_affected"]) == (
        "fault", "in_force", "transformer:T-020", 4,
    )  # fmt: skip
    assert row["started_at"] == NOW - timedelta(minutes=12)
    reason = town_database.query("SELECT group_reason AS r, grouped_by AS b FROM fault_reports")
    assert {json.loads(one)["code"] for one in reason["r"]} == {"same_transformer"}
    assert set(reason["b"]) == {"rule"}
    assert fault_groups.regroup(town_database) == 0


def test_calls_taken_before_a_restart_are_grouped_after_it(
    town_database: Database, call: Call
) -> None:
    first, second = call(20, 0), call(20, 1)
    fault_groups.Watch(town_database).look()
    assert members(town_database)[first] == members(town_database)[second] == "CALL-260716-0001"


def test_what_could_not_be_grouped_is_tried_again(
    town_database: Database, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [call(20, 0), call(20, 1)][0]
    watch = fault_groups.Watch(town_database)
    with monkeypatch.context() as patch:
        patch.setattr(fault_groups.store, "network", lambda *_: 1 / 0)
        watch.look()
    for _ in range(fault_groups.RESTS):
        watch.look()
    assert members(town_database)[first] is not None


def test_an_outage_that_becomes_known_takes_the_calls_within_it(
    town_database: Database, call: Call
) -> None:
    report = call(20)
    watch = fault_groups.Watch(town_database)
    watch.look()
    assert members(town_database)[report] is None

    def change(connection: Any) -> None:
        connection.execute(
            "INSERT INTO outages (outage_id, kind, status, scope, started_at)"
            " VALUES ('OUT-2', 'fault', 'in_force', 'transformer:T-020', ?)",
            [NOW - timedelta(minutes=9)],
        )  # fmt: skip
        outages.touch(connection)

    town_database.write(change)
    watch.look()
    assert members(town_database)[report] == "OUT-2"


def test_one_caller_alone_stays_a_report(town_database: Database, call: Call) -> None:
    alone = call(20)
    call(20)  # the same customer again
    fault_groups.regroup(town_database)
    assert members(town_database)[alone] is None
    assert town_database.query("SELECT * FROM outages WHERE outage_id LIKE 'CALL%'").empty


def test_a_call_within_a_known_outage_goes_there_with_the_reason(
    town_database: Database, call: Call
) -> None:
    """T-010 has been out for 120 min; the call came 5 min ago: 115 min after it began."""
    report = call(10)
    assert members(town_database)[report] == "OUT-1"
    row = town_database.query("SELECT group_reason FROM fault_reports").iloc[0]
    assert json.loads(row["group_reason"]) == {
        "code": "known_outage", "outage_id": "OUT-1", "minutes": 115,
    }  # fmt: skip
    fault_groups.regroup(town_database)
    assert members(town_database)[report] == "OUT-1"


def test_calls_for_nobody_to_go_out_are_left_alone(town_database: Database, call: Call) -> None:
    inside = [call(20, k, fault_class="customer_internal") for k in range(3)]
    fault_groups.regroup(town_database)
    assert {members(town_database)[one] for one in inside} == {None}


def test_what_was_put_by_hand_the_rule_never_moves(town_database: Database, call: Call) -> None:
    calls = [call(20, k, 10 - k) for k in range(4)]
    fault_groups.regroup(town_database)
    new = deeds.split(town_database, DISPATCHER, calls[2:])
    assert new == "CALL-260716-0002"
    call(20, 0, 1)
    fault_groups.regroup(town_database)
    found = members(town_database)
    assert [found[one] for one in calls] == ["CALL-260716-0001"] * 2 + [new] * 2
    row = outage(town_database, new)
    assert (row["scope"], row["started_at"]) == ("transformer:T-020", NOW - timedelta(minutes=8))


def test_split_and_merged_back_is_the_first_state(town_database: Database, call: Call) -> None:
    calls = [call(20, k, 10 - k) for k in range(4)]
    fault_groups.regroup(town_database)
    before, told = members(town_database), clocks(town_database)
    reach = outage(town_database, "CALL-260716-0001")
    new = deeds.split(town_database, DISPATCHER, calls[2:])
    deeds.merge(town_database, DISPATCHER, new, "CALL-260716-0001")
    assert members(town_database) == before
    assert clocks(town_database) == told
    after = outage(town_database, "CALL-260716-0001")
    for name in ("scope", "started_at", "customers_affected", "status"):
        assert after[name] == reach[name]
    assert outage(town_database, new)["status"] == "cancelled"


def test_a_split_is_taken_back_whole(town_database: Database, call: Call) -> None:
    calls = [call(20, k, 10 - k) for k in range(4)]
    fault_groups.regroup(town_database)
    columns = "SELECT report_id, outage_id, grouped_by, group_reason FROM fault_reports ORDER BY 1"
    before = town_database.read().execute(columns).fetchall()
    new = deeds.split(town_database, DISPATCHER, calls[1:3])
    assert deeds.undo(town_database, DISPATCHER) == "split"
    assert town_database.read().execute(columns).fetchall() == before
    assert outage(town_database, new)["status"] == "cancelled"
    with pytest.raises(UserError, match="groups_nothing_to_undo"):
        deeds.undo(town_database, DISPATCHER)


def test_an_emptied_outage_comes_back_with_its_calls(town_database: Database, call: Call) -> None:
    for transformer in (20, 40):
        for customer in range(2):
            call(transformer, customer)
    fault_groups.regroup(town_database)
    first, second = sorted({one for one in members(town_database).values() if one})
    before = outage(town_database, second)
    deeds.merge(town_database, DISPATCHER, first, second)
    assert outage(town_database, first)["status"] == "cancelled"
    assert outage(town_database, second)["customers_affected"] == 8
    deeds.undo(town_database, DISPATCHER)
    assert outage(town_database, first)["status"] == "in_force"
    assert outage(town_database, second)["scope"] == before["scope"]
    assert outage(town_database, second)["customers_affected"] == 4


def test_nobody_takes_back_what_another_has_built_on(town_database: Database, call: Call) -> None:
    calls = [call(20, k) for k in range(3)]
    fault_groups.regroup(town_database)
    new = deeds.split(town_database, DISPATCHER, calls[:2])
    deeds.move(town_database, OTHER, calls[:1], "OUT-1")
    with pytest.raises(UserError, match="groups_moved_since"):
        deeds.undo(town_database, DISPATCHER)
    assert members(town_database)[calls[1]] == new


def test_what_cannot_be_done_is_said(town_database: Database, call: Call) -> None:
    report = call(20)
    mine = deeds.split(town_database, DISPATCHER, [report])
    for error, act in {
        "fault_report_unknown": lambda: deeds.split(town_database, DISPATCHER, ["nobody"]),
        "outage_unknown": lambda: deeds.move(town_database, DISPATCHER, [report], "OUT-9"),
        "outage_same": lambda: deeds.merge(town_database, DISPATCHER, mine, mine),
        "outage_not_from_calls": lambda: deeds.merge(town_database, DISPATCHER, "OUT-1", mine),
    }.items():
        with pytest.raises(UserError, match=error):
            act()
    deeds.move(town_database, DISPATCHER, [report], "OUT-1")
    with pytest.raises(UserError, match="outage_is_over"):
        deeds.move(town_database, DISPATCHER, [report], mine)
    with pytest.raises(AccessDenied):
        deeds.split(town_database, Actor("user:x", "x", "hall_clerk"), [report])


def test_a_dispatcher_of_one_station_moves_no_call_of_the_next(
    town_database: Database, town: Any, call: Call
) -> None:
    east = next(k for k in range(61) if not town.is_west(k) and k != 10)
    report = call(east)
    north = Actor("user:n", "n", "dispatcher", Scope("S1"))
    with pytest.raises(UserError, match="fault_report_unknown"):
        deeds.split(town_database, north, [report])
    row = town_database.query("SELECT * FROM audit_log ORDER BY event_id DESC LIMIT 1").iloc[0]
    assert (row["event"], row["actor"]) == ("access_refused", "user:n")


ACTS = st.lists(
    st.tuples(st.sampled_from(["split", "move", "merge", "undo", "regroup"]), st.integers(0, 99)),
    max_size=6,
)


@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=ACTS)
def test_no_call_and_no_clock_is_lost_by_any_acts(
    town_database: Database, call: Call, acts: list[tuple[str, int]]
) -> None:
    for customer in range(2):
        call(30, customer, 9)
        call(31, customer, 7)
    told = clocks(town_database)
    fault_groups.regroup(town_database)
    for act, number in acts:
        found = members(town_database)
        reports = sorted(found)
        held = sorted({one for one in found.values() if one}) or ["OUT-1"]
        chosen = reports[number % len(reports) :][:2]
        target = held[number % len(held)]
        with suppress(UserError):  # nothing to undo, the same outage twice: nothing is done
            {
                "split": lambda c=chosen: deeds.split(town_database, DISPATCHER, c),
                "move": lambda c=chosen, t=target: deeds.move(town_database, DISPATCHER, c, t),
                "merge": lambda t=target, h=held: deeds.merge(town_database, DISPATCHER, t, h[0]),
                "undo": lambda: deeds.undo(town_database, DISPATCHER),
                "regroup": lambda: fault_groups.regroup(town_database),
            }[act]()
        assert clocks(town_database) == told
    dark = {one for one in members(town_database).values() if one}
    assert all(outage(town_database, one)["status"] == "in_force" for one in dark)


def test_an_outage_that_only_a_file_names_makes_no_other(
    town_database: Database, call: Call
) -> None:
    call(20, 0), call(20, 1)
    town_database.write(
        lambda c: c.execute("UPDATE fault_reports SET outage_id = 'OUT-77', grouped_by = 'file'")
    )
    fault_groups.regroup(town_database)
    fault_groups.regroup(town_database)
    assert town_database.query("SELECT * FROM outages WHERE outage_id LIKE 'CALL%'").empty


def put_outage(db: Database, outage_id: str, began: int, ended: int | None, **more: Any) -> None:
    """An outage of T-020 from and until so many minutes before now."""
    at = [None if one is None else NOW - timedelta(minutes=one) for one in (began, ended)]
    row = {"kind": "fault", "status": "in_force", "scope": "transformer:T-020"} | more

    def change(connection: Any) -> None:
        connection.execute(
            "INSERT INTO outages (outage_id, kind, status, scope, started_at, restored_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [outage_id, row["kind"], row["status"], row["scope"], *at],
        )
        outages.touch(connection)

    db.write(change)


def test_a_call_after_the_end_does_not_follow_a_name(town_database: Database, call: Call) -> None:
    """The file knows better where the outage was than its scope: the name alone binds them."""
    named = call(20, 0, 60)
    put_outage(town_database, "OUT-2", 70, 30, status="ended", scope="transformer:T-040")
    town_database.write(
        lambda c: c.execute("UPDATE fault_reports SET outage_id = 'OUT-2', grouped_by = 'file'")
    )
    later = call(20, 1, 10)
    fault_groups.regroup(town_database)
    assert members(town_database) == {named: "OUT-2", later: None}
    reason = town_database.query(
        "SELECT group_reason AS r FROM fault_reports WHERE report_id = ?", [later]
    )["r"].iloc[0]
    assert json.loads(reason) == {"code": "not_in_force", "outage_id": "OUT-2"}
    assert fault_groups.regroup(town_database) == 0


def test_a_call_that_a_file_put_to_work_yet_to_come_is_let_go(
    town_database: Database, call: Call
) -> None:
    report = call(20, 0, 10)
    put_outage(town_database, "OUT-P", -600, None, kind="planned", status="notified")
    town_database.write(
        lambda c: c.execute("UPDATE fault_reports SET outage_id = 'OUT-P', grouped_by = 'file'")
    )
    assert fault_groups.regroup(town_database) == 1
    assert members(town_database) == {report: None}


def test_triage_finds_the_outage_that_was_in_force_when_the_call_was_registered(
    town_database: Database, call: Call
) -> None:
    """Restored 30 minutes ago: a call of 40 minutes ago belongs to it, and one of 20 not."""
    put_outage(town_database, "OUT-2", 60, 30, status="ended")
    put_outage(town_database, "OUT-3", 15, None)
    found = {before: call(20, 0, before) for before in (40, 20, 5)}
    verdicts = dict(
        town_database.read().execute("SELECT report_id, verdict FROM fault_reports").fetchall()
    )
    assert [members(town_database)[one] for one in found.values()] == ["OUT-2", None, "OUT-3"]
    assert [verdicts[one] for one in found.values()] == [
        "known_outage", "crew_needed", "known_outage",
    ]  # fmt: skip


def test_an_act_on_an_outage_closed_since_is_not_taken_back(
    town_database: Database, call: Call
) -> None:
    """Undo would open the outage again behind its closer's back, its end still standing."""
    calls = [call(20, k, 10 - k) for k in range(4)]
    fault_groups.regroup(town_database)
    new = deeds.split(town_database, DISPATCHER, calls[2:])
    deeds.merge(town_database, DISPATCHER, new, "CALL-260716-0001")
    code = outage_deeds.codes("close")[0]
    outage_closing.close(town_database, OTHER, "CALL-260716-0001", reason=code)
    before = members(town_database)
    with pytest.raises(UserError, match="groups_outage_changed"):
        deeds.undo(town_database, DISPATCHER)
    assert members(town_database) == before
    assert outage(town_database, "CALL-260716-0001")["status"] == "ended"
    assert outage(town_database, new)["status"] == "cancelled"


def test_an_act_on_an_outage_restored_in_part_since_is_not_taken_back(
    town_database: Database, call: Call
) -> None:
    calls = [call(20, k, 10 - k) for k in range(4)]
    fault_groups.regroup(town_database)
    new = deeds.split(town_database, DISPATCHER, calls[2:])
    wish = StepWish("restored", "customer:0000000081")
    outage_deeds.step(town_database, OTHER, new, wish)
    with pytest.raises(UserError, match="groups_outage_changed"):
        deeds.undo(town_database, DISPATCHER)
    assert {members(town_database)[one] for one in calls[2:]} == {new}


def test_undo_leaves_an_outage_that_is_not_of_calls_as_a_file_changed_it(
    town_database: Database, call: Call
) -> None:
    report = call(20)
    deeds.move(town_database, DISPATCHER, [report], "OUT-1")
    deeds.split(town_database, DISPATCHER, [report])
    town_database.write(
        lambda c: c.execute("UPDATE outages SET scope = 'feeder:F-07' WHERE outage_id = 'OUT-1'")
    )
    deeds.undo(town_database, DISPATCHER)
    assert members(town_database)[report] == "OUT-1"
    assert outage(town_database, "OUT-1")["scope"] == "feeder:F-07"
