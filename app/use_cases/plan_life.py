"""A plan's way from draft to force and back: who moves it on, and when it holds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import pandas as pd

from app.store import audit, drafts, meta, plans, what_if
from app.store import plan_life as store
from app.store.database import Connection, Database
from app.use_cases import studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.draft_origin import plan_end
from app.use_cases.plan_checks import check_publishable
from app.use_cases.studio import Studio, areas_of, claims_of
from grid_cells import plan_life
from grid_cells.errors import UserError
from grid_cells.plan_life import APPROVED, DRAFT, PUBLISHED, REVIEW, Term

LONGEST_TEXT: Final = 2000
_UNREVIEWED: Final = (DRAFT, REVIEW)


@dataclass(frozen=True)
class Note:
    """What somebody does with a plan, and what they say to it."""

    actor: Actor
    plan_id: int
    deed: str
    text: str = ""


def write_note(connection: Connection, note: Note, **detail: object) -> None:
    """Write a deed beside the plan, and into the audit, which keeps nobody's free text."""
    at = real_now()
    deed = {
        "plan_id": note.plan_id, "done_at": at, "actor": note.actor.id, "deed": note.deed,
        "note": note.text.strip()[:LONGEST_TEXT],
    }  # fmt: skip
    store.add_deed(connection, deed)
    audit.record(
        connection, note.actor.id, _EVENTS[note.deed], at=at, subject=f"plan:{note.plan_id}",
        detail=detail,
    )  # fmt: skip


_EVENTS: Final = {
    "submit": "plan_submitted", "withdraw": "plan_withdrawn", "reopen": "plan_reopened",
    "send_back": "plan_sent_back", "approve": "plan_approved", "publish": "plan_published",
    "roll_back": "plan_rolled_back",
}  # fmt: skip


@dataclass(frozen=True)
class PlanRow:
    """A plan in the list: its stage is its state, or for a published one where it stands now.

    A what-if assumes halls, banks or crew bases that are not there.
    """

    plan_id: int
    name: str
    basis: str
    stage: str
    begins: datetime | None
    ends: datetime | None
    created_at: datetime | None
    created_by: str
    based_on: int | None
    strokes: int
    is_drawn: bool
    is_what_if: bool = False


@needs("see_plans")
def list_plans(db: Database, actor: Actor) -> list[PlanRow]:  # noqa: ARG001
    """Every plan, newest first."""
    connection = db.whole.read()
    now, terms = clock_now(db), plans.published_terms(connection)
    assuming = what_if.plans_with(connection)
    return [
        PlanRow(
            int(row["plan_id"]), str(row["name"]), str(row["basis"]),
            plan_life.stage(terms, int(row["plan_id"]), now)
            if row["status"] == PUBLISHED else str(row["status"]),
            _moment(row["valid_from"]), _moment(row["valid_to"]), _moment(row["created_at"]),
            str(row["created_by"]), None if pd.isna(row["based_on"]) else int(row["based_on"]),
            int(row["strokes"]), bool(row["is_drawn"]), int(row["plan_id"]) in assuming,
        )
        for row in store.list_plans(connection).to_dict("records")
    ]  # fmt: skip


def deeds_of(plan: PlanRow) -> tuple[str, ...]:
    """What can be done with a plan as it stands."""
    return plan_life.deeds_of(plan.stage)


@needs("see_plans")
def deeds(db: Database, actor: Actor, plan_id: int) -> pd.DataFrame:  # noqa: ARG001
    """What was done with a plan, oldest first: done_at, actor, actor_name, deed, note."""
    return store.deeds(db.whole.read(), plan_id)


@needs("draw_plans")
def submit(db: Database, actor: Actor, plan_id: int, note: str = "") -> None:
    """Hand a draft to a reviewer."""
    _move(db, Note(actor, plan_id, "submit", note))


@needs("draw_plans")
def withdraw(db: Database, actor: Actor, plan_id: int, note: str = "") -> None:
    """Put a plan that is not in force aside; it can be reopened."""
    _move(db, Note(actor, plan_id, "withdraw", note))


@needs("draw_plans")
def reopen(db: Database, actor: Actor, plan_id: int) -> None:
    """Take up a plan again that was put aside."""
    _move(db, Note(actor, plan_id, "reopen"))


@needs("approve_plans")
def send_back(db: Database, actor: Actor, plan_id: int, note: str) -> None:
    """Give a plan back to its drawers, with the reason."""
    if not note.strip():
        raise UserError("plan_needs_reason")
    _move(db, Note(actor, plan_id, "send_back", note))


