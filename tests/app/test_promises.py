"""Orders of the little town against their promise: clocks, deeds, crews, history, scope."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import h3
import pandas as pd
import pytest

from app.cli.arguments import build_parser
from app.cli.commands import run
from app.cli.terminal import Terminal
from app.store import order_deeds as deed_store
from app.store import outages as outage_store
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.use_cases import (
    clock,
    order_deeds,
    promise_cells,
    promise_crews,
    promise_history,
    promises,
    remember,
)
from app.use_cases.actors import Actor
from app.use_cases.order_deeds import DeedWish
from grid_cells.errors import AccessDenied, UserError
from grid_cells.promise_shares import COUNTS
from tests.app.calls_town import ago, fill
from tests.conftest import NOW, LittleTown, with_more

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
CREW = Actor("user:town-crew", "赵强", role="crew")
CLERK = Actor("user:town-clerk", "孙悦", role="hall_clerk")


@pytest.fixture(scope="module")
def town_file(town_file: Path, town: LittleTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its calls."""
    folder = tmp_path_factory.mktemp("calls")
    return with_more(town_file, folder, lambda db: fill(db, town, folder))


@pytest.fixture
def db(town_database: Database) -> Database:
    return town_database


def listed(db: Database, actor: Actor = BOSS) -> pd.DataFrame:
    return promises.open_orders(db, actor).set_index("report_id")


def do(db: Database, report: str, deed: str, actor: Actor = BOSS, **more: object) -> int:
    return order_deeds.direct(db, actor, report, DeedWish(deed, **more)).orders  # type: ignore[arg-type]


def move(db: Database, minutes: float) -> None:
    db.write(lambda c: clock.start_clock(c, at=NOW + timedelta(minutes=minutes), running=False))


def events(db: Database, report: str) -> list[str]:
    rows = db.read().execute(
        "SELECT event FROM fault_report_events WHERE report_id = ? ORDER BY rowid", [report]
    )
    return [str(one) for (one,) in rows.fetchall()]


def test_open_orders_stand_with_what_breaks_first_on_top(db: Database) -> None:
    found = listed(db)
    assert found.index.tolist() == ["R3", "R1", "R2"]
    assert found["state"].tolist() == ["broken", "risk", "running"]
    assert found["left_min"].tolist() == [-15, 5, 35]
    assert found["promise_class"].unique().tolist() == ["city"]
    assert set(found["area_id"]) <= {"W-01", "E-01"}
    assert found["crew_min"].notna().all()


def test_at_a_moment_before_nothing_later_is_known(db: Database) -> None:
    found = promises.open_orders(db, BOSS, ago(245)).set_index("report_id")
    assert found.index.tolist() == ["R5", "R4"]
    assert pd.isna(found.loc["R5", "arrived_at"])
    assert found.loc["R5", "state"] == "broken"


def test_the_strip_tells_the_day_and_what_changed_since_yesterday(db: Database) -> None:
    """Arrived today after 30 and 60 min; decided R3, R4, R5, of which R4 was kept."""
    found = {one.code: one for one in promises.figures(db, BOSS)}
    assert {code: one.value for code, one in found.items()} == {
        "open": 3, "risk": 1, "broken": 1, "average": 45, "kept": pytest.approx(100 / 3),
        "longest": 60,
    }  # fmt: skip
    assert found["open"].change == 3
    assert found["average"].change is None


def test_a_deed_on_an_outages_order_holds_for_all_its_open_orders(db: Database) -> None:
    assert do(db, "R1", "told", crew_id="C0") == 2
    assert do(db, "R2", "accepted") == 2
    move(db, 3)
    assert order_deeds.progress(db, CREW, "R1", DeedWish("arrived")).orders == 2
    found = listed(db)
    assert found.loc[["R1", "R2"], "arrive_state"].tolist() == ["kept", "kept"]
    assert found.loc[["R1", "R2"], "counted_min"].tolist() == [43, 13]
    assert events(db, "R2") == ["told", "accepted", "arrived"]
    assert found.loc["R3", "state"] == "broken"


