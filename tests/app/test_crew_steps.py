"""Steps of a phone's queue: in order, once, and what others did meanwhile is never overwritten."""

import pytest

from app.store.database import Database
from app.use_cases import crew_day, crew_steps, crew_wishes, work_order_moves
from app.use_cases.actors import Actor
from app.use_cases.crew_steps import Answered
from app.use_cases.crew_wishes import CrewStep
from app.use_cases.work_order_moves import Step
from grid_cells.errors import UserError
from tests.app.phone_town import BOSS, CREW, order, settle, west
from tests.conftest import NOW, LittleTown

MATE = Actor("user:town-mate", "钱勇", role="crew", crew_id="C0")
CARD = {
    "task": "fuse", "tools": "ladder", "materials": "fuse", "measures": "earthed",
    "precautions": "traffic", "leader": "赵强", "guardian": "钱勇", "leader_at_site": True,
    "guardian_at_site": True, "main_task": "repair",
    "members": [{"name": "赵强", "post": "leader"}],
}  # fmt: skip


@pytest.fixture
def db(town_database: Database) -> Database:
    settle(town_database)
    return town_database


def step(key: str, kind: str, subject: str, **given: object) -> CrewStep:
    return CrewStep(key, kind, subject, NOW, {"key": key, **given})


def move(key: str, subject: str, name: str, **given: object) -> CrewStep:
    return step(key, "move", subject, move=name, **given)


def fates(told: list[Answered]) -> list[str]:
    return [one.fate for one in told]


def states(db: Database) -> dict[str, str]:
    return {one["order_id"]: one["state"] for one in crew_day.day(db, CREW)["orders"]}


def chain(made: str, lon: float, lat: float) -> list[CrewStep]:
    return [
        move("a", made, "accepted", version=1), step("b", "card", made, card=CARD, version=0),
        move("c", made, "gate_asked"), move("d", made, "arrived", lon=lon, lat=lat, accuracy_m=9),
        step("e", "part", made, code="F-160", quantity=2), move("f", made, "surveyed"),
    ]  # fmt: skip


def test_a_queue_is_taken_in_order_and_a_second_time_changes_nothing(
    db: Database, town: LittleTown
) -> None:
    place = west(town)[0]
    made = order(db, place)
    lat, lon = town.places[place]
    queue = chain(made, lon, lat)
    assert fates(crew_steps.take(db, CREW, queue)) == ["done"] * 6
    assert states(db) == {made: "surveyed"}
    again = fates(crew_steps.take(db, CREW, queue))
    assert again == ["repeated"] * 4 + ["done", "repeated"]  # a part is there once all the same
    (told,) = crew_day.day(db, CREW)["orders"]
    assert told["parts"] == [{"code": "F-160", "name": None, "quantity": 2}]
    assert (told["card"]["main_task"], told["card_version"]) == ("repair", 1)
    assert (told["gate"]["filled_by"], told["gate"]["approved_at"]) == (CREW.id, None)


def test_the_gate_is_opened_by_another_person_and_the_job_goes_to_its_end(
    db: Database, town: LittleTown
) -> None:
    place = west(town)[0]
    made = order(db, place)
    lat, lon = town.places[place]
    crew_steps.take(db, CREW, chain(made, lon, lat))
    (own,) = crew_steps.take(db, CREW, [move("g", made, "gate_approved")])
    assert (own.fate, own.error.code) == ("refused", "order_gate_same_person")  # type: ignore[union-attr]
    assert fates(crew_steps.take(db, MATE, [move("h", made, "gate_approved")])) == ["done"]
    rest = [
        move("i", made, "repaired"), move("j", made, "restored"),
        move("k", made, "rated", detail={"rating": 5}), move("l", made, "archived"),
    ]  # fmt: skip
    assert fates(crew_steps.take(db, CREW, rest)) == ["done"] * 4
    assert states(db) == {made: "archived"}


def test_a_card_filled_meanwhile_comes_with_the_conflict(db: Database, town: LittleTown) -> None:
    made = order(db, west(town)[0])
    first = [move("a", made, "accepted"), step("b", "card", made, card=CARD, version=0)]
    assert fates(crew_steps.take(db, CREW, first)) == ["done", "done"]
    late = step("c", "card", made, card=CARD | {"tools": "rope"}, version=0)
    (told,) = crew_steps.take(db, MATE, [late])
    assert told.fate == "conflict"
    assert (told.now["version"], told.now["card"]["tools"]) == (1, "ladder")  # type: ignore[index]


def test_elsewhere_a_reason_is_needed_and_later_steps_wait(db: Database, town: LittleTown) -> None:
    made, other = order(db, west(town)[0]), order(db, west(town)[1])
    queue = [
        move("a", made, "accepted"), move("b", made, "arrived", lon=112.0, lat=30.0),
        move("c", made, "surveyed"), move("d", other, "accepted"),
    ]  # fmt: skip
    told = crew_steps.take(db, CREW, queue)
    assert fates(told) == ["done", "refused", "waits", "done"]
    assert told[1].error.code == "order_outside_fence"  # type: ignore[union-attr]
    assert states(db) == {made: "accepted", other: "accepted"}
    rest = [
        move("b2", made, "arrived", lon=112.0, lat=30.0, reason_code="no_position"),
        move("c", made, "surveyed"),
    ]  # fmt: skip
    assert fates(crew_steps.take(db, CREW, rest)) == ["done", "done"]


