"""Reports of faults: looked at before anybody is sent, registered, overruled, listed."""

import json
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.store import audit
from app.store import fault_reports as store
from app.store.database import Connection, Database
from app.use_cases import (
    derive,
    fault_intake,
    fault_triage,
    fault_wishes,
    privacy,
    reference,
    work_order_alignment,
)
from app.use_cases.access import needs, note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.fault_intake import Row, Stored
from app.use_cases.fault_wishes import ReportWish, classes
from grid_cells.errors import UserError
from grid_cells.triage import VERDICTS

__all__ = [
    "Look",
    "ReportWish",
    "Taken",
    "classes",
    "look",
    "overrule",
    "recent",
    "register",
    "submit",
]

MOST_IN_ONE: Final = 500
_WITH_CREW: Final = frozenset({"crew_needed", "known_outage"})
RECENT: Final = timedelta(hours=24)
WAIT_S: Final = 60.0
_SHOWN: Final = (
    "report_id", "registered_at", "channel", "customer_no", "caller", "phone", "address",
    "service_type", "fault_class", "verdict", "outage_id", "area_id", "crew_id", "promise_class",
    "group_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What became of a report: its number, what triage proposes, who goes and until when."""

    report_id: str
    registered_at: datetime
    verdict: str | None
    steps: tuple[dict[str, Any], ...]
    outage_id: str | None
    area_id: str | None
    crew_id: str | None
    promise_class: str | None
    arrive_by: datetime | None
    is_repeated: bool = False


@dataclass(frozen=True)
class Look:
    """What is known of a call before it is registered, with the names of area and crew."""

    taken: Taken
    area_name: str | None
    crew_name: str | None
    transformer_id: str | None
    feeder_id: str | None
    position_source: str


@needs("report_faults")
def submit(db: Database, actor: Actor, wishes: Sequence[ReportWish]) -> "Future[list[Stored]]":
    """The writing of calls, done once they are stored; `taken` words what came of each.

    Every call is checked first: one that cannot be used leaves all unwritten. Raises UserError
    with `field`, `value` and `item` (its place in the list), `fault_too_many`, `fault_busy`; the
    result may raise them too, for customers nobody knows.
    """
    if not 0 < len(wishes) <= MOST_IN_ONE:
        raise UserError("fault_too_many", most=MOST_IN_ONE, count=len(wishes))
    # hundreds a second: the clock is only asked where a call brings a moment of its own
    now = clock_now(db) if any(wish.registered_at for wish in wishes) else None
    return fault_intake.offer(db, actor, [_checked(wish, k, now) for k, wish in enumerate(wishes)])


@needs("report_faults")
def register(db: Database, actor: Actor, wish: ReportWish) -> Taken:
    """One call, stored; raises as `submit` does."""
    return taken(submit(db, actor, [wish]).result(WAIT_S)[0])


def _checked(wish: ReportWish, item: int, now: datetime | None) -> ReportWish:
    try:
        return fault_wishes.checked(wish, now)
    except UserError as error:
        raise UserError(error.code, **{**error.values, "item": item}) from error


def taken(stored: Stored) -> Taken:
    """A stored report in the words of an answer."""
    return _taken(stored.row, is_repeated=stored.is_repeated)


def _taken(row: Row, *, is_repeated: bool = False) -> Taken:
    at = pd.Timestamp(row["registered_at"]).to_pydatetime()
    goes = row["verdict"] in (None, "crew_needed")
    minutes = reference.arrival_promise_min(row["promise_class"]) if goes else None
    return Taken(
        report_id=str(row["report_id"] or ""), registered_at=at, verdict=row["verdict"],
        steps=tuple(fault_triage.steps_of(row["triage"])), outage_id=row.get("outage_id"),
        area_id=row["area_id"], crew_id=row["crew_id"], promise_class=row["promise_class"],
        arrive_by=None if minutes is None else at + timedelta(minutes=minutes),
        is_repeated=is_repeated,
    )  # fmt: skip


@needs("report_faults")
def look(db: Database, actor: Actor, wish: ReportWish) -> Look:
    """What registering the call would find; nothing is written. Raises as `submit` does."""
    now = clock_now(db)
    derive.refresh(db, now)
    row = fault_intake.looked_at(db, actor, _checked(wish, 0, now), now)
    names = _names(db)
    return Look(
        _taken(row), names["area"].get(row["area_id"]), names["crew"].get(row["crew_id"]),
        row["transformer_id"], row["feeder_id"], str(row["position_source"]),
    )  # fmt: skip


@needs("report_faults")
def recent(db: Database, actor: Actor, *, limit: int = 50) -> pd.DataFrame:
    """Calls of the last day, the newest first, as the actor may see them, with arrive_by."""
    now = clock_now(db)
    frame = store.recent(db.read(), now - RECENT, now, limit)[list(_SHOWN)]
    minutes = frame["promise_class"].map(reference.arrival_promises_min())
    due = pd.to_datetime(frame["registered_at"], utc=True) + pd.to_timedelta(minutes, unit="min")
    due = due.where(frame["verdict"].isna() | (frame["verdict"] == "crew_needed"))
    return privacy.shown(actor, "fault_reports", frame).assign(arrive_by=due)


@needs("report_faults")
def overrule(db: Database, actor: Actor, report_id: str, verdict: str, reason: str) -> None:
    """Put a verdict of one's own in place of the proposal; the proposal's evidence stays.

    Raises UserError `fault_verdict_unknown`, `fault_overrule_reason`, `fault_report_unknown`.
    """
    if verdict not in VERDICTS:
        raise UserError("fault_verdict_unknown", verdict=verdict[:40])
    if reason not in overrule_reasons():
        raise UserError("fault_overrule_reason")
    if store.of_ids(db.read(), [report_id]).empty:
        if db.whole is not db:
            note_refusal(db, actor, "access_out_of_scope", asked="fault_reports.overrule")
        raise UserError("fault_report_unknown", report=report_id[:64])
    now = clock_now(db)

    def change(connection: Connection) -> None:
        before = store.of_ids(connection, [report_id])["verdict"].iloc[0]
        told = {"from": before if isinstance(before, str) else None, "to": verdict}
        store.set_verdict(connection, report_id, verdict)
        store.add_event(
            connection, report_id, "overruled", at=now, actor=actor.id, reason=reason,
            detail=json.dumps(told),
        )  # fmt: skip
        if verdict not in _WITH_CREW:
            work_order_alignment.dismissed(connection, actor, report_id, now)
        audit.record(
            connection,
            actor.id,
            "fault_overruled",
            at=real_now(),
            detail={**told, "reason": reason},
        )

    db.write(change)


def overrule_reasons() -> tuple[str, ...]:
    """Codes of the reasons for which a proposal may be overruled."""
    return tuple(reference.table("overrule_reasons")["reason"])


def _names(db: Database) -> dict[str, dict[str | None, str]]:
    return {"area": store.area_names(db.read()), "crew": store.crew_names(db.whole.read())}
