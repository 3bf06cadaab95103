"""Triage: the first question answered yes decides, all are asked, a hazard always needs a crew."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.triage import STEPS, VERDICTS, OpenOutage, Signs, triage

AT = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
FAULT = OpenOutage("O-1", "fault", AT - timedelta(hours=1), AT + timedelta(hours=1))
WORK = OpenOutage("P-1", "planned", AT - timedelta(hours=2))


def answers(signs: Signs) -> dict[str, str]:
    return {one.step: one.answer for one in triage(signs).steps}


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        (Signs(AT), "crew_needed"),
        (Signs(AT, outages=(WORK, FAULT)), "known_outage"),
        (Signs(AT, outages=(WORK,), is_disconnected=True), "planned_outage"),
        (Signs(AT, outages=(OpenOutage("L", "load_limit", AT),)), "known_outage"),
        (Signs(AT, outages=(OpenOutage("U", "urgent", AT),)), "known_outage"),
        (Signs(AT, outages=(OpenOutage("C", "customer", AT),)), "planned_outage"),
        (Signs(AT, is_disconnected=True, has_meter=True, meter_heard_at=AT), "disconnected"),
        (Signs(AT, has_meter=True, meter_heard_at=AT - timedelta(minutes=15)), "meter_answers"),
        (Signs(AT, has_meter=True, meter_heard_at=AT - timedelta(minutes=16)), "crew_needed"),
        (
            Signs(AT, has_meter=True, meter_heard_at=AT - timedelta(minutes=4), registered_at=AT),
            "crew_needed",
        ),
        (Signs(AT, has_meter=True, meter_heard_at=AT + timedelta(minutes=1)), "crew_needed"),
        (Signs(AT, fault_root="customer_internal", class_needs_crew=False), "customer_internal"),
        (Signs(AT, fault_root="non_power", class_needs_crew=False), "no_power_matter"),
        (Signs(AT, fault_root="non_power", class_needs_crew=True), "crew_needed"),
        (Signs(AT, fault_root="lv", class_needs_crew=True), "crew_needed"),
        (Signs(AT, service_type="enquiry"), "no_power_matter"),
        (Signs(AT, service_type="enquiry", outages=(FAULT,)), "known_outage"),
        (Signs(AT, service_type="complaint", class_needs_crew=True), "crew_needed"),
        (Signs(AT, service_type="hazard", outages=(FAULT,)), "crew_needed"),
    ],
)
def test_what_is_known_gives_the_verdict(signs: Signs, verdict: str) -> None:
    assert triage(signs).verdict == verdict


def test_what_nobody_knows_is_said_plainly() -> None:
    assert answers(Signs(AT, is_place_known=False)) == {
        "known_outage": "unknown", "planned_outage": "unknown", "disconnected": "unknown",
        "meter_answers": "unknown", "matter": "no",
    }  # fmt: skip
    last = Signs(AT, is_disconnected=False, has_meter=True, meter_day="2026-07-15")
    assert answers(last)["disconnected"] == "no"
    assert answers(last)["meter_answers"] == "not_asked"
    assert triage(last).steps[3].facts == {"heard_at": None, "day": "2026-07-15"}


def test_the_outage_that_began_first_is_the_evidence() -> None:
    found = triage(Signs(AT, outages=(OpenOutage("O-2", "fault", AT), FAULT)))
    assert found.outage_id == "O-1"
    assert found.steps[0].facts == {
        "outage_id": "O-1", "since": AT - timedelta(hours=1), "until": AT + timedelta(hours=1),
    }  # fmt: skip


SIGNS = st.builds(
    Signs, at=st.just(AT), outages=st.lists(st.sampled_from([FAULT, WORK]), max_size=3),
    is_disconnected=st.sampled_from([None, True, False]), has_meter=st.booleans(),
    meter_heard_at=st.sampled_from([None, AT, AT - timedelta(hours=1)]),
    service_type=st.sampled_from([None, "fault", "enquiry", "hazard"]),
    fault_root=st.sampled_from([None, "lv", "customer_internal", "non_power"]),
    class_needs_crew=st.sampled_from([None, True, False]),
)  # fmt: skip


@given(signs=SIGNS)
def test_every_question_is_asked_and_nobody_is_sent_where_one_explains(signs: Signs) -> None:
    found = triage(signs)
    assert tuple(one.step for one in found.steps) == STEPS
    assert found.verdict in VERDICTS
    explains = [one.step for one in found.steps if one.answer == "yes"]
    sends = found.verdict == "crew_needed"
    assert sends is (not explains or signs.service_type == "hazard")
