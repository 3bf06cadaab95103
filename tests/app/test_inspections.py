"""Inspections: files, results, plans within a budget, remote checks, the pack; undo of each."""

import os
import socket
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.maps import theft_pack as paper
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    batches,
    inspection_plans,
    inspections,
    privacy,
    remote_checks,
    theft_hotspots,
    theft_pack,
    theft_suspects,
    work_order_sight,
    work_order_steps,
    work_order_wishes,
)
from app.use_cases.access import within
from app.use_cases.actors import Actor
from app.use_cases.inspection_plans import BudgetWish
from app.use_cases.inspections import ResultWish
from app.use_cases.jobs import StoppedError
from app.use_cases.load import LoadChoice, load
from app.use_cases.work_order_steps import Act
from grid_cells.errors import AccessDenied, UserError
from tests.app.theft_town import ANALYST, DISPATCHER, INSPECTOR, MANAGER, decoy, keep_run, suspects
from tests.conftest import LOADER, NOW, LittleTown

FOUND = ResultWish("confirmed", date(2026, 7, 15), ("P1", "P2"), "S-1", b"Wang", 120.0, 80.0)


@pytest.fixture
def scored(town_database: Database, town: LittleTown) -> Database:
    keep_run(town_database, town)
    return town_database


def ref_of(db: Database, number: str) -> str:
    return privacy.customer_ref(db, number)


def load_file(db: Database, folder: Path, *rows: str) -> int:
    file = folder / "用电检查.csv"
    head = "用电检查编号,户号,检查日期,检查结果,追补电量,违约使用电费"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    outcome = load(db, LOADER, "inspections", [file], LoadChoice(), is_sample=True)
    assert outcome.rejected == 0, outcome.rejects
    assert outcome.batch_id is not None
    return outcome.batch_id


def test_a_file_of_inspections_tells_shares_and_is_taken_back(
    scored: Database, town: LittleTown, tmp_path: Path
) -> None:
    who = suspects(town)
    batch = load_file(
        scored, tmp_path, f"J1,{who[0]},2026-06-01,查实,300,500",
        f"J2,{who[2]},2026-07-10,无异常,,", f"J3,{who[4]},2026-07-14,无人在家,,",
    )  # fmt: skip
    spot = theft_hotspots.found(scored, INSPECTOR).spots.iloc[0]
    assert spot["inspected"] == 2
    assert spot["hit_rate"] == 0.5
    held = inspections.standing(scored, INSPECTOR)
    assert (held.visits, held.hits, held.recovered_kwh, held.penalty_amount) == (2, 1, 300, 500)
    assert held.gains is not None
    assert held.is_scored_after
    alone = theft_suspects.listing(scored, INSPECTOR).set_index("customer_no")["left_alone_for"]
    assert alone[[who[0], who[2], who[4]]].tolist() == ["confirmed", "cleared", "nobody_there"]
    assert alone[[who[1], who[3], who[5]]].isna().all()
    batches.undo(scored, LOADER, batch)
    assert inspections.history(scored, INSPECTOR).empty


