"""Two plans side by side: which cells change, who moves from where to where, what it comes to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import customers, plans
from app.store.database import Database
from app.use_cases import drawn_plans, plan_areas, small_cells, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.drawn_plans import Assigned, Drawn
from app.use_cases.duties import managers_on
from app.use_cases.hand_over import Changes
from app.use_cases.plan_areas import PlanAreas
from app.use_cases.remember import remembered
from app.use_cases.service_map import facts_version
from grid_cells import plan_diff
from grid_cells.colouring import colour_areas, neighbouring_areas
from grid_cells.errors import UserError

NO_PAIR: Final = 0xFFFF


@dataclass(frozen=True)
class Difference:
    """How the plan `after` differs from `before`, as far as the reader sees either.

    moves: old_area, new_area (missing: none), customers, cells, old_manager, new_manager; cells:
    cell_id, old_area, new_area of those that change; people: customer_no, old_area, new_area of
    the moved; use_types: use_type (missing: unknown), customers of the moved, NaN where too few to
    be told; names: area_id → name, HIDDEN standing for those out of sight; gone, new: areas only
    `before` or only `after` has; old, new_areas: both plans' areas with their figures.
    """

    before: int
    after: int
    moves: pd.DataFrame
    cells: pd.DataFrame
    people: pd.DataFrame
    use_types: pd.DataFrame
    names: dict[str, str]
    gone: list[str]
    new: list[str]
    old: PlanAreas
    new_areas: PlanAreas
    version: str

    @property
    def moved_customers(self) -> int:
        """Customers who would be in another area."""
        return int(self.moves["customers"].sum())

    @property
    def is_same(self) -> bool:
        """Whether nobody and nothing is in another area, and no area comes or goes."""
        return self.moves.empty and not self.gone and not self.new

    def changes(self, now: datetime) -> Changes:
        """The moved customers as the lists of who hands over want them."""
        return Changes(self.people.rename(columns={"customer_no": "unit"}), "customer", now)


@needs("see_plans")
def compare(db: Database, actor: Actor, after: int, before: int | None = None) -> Difference:
    """How a plan differs from another, or from the one in force.

    Raises UserError `plan_unknown`, and `plan_none_in_force` where there is none to compare with.
    """
    now = clock_now(db)
    other = before if before is not None else in_force(db, now)
    if other is None:
        raise UserError("plan_none_in_force")
    drawn = [drawn_plans.of_plan(db, one, now) for one in (other, after)]
    version = _version(db, drawn, now)
    key = ("plan_diff", db.whole.opened_as, db.seen_as, actor.role, other, after, version)
    return remembered(key, lambda: _compared(db, actor, drawn, now, version))


def _version(db: Database, drawn: list[Drawn], now: datetime) -> str:
    """A word that changes with either plan and with the facts."""
    parts = (
        *(one.version for one in drawn),
        facts_version(db, now),
        studio.links_version(db.whole),
    )
    return f"{pd.util.hash_array(np.array(['|'.join(parts)], dtype=object))[0]:x}"


def _compared(
    db: Database, actor: Actor, drawn: list[Drawn], now: datetime, version: str
) -> Difference:
    old, new = _seen_sides(db, drawn, now)
    people = plan_diff.changed_people(old.people, new.people)
    cells = plan_diff.changed_cells(old.cells, new.cells)
    areas = [plan_areas.areas_of(db, actor, one.plan_id) for one in drawn]
    gone, added = plan_diff.gone_and_new(areas[0].areas.index, areas[1].areas.index)
    return Difference(
        drawn[0].plan_id, drawn[1].plan_id,
        _with_managers(db, plan_diff.move_table(people, cells), now), cells, people,
        _use_types(db, actor, people), _names(db, drawn), gone, added, areas[0], areas[1],
        version,
    )  # fmt: skip


def _seen_sides(db: Database, drawn: list[Drawn], now: datetime) -> list[Assigned]:
    """Both plans' customers and cells, areas out of sight under one name."""
    sides = []
    for one in drawn:
        held, seen = drawn_plans.assigned(db, one, now), drawn_plans.in_sight(db, one)
        sides.append(
            Assigned(plan_diff.hidden(held.people, seen), plan_diff.hidden(held.cells, seen))
        )
    return sides


