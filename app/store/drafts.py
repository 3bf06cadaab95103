"""Questions about plans being drawn: their units, areas, strokes and locks."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store.database import Connection, frame_of, register

_LINKED = """linked AS (
  SELECT customer_no, min(transformer_id) AS transformer_id FROM meter_links
  WHERE customer_no IS NOT NULL AND transformer_id IS NOT NULL AND coalesce(role, 'billing') = 'billing'
    AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)
  GROUP BY customer_no
)"""
"""Each customer's transformer by the billing meter of the moment."""


def insert(
    connection: Connection,
    plan: dict[str, Any],
    units: pd.DataFrame,
    areas: pd.DataFrame,
) -> None:
    """Write a new draft.

    plan: plan_id, name, basis, created_at, created_by, based_on, tolerance, weight; units: row_no, transformer_id,
    cell_id (0 where none), area; areas: area, area_id, name, hall_id, unit_id, colour.
    """
    connection.execute(
        "INSERT INTO service_plans (plan_id, name, basis, status, created_at, created_by)"
        " VALUES ($plan_id, $name, $basis, 'draft', $created_at, $created_by)",
        {n: plan[n] for n in ("plan_id", "name", "basis", "created_at", "created_by")},
    )
    connection.execute(
        "INSERT INTO plan_drafts VALUES ($plan_id, $based_on, $tolerance, $weight)",
        {n: plan[n] for n in ("plan_id", "based_on", "tolerance", "weight")},
    )
    register(connection, "incoming", units)
    connection.execute(
        "INSERT INTO draft_units SELECT $plan, row_no, transformer_id, nullif(cell_id, 0), area FROM incoming"
        " ORDER BY row_no",
        {"plan": plan["plan_id"]},
    )
    register(connection, "incoming", areas)
    connection.execute(
        "INSERT INTO draft_areas SELECT $plan, area, area_id, name, hall_id, unit_id, colour FROM incoming",
        {"plan": plan["plan_id"]},
    )
    connection.unregister("incoming")


def facts(connection: Connection, plan_id: int) -> dict[str, Any] | None:
    """The draft's own facts: plan_id, name, basis, status, created_by, based_on, tolerance, weight."""
    frame = frame_of(
        connection.execute(
            "SELECT p.plan_id, p.name, p.basis, p.status, p.created_at, p.created_by, d.based_on, d.tolerance, d.weight"
            " FROM service_plans p JOIN plan_drafts d USING (plan_id) WHERE p.plan_id = ?",
            [plan_id],
        )
    )
    if frame.empty:
        return None
    return {str(k): None if pd.isna(v) else v for k, v in frame.iloc[0].to_dict().items()}


