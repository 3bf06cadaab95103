"""Questions behind the inbox of a plan: who is in which area by now, and drafts made from it."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of

_PEOPLE = """
    WITH linked AS (
      SELECT customer_no, min(transformer_id) AS transformer_id, max(valid_from) AS linked_at FROM meter_links
      WHERE customer_no IS NOT NULL AND transformer_id IS NOT NULL AND coalesce(role, 'billing') = 'billing'
        AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)
      GROUP BY customer_no)
    SELECT coalesce(l.transformer_id, c.transformer_id) AS transformer_id, coalesce(c.cell_id, 0) AS cell_id,
      a.area_id, coalesce(a.rule, 'none') AS rule, count(*) AS customers, count(c.lon) AS placed,
      sum(c.lon) AS lon, sum(c.lat) AS lat,
      min(coalesce(l.linked_at, c.connected_on::TIMESTAMPTZ)) AS since
    FROM customers c LEFT JOIN customer_areas a USING (customer_no) LEFT JOIN linked l USING (customer_no)
    GROUP BY ALL ORDER BY ALL
"""


def people(connection: Connection, at: datetime) -> pd.DataFrame:
    """Customers by transformer of that moment, cell (0 unplaced), area and the rule that gave it.

    transformer_id, cell_id, area_id, rule, customers, placed, lon and lat summed over those placed,
    since: when the first of them came there.
    """
    return frame_of(connection.execute(_PEOPLE, {"at": at}))


def stations(connection: Connection) -> pd.DataFrame:
    """The unit that keeps each transformer's feeder: transformer_id, unit_id."""
    return frame_of(
        connection.execute(
            "SELECT t.transformer_id, min(f.unit_id) AS unit_id FROM transformers t JOIN feeders f USING (feeder_id)"
            " WHERE f.unit_id IS NOT NULL GROUP BY t.transformer_id ORDER BY 1"
        )
    )


def drafts_of(connection: Connection, actor_id: str, plan_id: int, kind: str) -> list[int]:
    """A person's own drafts of a plan in which they made a stroke of that kind, newest first."""
    rows = connection.execute(
        "SELECT p.plan_id FROM service_plans p JOIN plan_drafts d USING (plan_id)"
        " WHERE p.status = 'draft' AND p.created_by = $actor AND d.based_on = $plan AND p.plan_id IN ("
        "   SELECT plan_id FROM draft_strokes WHERE actor = $actor AND kind = $kind)"
        " ORDER BY p.plan_id DESC",
        {"actor": actor_id, "plan": plan_id, "kind": kind},
    ).fetchall()
    return [int(row[0]) for row in rows]
