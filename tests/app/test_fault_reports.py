"""Reports fill in their place by the links of their moment; triage, scope, files, freshness."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from app.store import meta, outages
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    batches,
    derive,
    fault_group_deeds,
    fault_groups,
    fault_intake,
    fault_reports,
    fault_wishes,
    order_deeds,
)
from app.use_cases.access import within
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.fault_wishes import ReportWish
from app.use_cases.load import LoadChoice, load
from app.use_cases.order_deeds import DeedWish
from grid_cells.errors import UserError
from tests.conftest import LOADER, NOW, LittleTown

CLERK = Actor("user:town-clerk", "孙悦", "hall_clerk")
NORTH = Actor("user:n", "n", "hall_clerk", Scope("S1"))
LIT = "0000000045"  # on T-011
FILE = """报修编号,受理时间,受理渠道,户号,报修人,联系电话,\
故障地址,业务类型,故障分类,受理内容,到达现场时间
GZ-1,2026-07-16 18:30,95598,0000000041,王先生,13900000000,,故障报修,低压线路故障,没电了,
GZ-2,2026-07-16 18:32,网上国网,,李女士,,码头路44号,停电查询,客户内部,跳闸,
GZ-3,2026-07-16 18:35,95598,0000000045,,,,,地震,?,
GZ-4,2026-07-10 08:00,营业厅,0000000049,,,,投诉,hv,?,2026-07-10 08:40
"""


def row(db: Database, report: str) -> dict[str, Any]:
    frame = db.query("SELECT * FROM fault_reports WHERE report_id = ?", [report])
    return {str(k): v for k, v in frame.iloc[0].to_dict().items()}


def taken(db: Database, **wish: Any) -> dict[str, Any]:
    return row(db, fault_reports.register(db, CLERK, ReportWish(**wish)).report_id)


def test_a_customers_place_line_area_and_crew_fill_themselves_in(
    town_database: Database, town: LittleTown
) -> None:
    found = taken(town_database, customer_no=LIT, channel="营业厅")
    area, crew = ("W-01", "C0") if town.is_west(11) else ("E-01", "C1")
    lat, lon = town.places[11]
    assert (found["transformer_id"], found["feeder_id"], found["area_id"], found["crew_id"]) == (
        "T-011", "F-07", area, crew,
    )  # fmt: skip
    assert (found["lon"], found["lat"], found["position_source"]) == (lon, lat, "customer")
    assert f"{found['cell_id']:x}" == town.cells[11]
    assert (found["channel"], found["service_type"], found["verdict"]) == (
        "hall", "fault", "crew_needed",
    )  # fmt: skip


def test_a_transformer_an_address_and_a_point_say_where_they_come_from(
    town_database: Database, town: LittleTown
) -> None:
    lat, lon = town.places[20]
    line = taken(town_database, transformer_id="T-020")
    home = taken(town_database, address="码头路80号")
    spot = taken(town_database, lon=lon + 0.0004, lat=lat, datum="wgs84")
    far = taken(town_database, lon=lon + 0.5, lat=lat, datum="wgs84")
    sources = [one["position_source"] for one in (line, home, spot, far)]
    assert sources == ["transformer", "address", "point", "point"]
    assert [one["transformer_id"] for one in (line, home, spot)] == ["T-020"] * 3
    assert isinstance(far["transformer_id"], float)  # nobody lives within 100 m: nothing is guessed
    steps = json.loads(far["triage"])
    assert steps[0] == {"step": "known_outage", "answer": "unknown"}


def test_cells_are_exact_beside_calls_that_have_none(
    town_database: Database, town: LittleTown
) -> None:
    lat, lon = town.places[30]
    wishes = [
        ReportWish(report_id="a", customer_no=LIT), ReportWish(report_id="b", address="nowhere"),
        ReportWish(report_id="c", transformer_id="T-020"),
        ReportWish(report_id="d", address="码头路160号"),
        ReportWish(report_id="e", lon=lon, lat=lat, datum="wgs84"),
    ]  # fmt: skip
    fault_reports.submit(town_database, CLERK, wishes).result()
    held = town_database.read().execute("SELECT cell_id FROM fault_reports ORDER BY report_id")
    cells = [None if cell is None else f"{cell:x}" for (cell,) in held.fetchall()]
    assert cells == [town.cells[11], None, town.cells[20], town.cells[40], town.cells[30]]


def test_an_address_nobody_has_is_taken_and_left_unplaced(town_database: Database) -> None:
    found = taken(town_database, address="the corner by the old mill")
    assert (found["position_source"], found["verdict"]) == ("none", "crew_needed")
    assert found["address"] == "the corner by the old mill"


def test_a_point_keeps_what_was_given_beside_the_converted_one(
    town_database: Database, town: LittleTown
) -> None:
    lat, lon = town.places[20]
    found = taken(town_database, lon=lon, lat=lat, datum="gcj02")
    assert (found["given_x"], found["given_y"], found["given_datum"]) == (lon, lat, "gcj02")
    assert abs(found["lon"] - lon) > 0.001


def test_the_line_is_that_of_the_calls_own_moment(town_database: Database) -> None:
    """The customer's meter went over to T-030 half an hour ago."""

    def change(connection: Any) -> None:
        connection.execute("UPDATE meters SET valid_to = ? WHERE customer_no = ?", [SWITCH, LIT])
        connection.execute(
            "INSERT INTO meters (meter_id, customer_no, transformer_id, role, valid_from)"
            " VALUES ('M-new', ?, 'T-030', 'billing', ?)", [LIT, SWITCH],
        )  # fmt: skip
        meta.touch_facts(connection, "meters")

    town_database.write(change)
    before = taken(town_database, customer_no=LIT, registered_at=SWITCH - timedelta(minutes=1))
    after = taken(town_database, customer_no=LIT)
    assert (before["transformer_id"], after["transformer_id"]) == ("T-011", "T-030")