def test_rows_that_cannot_be_are_rejected(town_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "inspections.csv"
    file.write_text(
        "inspection_id,customer_no,inspected_on,outcome,recovered_kwh\n1,1,2026-07-01,stolen,0\n"
        "2,1,2026-07-17,cleared,0\n3,1,2026-07-01,confirmed,-5\n4,1,2026-07-01,cleared,0\n"
    )
    outcome = load(town_database, LOADER, "inspections", [file], LoadChoice(), is_sample=True)
    assert (outcome.loaded, outcome.rejected) == (1, 3)
    assert set(outcome.rejects["code"]) == {"unknown_choice", "in_future", "out_of_range"}


def test_a_result_is_recorded_and_taken_back(scored: Database, town: LittleTown) -> None:
    ref = ref_of(scored, suspects(town)[0])
    number = inspections.enter(scored, INSPECTOR, ref, FOUND)
    held = inspections.history(scored, INSPECTOR).iloc[0]
    assert held["inspection_id"] == number
    assert held["score"] == 0.9
    assert len(held["signature_sha256"]) == 64
    kept = scored.query("SELECT inspectors, entered_by FROM inspections")
    assert kept.iloc[0].tolist() == ["P1;P2", INSPECTOR.id]
    told = scored.query("SELECT detail FROM audit_log WHERE event = 'inspection_recorded'")
    assert "Wang" not in told["detail"].iloc[0]
    story = theft_suspects.story(scored, INSPECTOR, ref)
    assert story.left_alone_until == date(2026, 10, 13)  # 90 days after a find
    inspections.take_back(scored, INSPECTOR, number)
    assert inspections.history(scored, INSPECTOR).empty
    with pytest.raises(UserError, match="inspection_unknown"):
        inspections.take_back(scored, INSPECTOR, number)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inspectors": ("P1", "P1")}, "inspection_two_inspectors"),
        ({"inspectors": ("P1", "P9")}, "inspection_inspector_unknown"),
        ({"signature": b""}, "inspection_unsigned"),
        ({"inspected_on": date(2026, 7, 17)}, "inspection_in_future"),
        ({"seals": "x" * 201}, "inspection_long"),
        ({"outcome": "cleared"}, "inspection_nothing_recovered"),
        ({"order_id": "WO-none"}, "work_order_unknown"),
    ],
)
def test_results_that_are_refused(
    scored: Database, town: LittleTown, change: dict[str, object], code: str
) -> None:
    wish = ResultWish(**{**vars(FOUND), **change})  # type: ignore[arg-type]
    with pytest.raises(UserError, match=code):
        inspections.enter(scored, INSPECTOR, ref_of(scored, suspects(town)[0]), wish)
    assert inspections.history(scored, INSPECTOR).empty


def test_a_budget_is_spent_on_suspects_and_a_person_decides(
    scored: Database, town: LittleTown
) -> None:
    proposal = inspection_plans.propose(scored, INSPECTOR, BudgetWish(visits=4))
    assert len(proposal.visits) == 4
    assert set(proposal.visits["customer_no"]) <= set(suspects(town))
    # 0.9 × 4 kWh × 180 days each
    assert proposal.expected_kwh == pytest.approx(4 * 648)
    assert proposal.lift.by_plan == pytest.approx(3.6)
    assert proposal.lift.against_random == pytest.approx(0.9 / (29.2 / 244), rel=0.01)
    assert proposal.lift.against_practice is None  # nobody was visited so far: unknown
    assert scored.query("SELECT 1 FROM work_orders WHERE kind = 'inspection'").empty
    chosen = proposal.visits["ref"].tolist()[:2]
    plan, orders = inspection_plans.order(scored, INSPECTOR, proposal.run_id, chosen)
    made = scored.query("SELECT order_id, kind, state FROM work_orders WHERE kind = 'inspection'")
    assert set(made["order_id"]) == set(orders)
    again = inspection_plans.propose(scored, INSPECTOR, BudgetWish(visits=50))
    assert not set(again.visits["ref"]) & set(chosen)
    assert again.ordered == 2
    with pytest.raises(UserError, match="inspection_ordered"):
        inspection_plans.order(scored, INSPECTOR, proposal.run_id, chosen)
    assert inspection_plans.undo(scored, INSPECTOR, plan) == 2
    states = scored.query("SELECT state FROM work_orders WHERE kind = 'inspection'")["state"]
    assert set(states) == {"cancelled"}
    assert inspection_plans.chosen(scored, INSPECTOR).empty


def test_hours_with_travel_are_kept(scored: Database) -> None:
    proposal = inspection_plans.propose(
        scored, INSPECTOR, BudgetWish(visits=None, tours=2, hours=1.75)
    )
    assert all(one <= 105 for one in proposal.minutes)
    assert proposal.visits.groupby("tour").size().tolist() == [2, 2]


