"""A draft mended: in one piece each and within the tolerance, with the fewest customers moved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from app.store import drafts as store
from app.store.database import Database
from app.use_cases import open_parts, plan_graphs, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import Basis
from app.use_cases.drafts import TOLERANCE, WEIGHT, sight
from app.use_cases.open_parts import Part, Redrawn
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.strokes import Stroke
from app.use_cases.studio import Studio
from grid_cells.balance import Balance, weigh
from grid_cells.cells import cells_to_hex
from grid_cells.draft_edits import drawn_by_hand
from grid_cells.drafts import Draft
from grid_cells.repair import Limits, Repair, repair
from grid_cells.repair_reasons import Reason
from grid_cells.unit_graph import Floats, Ints, UnitGraph, sum_by

REPAIR = "repair"


@dataclass(frozen=True)
class RepairWish:
    """What is asked of a repair; tolerance and weight as the draft has them where None.

    keeps_edits: units drawn by hand since the draft began, or since the last proposal, stay.
    """

    tolerance: float | None = None
    weight: str | None = None
    keeps_edits: bool = True


@dataclass(frozen=True)
class Why:
    """Why a plan stays beyond its limits: a code of the catalogues, the area's name, the unit."""

    code: str
    area: str = ""
    unit: str = ""
    deviation: float | None = None


@dataclass(frozen=True)
class Mending:
    """A draft mended and not yet drawn, and what drawing it would do.

    deviation (largest, a share) and stray pieces before and after; areas, of those that change or
    miss the tolerance: area_id, name, customers_in, customers_out, units_in, units_out,
    off_before, off_after (shares); free: units in no area or in two; kept: units that stay
    because they were drawn by hand. is_within: nothing is left to mend; else `why`.
    """

    redrawn: Redrawn
    moved_customers: int
    moved_units: int
    deviation_before: float
    deviation_after: float
    stray_before: int
    stray_after: int
    free_before: int
    free_after: int
    kept: int
    areas: pd.DataFrame
    is_within: bool
    why: tuple[Why, ...]


@dataclass(frozen=True)
class _Ground:
    """What is mended: the draft as it stood, the part in question, its graph and its people."""

    held: Studio
    draft: Draft
    part: Part
    graph: UnitGraph
    people: Floats


@dataclass(frozen=True)
class Terms:
    """What a draft is held to: the tolerance as a share, and what its areas are balanced on."""

    tolerance: float
    weight: str


@needs("draw_plans")
def terms(db: Database, actor: Actor, plan_id: int) -> Terms:  # noqa: ARG001 - whoever draws may ask
    """What that draft was begun with."""
    facts = store.facts(db.whole.read(), plan_id) or {}
    return Terms(float(facts.get("tolerance", TOLERANCE)), str(facts.get("weight", WEIGHT)))


@needs("draw_plans")
def suggest(
    db: Database,
    actor: Actor,
    plan_id: int,
    wish: RepairWish,
    *,
    progress: Callable[[float], None] | None = None,
) -> Mending:
    """What would mend a draft; nothing is changed.

    Locked units and areas stay as they are, and so does what lies out of sight; the open areas
    share the rest alike, an empty one included. Raises UserError `plan_unknown`,
    `plan_tolerance`, those of `plan_graphs.graph`, and `plan_nothing_open`.
    """
    hear = progress or _unheard
    held = studio.of_plan(db, plan_id)
    with held.lock:
        draft, by_hand = held.draft, drawn_by_hand(held.log, held.changes, len(held.units))
    hear(0.1)
    begun = terms(db, actor, plan_id)
    ground = _ground(db, actor, (held, draft), wish.weight or begun.weight)
    hear(0.4)
    part = ground.part
    tolerance = begun.tolerance if wish.tolerance is None else wish.tolerance
    drawn = by_hand[part.rows] & (part.labels >= 0) & wish.keeps_edits
    targets = np.full(len(part.mine), ground.graph.weight.sum() / len(part.mine))
    limits = Limits(targets, tolerance, frozen=part.locked | drawn, fills_empty=True)
    found = repair(ground.graph, part.labels, limits, heed=lambda: hear(0.5))
    hear(1.0)
    return _mending(ground, found, tolerance, kept=int((drawn & ~part.locked).sum()))