SWITCH = NOW - timedelta(minutes=30)


def test_the_promise_is_the_places_and_the_clock_starts_at_registration(
    town_database: Database,
) -> None:
    zone = shapely.to_wkb(shapely.box(112, 30, 113, 31))

    def change(connection: Any) -> None:
        connection.execute("INSERT INTO promise_zones VALUES ('z', 'rural', ?, 1, 1)", [zone])
        meta.touch_facts(connection, "promise_zones")

    town_database.write(change)
    at = NOW - timedelta(minutes=10)
    wish = ReportWish(customer_no=LIT, registered_at=at)
    found = fault_reports.register(town_database, CLERK, wish)
    assert (found.promise_class, found.arrive_by) == ("rural", at + timedelta(minutes=90))


@pytest.mark.parametrize(
    ("at", "step", "verdict"),
    [
        (NOW - timedelta(minutes=1), None, "known_outage"),
        (NOW - timedelta(hours=3), None, "crew_needed"),
        (NOW, "transformer:T-010", "crew_needed"),
        (NOW, "customer:0000000041", "crew_needed"),
        (NOW, "customer:0000000042", "known_outage"),
    ],
)
def test_a_known_outage_is_known_at_its_time_and_for_whom_it_still_is(
    town_database: Database, at: datetime, step: str | None, verdict: str
) -> None:
    """OUT-1 began two hours ago; a step may have brought back the line or one home since."""

    def change(connection: Any) -> None:
        meta.set_value(connection, "clock_at", at.isoformat())
        if step is not None:
            connection.execute(
                "INSERT INTO outage_steps VALUES ('OUT-1', ?, 'restored', ?, 1, 1, 1)",
                [NOW - timedelta(minutes=20), step],
            )

    town_database.write(change)
    assert taken(town_database, customer_no="0000000041")["verdict"] == verdict


def test_a_step_that_has_not_come_yet_is_not_known(town_database: Database) -> None:
    town_database.write(
        lambda c: c.execute(
            "INSERT INTO outage_steps VALUES ('OUT-1', ?, 'restored', ?, 4, 1, 1)",
            [NOW + timedelta(minutes=1), "transformer:T-010"],
        )
    )
    assert taken(town_database, customer_no="0000000041")["verdict"] == "known_outage"


