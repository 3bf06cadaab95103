"""Plans brought in as files of areas and taken along as files that can be brought in again."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from app.store import customers, meta
from app.store.database import Database
from app.use_cases import draft_origin, drawn_plans
from app.use_cases.access import check, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import Basis
from app.use_cases.drafts import create
from app.use_cases.drawn_plans import Drawn
from app.use_cases.export import FORMS, file_of
from app.use_cases.load import LoadChoice, options_for
from grid_cells.cell_parts import limits
from grid_cells.cells import cells_to_hex, outline
from grid_cells.errors import UserError
from grid_cells.polygons import claim_cells
from loaders.areas import load_areas
from loaders.contract import Report

SHAPED: Final = ("gpkg", "parquet", "geojson")


@dataclass(frozen=True)
class Imported:
    """What became of a file of areas: the new draft, its units and areas, the loader's report."""

    plan_id: int
    basis: str
    units: int
    areas: int
    claimed_twice: int
    report: Report


@needs("draw_plans", whole=True)
def bring_in(
    db: Database, actor: Actor, path: Path, choice: LoadChoice, *, name: str = ""
) -> Imported:
    """A new draft from a file of areas: polygons, cells, transformers.

    Cells coarser than the store's become those within, finer ones are kept as far as a plan may
    have them. Nothing in force changes. Units that the file does not name are in no area. Raises
    UserError `file_missing`, `plan_file_empty`, and what the loader finds wrong with the file.
    """
    if not path.exists():
        raise UserError("file_missing", file=str(path))
    finest = limits(meta.resolution(db.read()))[1]
    loaded = load_areas(path, replace(options_for(db, "areas", choice), finest=finest))
    basis, claims = _claims(db, loaded.frame)
    if claims.empty:
        raise UserError("plan_file_empty", file=path.name, **_first_problem(loaded.report))
    ids = {unit: sorted(set(rows)) for unit, rows in claims.groupby("unit")["area_id"]}
    stated = pd.DataFrame({"unit": list(ids), "area_ids": list(ids.values())})
    units = draft_origin.units(db, basis, stated)
    areas = _areas(loaded.frame, claims)
    plan_id = create(
        db, actor, name.strip() or path.stem, basis=basis, units=units, areas=areas, based_on=None
    )
    twice = sum(len(one) > 1 for one in ids.values())
    return Imported(plan_id, basis, len(units), len(areas), twice, loaded.report)


def _claims(db: Database, frame: pd.DataFrame) -> tuple[Basis, pd.DataFrame]:
    """The basis of a file, and which unit it gives to which area: unit, area_id."""
    if "transformer_id" in frame and frame["transformer_id"].notna().any():
        stated = frame.dropna(subset=["transformer_id", "area_id"])
        return "transformer", _named(stated, "transformer_id")
    if "cell_id" in frame and (frame["cell_id"].fillna(0) != 0).any():
        stated = frame[frame["cell_id"].fillna(0) != 0].dropna(subset=["area_id"])
        return "cell", _named(stated, "cell_id").astype({"unit": "int64"})
    drawn = frame.reindex(columns=["area_id", "geometry"]).dropna()
    if drawn.empty:
        return "cell", _named(frame.reindex(columns=["cell_id", "area_id"]).iloc[:0], "cell_id")
    shapes = drawn[["area_id"]].assign(
        geometry=shapely.from_wkb(drawn["geometry"].to_numpy(dtype=object))
    )
    resolution = meta.resolution(db.read())
    found = claim_cells(shapes, customers.points(db.read()), resolution)
    return "cell", _named(found, "cell_id")


def _first_problem(report: Report) -> dict[str, Any]:
    """Row, column and value of the first row that was rejected, where there is one."""
    if report.rejected.empty:
        return {"row": "–", "column": "–", "value": "–"}
    first = report.rejected.iloc[0]
    return {name: str(first[name]) for name in ("row", "column", "value")}


def _named(stated: pd.DataFrame, unit: str) -> pd.DataFrame:
    return stated[[unit, "area_id"]].rename(columns={unit: "unit"})


def _areas(frame: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in ("area_id", "name", "hall_id", "unit_id") if name in frame]
    named = frame[columns].groupby("area_id").first().reset_index()
    return named[named["area_id"].isin(claims["area_id"])].reset_index(drop=True)


@needs("export_data")
def take_along(db: Database, actor: Actor, plan_id: int, path: Path, *, purpose: str) -> int:
    """Rows of a plan written to a file whose ending names the format.

    csv and xlsx hold a row a unit (cell or transformer_id, area_id, name, hall_id, unit_id), which
    a load of areas reads again; gpkg, parquet and geojson an outline an area.
    """
    check(db, actor, "see_plans", asked="plan_files.take_along")
    if db is not db.whole:
        refuse(db, actor, "access_whole_only", asked="plan_files.take_along")
    form = path.suffix.lower().lstrip(".")
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    now = clock_now(db)
    drawn = drawn_plans.of_plan(db, plan_id, now)
    table, shapes = _outlined(db, drawn, now) if form in SHAPED else (_listed(drawn), None)
    layer = f"plan-{plan_id}"
    data = file_of(db, actor, table, form=form, layer=layer, purpose=purpose, shapes=shapes)
    path.write_bytes(data)
    return len(table)


def _listed(drawn: Drawn) -> pd.DataFrame:
    """A row a unit, as a file of areas states it."""
    units = drawn.claims[["transformer_id", "cell_id", "area_id"]].merge(
        drawn.areas, on="area_id", how="left"
    )
    cells = cells_to_hex(units["cell_id"].fillna(0).astype("int64"))
    by_transformer = drawn.basis == "transformer"
    unit = {"transformer_id": units["transformer_id"]} if by_transformer else {"cell": cells}
    rest = units[["area_id", "name", "hall_id", "unit_id"]]
    return pd.concat([pd.DataFrame(unit), rest], axis=1)


def _outlined(db: Database, drawn: Drawn, now: datetime) -> tuple[pd.DataFrame, Any]:
    """Each area with its cells, customers and outline, dissolved from the cells that show it."""
    found = drawn_plans.assigned(db, drawn, now)
    by_area = found.cells.dropna(subset=["area_id"]).groupby("area_id")["cell_id"]
    cells = {area: rows.to_numpy(dtype="int64") for area, rows in by_area}
    people = found.people["area_id"].value_counts()
    none = np.empty(0, dtype=np.int64)
    ids = drawn.areas["area_id"]
    table = drawn.areas[["area_id", "name", "hall_id", "unit_id"]].assign(
        cells=[len(cells.get(one, none)) for one in ids],
        customers=people.reindex(ids).fillna(0).to_numpy(dtype="int64"),
    )
    shapes = np.empty(len(table), dtype=object)
    shapes[:] = [outline(cells.get(one, none)) for one in ids]
    return table, shapes
