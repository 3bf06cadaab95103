"""Steps of a phone's queue, taken in order; each is answered, and what was meant is never lost.

What a person must settle stops the later steps of the same order, and of no other.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from app.store import users as user_store
from app.store import work_order_evidence as evidence_store
from app.store.database import Database
from app.use_cases import (
    crew_chores,
    crew_jobs,
    crew_results,
    crew_wishes,
    work_order_cards,
    work_order_evidence,
    work_order_moves,
    work_order_parts,
)
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.crew_results import PhoneResult
from app.use_cases.crew_wishes import CrewStep
from app.use_cases.work_order_cards import CardWish
from app.use_cases.work_order_evidence import EvidenceWish, Taken
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_parts import PartWish
from grid_cells.errors import AccessDenied, UserError

Fate = Literal["done", "repeated", "conflict", "refused", "waits"]
_LOG = logging.getLogger("gridcells")
_SAID: Final = ("rating", "card_version")
"""What a phone may tell of a move beside its own fields."""
CONFLICTS: Final = frozenset({"order_conflict", "order_card_conflict"})


@dataclass(frozen=True)
class Answered:
    """What came of a step.

    error: why it did not count; now: what is true of the order (state, version, by, crew, at;
    for a card also the card that is held);
    is_possible: whether it may be done all the same by a person who has seen this.
    """

    key: str
    fate: Fate
    state: str | None = None
    version: int | None = None
    error: UserError | None = None
    now: dict[str, Any] | None = None
    is_possible: bool = False


@dataclass
class _Known:
    """The versions that this batch itself has made: steps of one queue follow each other."""

    versions: dict[str, int] = field(default_factory=dict)
    cards: dict[str, int] = field(default_factory=dict)


@needs("do_orders")
def take(db: Database, actor: Actor, steps: Sequence[CrewStep]) -> list[Answered]:
    """The answers to the steps, in their order."""
    stuck: set[str] = set()
    known, answers = _Known(), []
    for step in steps:
        if step.order in stuck:
            answers.append(Answered(step.key, "waits"))
            continue
        answers.append(_answer(db, actor, step, known))
        if answers[-1].error is not None:
            stuck.add(step.order)
    return answers


def _answer(db: Database, actor: Actor, step: CrewStep, known: _Known) -> Answered:
    """The answer to one step; one that breaks the program stops no other and may be tried again."""
    try:
        return _DEEDS[step.kind](db, actor, step, known)
    except UserError as error:
        return _failed(db, actor, step, error)
    except Exception:  # answered with an error the phone would send it for ever
        _LOG.exception("a step of a phone could not be taken: %s", step.kind)
        return Answered(step.key, "refused", error=UserError("crew_broken"), is_possible=True)


def _failed(db: Database, actor: Actor, step: CrewStep, error: UserError) -> Answered:
    """A conflict where the order or card was changed meanwhile, else a refusal with its reason."""
    fate: Fate = "conflict" if error.code in CONFLICTS else "refused"
    if isinstance(error, AccessDenied) or step.kind == "chore":
        return Answered(step.key, fate, error=error)
    order = crew_jobs.raw(db, step.order)
    values = error.values
    now = None
    if fate == "conflict":
        now = {
            "state": values.get("state", order.get("state")), "version": values.get("version"),
            "by": _name(db, actor, values.get("by")), "crew": values.get("crew"),
            "at": crew_jobs.plain(values.get("at")),
        }  # fmt: skip
    if now is not None and step.kind == "card":
        held = work_order_cards.card(db, actor, step.order) or {}
        now |= {"version": held.get("version"), "card": held.get("card")}
    return Answered(
        step.key, fate, error=error, now=now, is_possible=_is_possible(db, actor, step, error.code)
    )


def _is_possible(db: Database, actor: Actor, step: CrewStep, code: str) -> bool:
    """A card may always be filled anew; a move where the order's state allows it now.

    A card that changed must be looked at before its gate is opened.
    """
    if step.kind == "move" and code == "order_card_conflict":
        return False
    if step.kind != "move":
        return step.kind == "card"
    return step.given.get("move") in work_order_moves.possible(db, actor, step.order)


def _name(db: Database, actor: Actor, user: Any) -> str | None:
    if not isinstance(user, str) or not may(actor, "see_staff_contacts"):
        return None
    identity = user.removeprefix("user:")
    return user_store.names_of(db.whole.read(), [identity]).get(identity, user)


def _move(db: Database, actor: Actor, step: CrewStep, known: _Known) -> Answered:
    detail = step.given.get("detail")
    said = detail if isinstance(detail, dict) else {}
    wish = Step(
        step.text("move") or "", known.versions.get(step.order, step.whole("version")),
        crew_id=step.text("crew_id"), reason_code=step.text("reason_code"), step_key=step.key,
        device_at=step.device_at, lon=step.number("lon"), lat=step.number("lat"),
        accuracy_m=step.number("accuracy_m"),
        detail={one: said[one] for one in _SAID if said.get(one) is not None},
    )  # fmt: skip
    moved = work_order_moves.move(db, actor, step.order, wish)
    known.versions[step.order] = moved.version
    fate: Fate = "repeated" if moved.is_repeated else "done"
    return Answered(step.key, fate, moved.state, moved.version)


def _card(db: Database, actor: Actor, step: CrewStep, known: _Known) -> Answered:
    card = step.given.get("card")
    if not isinstance(card, dict):
        raise UserError("crew_field", field="card")
    version = known.cards.get(step.order, step.whole("version") or 0)
    wish = CardWish(card, version, step_key=step.key)
    filled = work_order_cards.fill(db, actor, step.order, wish)
    known.cards[step.order] = filled.version
    return Answered(step.key, "repeated" if filled.is_repeated else "done", version=filled.version)


def _chore(db: Database, actor: Actor, step: CrewStep, _known: _Known) -> Answered:
    is_done = crew_wishes.is_true(step.given, "done")
    is_new = crew_chores.tick(
        db, actor, step.order, is_done=is_done, step_key=step.key, device_at=step.device_at
    )
    return Answered(step.key, "done" if is_new else "repeated")


def _part(db: Database, actor: Actor, step: CrewStep, _known: _Known) -> Answered:
    wish = PartWish(
        step.text("code") or "", step.number("quantity") or 0.0, step.text("name"),
        is_scanned=step.given.get("is_scanned") is True, step_key=step.key,
    )  # fmt: skip
    work_order_parts.add(db, actor, step.order, wish)
    return Answered(step.key, "done")


def _confirm(db: Database, actor: Actor, step: CrewStep, _known: _Known) -> Answered:
    """An irregularity confirmed or refuted; said a second time it is what was said already."""
    number, is_true = step.whole("evidence") or 0, crew_wishes.is_true(step.given, "is_true")
    row = evidence_store.one(db.whole.read(), number, clock_now(db)) or {}
    said = crew_jobs.plain(row.get("confirmed_at" if is_true else "refuted_at"))
    if row.get("order_id") == step.order and said is not None:
        return Answered(step.key, "repeated")
    work_order_evidence.judge(db, actor, number, is_confirmed=is_true)
    return Answered(step.key, "done")


def _result(db: Database, actor: Actor, step: CrewStep, _known: _Known) -> Answered:
    """What inspectors found; its signature came before it as a piece of evidence."""
    who = tuple(one for one in (step.text("inspectors") or "").split(";") if one)
    given = PhoneResult(
        step.text("outcome") or "", who, step.text("seals") or "", step.number("kwh") or 0.0,
        step.number("penalty") or 0.0, step.text("signature"), step.device_at,
    )  # fmt: skip
    is_new = crew_results.enter(db, actor, step.order, given)
    return Answered(step.key, "done" if is_new else "repeated")


_DEEDS: Final[dict[str, Callable[[Database, Actor, CrewStep, _Known], Answered]]] = {
    "move": _move, "card": _card, "chore": _chore, "part": _part, "confirm": _confirm,
    "result": _result,
}  # fmt: skip


@needs("do_orders")
def add_evidence(
    db: Database, actor: Actor, given: dict[str, Any], content: bytes, device_at: datetime | None
) -> Taken:
    """Keep a piece of evidence that a phone sent: its words and the file."""
    wish = EvidenceWish(
        crew_wishes.named(given, "kind"), crew_wishes.text(given, "media_type"), content,
        note=crew_wishes.text(given, "note"),
        taken_at=crew_wishes.moment(given, "taken_at") or device_at,
        lon=crew_wishes.number(given, "lon"), lat=crew_wishes.number(given, "lat"),
        accuracy_m=crew_wishes.number(given, "accuracy_m"),
        irregularity=crew_wishes.text(given, "irregularity"), step_key=crew_wishes.key(given),
    )  # fmt: skip
    return work_order_evidence.add(db, actor, crew_wishes.named(given, "order"), wish)
