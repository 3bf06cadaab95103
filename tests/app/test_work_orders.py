"""Work orders of the little town: made of calls, moved step by step, one truth with the calls."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from app.store import meta
from app.store import order_deeds as deed_store
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    batches,
    clock,
    crew_hand_over,
    fault_group_deeds,
    fault_groups,
    fault_reports,
    order_deeds,
    promises,
    today,
    work_order_cards,
    work_order_evidence,
    work_order_moves,
    work_order_parts,
    work_order_settling,
    work_order_wishes,
    work_orders,
)
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.order_deeds import DeedWish
from app.use_cases.work_order_cards import CardWish
from app.use_cases.work_order_evidence import EvidenceWish
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_parts import PartWish
from app.use_cases.work_order_wishes import OrderWish
from app.use_cases.work_orders import OrderFilter
from grid_cells.errors import AccessDenied, UserError
from tests.app.calls_town import fill
from tests.conftest import LOADER, NOW, LittleTown, with_more

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
CREW = Actor("user:town-crew", "赵强", role="crew", crew_id="C0")
MATE = Actor("user:town-mate", "钱勇", role="crew", crew_id="C0")
OTHERS = Actor("user:town-others", "何北", role="crew", crew_id="C1")
INSPECTOR = Actor("user:town-inspector", "钱勇", role="inspector")
JPEG = b"\xff\xd8\xff\xe0 a picture"
CARD = {
    "task": "Change the fuse", "tools": ["ladder"], "materials": "fuse 160 A",
    "measures": ["earthed"], "precautions": "traffic", "leader": "P1", "guardian": "P2",
    "leader_at_site": True, "guardian_at_site": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def town_file(town_file: Path, town: LittleTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its calls and the orders that were made of them."""
    folder = tmp_path_factory.mktemp("orders")

    def more(db: Database) -> None:
        fill(db, town, folder)
        fault_groups.regroup(db)

    return with_more(town_file, folder, more)


@pytest.fixture
def db(town_database: Database) -> Database:
    return town_database


def order_of(db: Database, report: str) -> str:
    row = db.read().execute("SELECT order_id FROM work_order_reports WHERE report_id = ?", [report])
    return str(row.fetchone()[0])  # type: ignore[index]


def at(db: Database, minutes: float) -> None:
    db.write(lambda c: clock.start_clock(c, at=NOW + timedelta(minutes=minutes), running=False))


def do(db: Database, order: str, move: str, actor: Actor = BOSS, **more: object):
    return work_order_moves.move(db, actor, order, Step(move, **more))  # type: ignore[arg-type]


def told(db: Database, order: str) -> dict:
    return work_orders.story(db, BOSS, order).order


def refused(code: str, act) -> dict:
    with pytest.raises(UserError) as error:
        act()
    assert error.value.code == code
    return error.value.values


def place(db: Database, order: str) -> dict:
    row = told(db, order)
    return {"lon": row["lon"], "lat": row["lat"], "accuracy_m": 10.0}


def test_calls_of_one_outage_have_one_order_and_a_lone_call_its_own(db: Database) -> None:
    rows = work_orders.listing(db, BOSS).set_index("order_id")
    assert order_of(db, "R1") == order_of(db, "R2") != order_of(db, "R3")
    assert rows["calls"].sort_values().tolist() == [1, 2]
    assert set(rows["state"]) == {"registered"}
    assert rows.loc[order_of(db, "R1"), "outage_id"] == "OUT-1"
    fault_groups.regroup(db)
    assert len(work_orders.listing(db, BOSS)) == 2


