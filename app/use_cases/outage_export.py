"""The list of outages of a moment, or of those announced, as a file to take along."""

from datetime import datetime
from typing import Any, Final, Literal

import numpy as np
import shapely

from app.store.database import Database
from app.use_cases import export, outage_film
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.outage_film import Period
from grid_cells import outage_board
from grid_cells.cells import cells_to_hex
from grid_cells.outage_board import Wish

Form = Literal["csv", "xlsx", "gpkg", "parquet", "geojson"]
FORMS: Final[tuple[Form, ...]] = ("csv", "xlsx", "gpkg", "parquet", "geojson")
_SHAPED: Final = ("gpkg", "parquet", "geojson")
_COLUMNS: Final = (
    "outage_id", "kind", "status", "cause", "started_at", "ended_at", "estimate", "customers",
    "important", "life_support", "parent_outage_id", "area_id", "area", "unit_id", "unit", "lon",
    "lat",
)  # fmt: skip


@needs("export_data")
def export_outages(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    period: Period,
    wish: Wish,
    *,
    at: datetime | None,
    form: Form,
    purpose: str,
) -> tuple[bytes, str]:
    """Bytes and file name of the wanted outages of the moment, of the period's end without one.

    With place, area, unit, who took it, when and what for; never whom they leave without power.
    """
    found = outage_film.film(db, actor, period)
    wanted = outage_board.announced if period.is_ahead else outage_board.wanted
    outages = found.outages[wanted(found.outages, wish)]
    moment = at or found.period.last
    if period.is_ahead:
        rows = outage_board.ahead(outages, at)
    else:
        board = outage_film.board(found, outages, moment)
        rows = outage_board.of_moment(board, wish)
    table = rows[list(_COLUMNS)].assign(
        cell=cells_to_hex(rows["cell_id"].to_numpy("int64")),
        as_of=moment.isoformat(timespec="seconds"),
    )
    shapes: Any = None
    if form in _SHAPED:
        shapes = np.asarray(shapely.points(rows["lon"], rows["lat"]), dtype=object)
    name = f"outages-{moment:%Y%m%d-%H%M}.{form}"
    data = export.file_of(
        db, actor, table, form=form, layer="outages", purpose=purpose, shapes=shapes
    )
    return data, name
