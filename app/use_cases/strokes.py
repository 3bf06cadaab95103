"""Strokes on a draft: checked, stored, answered with what became of every cell asked for."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.store import users
from app.store.database import Database
from app.use_cases import studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.drafts import sight
from app.use_cases.stroke_answers import NOTHING, Answer, Work
from app.use_cases.studio import Deed, Studio
from grid_cells import draft_log, drafts, plan_cells
from grid_cells.cell_parts import within
from grid_cells.drafts import NO_AREA, Entry, Rows
from grid_cells.errors import UserError

MOST_CELLS: Final = 200_000
Find = Callable[[Sequence[Entry], str], int | None]


@dataclass(frozen=True)
class Stroke:
    """What a person does to a draft: which cells, and what they knew of it.

    A stroke sent twice under one `key` counts once; `to` None is no area; units that somebody else
    changed after the change number `seen` are refused.
    """

    plan_id: int
    key: str
    cells: Sequence[int] = ()
    to: str | None = None
    seen: int | None = None


@needs("draw_plans")
def paint(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    """Give the units of the stroke's cells to its area.

    Raises UserError where the area itself is not to be had.
    """
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        asked = places_asked(held, stroke.cells)
        work = Work(held, sight(db, actor, held), actor)
        if stroke.key in held.keys:
            return work.answer(asked)
        rows = work.within(plan_cells.units_at(held.book, work.seen(asked)))
        target = NO_AREA if stroke.to is None else work.place_of(stroke.to)
        others = drafts.changed_by_others(held.draft, held.log, actor.id, stroke.seen)
        change, refused = drafts.paint(held.draft, rows, target, others=others, mine=work.own.areas)
        if not change.is_nothing:
            studio.commit(db, held, Deed(actor.id, "paint", stroke.key), change)
        told = [*work.by_cells(refused), *work.without_units(asked, target)]
        return work.answer(np.union1d(asked, plan_cells.cells_of(held.book, change.rows)), told)


@needs("draw_plans")
def undo(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    """Take back the person's own last change that still stands."""
    return _back(db, actor, stroke, kind="undo", find=draft_log.undoable)


@needs("draw_plans")
def redo(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    """Take back the person's own last undo."""
    return _back(db, actor, stroke, kind="redo", find=draft_log.redoable)


def _back(db: Database, actor: Actor, stroke: Stroke, *, kind: str, find: Find) -> Answer:
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        work = Work(held, sight(db, actor, held), actor)
        of_seq = find(held.log, actor.id)
        if stroke.key in held.keys or of_seq is None:
            return work.answer(NOTHING)
        own, beyond = work.part_of(held.changes[of_seq])
        change, left = drafts.inverse(held.draft, own, held.families(own))
        studio.commit(db, held, Deed(actor.id, kind, stroke.key, of_seq), change)
        if studio.parts_cells(change):
            work = Work(held, sight(db, actor, held), actor)
        places = plan_cells.cells_of(held.book, change.rows)
        return work.answer(places, with_areas=bool(change.areas), left=left + beyond)


@needs("draw_plans")
def lock_cells(db: Database, actor: Actor, stroke: Stroke, *, locked: bool) -> Answer:
    """Close the units of the stroke's cells against strokes, or open them again."""
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        asked = places_asked(held, stroke.cells)
        work = Work(held, sight(db, actor, held), actor)
        rows = work.within(plan_cells.units_at(held.book, work.seen(asked)))
        change = drafts.lock(held.draft, rows, locked=locked)
        if stroke.key not in held.keys and not change.is_nothing:
            deed = Deed(actor.id, "lock" if locked else "unlock", stroke.key)
            studio.commit(db, held, deed, change)
        return work.answer(asked)


@needs("see_plans")
def since(db: Database, actor: Actor, plan_id: int, seq: int) -> Answer:
    """What changed after the change `seq`: cells as they are now, areas, by whom."""
    held = studio.of_plan(db, plan_id)
    others = {entry.actor for entry in held.log[max(seq, 0) :]} - {actor.id}
    names = _names(db, others)
    with held.lock:
        rows = np.flatnonzero(held.draft.changed_at > seq)
        work = Work(held, sight(db, actor, held), actor)
        return work.answer(
            plan_cells.cells_of(held.book, rows),
            with_areas=held.areas_changed_at > seq,
            actors=names,
        )


def _names(db: Database, actors: Collection[str]) -> tuple[str, ...]:
    """The people behind these ids by name, the machine's by what it is called."""
    if not actors:
        return ()
    ids = {actor: actor.removeprefix("user:") for actor in actors}
    known = users.names_of(db.whole.read(), list(ids.values()))
    return tuple(sorted(known.get(user_id, actor) for actor, user_id in ids.items()))


def places_asked(held: Studio, cells: Sequence[int]) -> Rows:
    """Places of the cells asked for; raises UserError `stroke_too_large` for too many at once."""
    if len(cells) > MOST_CELLS:
        raise UserError("stroke_too_large", count=len(cells), most=MOST_CELLS)
    given = np.asarray(cells, dtype=np.int64)
    places = held.book.places_of(given)
    gone = np.setdiff1d(given, held.book.cells[places])
    if not len(gone):
        return places
    above = within(held.book.cells, gone)  # whoever painted had not yet heard that it was divided
    return np.union1d(places, np.flatnonzero(above != held.book.cells))