def test_a_stop_is_told_apart_and_one_customers_reason_holds_for_them_alone(db: Database) -> None:
    assert do(db, "R1", "stopped", reason="customer_absent") == 1
    assert do(db, "R2", "stopped", reason="road_closed") == 1  # R1 stands still already
    move(db, 30)
    found = listed(db)
    assert found.loc["R1", ["state", "stopped_min", "left_min"]].tolist() == ["stopped", 30, 5]
    assert found.loc["R1", "elapsed_min"] == 70
    assert do(db, "R1", "resumed") == 2
    move(db, 36)
    assert listed(db).loc["R1", "state"] == "broken"


def test_the_last_deed_can_be_taken_back_with_its_stamps(db: Database) -> None:
    do(db, "R1", "told", crew_id="C0")
    do(db, "R1", "accepted")
    assert order_deeds.undo(db, BOSS, "R1").orders == 2
    row = listed(db).loc["R2"]
    assert pd.isna(row["accepted_at"])
    assert row["crew_id"] == "C0"
    assert order_deeds.undo(db, BOSS, "R1").orders == 2
    assert pd.isna(listed(db).loc["R1", "told_at"])
    with pytest.raises(UserError, match="order_nothing_to_undo"):
        order_deeds.undo(db, BOSS, "R1")
    assert events(db, "R1") == ["told", "accepted", "undone", "undone"]


def test_a_stop_taken_back_never_was(db: Database) -> None:
    do(db, "R1", "stopped", reason="weather")
    order_deeds.undo(db, BOSS, "R1")
    move(db, 10)
    assert listed(db).loc["R1", ["stopped_min", "state"]].tolist() == [0, "broken"]


@pytest.mark.parametrize(
    ("deed", "more", "code"),
    [
        ("accepted", {}, "order_not_told"),
        ("told", {}, "order_crew_needed"),
        ("told", {"crew_id": "C9"}, "crew_unknown"),
        ("stopped", {"reason": "tired"}, "stop_reason_unknown"),
        ("resumed", {}, "order_not_stopped"),
        ("returned", {}, "order_not_told"),
        ("reassigned", {"crew_id": "C1"}, "order_not_told"),
    ],
)
def test_what_the_state_does_not_allow_is_refused_and_leaves_nothing(
    db: Database, deed: str, more: dict[str, str], code: str
) -> None:
    with pytest.raises(UserError, match=code):
        do(db, "R3", deed, **more)
    assert events(db, "R3") == []


def test_a_closed_order_and_one_nobody_knows_are_refused(db: Database) -> None:
    with pytest.raises(UserError, match="order_closed"):
        do(db, "R4", "arrived")
    for unknown in ("R6", "13900000001"):
        with pytest.raises(UserError, match="order_unknown"):
            do(db, unknown, "arrived")


def test_an_order_can_be_given_to_another_crew_and_handed_back(db: Database) -> None:
    do(db, "R3", "told", crew_id="C0")
    with pytest.raises(UserError, match="order_same_crew"):
        do(db, "R3", "reassigned", crew_id="C0")
    do(db, "R3", "reassigned", crew_id="C1")
    assert listed(db).loc["R3", "crew_id"] == "C1"
    do(db, "R3", "returned")
    assert pd.isna(listed(db).loc["R3", "told_at"])
    assert do(db, "R3", "told", crew_id="C0") == 1


def test_of_two_who_act_at_once_one_learns_what_the_other_did(db: Database) -> None:
    def tell(crew: str) -> str:
        try:
            return str(do(db, "R3", "told", crew_id=crew))
        except UserError as error:
            return f"{error.code} {error.values['crew']}"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(tell, ["C0", "C1"]))
    held = listed(db).loc["R3", "crew_id"]
    assert answers == ["1", f"order_told_already {held}"]
    assert events(db, "R3") == ["told"]


