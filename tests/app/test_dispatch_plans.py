"""Plans of the little town: made of the store, explained, taken, undone; emergencies."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from app.store import dispatch_runs as dispatch_store
from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    dispatch_board,
    dispatch_ground,
    dispatch_plans,
    dispatch_replans,
    work_order_moves,
    work_order_wishes,
    work_orders,
)
from app.use_cases.actors import Actor
from app.use_cases.jobs import StoppedError
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_wishes import OrderWish
from grid_cells import dispatch_explanation
from grid_cells.dispatch import DispatchProblem
from tests.app.test_work_orders import at, refused
from tests.conftest import NOW, LittleTown

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
OTHER_BOSS = Actor("user:town-other", "周明", role="dispatcher")
CREW = Actor("user:town-crew", "赵强", role="crew", crew_id="C0")


@pytest.fixture
def db(town_database: Database) -> Database:
    town_database.write(lambda c: meta.set_value(c, "origin", "sample"))
    at(town_database, 0)
    return town_database


def order(db: Database, transformer: str = "T-010", **wish: object) -> str:
    made = OrderWish("repair_lv", **{"transformer_id": transformer, "skills": "", **wish})  # type: ignore[arg-type]
    return work_order_wishes.make(db, BOSS, made)


def state(db: Database, order_id: str) -> tuple[str, str | None]:
    row = work_orders.story(db, BOSS, order_id).order
    return row["state"], row["crew_id"]


def test_the_problem_is_made_of_open_orders_crews_at_work_and_the_streets(db: Database) -> None:
    window = {"window_from": NOW + timedelta(hours=2), "window_to": NOW + timedelta(hours=3)}
    one, other = order(db, "T-003"), order(db, "T-050", skills="cable", **window)
    db.write(lambda c: c.execute("UPDATE crews SET skills = 'lv;cable' WHERE crew_id = 'C1'"))
    held = order(db, "T-020", skills="mv")
    work_order_moves.move(db, BOSS, held, Step("told", crew_id="C1"))
    at(db, 5)
    found = dispatch_ground.ground(db, NOW + timedelta(minutes=5))
    crews = {crew.id: crew for crew in found.problem.crews}
    orders = {made.id: made for made in found.problem.orders}
    # 19:45 in Shanghai is minute 1185 of the day
    assert {crew.free_from for crew in crews.values()} == {1185}
    assert crews["C1"].skills == {"lv", "cable"}
    assert crews["C0"].skills == {"cable", "mv", "lv"}  # nothing is known: whatever is asked for
    assert crews["C1"].committed == (held,)
    assert orders[held].skills == frozenset()  # the crew that holds it keeps it
    assert orders[other].windows == ((1300, 1360),)
    assert orders[other].promise_min == 1360
    assert orders[one].windows == ((1185, 1185 + 24 * 60),)
    assert orders[one].known_from == 1180
    assert len(found.problem.minutes) == 2 * 2 + 3
    free = dispatch_ground.ground(db, NOW + timedelta(minutes=5), free_told=True)
    assert all(not crew.committed for crew in free.problem.crews)


def test_what_cannot_be_planned_is_left_out_with_its_reason(db: Database) -> None:
    stopped, lost, pooled = order(db), order(db), order(db)
    work_order_moves.move(db, BOSS, stopped, Step("stopped", reason_code="weather"))
    db.write(lambda c: c.execute("UPDATE work_orders SET lon = NULL WHERE order_id = ?", [lost]))
    work_order_moves.move(db, BOSS, pooled, Step("pooled"))
    found = dispatch_ground.ground(db, NOW)
    assert found.left_out == {stopped: "stopped", lost: "no_place", pooled: "in_pool"}
    values = refused("dispatch_no_orders", lambda: dispatch_plans.plan(db, BOSS))
    assert values == {"left_out": 3}


def test_a_crew_at_work_sets_out_from_there_when_it_is_done(db: Database) -> None:
    busy = order(db, "T-030", service_min=60.0)
    for step in (Step("told", crew_id="C0"), Step("accepted", crew_id="C0"),
                 Step("arrived", crew_id="C0", reason_code="no_position")):  # fmt: skip
        work_order_moves.move(db, BOSS, busy, step)
    order(db)
    at(db, 20)
    found = dispatch_ground.ground(db, NOW + timedelta(minutes=20))
    crew = next(one for one in found.problem.crews if one.id == "C0")
    assert crew.free_from == 1180 + 20 + 40
    row = found.crews.set_index("crew_id").loc["C0"]
    site = work_orders.story(db, BOSS, busy).order
    assert (row["spot"], row["lon"], row["lat"]) == ("work", site["lon"], site["lat"])


def test_a_plan_is_explained_taken_line_by_line_and_undone(db: Database) -> None:
    ids = [order(db, f"T-{n:03d}") for n in (3, 20, 40, 55)]
    told: list[float] = []
    run = dispatch_plans.plan(db, BOSS, tell=told.append)
    assert (run.kind, run.orders, run.served) == ("plan", 4, 4)
    assert told[0] == 0.0
    assert told[-1] == 1.0
    lines = {line["order"]: line for line in run.lines}
    assert set(lines) == set(ids)
    for line in lines.values():
        assert line["action"] == "told"
        assert line["code"] in ("nearest", "whole_plan", "only_one", "others_full")
        assert {one["crew"] for one in line["others"]} | {line["crew"]} == {"C0", "C1"}
        assert line["arrive_at"] < line["leave_at"]
    assert dispatch_plans.latest(db, BOSS) == run
    assert dispatch_plans.latest(db, OTHER_BOSS) is None

    first = dispatch_plans.take(db, BOSS, run.run_id, ids[:1])
    assert (first.moved, first.stale) == ((ids[0],), ())
    assert state(db, ids[0]) == ("told", lines[ids[0]]["crew"])
    holding = work_orders.story(db, BOSS, ids[0]).holdings.iloc[0]
    assert holding["how"] == "auto"
    assert json.loads(holding["reason"])["run"] == run.run_id
    work_order_moves.move(db, BOSS, ids[1], Step("cancelled", reason_code="duplicate"))
    second = dispatch_plans.take(db, BOSS, run.run_id)
    assert set(second.moved) == set(ids[2:])
    assert second.stale == (ids[1],)

    work_order_moves.move(db, BOSS, ids[2], Step("accepted"))
    back = dispatch_plans.undo(db, BOSS, run.run_id)
    assert set(back.moved) == {ids[0], ids[3]}
    assert back.stale == (ids[2],)
    assert state(db, ids[0]) == ("registered", None)
    assert state(db, ids[2])[0] == "accepted"
    kept = dispatch_plans.latest(db, BOSS)
    assert kept is not None
    assert list(kept.taken) == [ids[2]]


def test_planned_times_stand_with_the_holding(db: Database) -> None:
    one = order(db)
    run = dispatch_plans.plan(db, BOSS)
    dispatch_plans.take(db, BOSS, run.run_id)
    planned = work_orders.story(db, BOSS, one).order["planned_arrive_at"]
    assert planned == datetime.fromisoformat(run.lines[0]["arrive_at"])


def test_nothing_is_taken_twice_and_nobody_takes_anothers_plan(db: Database) -> None:
    order(db)
    run = dispatch_plans.plan(db, BOSS)
    refused("dispatch_run_unknown", lambda: dispatch_plans.take(db, OTHER_BOSS, run.run_id))
    refused("dispatch_nothing_to_undo", lambda: dispatch_plans.undo(db, BOSS, run.run_id))
    dispatch_plans.take(db, BOSS, run.run_id)
    refused("dispatch_nothing_to_take", lambda: dispatch_plans.take(db, BOSS, run.run_id))
    refused("dispatch_run_unknown", lambda: dispatch_plans.undo(db, BOSS, 999))


def test_a_plan_kept_before_it_told_who_held_what_is_made_anew(db: Database) -> None:
    one = order(db)
    run = dispatch_plans.plan(db, BOSS)
    bare = {name: value for name, value in run.detail.items() if name != "held"}
    db.write(lambda c: dispatch_store.set_taken(c, run.run_id, bare, run.made_at, BOSS.id))
    refused("dispatch_too_old", lambda: dispatch_plans.take(db, BOSS, run.run_id))
    assert state(db, one) == ("registered", None)


def test_a_stopped_plan_leaves_nothing(db: Database) -> None:
    order(db)

    def stop(done: float) -> None:
        if done > 0:
            raise StoppedError

    with pytest.raises(StoppedError):
        dispatch_plans.plan(db, BOSS, tell=stop)
    assert dispatch_plans.latest(db, BOSS) is None


def test_a_plan_of_a_past_moment_knows_nothing_later(db: Database) -> None:
    early = order(db)
    at(db, 30)
    order(db, "T-020")
    run = dispatch_plans.plan(db, BOSS, at=NOW + timedelta(minutes=10))
    assert [line["order"] for line in run.lines] == [early]


def test_customers_wishes_and_skills_decide_who_comes(db: Database) -> None:
    one = order(db, "T-003", skills="lv")
    wish = json.dumps({"forbidden": ["C0"]})
    db.write(
        lambda c: c.execute("UPDATE work_orders SET wishes = ? WHERE order_id = ?", [wish, one])
    )
    assert dispatch_plans.plan(db, BOSS).lines[0]["crew"] == "C1"
    db.write(lambda c: c.execute("UPDATE crews SET skills = 'meter'"))
    left = dispatch_plans.plan(db, BOSS).detail["unserved"]
    assert [(row["order"], row["reason"]) for row in left] == [(one, "no_skill")]


def test_somebody_of_one_area_plans_what_is_in_sight_alone(db: Database, town: LittleTown) -> None:
    east, west = (
        next(n for n in range(61) if town.is_west(n) is is_west) for is_west in (False, True)
    )
    order(db, f"T-{east:03d}")
    mine = order(db, f"T-{west:03d}")
    boss = Actor("user:west-boss", "王", role="dispatcher", scope=Scope("S1", "W-01"))
    run = dispatch_plans.plan(db, boss)
    assert [line["order"] for line in run.lines] == [mine]
    assert dispatch_plans.take(db, boss, run.run_id).moved == (mine,)


def test_an_emergency_moves_few_orders_and_each_change_is_listed_first(db: Database) -> None:
    ids = [order(db, f"T-{n:03d}") for n in (3, 20, 40)]
    run = dispatch_plans.plan(db, BOSS)
    dispatch_plans.take(db, BOSS, run.run_id)
    held = {one: state(db, one)[1] for one in ids}
    at(db, 10)
    urgent = order(db, "T-030", priority=9)
    calm = order(db, "T-031", priority=2)
    changed = dispatch_replans.replan(db, BOSS)
    assert changed.kind == "replan"
    assert changed.detail["emergencies"] == [urgent]
    lines = {line["order"]: line for line in changed.lines}
    assert lines[urgent]["action"] == "told"
    assert calm not in lines
    assert changed.detail["other_crew"] + changed.detail["kept"] <= 3
    assert {one: state(db, one)[1] for one in ids} == held  # nothing moved yet
    done = dispatch_plans.take(db, BOSS, changed.run_id)
    assert set(done.moved) == set(lines)
    assert state(db, urgent)[0] == "told"
    dispatch_plans.undo(db, BOSS, changed.run_id)
    assert state(db, urgent)[0] == "registered"


def test_an_emergency_must_wait_for_a_crew(db: Database) -> None:
    one = order(db, priority=3)
    refused("dispatch_no_emergency", lambda: dispatch_replans.replan(db, BOSS))
    assert dispatch_replans.replan(db, BOSS, [one]).lines[0]["order"] == one
    work_order_moves.move(db, BOSS, one, Step("told", crew_id="C0"))
    refused("dispatch_not_waiting", lambda: dispatch_replans.replan(db, BOSS, [one]))


WEST = Actor("user:west-boss", "王", role="dispatcher", scope=Scope("S1", "W-01"))
"""Sees the area of C0, not that of C1."""


def west(town: LittleTown) -> str:
    return f"T-{next(n for n in range(61) if town.is_west(n)):03d}"


def test_a_crew_out_of_sight_is_neither_suggested_nor_sent(db: Database, town: LittleTown) -> None:
    one = order(db, west(town), skills="cable")
    db.write(lambda c: c.execute("UPDATE crews SET skills = 'lv' WHERE crew_id = 'C0'"))
    db.write(lambda c: c.execute("UPDATE crews SET skills = 'cable' WHERE crew_id = 'C1'"))
    assert dispatch_board.board(db, BOSS).suggestions[one].crew_id == "C1"
    assert dispatch_board.board(db, WEST).suggestions == {}
    db.write(lambda c: c.execute("UPDATE work_orders SET lon = NULL"))
    refused("dispatch_crew_unseen", lambda: dispatch_board.send(db, WEST, one, "C1"))


def test_an_order_that_a_crew_out_of_sight_holds_stays_with_it(
    db: Database, town: LittleTown
) -> None:
    held, free = order(db, west(town)), order(db, west(town), priority=9)
    work_order_moves.move(db, BOSS, held, Step("told", crew_id="C1"))
    run = dispatch_plans.plan(db, WEST)
    assert [line["order"] for line in run.lines] == [free]
    assert run.detail["left_out"] == {held: "held_elsewhere"}
    changed = dispatch_replans.replan(db, WEST)
    assert [line["order"] for line in changed.lines] == [free]
    assert changed.detail["left_out"] == {held: "held_elsewhere"}


def test_a_line_whose_arrival_is_over_is_left(db: Database) -> None:
    one = order(db)
    run = dispatch_plans.plan(db, BOSS)
    at(db, 180)
    assert dispatch_plans.take(db, BOSS, run.run_id).stale == (one,)
    assert dispatch_board.board(db, BOSS).suggestions[one].source == "rule"


def test_a_line_whose_crew_was_sent_elsewhere_since_is_left(db: Database) -> None:
    one, other = order(db), order(db, "T-020")
    run = dispatch_plans.plan(db, BOSS)
    crew = {line["order"]: line["crew"] for line in run.lines}
    later = order(db, "T-030")
    work_order_moves.move(db, BOSS, later, Step("told", crew_id=crew[one]))
    same = tuple(sorted(name for name in (one, other) if crew[name] == crew[one]))
    assert tuple(sorted(dispatch_plans.take(db, BOSS, run.run_id).stale)) == same


def test_a_plan_of_a_past_moment_is_neither_shown_nor_taken(db: Database) -> None:
    order(db)
    at(db, 3)
    run = dispatch_plans.plan(db, BOSS, at=NOW + timedelta(minutes=1))
    assert dispatch_board.board(db, BOSS).run is None
    refused("dispatch_not_of_now", lambda: dispatch_plans.take(db, BOSS, run.run_id))


def test_two_who_take_at_once_lose_nothing(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = order(db), order(db, "T-020")
    run = dispatch_plans.plan(db, BOSS)
    plain, waits = dispatch_plans.clock_now, [one]

    def meanwhile(database: Database) -> datetime:
        if waits:
            dispatch_plans.take(db, BOSS, run.run_id, [waits.pop()])
        return plain(database)

    monkeypatch.setattr(dispatch_plans, "clock_now", meanwhile)
    dispatch_plans.take(db, BOSS, run.run_id, [other])
    kept = dispatch_plans.latest(db, BOSS)
    assert kept is not None
    assert set(kept.taken) == {one, other}


def test_the_most_urgent_are_planned_where_too_many_wait(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch_ground, "MOST_ORDERS", 2)
    held = order(db, priority=1)
    work_order_moves.move(db, BOSS, held, Step("told", crew_id="C0"))
    calm, urgent = order(db, "T-003", priority=2), order(db, "T-020", priority=9)
    found = dispatch_ground.ground(db, NOW)
    assert {one.id for one in found.problem.orders} == {held, urgent}
    assert found.left_out == {calm: "too_many"}


def test_a_plan_is_explained_with_what_is_worked_out_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("T-003", "T-020", "T-030"):
        order(db, name)
    plain, asked = dispatch_explanation.refusals, []

    def counted(problem: DispatchProblem) -> NDArray[np.str_]:
        asked.append(problem)
        return plain(problem)

    monkeypatch.setattr(dispatch_explanation, "refusals", counted)
    told: list[float] = []
    assert len(dispatch_plans.plan(db, BOSS, tell=told.append).lines) == 3
    assert len(asked) == 2, "once for what is served, once for what is not"
    assert told == sorted(told)