def test_the_estimate_is_the_last_one_told_by_now(town_database: Database) -> None:
    def change(connection: Any) -> None:
        for minutes, hours in ((-30, 2), (-5, 3), (5, 9)):
            connection.execute(
                "INSERT INTO outage_estimates VALUES ('OUT-1', ?, ?, NULL, 't', NULL)",
                [NOW + timedelta(minutes=minutes), NOW + timedelta(hours=hours)],
            )

    town_database.write(change)
    look = fault_reports.look(town_database, CLERK, ReportWish(customer_no="0000000041"))
    assert look.taken.steps[0]["until"] == (NOW + timedelta(hours=3)).isoformat()


def test_debt_and_a_meter_that_answers_are_found(town_database: Database) -> None:
    def change(connection: Any) -> None:
        connection.execute(
            "UPDATE customers SET is_disconnected = true WHERE customer_no = '0000000049'"
        )
        connection.execute(
            "INSERT INTO meter_readings (meter_id, day, energy_kwh, source, received_at)"
            " VALUES ('M0000000045', '2026-07-16', 1, 'measured', ?)", [NOW - timedelta(minutes=4)],
        )  # fmt: skip

    town_database.write(change)
    assert taken(town_database, customer_no="0000000049")["verdict"] == "disconnected"
    assert taken(town_database, customer_no=LIT)["verdict"] == "crew_needed"  # it came before
    heard = taken(town_database, customer_no=LIT, registered_at=NOW - timedelta(minutes=5))
    assert heard["verdict"] == "meter_answers"
    step = json.loads(heard["triage"])[3]
    assert step["heard_at"] == (NOW - timedelta(minutes=4)).isoformat()


def test_a_call_makes_nothing_stale_and_is_seen_at_once(town_database: Database) -> None:
    north = within(town_database, NORTH)
    north.read()
    before = meta.facts_version(town_database)
    fault_reports.register(town_database, CLERK, ReportWish(customer_no=LIT, caller="诸葛"))
    assert meta.facts_version(town_database) == before
    assert derive.refresh(town_database, NOW) is False
    assert len(fault_reports.recent(town_database, CLERK)) == 1


def test_the_list_is_masked_by_role_and_limited_by_scope(
    town_database: Database, town: LittleTown
) -> None:
    west, east = (next(k for k in range(61) if town.is_west(k) is w) for w in (True, False))
    for place in (west, east):
        wish = ReportWish(
            customer_no=f"{4 * place + 1:010d}", caller="诸葛孔明", phone="13912345678"
        )
        fault_reports.register(town_database, CLERK, wish)
    crew = fault_reports.recent(town_database, Actor("user:town-crew", "赵强", "crew"))
    assert crew["phone"].tolist() == ["139******78"] * 2
    hotline = fault_reports.recent(town_database, Actor("m", "95598", "hotline"))
    assert "诸葛孔明" not in hotline.to_csv()
    assert f"{4 * west + 1:010d}" not in hotline.to_csv()
    mine = fault_reports.recent(town_database, NORTH)
    assert mine["area_id"].tolist() == ["W-01"]


@pytest.mark.parametrize("how", ["customer_no", "transformer_id", "point"])
def test_nobody_reports_a_place_of_the_next_station(
    town_database: Database, town: LittleTown, how: str
) -> None:
    east = next(k for k in range(61) if not town.is_west(k))
    lat, lon = town.places[east]
    wish = {
        "customer_no": ReportWish(customer_no=f"{4 * east + 1:010d}"),
        "transformer_id": ReportWish(transformer_id=f"T-{east:03d}"),
        "point": ReportWish(lon=lon, lat=lat, datum="wgs84"),
    }[how]
    if how == "transformer_id":
        town_database.write(lambda c: c.execute("UPDATE feeders SET unit_id = 'S2'"))
        town_database.write(lambda c: meta.touch_facts(c, "feeders"))
    for act in (fault_reports.register, fault_reports.look):
        with pytest.raises(UserError, match="fault_unknown"):
            act(town_database, NORTH, wish)
    assert town_database.query("SELECT * FROM fault_reports").empty
    refused = town_database.query("SELECT actor FROM audit_log WHERE event = 'access_refused'")
    assert refused["actor"].tolist() == ["user:n"] * 2