def test_crews_act_on_the_spot_and_clerks_only_urge(db: Database) -> None:
    with pytest.raises(AccessDenied):
        order_deeds.progress(db, CLERK, "R3", DeedWish("arrived"))
    with pytest.raises(AccessDenied):
        order_deeds.direct(db, CREW, "R3", DeedWish("told", crew_id="C0"))
    with pytest.raises(UserError, match="order_not_for_crews"):
        order_deeds.progress(db, CREW, "R3", DeedWish("told", crew_id="C0"))
    assert order_deeds.urge(db, CLERK, "R1").orders == 1
    assert events(db, "R1") == ["urged"]
    assert events(db, "R2") == []
    with pytest.raises(UserError, match="order_undo_not_yours"):
        order_deeds.undo(db, CREW, "R1")
    assert set(order_deeds.possible(db, CREW, "R3")) == {"arrived", "stopped", "restored", "urged"}
    assert "told" in order_deeds.possible(db, BOSS, "R3")


def test_a_deed_is_audited_without_anybodys_words(db: Database) -> None:
    do(db, "R3", "stopped", reason="road_closed")
    row = db.query("SELECT * FROM audit_log WHERE event = 'order_stopped'").iloc[0]
    assert (row["actor"], row["subject"]) == (BOSS.id, "report:R3")
    assert json.loads(row["detail"]) == {"orders": 1, "reason": "road_closed"}


def test_who_could_still_make_it_is_named_free_crews_first(db: Database) -> None:
    do(db, "R3", "told", crew_id="C0")
    do(db, "R3", "accepted")
    found = promises.who_could(db, BOSS, "R1")
    assert found["crew_id"].tolist() == ["C1", "C0"]
    assert found["is_in_time"].all()
    assert found.set_index("crew_id").loc["C0", "busy_with"] == "R3"
    with pytest.raises(UserError, match="order_unknown"):
        promises.who_could(db, BOSS, "R4")


def test_a_call_after_the_crew_is_there_counts_nothing(db: Database) -> None:
    do(db, "R1", "told", crew_id="C0")
    do(db, "R1", "arrived")
    db.write(
        lambda c: c.execute(
            "INSERT INTO fault_reports (report_id, registered_at, outage_id, verdict, cell_id)"
            " SELECT 'R7', ?, 'OUT-1', 'known_outage', cell_id FROM customers LIMIT 1",
            [NOW + timedelta(minutes=5)],
        )
    )
    move(db, 20)
    row = listed(db).loc["R7"]
    assert (row["counted_min"], row["arrive_state"]) == (0, "kept")


def test_a_scope_sees_and_moves_its_own_orders_only(db: Database, town: LittleTown) -> None:
    north = Actor("user:north", "何北", role="dispatcher", scope=Scope("S1"))
    seen = listed(db, north)
    whole = listed(db)
    assert 0 < len(seen) < len(whole)
    assert seen["area_id"].unique().tolist() == ["W-01"]
    other = next(one for one in whole.index if one not in seen.index)
    with pytest.raises(AccessDenied):
        do(db, other, "told", north, crew_id="C0")
    assert events(db, other) == []
    refused = db.query("SELECT detail FROM audit_log WHERE event = 'access_refused'")
    assert len(refused) == 1


def test_who_may_not_see_addresses_gets_the_middle_of_the_cell(db: Database) -> None:
    manager = Actor("user:town-manager", "周明", role="manager")
    exact, masked = listed(db), listed(db, manager)
    assert (exact["lon"] != masked["lon"]).all()
    assert masked["lon"].notna().all()
    assert not masked["customer_no"].isin(exact["customer_no"]).any()


