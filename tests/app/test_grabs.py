"""The pool of the little town: what a crew may grab and why, and fifty crews at one order."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    dispatch_board,
    grab_answers,
    grabs,
    work_order_moves,
    work_order_wishes,
    work_orders,
)
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_wishes import OrderWish
from grid_cells.errors import AccessDenied, UserError
from tests.app.test_work_orders import at, refused
from tests.conftest import LOADER, LittleTown

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
CREW = Actor("user:town-crew", "赵强", role="crew", crew_id="C0")
OTHERS = Actor("user:town-others", "何北", role="crew", crew_id="C1")
NOBODYS = Actor("user:town-nobody", "孙悦", role="crew")
FIFTY = 50


@pytest.fixture
def db(town_database: Database, tmp_path: Path) -> Database:
    town_database.write(lambda c: meta.set_value(c, "origin", "sample"))
    at(town_database, 0)
    return town_database


@pytest.fixture
def many(db: Database, town: LittleTown, tmp_path: Path) -> list[Actor]:
    """Fifty crews at as many places, each with a person of its own."""
    rows = [
        (f"G{n:02d}", f"抢修{n}班", *town.places[n % len(town.places)][::-1], "24/7", "S1")
        for n in range(FIFTY)
    ]
    file = tmp_path / "crews.csv"
    names = ["crew_id", "name", "lon", "lat", "shift", "unit_id"]
    pd.DataFrame(rows, columns=names).to_csv(file, index=False)
    load(db, LOADER, "crews", [file], LoadChoice(datum="wgs84"))
    at(db, 0)
    return [Actor(f"user:crew-{row[0]}", "某人", role="crew", crew_id=row[0]) for row in rows]


def pooled(db: Database, **wish: object) -> str:
    made = OrderWish("repair_lv", **{"transformer_id": "T-010", "skills": "", **wish})  # type: ignore[arg-type]
    order = work_order_wishes.make(db, BOSS, made)
    work_order_moves.move(db, BOSS, order, Step("pooled"))
    return order


def all_at_once(db: Database, actors: list[Actor], order: str, key: str = "") -> list:
    gate = threading.Barrier(len(actors))

    def ask(actor: Actor):
        gate.wait()
        return grabs.grab(db, actor, order, f"{key}{actor.crew_id}" if key else None)

    with ThreadPoolExecutor(len(actors)) as threads:
        return list(threads.map(ask, actors))


def holders(db: Database, order: str) -> list[str]:
    rows = db.read().execute(
        "SELECT crew_id FROM work_order_crews WHERE order_id = ? AND ended_at IS NULL", [order]
    )
    return [row[0] for row in rows.fetchall()]


@pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=pytest.mark.long)])
def test_of_fifty_crews_at_once_one_gets_the_order_in_each_round(
    db: Database, many: list[Actor], rounds: int
) -> None:
    for turn in range(rounds):
        order = pooled(db)
        preferred = grabs.pool(db, many[0])
        answers = all_at_once(db, many, order, f"r{turn}-")
        codes = Counter(one.code for one in answers)
        winner = next(one for one in answers if one.is_mine).crew_id
        assert holders(db, order) == [winner]
        assert codes["grab_yours"] == 1
        # the others are told who has it and since when, and what decided or what keeps them out
        for actor, one in zip(many, answers, strict=True):
            assert one.order_id == order
            if one.is_mine:
                assert (actor.crew_id, one.state, one.asked > 1) == (winner, "accepted", True)
            elif one.code == "grab_refused":
                assert one.why
            else:
                assert one.code in ("grab_settled", "grab_taken")
                assert one.crew_id == winner
                assert one.at is not None
        assert sum(codes[code] for code in ("grab_settled", "grab_taken", "grab_refused")) == 49
        assert order in set(preferred["order_id"])


def test_whoever_asks_first_the_preferred_of_those_that_ask_together_gets_it(
    db: Database, many: list[Actor]
) -> None:
    winners = set()
    few = many[:12]
    for actors in (few, few[::-1]):
        order = pooled(db)
        answers = all_at_once(db, actors, order)
        winners.add(next(one.crew_id for one in answers if one.is_mine))
        assert {one.decided_by for one in answers if one.code == "grab_settled"} <= {
            "arrival", "number",
        }  # fmt: skip
        work_order_moves.undo(db, BOSS, order)
        work_order_moves.move(db, BOSS, order, Step("unpooled"))
    assert len(winners) == 1


def test_without_a_window_the_first_to_be_written_gets_it_and_still_only_one(
    db: Database, many: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = replace(grab_answers.rules(), window_s=0.0)
    monkeypatch.setattr(grab_answers, "rules", lambda: at_once)
    order = pooled(db)
    answers = all_at_once(db, many[:12], order)
    winner = [one.crew_id for one in answers if one.is_mine]
    assert holders(db, order) == winner
    assert all(one.crew_id == winner[0] for one in answers if not one.is_mine and not one.why)


def test_one_step_sent_again_gets_the_first_answer(db: Database, many: list[Actor]) -> None:
    order = pooled(db)
    first = all_at_once(db, many[:12], order, "k")
    second = all_at_once(db, many[:12], order, "k")
    for one, again in zip(first, second, strict=True):
        assert (again.code, again.crew_id) == (one.code, one.crew_id)
    assert len(holders(db, order)) == 1
    events = db.read().execute(
        "SELECT move, count(*) FROM work_order_events WHERE order_id = ? GROUP BY move", [order]
    )
    assert dict(events.fetchall()) == {
        "registered": 1, "pooled": 1, "grabbed": 1, "grab_settled": 1,
    }  # fmt: skip


def test_a_key_of_another_step_is_refused(db: Database) -> None:
    one, other = pooled(db), pooled(db, transformer_id="T-012")
    assert grabs.grab(db, CREW, one, "same").is_mine
    refused("order_step_key_taken", lambda: grabs.grab(db, CREW, other, "same"))
    refused("order_step_key", lambda: grabs.grab(db, CREW, other, ""))
    refused("grab_no_crew", lambda: grabs.grab(db, NOBODYS, other))


def test_one_alone_need_not_wait_where_nobody_else_may(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour = replace(grab_answers.rules(), window_s=3600.0)
    monkeypatch.setattr(grab_answers, "rules", lambda: an_hour)
    db.write(lambda c: c.execute("UPDATE crews SET skills = 'meter' WHERE crew_id = 'C1'"))
    order = pooled(db, skills="lv")
    told = grabs.grab(db, OTHERS, order)
    assert (told.code, told.why) == ("grab_refused", ("no_skill",))
    assert grabs.grab(db, CREW, order).is_mine


def test_the_calls_of_a_grabbed_order_carry_its_stamps(db: Database) -> None:
    order = pooled(db)
    told = grabs.grab(db, CREW, order)
    row = work_orders.story(db, BOSS, order)
    assert (row.order["state"], row.order["crew_id"]) == ("accepted", "C0")
    assert row.holdings["how"].tolist() == ["grab"]
    assert told.figures is not None
    assert told.figures["place"] in ("own", "neighbour", "other")
    assert told.version == row.order["version"]


def test_an_order_taken_back_or_sent_elsewhere_is_told_as_it_is(db: Database) -> None:
    order = pooled(db)
    work_order_moves.move(db, BOSS, order, Step("unpooled"))
    assert grabs.grab(db, CREW, order).code == "grab_gone"
    work_order_moves.move(db, BOSS, order, Step("told", crew_id="C1"))
    answer = grabs.grab(db, CREW, order)
    assert (answer.code, answer.crew_id) == ("grab_taken", "C1")
    assert answer.at is not None


def test_the_pool_says_what_a_crew_may_grab_and_why_not(db: Database) -> None:
    db.write(lambda c: c.execute("UPDATE crews SET skills = 'meter' WHERE crew_id = 'C1'"))
    order = pooled(db, skills="lv")
    mine, theirs = (grabs.pool(db, one).set_index("order_id") for one in (CREW, OTHERS))
    assert mine.loc[order, "may"]
    assert mine.loc[order, "rank"] == 1
    assert not theirs.loc[order, "may"]
    assert theirs.loc[order, "why"] == ["no_skill"]
    assert theirs.loc[order, "able"] == 1
    assert grabs.pool(db, NOBODYS).set_index("order_id").loc[order, "why"] == ["no_crew"]
    assert grabs.grab(db, CREW, order).is_mine
    assert grabs.pool(db, CREW).empty


def test_who_gave_back_too_often_may_grab_no_more(db: Database) -> None:
    order = pooled(db)
    for turn in range(2):
        assert grabs.grab(db, CREW, order).is_mine
        at(db, 5 * turn + 2)
        work_order_moves.move(db, CREW, order, Step("returned", reason_code="no_material"))
        at(db, 5 * turn + 4)
        work_order_moves.move(db, BOSS, order, Step("pooled"))
    answer = grabs.grab(db, CREW, order)
    assert (answer.code, answer.why) == ("grab_refused", ("returned_too_often",))
    at(db, timedelta(days=8) / timedelta(minutes=1))
    assert grabs.grab(db, CREW, order).is_mine


def test_an_order_out_of_sight_cannot_be_asked_for(db: Database, town: LittleTown) -> None:
    east = next(n for n in range(61) if not town.is_west(n))
    order = pooled(db, transformer_id=f"T-{east:03d}")
    west = Actor("user:west", "王", role="crew", crew_id="C0", scope=Scope("S1", "W-01"))
    with pytest.raises(AccessDenied):
        grabs.grab(db, west, order)
    assert order not in set(grabs.pool(db, west)["order_id"])
    assert order in set(grabs.pool(db, CREW)["order_id"])


def test_what_breaks_in_a_contest_is_told_to_all_of_it(
    db: Database, many: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = pooled(db)

    def broken(*_: object) -> None:
        raise UserError("store_in_use", path="x")

    monkeypatch.setattr(work_order_moves, "moved", broken)
    codes = []
    for actor in many[:1]:
        with pytest.raises(UserError) as error:
            grabs.grab(db, actor, order)
        codes.append(error.value.code)
    assert codes == ["store_in_use"]
    monkeypatch.undo()
    assert grabs.grab(db, many[0], order).code in ("grab_yours", "grab_refused")


def test_a_crew_that_the_customer_does_not_want_may_not_grab(db: Database) -> None:
    order = pooled(db)
    wish = '{"forbidden": "C0"}'
    db.write(
        lambda c: c.execute("UPDATE work_orders SET wishes = ? WHERE order_id = ?", [wish, order])
    )
    answer = grabs.grab(db, CREW, order)
    assert (answer.code, answer.why) == ("grab_refused", ("against_wishes",))
    ranked = dispatch_board.candidates(db, BOSS, order).set_index("crew_id")
    assert ranked.loc["C0", "why"] == ["against_wishes"]
