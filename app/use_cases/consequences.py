"""What a draft does: figures old against new, and what the rules find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import scope
from app.store.database import Connection, Database
from app.use_cases import reference, unit_figures
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.assumed_travel import Assumed
from app.use_cases.duties import holders_on, repair_crews
from grid_cells import consequences as rules_of_figures
from grid_cells.consequences import Consequences, Prepared
from grid_cells.drafts import Area, Places
from grid_cells.plan_rules import Circumstances, Problem, problems
from grid_cells.unit_figures import UnitFigures

Pieces = NDArray[np.int64]


@dataclass(frozen=True)
class Drawing:
    """A draft and the plan in force over the same units, in the order of `units`.

    before, after: place in `areas` of each unit, below 0 in none or two. pieces, across: see
    `plan_rules.Circumstances`. on: the moment whose duties count, now where None. assumed: halls,
    banks and crew bases as the draft has them, which hold for `after`.
    """

    basis: str
    units: "pd.Index[Any]"
    before: Places
    after: Places
    areas: Sequence[Area]
    pieces: Pieces | None = None
    across: Pieces | None = None
    exceptions: frozenset[int] = frozenset()
    plan_id: int | None = None
    on: datetime | None = None
    assumed: Assumed = ()


@dataclass(frozen=True)
class Judged:
    """The consequences of a drawing, what speaks against it, and the figures behind both."""

    consequences: Consequences
    problems: list[Problem]
    figures: UnitFigures


@needs("see_plans")
def judge(db: Database, actor: Actor, drawing: Drawing, now: datetime) -> Judged:
    """Old against new and the rules' findings; after the first time within tens of milliseconds."""
    prepared = _prepared(db, actor, drawing, now, ())
    assumed = _prepared(db, actor, drawing, now, drawing.assumed) if drawing.assumed else prepared
    known = _circumstances(db.read(), drawing, drawing.on or now)
    ids = [area.area_id for area in drawing.areas]
    told = rules_of_figures.consequences(
        prepared, drawing.before, drawing.after, ids, crews=known.crews, assumed=assumed
    )
    found = problems(assumed, drawing.after, drawing.areas, after=told.after, known=known)
    return Judged(told, found, prepared.figures)


def _prepared(
    db: Database, actor: Actor, drawing: Drawing, now: datetime, assumed: Assumed
) -> Prepared:
    return unit_figures.prepared(
        db, actor, basis=drawing.basis, units=drawing.units, now=now, plan_id=drawing.plan_id,
        assumed=assumed,
    )  # fmt: skip


def _circumstances(connection: Connection, drawing: Drawing, on: datetime) -> Circumstances:
    limits = reference.table("plan_limits").to_dict("records")
    rules = reference.table("plan_rules")
    place = {area.area_id: n for n, area in enumerate(drawing.areas)}
    duties = holders_on(connection, on)
    inside = duties[duties["area_id"].isin(place)]
    at = inside["area_id"].map(place)
    manager = inside["duty"] == "manager"
    return Circumstances(
        before=drawing.before,
        levels=dict(zip(rules["rule"], rules["level"], strict=True)),
        pieces=drawing.pieces,
        across=drawing.across,
        exceptions=drawing.exceptions,
        managed=frozenset(at[manager]),
        crews=repair_crews(duties, place),
        limits={(str(row["limit"]), str(row["of"])): float(row["value"]) for row in limits},
        parents=dict(scope.units_of(connection)),
        assumed=len(drawing.assumed),
    )  # fmt: skip