def test_the_cells_of_open_orders_and_of_the_place(db: Database) -> None:
    orders = promise_cells.cells(db, BOSS, "orders").set_index("cell_id")
    assert sorted(orders["value"]) == [1, 2]  # R1 and R2 share a cell
    assert orders["orders"].sum() == 3
    place = promise_cells.cells(db, BOSS, "place")
    assert len(place) == 61
    assert set(place["value"]) == {0}
    assert (place["promise_min"] == 45).all()


def test_history_conserves_counts_and_shows_breaches_beside_the_average(db: Database) -> None:
    day = NOW.date()
    whole = promise_history.history(db, BOSS, day, day, "class").whole.iloc[0]
    assert (whole["calls"], whole["kept"], whole["broken"]) == (5, 1, 2)
    assert (whole["average_min"], whole["longest_min"]) == (45, 60)
    for by in promise_history.BYS:
        found = promise_history.history(db, BOSS, day, day, by)
        assert found.table[list(COUNTS)].sum().tolist() == whole[list(COUNTS)].tolist()
    by_crew = promise_history.history(db, BOSS, day, day, "crew").table
    assert by_crew.loc["C1", ["kept", "broken", "average_min"]].tolist() == [0, 1, 60]
    with pytest.raises(UserError, match="promise_span"):
        promise_history.history(db, BOSS, day, day - timedelta(days=1), "class")
    before = day - timedelta(days=9)
    assert promise_history.history(db, BOSS, before, before, "area").table.empty


def test_history_is_taken_along_with_its_stamp(db: Database) -> None:
    content, name = promise_history.export_history(
        db, BOSS, first=NOW.date(), last=NOW.date(), by="crew", form="csv", purpose="report"
    )
    assert name == "promises-crew-20260716-20260716.csv"
    text = content.decode("utf-8-sig")
    assert "C1" in text
    assert "user:town-dispatcher" in text


def test_the_command_lists_orders_as_one_json_object(db: Database, tmp_path: Path) -> None:
    wish = ["promises", "list", "--at", "2026-07-16T15:35", "--db", str(db.path), "--json"]
    out, err = StringIO(), StringIO()
    terminal = Terminal(out, err, as_json=True)
    assert run(build_parser().parse_args(wish), terminal, cwd=tmp_path, db=db) == 0
    told = json.loads(out.getvalue())
    assert (told["orders"], told["broken"]) == (2, 1)
    assert told["at"] == "2026-07-16T15:35:00+08:00"
    row = told["rows"][0]
    assert (row["report_id"], row["state"], row["counted_min"]) == ("R5", "broken", 55)
    assert row["arrive_min"] == 45
    assert "13900000001" not in str(told)


def ends(db: Database, at: datetime | None) -> None:
    """OUT-1 is restored at the moment; never mind by whom."""

    def change(connection: Connection) -> None:
        connection.execute("UPDATE outages SET restored_at = ? WHERE outage_id = 'OUT-1'", [at])
        outage_store.touch(connection)

    db.write(change)


def test_an_outage_that_ends_ends_its_orders_and_reopening_brings_them_back(db: Database) -> None:
    do(db, "R1", "told", crew_id="C0")
    do(db, "R1", "accepted")
    ends(db, ago(5))
    assert listed(db).index.tolist() == ["R3"]
    assert {"R1", "R2"} <= set(promises.open_orders(db, BOSS, ago(6))["report_id"])
    assert order_deeds.possible(db, BOSS, "R1") == ()
    with pytest.raises(UserError, match="order_closed"):
        do(db, "R1", "arrived")
    could = promises.who_could(db, BOSS, "R3").set_index("crew_id")
    assert pd.isna(could.loc["C0", "busy_since"])
    ends(db, None)
    assert listed(db).index.tolist() == ["R3", "R1", "R2"]


def test_a_step_ends_the_orders_of_those_whom_it_brings_back(
    db: Database, town: LittleTown
) -> None:
    step = f"customer:{town.numbers()[40]}"

    def change(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO outage_steps (outage_id, step_at, change, scope)"
            " VALUES ('OUT-1', ?, 'restored', ?)",
            [ago(2), step],
        )
        outage_store.touch(connection)

    db.write(change)
    assert listed(db).index.tolist() == ["R3", "R2"]
    assert "R1" in set(promises.open_orders(db, BOSS, ago(3))["report_id"])


