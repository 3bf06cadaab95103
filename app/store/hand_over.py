"""Questions about customers whose unit changes area; asked while `unit_figures.people` keeps them."""

from typing import Literal

import pandas as pd

from app.store.database import Connection, frame_of, register

Basis = Literal["transformer", "cell"]
_UNIT = {"transformer": "transformer_id", "cell": "part_cell"}
_MOVED = "unit_people p JOIN unit_changes k ON k.key = p.{unit} WHERE NOT p.is_pinned"


def moved(
    connection: Connection,
    changes: pd.DataFrame,
    basis: Basis,
    *,
    first: int = 0,
    most: int | None = None,
) -> pd.DataFrame:
    """Customers of the changed units, from the `first` on at most `most`.

    changes: unit, old_area, new_area, key (the transformer or cell of its customers, a row each).
    Columns customer_no, name, phone, address, unit, old_area, new_area; by areas, then number.
    """
    register(connection, "unit_changes", changes)
    found = frame_of(
        connection.execute(
            "WITH asked AS (SELECT p.customer_no, k.unit, k.old_area, k.new_area FROM "
            + _MOVED.format(unit=_UNIT[basis])
            + " ORDER BY k.old_area NULLS FIRST, k.new_area NULLS FIRST, p.customer_no LIMIT $most OFFSET $first)"
            " SELECT a.customer_no, c.name, c.phone, c.address, a.unit, a.old_area, a.new_area"
            " FROM asked a JOIN customers c USING (customer_no)"
            " ORDER BY a.old_area NULLS FIRST, a.new_area NULLS FIRST, a.customer_no",
            {"first": first, "most": most},
        )
    )
    connection.unregister("unit_changes")
    return found


def pairs(connection: Connection, changes: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """How many move from area to area: old_area, new_area, units (with customers), customers."""
    register(connection, "unit_changes", changes)
    found = frame_of(
        connection.execute(
            "SELECT k.old_area, k.new_area, count(DISTINCT k.unit) AS units, count(*) AS customers FROM "
            + _MOVED.format(unit=_UNIT[basis])
            + " GROUP BY ALL ORDER BY customers DESC, k.old_area NULLS FIRST, k.new_area NULLS FIRST"
        )
    )
    connection.unregister("unit_changes")
    return found
