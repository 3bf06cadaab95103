"""Proposals for the areas of a draft: sketched, compared, and one of them drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from app.store.database import Database
from app.use_cases import plan_graphs, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import Basis
from app.use_cases.drafts import Sight, sight
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.proposals import ProposalWish, distinct
from app.use_cases.strokes import Stroke
from app.use_cases.studio import Studio
from grid_cells import drafts
from grid_cells.area_wishes import Wishes
from grid_cells.drafts import Area
from grid_cells.errors import UserError
from grid_cells.proposal import Proposal, candidates, match_areas
from grid_cells.unit_graph import Ints, UnitGraph


@dataclass(frozen=True)
class Sketch:
    """A proposal for the areas of a draft, not yet taken, and how good it is.

    labels: place in the draft's areas by row of the draft, as they were at change `seq` where the
    proposal leaves them; customers_moved: against the draft as it stood.
    """

    labels: Ints
    seq: int
    largest_deviation: float
    stray_pieces: int
    cut_edges: int
    customers_moved: int
    is_within: bool
    too_heavy: int


@needs("draw_plans")
def sketch(
    db: Database,
    actor: Actor,
    plan_id: int,
    wish: ProposalWish,
    *,
    progress: Callable[[float], None] | None = None,
) -> list[Sketch]:
    """Proposals for a draft's own areas, the best first; nothing is changed.

    Locked units and areas keep what they have; a person with a limited sight has only their own
    areas drawn anew. As many areas are drawn as the draft has.
    """
    held, now = studio.of_plan(db, plan_id), clock_now(db)
    with held.lock:
        draft, own = held.draft, sight(db, actor, held)
    rows = draft.living if own.rows is None else draft.living[own.rows[draft.living]]
    mine = [n for n, one in enumerate(draft.areas) if _is_open(one, n, own)]
    if not mine:
        raise UserError("plan_areas_few", areas=0)
    by = PlanUnits(cast("Basis", held.basis), held.units[rows], wish.weight)
    graph = plan_graphs.graph(db, actor, by, now)
    place = np.full(len(draft.areas) + 3, -1, dtype=np.int64)
    place[mine] = np.arange(len(mine))
    shut = np.array([*(one.is_locked for one in draft.areas), False, False, False])
    fixed = np.where(draft.locked[rows], place[draft.area[rows]], -1)
    closed = tuple(np.flatnonzero(shut[mine]).tolist())
    fixed = np.where(shut[draft.area[rows]], place[draft.area[rows]], fixed)
    wishes = Wishes(areas=len(mine), tolerance=wish.tolerance, fixed=fixed, closed=closed)
    found = distinct(list(candidates(graph, wishes, seeds=list(wish.seeds), tell=progress)))
    ground = (held, rows, np.array(mine), place[draft.area[rows]])
    return [_sketched(graph, ground, one) for one in sorted(found, key=lambda one: one.rank)]


def _is_open(area: Area, place: int, own: Sight) -> bool:
    return not area.is_deleted and (own.areas is None or bool(own.areas[place]))


def _sketched(graph: UnitGraph, ground: tuple[Studio, Ints, Ints, Ints], found: Proposal) -> Sketch:
    """The proposal in the draft's own numbers, its areas named so that the fewest move."""
    held, rows, mine, now = ground
    old = match_areas(now, found.labels, graph.weight)
    spare = iter(np.setdiff1d(np.arange(len(mine)), old[old >= 0]).tolist())
    name = np.array([one if one >= 0 else next(spare) for one in old.tolist()], dtype=np.int64)
    labels = held.draft.area.astype(np.int64).copy()
    placed = found.labels >= 0
    labels[rows[placed]] = mine[name[found.labels[placed]]]
    moved = labels[rows] != held.draft.area[rows]
    balance = found.balance
    return Sketch(
        labels, held.draft.seq, balance.largest_deviation, balance.stray_pieces,
        balance.cut_edges, int(graph.weight[moved].sum()), found.is_within,
        len(balance.too_heavy),
    )  # fmt: skip


@needs("draw_plans")
def take(db: Database, actor: Actor, stroke: Stroke, chosen: Sketch) -> None:
    """Draw a proposal into its draft, as one stroke that can be undone.

    Raises UserError `plan_changed_meanwhile` where somebody drew since it was made.
    """
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        if held.draft.seq != chosen.seq:
            raise UserError("plan_changed_meanwhile")
        own = sight(db, actor, held)
        change = drafts.relabel(held.draft, chosen.labels.astype(np.int32))
        if own.rows is not None and not own.rows[change.rows].all():
            raise UserError("plan_changed_meanwhile")
        if not change.is_nothing:
            studio.commit(db, held, studio.Deed(actor.id, "propose", stroke.key), change)