def test_homes_still_dark_behind_a_restored_outage_keep_their_order(
    db: Database, town: LittleTown
) -> None:
    home = f"customer:{town.numbers()[41]}"

    def change(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO outages (outage_id, kind, status, scope, started_at, parent_outage_id)"
            " VALUES ('OUT-2', 'fault', 'in_force', ?, ?, 'OUT-1')",
            [home, ago(90)],
        )

    db.write(change)
    ends(db, ago(5))
    assert listed(db).index.tolist() == ["R3", "R2"]


def test_power_back_is_taken_back_for_every_call_it_was_said_of(db: Database) -> None:
    assert do(db, "R1", "restored") == 2
    assert listed(db).index.tolist() == ["R3"]
    assert order_deeds.undo(db, BOSS, "R1").orders == 2
    assert listed(db).index.tolist() == ["R3", "R1", "R2"]


@pytest.mark.parametrize("cell", [None, h3.str_to_int(h3.latlng_to_cell(31.5, 113.5, 9))])
def test_a_call_without_a_known_way_can_be_sent_a_crew(db: Database, cell: int | None) -> None:
    db.write(
        lambda c: c.execute(
            "INSERT INTO fault_reports (report_id, registered_at, verdict, cell_id)"
            " VALUES ('R8', ?, 'crew_needed', ?)",
            [ago(1), cell],
        )
    )
    found = promises.who_could(db, BOSS, "R8")
    assert sorted(found["crew_id"]) == ["C0", "C1"]
    assert not found["is_in_time"].any()
    assert do(db, "R8", "told", crew_id="C0") == 1


def test_giving_an_order_away_and_taking_back_leave_the_past_as_it_was(db: Database) -> None:
    first = listed(db).loc["R3", "crew_id"]
    do(db, "R3", "told", crew_id="C0")
    do(db, "R3", "accepted")
    move(db, 5)
    do(db, "R3", "reassigned", crew_id="C1")
    move(db, 9)
    do(db, "R3", "returned")
    move(db, 12)
    order_deeds.undo(db, BOSS, "R3")
    crews = {}
    for minute in (-1, 1, 6, 10, 12):
        at = NOW + timedelta(minutes=minute)
        row = promises.open_orders(db, BOSS, at).set_index("report_id").loc["R3"]
        crews[minute] = (
            row["crew_id"] if pd.notna(row["crew_id"]) else None,
            pd.notna(row["accepted_at"]),
        )
    assert crews == {
        -1: (first, False), 1: ("C0", True), 6: ("C1", False), 10: (None, False), 12: ("C1", False),
    }  # fmt: skip


def test_a_stop_taken_back_later_held_until_then(db: Database) -> None:
    do(db, "R1", "stopped", reason="weather")
    move(db, 10)
    order_deeds.undo(db, BOSS, "R1")
    at = NOW + timedelta(minutes=4)
    assert promises.open_orders(db, BOSS, at).set_index("report_id").loc["R1", "is_stopped"]


def test_a_hazard_waits_for_a_crew_too(db: Database) -> None:
    db.write(
        lambda c: c.execute(
            "INSERT INTO fault_reports (report_id, registered_at, service_type) VALUES"
            " ('R8', ?, 'hazard'), ('R9', ?, 'complaint')",
            [ago(1), ago(1)],
        )
    )
    assert {"R8"} == {"R8", "R9"} & set(listed(db).index)


def test_an_arrival_for_one_call_leaves_the_clocks_of_the_others_running(db: Database) -> None:
    assert do(db, "R1", "arrived", one_call=True) == 1
    move(db, 10)
    found = listed(db)
    assert found["arrived_at"].notna()[["R1", "R2"]].tolist() == [True, False]
    assert found.loc["R2", "counted_min"] == 20