def units(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Units in their order: row_no, transformer_id, cell_id (0 where none), area at the beginning."""
    return frame_of(
        connection.execute(
            "SELECT row_no, transformer_id, coalesce(cell_id, 0) AS cell_id, area FROM draft_units"
            " WHERE plan_id = ? ORDER BY row_no",
            [plan_id],
        )
    )


def areas(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Areas at the beginning, in their order: area, area_id, name, hall_id, unit_id, colour."""
    return frame_of(
        connection.execute(
            "SELECT area, area_id, name, hall_id, unit_id, colour FROM draft_areas WHERE plan_id = ? ORDER BY area",
            [plan_id],
        )
    )


def strokes(connection: Connection, plan_id: int) -> list[dict[str, Any]]:
    """Every stroke in order: seq, key, actor, made_at, kind, of_seq, rows, before, after, areas, locks."""
    table = connection.execute(
        "SELECT seq, key, actor, made_at, kind, of_seq, rows, before, after, areas, locks FROM draft_strokes"
        " WHERE plan_id = ? ORDER BY seq",
        [plan_id],
    ).to_arrow_table()
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def add_stroke(connection: Connection, plan_id: int, stroke: dict[str, Any]) -> None:
    """Write one stroke: seq, key, actor, made_at, kind, of_seq, rows, before, after, areas, locks."""
    connection.execute(
        "INSERT INTO draft_strokes VALUES ($plan_id, $seq, $key, $actor, $made_at, $kind, $of_seq, $rows, $before,"
        " $after, $areas, $locks)",
        {"plan_id": plan_id, **stroke},
    )


def add_cells(
    connection: Connection, plan_id: int, cells: "NDArray[np.int64]", *, first: int, area: int
) -> None:
    """Append cells to a draft's units, numbered from `first` on, all of one area at the beginning."""
    rows = pd.DataFrame({"row_no": first + np.arange(len(cells)), "cell_id": cells})
    register(connection, "incoming", rows)
    connection.execute(
        "INSERT INTO draft_units SELECT $plan, row_no, NULL, cell_id, $area FROM incoming ORDER BY row_no",
        {"plan": plan_id, "area": area},
    )
    connection.unregister("incoming")


def locked_areas(connection: Connection, plan_id: int) -> list[int]:
    """Locked areas by their place."""
    rows = connection.execute("SELECT area FROM draft_area_locks WHERE plan_id = ?", [plan_id])
    return [int(row[0]) for row in rows.fetchall()]


def lock_area(connection: Connection, plan_id: int, area: int, *, locked: bool) -> None:
    """Lock an area, or open it again."""
    connection.execute(
        "DELETE FROM draft_area_locks WHERE plan_id = ? AND area = ?", [plan_id, area]
    )
    if locked:
        connection.execute("INSERT INTO draft_area_locks VALUES (?, ?)", [plan_id, area])


def unit_links(connection: Connection, basis: str, at: datetime) -> pd.DataFrame:
    """Where the customers of each unit live: unit, cell_id, customers, lon and lat summed.

    By the transformer's links of that moment, or by cell; customers without a place have cell_id 0.
    """
    by_transformer = basis == "transformer"
    unit = "coalesce(l.transformer_id, c.transformer_id)" if by_transformer else "c.cell_id"
    return frame_of(
        connection.execute(
            f"""
            WITH {_LINKED}
            SELECT {unit} AS unit, coalesce(c.cell_id, 0) AS cell_id, count(*) AS customers,
              sum(c.lon) AS lon, sum(c.lat) AS lat
            FROM customers c LEFT JOIN linked l USING (customer_no)
            WHERE {unit} IS NOT NULL GROUP BY ALL ORDER BY 1, 2
            """,
            {"at": at},
        )
    )


def transformer_places(connection: Connection, at: datetime) -> pd.DataFrame:
    """Transformers of that moment with their own cell: transformer_id, cell_id (0 unplaced), lon, lat."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, coalesce(cell_id, 0) AS cell_id, lon, lat FROM transformer_links"
            " WHERE (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)"
            " ORDER BY transformer_id",
            {"at": at},
        )
    )


def transformers_by_area(connection: Connection, at: datetime) -> pd.DataFrame:
    """The area most of each transformer's customers have now, of equals the first: unit, area_id."""
    return frame_of(
        connection.execute(
            f"""
            WITH {_LINKED}, counted AS (
              SELECT coalesce(l.transformer_id, c.transformer_id) AS unit, a.area_id, count(*) AS n
              FROM customers c JOIN customer_areas a USING (customer_no) LEFT JOIN linked l USING (customer_no)
              WHERE a.area_id IS NOT NULL GROUP BY ALL
            )
            SELECT unit, area_id FROM counted WHERE unit IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY unit ORDER BY n DESC, area_id) = 1 ORDER BY unit
            """,
            {"at": at},
        )
    )


def unit_areas(connection: Connection, basis: str, at: datetime) -> pd.DataFrame:
    """Customers of each unit by the area they have now: unit, area_id (missing: none), customers."""
    unit = "coalesce(l.transformer_id, c.transformer_id)" if basis == "transformer" else "c.cell_id"
    return frame_of(
        connection.execute(
            f"""
            WITH {_LINKED}
            SELECT {unit} AS unit, a.area_id, count(*) AS customers
            FROM customers c LEFT JOIN customer_areas a USING (customer_no) LEFT JOIN linked l USING (customer_no)
            WHERE {unit} IS NOT NULL GROUP BY ALL ORDER BY 1, 2
            """,
            {"at": at},
        )
    )