def _unheard(_done: float) -> None:
    pass


def _ground(db: Database, actor: Actor, drawn: tuple[Studio, Draft], weight: str) -> _Ground:
    (held, draft), now = drawn, clock_now(db)
    part = open_parts.part_of(draft, sight(db, actor, held), with_locked_areas=False)
    basis, ids = cast("Basis", held.basis), held.units[part.rows]
    graph = plan_graphs.graph(db, actor, PlanUnits(basis, ids, weight), now, strict=True)
    people = plan_graphs.weights(db, actor, PlanUnits(basis, ids), now)
    return _Ground(held, draft, part, graph, people)


def _mending(ground: _Ground, found: Repair, tolerance: float, *, kept: int) -> Mending:
    part = ground.part
    before = weigh(ground.graph, part.labels, found.balance.targets, tolerance=tolerance)
    moved = found.labels != part.labels
    return Mending(
        redrawn=Redrawn(part.in_draft(ground.draft, found.labels, part.mine), ground.draft.seq),
        moved_customers=int(ground.people[moved].sum()),
        moved_units=found.moved_units,
        deviation_before=before.largest_deviation,
        deviation_after=found.balance.largest_deviation,
        stray_before=before.stray_pieces,
        stray_after=found.balance.stray_pieces,
        free_before=before.unassigned,
        free_after=found.balance.unassigned,
        kept=kept,
        areas=_by_area(ground, found, before, tolerance),
        is_within=found.is_within,
        why=tuple(dict.fromkeys(_worded(ground, one) for one in found.why)),
    )


def _by_area(ground: _Ground, found: Repair, before: Balance, tolerance: float) -> pd.DataFrame:
    """What each area gains and loses; those that neither change nor miss the tolerance are left."""
    areas = [ground.draft.areas[place] for place in ground.part.mine]
    old, new = ground.part.labels, found.labels
    moved = old != new

    def counted(labels: Ints, each: Floats) -> Any:
        return sum_by(labels[moved], each[moved], len(areas)).astype(np.int64)

    one = np.ones(len(old))
    frame = pd.DataFrame(
        {
            "area_id": pd.Series([area.area_id for area in areas], dtype="str"),
            "name": pd.Series([area.name for area in areas], dtype="str"),
            "customers_in": counted(new, ground.people),
            "customers_out": counted(old, ground.people),
            "units_in": counted(new, one),
            "units_out": counted(old, one),
            "off_before": before.deviation,
            "off_after": found.balance.deviation,
        }
    )
    is_off = frame["off_after"].abs() > tolerance + 1e-9
    told = frame[(frame["units_in"] > 0) | (frame["units_out"] > 0) | is_off]
    return told.sort_values("off_before", key=abs, ascending=False, ignore_index=True)


def _worded(ground: _Ground, reason: Reason) -> Why:
    """The reason by names; of units without an area one stands for all of its kind."""
    if reason.area < 0:
        return Why(reason.code)
    unit = ground.held.units[ground.part.rows[reason.unit]] if reason.unit >= 0 else ""
    if ground.held.basis == "cell" and reason.unit >= 0:
        unit = cells_to_hex([int(unit)])[0]
    area = ground.draft.areas[ground.part.mine[reason.area]]
    return Why(reason.code, area.name, str(unit), reason.deviation)


@needs("draw_plans")
def take(db: Database, actor: Actor, stroke: Stroke, chosen: Mending) -> None:
    """Draw a repair into its draft, as one stroke that can be undone.

    Raises UserError `plan_changed_meanwhile` where somebody drew since it was made.
    """
    open_parts.draw(db, actor, stroke, REPAIR, chosen.redrawn)
