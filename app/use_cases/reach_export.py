"""Reach taken along: every cell, gap or point, with what it was asked for in the file."""

from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

from app.store.database import Database
from app.use_cases import export, reach, reach_groups
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.export import Form
from app.use_cases.reach import Reach
from app.use_cases.reach_wishes import ReachWish
from grid_cells.cells import boundaries, cells_to_hex, outline

What = Literal["gaps", "cells", "points"]

WHATS: Final[tuple[What, ...]] = ("gaps", "cells", "points")
_SHAPED: Final = ("gpkg", "parquet", "geojson")
_ASKED: Final = "reach_export.export_reach"


@needs("export_data")
def export_reach(  # noqa: PLR0913
    db: Database, actor: Actor, wish: ReachWish, *, what: What, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of gaps, cells or points; figures of few as on the page.

    rank numbers gaps from 1; ranked_by is what by, group whom group_share and group_people count.
    Raises what `reach.reach` raises, and UserError `reach_wish_unreadable` for another `what`.
    """
    check(db, actor, "see_reach", asked=_ASKED)
    found = reach.reach(db, actor, wish)
    group = reach_groups.chosen(db, actor, wish.rank)
    table, shapes = {"gaps": _gaps, "cells": _cells}.get(what, _points)(found)
    asked = table.assign(
        target=wish.target, mode=wish.mode, matter=wish.matter or None, limit_min=wish.limit_min,
        ranked_by=wish.rank, group=None if group is None else group.name,
        moment=found.at.isoformat(timespec="minutes"),
        closed=" ".join(wish.closed) or None,
        added=" ".join(wish.added) or None, as_of=clock_now(db).isoformat(timespec="seconds"),
    )  # fmt: skip
    layer = f"reach-{what}"
    data = export.file_of(
        db, actor, asked, form=form, layer=layer, purpose=purpose,
        shapes=shapes if form in _SHAPED else None,
    )  # fmt: skip
    return data, f"{layer}-{wish.target}-{found.at:%Y%m%d-%H%M}.{form}"


def _cells(found: Reach) -> tuple[pd.DataFrame, Any]:
    cells = found.cells
    ids = cells["cell_id"].to_numpy(dtype=np.int64)
    names = [
        "area_id", "customers", "payers", "group_share", "group_people", "minutes", "before",
        "points_near", "operators_near", "gap",
    ]  # fmt: skip
    table = cells[names].round(
        {"customers": 2, "payers": 2, "group_share": 1, "group_people": 1, "minutes": 2}
    )
    named = pd.Series(found.points["point_id"].tolist(), dtype=object)
    table["point"] = named.reindex(cells["which"]).to_numpy()
    table.insert(0, "cell", cells_to_hex(ids))
    return table.reset_index(drop=True), boundaries(ids)


def _gaps(found: Reach) -> tuple[pd.DataFrame, Any]:
    gaps = found.gaps
    held = found.cells.groupby("gap")["cell_id"]
    parts = [held.get_group(n).to_numpy(dtype=np.int64) for n in gaps["gap"]]
    table = gaps.drop(columns=["gap", "is_few", "cell_id"])
    table.insert(0, "rank", np.arange(1, len(gaps) + 1))
    table["cell"] = cells_to_hex(gaps["cell_id"].to_numpy(dtype=np.int64))
    return table, np.array([outline(one) for one in parts], dtype=object)


def _points(found: Reach) -> tuple[pd.DataFrame, Any]:
    names = ["point_id", "kind", "name", "operator", "opens", "is_there", "is_open", "lon", "lat"]
    points = found.points[names].reset_index(drop=True)
    is_open = points["is_open"].map({True: "open", False: "shut"}).fillna("unknown")
    shapes = shapely.points(points["lon"].to_numpy(), points["lat"].to_numpy())
    return points.assign(is_open=is_open), shapes
