"""A file of service areas becomes claims of the plan in force, or a plan of its own."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import shapely

from app.store import batches, customers, meta, plans
from app.store import scope as scope_store
from app.store.database import Connection, Database
from app.use_cases.actors import Actor
from app.use_cases.plan_scope import changeable
from app.use_cases.targets import AREAS, CLAIMS, PLAN
from grid_cells.cells import cells_to_hex
from grid_cells.plans import revise_claims, settle_claims
from grid_cells.polygons import claim_cells


class BeyondScopeError(Exception):
    """A file of areas reaches beyond what the person may change.

    `about` is the first thing it may not touch, `row` the file's row that names it, 0 where none
    does alone: an outline covers many cells.
    """

    def __init__(self, about: str, row: int = 0) -> None:
        super().__init__(about)
        self.about, self.row = about, row


def check_scope(connection: Connection, seen: Database, batch_id: int, at: datetime) -> None:
    """Raise BeyondScopeError where the batch changed anything outside the sight `seen`.

    Looked at is every area and every unit whose claims the batch made, ended or took away, with
    what the person saw before it: areas must be of units in sight, transformers and cells within
    reach (`plan_scope.changeable`). What nobody claims yet, or nobody knows, is not free to take:
    whoever comes to live there would be in the person's sight.
    """
    if plans.opened_by(connection, batch_id):
        raise BeyondScopeError("plan")
    known = _areas_within(connection, seen, batch_id)
    claims = plans.claims_changed(connection, batch_id)
    foreign = claims["area_id"].notna() & ~claims["area_id"].isin(known)
    for claim in claims[foreign & (claims["row_no"] > 0)].to_dict("records"):
        raise BeyondScopeError(f"area:{claim['area_id']}", int(claim["row_no"]))
    by_unit = claims.groupby(["transformer_id", "cell_id"], dropna=False)
    rows = by_unit["row_no"].transform("max")
    beyond = claims.assign(row_no=rows)[foreign | ~changeable(seen, claims, at, at_border=True)]
    named_first = beyond.assign(is_silent=beyond["row_no"] == 0)
    for claim in named_first.sort_values(["is_silent", "row_no"]).to_dict("records"):
        raise BeyondScopeError(_unit_of(claim), int(claim["row_no"]))


def _areas_within(connection: Connection, seen: Database, batch_id: int) -> set[str]:
    """The areas in sight with those the batch made; BeyondScopeError where it changed any other."""
    before = seen.read()
    units = {unit for unit, _ in scope_store.units_of(before)}
    known, taken = set(plans.area_ids(before)), set(plans.area_ids(seen.whole.read()))
    for row in plans.areas_touched(connection, batch_id).to_dict("records"):
        is_new = row["area_id"] not in taken
        if row["unit_id"] not in units or not (is_new or row["area_id"] in known):
            raise BeyondScopeError(f"area:{row['area_id']}", int(row["row_no"]))
        known.add(row["area_id"])
    return known


def _unit_of(claim: Mapping[Hashable, Any]) -> str:
    transformer = claim["transformer_id"]
    if transformer is not None and not pd.isna(transformer):
        return f"transformer:{transformer}"
    return f"cell:{cells_to_hex([int(claim['cell_id'])])[0]}"


def save(
    connection: Connection, frame: pd.DataFrame, batch_id: int, *, actor: Actor, at: datetime
) -> batches.Merge:
    """Merge a file into the plan in force if it has the same basis, else open a new plan."""
    basis = "transformer" if _any(frame, "transformer_id") else "cell"
    plan = plans.plan_at(connection, at)
    is_first = plan is None
    if plan is None or plan["basis"] != basis:
        plan_id = _open_plan(connection, plan, basis, batch_id, actor=actor, at=at)
    else:
        plan_id = int(plan["plan_id"])
    named = _save_areas(connection, frame, plan_id, batch_id)
    stated, whole = _stated(connection, frame)
    claims = revise_claims(
        plans.all_claims(connection, plan_id),
        stated,
        at=None if is_first else at,
        whole_areas=whole,
    )
    claims = claims.assign(plan_id=plan_id, row_no=_rows_of(claims, stated))
    claims["cell_id"] = claims["cell_id"].mask(claims["cell_id"] == 0)
    moved = batches.merge(connection, CLAIMS, claims, batch_id)
    return _rows_changed(frame, named, claims, moved)


def settle(connection: Connection, batch_id: int, at: datetime) -> int:
    """Cells under polygons whose first customers have come, now given to the area of most of them.

    Such a cell was decided by the ground it covers, or not at all, while nobody was known in it; a
    cell that customers decided before stays as it is until its areas are drawn anew.
    """
    plan = plans.plan_at(connection, at)
    if plan is None or plan["basis"] != "cell":
        return 0
    shapes = plans.areas(connection, plan["plan_id"]).dropna(subset=["geometry"])
    if shapes.empty:
        return 0
    held = plans.all_claims(connection, plan["plan_id"])
    claims = settle_claims(held, _claims_of(connection, shapes), since=plan["valid_from"])
    claims = claims.assign(plan_id=plan["plan_id"], row_no=0)
    claims["cell_id"] = claims["cell_id"].mask(claims["cell_id"] == 0)
    return batches.merge(connection, CLAIMS, claims, batch_id).new


def _any(frame: pd.DataFrame, name: str) -> bool:
    return name in frame and bool(frame[name].notna().any())


def _open_plan(  # noqa: PLR0913
    connection: Connection,
    former: dict[str, Any] | None,
    basis: str,
    batch_id: int,
    *,
    actor: Actor,
    at: datetime,
) -> int:
    plan_id = plans.next_plan_id(connection)
    begins = None if former is None else at
    rows = [
        {
            "plan_id": plan_id, "name": f"P-{plan_id}", "basis": basis, "status": "published",
            "valid_from": begins, "valid_to": None, "created_at": at, "created_by": actor.id,
        }
    ]  # fmt: skip
    if former is not None:
        held = plans.plan_row(connection, int(former["plan_id"])) or {}
        rows.append({**held, "valid_to": at})
    frame = pd.DataFrame(rows).assign(row_no=0)
    for name in ("valid_from", "valid_to", "created_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    batches.merge(connection, PLAN, frame, batch_id)
    return plan_id


def _save_areas(
    connection: Connection, frame: pd.DataFrame, plan_id: int, batch_id: int
) -> batches.Merge:
    columns = [c for c in ("area_id", "name", "hall_id", "unit_id", "geometry") if c in frame]
    areas = frame[[*columns, "row_no"]].groupby("area_id", sort=False).first().reset_index()
    return batches.merge(connection, AREAS, areas.assign(plan_id=plan_id), batch_id)


def _stated(connection: Connection, frame: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    if not _any(frame, "geometry") or _any(frame, "cell_id") or _any(frame, "transformer_id"):
        return frame, False
    return _claims_of(connection, frame.dropna(subset=["geometry"])), True


def _claims_of(connection: Connection, shapes: pd.DataFrame) -> pd.DataFrame:
    areas = shapes[["area_id"]].assign(geometry=shapely.from_wkb(shapes["geometry"].to_numpy()))
    resolution = meta.resolution(connection)
    claims = claim_cells(areas, customers.points(connection), resolution)
    return claims.rename(columns={"basis": "claim_basis"})


def _rows_of(claims: pd.DataFrame, stated: pd.DataFrame) -> pd.Series:
    if "row_no" not in stated:
        return pd.Series(0, index=claims.index)
    keyed = stated.reindex(columns=["transformer_id", "cell_id", "area_id", "row_no"])
    keyed = keyed.assign(cell_id=keyed["cell_id"].astype("Int64").fillna(0))
    keyed = keyed.drop_duplicates(["transformer_id", "cell_id", "area_id"])
    joined = claims.merge(keyed, on=["transformer_id", "cell_id", "area_id"], how="left")
    return joined["row_no"].fillna(0).astype("int64")


def _rows_changed(
    frame: pd.DataFrame, named: batches.Merge, claims: pd.DataFrame, moved: batches.Merge
) -> batches.Merge:
    """Count in rows of the file: fresh when the area's description or a claim changed."""
    if moved.fresh_rows == 0 and named.fresh_rows == 0:
        return batches.Merge(new=0, changed=0, fresh_rows=0)
    open_claims = claims[claims["valid_to"].isna()]
    by_row = frame["row_no"].isin(open_claims["row_no"])
    if bool((open_claims["row_no"] == 0).any()):  # claims of a shape carry no row of the file
        by_row |= frame["area_id"].isin(open_claims["area_id"])
    fresh = max(int(by_row.sum()), named.fresh_rows)
    return batches.Merge(new=moved.new, changed=moved.changed, fresh_rows=fresh)