def test_the_full_chain_is_stamped_and_the_calls_carry_the_same_moments(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    at(db, 3)
    do(db, order, "accepted", CREW)
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
    work_order_cards.ask(db, CREW, order)
    refused("order_gate_same_person", lambda: work_order_cards.approve(db, CREW, order))
    work_order_cards.approve(db, MATE, order)
    at(db, 20)
    values = refused(
        "order_outside_fence", lambda: do(db, order, "arrived", CREW, lon=112.0, lat=30.0)
    )
    assert values["radius"] == 200
    do(db, order, "arrived", CREW, **place(db, order))
    at(db, 30)
    do(db, order, "surveyed", CREW)
    at(db, 60)
    do(db, order, "repaired", CREW)
    at(db, 65)
    do(db, order, "restored", CREW)
    refused("order_rating_needed", lambda: do(db, order, "rated", CREW, detail={"rating": 9}))
    do(db, order, "rated", CREW, detail={"rating": 5})
    do(db, order, "archived", CREW)
    story = work_orders.story(db, BOSS, order)
    assert story.order["state"] == "archived"
    assert story.order["rating"] == 5
    moves = [one for one in story.events["move"] if one != "card_filled"]
    assert moves == ["registered", "told", "accepted", "gate_asked", "gate_approved", "arrived",
                     "surveyed", "repaired", "restored", "rated", "archived"]  # fmt: skip
    calls = deed_store.stamps(db.read(), ["R1", "R2"]).set_index("report_id")
    held = story.holdings.iloc[0]
    for report in ("R1", "R2"):
        for name in ("told_at", "accepted_at", "arrived_at"):
            assert calls.loc[report, name] == held[name]
        assert (
            calls.loc[report, "restored_at"] == held["finished_at"] == NOW + timedelta(minutes=65)
        )
        assert calls.loc[report, "crew_id"] == "C0"
    assert held["ended_why"] == "done"


def test_a_deed_on_promises_moves_the_order_and_its_undo_takes_both_back(db: Database) -> None:
    order = order_of(db, "R1")
    order_deeds.direct(db, BOSS, "R1", DeedWish("told", "C1"))
    assert (told(db, order)["state"], told(db, order)["crew_id"]) == ("told", "C1")
    order_deeds.direct(db, BOSS, "R2", DeedWish("arrived"))
    assert told(db, order)["state"] == "arrived"
    order_deeds.undo(db, BOSS, "R1")
    assert told(db, order)["state"] == "told"
    order_deeds.undo(db, BOSS, "R2")
    assert (told(db, order)["state"], told(db, order)["crew_id"]) == ("registered", None)
    assert deed_store.stamps(db.read(), ["R1", "R2"])["told_at"].isna().all()


def test_a_call_with_a_work_order_is_no_way_round_its_fence_and_gate(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")

    def progress(actor: Actor, deed: str, **more: object) -> int:
        return order_deeds.progress(db, actor, "R1", DeedWish(deed, **more)).orders  # type: ignore[arg-type]

    for deed in ("accepted", "arrived", "restored", "stopped"):
        refused("order_not_yours", lambda d=deed: progress(OTHERS, d, reason="weather"))  # type: ignore[misc]
    for deed in ("arrived", "restored"):
        refused("order_on_job_card", lambda d=deed: progress(CREW, d))  # type: ignore[misc]
    assert told(db, order)["state"] == "told"
    assert deed_store.stamps(db.read(), ["R1", "R2"])["arrived_at"].isna().all()
    assert order_deeds.possible(db, OTHERS, "R1") == ("urged",)
    assert set(order_deeds.possible(db, CREW, "R1")) == {"accepted", "stopped", "urged"}
    assert progress(CREW, "accepted") == 2
    order_deeds.direct(db, BOSS, "R1", DeedWish("arrived", reason="no_position"))
    last = work_orders.story(db, BOSS, order).events.iloc[-1]
    assert (last["move"], last["reason_code"]) == ("arrived", "no_position")


def test_undo_on_the_order_takes_back_the_calls_too_and_the_past_stays_as_it_was(
    db: Database,
) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    at(db, 5)
    refused("order_undo_not_yours", lambda: work_order_moves.undo(db, CREW, order))
    work_order_moves.undo(db, BOSS, order)
    assert told(db, order)["state"] == "registered"
    assert deed_store.stamps(db.read(), ["R1", "R2"])["told_at"].isna().all()
    at(db, 2)
    assert (told(db, order)["state"], told(db, order)["crew_id"]) == ("told", "C0")
    assert promises.open_orders(db, BOSS).set_index("report_id").loc["R1", "crew_id"] == "C0"
    at(db, 6)
    refused("order_nothing_to_undo", lambda: work_order_moves.undo(db, BOSS, order))


def test_an_order_that_went_on_keeps_what_its_calls_would_take_back(db: Database) -> None:
    order = order_of(db, "R1")
    order_deeds.direct(db, BOSS, "R1", DeedWish("told", "C0"))
    do(db, order, "accepted", CREW)
    do(db, order, "arrived", CREW, **place(db, order))
    do(db, order, "surveyed", CREW)
    refused("order_moved_since", lambda: order_deeds.undo(db, BOSS, "R1"))
    assert told(db, order)["state"] == "surveyed"
    assert deed_store.stamps(db.read(), ["R1"])["arrived_at"].notna().all()


def test_a_step_sent_twice_counts_once_and_gets_the_first_answer(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    first = do(db, order, "accepted", CREW, step_key="k1")
    do(db, order, "arrived", CREW, **place(db, order))
    again = do(db, order, "accepted", CREW, step_key="k1")
    assert again.is_repeated
    assert (again.event_id, again.state, again.version) == (
        first.event_id, "accepted", first.version,
    )  # fmt: skip
    assert told(db, order)["state"] == "arrived"
    refused("order_step_key_taken", lambda: do(db, order, "surveyed", CREW, step_key="k1"))


def test_a_step_on_what_was_moved_meanwhile_is_told_what_is_true_now(db: Database) -> None:
    order = order_of(db, "R1")
    version = do(db, order, "told", crew_id="C0").version
    at(db, 4)
    do(db, order, "reassigned", crew_id="C1")
    values = refused(
        "order_conflict", lambda: do(db, order, "accepted", CREW, version=version, step_key="k")
    )
    assert (values["state"], values["by"], values["crew"]) == ("told", BOSS.id, "C1")
    assert values["at"] == NOW + timedelta(minutes=4)
    refused("order_not_yours", lambda: do(db, order, "accepted", CREW))
    # an older version does no harm where the step is still possible
    do(db, order, "urged")
    assert do(db, order, "accepted", OTHERS, version=version).state == "accepted"


def test_outside_the_fence_a_reason_is_needed_and_kept(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    here = place(db, order)
    refused("order_outside_fence", lambda: do(db, order, "arrived", CREW))
    refused(
        "order_reason_unknown",
        lambda: do(db, order, "arrived", CREW, lon=112.0, lat=30.0, reason_code="lazy"),
    )
    do(
        db,
        order,
        "arrived",
        CREW,
        lon=here["lon"] + 0.01,
        lat=here["lat"],
        reason_code="wrong_place",
    )
    event = work_orders.story(db, BOSS, order).events.iloc[-1]
    assert event["reason_code"] == "wrong_place"
    assert event["detail"]["fence"]["is_inside"] is False
    assert 900 < event["detail"]["fence"]["distance_m"] < 1000


def test_how_near_the_site_is_depends_on_the_kind_of_work(db: Database) -> None:
    """250 m off: at the site of a patrol, not at that of a repair; 150 m off, not at a meter."""
    told = {}
    for task, metres in (("patrol", 250), ("repair_lv", 250), ("repair_lv", 150),
                         ("read_meter", 150)):  # fmt: skip
        order = work_order_wishes.make(db, BOSS, OrderWish(task, transformer_id="T-010"))
        do(db, order, "told", crew_id="C0")
        do(db, order, "accepted", CREW)
        there = place(db, order)
        there["lat"] += metres / 111_195
        step = Step("arrived", reason_code="wrong_place", **{**there, "accuracy_m": 0.0})
        work_order_moves.move(db, CREW, order, step)
        fence = work_orders.story(db, BOSS, order).events.iloc[-1]["detail"]["fence"]
        told[task, metres] = (fence["radius_m"], fence["is_inside"])
    assert told == {
        ("patrol", 250): (300, True), ("repair_lv", 250): (200, False),
        ("repair_lv", 150): (200, True), ("read_meter", 150): (100, False),
    }  # fmt: skip


def test_today_says_which_orders_have_waited_for_a_crew(db: Database) -> None:
    """After a quarter of an hour; a visit of tomorrow does not wait yet."""

    def line() -> today.TodayLine | None:
        found = today.lines(db, BOSS, clock.now(db))
        return next((one for one in found if one.code == "today_orders_waiting"), None)

    for order in work_orders.listing(db, BOSS)["order_id"]:
        do(db, order, "told", crew_id="C0")
    assert line() is None
    wish = OrderWish("visit_customer", transformer_id="T-010", window_from=NOW + timedelta(days=1),
                     window_to=NOW + timedelta(days=1, hours=1))  # fmt: skip
    work_order_wishes.make(db, BOSS, wish)
    waits = work_order_wishes.make(db, BOSS, OrderWish("repair_lv", transformer_id="T-010"))
    at(db, 15)
    assert line() is None
    at(db, 16)
    told = line()
    assert told is not None
    assert told.values == {"count": 1, "order": waits, "minutes": 16}
    assert told.link == {"page": "dispatch", "order": waits}
    assert told.since == NOW
    do(db, waits, "told", crew_id="C1")
    assert line() is None


def test_several_crews_have_stamps_of_their_own(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "helper_added", crew_id="C1")
    assert do(db, order, "accepted", OTHERS).state == "told"
    assert deed_store.stamps(db.read(), ["R1"])["accepted_at"].isna().all()
    at(db, 5)
    do(db, order, "accepted", CREW)
    do(db, order, "arrived", CREW, **place(db, order))
    at(db, 9)
    assert do(db, order, "arrived", OTHERS, **place(db, order)).state == "arrived"
    held = work_orders.story(db, BOSS, order).holdings.set_index("crew_id")
    assert held.loc["C1", "accepted_at"] == NOW
    assert held.loc["C1", "arrived_at"] == NOW + timedelta(minutes=9)
    assert (
        deed_store.stamps(db.read(), ["R1"])["arrived_at"].iloc[0] == held.loc["C0", "arrived_at"]
    )
    assert work_orders.own(db, OTHERS)["order_id"].tolist() == [order]
    do(db, order, "helper_removed", crew_id="C1")
    refused("order_not_yours", lambda: do(db, order, "surveyed", OTHERS))
    assert work_orders.own(db, OTHERS).empty


def test_a_dispatcher_sends_only_crews_in_sight(db: Database, town: LittleTown) -> None:
    order = order_of(db, "R1" if town.is_west(10) else "R3")
    db.write(lambda c: c.execute("UPDATE crews SET unit_id = 'S2' WHERE crew_id = 'C1'"))
    north = dataclasses.replace(BOSS, scope=Scope("S1"))
    refused("crew_unknown", lambda: do(db, order, "told", north, crew_id="C1"))
    assert do(db, order, "told", crew_id="C1").state == "told"


def test_a_helper_may_leave_but_not_take_the_order_from_its_lead(db: Database) -> None:
    order = order_of(db, "R3")
    do(db, order, "told", crew_id="C0")
    do(db, order, "helper_added", crew_id="C1")
    assert crew_hand_over.open_orders(db.read(), "C0", NOW) == [order]
    assert crew_hand_over.open_orders(db.read(), "C1", NOW) == []
    refused("order_lead_only", lambda: do(db, order, "handed_over", OTHERS, crew_id="C1"))
    assert "handed_over" not in work_order_moves.possible(db, OTHERS, order)
    at(db, 2)
    assert do(db, order, "returned", OTHERS, reason_code="no_skill").state == "told"
    assert work_orders.own(db, OTHERS).empty
    assert work_orders.own(db, CREW)["order_id"].tolist() == [order]
    assert deed_store.stamps(db.read(), ["R3"])["told_at"].tolist() == [NOW]
    work_order_moves.undo(db, OTHERS, order)
    assert work_orders.own(db, OTHERS)["order_id"].tolist() == [order]


@pytest.mark.parametrize(
    ("move", "is_done", "reason"),
    [("stopped", False, "weather"), ("resumed", False, None), ("unrated", True, "nobody_there"),
     ("archived", True, None)],
)  # fmt: skip
def test_what_decides_about_the_whole_order_is_for_its_lead(
    db: Database, move: str, is_done: bool, reason: str | None
) -> None:
    order = order_of(db, "R3")
    do(db, order, "told", crew_id="C0")
    do(db, order, "helper_added", crew_id="C1")
    do(db, order, "accepted", OTHERS)
    do(db, order, "accepted", CREW)
    if move == "resumed":
        do(db, order, "stopped", CREW, reason_code="weather")
    if is_done:
        work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
        work_order_cards.ask(db, CREW, order)
        do(db, order, "arrived", CREW, **place(db, order))
        do(db, order, "surveyed", CREW)
        work_order_cards.approve(db, MATE, order)
        for one in ("repaired", "restored"):
            do(db, order, one, CREW)
    if move == "archived":
        do(db, order, "rated", CREW, detail={"rating": 5})
    assert move not in work_order_moves.possible(db, OTHERS, order)
    assert move in work_order_moves.possible(db, CREW, order)
    if not is_done:  # nor by the way of the call
        wish = DeedWish(move, None, reason)  # type: ignore[arg-type]
        refused("order_lead_only", lambda: order_deeds.progress(db, OTHERS, "R3", wish))
    assert move in work_order_moves.possible(db, BOSS, order)
    version = told(db, order)["version"]
    refused("order_lead_only", lambda: do(db, order, move, OTHERS, reason_code=reason))
    assert told(db, order)["version"] == version
    assert do(db, order, move, CREW, reason_code=reason).version == version + 1


def test_handed_back_the_order_waits_again_and_so_do_its_calls(db: Database) -> None:
    order = order_of(db, "R3")
    do(db, order, "told", crew_id="C0")
    refused("order_reason_needed", lambda: do(db, order, "returned", CREW))
    do(db, order, "returned", CREW, reason_code="no_skill")
    assert told(db, order)["state"] == "registered"
    assert deed_store.stamps(db.read(), ["R3"])["told_at"].isna().all()
    assert work_orders.own(db, CREW).empty


@pytest.mark.parametrize(
    ("move", "minute", "reason"),
    [("stopped", 1, "weather"), ("resumed", 3, None), ("unrated", 5, "nobody_there"),
     ("archived", 7, None)],
)  # fmt: skip
def test_only_the_crew_that_holds_the_order_acts_on_it(
    db: Database, move: str, minute: int, reason: str | None
) -> None:
    order = order_of(db, "R3")
    do(db, order, "told", crew_id="C0")
    if move == "resumed":
        do(db, order, "stopped", CREW, reason_code="weather")
    if move in ("unrated", "archived"):
        order_deeds.direct(db, BOSS, "R3", DeedWish("restored"))
    if move == "archived":
        do(db, order, "unrated", CREW, reason_code="nobody_there")
    at(db, minute)
    for actor, named in ((OTHERS, None), (OTHERS, "C0"), (INSPECTOR, None), (INSPECTOR, "C0")):
        refused("order_not_yours", lambda a=actor, n=named: do(  # type: ignore[misc]
            db, order, move, a, crew_id=n, reason_code=reason,
        ))  # fmt: skip
    do(db, order, move, CREW, reason_code=reason)
    assert work_orders.story(db, BOSS, order).events.iloc[-1]["crew_id"] == "C0"


def test_the_pool_is_grabbed_once(db: Database) -> None:
    order = order_of(db, "R3")
    refused("order_not_in_pool", lambda: do(db, order, "grabbed", CREW))
    do(db, order, "pooled")
    assert do(db, order, "grabbed", CREW).state == "accepted"
    refused("order_conflict", lambda: do(db, order, "grabbed", OTHERS))
    assert deed_store.stamps(db.read(), ["R3"])["crew_id"].tolist() == ["C0"]
    work_order_moves.undo(db, CREW, order)
    assert deed_store.stamps(db.read(), ["R3"])["told_at"].isna().all()


def test_two_at_once_make_one_move_and_one_conflict(db: Database) -> None:
    order = order_of(db, "R1")

    def tell(crew: str) -> str:
        try:
            return do(db, order, "told", crew_id=crew, version=1).state
        except UserError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tell, ["C0", "C1"])) == ["order_conflict", "told"]
    rows = db.query("SELECT count(*) AS n FROM work_order_crews WHERE ended_at IS NULL")
    assert rows["n"].iloc[0] == 1


def test_a_card_filled_meanwhile_is_not_overwritten(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    assert work_order_cards.fill(db, CREW, order, CardWish(CARD, 0, step_key="c1")).version == 1
    again = work_order_cards.fill(db, CREW, order, CardWish(CARD, 0, step_key="c1"))
    assert (again.version, again.is_repeated) == (1, True)
    values = refused(
        "order_card_conflict", lambda: work_order_cards.fill(db, MATE, order, CardWish({}, 0))
    )
    assert (values["version"], values["by"]) == (1, CREW.id)
    refused(
        "order_card_field",
        lambda: work_order_cards.fill(db, CREW, order, CardWish({"mood": "good"}, 1)),
    )
    work_order_cards.fill(db, CREW, order, CardWish({"task": "look"}, 1))
    values = refused("order_card_unfilled", lambda: work_order_cards.ask(db, CREW, order))
    assert "guardian_at_site" in values["fields"]


def test_the_gate_shuts_again_when_the_card_changes(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    do(db, order, "arrived", CREW, **place(db, order))
    do(db, order, "surveyed", CREW)
    refused("order_gate_closed", lambda: do(db, order, "repaired", CREW))
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
    work_order_cards.ask(db, CREW, order)
    work_order_cards.refuse(db, MATE, order, "tools_missing")
    refused("order_gate_not_asked", lambda: work_order_cards.approve(db, MATE, order))
    work_order_cards.ask(db, CREW, order)
    work_order_cards.approve(db, MATE, order)
    work_order_cards.fill(db, CREW, order, CardWish(CARD | {"tools": "rope"}, 1))
    refused("order_gate_closed", lambda: do(db, order, "repaired", CREW))


def test_the_gate_is_that_of_the_crew_that_holds_the_order_now(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 1))
    work_order_cards.ask(db, CREW, order)
    work_order_cards.approve(db, MATE, order)
    do(db, order, "arrived", CREW, **place(db, order))
    do(db, order, "surveyed", CREW)
    do(db, order, "handed_over", CREW, crew_id="C1")
    work_order_cards.fill(db, OTHERS, order, CardWish(CARD, 0))
    work_order_cards.ask(db, OTHERS, order)
    refused("order_gate_closed", lambda: do(db, order, "repaired", OTHERS))
    assert "gate_approved" in work_order_moves.possible(db, BOSS, order)
    work_order_cards.approve(db, BOSS, order)
    assert do(db, order, "repaired", OTHERS).state == "repaired"


def test_what_was_approved_before_the_crew_was_told_again_counts_no_more(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
    work_order_cards.ask(db, CREW, order)
    work_order_cards.approve(db, MATE, order)
    do(db, order, "returned", CREW, reason_code="no_material")
    at(db, 60)
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    do(db, order, "arrived", CREW, **place(db, order))
    do(db, order, "surveyed", CREW)
    refused("order_gate_closed", lambda: do(db, order, "repaired", CREW))
    refused("order_gate_not_asked", lambda: work_order_cards.approve(db, MATE, order))
    work_order_cards.ask(db, CREW, order)
    work_order_cards.approve(db, MATE, order)
    assert do(db, order, "repaired", CREW).state == "repaired"


def test_a_gate_is_opened_on_the_card_that_was_looked_at(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
    work_order_cards.ask(db, CREW, order)
    work_order_cards.fill(db, CREW, order, CardWish(CARD | {"tools": "rope"}, 1))
    work_order_cards.ask(db, CREW, order)
    values = refused(
        "order_card_conflict", lambda: work_order_cards.approve(db, MATE, order, version=1)
    )
    assert (values["version"], values["by"]) == (2, CREW.id)
    work_order_cards.approve(db, MATE, order, version=2)


def test_only_who_may_open_a_gate_sees_the_card(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    work_order_cards.fill(db, CREW, order, CardWish(CARD, 0))
    sees = {}
    for role in ("inspector", "dispatcher", "manager", "planner", "analyst", "hall_clerk"):
        found = work_order_cards.card(db, Actor(f"user:{role}", role, role=role), order)
        sees[role] = found is not None and found["card"] is not None
    assert [role for role in sees if sees[role]] == ["inspector", "dispatcher"]


def test_evidence_is_what_it_claims_comes_once_and_counts_when_confirmed(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    photo = EvidenceWish("photo", "image/jpeg", JPEG, irregularity="broken_seal", step_key="e1")
    first = work_order_evidence.add(db, CREW, order, photo)
    assert work_order_evidence.add(db, CREW, order, photo).is_repeated
    other = EvidenceWish("photo", "image/jpeg", JPEG, step_key="e2")
    assert work_order_evidence.add(db, CREW, order, other).evidence_id == first.evidence_id
    fake = EvidenceWish("photo", "image/png", JPEG + b"!")
    refused("evidence_media", lambda: work_order_evidence.add(db, CREW, order, fake))
    large = EvidenceWish("photo", "image/jpeg", JPEG + bytes(8_000_000))
    refused("evidence_large", lambda: work_order_evidence.add(db, CREW, order, large))
    refused("order_not_yours", lambda: work_order_evidence.add(db, OTHERS, order, photo))
    assert work_orders.story(db, BOSS, order).evidence["confirmed_at"].isna().all()
    work_order_evidence.judge(db, BOSS, first.evidence_id, is_confirmed=True)
    piece = work_orders.story(db, BOSS, order).evidence.iloc[0]
    assert piece["confirmed_at"] == NOW
    assert work_order_evidence.content(db, BOSS, first.evidence_id) == ("image/jpeg", JPEG)


def test_parts_are_given_back_no_further_than_they_were_taken(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    assert work_order_parts.add(db, CREW, order, PartWish("FUSE", 3, step_key="p1")) == 3
    assert work_order_parts.add(db, CREW, order, PartWish("FUSE", 3, step_key="p1")) == 3
    assert work_order_parts.add(db, CREW, order, PartWish("FUSE", -2)) == 1
    refused("part_not_there", lambda: work_order_parts.add(db, CREW, order, PartWish("FUSE", -2)))


def test_merged_and_split_calls_keep_their_orders_linked(db: Database) -> None:
    first, lone = order_of(db, "R1"), order_of(db, "R3")
    fault_group_deeds.move(db, BOSS, ["R3"], "OUT-1")
    assert order_of(db, "R3") == first
    assert told(db, lone)["state"] == "cancelled"
    assert (lone, "replaces") in _links(db, first)
    fault_group_deeds.undo(db, BOSS)
    new = fault_group_deeds.split(db, BOSS, ["R2"])
    other = order_of(db, "R2")
    assert other != first
    assert told(db, other)["outage_id"] == new
    assert (first, "same_place") in _links(db, other)
    assert db.query("SELECT count(*) AS n FROM work_order_reports")["n"].iloc[0] == 3


def _links(db: Database, order: str) -> set[tuple[str, str]]:
    rows = work_orders.story(db, BOSS, order).links
    return set(zip(rows["other_order_id"], rows["link"], strict=True))


def test_an_order_by_hand_has_what_is_usual_for_its_task(db: Database, town: LittleTown) -> None:
    wish = OrderWish("reconnect", customer_no=town.numbers()[8], follows=order_of(db, "R1"))
    order = work_order_wishes.make(db, BOSS, wish)
    row = told(db, order)
    assert (row["kind"], row["service_min"], row["priority"]) == ("connection", 25.0, 5)
    assert row["transformer_id"] == "T-002"
    assert row["due_at"] == NOW + timedelta(hours=24)
    assert (order_of(db, "R1"), "follows") in _links(db, order)
    refused("order_task_unknown", lambda: work_order_wishes.make(db, BOSS, OrderWish("dance")))
    refused(
        "fault_unknown_customer_no",
        lambda: work_order_wishes.make(db, BOSS, OrderWish("reconnect", customer_no="9")),
    )


def test_a_crew_sees_its_own_orders_beyond_its_scope_and_nobody_elses(
    db: Database, town: LittleTown
) -> None:
    other = next(n for n in range(11, 61) if town.is_west(n) != town.is_west(10))
    unit = "S1" if town.is_west(10) else "S2"
    scoped = Actor("user:town-crew", "赵强", role="crew", scope=Scope(unit), crew_id="C0")
    first, far = order_of(db, "R1"), order_of(db, "R3")
    assert other
    assert work_orders.listing(db, scoped)["order_id"].tolist() == [first]
    with pytest.raises(AccessDenied):
        work_orders.story(db, scoped, far)
    do(db, far, "told", crew_id="C0")
    assert set(work_orders.listing(db, scoped)["order_id"]) == {first, far}
    assert do(db, far, "accepted", scoped).state == "accepted"
    assert work_orders.story(db, scoped, far).events["move"].iloc[-1] == "accepted"


def test_people_are_masked_by_role(db: Database, town: LittleTown) -> None:
    wish = OrderWish(
        "visit_customer", customer_no=town.numbers()[8], contact="王五", phone="13900000009",
        note="dog in the yard",
    )  # fmt: skip
    order = work_order_wishes.make(db, BOSS, wish)
    manager = Actor("user:town-manager", "周明", role="manager")
    seen = work_orders.listing(db, manager).set_index("order_id").loc[order]
    clear = work_orders.listing(db, BOSS).set_index("order_id").loc[order]
    for name in ("customer_no", "contact", "phone", "address", "note"):
        assert seen[name] != clear[name], name
    assert (clear["contact"], clear["note"]) == ("王五", "dog in the yard")
    assert seen["lon"] != clear["lon"]


def test_every_deed_is_on_record_without_anybodys_words(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    work_order_evidence.add(db, CREW, order, EvidenceWish("note", note="13900000009 says hello"))
    rows = db.query(
        "SELECT actor, event, detail FROM audit_log WHERE subject = ? ORDER BY event_id",
        [f"order:{order}"],
    )
    assert rows["event"].tolist() == [
        "work_order_made", "work_order_moved", "work_order_evidence_added",
    ]  # fmt: skip
    assert rows["actor"].tolist() == ["system", BOSS.id, CREW.id]
    assert "139" not in "".join(rows["detail"].dropna())


def test_roles_without_the_right_move_nothing(db: Database) -> None:
    order = order_of(db, "R1")
    manager = Actor("user:town-manager", "周明", role="manager")
    for move, who in (("told", CREW), ("told", manager), ("accepted", manager)):
        with pytest.raises(AccessDenied):
            do(db, order, move, who, crew_id="C0")
    refused("order_move_unknown", lambda: do(db, order, "danced"))
    assert told(db, order)["state"] == "registered"


def test_orders_come_as_a_file_with_their_story_and_what_was_done_here_stays(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    rows = pd.DataFrame(
        {
            "工单编号": ["X1", "X2", "X3"], "工单类型": ["抢修", "表计", "走访"],
            "受理时间": ["2026-07-16 18:00", "2026-07-16 18:10", "2026-07-16 18:20"],
            "户号": town.numbers()[:3], "班组编号": ["C0", None, None],
            "派工时间": ["2026-07-16 18:05", None, None],
            "接单时间": ["2026-07-16 18:06", None, None],
            "优先级": ["7", "99", None],
        }
    )  # fmt: skip
    file = tmp_path / "orders.csv"
    file.write_text(rows.to_csv(index=False), encoding="gb18030")
    done = load(db, LOADER, "work_orders", [file], LoadChoice())
    db.write(lambda c: meta.set_value(c, "origin", "sample"))
    assert (done.rows, done.loaded, done.rejected) == (3, 2, 1)
    assert done.rejects[["column", "value"]].to_numpy().tolist() == [["优先级", "99"]]
    row = told(db, "X1")
    assert (row["state"], row["crew_id"], row["priority"]) == ("accepted", "C0", 7)
    assert told(db, "X3")["service_min"] == 10.0
    at(db, -96)
    assert told(db, "X1")["state"] == "registered"
    at(db, 1)
    do(db, "X1", "arrived", CREW, **place(db, "X1"))
    load(db, LOADER, "work_orders", [file], LoadChoice())
    db.write(lambda c: meta.set_value(c, "origin", "sample"))
    assert told(db, "X1")["state"] == "arrived"
    batch = int(
        db.query("SELECT min(batch_id) AS b FROM work_orders WHERE batch_id > 0")["b"].iloc[0]
    )
    refused("undo_orders_acted_on", lambda: batches.undo(db, LOADER, batch))


def test_a_verdict_that_needs_no_crew_ends_the_order_of_a_lone_call(db: Database) -> None:
    order = order_of(db, "R3")
    reason = fault_reports.overrule_reasons()[0]
    fault_reports.overrule(db, BOSS, "R3", "customer_internal", reason)
    assert told(db, order)["state"] == "cancelled"
    assert told(db, order)["calls"] == 0


def test_the_list_names_its_limits_and_is_filtered(db: Database) -> None:
    rows = work_orders.listing(db, BOSS).set_index("order_id")
    first, lone = rows.loc[order_of(db, "R1")], rows.loc[order_of(db, "R3")]
    assert lone["clock"] == "broken"
    assert lone["due_at"] == NOW - timedelta(minutes=15)
    assert first["due_at"] == NOW + timedelta(minutes=5)
    wanted = OrderFilter(clocks=("broken",))
    assert work_orders.listing(db, BOSS, wanted)["order_id"].tolist() == [order_of(db, "R3")]
    assert work_orders.listing(db, BOSS, OrderFilter(crew_id="C0")).empty
    assert work_orders.listing(db, BOSS, OrderFilter(kinds=("meter",))).empty
    held = work_orders.counted(db, BOSS, work_orders.listing(db, BOSS))
    assert (held["open"], held["unaccepted"], held["broken"]) == (2, 2, 1)


def joined_by_r3(db: Database, registered: float) -> "pd.Series[object]":
    """R3, registered that many minutes from NOW, after it was put to the outage of R1."""
    moment = NOW + timedelta(minutes=registered)
    db.write(
        lambda c: c.execute(
            "UPDATE fault_reports SET registered_at = ? WHERE report_id = 'R3'", [moment]
        )
    )
    fault_group_deeds.move(db, BOSS, ["R3"], "OUT-1")
    return deed_store.stamps(db.read(), ["R3"]).iloc[0]


def test_what_was_just_done_stands_in_the_list_at_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock runs, and within the seconds that a page calls one moment a crew surveys."""
    real = [datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC)]
    for module in (clock, work_order_moves):
        monkeypatch.setattr(module, "real_now", lambda: real[0])
    db.write(lambda c: clock.start_clock(c, at=NOW, running=True))
    order = order_of(db, "R3")
    for move in ("told", "accepted", "arrived"):
        do(db, order, move, crew_id="C0", **(place(db, order) if move == "arrived" else {}))
    work_orders.listing(db, BOSS)
    real[0] += timedelta(seconds=2)
    do(db, order, "surveyed", CREW)
    rows = work_orders.listing(db, BOSS).set_index("order_id")
    assert rows.loc[order, "state"] == "surveyed"
    assert work_orders.own(db, CREW).set_index("order_id").loc[order, "state"] == "surveyed"


@pytest.mark.parametrize(("registered", "arrived"), [(25, 25), (-60, 20)])
def test_to_a_call_that_joins_the_crew_at_the_site_came_at_once(
    db: Database, registered: float, arrived: float
) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    do(db, order, "accepted", CREW)
    at(db, 20)
    do(db, order, "arrived", CREW, **place(db, order))
    at(db, 30)
    stamps = joined_by_r3(db, registered)
    assert order_of(db, "R3") == order
    assert stamps["crew_id"] == "C0"
    for name in ("told_at", "accepted_at", "arrived_at"):
        assert stamps[name] == NOW + timedelta(minutes=arrived)


def stamped(db: Database, name: str) -> list[bool]:
    return deed_store.stamps(db.read(), ["R1", "R2"])[name].notna().tolist()


def test_urging_a_call_does_not_keep_it_from_being_taken_back(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    order_deeds.urge(db, BOSS, "R1")
    work_order_moves.undo(db, BOSS, order)
    assert told(db, order)["state"] == "registered"
    assert stamped(db, "told_at") == [False, False]
    order_deeds.undo(db, BOSS, "R1")
    assert stamped(db, "told_at") == [False, False]


def test_no_move_is_half_taken_back_where_a_call_went_on(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    order_deeds.direct(db, BOSS, "R1", DeedWish("arrived", one_call=True))
    refused("order_moved_since", lambda: work_order_moves.undo(db, BOSS, order))
    assert told(db, order)["state"] == "told"
    assert stamped(db, "told_at") == [True, True]


def test_what_one_customer_asks_for_stops_that_call_and_not_the_order(db: Database) -> None:
    order, lone = order_of(db, "R1"), order_of(db, "R3")
    values = refused(
        "order_stop_one_call", lambda: do(db, order, "stopped", reason_code="customer_absent")
    )
    assert values == {"calls": 2}
    assert order_deeds.direct(db, BOSS, "R2", DeedWish("stopped", None, "customer_absent"))
    assert not told(db, order)["is_stopped"]
    do(db, lone, "stopped", reason_code="customer_absent")
    assert told(db, lone)["is_stopped"]
    do(db, order, "stopped", reason_code="weather")
    assert told(db, order)["is_stopped"]


def test_an_order_whose_calls_all_went_elsewhere_ends(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    db.write(
        lambda c: c.execute(
            "UPDATE fault_reports SET outage_id = 'TO-' || report_id"
            " WHERE report_id IN ('R1', 'R2')"
        )
    )
    at(db, 5)
    work_order_settling.settle(db, NOW - timedelta(days=1))
    assert (told(db, order)["state"], told(db, order)["calls"]) == ("cancelled", 0)
    assert work_orders.story(db, BOSS, order).holdings["ended_why"].tolist() == ["withdrawn"]
    for report in ("R1", "R2"):
        made = work_orders.story(db, BOSS, order_of(db, report))
        assert (made.order["state"], made.order["outage_id"]) == ("told", f"TO-{report}")
        assert made.events["happened_at"].iloc[0] == NOW
    refused("order_without_calls", lambda: work_order_moves.undo(db, BOSS, order))


def test_a_merged_order_is_not_taken_up_again_without_its_calls(db: Database) -> None:
    lone = order_of(db, "R3")
    fault_group_deeds.move(db, BOSS, ["R3"], "OUT-1")
    refused("order_without_calls", lambda: work_order_moves.undo(db, BOSS, lone))
    assert told(db, lone)["state"] == "cancelled"


def test_calls_that_are_over_get_no_order(db: Database) -> None:
    values = refused(
        "order_call_ended", lambda: work_order_wishes.make_of_reports(db, BOSS, ["R4", "R5"])
    )
    assert values == {"report": "R4"}
    assert work_order_wishes.make_of_reports(db, BOSS, ["R1", "R2"]) == order_of(db, "R1")


def test_an_order_of_older_calls_begins_when_it_is_made(db: Database) -> None:
    story = work_orders.story(db, BOSS, order_of(db, "R1"))
    assert story.order["registered_at"] == NOW - timedelta(minutes=40)
    assert story.events["happened_at"].tolist() == [NOW]


def test_orders_nobody_was_told_of_follow_their_calls_together(db: Database) -> None:
    kept, lone = order_of(db, "R1"), order_of(db, "R3")
    for report, outage in (("R1", "NEW-1"), ("R2", "NEW-1"), ("R3", "NEW-1")):
        db.write(
            lambda c, r=report, o=outage: c.execute(
                "UPDATE fault_reports SET outage_id = ? WHERE report_id = ?", [o, r]
            )
        )
    at(db, 5)
    work_order_settling.settle(db, NOW - timedelta(days=1))
    ended, stays = (lone, kept) if order_of(db, "R1") == kept else (kept, lone)
    assert {order_of(db, one) for one in ("R1", "R2", "R3")} == {stays}
    row = told(db, stays)
    assert (row["state"], row["outage_id"], row["calls"]) == ("registered", "NEW-1", 3)
    assert (told(db, ended)["state"], told(db, ended)["calls"]) == ("cancelled", 0)
    links = work_orders.story(db, BOSS, stays).links
    assert links[["other_order_id", "link"]].values.tolist() == [[ended, "replaces"]]
    last = work_orders.story(db, BOSS, ended).events.iloc[-1]
    assert (last["move"], last["reason_code"]) == ("cancelled", "merged")
    assert "calls_joined" in work_orders.story(db, BOSS, stays).events["move"].tolist()
    # and apart again: the one that stayed keeps its outage, the other is taken up or made anew
    db.write(
        lambda c: c.execute("UPDATE fault_reports SET outage_id = 'NEW-2' WHERE report_id = 'R3'")
    )
    at(db, 9)
    work_order_settling.settle(db, NOW - timedelta(days=1))
    assert told(db, order_of(db, "R3"))["outage_id"] == "NEW-2"
    assert order_of(db, "R1") != order_of(db, "R3")


def test_calls_that_join_an_order_on_its_way_get_its_stamps(db: Database) -> None:
    order = order_of(db, "R1")
    do(db, order, "told", crew_id="C0")
    at(db, 3)
    do(db, order, "accepted", CREW)
    at(db, 6)
    db.write(
        lambda c: c.execute("UPDATE fault_reports SET outage_id = 'OUT-1' WHERE report_id = 'R3'")
    )
    work_order_settling.settle(db, NOW - timedelta(days=1))
    assert order_of(db, "R3") == order
    row = db.query("SELECT crew_id, told_at, accepted_at FROM fault_reports WHERE report_id = 'R3'")
    when = NOW + timedelta(minutes=6)
    assert row.iloc[0].tolist() == ["C0", when, when]


def test_no_order_ends_in_one_that_leaves_at_the_same_time(db: Database) -> None:
    known, lone = order_of(db, "R1"), order_of(db, "R3")
    do(db, known, "told", crew_id="C0")
    for report, outage in (("R1", "Z"), ("R2", "Z"), ("R3", "OUT-1")):
        db.write(
            lambda c, r=report, o=outage: c.execute(
                "UPDATE fault_reports SET outage_id = ? WHERE report_id = ?", [o, r]
            )
        )
    at(db, 5)
    work_order_settling.settle(db, NOW - timedelta(days=1))
    assert (told(db, known)["state"], told(db, known)["outage_id"]) == ("told", "Z")
    assert (told(db, lone)["state"], told(db, lone)["outage_id"]) == ("registered", "OUT-1")
    row = db.query("SELECT told_at FROM fault_reports WHERE report_id = 'R3'")
    assert row["told_at"].isna().all()