def test_a_crew_that_is_there_is_neither_exchanged_nor_handed_back(db: Database) -> None:
    do(db, "R3", "told", crew_id="C0")
    do(db, "R3", "arrived")
    for deed, more in (("returned", {}), ("reassigned", {"crew_id": "C1"})):
        with pytest.raises(UserError, match="order_arrived_already"):
            do(db, "R3", deed, **more)


def test_a_stop_for_all_holds_for_calls_that_come_while_it_runs(db: Database) -> None:
    """R8 comes 5 min into the stop and has stood still ever since, until it is lifted for all."""
    do(db, "R1", "stopped", reason="road_closed")
    db.write(
        lambda c: c.execute(
            "INSERT INTO fault_reports (report_id, registered_at, outage_id, verdict, cell_id)"
            " SELECT 'R8', ?, 'OUT-1', 'known_outage', cell_id FROM customers LIMIT 1",
            [NOW + timedelta(minutes=5)],
        )
    )
    move(db, 25)
    found = listed(db)
    assert found.loc["R8", ["elapsed_min", "stopped_min", "state"]].tolist() == [20, 20, "stopped"]
    assert "resumed" in order_deeds.possible(db, BOSS, "R8")
    assert do(db, "R8", "resumed") == 3
    move(db, 30)
    assert listed(db).loc["R8", ["stopped_min", "counted_min"]].tolist() == [20, 5]


def test_of_each_sight_only_the_newest_clocks_are_kept(db: Database) -> None:
    for minute in (3, 2, 1, 0):
        promises.clocked(db, ago(minute))
        promises.clocked(db, ago(minute), ago(5000))
    kept = [key for key in remember._answers if key[:2] == ("promise_clocks", db.opened_as)]
    assert len(kept) == 1


def test_a_broken_arrival_stays_told_when_the_crew_is_there(db: Database) -> None:
    do(db, "R3", "arrived")
    row = listed(db).loc["R3"]
    assert (row["state"], row["state_of"], row["state_left_min"]) == ("broken", "arrival", -15)
    broken = {one.code: one.value for one in promises.figures(db, BOSS)}["broken"]
    assert broken == 1


def test_a_shift_is_read_by_the_clock_of_the_crews_own_unit(db: Database) -> None:
    """11:40 UTC is 19:40 in Shanghai and 12:40 in London."""

    def change(connection: Connection) -> None:
        connection.execute("UPDATE crews SET shift = 'Mo-Su 08:00-17:00', unit_id = 'S1'")
        connection.execute("UPDATE crews SET unit_id = 'S2' WHERE crew_id = 'C1'")
        connection.execute(
            "UPDATE org_units SET timezone = CASE unit_id WHEN 'S1' THEN NULL"
            " WHEN 'S2' THEN 'Europe/London' ELSE timezone END"
        )

    db.write(change)
    assert promise_crews.on_shift(db, NOW).index.tolist() == ["C1"]


def test_a_deed_on_a_large_outage_is_written_in_two_statements(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.write(
        lambda c: c.execute(
            "INSERT INTO fault_reports (report_id, registered_at, outage_id, verdict)"
            " SELECT 'L' || n, ?, 'OUT-1', 'crew_needed' FROM range(300) t(n)", [NOW]
        )
    )  # fmt: skip
    written: list[int] = []
    for name in ("set_stamps", "add_events"):
        real = getattr(deed_store, name)
        monkeypatch.setattr(
            deed_store, name,
            lambda connection, rows, real=real: written.append(len(rows)) or real(connection, rows),
        )  # fmt: skip
    assert do(db, "R1", "told", crew_id="C0") == 302
    assert written == [302, 302]
    assert events(db, "L299") == ["told"]
    assert order_deeds.undo(db, BOSS, "L0").orders == 302
    assert written == [302] * 4
    assert listed(db)["told_at"].isna().all()
