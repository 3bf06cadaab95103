"""The job card: filled by a crew, asked about, approved or refused by another person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.store import work_order_cards as store
from app.store import work_order_writes as writes
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import privacy, work_order_moves, work_order_sight, work_order_steps
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.crew_wishes import is_whole_text
from app.use_cases.work_order_moves import Moved, Step
from grid_cells.errors import UserError
from grid_cells.work_orders import OPEN

TEXTS: Final = (
    "starts_at", "ends_at", "dispatcher", "leader", "guardian", "main_task", "task", "tools",
    "materials", "measures", "precautions", "dispatch_no", "submission_no", "weather", "remarks",
)  # fmt: skip
"""Fields of the card that hold one text, or a list of texts."""
FLAGS: Final = ("leader_at_site", "guardian_at_site", "voltage_tested", "grounded", "fenced_off")
MEMBERS: Final = "members"
"""Who works, each with a post: a list of objects {name, post}."""
FIELDS: Final = (*TEXTS, *FLAGS, MEMBERS)
LONGEST_TEXT: Final = 500
MOST_ITEMS: Final = 60


@dataclass(frozen=True)
class CardWish:
    """A card as a form has it; `version`: the one it was filled on, 0 for the first."""

    card: Mapping[str, Any]
    version: int
    crew_id: str | None = None
    step_key: str | None = None


@dataclass(frozen=True)
class Filled:
    """What came of filling a card: its version now."""

    version: int
    is_repeated: bool = False


@needs("do_orders")
def fill(db: Database, actor: Actor, order_id: str, wish: CardWish) -> Filled:
    """Keep a card; a new version is not approved, whatever the one before was.

    Raises UserError `order_card_conflict` (version, by, at) where somebody filled it meanwhile,
    `order_card_field` (field) for one that no form has or that is too long, `order_not_yours`,
    `order_closed_already`.
    """
    card = _checked(wish.card)
    work_order_sight.seen(db, actor, order_id, clock_now(db), asked="work_order_cards.fill")

    def change(connection: Connection) -> Filled:
        now = read_on(connection, real_now()).now
        if wish.step_key and (held := order_store.step(connection, wish.step_key)):
            return _again(held, order_id, wish.step_key)
        order = work_order_sight.row_of(connection, order_id, now)
        if order["state"] not in OPEN:
            raise UserError("order_closed_already", state=order["state"])
        crew = acting_crew(connection, actor, order_id, (wish.crew_id, now))
        last = store.last(connection, order_id, crew, now)
        version = 0 if last is None else int(last["version"])
        if last is not None and version != wish.version:
            raise UserError(
                "order_card_conflict", version=version, by=last["filled_by"], at=last["filled_at"]
            )
        store.add(connection, order_id, crew, card, version=version + 1, at=now, by=actor.id)
        _columns(connection, order_id, card)
        work_order_steps.noted(
            connection, actor, order_id, "card_filled", now, crew_id=crew, step_key=wish.step_key,
            detail={"version": version + 1, "fields": sorted(k for k, v in card.items() if v)},
        )  # fmt: skip
        told = {"version": version + 1, "crew": crew}
        work_order_steps.note(connection, actor, order_id, "card_filled", told)
        return Filled(version + 1)

    return db.write(change)


def _again(held: Mapping[str, Any], order_id: str, key: str) -> Filled:
    if (held["order_id"], held["move"]) != (order_id, "card_filled"):
        raise UserError("order_step_key_taken", key=key)
    return Filled(work_order_moves.told_version(held), is_repeated=True)


def _columns(connection: Connection, order_id: str, card: Mapping[str, Any]) -> None:
    """The submission number stands on the order too, where people look for it."""
    number = card.get("submission_no")
    if isinstance(number, str) and number:
        writes.change(connection, order_id, {"submission_no": number})


@needs("see_orders")
def card(
    db: Database, actor: Actor, order_id: str, crew_id: str | None = None
) -> dict[str, Any] | None:
    """The newest card of a crew (the actor's own, else the lead's), None before it is filled.

    card (a dict; None for whom `personal_columns` does not let see it), version, filled_at,
    filled_by, asked_at, approved_at, approved_by, refused_at, refused_why.
    """
    now = clock_now(db)
    seen = work_order_sight.seen(db, actor, order_id, now, asked="work_order_cards.card")
    named = crew_id or actor.crew_id
    found = None if named is None else store.last(seen, order_id, named, now)
    if found is None and crew_id is None:
        lead = work_order_steps.lead_of(writes.held(seen, order_id, now))
        found = store.last(seen, order_id, str(lead["crew_id"]) if lead else None, now)
    if found is None:
        return None
    return found if privacy.sees(actor, "work_order_cards", "card") else found | {"card": None}


@needs("do_orders")
def ask(db: Database, actor: Actor, order_id: str, step_key: str | None = None) -> Moved:
    """Ask for the gate; raises as `work_order_moves.move`, and `order_card_unfilled` (fields)."""
    return work_order_moves.move(db, actor, order_id, Step("gate_asked", step_key=step_key))


@needs("approve_work")
def approve(
    db: Database, actor: Actor, order_id: str, step_key: str | None = None,
    *, version: int | None = None,
) -> Moved:  # fmt: skip
    """Open the gate of the lead.

    `version`: of the card that the approver looked at. UserError `order_gate_same_person` for
    whoever filled the card, `order_card_conflict` where it was filled anew meanwhile.
    """
    detail = {} if version is None else {"card_version": version}
    step = Step("gate_approved", step_key=step_key, detail=detail)
    return work_order_moves.move(db, actor, order_id, step)


@needs("approve_work")
def refuse(
    db: Database, actor: Actor, order_id: str, reason: str, step_key: str | None = None
) -> Moved:
    """Send the card back with a reason of the family `gate_refused`."""
    step = Step("gate_refused", reason_code=reason, step_key=step_key)
    return work_order_moves.move(db, actor, order_id, step)


def acting_crew(
    connection: Connection, actor: Actor, order_id: str, told: tuple[str | None, datetime]
) -> str:
    """The crew of the order for which the actor acts; UserError `order_not_yours`.

    `told`: the crew that the actor names, if any, and the moment.
    """
    crew_id, now = told
    holdings = writes.held(connection, order_id, now)
    lead = work_order_steps.lead_of(holdings)
    crew = actor.crew_id
    if may(actor, "dispatch_orders"):
        crew = crew_id or crew or (str(lead["crew_id"]) if lead else None)
    elif crew_id not in (None, crew):
        raise UserError("order_not_yours")
    if crew is None or work_order_steps.holding_of(holdings, crew) is None:
        raise UserError("order_not_yours")
    return str(crew)


def _checked(card: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in card.items():
        if name not in FIELDS or not _fits(name, value):
            raise UserError("order_card_field", field=_named(name))
    for name in ("starts_at", "ends_at"):
        _moment(name, card.get(name))
    return dict(card)


def _named(name: Any) -> str:
    return str(name)[:40].encode(errors="replace").decode()


def _fits(name: str, value: Any) -> bool:
    if value is None:
        return True
    if name in FLAGS:
        return isinstance(value, bool)
    if name == MEMBERS:
        return _is_list(value, lambda one: isinstance(one, dict) and _are_texts(one))
    return _is_text(value) or _is_list(value, _is_text)


def _are_texts(one: Mapping[str, Any]) -> bool:
    return set(one) <= {"name", "post", "staff_id"} and all(map(_is_text, one.values()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and is_whole_text(value)


def _is_list(value: Any, fits: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_ITEMS and all(map(fits, value))


def _moment(name: str, value: Any) -> None:
    if not value:
        return
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UserError("order_card_field", field=name) from error
