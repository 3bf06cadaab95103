"""What is known of a plan's units where a limited scope ends: in sight or not, held or not."""

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from app.store.database import frame_of, register
from app.store.scope import ScopedDatabase

_FACTS = """
    WITH linked AS (
      SELECT customer_no, min(transformer_id) AS transformer_id FROM meter_links
      WHERE customer_no IS NOT NULL AND transformer_id IS NOT NULL AND coalesce(role, 'billing') = 'billing'
        AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)
      GROUP BY customer_no),
    unseen AS (
      SELECT c.cell_id, coalesce(l.transformer_id, c.transformer_id) AS transformer_id
      FROM customers c LEFT JOIN linked l USING (customer_no) ANTI JOIN scope_customers v ON v.customer_no = c.customer_no),
    claims AS (
      SELECT transformer_id, cell_id, bool_and(area_id IN (SELECT area_id FROM scope_areas)) AS is_own FROM plan_units
      WHERE plan_id = $plan AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)
      GROUP BY ALL)
    SELECT
      u.transformer_id IS NULL OR u.transformer_id IN (SELECT transformer_id FROM transformers) AS is_known,
      coalesce(u.transformer_id IN (SELECT transformer_id FROM scope_transformers),
               u.cell_id IN (SELECT cell_id FROM scope_cells)) AS is_seen,
      coalesce(u.transformer_id IN (SELECT transformer_id FROM claims WHERE is_own AND transformer_id IS NOT NULL),
               u.cell_id IN (SELECT cell_id FROM claims WHERE is_own AND cell_id IS NOT NULL)) AS is_held,
      coalesce(u.transformer_id IN (SELECT transformer_id FROM unseen WHERE transformer_id IS NOT NULL),
               u.cell_id IN (SELECT cell_id FROM unseen WHERE cell_id IS NOT NULL)) AS hides_customers,
      coalesce(u.cell_id IN (
        SELECT cell_id FROM transformers ANTI JOIN scope_transformers USING (transformer_id)
        WHERE cell_id IS NOT NULL), false) AS hides_transformers
    FROM asked u ORDER BY u.place
"""


def unit_facts(
    seen: ScopedDatabase, units: pd.DataFrame, *, plan_id: int | None, at: datetime
) -> pd.DataFrame:
    """What decides who may change each unit (transformer_id, or cell_id where it has none).

    Columns, in the units' order: is_known (such a transformer exists), is_seen, is_held (all its
    claims of that moment in the plan are of areas in scope), hides_customers and
    hides_transformers (some of those in it are out of sight).
    """
    cells = units["cell_id"].astype("Int64")
    asked = pd.DataFrame(
        {
            "place": np.arange(len(units)),
            "transformer_id": units["transformer_id"].astype("str").where(
                units["transformer_id"].notna(), None
            ).to_numpy(),
            "cell_id": cells.mask(cells == 0).to_numpy(),
        }
    )  # fmt: skip
    connection = seen.whole.cursor()
    for name, table in seen.in_scope().items():
        connection.register(name, table)
    schema = pa.schema(
        [("place", pa.int64()), ("transformer_id", pa.string()), ("cell_id", pa.int64())]
    )
    register(connection, "asked", pa.Table.from_pandas(asked, schema=schema, preserve_index=False))
    found = frame_of(connection.execute(_FACTS, {"plan": plan_id, "at": at}))
    connection.close()
    return found


def cells_in_sight(seen: ScopedDatabase) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Every cell of the scope."""
    cells: np.ndarray[tuple[int], np.dtype[np.int64]] = (
        seen.in_scope()["scope_cells"]["cell_id"].to_numpy().astype(np.int64)
    )
    return cells
