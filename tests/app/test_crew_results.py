"""A result from the phone: signed by the picture that came before it; nothing comes twice."""

import hashlib
from datetime import UTC, datetime

import pytest

from app.store import work_order_evidence as evidence_store
from app.store.database import Database
from app.use_cases import crew_results, crew_steps, inspection_plans, inspections, privacy
from app.use_cases.crew_wishes import CrewStep
from tests.app.theft_town import ANALYST, DISPATCHER, INSPECTOR, keep_run, suspects
from tests.conftest import NOW, LittleTown

PICTURE = b"\x89PNG\r\n\x1a\n signed"
FOUND = {
    "outcome": "confirmed", "inspectors": "P1;P2", "seals": "S-7", "kwh": 120.0, "penalty": 80.0,
    "signature": "pen-1",
}  # fmt: skip


@pytest.fixture
def order(town_database: Database, town: LittleTown) -> str:
    """A visit to a suspect, with the signature's picture on its order."""
    run = keep_run(town_database, town)
    ref = privacy.customer_ref(town_database, suspects(town)[0])
    _, orders = inspection_plans.order(town_database, INSPECTOR, run, [ref])
    row = {"order_id": orders[0], "kind": "photo", "media_type": "image/png", "content": PICTURE,
           "sha256": hashlib.sha256(PICTURE).hexdigest(), "step_key": "pen-1", "taken_at": NOW,
           "received_at": NOW, "actor": INSPECTOR.id}  # fmt: skip
    town_database.write(lambda c: evidence_store.add(c, row))
    return orders[0]


def step(order: str, key: str = "k", **changed: object) -> CrewStep:
    at = datetime(2026, 11, 29, tzinfo=UTC)  # a phone whose clock runs ahead
    return CrewStep(key, "result", order, at, {**FOUND, **changed})


def test_a_result_is_signed_by_the_picture_that_came_before(
    town_database: Database, town: LittleTown, order: str
) -> None:
    answers = crew_steps.take(town_database, INSPECTOR, [step(order), step(order, "again")])
    assert [one.fate for one in answers] == ["done", "repeated"]
    held = inspections.history(town_database, INSPECTOR)
    assert len(held) == 1
    row = held.iloc[0]
    assert (row["outcome"], row["recovered_kwh"], row["order_id"]) == ("confirmed", 120.0, order)
    assert row["signature_sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert str(row["inspected_on"])[:10] == "2026-07-16"  # at latest today


@pytest.mark.parametrize("changed", [{"outcome": "cleared", "kwh": 0.0, "penalty": 0.0},
                                     {"kwh": 121.0}, {"penalty": 81.0}])  # fmt: skip
def test_another_result_of_the_same_visit_is_not_what_was_said(
    town_database: Database, order: str, changed: dict[str, object]
) -> None:
    steps = [step(order), step(order, "again", **changed)]
    answers = crew_steps.take(town_database, INSPECTOR, steps)
    assert [one.fate for one in answers] == ["done", "refused"]
    assert answers[1].error is not None
    assert answers[1].error.code == "inspection_has_result"
    assert inspections.history(town_database, INSPECTOR)["recovered_kwh"].tolist() == [120.0]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"signature": "other"}, "inspection_unsigned"),
        ({"inspectors": "P1"}, "inspection_two_inspectors"),
        ({"outcome": "guilty"}, "inspection_outcome"),
        ({"kwh": -1.0}, "inspection_below_zero"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    town_database: Database, order: str, changed: dict[str, object], code: str
) -> None:
    answer = crew_steps.take(town_database, INSPECTOR, [step(order, **changed)])[0]
    assert answer.fate == "refused"
    assert answer.error is not None
    assert answer.error.code == code
    assert inspections.history(town_database, INSPECTOR).empty


def test_who_may_not_enter_results_is_refused_and_shown_no_inspectors(
    town_database: Database, order: str
) -> None:
    answer = crew_steps.take(town_database, DISPATCHER, [step(order)])[0]
    assert answer.fate == "refused"
    assert crew_results.inspectors(town_database, DISPATCHER) == []
    assert crew_results.inspectors(town_database, INSPECTOR) == [
        {"id": "P1", "name": "林薇"}, {"id": "P2", "name": "赵强"}
    ]  # fmt: skip
    assert inspections.history(town_database, ANALYST).empty