def test_what_a_dispatcher_did_meanwhile_is_a_conflict_that_says_what_is_true(
    db: Database, town: LittleTown
) -> None:
    made = order(db, west(town)[0])
    known = crew_day.day(db, CREW)["orders"][0]["version"]
    work_order_moves.move(db, BOSS, made, Step("reassigned", crew_id="C1"))
    told = crew_steps.take(
        db, CREW, [move("a", made, "accepted", version=known), move("b", made, "stopped")]
    )
    assert fates(told) == ["conflict", "waits"]
    now = told[0].now or {}
    assert (now["state"], now["by"], now["crew"], now["at"]) == ("told", "林薇", "C1", NOW)
    assert now["version"] > known
    assert states(db) == {}


def test_a_card_that_a_mate_filled_meanwhile_is_a_conflict_and_may_be_filled_anew(
    db: Database, town: LittleTown
) -> None:
    made = order(db, west(town)[0])
    mates = {**CARD, "tools": "crane"}
    crew_steps.take(db, MATE, [step("m", "card", made, card=mates, version=0)])
    (told,) = crew_steps.take(db, CREW, [step("a", "card", made, card=CARD, version=0)])
    assert (told.fate, told.is_possible, told.now["version"]) == ("conflict", True, 1)  # type: ignore[index]
    assert crew_day.day(db, CREW)["orders"][0]["card"]["tools"] == "crane"
    (told,) = crew_steps.take(db, CREW, [step("a2", "card", made, card=CARD, version=1)])
    assert (told.fate, told.version) == ("done", 2)


def test_an_irregularity_is_judged_once(db: Database, town: LittleTown) -> None:
    made = order(db, west(town)[0])
    given = {"kind": "note", "note": "no seal", "irregularity": "broken_seal", "order": made}
    taken = crew_steps.add_evidence(db, CREW, {**given, "key": "e"}, b"", NOW)
    assert not taken.is_repeated
    assert crew_steps.add_evidence(db, CREW, {**given, "key": "e"}, b"", NOW).is_repeated
    confirm = step("c", "confirm", made, evidence=taken.evidence_id, is_true=True)
    assert fates(crew_steps.take(db, CREW, [confirm])) == ["done"]
    assert fates(crew_steps.take(db, CREW, [confirm])) == ["repeated"]
    (told,) = crew_day.day(db, CREW)["orders"][0]["evidence"]
    assert told["confirmed_at"] is not None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "crew_body"), ({}, "crew_body"), ({"steps": 7}, "crew_body"),
        ({"steps": [7]}, "crew_body"), ({"steps": [{}] * 101}, "crew_too_many"),
        ({"steps": [{"kind": "eat"}]}, "crew_field"), ({"steps": [{"kind": "move"}]}, "crew_field"),
        ({"steps": [{"kind": "move", "key": "k" * 65, "order": "W"}]}, "crew_field"),
        ({"steps": [{"kind": "move", "key": "k", "order": ["W"]}]}, "crew_field"),
        (
            {"steps": [{"kind": "move", "key": "k", "order": "W", "device_at": "soon"}]},
            "crew_field",
        ),
        (
            {"steps": [{"kind": "move", "key": "k", "order": "W",
                        "device_at": "2026-07-16T19:40:00"}]},
            "crew_field",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_whole(body: object, code: str) -> None:
    with pytest.raises(UserError, match=code):
        crew_wishes.steps(body)


@pytest.mark.parametrize(
    "given",
    [
        {"move": "arrived", "lon": "112"}, {"move": "arrived", "lon": 181.0, "lat": 30.0},
        {"move": "arrived", "lat": float("nan")}, {"move": "accepted", "version": "1"},
        {"move": "accepted", "version": True}, {"move": 7}, {"move": "eat"}, {},
        {"move": "accepted", "reason_code": "\ud83d"},
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_read_is_refused_alone(
    db: Database, town: LittleTown, given: dict
) -> None:
    made, other = order(db, west(town)[0]), order(db, west(town)[1])
    told = crew_steps.take(
        db, CREW, [step("a", "move", made, **given), move("b", other, "accepted")]
    )
    assert fates(told) == ["refused", "done"]
    assert states(db) == {made: "told", other: "accepted"}


@pytest.mark.parametrize(
    "card", [{"tools": "\ud83d"}, {"members": [{"name": "\ud83d"}]}, {"\ud83d": "ladder"}]
)
def test_a_card_with_half_an_emoji_is_refused_alone(
    db: Database, town: LittleTown, card: dict
) -> None:
    made, other = order(db, west(town)[0]), order(db, west(town)[1])
    queue = [step("a", "card", made, card=card, version=0), move("b", other, "accepted")]
    told = crew_steps.take(db, CREW, queue)
    assert fates(told) == ["refused", "done"]
    assert told[0].error.code == "order_card_field"  # type: ignore[union-attr]
    str(told[0].error).encode()  # what is answered can be written


def test_a_step_that_breaks_the_program_is_refused_and_the_next_goes_on(
    db: Database,
    town: LittleTown,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made, other = order(db, west(town)[0]), order(db, west(town)[1])

    def broken(*_: object) -> Answered:
        raise RuntimeError("out of order")

    monkeypatch.setitem(crew_steps._DEEDS, "part", broken)
    queue = [step("a", "part", made, code="F-160"), move("b", other, "accepted")]
    told = crew_steps.take(db, CREW, queue)
    assert fates(told) == ["refused", "done"]
    assert (told[0].error.code, told[0].is_possible) == ("crew_broken", True)  # type: ignore[union-attr]
    assert "out of order" in caplog.text
