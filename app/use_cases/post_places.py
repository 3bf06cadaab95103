"""Places where a crew could stand by: our buildings, bases there are, streets near customers."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import pandas as pd

from app.store import cells as cell_store
from app.store import places
from app.store.database import Database
from app.use_cases import derive
from grid_cells.cells import cells_to_hex, hex_to_cells, parents, resolutions
from grid_cells.errors import UserError

Where = Literal["buildings", "anywhere"]

WHERES: Final[tuple[Where, ...]] = ("buildings", "anywhere")
MOST_CELLS: Final = 120
"""Streets near customers that are tried, the fullest first."""
_COARSER: Final = 2
COLUMNS: Final = ["site_id", "kind", "name", "lon", "lat"]


def candidates(db: Database, where: Where) -> pd.DataFrame:
    """Sites in sight: site_id, kind (hall, crew, cell), name, lon, lat; one a place.

    buildings: halls, then bases of crews that are no hall. anywhere: also, of each cell two
    resolutions coarser, the middle of customers of its fullest cell, whence the nearest street is
    taken; at most MOST_CELLS.
    """
    built = pd.concat([_built(db, "hall"), _built(db, "crew")], ignore_index=True)
    built = built.drop_duplicates(["lon", "lat"], ignore_index=True)
    if where == "buildings":
        return built
    return pd.concat([built, _streets(db)], ignore_index=True)


def points(db: Database, site_ids: Sequence[str]) -> pd.DataFrame:
    """The sites of these ids, in their order; UserError `coverage_site_unknown` for one unseen."""
    built = pd.concat([_built(db, "hall"), _built(db, "crew")], ignore_index=True)
    known = built.drop_duplicates("site_id").set_index("site_id")
    missing = [one for one in site_ids if one not in known.index and not _is_cell(db, one)]
    if missing:
        raise UserError("coverage_site_unknown")
    rows = [known.loc[one] if one in known.index else _of_cell(db, one) for one in site_ids]
    return pd.DataFrame(rows).assign(site_id=list(site_ids)).reset_index(drop=True)[COLUMNS]


def _built(db: Database, kind: Literal["hall", "crew"]) -> pd.DataFrame:
    rows = places.points(db.read(), kind)
    return pd.DataFrame(
        {
            "site_id": kind + ":" + rows["id"].astype(str), "kind": kind, "name": rows["name"],
            "lon": rows["lon"].astype("float64"), "lat": rows["lat"].astype("float64"),
        }
    )  # fmt: skip


def _streets(db: Database) -> pd.DataFrame:
    people = cell_store.customers(db.read())
    people = people[people["value"] > 0]
    if people.empty:
        return pd.DataFrame(columns=COLUMNS)
    cells = people["cell_id"].to_numpy(dtype="int64")
    coarse = max(int(resolutions(cells).min()) - _COARSER, 0)
    fullest = people.assign(family=parents(cells, coarse)).sort_values(
        ["value", "cell_id"], ascending=[False, True]
    )
    chosen = fullest.drop_duplicates("family").head(MOST_CELLS)["cell_id"]
    return _cells(db, chosen)


def _cells(db: Database, cells: "pd.Series[int]") -> pd.DataFrame:
    at = derive.travel_origins(db.whole.read()).drop_duplicates("cell_id").set_index("cell_id")
    held = at.reindex(cells).dropna(subset=["lon"])
    names = cells_to_hex(held.index.to_numpy(dtype="int64"))
    return pd.DataFrame(
        {
            "site_id": [f"cell:{one}" for one in names], "kind": "cell", "name": names,
            "lon": held["lon"].to_numpy(), "lat": held["lat"].to_numpy(),
        }
    )  # fmt: skip


def _is_cell(db: Database, site_id: str) -> bool:
    """Whether the site is a cell in sight in which people live or a plan holds."""
    cell = int(hex_to_cells([site_id.removeprefix("cell:")])[0])
    return site_id.startswith("cell:") and cell != 0 and cell_store.is_held(db.read(), cell)


def _of_cell(db: Database, site_id: str) -> "pd.Series[Any]":
    cell = int(hex_to_cells([site_id.removeprefix("cell:")])[0])
    rows = _cells(db, pd.Series([cell]))
    if rows.empty:
        raise UserError("coverage_site_unknown")
    return rows.iloc[0]
