"""The inbox: what came up since the plan in force was published, each with what would settle it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from app.store import places, plans
from app.store import plan_inbox as store
from app.store.database import Database
from app.use_cases import derive, drafts, inbox_units, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.drafts import sight
from app.use_cases.duties import holders_on
from app.use_cases.inbox_entries import KINDS, VACANT, Entry, Offer
from app.use_cases.inbox_units import Picture
from app.use_cases.remember import remembered
from app.use_cases.service_map import facts_version
from app.use_cases.studio import Deed, Studio
from grid_cells import drafts as rules
from grid_cells.cells import hex_to_cells
from grid_cells.drafts import Change
from grid_cells.errors import UserError
from grid_cells.unit_graph import Ints
from grid_cells.vacancies import Vacancy, stand_in, vacancies

STROKE: Final = "inbox"
LOOK_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True)
class Inbox:
    """What came up since the plan in force was published; without a plan there is nothing.

    names: of the areas and people that entries and offers speak of, by their ids; draft: number
    and name of the person's own draft that was made from here, and is still a draft.
    """

    plan_id: int | None
    plan: str
    basis: str
    begins: datetime | None
    entries: tuple[Entry, ...]
    names: dict[str, str]
    draft: tuple[int, str] | None = None

    def of_kind(self, kind: str) -> list[Entry]:
        """The entries of one kind."""
        return [one for one in self.entries if one.kind == kind]


@dataclass(frozen=True)
class Taken:
    """What became of entries that were taken into a draft.

    units, customers: that moved; left: entries with a unit that could not, since it is locked in
    the draft, or out of the person's part of the company.
    """

    plan_id: int
    name: str
    entries: int
    units: int
    customers: int
    left: int


@needs("see_plans")
def inbox(db: Database, actor: Actor) -> Inbox:
    """Everything that came up, by kind, the most customers first."""
    now = clock_now(db)
    derive.refresh(db, now)
    plan = plans.plan_at(db.whole.read(), now)
    if plan is None:
        return Inbox(None, "", "", None, (), {})
    key = ("inbox", db.whole.opened_as, db.seen_as, plan["plan_id"], facts_version(db, now))
    seen = remembered(key, lambda: inbox_units.picture(db, plan, now))
    people = places.people(db.read()).drop_duplicates("id").set_index("id")["name"].dropna()
    found = [*seen.entries, *_vacant(db, seen, now)]
    held = _own_draft(db, actor, int(plan["plan_id"]))
    if held is not None:
        found = [_drafted(one, held) for one in found]
    ranked = sorted(found, key=lambda one: (KINDS.index(one.kind), -one.customers, one.key))
    named = plans.plan_row(db.whole.read(), held.plan_id) if held is not None else None
    draft = None if held is None or named is None else (held.plan_id, str(named["name"]))
    names = {str(one): str(name) for one, name in people.items()} | seen.names
    return Inbox(
        int(plan["plan_id"]), str(plan["name"]), str(plan["basis"]), plan["valid_from"],
        tuple(ranked), names, draft,
    )  # fmt: skip


@needs("draw_plans")
def take(db: Database, actor: Actor, keys: Sequence[str], name: str) -> Taken:
    """Put what these entries offer into the person's draft from the inbox, as one stroke.

    The draft is the newest that this person made from the inbox of the plan in force, if it knows
    all the units, else a new one of that name. Raises UserError `inbox_changed` where an entry is
    not there any more, and `inbox_nothing_to_take` where nothing could be moved.
    """
    held_now = inbox(db, actor)
    by_key = {one.key: one for one in held_now.entries}
    if held_now.plan_id is None or not set(keys) <= set(by_key):
        raise UserError("inbox_changed")
    chosen = [by_key[key] for key in dict.fromkeys(keys) if by_key[key].may_be_drawn]
    if not chosen:
        raise UserError("inbox_nothing_to_take")
    held = _own_draft(db, actor, held_now.plan_id)
    if held is None or not all((_rows(held, one) >= 0).all() for one in chosen):
        held = studio.of_plan(db, drafts.begin(db, actor, name))
    with held.lock:
        change, left = _change(db, actor, held, chosen)
        if change.is_nothing:
            raise UserError("inbox_nothing_to_take")
        studio.commit(db, held, Deed(actor.id, STROKE, uuid.uuid4().hex), change)
    done = [one for one in chosen if np.isin(_rows(held, one), change.rows).any()]
    named = plans.plan_row(db.whole.read(), held.plan_id) or {}
    customers = sum(one.customers for one in done)
    return Taken(held.plan_id, str(named.get("name")), len(done), len(change.rows), customers, left)


def _change(
    db: Database, actor: Actor, held: Studio, chosen: Iterable[Entry]
) -> tuple[Change, int]:
    """One change of all the entries, and how many of them could not be moved whole."""
    own = sight(db, actor, held)
    parts, left = [rules.nothing()], 0
    for one in chosen:
        rows = _rows(held, one)
        rows = rows[rows >= 0]
        mine = rows if own.rows is None else rows[own.rows[rows]]
        try:
            place = held.place_of(one.offer.to if one.offer else "")
            part, refused = rules.paint(held.draft, mine, place, mine=own.areas)
        except UserError:  # the area was deleted or locked in this draft
            left += 1
            continue
        left += bool(refused) or len(mine) < len(rows)
        parts.append(part)
    joined = [np.concatenate([getattr(p, n) for p in parts]) for n in ("rows", "before", "after")]
    return Change(joined[0], joined[1], joined[2]), left


def _own_draft(db: Database, actor: Actor, plan_id: int) -> Studio | None:
    """The newest draft of the plan in force that this person made from the inbox."""
    made = store.drafts_of(db.whole.read(), actor.id, plan_id, STROKE)
    return studio.of_plan(db, made[0]) if made else None


def _rows(held: Studio, entry: Entry) -> Ints:
    """The entry's units in a draft, -1 for those it does not know."""
    units: Any = list(entry.units)
    if held.basis == "cell":
        units = hex_to_cells(units)
    rows: Ints = held.units.get_indexer(units).astype(np.int64)
    return rows


def _drafted(entry: Entry, held: Studio) -> Entry:
    """The entry with its draft where every unit of it is in one area there."""
    if entry.offer is None or entry.offer.way != "draft":
        return entry
    rows = _rows(held, entry)
    is_settled = bool((rows >= 0).all() and (held.draft.area[rows] >= 0).all())
    return replace(entry, draft=held.plan_id) if is_settled else entry


def _vacant(db: Database, seen: Picture, now: datetime) -> Iterable[Entry]:
    connection = db.read()
    areas = sorted(seen.names)
    held = holders_on(connection, now)
    for one in vacancies(places.all_duties(connection), areas, now, now + LOOK_AHEAD):
        found = stand_in(held, one, seen.near(one.area_id), seen.customers)
        values = {} if found is None else {"customers": found.load, "areas": found.areas}
        yield Entry(
            VACANT, _key_of(one), seen.customers.get(one.area_id, 0), (),
            seen.cells.get(one.area_id, 0), (one.area_id,), one.duty, one.since, one.begins,
            None if found is None or one.begins is not None
            else Offer("duty", found.holder_id, found.reason, values),
            "" if found is not None and one.begins is None
            else "nobody_near" if found is None else "still_held",
        )  # fmt: skip


def _key_of(vacancy: Vacancy) -> str:
    return f"{VACANT}:{vacancy.area_id}:{vacancy.duty}"
