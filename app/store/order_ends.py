"""When orders ended: by their own stamp, else when supply was back where the call came from."""

from typing import Final

from app.store.outages import who_is_out

_KIN: Final = """
kin AS (
  SELECT DISTINCT outage_id AS root, outage_id FROM asked WHERE outage_id IS NOT NULL
  UNION
  SELECT k.root, o.outage_id FROM outages o JOIN kin k ON o.parent_outage_id = k.outage_id
)"""
_CHOSEN: Final = (
    "SELECT outage_id, scope, started_at, restored_at FROM outages"
    " WHERE outage_id IN (SELECT outage_id FROM kin)"
)
# the customer's own time tells most, then the transformer's, then the outage's as a whole
_ENDED: Final = """
ways AS (
  SELECT a.report_id, 1 AS way, d.out_at, d.back_at FROM asked a JOIN kin k ON k.root = a.outage_id
  JOIN dark d ON d.outage_id = k.outage_id AND d.customer_no = a.customer_no
  UNION ALL
  SELECT a.report_id, 2, l.out_at, l.back_at FROM asked a JOIN kin k ON k.root = a.outage_id
  JOIN lines l ON l.outage_id = k.outage_id AND l.transformer_id = a.transformer_id
  UNION ALL
  SELECT a.report_id, 3, c.started_at, c.restored_at FROM asked a JOIN chosen c USING (outage_id)
),
backs AS (
  SELECT report_id, CASE WHEN bool_and(coalesce(back_at <= $now, false)) THEN max(back_at) END AS back_at
  FROM (SELECT * FROM ways WHERE out_at <= $now QUALIFY way = min(way) OVER (PARTITION BY report_id))
  GROUP BY report_id
),
ended AS (
  SELECT a.*, CASE WHEN a.restored_at <= $now THEN a.restored_at WHEN b.back_at >= a.registered_at THEN b.back_at END AS ended_at
  FROM asked a LEFT JOIN backs b USING (report_id)
)"""


def with_ends(asked: str) -> str:
    """Steps (WITH …) to `ended`: the reports that `asked` selects, with ended_at as known at `$now`.

    ended_at is the report's own restoration; else the moment at which its customer (its transformer
    where the outage names no customer of that number, the outage as a whole where it names neither)
    had supply again in its outage and in all that lie behind it. Empty: still out, also where supply
    was back before the call.
    """
    who = who_is_out(_CHOSEN).removeprefix("WITH ").replace("$known", "$now")
    return f"WITH RECURSIVE asked AS MATERIALIZED ({asked}), {_KIN}, {who}, {_ENDED}"