def _names(db: Database, drawn: list[Drawn]) -> dict[str, str]:
    """Names of the areas in sight of either plan, and HIDDEN where there are others."""
    named: dict[str, str] = {}
    for one in drawn:
        seen = drawn_plans.in_sight(db, one)
        for area_id, name in one.names().items():
            is_seen = seen is None or area_id in seen
            named |= {area_id: name} if is_seen else {plan_diff.HIDDEN: plan_diff.HIDDEN}
    return named


def _with_managers(db: Database, moves: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The moves with old_manager and new_manager: names, missing where vacant."""
    held = managers_on(db.read(), now)["name"]
    told = {
        f"{side}_manager": held.reindex(moves[f"{side}_area"]).to_numpy(object)
        for side in ("old", "new")
    }
    return moves.assign(**told)


def _use_types(db: Database, actor: Actor, people: pd.DataFrame) -> pd.DataFrame:
    """Moved customers by use type; too few of a type are not told to who may see no households."""
    counted = customers.count_use_types(db.read(), people[["customer_no"]])
    counted["customers"] = counted["customers"].astype("float64")
    if small_cells.hidden_from(actor):
        few = counted["customers"] < small_cells.least(db)
        counted["customers"] = counted["customers"].mask(few)
    return counted


@dataclass(frozen=True)
class ComparedCells:
    """Every cell in sight for the map.

    cells: cell_id, pair (place in `pairs`, NO_PAIR in no area in either plan), customers; pairs:
    old_area, new_area (missing: none), cells, is_changed, colour (that of the new area, so that
    neighbours differ; -1 in none); names: as in `Difference`; version: a word that changes with
    any of it.
    """

    cells: pd.DataFrame
    pairs: pd.DataFrame
    names: dict[str, str]
    version: str


@needs("see_plans")
def compared_cells(db: Database, actor: Actor, after: int, before: int) -> ComparedCells:
    """Each cell with its area in both plans; raises UserError `plan_unknown`."""
    now = clock_now(db)
    drawn = [drawn_plans.of_plan(db, one, now) for one in (before, after)]
    version = _version(db, drawn, now)
    key = ("compared", db.whole.opened_as, db.seen_as, actor.role, before, after, version)
    return remembered(key, lambda: _compared_cells(db, drawn, now, version))


def _compared_cells(db: Database, drawn: list[Drawn], now: datetime, version: str) -> ComparedCells:
    old, new = _seen_sides(db, drawn, now)
    both = plan_diff.both_sides(old.cells, new.cells)
    both = both[both["cell_id"] != 0].reset_index(drop=True)
    pairs, number = plan_diff.pair_numbers(both)
    people = cell_store.customers(db.read()).set_index("cell_id")["value"]
    cells = pd.DataFrame(
        {
            "cell_id": both["cell_id"],
            "pair": np.where(number < 0, NO_PAIR, number),
            "customers": both["cell_id"].map(people).fillna(0).astype("float32"),
        }
    )
    ids = sorted({str(one) for one in new.cells["area_id"].dropna()})
    colours = colour_areas(neighbouring_areas(new.cells), ids)
    pairs["colour"] = pairs["new_area"].map(colours).fillna(-1).astype("int64")
    return ComparedCells(cells, pairs, _names(db, drawn), version)


def in_force(db: Database, at: datetime) -> int | None:
    """Number of the plan in force at that moment, None without one."""
    plan = plans.plan_at(db.whole.read(), at)
    return None if plan is None else int(plan["plan_id"])
