"""Customers of a plan's own cells: below the store's resolution by their place, above it by cell."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from app.store import cell_parts as store
from app.store import meta
from app.store.database import Connection, Database
from app.use_cases.remember import remembered
from grid_cells.cell_parts import Rows, below, counted_in, within
from grid_cells.cells import Cells, parents, resolutions


def resolution_of(connection: Connection) -> int:
    """The store's own resolution."""
    return int(meta.read_value(connection, "resolution", "9"))


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
    return frame.groupby("unit", as_index=False)["customers"].sum()


def divided(connection: Connection, units: ArrayLike) -> Cells:
    """The store's cells in which finer ones lie."""
    cells = np.asarray(units, dtype=np.int64)
    store_level = resolution_of(connection)
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


def store_cells(connection: Connection, cells: ArrayLike) -> tuple[Rows, Cells]:
    """Place in `cells` and cell of the store, for all of these that lie in each or hold it."""
    return below(cells, resolution_of(connection))
