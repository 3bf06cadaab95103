"""An area cut into two halves of about the same weight, each in one piece."""

from typing import Final, cast

import numpy as np

from app.store import drafts as store
from app.store.database import Database
from app.use_cases import plan_graphs, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import Basis
from app.use_cases.drafts import check_new_area, sight
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.stroke_answers import NOTHING, Answer, Work
from app.use_cases.strokes import Stroke
from grid_cells import drafts, plan_cells
from grid_cells.area_wishes import Wishes
from grid_cells.drafts import Area
from grid_cells.errors import UserError
from grid_cells.proposal import candidates
from grid_cells.unit_graph import Ints, part_of, pieces

HALVES: Final = 2
HALVING_SEEDS: Final = (0, 1, 2, 3)


@needs("draw_plans")
def halve(db: Database, actor: Actor, stroke: Stroke, area_id: str, new: Area) -> Answer:
    """Make a new area of the lighter half of an area's units, both halves in one piece.

    As one stroke that can be undone. Locked units, and those out of sight, stay where they are.
    Raises UserError `split_too_small`, `split_apart` for an area in several pieces,
    `split_not_found`, or `area_locked`.
    """
    check_new_area(db, actor, new, asked="area_halves.halve")
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        work = Work(held, sight(db, actor, held), actor)
        place = work.place_of(area_id)
        if stroke.key in held.keys:
            return work.answer(NOTHING, with_areas=True)
        rows = _lighter_half(db, work, place)
        change = drafts.split_area(held.draft, place, rows, new)
        studio.commit(db, held, studio.Deed(actor.id, "split", stroke.key), change)
        work = Work(held, sight(db, actor, held), actor)  # the new area is in sight too
        return work.answer(plan_cells.cells_of(held.book, change.rows), with_areas=True)


def _lighter_half(db: Database, work: Work, place: int) -> Ints:
    held, area = work.held, work.held.draft.areas[place]
    if area.is_locked:
        raise UserError("area_locked", area=area.name)
    rows = np.flatnonzero(held.draft.area == place)
    if len(rows) < HALVES:
        raise UserError("split_too_small", area=area.name)
    facts = store.facts(db.whole.read(), held.plan_id) or {}
    living = held.draft.living
    weight = str(facts.get("weight", "customers"))
    by = PlanUnits(cast("Basis", held.basis), held.units[living], weight)
    graph = plan_graphs.graph(db, work.actor, by, clock_now(db))
    graph = part_of(graph, np.searchsorted(living, rows))
    count, _ = pieces(graph, kept=np.ones(len(graph.left), dtype=bool))
    if count > 1:
        raise UserError("split_apart", area=area.name, pieces=count)
    stays = held.draft.locked[rows] | ~np.isin(rows, work.within(rows))
    wishes = Wishes(areas=HALVES, tolerance=0.05, fixed=np.where(stays, 0, -1))
    found = min(candidates(graph, wishes, seeds=HALVING_SEEDS), key=lambda one: one.rank)
    first = found.labels == 0
    lighter = (
        ~first if stays.any() or graph.weight[first].sum() >= graph.weight.sum() / 2 else first
    )
    if found.balance.stray_pieces or not lighter.any() or lighter.all():
        raise UserError("split_not_found", area=area.name)
    half: Ints = rows[lighter]
    return half
