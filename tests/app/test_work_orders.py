"""Work orders of the little town: made of calls, moved step by step, one truth with the calls."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from app.store import meta
from app.store import order_deeds as deed_store
from app.store.database import Database
from app.use_cases import (
    clock,
    fault_groups,
    order_deeds,
    promises,
    work_order_cards,
    work_order_moves,
    work_orders,
)
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.order_deeds import DeedWish
from app.use_cases.work_order_cards import CardWish
from app.use_cases.work_order_moves import Step
from grid_cells.errors import UserError
from tests.app.test_promises import reports
from tests.conftest import LOADER, NOW, LittleTown

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
CREW = Actor("user:town-crew", "赵强", role="crew", crew_id="C0")
MATE = Actor("user:town-mate", "钱勇", role="crew", crew_id="C0")
OTHERS = Actor("user:town-others", "何北", role="crew", crew_id="C1")
ZONE = "POLYGON((112 30, 113 30, 113 31, 112 31, 112 30))"
CARD = {
    "task": "Change the fuse", "tools": ["ladder"], "materials": "fuse 160 A",
    "measures": ["earthed"], "precautions": "traffic", "leader": "P1", "guardian": "P2",
    "leader_at_site": True, "guardian_at_site": True,
}  # fmt: skip


@pytest.fixture
def db(town_database: Database, town: LittleTown, tmp_path: Path) -> Database:
    zones = pd.DataFrame({"name": ["city"], "promise_class": ["city"], "geometry": [ZONE]})
    for kind, frame in (("promise_zones", zones), ("fault_reports", reports(town))):
        file = tmp_path / f"{kind}.csv"
        frame.to_csv(file, index=False)
        load(town_database, LOADER, kind, [file], LoadChoice(datum="wgs84"))
    town_database.write(lambda c: meta.set_value(c, "origin", "sample"))
    fault_groups.regroup(town_database)
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
