"""What is done to whole areas of a draft: made, changed, merged, split, deleted, locked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.store import drafts as store
from app.store.database import Database
from app.use_cases import studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.drafts import check_new_area, sight
from app.use_cases.stroke_answers import NOTHING, Answer, Work
from app.use_cases.strokes import Stroke, places_asked
from app.use_cases.studio import Deed
from grid_cells import drafts, plan_cells
from grid_cells.drafts import LOCK_AREA, NO_AREA, Area, Change, Rows
from grid_cells.errors import UserError

Make = Callable[[Work], Change]
AUTOMATIC: Final = -1


@dataclass(frozen=True)
class AreaWish:
    """What is to be changed of an area; None stays as it is; colour AUTOMATIC: by neighbourhood."""

    name: str | None = None
    colour: int | None = None
    hall_id: str | None = None

    def given(self) -> dict[str, object]:
        """The changes alone; raises UserError `area_needs_name` for an empty name."""
        if self.name is not None and not self.name.strip():
            raise UserError("area_needs_name")
        held = {**vars(self), "name": self.name and self.name.strip()}
        wished = {name: value for name, value in held.items() if value is not None}
        return wished | ({"colour": None} if self.colour == AUTOMATIC else {})


@needs("draw_plans")
def create_area(db: Database, actor: Actor, stroke: Stroke, area: Area) -> Answer:
    """Make a new area of the stroke's cells, or an empty one where it has none."""
    check_new_area(db, actor, area, asked="area_strokes.create_area")
    return _done(db, actor, stroke, "create", lambda work: _created(work, area, stroke))


@needs("draw_plans")
def change_area(db: Database, actor: Actor, stroke: Stroke, area_id: str, wish: AreaWish) -> Answer:
    """Give an area another name, colour or hall."""
    given = wish.given()
    return _done(db, actor, stroke, "change", lambda work: drafts.change_area(
        work.held.draft, work.place_of(area_id), **given))  # fmt: skip


@needs("draw_plans")
def merge_areas(db: Database, actor: Actor, stroke: Stroke, area_id: str) -> Answer:
    """Give all of an area to the stroke's area; the first is deleted."""
    return _done(db, actor, stroke, "merge", lambda work: drafts.merge_areas(
        work.held.draft, work.place_of(area_id), work.place_of(stroke.to or "")))  # fmt: skip


@needs("draw_plans")
def delete_area(db: Database, actor: Actor, stroke: Stroke, area_id: str) -> Answer:
    """Delete an area; its units are in no area until somebody takes them."""
    return _done(db, actor, stroke, "delete", lambda work: drafts.delete_area(
        work.held.draft, work.place_of(area_id)))  # fmt: skip


@needs("draw_plans")
def split_area(db: Database, actor: Actor, stroke: Stroke, area_id: str, new: Area) -> Answer:
    """Make a new area of those of an area's units that lie in the stroke's cells."""
    check_new_area(db, actor, new, asked="area_strokes.split_area")
    return _done(db, actor, stroke, "split", lambda work: drafts.split_area(
        work.held.draft, work.place_of(area_id), _rows(work, stroke), new))  # fmt: skip


@needs("draw_plans")
def lock_area(db: Database, actor: Actor, stroke: Stroke, area_id: str, *, locked: bool) -> Answer:
    """Close an area against strokes, or open it again."""
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        work = Work(held, sight(db, actor, held), actor)
        place = work.place_of(area_id)
        if stroke.key not in held.keys:
            studio.commit(
                db, held, Deed(actor.id, LOCK_AREA, stroke.key), drafts.nothing(),
                beside=lambda c: store.lock_area(c, held.plan_id, place, locked=locked),
            )  # fmt: skip
            held.draft = drafts.lock_area(held.draft, place, locked=locked)
            held.areas_changed_at = held.draft.seq
        return work.answer(NOTHING, with_areas=True)


def _done(db: Database, actor: Actor, stroke: Stroke, kind: str, make: Make) -> Answer:
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        work = Work(held, sight(db, actor, held), actor)
        if stroke.key in held.keys:
            return work.answer(NOTHING, with_areas=True)
        change = make(work)
        if not change.is_nothing:
            studio.commit(db, held, Deed(actor.id, kind, stroke.key), change)
        work = Work(held, sight(db, actor, held), actor)  # the new area is in sight too
        return work.answer(plan_cells.cells_of(held.book, change.rows), with_areas=True)


def _rows(work: Work, stroke: Stroke) -> Rows:
    places = work.seen(places_asked(work.held, stroke.cells))
    return work.within(plan_cells.units_at(work.held.book, places))


def _created(work: Work, area: Area, stroke: Stroke) -> Change:
    """A new area, with the units given to it that may leave where they are."""
    draft = work.held.draft
    made = drafts.create_area(draft, area)
    rows = _rows(work, stroke)
    leaving, refused = drafts.paint(draft, rows, NO_AREA, mine=work.own.areas)
    kept = np.concatenate([NOTHING, *(one.rows for one in refused)])
    free = np.setdiff1d(np.union1d(leaving.rows, rows[draft.area[rows] == NO_AREA]), kept)
    free = free[~draft.locked[free]]
    place = np.full(len(free), len(draft.areas), dtype=np.int32)
    return Change(free, draft.area[free], place, made.areas)
