"""Cells of a draft divided where the city is dense and merged where it is empty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.store import meta
from app.store.database import Database
from app.use_cases import studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.drafts import sight
from app.use_cases.stroke_answers import Answer, Work
from app.use_cases.strokes import Stroke, places_asked
from app.use_cases.studio import Deed, Studio
from grid_cells import draft_parts, drafts, plan_cells
from grid_cells.cell_parts import limits, parent_of
from grid_cells.cells import Cells, hex_to_cells, resolutions
from grid_cells.draft_parts import Hands, Parting
from grid_cells.drafts import Refused, Rows
from grid_cells.errors import UserError

MERGED_MIXED: Final = "cells_merged_mixed"
Make = Callable[[Studio, Rows, Hands], Parting]


@dataclass(frozen=True)
class Suggested:
    """Cells that could be parted: what to ask for, and how many cells there would be instead."""

    cells: list[int]
    instead: int


@needs("draw_plans")
def divide(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    """Divide the stroke's cells into their children, each with the area of its cell.

    Raises UserError `plan_cells_only` for a plan by transformers.
    """
    finest = limits(meta.resolution(db.whole.read()))[1]

    def make(held: Studio, rows: Rows, hands: Hands) -> Parting:
        return draft_parts.divide(held.draft, cells_of(held), draft_parts.Wish(rows, finest, hands))

    return _done(db, actor, stroke, "divide", make)


@needs("draw_plans")
def merge(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    """Merge the stroke's cells with their siblings into their parents.

    A parent goes to the area with most of its customers; the answer tells of those whose cells
    were in several areas. Raises UserError `plan_cells_only` for a plan by transformers.
    """
    coarsest = limits(meta.resolution(db.whole.read()))[0]

    def make(held: Studio, rows: Rows, hands: Hands) -> Parting:
        wish = draft_parts.Wish(rows, coarsest, hands)
        return draft_parts.merge(held.draft, cells_of(held), wish, customers_of(held))

    return _done(db, actor, stroke, "merge_cells", make)


def _done(db: Database, actor: Actor, stroke: Stroke, kind: str, make: Make) -> Answer:
    held = studio.of_plan(db, stroke.plan_id)
    check_by_cells(held)
    with held.lock:
        asked = places_asked(held, stroke.cells)
        work = Work(held, sight(db, actor, held), actor)
        if stroke.key in held.keys:
            return work.answer(asked)
        rows = work.within(plan_cells.units_at(held.book, work.seen(asked)))
        others = drafts.changed_by_others(held.draft, held.log, actor.id, stroke.seen)
        found = make(held, rows, Hands(others, work.own.rows, work.own.areas))
        refused = work.by_cells([*found.refused])
        notes = [Refused(found.mixed, MERGED_MIXED)] if len(found.mixed) else []
        told = work.by_cells(notes)
        if not found.change.is_nothing:
            studio.commit(db, held, Deed(actor.id, kind, stroke.key), found.change, new=found.cells)
        work = Work(held, sight(db, actor, held), actor)
        return work.answer(plan_cells.cells_of(held.book, found.change.rows), refused, notes=told)


@needs("draw_plans")
def over(db: Database, actor: Actor, plan_id: int, customers: int) -> Suggested:
    """Cells of a draft with more customers than that which may still be divided."""
    held = _of(db, plan_id)
    with held.lock:
        finest = limits(meta.resolution(db.whole.read()))[1]
        rows = _mine(db, actor, held)
        people, cells = customers_of(held)[rows], cells_of(held)[rows]
        found = cells[(people > customers) & (resolutions(cells) < finest)]
    return Suggested(found.tolist(), 7 * len(found))


@needs("draw_plans")
def empty(db: Database, actor: Actor, plan_id: int) -> Suggested:
    """Cells of a draft in which, as in all their siblings, nobody lives and all are of one area."""
    held = _of(db, plan_id)
    with held.lock:
        coarsest = limits(meta.resolution(db.whole.read()))[0]
        rows = _mine(db, actor, held)
        cells = cells_of(held)
        rows = rows[resolutions(cells[rows]) > coarsest]
        wished = draft_parts.mergeable(held.draft, cells, rows, customers_of(held))
        found = cells[wished]
    return Suggested(found.tolist(), len(np.unique(parent_of(found))))


def _mine(db: Database, actor: Actor, held: Studio) -> Rows:
    """Living units that the person may change: none locked, none in a locked area."""
    own, draft = sight(db, actor, held), held.draft
    rows = draft.living if own.rows is None else draft.living[own.rows[draft.living]]
    found: Rows = rows[drafts.reasons_against(draft, rows, mine=own.areas) == 0]
    return found


def _of(db: Database, plan_id: int) -> Studio:
    held = studio.of_plan(db, plan_id)
    check_by_cells(held)
    return held


def named(texts: Sequence[str]) -> list[int]:
    """Cells by their names; raises UserError `cell_unreadable` for the first that is none."""
    cells: list[int] = hex_to_cells(list(texts)).tolist()
    for text, cell in zip(texts, cells, strict=True):
        if cell == 0:
            raise UserError("cell_unreadable", cell=text)
    return cells


def check_by_cells(held: Studio) -> None:
    """Raise UserError `plan_cells_only` where the plan's units are transformers."""
    if held.basis != "cell":
        raise UserError("plan_cells_only")


def cells_of(held: Studio) -> Cells:
    """The H3 cell of each unit of a draft by cells."""
    cells: Cells = held.units.to_numpy(dtype=np.int64)
    return cells


def customers_of(held: Studio) -> Rows:
    """Customers of each unit of a draft by cells, 0 for those that are gone."""
    book = held.book
    counted: Rows = np.append(book.customers, 0)
    found: Rows = counted[book.home]  # NOWHERE reads the last one
    return found