def test_a_number_of_the_next_station_tells_nothing_of_its_report(
    town_database: Database, town: LittleTown
) -> None:
    west, east = (next(k for k in range(61) if town.is_west(k) is w) for w in (True, False))
    theirs = ReportWish(report_id="E-1", customer_no=f"{4 * east + 1:010d}")
    fault_reports.register(town_database, CLERK, theirs)
    mine = ReportWish(report_id="E-1", customer_no=f"{4 * west + 1:010d}")
    with pytest.raises(UserError, match="fault_report_id_taken") as refused:
        fault_reports.register(town_database, NORTH, mine)
    assert refused.value.values == {"field": "report_id", "value": "E-1", "item": 0}
    last = town_database.query("SELECT * FROM audit_log ORDER BY event_id DESC LIMIT 1").iloc[0]
    assert (last["event"], last["actor"]) == ("access_refused", "user:n")
    own = ReportWish(report_id="W-1", customer_no=f"{4 * west + 1:010d}")
    fault_reports.register(town_database, NORTH, own)
    assert fault_reports.register(town_database, NORTH, own).is_repeated


def test_overruling_needs_a_verdict_a_reason_and_a_report(town_database: Database) -> None:
    report = fault_reports.register(town_database, CLERK, ReportWish(customer_no=LIT)).report_id
    for given in (
        ("nobody", "crew_needed", "danger"), (report, "magic", "danger"),
        (report, "crew_needed", "because"),
    ):  # fmt: skip
        with pytest.raises(UserError):
            fault_reports.overrule(town_database, CLERK, *given)
    fault_reports.overrule(town_database, CLERK, report, "known_outage", "danger")
    assert row(town_database, report)["verdict"] == "known_outage"


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reports.csv"
    path.write_bytes(FILE.encode("gb18030"))
    return path


def test_a_chinese_file_in_gb18030_fills_itself_in(town_database: Database, file: Path) -> None:
    told = load(town_database, LOADER, "fault_reports", [file], LoadChoice())
    assert (told.rows, told.loaded, told.rejected) == (4, 3, 1)
    line = told.rejects.iloc[0]
    assert (line["row"], line["column"], line["value"], line["code"]) == (
        4, "故障分类", "地震", "unknown_choice",
    )  # fmt: skip
    assert "lv_line" in line["expected"]
    first, second, third = (row(town_database, f"GZ-{k}") for k in (1, 2, 4))
    assert (first["channel"], first["fault_class"], first["transformer_id"], first["caller"]) == (
        "hotline", "lv_line", "T-010", "王先生",
    )  # fmt: skip
    assert first["registered_at"] == datetime.fromisoformat("2026-07-16T18:30:00+08:00")
    assert (second["fault_class"], second["transformer_id"], second["position_source"]) == (
        "customer_internal", "T-011", "address",
    )  # fmt: skip
    assert (third["channel"], third["service_type"], third["fault_class"]) == (
        "hall", "complaint", "hv",
    )  # fmt: skip
    assert all(isinstance(one["area_id"], str) for one in (first, second, third))
    homes = town_database.query(
        "SELECT count(*) AS n FROM fault_reports r JOIN customers c USING (cell_id)"
        " WHERE c.customer_no = coalesce(r.customer_no, '0000000045')"
    )
    assert homes["n"].iloc[0] == 3


def test_the_same_file_again_changes_nothing_and_undo_takes_it_back(
    town_database: Database, file: Path
) -> None:
    told = load(town_database, LOADER, "fault_reports", [file], LoadChoice())
    before = town_database.query("SELECT * FROM fault_reports ORDER BY 1").to_csv()
    again = load(town_database, LOADER, "fault_reports", [file], LoadChoice())
    assert (again.loaded, again.unchanged) == (0, 3)
    assert town_database.query("SELECT * FROM fault_reports ORDER BY 1").to_csv() == before
    assert told.batch_id is not None
    batches.undo(town_database, LOADER, told.batch_id)
    assert town_database.query("SELECT * FROM fault_reports").empty


