"""Any plan in one form, drawn here or loaded from a file, in force or not: who is in which area."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from app.store import drafts, meta, plans
from app.store import scope as scope_store
from app.store.database import Database
from app.store.scope import ScopedDatabase
from app.use_cases import cell_parts, studio
from app.use_cases.draft_origin import areas_held, plan_end
from app.use_cases.remember import remembered
from app.use_cases.studio import Studio, areas_of, claims_of
from grid_cells.assignment import assign_customers, cell_areas
from grid_cells.errors import UserError
from grid_cells.plan_life import PUBLISHED


@dataclass(frozen=True)
class Drawn:
    """A plan as it is drawn.

    claims: transformer_id, cell_id (0 where none), area_id; overrides as in the store; areas:
    area_id, name, hall_id, unit_id; version: a word that changes with any of them. overrides_of:
    the plan whose overrides these are, None for the plan in force.
    """

    plan_id: int
    basis: str
    claims: pd.DataFrame
    overrides: pd.DataFrame
    areas: pd.DataFrame
    version: str
    overrides_of: int | None = None

    def names(self) -> dict[str, str]:
        """The areas' names by their ids."""
        named = self.areas["name"].fillna(self.areas["area_id"])
        return dict(zip(self.areas["area_id"], named, strict=True))


@dataclass(frozen=True)
class Assigned:
    """Who and what is in which area: people (customer_no, area_id), cells (cell_id, area_id)."""

    people: pd.DataFrame
    cells: pd.DataFrame


def of_plan(db: Database, plan_id: int, now: datetime) -> Drawn:
    """The plan of that number; raises UserError `plan_unknown`."""
    connection = db.whole.read()
    plan = plans.plan_row(connection, plan_id)
    if plan is None:
        raise UserError("plan_unknown", plan=plan_id)
    if plan["status"] != PUBLISHED:
        return _of_draft(db, studio.of_plan(db, plan_id), now)
    begins = plan["valid_from"]
    at = plan_end(plan, now if begins is None else max(now, begins))
    claims = plans.claims_at(connection, plan_id, at)
    return Drawn(
        plan_id, str(plan["basis"]), claims, plans.overrides_at(connection, plan_id, at),
        areas_held(connection, plan_id, claims), plans.claims_stamp(connection, plan_id, at),
        plan_id,
    )  # fmt: skip


def _of_draft(db: Database, held: Studio, now: datetime) -> Drawn:
    """A draft with the overrides of the plan it was begun from, as they will be carried on."""
    connection = db.whole.read()
    based_on = (drafts.facts(connection, held.plan_id) or {}).get("based_on")
    areas = areas_of(held)
    overrides = plans.overrides_at(connection, int(based_on or 0), now)
    kept = overrides[overrides["area_id"].isin(areas["area_id"])]
    return Drawn(held.plan_id, held.basis, claims_of(held), kept, areas, str(held.draft.seq))


def in_sight(db: Database, drawn: Drawn) -> frozenset[str] | None:
    """Ids of the plan's areas that this sight of the database shows; None where it shows all."""
    if not isinstance(db, ScopedDatabase):
        return None
    units = {unit for unit, _ in scope_store.units_of(db.read())}
    mine = drawn.areas[drawn.areas["unit_id"].isin(units)]["area_id"]
    return frozenset(one for one in mine if db.scope.area_id in (None, one))


def assigned(db: Database, drawn: Drawn, now: datetime) -> Assigned:
    """Customers and cells in sight with their areas; who lives elsewhere is not even counted."""
    key = (
        "drawn", db.whole.opened_as, db.seen_as, drawn.plan_id, drawn.version,
        studio.links_version(db.whole), meta.facts_version(db.whole),
    )  # fmt: skip
    return remembered(key, lambda: _assigned(db, drawn, now))


def _assigned(db: Database, drawn: Drawn, now: datetime) -> Assigned:
    people = cell_parts.to_assign(db.read(), drawn.claims, now)
    found = assign_customers(
        people, basis=drawn.basis, claims=drawn.claims, overrides=drawn.overrides
    )
    cells = cell_areas(people, found, basis=drawn.basis, claims=drawn.claims)
    if db.whole is not db:
        cells = cells[cells["cell_id"].isin(people["cell_id"])]
    return Assigned(found[["customer_no", "area_id"]], cells[["cell_id", "area_id"]])
