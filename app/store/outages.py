"""What counts as an outage in force, and who is in it, for every question that asks."""

from datetime import datetime

from app.store.database import Connection, moment_of

OPEN_AT = """
started_at <= $at AND (restored_at IS NULL OR restored_at > $at)
AND coalesce(status, 'in_force') NOT IN ('cancelled', 'proposed')
AND NOT (status = 'ended' AND restored_at IS NULL)
"""
"""Begun and not restored at the moment `$at`; ended without a known moment counts as over."""

BY_FEEDER = """
  SELECT outage_id, started_at, t.transformer_id FROM parts JOIN transformer_links t ON part = 'feeder:' || t.feeder_id
    AND (t.valid_from IS NULL OR t.valid_from <= started_at) AND (t.valid_to IS NULL OR t.valid_to > started_at)
"""
"""Transformers of the feeders that `parts` of scopes (outage_id, started_at, part) name, by the links of that day."""

FED = """
billed AS MATERIALIZED (
  SELECT customer_no, transformer_id, valid_from, valid_to FROM meter_links
  WHERE customer_no IS NOT NULL AND transformer_id IS NOT NULL AND coalesce(role, 'billing') = 'billing'
),
asked AS MATERIALIZED (
  SELECT l.outage_id, l.started_at, c.customer_no FROM lines l JOIN customers c USING (transformer_id)
),
billed_then AS (
  SELECT a.outage_id, a.customer_no FROM asked a JOIN billed b ON b.customer_no = a.customer_no
  WHERE (b.valid_from IS NULL OR b.valid_from <= a.started_at) AND (b.valid_to IS NULL OR b.valid_to > a.started_at)
),
fed AS (
  SELECT l.outage_id, b.customer_no FROM lines l JOIN billed b ON b.transformer_id = l.transformer_id
  WHERE (b.valid_from IS NULL OR b.valid_from <= l.started_at) AND (b.valid_to IS NULL OR b.valid_to > l.started_at)
  UNION
  SELECT outage_id, customer_no FROM asked ANTI JOIN billed_then USING (outage_id, customer_no)
  UNION
  SELECT outage_id, substr(part, 10) FROM parts WHERE starts_with(part, 'customer:')
)
"""
"""Steps that end in `fed` (outage_id, customer_no): customers of `lines` (outage_id, started_at, transformer_id) and `parts`.

A customer belongs to the transformer of the billing meter of the day the outage began, else of the archive.
"""


def first_begun_at(connection: Connection, at: datetime) -> datetime | None:
    """When the first outage known up to `at` began."""
    return moment_of(
        connection.execute("SELECT min(started_at) FROM outages WHERE started_at <= ?", [at])
    )
