"""What is found out about a call before anybody is sent: question by question, with evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

Answer = Literal["yes", "no", "unknown", "not_asked"]

VERDICTS: Final = (
    "known_outage", "planned_outage", "disconnected", "meter_answers", "crew_needed",
    "customer_internal", "no_power_matter",
)  # fmt: skip
STEPS: Final = ("known_outage", "planned_outage", "disconnected", "meter_answers", "matter")
"""The questions in their order; the first one answered yes decides."""
PLANNED_KINDS: Final = ("planned", "customer")
"""Kinds of outage that were agreed beforehand; urgent work and load limits are news to a caller."""
METER_FRESH: Final = timedelta(minutes=15)
"""So long ago a meter that has supply is taken to have answered: one collection cycle."""
FAULT: Final = "fault"
HAZARD: Final = "hazard"
CUSTOMER_INTERNAL: Final = "customer_internal"


@dataclass(frozen=True)
class OpenOutage:
    """An outage in force at the caller's place."""

    outage_id: str
    kind: str | None
    started_at: datetime
    estimated_restore_at: datetime | None = None


@dataclass(frozen=True)
class Signs:
    """All that is known about a call at the moment `at`; None where nobody knows.

    `registered_at`: when the call came; only what a meter sent since tells that supply is there.

    `meter_heard_at`: when anything last arrived from the meter; `meter_day`: the last day read.
    `fault_root`: the class's first level; `class_needs_crew`: what the table of classes says.
    """

    at: datetime
    outages: Sequence[OpenOutage] = ()
    is_place_known: bool = True
    is_disconnected: bool | None = None
    has_meter: bool = False
    meter_heard_at: datetime | None = None
    meter_day: str | None = None
    service_type: str | None = None
    fault_root: str | None = None
    class_needs_crew: bool | None = None
    registered_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """One question with its answer and the evidence: ids, codes, moments."""

    step: str
    answer: Answer
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """The verdict proposed, and every step that led to it."""

    verdict: str
    steps: tuple[Step, ...]

    @property
    def outage_id(self) -> str | None:
        """The outage that explains the call, where one does."""
        told = next((s for s in self.steps if s.answer == "yes"), None)
        return None if told is None else told.facts.get("outage_id")


def triage(signs: Signs) -> Finding:
    """The verdict: known outage? planned? disconnected for debt? does the meter answer? the class.

    All questions are asked, so that the person sees all evidence. A hazard needs a crew whatever
    explains it; what is left without an explanation needs one too.
    """
    steps = (
        _outage_step("known_outage", signs, planned=False),
        _outage_step("planned_outage", signs, planned=True),
        _disconnected(signs),
        _meter(signs),
        _matter(signs),
    )
    return Finding(_verdict(signs, steps), steps)


def _verdict(signs: Signs, steps: Sequence[Step]) -> str:
    if signs.service_type == HAZARD:
        return "crew_needed"
    decided = next((one for one in steps if one.answer == "yes"), None)
    if decided is None:
        return "crew_needed"
    return str(decided.facts["verdict"]) if decided.step == "matter" else decided.step


def _outage_step(name: str, signs: Signs, *, planned: bool) -> Step:
    own = [one for one in signs.outages if (one.kind in PLANNED_KINDS) is planned]
    if not own:
        return Step(name, "no" if signs.is_place_known else "unknown")
    first = min(own, key=lambda one: (one.started_at, one.outage_id))
    facts = {
        "outage_id": first.outage_id, "since": first.started_at,
        "until": first.estimated_restore_at,
    }  # fmt: skip
    return Step(name, "yes", facts)


def _disconnected(signs: Signs) -> Step:
    if signs.is_disconnected is None:
        return Step("disconnected", "unknown")
    return Step("disconnected", "yes" if signs.is_disconnected else "no")


def _meter(signs: Signs) -> Step:
    """A live route to meters is not there: only what came by itself within minutes is an answer."""
    if not signs.has_meter:
        return Step("meter_answers", "unknown")
    heard = signs.meter_heard_at
    facts = {"heard_at": heard, "day": signs.meter_day}
    # what came before the call may have come before the supply went
    is_later = heard is not None and (signs.registered_at is None or heard >= signs.registered_at)
    is_fresh = is_later and heard is not None and timedelta(0) <= signs.at - heard <= METER_FRESH
    return Step("meter_answers", "yes" if is_fresh else "not_asked", facts)


def _matter(signs: Signs) -> Step:
    """Whether the matter is nothing for a crew: by the class of the fault, else by the wish."""
    facts = {"service_type": signs.service_type, "fault_root": signs.fault_root}
    if signs.class_needs_crew is False:
        is_own = signs.fault_root == CUSTOMER_INTERNAL
        verdict = CUSTOMER_INTERNAL if is_own else "no_power_matter"
        return Step("matter", "yes", facts | {"verdict": verdict})
    is_fault = signs.service_type in (None, FAULT, HAZARD)
    if signs.class_needs_crew is None and not is_fault:
        return Step("matter", "yes", facts | {"verdict": "no_power_matter"})
    return Step("matter", "no", facts)