def test_a_later_file_adds_what_the_crew_did_and_keeps_the_rest(
    town_database: Database, tmp_path: Path
) -> None:
    wish = ReportWish(report_id="HL-1", customer_no=LIT, fault_class="lv", caller="王先生",
                      registered_at=NOW - timedelta(minutes=30))  # fmt: skip
    fault_reports.register(town_database, CLERK, wish)
    before = row(town_database, "HL-1")
    path = tmp_path / "later.csv"
    path.write_text(
        "report_id,registered_at,customer_no,arrived_at\n"
        f"HL-1,2026-07-16T19:10:00+08:00,{LIT},2026-07-16T19:35:00+08:00\n"
    )
    load(town_database, LOADER, "fault_reports", [path], LoadChoice())
    after = row(town_database, "HL-1")
    assert after["arrived_at"] == NOW - timedelta(minutes=5)
    for name in ("verdict", "triage", "caller", "area_id", "crew_id", "received_at", "lon"):
        assert after[name] == before[name]


def test_calls_of_a_file_are_grouped_at_once_unless_it_names_their_outage(
    town_database: Database, tmp_path: Path
) -> None:
    """The first file of one's own ends the sample, and with it the demo clock."""
    path = tmp_path / "r.csv"
    begun = [(real_now() - timedelta(minutes=k)).isoformat() for k in (10, 7, 6)]
    path.write_text(
        "report_id,registered_at,customer_no,outage_id\n"
        f"A,{begun[0]},0000000081,\nB,{begun[1]},0000000082,\nC,{begun[2]},0000000121,OUT-1\n"
    )
    load(town_database, LOADER, "fault_reports", [path], LoadChoice())
    first, second, third = (row(town_database, one)["outage_id"] for one in "ABC")
    assert first == second
    assert str(first).startswith("CALL-")
    assert third == "OUT-1"
    assert row(town_database, "C")["grouped_by"] == "file"


