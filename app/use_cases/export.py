"""What the map shows, as a file: cells with a figure, areas, or places."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely

from app.store import audit, derived, places
from app.store.database import Database
from app.use_cases import derive, measures, service_map
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.assignment import assign_places
from grid_cells.cells import boundaries, cells_to_hex, centres
from grid_cells.errors import UserError
from loaders.writing import write_table

Form = Literal["csv", "xlsx", "gpkg", "parquet", "geojson"]
FORMS: tuple[Form, ...] = ("csv", "xlsx", "gpkg", "parquet", "geojson")
_SHAPED = ("gpkg", "parquet", "geojson")


@needs("export_data")
def export_cells(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    measure: str,
    unit_id: str | None = None,
    area_ids: tuple[str, ...] = (),
    form: Form,
    now: datetime,
) -> tuple[bytes, str]:
    """Bytes and file name of the cells shown, with the figure, its unit, the area and the datum."""
    frame = service_map.cells(
        db, actor, measure=measure, unit_id=unit_id, area_ids=area_ids, now=now
    )
    areas = service_map.areas(db, actor, now).set_index("area_index")
    known = measures.measure_of(db.read(), measure)
    cells = frame["cell_id"].to_numpy()
    lon, lat = centres(cells)
    table = pd.DataFrame(
        {
            "cell": cells_to_hex(cells),
            "area_id": frame["area_index"].map(areas["area_id"]),
            "area_name": frame["area_index"].map(areas["name"]),
            "measure": measure,
            "value": frame["value"].astype("float64"),
            "unit": known.unit,
            "note": known.note,
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "datum": "WGS-84",
            "as_of": now.isoformat(timespec="seconds"),
        }
    )
    name = f"{measure.replace(':', '-')}-{now:%Y%m%d-%H%M}.{form}"
    shapes = boundaries(cells) if form in _SHAPED else None
    return _written(db, actor, table, shapes, form=form, name=name), name


@needs("export_data")
def export_layer(db: Database, actor: Actor, layer: str, path: Path) -> int:
    """Rows written to a file whose ending names the format.

    `layer`: areas, halls, banks, crews or any figure of cells.
    """
    form = path.suffix.lower().lstrip(".")
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    now = clock_now(db)
    if layer in ("halls", "banks", "crews"):
        table = places.listing(db, layer[:-1])
        derive.refresh(db, now)
        table["area_id"] = assign_places(table, derived.cell_areas(db.read()))["area_id"]
        table["cell_id"] = cells_to_hex(table["cell_id"].to_numpy())
        table = table.rename(columns={"cell_id": "cell"})
        shapes = np.asarray(shapely.points(table["lon"], table["lat"]), dtype=object)
    elif layer == "areas":
        held = service_map.areas(db, actor, now)
        shapes = np.asarray(shapely.from_wkb(held["geometry"].to_numpy()), dtype=object)
        table = held[["area_id", "name", "unit_id", "hall_id", "customers"]]
    else:
        data, _ = export_cells(db, actor, measure=layer, form=form, now=now)
        path.write_bytes(data)
        return len(service_map.cells(db, actor, measure=layer, now=now))
    shown = shapes if form in _SHAPED else None
    path.write_bytes(_written(db, actor, table, shown, form=form, name=path.name))
    return len(table)


@needs("export_data")
def note_picture(db: Database, actor: Actor, name: str, cells: int) -> None:
    """Record that the map was taken along as a picture, which only the map can draw."""
    _note(db, actor, name, rows=cells, form="png")


def _note(db: Database, actor: Actor, name: str, *, rows: int, form: str) -> None:
    detail = {"rows": rows, "form": form}
    db.write(
        lambda connection: audit.record(
            connection, actor.id, "cells_exported", at=real_now(), subject=name, detail=detail
        )
    )


def _written(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    table: pd.DataFrame,
    shapes: Any,
    *,
    form: str,
    name: str,
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{form}"
        write_table(table, path, shapes=shapes)
        data = path.read_bytes()
    _note(db, actor, name, rows=len(table), form=form)
    return data