def test_suspects_without_a_place_are_counted(scored: Database, town: LittleTown) -> None:
    scored.write(
        lambda c: c.execute(
            "UPDATE customers SET lon = NULL, lat = NULL, cell_id = NULL WHERE customer_no = ?",
            [suspects(town)[0]],
        )
    )
    proposal = inspection_plans.propose(scored, INSPECTOR, BudgetWish(visits=50))
    assert len(proposal.visits) == 5
    assert proposal.unreached == 1


def test_who_was_visited_lately_is_left_alone(scored: Database, town: LittleTown) -> None:
    who = suspects(town)[0]
    cleared = ResultWish("cleared", date(2026, 7, 15), ("P1", "P2"), "", b"x")
    inspections.enter(scored, INSPECTOR, ref_of(scored, who), cleared)
    proposal = inspection_plans.propose(scored, INSPECTOR, BudgetWish(visits=50))
    assert who not in set(proposal.visits["customer_no"])
    assert proposal.left_alone == 1
    with pytest.raises(UserError, match="inspection_left_alone"):
        inspection_plans.order(scored, INSPECTOR, proposal.run_id, [ref_of(scored, who)])


def test_a_visit_with_a_result_is_no_longer_called_off(scored: Database, town: LittleTown) -> None:
    ref = ref_of(scored, suspects(town)[0])
    run = int(theft_hotspots.found(scored, INSPECTOR).run["run_id"])
    plan, (order,) = inspection_plans.order(scored, INSPECTOR, run, [ref])
    other = ref_of(scored, suspects(town)[1])
    wish = ResultWish(**{**vars(FOUND), "order_id": order})
    with pytest.raises(UserError, match="inspection_other_customer"):
        inspections.enter(scored, INSPECTOR, other, wish)
    inspections.enter(scored, INSPECTOR, ref, wish)
    with pytest.raises(UserError, match="inspection_plan_begun"):
        inspection_plans.undo(scored, INSPECTOR, plan)


def ordered(db: Database, *numbers: str, actor: Actor = INSPECTOR) -> tuple[int, list[str]]:
    run = int(theft_hotspots.found(db, INSPECTOR).run["run_id"])
    return inspection_plans.order(db, actor, run, [ref_of(db, one) for one in numbers])


