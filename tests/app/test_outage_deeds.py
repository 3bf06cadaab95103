"""What dispatchers do with outages: each deed, its refusals, its place in story and audit."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from app.store import audit
from app.store import cells as cell_store
from app.store import outages as store
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import batches, outage_closing, outage_deeds, outage_story, outages, privacy
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.outage_closing import Answer
from app.use_cases.outage_deeds import StepWish
from app.use_cases.outages import OutageWish
from grid_cells.errors import AccessDenied, UserError
from tests.app.outage_town import NOW, at, call, put
from tests.conftest import LOADER

DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
SINCE = NOW - timedelta(hours=1)
T10 = "transformer:T-010"


@pytest.fixture
def db(town_database: Database) -> Database:
    """The town with one outage of three transformers, an hour old."""
    town_database.write(lambda connection: connection.execute("DELETE FROM outages"))
    town_database.write(store.touch)
    put(town_database, "O", "transformer:T-010;transformer:T-011;transformer:T-012", SINCE, None)
    return town_database


def told(db: Database, at: datetime | None = None) -> outage_story.OutageStory:
    return outage_story.story(db, DISPATCHER, "O", at)


def events(db: Database) -> list[str]:
    return audit.latest(db, 50)["event"].tolist()


def test_every_estimate_is_kept_and_the_last_one_stands(db):
    for minutes, reason in ((60, "first_guess"), (30, "sooner")):
        until = NOW + timedelta(minutes=minutes)
        outage_deeds.estimate(db, DISPATCHER, "O", until, reason)
    found = told(db)
    assert found.facts["estimated_restore_at"] in (
        NOW + timedelta(minutes=30), NOW + timedelta(minutes=60),
    )  # fmt: skip
    assert found.estimates["reason"].tolist() == ["first_guess", "sooner"]
    assert events(db)[:2] == ["outage_estimated"] * 2
    for until, reason, code in ((NOW, "sooner", "outage_estimate_past"),
                                (NOW + timedelta(1), "whim", "outage_code_unknown")):  # fmt: skip
        with pytest.raises(UserError, match=code):
            outage_deeds.estimate(db, DISPATCHER, "O", until, reason)


def test_a_step_brings_people_back_at_once_and_can_be_taken_back(db):
    assert told(db).customers_out == 12
    wish = StepWish(
        "restored", "transformer:T-010; customer:0000000045", NOW - timedelta(minutes=9)
    )
    outage_deeds.step(db, DISPATCHER, "O", wish)
    assert told(db).customers_out == 12 - 4 - 1
    assert cell_store.total_out(db.read(), NOW) == 7
    assert told(db, NOW - timedelta(minutes=10)).customers_out == 12
    outage_deeds.take_step_back(db, DISPATCHER, "O")
    assert told(db).customers_out == 12
    with pytest.raises(UserError, match="outage_step_none"):
        outage_deeds.take_step_back(db, DISPATCHER, "O")
    assert events(db)[:2] == ["outage_step_taken_back", "outage_step_recorded"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (StepWish("restored"), "outage_step_empty"),
        (StepWish("gone", "transformer:T-010"), "outage_step_empty"),
        (StepWish("restored", "transformer:nowhere"), "outage_step_unknown"),
        (StepWish("restored", "T-010"), "outage_step_unknown"),
        (StepWish("restored", T10, NOW + timedelta(minutes=1)), "outage_step_when"),
        (StepWish("restored", T10, SINCE - timedelta(minutes=1)), "outage_step_when"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused(db, wish, code):
    with pytest.raises(UserError, match=code):
        outage_deeds.step(db, DISPATCHER, "O", wish)
    assert told(db).steps.empty


def test_the_status_moves_by_the_rules_alone(db):
    put(db, "W", "transformer:T-020", at(0, day=18), None, kind="planned", status="proposed")
    for to in ("approved", "notified", "in_force"):
        outage_deeds.move(db, DISPATCHER, "W", to)
    for to in ("proposed", "ended"):
        with pytest.raises(UserError, match="outage_move"):
            outage_deeds.move(db, DISPATCHER, "W", to)
    codes = [entry.code for entry in outage_story.story(db, DISPATCHER, "W").timeline]
    assert codes == ["status_moved"] * 3


def test_an_outage_lies_under_another_but_never_under_itself(db):
    put(db, "child", "transformer:T-010", SINCE, None)
    outage_deeds.nest(db, DISPATCHER, "child", "O")
    assert told(db).nested["outage_id"].tolist() == ["child"]
    for parent in ("child", "O"):
        with pytest.raises(UserError, match="outage_circle"):
            outage_deeds.nest(db, DISPATCHER, "O", parent)
    with pytest.raises(UserError, match="outage_unknown"):
        outage_deeds.nest(db, DISPATCHER, "child", "nowhere")
    outage_deeds.nest(db, DISPATCHER, "child", None)
    assert told(db).nested.empty


def test_news_end_the_silence_and_a_cause_may_be_set_afterwards(db):
    assert told(db).is_silent
    outage_deeds.news(db, DISPATCHER, "O", "searching")
    assert not told(db).is_silent
    outage_closing.close(db, DISPATCHER, "O", reason="confirmed_elsewhere")
    outage_deeds.set_cause(db, DISPATCHER, "O", " 树碰线 ")
    assert told(db).facts["cause"] == "树碰线"
    assert "树碰线" not in "".join(audit.latest(db, 50)["detail"].dropna())
    with pytest.raises(UserError, match="outage_over"):
        outage_deeds.news(db, DISPATCHER, "O", "searching")


def test_news_shows_in_the_list_at_once(db):
    def silent() -> list[bool]:
        return outages.list_outages(db, DISPATCHER, OutageWish()).rows["is_silent"].tolist()

    assert silent() == [True]
    outage_deeds.news(db, DISPATCHER, "O", "searching")
    assert silent() == [False]


def test_a_list_is_kept_for_the_minute(db):
    moments = [NOW + timedelta(microseconds=after) for after in (1, 2)]
    first, second = (outages.all_of(db, OutageWish(), one) for one in moments)
    assert first is second


RACES = {
    "outage_over": [
        lambda db: outage_deeds.estimate(db, DISPATCHER, "O", None, "first_guess"),
        lambda db: outage_deeds.step(db, DISPATCHER, "O", StepWish("restored", T10)),
        lambda db: outage_deeds.take_step_back(db, DISPATCHER, "O"),
        lambda db: outage_deeds.news(db, DISPATCHER, "O", "searching"),
        lambda db: outage_closing.close(db, DISPATCHER, "O", reason="confirmed_elsewhere"),
    ],
    "outage_move": [lambda db: outage_deeds.move(db, DISPATCHER, "O", "in_force")],
}
RACE = [(code, deed) for code, deeds in RACES.items() for deed in deeds]


def meanwhile(db: Database, monkeypatch: pytest.MonkeyPatch, other) -> None:
    """Let somebody else do something after the next deed was checked and before it is written."""
    write = db.write

    def late(change):
        monkeypatch.setattr(db, "write", write)
        other()
        return write(change)

    monkeypatch.setattr(db, "write", late)


@pytest.mark.parametrize(("code", "deed"), RACE)
def test_a_deed_finds_the_outage_closed_meanwhile(db, monkeypatch, code, deed):
    def close() -> None:
        outage_closing.close(db, DISPATCHER, "O", reason="confirmed_elsewhere")

    if code == "outage_move":
        db.write(lambda c: c.execute("UPDATE outages SET status = 'approved'"))
    meanwhile(db, monkeypatch, close)
    with pytest.raises(UserError, match=code):
        deed(db)
    assert told(db).facts["status"] == "ended"


def test_what_speaks_against_closing_may_come_in_meanwhile(db, monkeypatch):
    people = outage_closing.examine(db, DISPATCHER, "O").sample["ref"]
    outage_closing.answered(db, DISPATCHER, "O", Answer(people[0], "call", True))
    dark = Answer(people[1], "call", False)
    meanwhile(db, monkeypatch, lambda: outage_closing.answered(db, DISPATCHER, "O", dark))
    with pytest.raises(UserError, match="outage_close_doubts"):
        outage_closing.close(db, DISPATCHER, "O")
    assert told(db).is_open


def test_references_are_sealed_for_the_sample_alone(db, monkeypatch):
    """244 customers lie on the feeder, of whom a part is proposed."""
    put(db, "wide", "feeder:F-07", at(10), None)
    sealed = []
    seal = privacy.customer_ref
    monkeypatch.setattr(
        privacy, "customer_ref", lambda db, one: sealed.append(one) or seal(db, one)
    )
    sample = outage_closing.examine(db, DISPATCHER, "wide").sample
    assert len(sealed) == len(sample) < 244


def answer(db: Database, number: str, *, has_supply: bool) -> None:
    ref = privacy.customer_ref(db, number)
    outage_closing.answered(db, DISPATCHER, "O", Answer(ref, "call", has_supply))


def test_closing_asks_for_what_is_open_and_dark(db):
    """A restored part hides dark homes: a nested outage, a call left open, one made afterwards."""
    put(db, "dark", "transformer:T-012", SINCE, None, parent_outage_id="O")
    call(db, "R1", "0000000041", SINCE, outage_id="O")
    back = NOW - timedelta(minutes=20)
    outage_deeds.step(
        db, DISPATCHER, "O",
        StepWish("restored", "transformer:T-010;transformer:T-011;transformer:T-012", back),
    )  # fmt: skip
    call(db, "R2", "0000000050", NOW - timedelta(minutes=10))
    found = outage_closing.examine(db, DISPATCHER, "O")
    assert found.doubts.codes() == ["nested", "later_calls", "open_calls", "unasked"]
    assert (found.doubts.nested, found.doubts.open_calls, found.doubts.later_calls) == (
        ["dark"],
        1,
        1,
    )
    assert found.sample["customer_no"].tolist()[:2] == ["0000000041", "0000000050"]
    assert found.sample["transformer_id"].value_counts().to_dict() == {
        "T-010": 3, "T-011": 2, "T-012": 3,
    }  # fmt: skip
    with pytest.raises(UserError, match="outage_close_doubts"):
        outage_closing.close(db, DISPATCHER, "O")
    answer(db, "0000000050", has_supply=False)
    answer(db, "0000000041", has_supply=True)
    found = outage_closing.examine(db, DISPATCHER, "O")
    assert (found.asked, found.dark, found.transformers_asked) == (2, 1, 2)
    assert found.doubts.codes()[0] == "dark"
    answer(db, "0000000050", has_supply=True)
    assert outage_closing.examine(db, DISPATCHER, "O").dark == 0
    outage_closing.close(db, DISPATCHER, "O", reason="own_outage")
    assert told(db).facts["status"] == "ended"
    assert cell_store.total_out(db.read(), NOW) == 4  # the nested one stays open
    with pytest.raises(UserError, match="outage_over"):
        outage_closing.close(db, DISPATCHER, "O")


def test_without_doubts_no_reason_is_needed_and_it_can_be_opened_again(db):
    for number in ("0000000041", "0000000045", "0000000049"):
        answer(db, number, has_supply=True)
    outage_closing.close(db, DISPATCHER, "O", restored_at=NOW - timedelta(minutes=5))
    assert told(db).facts["restored_at"] == NOW - timedelta(minutes=5)
    outage_deeds.reopen(db, DISPATCHER, "O")
    assert told(db).customers_out == 12
    with pytest.raises(UserError, match="outage_open"):
        outage_deeds.reopen(db, DISPATCHER, "O")


def test_answers_of_strangers_are_refused_and_no_number_is_kept(db):
    with pytest.raises(UserError, match="outage_answer_stranger"):
        answer(db, "0000000001", has_supply=True)
    answer(db, "0000000041", has_supply=True)
    kept = "".join(db.query("SELECT detail FROM outage_events")["detail"])
    assert "0000000041" not in kept
    assert "0000000041" not in "".join(audit.latest(db, 9)["detail"].dropna())


def test_a_station_does_not_close_what_reaches_over_its_border(db, town):
    west = next(n for n in range(61) if town.is_west(n))
    east = next(n for n in range(61) if not town.is_west(n))
    put(db, "both", f"transformer:T-{west:03d};transformer:T-{east:03d}", SINCE, None)
    put(db, "own", f"transformer:T-{west:03d}", SINCE, None)
    actor = Actor("user:w", "W", role="dispatcher", scope=Scope("S1"))
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        outage_closing.close(db, actor, "both", reason="false_alarm")
    for part in (f"transformer:T-{east:03d}", "feeder:F-07"):
        with pytest.raises(AccessDenied, match="access_out_of_scope"):
            outage_deeds.step(db, actor, "both", StepWish("restored", part))
    outage_deeds.step(db, actor, "both", StepWish("restored", f"transformer:T-{west:03d}"))
    outage_closing.close(db, actor, "own", reason="false_alarm")
    with pytest.raises(UserError, match="outage_unknown"):
        outage_deeds.news(db, actor, "nowhere", "searching")


def outage_file(tmp_path, until: str):
    path = tmp_path / "outages.csv"
    row = {"outage_id": "L", "started_at": "2026-07-16T18:00:00+08:00", "kind": "fault",
           "scope": "transformer:T-030", "estimated_restore_at": until}  # fmt: skip
    pd.DataFrame([row]).to_csv(path, index=False)
    return path


def test_estimates_that_a_file_changes_are_kept_and_go_with_the_load(db, tmp_path):
    def bring(until: str) -> int | None:
        file = outage_file(tmp_path, until)
        return load(db, LOADER, "outages", [file], LoadChoice(), is_sample=True).batch_id

    def kept() -> list[datetime]:
        held = outage_story.story(db, DISPATCHER, "L", NOW).estimates["estimated_restore_at"]
        return [one.to_pydatetime() for one in held]

    bring("2026-07-16T21:00:00+08:00")
    assert kept() == []
    first, second = at(13, day=16), at(15, day=16)
    batch = bring("2026-07-16T23:00:00+08:00")
    assert kept() == [first, second]
    assert outage_story.story(db, DISPATCHER, "L", NOW).facts["estimated_restore_at"] == second
    earlier = outage_story.story(db, DISPATCHER, "L", NOW - timedelta(minutes=1))
    assert earlier.facts["estimated_restore_at"] == first
    batches.undo(db, LOADER, batch)
    assert kept() == []
    assert outage_story.story(db, DISPATCHER, "L", NOW).facts["estimated_restore_at"] == first


def test_a_step_by_hand_at_the_beginning_adds_to_the_scope(db):
    wish = StepWish("out", "transformer:T-020", at=SINCE)
    outage_deeds.step(db, DISPATCHER, "O", wish)
    assert told(db).customers_out == 16
    outage_deeds.take_step_back(db, DISPATCHER, "O")
    assert told(db).customers_out == 12


def test_a_count_by_hand_at_the_beginning_adds_to_what_was_told(db):
    put(db, "C", None, SINCE, None, customers_affected=50)
    outage_deeds.step(db, DISPATCHER, "C", StepWish("out", at=SINCE, customers=7))
    assert outage_story.story(db, DISPATCHER, "C").customers_out == 57


def test_what_is_taken_back_is_the_step_made_last_whenever_it_was(db):
    minutes = {"T-010": 5, "T-011": 20}
    for line, ago in minutes.items():
        moment = NOW - timedelta(minutes=ago)
        outage_deeds.step(db, DISPATCHER, "O", StepWish("restored", f"transformer:{line}", moment))
    outage_deeds.take_step_back(db, DISPATCHER, "O")
    assert told(db).steps["scope"].tolist() == [T10]


def test_an_outage_does_not_end_before_its_last_step(db):
    moment = NOW - timedelta(minutes=5)
    outage_deeds.step(db, DISPATCHER, "O", StepWish("restored", T10, moment))
    code = outage_deeds.codes("close")[0]
    early = moment - timedelta(minutes=1)
    with pytest.raises(UserError, match="outage_close_before_step"):
        outage_closing.close(db, DISPATCHER, "O", restored_at=early, reason=code)
    outage_closing.close(db, DISPATCHER, "O", restored_at=moment, reason=code)
    assert told(db).facts["restored_at"] == moment
