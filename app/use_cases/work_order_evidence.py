"""Evidence from the site: taken in with its limits, shown to whoever may, judged by people."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.store import work_order_evidence as store
from app.store.database import Connection, Database
from app.use_cases import order_rules, work_order_cards, work_order_sight, work_order_steps
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells import evidence as rules
from grid_cells.errors import UserError


@dataclass(frozen=True)
class EvidenceWish:
    """A piece of evidence: kind photo, audio, video or note; content with its media type.

    `irregularity`: a code of what seems wrong, which counts once a person confirmed it.
    """

    kind: str
    media_type: str | None = None
    content: bytes = field(default=b"", repr=False)
    note: str | None = field(default=None, repr=False)
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    irregularity: str | None = None
    crew_id: str | None = None
    step_key: str | None = None


@dataclass(frozen=True)
class Taken:
    """The number of the piece, and whether it was there before."""

    evidence_id: int
    is_repeated: bool = False


@needs("do_orders")
def add(db: Database, actor: Actor, order_id: str, wish: EvidenceWish) -> Taken:
    """Keep a piece of evidence; the same step_key or the same content again is one piece.

    Raises UserError `evidence_kind`, `evidence_media` (its bytes are not what they claim to be),
    `evidence_large` (most), `evidence_empty`, `evidence_note_long`, `evidence_too_many`,
    `order_not_yours`.
    """
    _check(wish)
    work_order_sight.seen(db, actor, order_id, clock_now(db), asked="work_order_evidence.add")
    sha = hashlib.sha256(wish.content).hexdigest() if wish.content else None

    def change(connection: Connection) -> Taken:
        now = read_on(connection, real_now()).now
        came = store.came(connection, order_id, wish.step_key, actor.id)
        if came is not None:  # the first answer, whoever holds the order by now
            return Taken(came, is_repeated=True)
        work_order_sight.row_of(connection, order_id, now)
        crew = work_order_cards.acting_crew(connection, actor, order_id, (wish.crew_id, now))
        held = store.same(connection, order_id, wish.step_key, sha)
        if held is not None:
            return Taken(held, is_repeated=True)
        most = int(order_rules.rule("evidence_most"))
        if store.count(connection, order_id) >= most:
            raise UserError("evidence_too_many", most=most)
        row = {name: getattr(wish, name) for name in _KEPT}
        row |= {"order_id": order_id, "crew_id": crew, "sha256": sha, "received_at": now,
                "content": wish.content or None, "actor": actor.id}  # fmt: skip
        number = store.add(connection, row)
        told = {"evidence": number, "kind": wish.kind, "irregularity": wish.irregularity,
                "bytes": len(wish.content)}  # fmt: skip
        work_order_steps.noted(
            connection, actor, order_id, "evidence_added", now, crew_id=crew, detail=told
        )
        work_order_steps.note(connection, actor, order_id, "evidence_added", told)
        return Taken(number)

    return db.write(change)


_KEPT: Final = (
    "kind", "media_type", "note", "taken_at", "lon", "lat", "accuracy_m", "irregularity",
    "step_key",
)  # fmt: skip


def _check(wish: EvidenceWish) -> None:
    if wish.kind not in rules.KINDS:
        raise UserError("evidence_kind", kind=wish.kind[:20])
    if wish.irregularity is not None:
        order_rules.check_code("irregularity", wish.irregularity)
    longest = int(order_rules.rule("note_most"))
    if wish.note is not None and len(wish.note) > longest:
        raise UserError("evidence_note_long", most=longest)
    if wish.kind == "note":
        if not (wish.note or "").strip():
            raise UserError("evidence_empty")
        return
    if not wish.content:
        raise UserError("evidence_empty")
    most = int(order_rules.rule(f"{wish.kind}_most"))
    if len(wish.content) > most * rules.KILOBYTE:
        raise UserError("evidence_large", most=most)
    if not rules.fits(wish.kind, wish.media_type, wish.content):
        raise UserError("evidence_media", kind=wish.kind)


@needs("do_orders")
def content(db: Database, actor: Actor, evidence_id: int) -> tuple[str, bytes]:
    """Media type and content of a piece; who looked is on record. UserError `evidence_unknown`."""
    seen, _ = _piece(db, actor, evidence_id, asked="work_order_evidence.content")
    row = store.one(seen, evidence_id, clock_now(db)) or {}
    told = {"evidence": evidence_id, "kind": row.get("kind")}
    db.write(
        lambda connection: work_order_steps.note(
            connection, actor, str(row["order_id"]), "evidence_seen", told
        )
    )
    return str(row.get("media_type") or "text/plain"), store.content(seen, evidence_id)


@needs("approve_work")
def judge(db: Database, actor: Actor, evidence_id: int, *, is_confirmed: bool) -> None:
    """Confirm or refute an irregularity; UserError `evidence_unknown`, `evidence_not_irregular`."""
    _, row = _piece(db, actor, evidence_id, asked="work_order_evidence.judge")
    if row["irregularity"] is None:
        raise UserError("evidence_not_irregular")
    word = "irregularity_confirmed" if is_confirmed else "irregularity_refuted"

    def change(connection: Connection) -> None:
        now = read_on(connection, real_now()).now
        store.judge(connection, evidence_id, is_confirmed=is_confirmed, at=now, by=actor.id)
        told = {"evidence": evidence_id, "irregularity": row["irregularity"]}
        work_order_steps.noted(connection, actor, str(row["order_id"]), word, now, detail=told)
        work_order_steps.note(
            connection, actor, str(row["order_id"]), "judged",
            told | {"confirmed": is_confirmed},
        )  # fmt: skip

    db.write(change)


def _piece(
    db: Database, actor: Actor, evidence_id: int, *, asked: str
) -> tuple[Connection, dict[str, Any]]:
    """A piece whose order the actor sees, with the connection on which it is seen."""
    now = clock_now(db)
    row = store.one(db.whole.read(), evidence_id, now)
    if row is None:
        raise UserError("evidence_unknown")
    return work_order_sight.seen(db, actor, str(row["order_id"]), now, asked=asked), row
