"""The areas of any plan, drawn here or loaded, in force or not, with their figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from app.store import drafts as store
from app.store.database import Database
from app.use_cases import cell_parts, drawn_plans, plan_graphs, unit_figures
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import Basis
from app.use_cases.drafts import TOLERANCE, WEIGHT
from app.use_cases.drawn_plans import Drawn
from app.use_cases.duties import holders_on, managers_on, repair_crews
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.remember import remembered
from app.use_cases.service_map import facts_version
from grid_cells.balance import Balance, weigh
from grid_cells.cell_parts import ancestors, refine, within
from grid_cells.consequences import consequences
from grid_cells.drafts import NO_AREA, Places
from grid_cells.plan_labels import labels
from grid_cells.unit_graph import UnitGraph

FIGURES: Final = ("customers", "hours", "deviation", "pieces", "crew_min_median")


@dataclass(frozen=True)
class PlanAreas:
    """The areas of a plan that are in sight, and what they come to.

    areas: by area_id in the plan's order: name, manager (missing: vacant), customers, hours a
    month, deviation (share of the mean area's weight, with its sign), pieces, crew_min_median
    (minutes from the crew base within which half of its customers are reached, NaN unknown).
    largest_deviation: the largest of them without its sign; hours: their sum; no_area_customers:
    customers in sight whom no area in sight, or several, claim.
    """

    areas: pd.DataFrame
    largest_deviation: float
    hours: float
    no_area_customers: int


@needs("see_plans")
def areas_of(db: Database, actor: Actor, plan_id: int) -> PlanAreas:
    """The plan's areas with their figures; raises UserError `plan_unknown`."""
    now = clock_now(db)
    drawn = drawn_plans.of_plan(db, plan_id, now)
    key = (
        "plan_areas", db.whole.opened_as, db.seen_as, actor.role, plan_id, drawn.version,
        facts_version(db, now), now.date(),
    )  # fmt: skip
    return remembered(key, lambda: _areas_of(db, actor, drawn, now))


def _areas_of(db: Database, actor: Actor, drawn: Drawn, now: datetime) -> PlanAreas:
    seen = drawn_plans.in_sight(db, drawn)
    every = drawn.areas if seen is None else drawn.areas[drawn.areas["area_id"].isin(seen)]
    ids = every["area_id"].tolist()
    claims = _claims(drawn)
    units = _units(db, drawn, claims, now)
    place = labels(_claimed(units, claims), claims, ids)
    prepared = unit_figures.prepared(
        db, actor, basis=drawn.basis, units=units, now=now, plan_id=drawn.overrides_of
    )
    crews = repair_crews(holders_on(db.read(), now), {one: n for n, one in enumerate(ids)})
    told = consequences(prepared, place, place, ids, crews=crews)
    weight = str((store.facts(db.whole.read(), drawn.plan_id) or {}).get("weight") or WEIGHT)
    by = PlanUnits(cast("Basis", drawn.basis), units, weight)
    balance = _balance(plan_graphs.graph(db, actor, by, now), place, len(ids))
    managers = managers_on(db.read(), now)["name"]
    names = drawn.names()
    frame = pd.DataFrame(
        {
            "name": [names[one] for one in ids],
            "manager": managers.reindex(ids).to_numpy(object),
            "customers": told.after["customers"].to_numpy(np.int64),
            "hours": told.after["hours"].to_numpy(np.float64),
            "deviation": balance.deviation,
            "pieces": balance.pieces,
            "crew_min_median": told.after["crew_min_median"].to_numpy(np.float64),
        },
        index=pd.Index(ids, dtype="str", name="area_id"),
    )
    lost = told.plan.loc[["after"], ["no_area_customers", "two_areas_customers"]].to_numpy().sum()
    return PlanAreas(frame, balance.largest_deviation, float(frame["hours"].sum()), int(lost))


def _claims(drawn: Drawn) -> pd.DataFrame:
    """What the plan claims: unit, area_id."""
    column = "transformer_id" if drawn.basis == "transformer" else "cell_id"
    stated = drawn.claims[[column, "area_id"]].rename(columns={column: "unit"}).dropna()
    return stated[stated["unit"] != 0]


def _units(db: Database, drawn: Drawn, claims: pd.DataFrame, now: datetime) -> "pd.Index[Any]":
    """Units where customers in sight live; and those without any, where all is in sight."""
    if drawn.basis == "cell":
        return _cells(db, claims["unit"].astype("int64"))
    links = store.unit_links(db.read(), drawn.basis, now)
    lived: pd.Index[Any] = pd.Index(links["unit"].astype("str").unique())
    if db is not db.whole:
        return lived
    every: pd.Index[Any] = lived.union(pd.Index(claims["unit"].astype("str").unique()))
    return every


def _cells(db: Database, claimed: pd.Series) -> "pd.Index[Any]":
    """Cells that stand for all ground once: those claimed, else the store's own."""
    lived = np.unique(within(cell_parts.lived(db), claimed))
    cells, _ = refine(lived, claimed)
    if db is db.whole:
        cells = np.union1d(cells, claimed[~claimed.isin(ancestors(claimed, 0))])
    return pd.Index(cells)


def _claimed(units: "pd.Index[Any]", claims: pd.DataFrame) -> "pd.Index[Any]":
    """The unit of the claims that speaks for each unit: coarser cells speak for those within."""
    if not pd.api.types.is_integer_dtype(units):
        return units
    return pd.Index(within(units.to_numpy(np.int64), claims["unit"].astype("int64")))


def _balance(graph: UnitGraph, place: Places, count: int) -> Balance:
    targets = np.full(count, graph.weight.sum() / max(count, 1))
    inside = np.maximum(place, NO_AREA).astype(np.int64)
    return weigh(graph, inside, targets, tolerance=TOLERANCE)
