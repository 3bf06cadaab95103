"""Customers of a plan's cells: below the store's resolution by place, above it by cell."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from app.store import cell_parts as store
from app.store import cells as cell_store
from app.store import customers, meta
from app.store.database import Connection, Database
from app.use_cases.remember import remembered
from grid_cells.cell_parts import Rows, below, counted_in, within
from grid_cells.cells import Cells, parents, resolutions


def customers_of(db: Database, units: ArrayLike) -> pd.DataFrame:
    """Customers in sight by the plan's cell in which they count: unit, customers.

    Who counts in none of `units` stands under the store's own cell.
    """
    cells, stamp = np.asarray(units, dtype=np.int64), meta.versions(db.read(), ("customers",))
    key = ("customers_by_cell", db.whole.opened_as, db.seen_as, stamp)
    whole = remembered(key, lambda: store.by_cell(db.read()))
    parts = parts_of(db, cells)
    rest = whole[~whole["cell_id"].isin(divided(db.read(), cells))]
    named = [within(rest["cell_id"], cells), parts["part"].to_numpy(np.int64)]
    counts = [rest["customers"].to_numpy(), np.ones(len(parts), dtype=np.int64)]
    frame = pd.DataFrame({"unit": np.concatenate(named), "customers": np.concatenate(counts)})
    return frame.groupby("unit")["customers"].sum().reset_index()


def lived(db: Database) -> Cells:
    """The store's cells in sight in which customers live, in order."""
    cells: Cells = store.by_cell(db.read())["cell_id"].to_numpy(np.int64)
    return cells


def divided(connection: Connection, units: ArrayLike) -> Cells:
    """The store's cells in which finer ones lie."""
    cells = np.asarray(units, dtype=np.int64)
    if not len(cells):
        return cells
    store_level = meta.resolution(connection)
    return np.unique(parents(cells[resolutions(cells) > store_level], store_level))


def parts_of(db: Database, units: ArrayLike) -> pd.DataFrame:
    """Customers in sight whose cell of the store is divided: customer_no, part.

    part: the finest of `units` in which they count, else their own cell. Nobody where all units
    are as coarse as the store.
    """
    connection = db.read()
    cells = np.asarray(units, dtype=np.int64)
    cut = divided(connection, cells)
    if not len(cut):
        return pd.DataFrame({"customer_no": pd.Series(dtype="str"), "part": np.zeros(0, np.int64)})
    people = store.people_in(connection, cut)
    part = counted_in(people["cell_id"], people["lon"], people["lat"], cells)
    return pd.DataFrame({"customer_no": people["customer_no"], "part": part})


def whole_units(
    whole: Database, cells: ArrayLike, ground: tuple[Rows, Cells], held: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Per cell whether all of its store cells, as from `store_cells`, hold something.

    Of a coarser cell those count of which the store knows anything.
    """
    row, inside = ground
    connection = whole.read()
    given = np.asarray(cells, dtype=np.int64)
    is_plain = (resolutions(given) >= meta.resolution(connection)) | (given == 0)
    known = np.isin(inside, cell_store.frame_cells(connection)["cell_id"]) | is_plain[row]
    some = np.bincount(row[known], minlength=len(given)) > 0
    not_held = np.bincount(row[known & ~held], minlength=len(given)) > 0
    found: NDArray[np.bool_] = some & ~not_held
    return found


def to_assign(connection: Connection, claims: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Every customer as `assign_customers` asks, with places where claims are on finer cells."""
    cells = claims["cell_id"].to_numpy(np.int64)
    placed = bool(len(divided(connection, cells)))
    return customers.to_assign(connection, at, placed=placed)


def known_cells(connection: Connection, cells: ArrayLike) -> tuple[Rows, Cells]:
    """Place in `cells` and cell for all by which customers are known: coarser ones cut down."""
    given, level = np.asarray(cells, dtype=np.int64), meta.resolution(connection)
    coarse = np.flatnonzero(resolutions(given) < level)
    fine = np.setdiff1d(np.arange(len(given)), coarse)
    row, within_them = below(given[coarse], level)
    return np.concatenate([fine, coarse[row]]), np.concatenate([given[fine], within_them])


def store_cells(connection: Connection, cells: ArrayLike) -> tuple[Rows, Cells]:
    """Place in `cells` and cell of the store, for all of these that lie in each or hold it."""
    return below(cells, meta.resolution(connection))