def test_a_small_scope_calls_off_only_its_own_visits(scored: Database, town: LittleTown) -> None:
    west = [one for place, one in enumerate(town.numbers()) if town.is_west(place // 4)]
    east = [one for one in town.numbers() if one not in west]
    scored.write(
        lambda c: c.execute(
            "UPDATE theft_scores SET cause = 'suspect' WHERE customer_no IN (?, ?)",
            [west[0], east[0]],
        )
    )
    plan, orders = ordered(scored, west[0], east[0])
    north = Actor("n", "n", role="inspector", scope=Scope("S1"))
    assert inspection_plans.undo(within(scored, north), north, plan) == 1
    left = inspection_plans.chosen(scored, INSPECTOR)
    assert left[["order_id", "state"]].to_numpy().tolist() == [[orders[1], "registered"]]


def cancel(db: Database, order_id: str) -> None:
    act = Act("cancelled", "cancelled", reason_code="not_needed")
    db.write(
        lambda c: work_order_steps.carry_out(
            c, INSPECTOR, work_order_sight.row_of(c, order_id, NOW), act, NOW
        )
    )


def test_a_visit_with_a_cancelled_order_waits_no_longer(scored: Database, town: LittleTown) -> None:
    who = suspects(town)
    plan, (first, _) = ordered(scored, who[0], who[1])
    cancel(scored, first)
    visits = inspection_plans.chosen(scored, INSPECTOR).set_index("order_id")["waiting"]
    assert visits.sum() == 1
    assert not visits[first]
    assert inspection_plans.undo(scored, INSPECTOR, plan) == 1  # the other was cancelled already
    assert inspection_plans.chosen(scored, INSPECTOR).empty
    ordered(scored, who[0])


def test_who_is_no_suspect_gets_no_visit(scored: Database, town: LittleTown) -> None:
    with pytest.raises(UserError, match="inspection_no_suspect"):
        ordered(scored, decoy(town))


def test_the_last_look_is_inside_the_transaction(
    scored: Database, town: LittleTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, placed, again = suspects(town)[0], work_order_wishes.placed, []

    def slow(*asked: Any) -> dict[str, Any]:
        row = placed(*asked)
        if not again:  # another manager orders the same visit in between
            again.append(1)
            ordered(scored, who, actor=MANAGER)
        return row

    monkeypatch.setattr(work_order_wishes, "placed", slow)
    with pytest.raises(UserError, match="inspection_ordered"):
        ordered(scored, who)
    assert len(inspection_plans.chosen(scored, INSPECTOR)) == 1


def test_a_visit_has_one_result(scored: Database, town: LittleTown) -> None:
    who = suspects(town)[0]
    _, (order,) = ordered(scored, who)
    wish = ResultWish(**{**vars(FOUND), "order_id": order})
    inspections.enter(scored, INSPECTOR, ref_of(scored, who), wish)
    with pytest.raises(UserError, match="inspection_has_result"):
        inspections.enter(scored, INSPECTOR, ref_of(scored, who), wish)
    assert len(inspections.history(scored, INSPECTOR)) == 1


@pytest.mark.parametrize(
    "budget", [BudgetWish(0), BudgetWish(None, 1, None), BudgetWish(5, 99), BudgetWish(None, 1, 13)]
)
def test_budgets_that_are_none(scored: Database, budget: BudgetWish) -> None:
    with pytest.raises(UserError, match="inspection_budget"):
        inspection_plans.propose(scored, INSPECTOR, budget)


def test_only_who_runs_inspections_plans_them(scored: Database, town: LittleTown) -> None:
    ref = ref_of(scored, suspects(town)[0])
    for actor in (ANALYST, DISPATCHER):
        with pytest.raises(AccessDenied):
            inspection_plans.propose(scored, actor, BudgetWish())
        with pytest.raises(AccessDenied):
            inspections.enter(scored, actor, ref, FOUND)
        with pytest.raises(AccessDenied):
            remote_checks.check(scored, actor, ref)


class HeadEnd(BaseHTTPRequestHandler):
    """Answers like a head-end; refuses a meter that it does not know."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = b"M0000000" in body
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/read")
            self.end_headers()
            return
        if self.path == "/deep":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[" * 60_000)
            return
        self.send_response(200 if known else 404)
        self.end_headers()
        if known:
            self.wfile.write(b'{"register_kwh": 12.5, "owner": "never kept"}')

    def do_GET(self) -> None:
        """Where a redirect that is followed ends."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def head_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), HeadEnd)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv(remote_checks.ROUTE, f"http://127.0.0.1:{server.server_port}/read")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.usefixtures("head_end")
def test_a_meter_is_asked_from_afar(scored: Database, town: LittleTown) -> None:
    ref = ref_of(scored, suspects(town)[0])
    (answer,) = remote_checks.check(scored, INSPECTOR, ref)
    assert (answer.outcome, answer.figures) == ("answered", {"register_kwh": 12.5})
    assert len(theft_suspects.story(scored, INSPECTOR, ref).checks) == 1
    (hidden,) = remote_checks.check(scored, MANAGER, ref)
    assert hidden.figures == {}
    assert suspects(town)[0] not in hidden.meter_id


@pytest.mark.usefixtures("head_end")
@pytest.mark.parametrize(("path", "outcome"), [("/elsewhere", "refused"), ("/deep", "silent")])
def test_a_head_end_that_misbehaves_is_no_answer(
    scored: Database, town: LittleTown, monkeypatch: pytest.MonkeyPatch, path: str, outcome: str
) -> None:
    route = os.environ[remote_checks.ROUTE].replace("/read", path)
    monkeypatch.setenv(remote_checks.ROUTE, route)
    (answer,) = remote_checks.check(scored, INSPECTOR, ref_of(scored, suspects(town)[0]))
    assert answer.outcome == outcome
    assert len(scored.query("SELECT 1 FROM audit_log WHERE event = 'meter_asked'")) == 1


def test_who_waits_for_a_meter_can_stop(
    scored: Database, town: LittleTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as dumb:  # takes the call and never answers
        route = f"http://127.0.0.1:{dumb.getsockname()[1]}/read"
        monkeypatch.setenv(remote_checks.ROUTE, route)

        def stop(_: float) -> None:
            raise StoppedError

        with pytest.raises(StoppedError):
            remote_checks.check(scored, INSPECTOR, ref_of(scored, suspects(town)[0]), stop)
        monkeypatch.setenv(remote_checks.TIME_OUT, "1")
        (answer,) = remote_checks.check(scored, INSPECTOR, ref_of(scored, suspects(town)[0]))
    assert answer.outcome == "silent"
    assert len(scored.query("SELECT 1 FROM audit_log WHERE event = 'meter_asked'")) == 2


@pytest.mark.usefixtures("head_end")
def test_only_billing_meters_of_now_are_asked(scored: Database, town: LittleTown) -> None:
    who = suspects(town)[0]
    held = scored.query(f"SELECT meter_id FROM meters WHERE customer_no = '{who}'")["meter_id"]
    scored.write(
        lambda c: c.execute(
            """
            INSERT INTO meters (meter_id, customer_no, role, valid_from, valid_to) VALUES
              ('A-pv', $who, 'generation', NULL, NULL),
              ('A-old', $who, 'billing', NULL, '2026-01-01 00:00:00+00'),
              ('A-later', $who, 'billing', '2027-01-01 00:00:00+00', NULL),
              ('Z-second', $who, NULL, NULL, NULL)
            """,
            {"who": who},
        )
    )
    answers = remote_checks.check(scored, INSPECTOR, ref_of(scored, who))
    assert len(answers) == len(held) + 1
    asked = scored.query("SELECT meter_id FROM remote_checks")["meter_id"]
    assert set(asked) == {*held, "Z-second"}


def test_without_a_route_nothing_is_asked(
    scored: Database, town: LittleTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ref_of(scored, suspects(town)[0])
    monkeypatch.delenv(remote_checks.ROUTE, raising=False)
    with pytest.raises(UserError, match="remote_check_off"):
        remote_checks.check(scored, INSPECTOR, ref)
    monkeypatch.setenv(remote_checks.ROUTE, "file:///etc/passwd")
    with pytest.raises(UserError, match="remote_check_route"):
        remote_checks.check(scored, INSPECTOR, ref)
    monkeypatch.setenv(remote_checks.ROUTE, "http://127.0.0.1:1/read")
    assert [one.outcome for one in remote_checks.check(scored, INSPECTOR, ref)] == ["silent"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pack_is_a_pdf_and_on_record(scored: Database, town: LittleTown, language: str) -> None:
    ref = ref_of(scored, suspects(town)[0])
    with pytest.raises(UserError, match="export_purpose_needed"):
        theft_pack.pack_of(scored, INSPECTOR, ref, "")
    with pytest.raises(AccessDenied):
        theft_pack.pack_of(scored, DISPATCHER, ref, "field_work")
    pack = theft_pack.pack_of(scored, INSPECTOR, ref, "field_work")
    assert pack.spot is not None
    assert len(paper.weeks(pack.story.losses, ("loss_kwh", "master_kwh", "reverse_kwh"))) == 3
    rates = pack.story.losses[["day", "is_known", "loss_rate"]]
    assert paper.weeks(rates, ())[0] == ["2026-06-29", "4.0 %", "4 / 5"]
    data = paper.drawn(pack, ["Use fell 72 %."], language)
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 2
    taken = scored.query("SELECT actor, subject FROM audit_log WHERE event = 'evidence_pack_taken'")
    assert taken["actor"].tolist() == [INSPECTOR.id]
    assert taken["subject"].tolist() == [f"customer:{ref}"]
    assert pack.now == NOW


def test_who_sees_no_addresses_plans_from_the_middles_of_cells(scored: Database) -> None:
    proposal = inspection_plans.propose(scored, MANAGER, BudgetWish(visits=4))
    assert len(proposal.visits) == 4
    assert proposal.visits["lon"].isna().all()
