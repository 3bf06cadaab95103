"""Questions about customers whose unit changes area; asked while `unit_figures.people` keeps them."""

from typing import Literal

import pandas as pd

from app.store.database import Connection, frame_of, register

Basis = Literal["transformer", "cell", "customer"]
"""Units of a plan; or customers one by one, where the plans' units differ."""
_JOINED = "unit_people p JOIN unit_changes k ON k.key = p."
_MOVED = {
    "transformer": f"{_JOINED}transformer_id WHERE NOT p.is_pinned",
    "cell": f"{_JOINED}part_cell WHERE NOT p.is_pinned",
    # whoever names customers has followed their overrides already
    "customer": f"{_JOINED}customer_no",
}
_SHOWN = {"transformer": "k.unit", "cell": "k.unit", "customer": "p.cell_id"}


def moved(
    connection: Connection,
    changes: pd.DataFrame,
    basis: Basis,
    *,
    first: int = 0,
    most: int | None = None,
) -> pd.DataFrame:
    """Customers of the changed units, from the `first` on at most `most`.

    changes: unit, old_area, new_area, key (the transformer, cell or number of its customers, a row
    each). Columns customer_no, name, phone, address, unit (of customers: their cell, 0 = unplaced),
    old_area, new_area; by areas, then number.
    """
    register(connection, "unit_changes", changes)
    found = frame_of(
        connection.execute(
            f"WITH asked AS (SELECT p.customer_no, {_SHOWN[basis]} AS unit, k.old_area, k.new_area FROM "
            + _MOVED[basis]
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
            + _MOVED[basis]
            + " GROUP BY ALL ORDER BY customers DESC, k.old_area NULLS FIRST, k.new_area NULLS FIRST"
        )
    )
    connection.unregister("unit_changes")
    return found
