"""Which units of a plan a person with a limited scope may change: in files and on the map alike."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import plan_scope as store
from app.store import plans
from app.store.database import Database
from app.store.scope import ScopedDatabase
from app.use_cases import cell_parts
from grid_cells.plan_scope import may_change, touches


def changeable(
    seen: Database, units: pd.DataFrame, at: datetime, *, at_border: bool = False
) -> NDArray[np.bool_]:
    """Per unit (transformer_id, cell_id) whether whoever sees `seen` may change its area.

    With `at_border` also empty cells that touch a cell in sight. Everything is allowed where
    nothing is out of sight. A cell finer than the store's is as free as the store's cell around
    it, a coarser one where all that is known within is free.
    """
    if not isinstance(seen, ScopedDatabase):
        return np.ones(len(units), dtype=bool)
    cells = units["cell_id"].astype("Int64").fillna(0).to_numpy(dtype=np.int64)
    row, ground = cell_parts.store_cells(seen.whole.read(), cells)
    if len(row) == len(cells) and np.array_equal(ground, cells):
        return _changeable(seen, units, at, at_border=at_border)
    asked = units.iloc[row].assign(cell_id=ground)
    free = _changeable(seen, asked, at, at_border=at_border)
    return cell_parts.whole_units(seen.whole, cells, (row, ground), free)


def _changeable(
    seen: ScopedDatabase, units: pd.DataFrame, at: datetime, *, at_border: bool
) -> NDArray[np.bool_]:
    plan = plans.plan_at(seen.whole.read(), at)
    plan_id = None if plan is None else int(plan["plan_id"])
    facts = store.unit_facts(seen, units, plan_id=plan_id, at=at)
    if not at_border:
        return may_change(facts)
    cells = units["cell_id"].astype("Int64").fillna(0).mask(units["transformer_id"].notna(), 0)
    return may_change(facts, touches(cells.to_numpy(dtype=np.int64), store.cells_in_sight(seen)))
