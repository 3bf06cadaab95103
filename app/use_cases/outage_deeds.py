"""What may be done with an outage: estimate, step, cause, news, status, nesting; on record."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.store import audit
from app.store import outage_book as book
from app.store.database import Connection, Database
from app.use_cases import outage_story, privacy, reference
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells import outages as rules
from grid_cells.errors import UserError

LONGEST_CAUSE: Final = 60
_PART = re.compile(r"(transformer|feeder|customer):\S.*")


@dataclass(frozen=True)
class StepWish:
    """A step to record: out or restored, of what (parts separated by ;), when (now) and how many.

    Without a scope it tells `customers` alone.
    """

    change: str
    scope: str = ""
    at: datetime | None = None
    customers: int | None = None


def codes(name: str) -> tuple[str, ...]:
    """The codes of one family: `estimate` reasons, `news`, reasons to `close` despite doubts."""
    rows = reference.table("outage_codes")
    return tuple(rows.loc[rows["family"] == name, "code"])


@needs("run_outages")
def estimate(
    db: Database, actor: Actor, outage_id: str, until: datetime | None, reason: str
) -> None:
    """Tell a new estimate, or by None that there is none; the ones before are kept.

    Raises UserError `outage_over`, `outage_estimate_past`, `outage_code_unknown`.
    """
    now = clock_now(db)
    row = living(db, actor, outage_id, now, asked="outage_deeds.estimate")
    check_code("estimate", reason)
    if until is not None and until <= max(now, row["started_at"]):
        raise UserError("outage_estimate_past", outage=outage_id, until=until)

    def change(connection: Connection) -> None:
        _keep_first(connection, still_living(connection, outage_id, now), now)
        told = {
            "outage_id": outage_id, "told_at": now, "estimated_restore_at": until,
            "reason": reason, "actor": actor.id,
        }  # fmt: skip
        book.add_estimate(connection, told)
        book.change(connection, outage_id, {"estimated_restore_at": until})
        _note(connection, actor, outage_id, "outage_estimated", {"until": until, "reason": reason})

    db.write(change)


def _keep_first(connection: Connection, row: dict[str, Any], now: datetime) -> None:
    """Keep the estimate that came with the outage, before the first that is told after it."""
    kept = book.estimates(connection, row["outage_id"], now)
    if kept.empty and row["estimated_restore_at"] is not None:
        told = {
            "outage_id": row["outage_id"], "told_at": min(row["started_at"], now),
            "estimated_restore_at": row["estimated_restore_at"], "reason": "from_file",
            "actor": "system",
        }  # fmt: skip
        book.add_estimate(connection, told)


@needs("run_outages")
def step(db: Database, actor: Actor, outage_id: str, wish: StepWish) -> None:
    """Record that a part of the outage went out or has supply again.

    Raises UserError `outage_step_empty`, `outage_step_unknown` for a part nobody knows or sees, and
    `outage_step_when` for a moment before the outage began or that is still to come.
    """
    now = clock_now(db)
    row = living(db, actor, outage_id, now, asked="outage_deeds.step", whole=False)
    moment = wish.at or now
    if not row["started_at"] <= moment <= now:
        raise UserError("outage_step_when", outage=outage_id, at=moment)
    scope = _checked_scope(db, actor, wish)
    _check_reach(db, actor, scope, row["started_at"], about=f"outage:{outage_id}")
    made = {
        "outage_id": outage_id, "step_at": moment, "change": wish.change, "scope": scope or None,
        "customers": wish.customers,
    }  # fmt: skip

    def change(connection: Connection) -> None:
        still_living(connection, outage_id, now)
        book.add_step(connection, made)
        detail = {"change": wish.change, "parts": len(scope.split(";")) if scope else 0,
                  "customers": wish.customers}  # fmt: skip
        _note(connection, actor, outage_id, "outage_step_recorded", detail)

    db.write(change)


def _checked_scope(db: Database, actor: Actor, wish: StepWish) -> str:
    parts = [part.strip() for part in wish.scope.split(";") if part.strip()]
    if wish.change not in ("out", "restored") or (not parts and not wish.customers):
        raise UserError("outage_step_empty")
    unknown = [part for part in parts if not _PART.fullmatch(part)]
    unknown += sorted(book.unknown_parts(db.read(), [one for one in parts if one not in unknown]))
    if unknown:
        shown = privacy.shown_value(actor, "outage_steps", "scope", unknown[0])
        raise UserError("outage_step_unknown", part=shown)
    return ";".join(parts)


def _check_reach(db: Database, actor: Actor, scope: str, at: datetime, *, about: str) -> None:
    """Refuse a step of a part of which somebody is out of sight."""
    if scope and db is not db.whole:
        everybody = book.reach(db.whole.read(), scope, at)
        if book.reach(db.read(), scope, at) < everybody:
            refuse(db, actor, "access_out_of_scope", asked="outage_deeds.step", about=about)


@needs("run_outages")
def take_step_back(db: Database, actor: Actor, outage_id: str) -> None:
    """Take the step that was recorded by hand last back; UserError `outage_step_none`."""
    now = clock_now(db)
    living(db, actor, outage_id, now, asked="outage_deeds.take_step_back")

    def change(connection: Connection) -> None:
        still_living(connection, outage_id, now)
        gone = book.take_step_back(connection, outage_id)
        if gone is None:
            raise UserError("outage_step_none", outage=outage_id)
        _event(connection, actor, outage_id, "step_taken_back", {"change": gone["change"]}, now)
        _note(connection, actor, outage_id, "outage_step_taken_back", {"change": gone["change"]})

    db.write(change)


@needs("run_outages")
def set_cause(db: Database, actor: Actor, outage_id: str, cause: str) -> None:
    """Say why; also of an outage that is over. UserError `outage_cause_empty`."""
    now = clock_now(db)
    _seen_whole(db, actor, outage_id, now, asked="outage_deeds.set_cause")
    told = cause.strip()[:LONGEST_CAUSE]
    if not told:
        raise UserError("outage_cause_empty")

    def change(connection: Connection) -> None:
        book.change(connection, outage_id, {"cause": told})
        _event(connection, actor, outage_id, "cause_set", {}, now)
        _note(connection, actor, outage_id, "outage_cause_set", {})

    db.write(change)


@needs("run_outages")
def news(db: Database, actor: Actor, outage_id: str, code: str) -> None:
    """Note what is heard from the field, by a code of `codes("news")`."""
    now = clock_now(db)
    living(db, actor, outage_id, now, asked="outage_deeds.news", whole=False)
    check_code("news", code)

    def change(connection: Connection) -> None:
        still_living(connection, outage_id, now)
        _event(connection, actor, outage_id, "news_noted", {"news": code}, now)
        _note(connection, actor, outage_id, "outage_news_noted", {"news": code})

    db.write(change)


@needs("run_outages")
def move(db: Database, actor: Actor, outage_id: str, to: str) -> None:
    """Move the status on; ending is closing. UserError `outage_move`."""
    now = clock_now(db)
    _seen_whole(db, actor, outage_id, now, asked="outage_deeds.move")

    def change(connection: Connection) -> None:
        status = _current(connection, outage_id, now)["status"] or "in_force"
        if to == "ended":
            raise UserError("outage_move", status=status, to=to)
        rules.check_move(status, to)
        book.change(connection, outage_id, {"status": to})
        detail = {"old": status, "new": to}
        _event(connection, actor, outage_id, "status_moved", detail, now)
        _note(connection, actor, outage_id, "outage_status_moved", detail)

    db.write(change)


@needs("run_outages")
def nest(db: Database, actor: Actor, outage_id: str, parent: str | None) -> None:
    """Put an outage under a wider one, or by None take it out. UserError `outage_circle`."""
    now = clock_now(db)
    row = _seen_whole(db, actor, outage_id, now, asked="outage_deeds.nest")
    if parent is not None:
        outage_story.known(db, actor, parent, now, asked="outage_deeds.nest")

    def change(connection: Connection) -> None:
        if parent is not None:
            rules.check_parent(book.family(connection), outage_id, parent)
        book.change(connection, outage_id, {"parent_outage_id": parent})
        detail = {"parent": parent or row["parent_outage_id"]}
        if parent is None:
            _event(connection, actor, outage_id, "taken_out", detail, now)
        else:
            _event(connection, actor, outage_id, "put_under", detail, now)
        _note(connection, actor, outage_id, "outage_nested", {"parent": parent})

    db.write(change)


@needs("run_outages")
def reopen(db: Database, actor: Actor, outage_id: str) -> None:
    """Open an outage again that is closed: its end is forgotten. UserError `outage_open`."""
    now = clock_now(db)
    _seen_whole(db, actor, outage_id, now, asked="outage_deeds.reopen")

    def change(connection: Connection) -> None:
        row = _current(connection, outage_id, now)
        if row["status"] != "ended":
            raise UserError("outage_open", outage=outage_id)
        book.change(connection, outage_id, {"status": "in_force", "restored_at": None})
        _event(connection, actor, outage_id, "reopened", {}, now)
        _note(connection, actor, outage_id, "outage_reopened", {"restored_at": row["restored_at"]})

    db.write(change)


def living(  # noqa: PLR0913
    db: Database, actor: Actor, outage_id: str, now: datetime, *, asked: str, whole: bool = True
) -> dict[str, Any]:
    """The row of an outage that is not over, wholly in sight unless `whole` is false.

    Raises UserError `outage_over`; refuses what reaches over the border of one's sight.
    """
    row = (_seen_whole if whole else outage_story.known)(db, actor, outage_id, now, asked=asked)
    return _living(row)


def still_living(connection: Connection, outage_id: str, now: datetime) -> dict[str, Any]:
    """The row as it stands where it is written: somebody else may have closed the outage since.

    Raises UserError `outage_over`, `outage_unknown`.
    """
    return _living(_current(connection, outage_id, now))


def _living(row: dict[str, Any]) -> dict[str, Any]:
    if row["status"] in rules.OVER or row["restored_at"] is not None:
        raise UserError("outage_over", outage=row["outage_id"])
    return row


def _current(connection: Connection, outage_id: str, now: datetime) -> dict[str, Any]:
    row = book.one(connection, outage_id, now)
    if row is None:
        raise UserError("outage_unknown", outage=outage_id)
    return row


def _seen_whole(
    db: Database, actor: Actor, outage_id: str, now: datetime, *, asked: str
) -> dict[str, Any]:
    """The row where everybody in the outage is in sight: a deed must not reach over the border."""
    row = outage_story.known(db, actor, outage_id, now, asked=asked)
    if db is not db.whole:
        everybody = book.everybody(db.whole.read(), outage_id, now)
        if book.everybody(db.read(), outage_id, now) < everybody:
            refuse(db, actor, "access_out_of_scope", asked=asked, about=f"outage:{outage_id}")
    return row


def check_code(family: str, code: str) -> None:
    """Raise UserError `outage_code_unknown` for a code that is none of the family's."""
    if code not in codes(family):
        raise UserError("outage_code_unknown", given=code, known=", ".join(codes(family)))


def _event(  # noqa: PLR0913, PLR0917
    connection: Connection, actor: Actor, outage_id: str, event: str, detail: dict[str, Any],
    at: datetime,
) -> None:  # fmt: skip
    book.add_event(connection, outage_id, event, at=at, actor_id=actor.id, detail=detail)


def _note(
    connection: Connection, actor: Actor, outage_id: str, event: str, detail: dict[str, Any]
) -> None:
    audit.record(
        connection, actor.id, event, at=real_now(), subject=f"outage:{outage_id}", detail=detail
    )
