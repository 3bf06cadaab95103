"""Coverage taken along: every cell, or every gap, with what it was asked for in the file."""

from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store.database import Database
from app.use_cases import export, small_cells
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.coverage import Coverage, coverage, knows_important
from app.use_cases.coverage_wishes import CoverageWish
from app.use_cases.export import Form
from grid_cells.cells import boundaries, cells_to_hex, outline

_SHAPED: Final = ("gpkg", "parquet", "geojson")


@needs("export_data")
def export_cells(
    db: Database, actor: Actor, wish: CoverageWish, *, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of every cell in sight with minutes, crews in time and customers.

    Customers of cells with few are those of their group, shared out; who is important is in no
    cell's row.
    """
    check(db, actor, "see_crews", asked="coverage_export.export_cells")
    found = coverage(db, actor, wish)
    cells = found.cells
    ids = cells["cell_id"].to_numpy(dtype=np.int64)
    names = [
        "minutes", "second", "depth", "limit_min", "before", "posts", "crew_id", "area_id", "gap",
    ]  # fmt: skip
    told = cells[names].rename(columns={"minutes": "crew_min", "second": "second_crew_min"})
    table = told.assign(**_people(db, actor, cells))
    table.insert(0, "cell", cells_to_hex(ids))
    shapes = boundaries(ids) if form in _SHAPED else None
    return _file(db, actor, found, table, shapes, what="cells", form=form, purpose=purpose)


def _people(db: Database, actor: Actor, cells: pd.DataFrame) -> dict[str, Any]:
    """Customers of each cell as the actor may take them along."""
    if not small_cells.hidden_from(actor):
        return {"customers": cells["customers"], "rolled_up_to": 0}
    # for everybody, so that no scope's own share of a group is told
    whole = cell_store.customers(db.whole.read())
    told = small_cells.published(db, whole).drop_duplicates("cell_id").set_index("cell_id")
    held = told.reindex(cells["cell_id"]).reset_index(drop=True)
    return {
        "customers": held["value"].to_numpy(dtype=np.float64).round(2),
        "rolled_up_to": held["rolled_up_to"].to_numpy(),
    }


@needs("export_data")
def export_gaps(
    db: Database, actor: Actor, wish: CoverageWish, *, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of every gap, most customers first; of few customers only that."""
    check(db, actor, "see_crews", asked="coverage_export.export_gaps")
    found = coverage(db, actor, wish)
    gaps = found.gaps
    held = found.cells.groupby("gap")["cell_id"]
    parts = [held.get_group(n).to_numpy(dtype=np.int64) for n in gaps["gap"]]
    table = gaps.drop(columns=["gap", "is_few", "cell_id"])
    if not knows_important(actor):
        table = table.drop(columns="important")
    table["important_told"] = knows_important(actor)
    table.insert(0, "rank", np.arange(1, len(gaps) + 1))
    table["cell"] = cells_to_hex(gaps["cell_id"].to_numpy(dtype=np.int64))
    shapes = np.array([outline(one) for one in parts], dtype=object) if form in _SHAPED else None
    return _file(db, actor, found, table, shapes, what="gaps", form=form, purpose=purpose)


def _file(  # noqa: PLR0913
    db: Database, actor: Actor, found: Coverage, table: pd.DataFrame, shapes: Any, *, what: str,
    form: Form, purpose: str,
) -> tuple[bytes, str]:  # fmt: skip
    wish = found.wish
    asked = table.assign(
        moment=found.at.isoformat(timespec="minutes"), limit=wish.limit, skill=wish.skill or "any",
        free_crews_only=wish.free_only, closures="left out" if wish.as_open else "counted",
        against=wish.against or None, posts=" ".join(wish.posts) or None,
        moved=wish.moved or None, as_of=clock_now(db).isoformat(timespec="seconds"),
    )  # fmt: skip
    layer = f"coverage-{what}"
    data = export.file_of(db, actor, asked, form=form, layer=layer, purpose=purpose, shapes=shapes)
    return data, f"{layer}-{found.at:%Y%m%d-%H%M}.{form}"
