"""What proposed areas are asked to respect, as units of a plan: seats, and upper units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from app.store import places
from app.store import units as unit_store
from app.store.database import Database
from app.use_cases import plan_graphs, unit_figures
from app.use_cases.actors import Actor
from app.use_cases.draft_origin import Basis
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.units import levels
from grid_cells.distance import offset_m
from grid_cells.errors import UserError
from grid_cells.unit_graph import Ints, UnitGraph
from grid_cells.upper_units import above, nearest_known

SEATS: Final = {"halls": "hall", "crews": "crew"}
"""Places that can each have an area of their own, as the store calls them."""


@dataclass(frozen=True)
class ProposalWish:
    """What is asked for: how many areas, by which units, balanced on what, how closely.

    areas: how many, 0 for as many as there are; target_weight: weight wished for each instead.
    weight: a measure or a mix, as `PlanUnits` has it. seats: "halls" or "crews", which come to
    lie in an area of their own each. within: the level of upper units that no area crosses.
    """

    areas: int = 0
    tolerance: float = 0.05
    seeds: Sequence[int] = (0,)
    basis: Basis | None = None
    weight: str = "customers"
    name: str = ""
    target_weight: float | None = None
    seats: str | None = None
    within: str | None = None

    def count(self, weight: float, otherwise: int = 0) -> int:
        """How many areas to draw where their units weigh as much together, one at least.

        Raises UserError `plan_target_weight` (weight).
        """
        if self.target_weight is None:
            return self.areas or otherwise
        if not 0 < self.target_weight < np.inf:
            raise UserError("plan_target_weight", weight=self.target_weight)
        return max(round(weight / self.target_weight), 1)


def seats(db: Database, units: PlanUnits, kind: str, now: datetime) -> Ints:
    """Positions of the units in which the halls or crew bases lie, one for each place.

    A place outside every unit belongs to the nearest. Raises UserError `plan_seats_unknown`
    (seats, known) and `plan_seats_none` (seats) where no such place is known.
    """
    if kind not in SEATS:
        raise UserError("plan_seats_unknown", seats=kind, known=", ".join(SEATS))
    found = places.points(db.read(), SEATS[kind]).drop_duplicates(["lon", "lat"])
    if found.empty:
        raise UserError("plan_seats_none", seats=kind)
    inside = np.full(len(found), -1, dtype=np.int64)
    if units.basis == "cell":
        inside = units.ids.get_indexer(pd.Index(found["cell_id"])).astype(np.int64)
    lon, lat = plan_graphs.positions(db, units, now)
    middle = float(np.nanmean(lon)), float(np.nanmean(lat))
    tree = cKDTree(np.column_stack(offset_m(*middle, lon, lat)))
    spots = offset_m(*middle, found["lon"].to_numpy(), found["lat"].to_numpy())
    nearest = tree.query(np.column_stack(spots))[1]
    return np.where(inside >= 0, inside, nearest).astype(np.int64)


def uppers(
    db: Database,
    actor: Actor,
    units: PlanUnits,
    graph: UnitGraph,
    level_and_now: tuple[str, datetime],
) -> Ints:
    """Code of the station, county … whose network most customers of each unit hang on.

    A unit of nobody's network goes with the nearest that has one. Raises UserError
    `plan_level_unknown` (level, known) where no unit of the plan lies below one of that level.
    """
    level, now = level_and_now
    figures = unit_figures.figures(db, actor, basis=units.basis, units=units.ids, now=now)
    tree = unit_store.list_units(db.whole)
    codes, named = pd.factorize(figures.units["upper_unit"].map(above(tree, level)))
    if not len(named):
        raise UserError("plan_level_unknown", level=level, known=", ".join(levels(db, actor)))
    return nearest_known(codes.astype(np.int64), graph.x, graph.y)
