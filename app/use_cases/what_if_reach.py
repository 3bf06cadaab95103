"""What the places that a draft assumes do to everybody's way: who gains and who loses."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.store.database import Database
from app.use_cases import assumed_travel, unit_figures
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.assumed_travel import Assumed
from app.use_cases.clock import now as clock_now
from app.use_cases.consequences import Drawing
from app.use_cases.draft_balance import weigh_draft
from app.use_cases.duties import holders_on
from app.use_cases.remember import remembered
from app.use_cases.service_map import facts_version
from grid_cells.consequences import Codes, Floats, Prepared, row_slots
from grid_cells.what_if import KINDS, Kind, reach_by_area


@dataclass(frozen=True)
class ReachChange:
    """Minutes to one kind of place, old (the plan in force, places as they are) against new.

    areas: by area_id, as `grid_cells.what_if.reach_by_area` tells them; plan: over all customers
    of units in sight.
    """

    kind: Kind
    areas: pd.DataFrame
    plan: "pd.Series[float]"


@needs("see_plans")
def reach_changes(db: Database, actor: Actor, plan_id: int) -> list[ReachChange]:
    """One for each kind of place that the draft assumes anything of; empty where of none."""
    assumed = assumed_travel.of_plan(db, plan_id)
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in assumed)]
    if not kinds:
        return []
    weighed = weigh_draft(db, actor, plan_id)
    key = ("reach_changes", db.whole.opened_as, db.seen_as, actor.role, plan_id, weighed.seq)
    stamp = (assumed, facts_version(db, clock_now(db)))
    ask = _Asker(db, actor, weighed.drawing)
    living = {weighed.areas[n].area_id: n for n in weighed.living}
    return remembered((*key, *stamp), lambda: [ask.about(kind, living) for kind in kinds])


@dataclass(frozen=True)
class _Asker:
    """A drawing, asked about the minutes of its customers."""

    db: Database
    actor: Actor
    drawing: Drawing

    def about(self, kind: Kind, living: dict[str, int]) -> ReachChange:
        drawing, now = self.drawing, clock_now(self.db)
        held = unit_figures.prepared(
            self.db, self.actor, basis=drawing.basis, units=drawing.units, now=now,
            plan_id=drawing.plan_id,
        )  # fmt: skip
        row, cell, people = _homes(held)
        size = len(drawing.areas)
        slots = tuple(row_slots(held, one, size)[row] for one in (drawing.before, drawing.after))
        minutes = tuple(
            self._minutes(kind, assumed, cell, slot)
            for assumed, slot in zip(((), drawing.assumed), slots, strict=True)
        )
        told = reach_by_area((slots[0], slots[1]), (minutes[0], minutes[1]), people, size)
        areas = told.iloc[list(living.values())].set_axis(pd.Index(list(living)))
        return ReachChange(kind, areas, told.iloc[-1])

    def _minutes(self, kind: Kind, assumed: Assumed, cell: Codes, slot: Codes) -> Floats:
        """Minutes of each row; from the base of the area's own crew where it has one."""
        now = clock_now(self.db)
        took = _of_cells(assumed_travel.minutes(self.db, kind, assumed, now), cell)
        if kind != "crew":
            return took
        by_crew = assumed_travel.by_crew(self.db, assumed, now)
        for place, crew in self._crews().items():
            if crew in by_crew:
                mine = slot == place
                took[mine] = _of_cells(by_crew[crew], cell[mine])
        return took

    def _crews(self) -> dict[int, str]:
        place = {area.area_id: n for n, area in enumerate(self.drawing.areas)}
        held = holders_on(self.db.read(), self.drawing.on or clock_now(self.db))
        held = held[(held["duty"] == "repair") & held["area_id"].isin(place)]
        return {place[a]: str(c) for a, c in zip(held["area_id"], held["holder_id"], strict=True)}


def _homes(held: Prepared) -> tuple[Codes, Codes, Floats]:
    """Row, cell and number of the customers who live together; who is pinned is left out."""
    links, followers = held.figures.cell_links, held.figures.followers
    rows = held.units + np.arange(len(followers))
    return (
        np.concatenate([links["unit"].to_numpy(np.int64), rows]),
        np.concatenate([links["cell_id"].to_numpy(np.int64), followers.index.to_numpy(np.int64)]),
        np.concatenate([
            links["customers"].to_numpy(np.float64), followers["customers"].to_numpy(np.float64),
        ]),
    )  # fmt: skip


def _of_cells(minutes: pd.DataFrame, cell: Codes) -> Floats:
    held = minutes.drop_duplicates("cell_id").set_index("cell_id")["value"]
    return held.reindex(cell).to_numpy(np.float64, copy=True)
