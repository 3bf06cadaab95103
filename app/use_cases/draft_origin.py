"""What a draft begins from: the areas and claims of the plan in force, or of any other plan."""

from datetime import datetime
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import drafts as store
from app.store import plans
from app.store.database import Connection, Database
from app.use_cases import cell_parts, studio
from app.use_cases.clock import now as clock_now
from app.use_cases.studio import Studio
from grid_cells.cell_parts import ancestors, refine, within
from grid_cells.drafts import NO_AREA, TWO_AREAS
from grid_cells.errors import UserError

Basis = Literal["transformer", "cell"]

AREA_COLUMNS: Final = ["area_id", "name", "hall_id", "unit_id"]


def of(db: Database, based_on: int | None) -> tuple[pd.DataFrame, pd.DataFrame, Basis, int | None]:
    """Areas, claims (unit, area_ids), basis and number of the plan a draft begins from."""
    connection, at = db.read(), clock_now(db)
    if based_on is not None and store.facts(connection, based_on) is not None:
        held = studio.of_plan(db, based_on)
        return _areas_of(held), _claims_of(held), held.basis, based_on  # type: ignore[return-value]
    plan = (
        plans.plan_at(connection, at) if based_on is None else plans.plan_row(connection, based_on)
    )
    if plan is None:
        if based_on is not None:
            raise UserError("plan_unknown", plan=based_on)
        nothing = pd.DataFrame({"unit": [], "area_ids": []})
        return pd.DataFrame(columns=AREA_COLUMNS), nothing, "cell", None
    plan_id, basis = int(plan["plan_id"]), plan["basis"]
    claims = plans.claims_at(connection, plan_id, plan_end(plan, at))
    return areas_held(connection, plan_id, claims), by_unit(claims, basis), basis, plan_id


def plan_end(plan: dict[str, Any], at: datetime) -> datetime:
    """The last moment of a plan that is over, else the moment asked for: its claims of then."""
    ends = plan.get("valid_to")
    if ends is None or pd.isna(ends) or pd.Timestamp(ends) > at:
        return at
    last: datetime = (pd.Timestamp(ends) - pd.Timedelta(microseconds=1)).to_pydatetime()
    return last


def areas_held(connection: Connection, plan_id: int, claims: pd.DataFrame) -> pd.DataFrame:
    """A plan's areas, those that only its claims name included: area_id, name, hall_id, unit_id."""
    held = plans.areas(connection, plan_id)[AREA_COLUMNS]
    extra = sorted(set(claims["area_id"].dropna()) - set(held["area_id"]))
    more = pd.DataFrame({"area_id": extra, "name": extra}).reindex(columns=AREA_COLUMNS)
    return pd.concat([held, more], ignore_index=True) if extra else held


def by_unit(claims: pd.DataFrame, basis: str) -> pd.DataFrame:
    """The areas that claim each unit: unit, area_ids (sorted)."""
    column = "transformer_id" if basis == "transformer" else "cell_id"
    stated = claims[claims[column].notna() & (claims[column] != 0) & claims["area_id"].notna()]
    by_unit = {unit: sorted(set(rows)) for unit, rows in stated.groupby(column)["area_id"]}
    return pd.DataFrame({"unit": list(by_unit), "area_ids": list(by_unit.values())})


def _areas_of(held: Studio) -> pd.DataFrame:
    living = [area for area in held.draft.areas if not area.is_deleted]
    columns = [*AREA_COLUMNS, "colour"]
    rows = [{name: getattr(area, name) for name in columns} for area in living]
    return pd.DataFrame(rows, columns=columns)


def _claims_of(held: Studio) -> pd.DataFrame:
    areas = held.draft.areas
    # a draft does not know which two areas claim a unit, only that two do; so does its copy
    draft = held.draft
    two = [area.area_id for area in areas if not area.is_deleted][:2]
    other: dict[int, list[str]] = {NO_AREA: [], TWO_AREAS: two}
    living = draft.area[draft.living].tolist()
    ids = [[areas[n].area_id] if n >= 0 else other[n] for n in living]
    return pd.DataFrame({"unit": held.units[draft.living], "area_ids": ids})


def on_other_basis(db: Database, basis: Basis) -> pd.DataFrame:
    """Claims of the plan in force carried over: by the cell's area, or the transformer's most."""
    if basis == "cell":
        cells = cell_store.frame_cells(db.read()).dropna(subset=["area_id"])
        ids = [[str(one)] for one in cells["area_id"]]
        return pd.DataFrame({"unit": cells["cell_id"].to_numpy(), "area_ids": ids})
    most = store.transformers_by_area(db.read(), clock_now(db))
    ids = [[str(one)] for one in most["area_id"]]
    return pd.DataFrame({"unit": most["unit"].to_numpy(), "area_ids": ids})


def units(db: Database, basis: Basis, claims: pd.DataFrame) -> pd.DataFrame:
    """Every unit with its areas: those that a plan claims and those where customers live."""
    if basis == "cell":
        return _cells(db, claims)
    lived = store.unit_links(db.read(), basis, clock_now(db))["unit"]
    claimed = claims["unit"].astype("str")
    every = pd.Index(lived.unique()).union(pd.Index(claimed)).sort_values()
    return _with_areas(every, every, claims.set_index(claimed)["area_ids"])


def _cells(db: Database, claims: pd.DataFrame) -> pd.DataFrame:
    """Cells that stand for all ground once: a claimed one gives way to finer ones claimed."""
    # an empty list of claims has no type of its own, and cells must never become floats
    claimed = claims["unit"].astype("int64")
    lived = cell_parts.lived(db)
    free = lived[within(lived, claimed) == lived]
    cells, _ = refine(np.union1d(free, claimed), claimed)
    cells = np.union1d(cells, claimed[~claimed.isin(ancestors(claimed, 0))])
    areas = claims.set_index(claimed)["area_ids"]
    return _with_areas(pd.Index(cells), pd.Index(within(cells, claimed)), areas)


def _with_areas(
    units: "pd.Index[Any]", claimed: "pd.Index[Any]", areas: "pd.Series[Any]"
) -> pd.DataFrame:
    """The units with the areas of the unit that claims each."""
    if not len(units):
        raise UserError("plan_nothing_to_draw")
    known = [one if isinstance(one, list) else [] for one in areas.reindex(claimed)]
    return pd.DataFrame({"unit": units, "area_ids": known})