def test_a_file_is_stored_even_where_no_groups_can_be_found(
    town_database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("no groups")

    monkeypatch.setattr(fault_groups, "regroup", broken)
    assert load(town_database, LOADER, "fault_reports", [file], LoadChoice()).loaded == 3


AGAIN = """report_id,registered_at,customer_no,told_at,arrived_at,crew_id,outage_id
D-1,{at},0000000045,,,,
D-2,{at},0000000049,{at},{at},C0,OUT-1
"""
DISPATCHER = Actor("user:town-dispatcher", "林薇", "dispatcher")


def _load(db: Database, folder: Path, text: str) -> int:
    path = folder / "again.csv"
    path.write_text(text)
    told = load(db, LOADER, "fault_reports", [path], LoadChoice())
    assert told.batch_id is not None
    return told.batch_id


def test_a_file_loaded_again_wipes_no_deed_and_no_group_by_hand(
    town_database: Database, tmp_path: Path
) -> None:
    begun = (real_now() - timedelta(minutes=20)).isoformat()
    bare = f"report_id,registered_at,customer_no\nD-1,{begun},{LIT}\nD-2,{begun},0000000049\n"
    _load(town_database, tmp_path, bare)
    for report in ("D-1", "D-2"):
        for deed in (DeedWish("told", crew_id="C1"), DeedWish("accepted")):
            order_deeds.direct(town_database, DISPATCHER, report, deed)
    mine = fault_group_deeds.split(town_database, DISPATCHER, ["D-1", "D-2"])
    before = [row(town_database, one) for one in ("D-1", "D-2")]
    _load(town_database, tmp_path, AGAIN.format(at=begun))
    for old in before:
        new = row(town_database, old["report_id"])
        assert (new["outage_id"], new["grouped_by"], new["crew_id"]) == (mine, "hand", "C1")
        assert (new["told_at"], new["accepted_at"]) == (old["told_at"], old["accepted_at"])
        assert isinstance(new["arrived_at"], type(pd.NaT))


def test_a_blank_cell_of_a_later_file_wipes_nothing(
    town_database: Database, tmp_path: Path
) -> None:
    at = (real_now() - timedelta(minutes=20)).isoformat()
    _load(town_database, tmp_path, AGAIN.format(at=at))
    _load(town_database, tmp_path, AGAIN.format(at=at).replace(f"{at},{at},C0,OUT-1", ",,,"))
    held = row(town_database, "D-2")
    assert (held["crew_id"], held["outage_id"], held["grouped_by"]) == ("C0", "OUT-1", "file")
    assert held["arrived_at"] == pd.Timestamp(at)


def test_a_load_on_whose_reports_somebody_worked_is_not_taken_back(
    town_database: Database, tmp_path: Path
) -> None:
    at = (real_now() - timedelta(minutes=20)).isoformat()
    batch = _load(town_database, tmp_path, AGAIN.format(at=at))
    order_deeds.direct(town_database, DISPATCHER, "D-1", DeedWish("told", crew_id="C1"))
    with pytest.raises(UserError, match="undo_reports_acted_on"):
        batches.undo(town_database, LOADER, batch)
    order_deeds.undo(town_database, DISPATCHER, "D-1")
    batches.undo(town_database, LOADER, batch)
    assert town_database.query("SELECT * FROM fault_reports").empty
    assert town_database.query("SELECT * FROM fault_report_events").empty


def test_a_call_from_nowhere_is_not_taken_from_who_would_not_see_it(
    town_database: Database,
) -> None:
    with pytest.raises(UserError, match="fault_place_unfound"):
        fault_reports.register(town_database, NORTH, ReportWish(address="the old mill"))
    assert town_database.query("SELECT * FROM fault_reports").empty


def test_a_wished_line_must_be_known_beside_a_customer_too(town_database: Database) -> None:
    wish = ReportWish(customer_no=LIT, transformer_id="T-nowhere")
    with pytest.raises(UserError, match="fault_unknown_transformer_id"):
        fault_reports.register(town_database, CLERK, wish)


def test_a_report_of_an_unknown_customer_is_seen_by_its_place(
    town_database: Database, town: LittleTown
) -> None:
    west = next(k for k in range(61) if town.is_west(k))
    wish = ReportWish(report_id="U-1", customer_no=f"{4 * west + 1:010d}")
    fault_reports.register(town_database, CLERK, wish)
    town_database.write(
        lambda c: c.execute("UPDATE fault_reports SET customer_no = 'gone' WHERE true")
    )
    assert fault_reports.recent(town_database, NORTH)["report_id"].tolist() == ["U-1"]


def test_only_who_gets_a_crew_is_told_of_its_arrival(town_database: Database) -> None:
    zone = shapely.to_wkb(shapely.box(112, 30, 113, 31))

    def change(connection: Any) -> None:
        connection.execute("INSERT INTO promise_zones VALUES ('z', 'rural', ?, 1, 1)", [zone])
        meta.touch_facts(connection, "promise_zones")

    town_database.write(change)
    dark = fault_reports.register(town_database, CLERK, ReportWish(customer_no="0000000041"))
    assert (dark.verdict, dark.promise_class, dark.arrive_by) == ("known_outage", "rural", None)


def test_a_person_with_the_duty_is_no_crew(town_database: Database) -> None:
    def change(connection: Any) -> None:
        connection.execute(
            "UPDATE area_duties SET staff_id = 'P-1', crew_id = NULL WHERE duty = 'repair'"
        )
        meta.touch_facts(connection, "duties")

    town_database.write(change)
    assert not isinstance(taken(town_database, customer_no=LIT)["crew_id"], str)


def test_one_call_that_cannot_be_written_harms_no_other(
    town_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = fault_intake.store.insert

    def broken(connection: Any, rows: Any, actors: Any) -> None:
        if any(one["report_id"] == "BAD" for one in rows):
            raise ValueError("bad")
        insert(connection, rows, actors)

    monkeypatch.setattr(fault_intake.store, "insert", broken)
    tasks = [
        fault_intake._Task(town_database, CLERK, [fault_wishes.checked(
            ReportWish(report_id=one, customer_no=LIT), None)])
        for one in ("A", "BAD", "B")
    ]  # fmt: skip
    intake = fault_intake._Intake(waiting=tasks, calls=3, is_running=True)
    for task in tasks:
        task.stored.set_running_or_notify_cancel()
    fault_intake._write_all(town_database, intake)
    assert [task.stored.exception() is None for task in tasks] == [True, False, True]


def test_where_no_thread_starts_the_next_call_is_taken(
    town_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            fault_intake.threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError)
        )
        with pytest.raises(RuntimeError):
            fault_reports.submit(town_database, CLERK, [ReportWish(customer_no=LIT)]).result(5)
    assert taken(town_database, customer_no=LIT)["verdict"] == "crew_needed"


def test_a_file_puts_no_open_call_to_an_outage_that_was_not_in_force(
    town_database: Database, tmp_path: Path
) -> None:
    """OUT-1 began long before; OUT-9 is planned; what is restored keeps the file's word."""
    now = real_now()

    def change(connection: Any) -> None:
        connection.execute(
            "INSERT INTO outages (outage_id, kind, status, started_at)"
            " VALUES ('OUT-9', 'planned', 'notified', ?)", [now + timedelta(days=2)],
        )  # fmt: skip

    town_database.write(change)
    begun, back = ((now - timedelta(minutes=k)).isoformat() for k in (30, 5))
    text = (
        "report_id,registered_at,customer_no,restored_at,outage_id\n"
        f"A,{begun},0000000081,,OUT-9\nB,{begun},0000000121,{back},OUT-9\nC,{begun},0000000161,,OUT-1\n"
    )
    _load(town_database, tmp_path, text)
    first, second, third = (row(town_database, one) for one in "ABC")
    assert pd.isna(first["outage_id"])
    assert first["grouped_by"] == "rule"
    assert json.loads(first["group_reason"]) == {"code": "not_in_force", "outage_id": "OUT-9"}
    assert (second["outage_id"], third["outage_id"]) == ("OUT-9", "OUT-1")
    again = load(town_database, LOADER, "fault_reports", [tmp_path / "again.csv"], LoadChoice())
    assert (again.loaded, again.unchanged) == (0, 3)


def test_a_file_is_triaged_as_of_each_registration(town_database: Database, tmp_path: Path) -> None:
    """T-020 was out from 60 to 30 minutes ago; the estimate was changed 40 minutes ago."""
    now = real_now()
    ago = {k: now - timedelta(minutes=k) for k in (60, 55, 50, 40, 35, 30, 20, 5)}

    def change(connection: Any) -> None:
        connection.execute(
            "INSERT INTO outages (outage_id, kind, status, scope, started_at, restored_at)"
            " VALUES ('OUT-2', 'fault', 'ended', 'transformer:T-020', ?, ?)", [ago[60], ago[30]],
        )  # fmt: skip
        connection.execute(
            "INSERT INTO outage_estimates VALUES ('OUT-2', ?, ?, NULL, 'x', NULL),"
            " ('OUT-2', ?, ?, NULL, 'x', NULL)", [ago[55], ago[20], ago[40], ago[5]],
        )  # fmt: skip
        outages.touch(connection)

    town_database.write(change)
    calls = {"A": (50, ""), "B": (35, ""), "C": (20, ""), "D": (50, ago[20].isoformat())}
    lines = [
        f"{k},{ago[at].isoformat()},000000008{n + 1},{back}"
        for n, (k, (at, back)) in enumerate(calls.items())
    ]
    heard: list[float] = []
    path = tmp_path / "triage.csv"
    path.write_text("report_id,registered_at,customer_no,restored_at\n" + "\n".join(lines) + "\n")
    load(town_database, LOADER, "fault_reports", [path], LoadChoice(), progress=heard.append)
    found = {one: row(town_database, one) for one in "ABCD"}
    assert [found[one]["verdict"] for one in "ABC"] == [
        "known_outage", "known_outage", "crew_needed",
    ]  # fmt: skip
    assert pd.isna(found["D"]["verdict"])
    assert [found[one]["outage_id"] for one in "AB"] == ["OUT-2", "OUT-2"]
    until = [json.loads(found[one]["triage"])[0]["until"] for one in "AB"]
    assert [datetime.fromisoformat(one) for one in until] == [ago[20], ago[5]]
    assert any(0.6 < one <= 0.9 for one in heard)
    again = load(town_database, LOADER, "fault_reports", [path], LoadChoice())
    assert (again.loaded, again.unchanged) == (0, 4)
