"""Proposals for the areas of a draft: sketched, compared, and one of them drawn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import cast

import numpy as np

from app.store import plans
from app.store.database import Database
from app.use_cases import open_parts, plan_graphs, plan_wishes, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import Basis
from app.use_cases.drafts import check_new_area, sight
from app.use_cases.open_parts import AreaChange, Part, Redrawn
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.plan_wishes import ProposalWish
from app.use_cases.proposals import distinct, free_codes
from app.use_cases.strokes import Stroke
from grid_cells.area_wishes import Wishes
from grid_cells.draft_edits import PROPOSE
from grid_cells.drafts import Area, Draft
from grid_cells.errors import UserError
from grid_cells.proposal import Proposal, candidates, match_kept
from grid_cells.unit_graph import Floats, Ints, UnitGraph


@dataclass(frozen=True)
class Sketch:
    """A proposal for the areas of a draft, not yet taken, and how good it is.

    areas: how many it has; customers_moved: against the draft as it stood.
    """

    redrawn: Redrawn
    areas: int
    largest_deviation: float
    stray_pieces: int
    cut_edges: int
    customers_moved: int
    is_within: bool
    too_heavy: int


@dataclass(frozen=True)
class _Ground:
    """What is drawn on: the draft as it stood, the part that may change, its graph and people.

    kept: how many of the part's areas, the first ones, keep something in any case; closed: how
    many of these, the very first, are locked.
    """

    draft: Draft
    part: Part
    kept: int
    closed: int
    units: PlanUnits
    graph: UnitGraph
    people: Floats

    @property
    def fixed(self) -> Ints:
        """Area of each unit that stays in it, -1 for the others."""
        labels = self.part.labels
        stays = self.part.locked | ((labels >= 0) & (labels < self.closed))
        return np.where(stays, labels, -1)


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
    areas drawn anew. As many areas are drawn as the draft has, unless more or fewer are wished:
    new ones are made, and those that continue in none are deleted. Raises UserError as
    `proposals.propose`, and `plan_areas_fewer_than_locked` (areas, locked).
    """
    now = clock_now(db)
    ground = _ground(db, actor, plan_id, wish, now)
    wishes = _wishes(db, actor, ground, wish, now)
    new = _new_areas(db, actor, ground, wishes.areas - len(ground.part.mine))
    found = distinct(list(candidates(ground.graph, wishes, seeds=list(wish.seeds), tell=progress)))
    return [_sketched(ground, new, one) for one in sorted(found, key=lambda one: one.rank)]


def _ground(db: Database, actor: Actor, plan_id: int, wish: ProposalWish, now: datetime) -> _Ground:
    held = studio.of_plan(db, plan_id)
    draft = held.draft
    part = open_parts.part_of(draft, sight(db, actor, held), with_locked_areas=True)
    part = part.without(part.locked & (part.labels < 0))
    shut = np.array([draft.areas[place].is_locked for place in part.mine])
    keeps = np.isin(np.arange(len(part.mine)), part.labels[part.locked])
    part = part.in_order(np.lexsort((~keeps, ~shut)))
    units = PlanUnits(cast("Basis", held.basis), held.units[part.rows], wish.weight)
    graph = plan_graphs.graph(db, actor, units, now, strict=True)
    people = plan_graphs.weights(db, actor, replace(units, weight=plan_graphs.PEOPLE), now)
    kept, closed = int((shut | keeps).sum()), int(shut.sum())
    return _Ground(draft, part, kept, closed, units, graph, people)


def _wishes(
    db: Database, actor: Actor, ground: _Ground, wish: ProposalWish, now: datetime
) -> Wishes:
    fixed = ground.fixed
    is_open = (fixed < 0) | (fixed >= ground.closed)
    count = wish.count(float(ground.graph.weight[is_open].sum()), len(ground.part.mine))
    count += ground.closed if wish.target_weight is not None else 0
    if count < ground.kept:
        raise UserError("plan_areas_fewer_than_locked", areas=count, locked=ground.kept)
    seats = within = None
    if wish.seats is not None:
        seats = plan_wishes.seats(db, ground.units, wish.seats, now)
        seats = seats[is_open[seats]]  # a locked area keeps its own
    if wish.within is not None:
        within = plan_wishes.uppers(db, actor, ground.units, ground.graph, (wish.within, now))
    return Wishes(
        areas=count, tolerance=wish.tolerance, fixed=fixed, closed=tuple(range(ground.closed)),
        seats=seats, within=within,
    )  # fmt: skip


def _new_areas(db: Database, actor: Actor, ground: _Ground, count: int) -> list[Area]:
    """Areas under the next free codes; in the same part of the company as the first one there."""
    taken = {area.area_id for area in ground.draft.areas} | set(plans.area_ids(db.whole.read()))
    codes = islice(free_codes(taken), max(count, 0))
    unit = ground.draft.areas[ground.part.mine[0]].unit_id
    made = [Area(code, code, unit_id=unit) for code in codes]
    for area in made:
        check_new_area(db, actor, area, asked="sketches.sketch")
    return made


def _sketched(ground: _Ground, new: list[Area], found: Proposal) -> Sketch:
    """The proposal in the draft's own numbers, its areas named so that the fewest move."""
    draft, part, count = ground.draft, ground.part, len(found.targets)
    old = match_kept(part.labels, found.labels, ground.people, kept=ground.kept)
    old = np.append(old, np.full(count - len(old), -1))
    left = np.setdiff1d(np.arange(len(part.mine)), old)
    free = [*part.mine[left].tolist(), *range(len(draft.areas), len(draft.areas) + len(new))]
    spare = iter(free)
    place_of = np.array([int(part.mine[one]) if one >= 0 else next(spare) for one in old.tolist()])
    places = part.in_draft(draft, found.labels, place_of)
    balance = found.balance
    return Sketch(
        Redrawn(places, draft.seq, _area_changes(draft, places, new, list(spare))), count,
        balance.largest_deviation, balance.stray_pieces, balance.cut_edges,
        int(ground.people[places[part.rows] != draft.area[part.rows]].sum()), found.is_within,
        len(balance.too_heavy),
    )  # fmt: skip


def _area_changes(
    draft: Draft, places: Ints, new: list[Area], left: list[int]
) -> tuple[AreaChange, ...]:
    """The new areas made, and those of the left ones deleted that have nothing any more."""
    made: list[AreaChange] = [(len(draft.areas) + n, None, one) for n, one in enumerate(new)]
    gone = np.setdiff1d(left, places)
    held = [(place, draft.areas[place]) for place in gone.tolist() if place < len(draft.areas)]
    return (*made, *((place, one, replace(one, is_deleted=True)) for place, one in held))


@needs("draw_plans")
def take(db: Database, actor: Actor, stroke: Stroke, chosen: Sketch) -> None:
    """Draw a proposal into its draft, as one stroke that can be undone.

    Raises UserError `plan_changed_meanwhile` where somebody drew since it was made.
    """
    open_parts.draw(db, actor, stroke, PROPOSE, chosen.redrawn)
