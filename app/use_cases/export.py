"""What the map shows, as a file: cells with a figure, areas, or places; who took it and why."""

import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

from app.store import audit, derived, places
from app.store.database import Database
from app.use_cases import derive, measures, privacy, service_map
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.assignment import assign_places
from grid_cells.cells import boundaries, cells_to_hex, centres
from grid_cells.errors import UserError
from loaders.writing import write_table

Form = Literal["csv", "xlsx", "gpkg", "parquet", "geojson"]
FORMS: tuple[Form, ...] = ("csv", "xlsx", "gpkg", "parquet", "geojson")
COMMAND_LINE: Final = "command_line"
DATUM: Final = "WGS-84"
INTERNAL, PERSONAL = "internal", "personal"
"""Classifications: for use inside the company; with values of persons in the clear."""
_SHAPED = ("gpkg", "parquet", "geojson")
_PLACES = {"halls": "hall", "banks": "bank", "crews": "crew"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Stamp:
    """Who took something along, when and what for; it stands in the file itself."""

    exported_by: str
    exported_at: str
    purpose: str
    classification: str = INTERNAL

    def on(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with the stamp in columns, which every format keeps."""
        return table.assign(
            datum=DATUM, classification=self.classification, exported_by=self.exported_by,
            exported_at=self.exported_at, purpose=self.purpose,
        )  # fmt: skip

    def line(self) -> str:
        """The stamp in one line, for paper."""
        return " · ".join(
            (self.exported_by, self.exported_at, self.purpose, self.classification, DATUM)
        )


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
    purpose: str = "",
) -> tuple[bytes, str]:
    """Bytes and file name of the cells shown, with figure, unit, area, datum, who, when, what for.

    `purpose`: a code of `privacy.export_purposes` or a few words. Figures about people are those
    that the actor may see; `rolled_up_to` says where siblings stand behind a figure.
    """
    stamp = stamp_of(actor, purpose)
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
            "rolled_up_to": frame["rolled_up_to"].astype("int64"),
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "as_of": now.isoformat(timespec="seconds"),
        }
    )
    name = f"{measure.replace(':', '-')}-{now:%Y%m%d-%H%M}.{form}"
    shapes = boundaries(cells) if form in _SHAPED else None
    return _written(db, actor, table, shapes, form=form, layer=measure, stamp=stamp), name


@needs("export_data")
def export_layer(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    layer: str,
    path: Path,
    *,
    purpose: str = COMMAND_LINE,
    personal: bool = False,
) -> int:
    """Rows written to a file whose ending names the format.

    `layer`: areas, halls, banks, crews or any figure of cells. Personal columns are masked;
    `personal` leaves them in the clear for those who may see them all, and is refused to others.
    """
    form = path.suffix.lower().lstrip(".")
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    now = clock_now(db)
    if layer not in _PLACES and layer != "areas":
        data, _ = export_cells(db, actor, measure=layer, form=form, now=now, purpose=purpose)
        path.write_bytes(data)
        return len(service_map.cells(db, actor, measure=layer, now=now))
    if layer in _PLACES:
        _check_personal(db, actor, layer, personal=personal)
        table, shapes = _places(db, now, layer, personal=personal)
    else:
        held = service_map.areas(db, actor, now)
        shapes = np.asarray(shapely.from_wkb(held["geometry"].to_numpy()), dtype=object)
        table = held[["area_id", "name", "unit_id", "hall_id", "customers"]]
    stamp = stamp_of(actor, purpose, personal=personal and bool(_hideable(layer, table)))
    shown = shapes if form in _SHAPED else None
    path.write_bytes(_written(db, actor, table, shown, form=form, layer=layer, stamp=stamp))
    return len(table)


@needs("export_data")
def picture_stamp(db: Database, actor: Actor, purpose: str) -> str:  # noqa: ARG001
    """The line that must stand on a picture taken along: who, when, what for."""
    return stamp_of(actor, purpose).line()


@needs("export_data")
def note_picture(
    db: Database, actor: Actor, name: str, cells: int, *, purpose: str = COMMAND_LINE
) -> None:
    """Record that a map was taken along on paper or as a picture; the name's ending is its form."""
    layer, _, form = name.rpartition(".")
    _note(db, actor, layer, rows=cells, form=form, stamp=stamp_of(actor, purpose))


def file_of(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    table: pd.DataFrame,
    *,
    form: Form,
    layer: str,
    purpose: str,
    personal: bool = False,
    shapes: Any = None,
) -> bytes:
    """Bytes of a table with its stamp, on record; whoever calls has checked the right."""
    stamp = stamp_of(actor, purpose, personal=personal)
    return _written(db, actor, table, shapes, form=form, layer=layer, stamp=stamp)


def kept_purpose(purpose: str) -> str:
    """The purpose as the audit keeps it: words stay in the file."""
    return purpose if purpose in privacy.export_purposes() else "in_words"


def stamp_of(actor: Actor, purpose: str, *, personal: bool = False) -> Stamp:
    """Who takes something along, now, and what for; UserError for a purpose empty or too long."""
    told = _CONTROL.sub(" ", purpose).strip()
    if not told:
        raise UserError("export_purpose_needed")
    if len(told) > privacy.LONGEST_PURPOSE:
        raise UserError("export_purpose_long", longest=privacy.LONGEST_PURPOSE)
    at = real_now().astimezone(UTC).isoformat(timespec="seconds")
    return Stamp(actor.id, at, told, PERSONAL if personal else INTERNAL)


def _hideable(layer: str, table: pd.DataFrame) -> list[str]:
    named = privacy.personal_columns()
    return [name for name in table.columns if (layer, name) in named]


def _check_personal(db: Database, actor: Actor, layer: str, *, personal: bool) -> None:
    """Refuse, with an audit row, values in the clear to a person who may not see them all."""
    for name in sorted(privacy.masked_columns(actor, layer)) if personal else ():
        permission = privacy.personal_columns()[layer, name].permission
        refuse(
            db, actor, "access_no_permission", asked="export.export_layer personal",
            permission=permission,
        )  # fmt: skip


def _places(db: Database, now: datetime, layer: str, *, personal: bool) -> tuple[pd.DataFrame, Any]:
    table = places.listing(db, _PLACES[layer])
    derive.refresh(db, now)
    table["area_id"] = assign_places(table, derived.cell_areas(db.read()))["area_id"]
    table["cell_id"] = cells_to_hex(table["cell_id"].to_numpy())
    table = table.rename(columns={"cell_id": "cell"})
    if not personal:
        table = privacy.hide_columns(layer, table, _hideable(layer, table))
    return table, np.asarray(shapely.points(table["lon"], table["lat"]), dtype=object)


def _note(  # noqa: PLR0913
    db: Database, actor: Actor, layer: str, *, rows: int, form: str, stamp: Stamp
) -> None:
    detail = {
        "rows": rows, "form": form, "purpose": kept_purpose(stamp.purpose),
        "classification": stamp.classification,
    }  # fmt: skip
    db.write(
        lambda connection: audit.record(
            connection, actor.id, "cells_exported", at=real_now(), subject=f"layer:{layer}",
            detail=detail,
        )
    )  # fmt: skip


def _written(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    table: pd.DataFrame,
    shapes: Any,
    *,
    form: str,
    layer: str,
    stamp: Stamp,
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{form}"
        write_table(stamp.on(table), path, shapes=shapes)
        data = path.read_bytes()
    _note(db, actor, layer, rows=len(table), form=form, stamp=stamp)
    return data