@needs("approve_plans")
def approve(db: Database, actor: Actor, plan_id: int, note: str = "") -> None:
    """Approve a plan that others drew; refused to whoever made a stroke in it."""

    def check(connection: Connection) -> None:
        plan_life.check_approver(actor.id, store.drawers(connection, plan_id))

    _move(db, Note(actor, plan_id, "approve", note), check)


@needs("publish_plans", whole=True)
def publish(db: Database, actor: Actor, term: Term, note: str = "") -> None:
    """Put an approved plan into force from a moment on; with an end it is a temporary plan.

    Without a beginning it begins now. The plan in force before holds until then, and again once
    a temporary one has ended. Only the person at the machine itself may publish what nobody has
    reviewed, and the record says so. Raises UserError `plan_has_problems` where a rule forbids it.
    """
    held = studio.of_plan(db, term.plan_id)
    with held.lock:
        check_publishable(db, actor, term.plan_id)

        def change(connection: Connection) -> None:
            state = state_of(connection, term.plan_id)
            if not (actor.is_machine and state in _UNREVIEWED):
                plan_life.move(state, "publish")
            said = Note(actor, term.plan_id, "publish", note)
            _put_in_force(connection, held, term, said, is_reviewed=state == APPROVED)

        db.write(change)


def _put_in_force(
    connection: Connection, held: Studio, wish: Term, note: Note, *, is_reviewed: bool
) -> None:
    now = read_on(connection, real_now()).now
    terms = plans.published_terms(connection)
    begins = now if wish.begins is None and terms else wish.begins  # the first of all: since ever
    term = replace(wish, begins=begins)
    plan_life.check_term(terms, term, now=now)
    store.put_in_force(connection, term, claims_of(held), areas_of(held))
    before = plan_life.in_force(terms, begins or now)
    if before is not None:
        store.carry_overrides(connection, before, held.plan_id, begins=begins)
    units = int((held.draft.area >= 0).sum())
    write_note(
        connection, note, begins=begins, ends=term.ends, units=units, is_reviewed=is_reviewed
    )
    meta.touch_facts(connection, "areas")


@needs("publish_plans", whole=True)
def roll_back(db: Database, actor: Actor, to: int, *, note: str = "") -> int:
    """Number of the plan in force once an earlier one is back: that plan, or a copy of it.

    Plans that were to begin are withdrawn. What was answered for the past stays true.
    """

    def change(connection: Connection) -> int:
        now = read_on(connection, real_now()).now
        terms = plans.published_terms(connection)
        coming, needs_copy = plan_life.roll_back(terms, to, now)
        for plan_id in coming:
            store.set_state(connection, plan_id, plan_life.WITHDRAWN)
            write_note(connection, Note(actor, plan_id, "withdraw"), rolled_back_to=to)
        back = _copied(connection, actor, to, now) if needs_copy else to
        write_note(connection, Note(actor, back, "roll_back", note), to=to)
        meta.touch_facts(connection, "areas")
        return back

    return db.write(change)


def _copied(connection: Connection, actor: Actor, to: int, now: datetime) -> int:
    row = plans.plan_row(connection, to)
    if row is None:
        raise UserError("plan_unknown", plan=to)
    plan_id = plans.next_plan_id(connection)
    plan = {
        "plan_id": plan_id, "name": row["name"], "basis": row["basis"], "begins": now,
        "created_at": real_now(), "created_by": actor.id,
    }  # fmt: skip
    store.insert_published(connection, plan)
    store.copy_claims(connection, to, plan_id, at=plan_end(row, now), begins=now)
    store.carry_overrides(connection, to, plan_id, begins=now)
    return plan_id


def _move(db: Database, note: Note, check: Callable[[Connection], None] | None = None) -> None:
    held = studio.of_plan(db, note.plan_id)
    with held.lock:

        def change(connection: Connection) -> None:
            state = plan_life.move(state_of(connection, note.plan_id), note.deed)
            if check is not None:
                check(connection)
            store.set_state(connection, note.plan_id, state)
            write_note(connection, note)

        db.write(change)


def state_of(connection: Connection, plan_id: int) -> str:
    """The state of a plan drawn here; raises UserError `plan_unknown`."""
    held = drafts.facts(connection, plan_id)
    if held is None:
        raise UserError("plan_unknown", plan=plan_id)
    return str(held["status"])


def _moment(value: object) -> datetime | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).to_pydatetime()  # type: ignore[arg-type, call-overload]
