"""The result of an inspection as a phone sends it: the drawn signature is a piece of evidence."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.store import inspections as store
from app.store import work_order_evidence as evidence_store
from app.store.database import Connection, Database
from app.use_cases import crew_jobs, inspections, privacy, theft_hotspots, units, work_order_sight
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.inspections import ResultWish
from grid_cells.errors import UserError

MOST_PEOPLE = 400


@dataclass(frozen=True)
class PhoneResult:
    """What was found; `signature`: the key of the step that brought its picture, if any."""

    outcome: str
    inspectors: tuple[str, ...]
    seals: str
    recovered_kwh: float
    penalty_amount: float
    signature: str | None
    device_at: datetime | None


@needs("run_inspections")
def enter(db: Database, actor: Actor, order_id: str, given: PhoneResult) -> bool:
    """Whether the result is new; the same person's same result of the same visit was said before.

    The day is the phone's, at latest today. Raises UserError as `inspections.enter`, and
    `inspection_unsigned` where the picture is not there, `inspection_has_result` where the same
    person entered another result of the visit.
    """
    now = clock_now(db)
    seen = work_order_sight.seen(db, actor, order_id, now, asked="crew_results.enter")
    signature = _signature(seen, order_id, given.signature)
    held = store.result_of(seen, order_id)
    if held is not None and held["entered_by"] == actor.id:
        if _told(held) != _said(given, signature):
            raise UserError(inspections.HAS_RESULT, order=order_id)
        return False
    customer_no = crew_jobs.raw(db, order_id).get("customer_no")
    if not isinstance(customer_no, str):
        raise UserError("inspection_other_customer", order=order_id[:40])
    today = theft_hotspots.local_day(db, now)
    zone = ZoneInfo(units.timezone(db) or "UTC")
    day = today if given.device_at is None else given.device_at.astimezone(zone).date()
    wish = ResultWish(
        given.outcome, min(day, today), given.inspectors, given.seals,
        signature, given.recovered_kwh, given.penalty_amount,
        order_id,
    )  # fmt: skip
    inspections.enter(db, actor, privacy.customer_ref(db, customer_no), wish)
    return True


def _told(held: dict[str, Any]) -> tuple[Any, ...]:
    """What of a result on record must be the same in one that comes again."""
    sha = held["signature_sha256"]
    return (
        held["outcome"], float(held["recovered_kwh"] or 0), float(held["penalty_amount"] or 0),
        sha if isinstance(sha, str) else None,
    )  # fmt: skip


def _said(given: PhoneResult, signature: bytes) -> tuple[Any, ...]:
    sha = hashlib.sha256(signature).hexdigest() if signature else None
    return given.outcome, float(given.recovered_kwh), float(given.penalty_amount), sha


def _signature(seen: Connection, order_id: str, key: str | None) -> bytes:
    """The picture that came with this key on the order; its SHA-256 is that of the evidence."""
    if not key:
        return b""
    number = evidence_store.same(seen, order_id, key, None)
    return b"" if number is None else evidence_store.content(seen, number)


@needs("do_orders")
def inspectors(db: Database, actor: Actor) -> list[dict[str, str]]:
    """Members of staff (id, name) for who may enter results, nobody for others."""
    if not may(actor, "run_inspections"):
        return []
    names = store.staff_names(db.whole.read())
    return [{"id": one, "name": name} for one, name in list(names.items())[:MOST_PEOPLE]]
