"""The balance of each feeder and day: what came in, what every meter behind it accounts for."""

from typing import Final

import pandas as pd

from app.store.database import Connection, frame_of, register
from app.store.reading_reviews import READINGS
from app.store.theft_readings import MEASURED, Span

_SUMS: Final = f"""
WITH days AS (SELECT unnest(generate_series($first::DATE, $last::DATE, INTERVAL 1 DAY))::DATE AS day),
lines AS (
  SELECT transformer_id, feeder_id, coalesce(kind, 'public') = 'dedicated' AS is_dedicated,
    greatest(coalesce(valid_from::DATE, $first), $first) AS begins, least(coalesce(valid_to::DATE, $last + 1), $last + 1) AS ends
  FROM transformer_links WHERE feeder_id IS NOT NULL),
held AS (
  SELECT meter_id, transformer_id, CASE WHEN transformer_id IS NULL THEN feeder_id END AS head_of, coalesce(role, 'billing') = 'master' AS is_master,
    multiplier, greatest(coalesce(valid_from::DATE, $first), $first) AS begins,
    least(coalesce(valid_to::DATE, $last + 1), $last + 1) AS ends
  FROM meter_links WHERE coalesce(role, 'billing') IN ('billing', 'master', 'generation')
    AND (transformer_id IS NOT NULL OR (role = 'master' AND feeder_id IS NOT NULL))
    AND (valid_from IS NULL OR valid_from::DATE <= $last) AND (valid_to IS NULL OR valid_to::DATE > $first)),
due AS (
  SELECT transformer_id, head_of, day, is_master, sum(meters) AS meters
  FROM (SELECT transformer_id, head_of, is_master, begins, ends, count(*) AS meters FROM held GROUP BY ALL)
  JOIN days ON begins <= day AND day < ends GROUP BY ALL),
told AS (
  SELECT h.transformer_id, h.head_of, r.day, h.is_master, sum(r.energy_kwh * h.multiplier) AS kwh,
    sum(coalesce(r.reverse_kwh, 0) * h.multiplier) AS reverse_kwh, count(*) FILTER (NOT r.is_corrected) AS read
  FROM {READINGS} r JOIN held h ON h.meter_id = r.meter_id AND h.begins <= r.day AND r.day < h.ends
  WHERE {MEASURED} GROUP BY ALL),
placed AS (
  SELECT coalesce(d.head_of, l.feeder_id) AS feeder_id, d.transformer_id, d.day, d.head_of IS NOT NULL AS is_head, d.is_master, d.meters,
    coalesce(l.is_dedicated, false) AS is_dedicated, t.kwh, t.reverse_kwh, coalesce(t.read, 0) AS read,
    bool_or(d.is_master) OVER (PARTITION BY d.transformer_id, d.day) AS is_mastered
  FROM due d LEFT JOIN told t ON t.transformer_id IS NOT DISTINCT FROM d.transformer_id AND t.head_of IS NOT DISTINCT FROM d.head_of
    AND t.day = d.day AND t.is_master = d.is_master
  LEFT JOIN lines l ON l.transformer_id = d.transformer_id AND l.begins <= d.day AND d.day < l.ends)
SELECT feeder_id, day,
  sum(kwh) FILTER (is_head) AS head_kwh, sum(reverse_kwh) FILTER (is_head) AS head_reverse_kwh,
  sum(kwh) FILTER (is_master AND NOT is_head) AS master_kwh, sum(reverse_kwh) FILTER (is_master AND NOT is_head) AS master_reverse_kwh,
  sum(kwh) FILTER (is_dedicated AND NOT is_mastered) AS bare_kwh, sum(reverse_kwh) FILTER (is_dedicated AND NOT is_mastered) AS bare_reverse_kwh,
  sum(kwh) FILTER (NOT is_master) AS forward_kwh, sum(reverse_kwh) FILTER (NOT is_master) AS reverse_kwh,
  coalesce(sum(meters) FILTER (is_head), 0)::BIGINT AS heads, coalesce(sum(read) FILTER (is_head), 0)::BIGINT AS heads_read,
  coalesce(sum(meters) FILTER (is_master AND NOT is_head), 0)::BIGINT AS masters,
  coalesce(sum(read) FILTER (is_master AND NOT is_head), 0)::BIGINT AS masters_read,
  count(*) FILTER (NOT is_head AND NOT is_dedicated AND NOT is_mastered)::BIGINT AS unmastered,
  coalesce(sum(meters) FILTER (NOT is_master), 0)::BIGINT AS meters, coalesce(sum(read) FILTER (NOT is_master), 0)::BIGINT AS read,
  coalesce(sum(meters) FILTER (is_dedicated AND NOT is_master), 0)::BIGINT AS dedicated,
  coalesce(sum(read) FILTER (is_dedicated AND NOT is_master), 0)::BIGINT AS dedicated_read
FROM placed WHERE feeder_id IS NOT NULL GROUP BY feeder_id, day
"""


def sums(connection: Connection, span: Span) -> pd.DataFrame:
    """Sums of every feeder and day of the span, as `grid_cells.feeder_loss.feeder_losses` wants them."""
    return frame_of(
        connection.execute(
            f"SELECT * REPLACE (day::TIMESTAMP AS day) FROM ({_SUMS}) ORDER BY feeder_id, day",
            span.bounds,
        )
    )


def replace(connection: Connection, days: pd.DataFrame) -> None:
    """Put these rows in place of the table's."""
    connection.execute("DELETE FROM feeder_days")
    if days.empty:
        return
    register(connection, "new_days", days)
    connection.execute(
        "INSERT INTO feeder_days BY NAME SELECT * REPLACE (day::DATE AS day) FROM new_days"
    )
    connection.unregister("new_days")


def held(connection: Connection) -> pd.DataFrame:
    """The balance of every feeder in sight by day, with its name."""
    return frame_of(
        connection.execute(
            "SELECT d.* REPLACE (d.day::TIMESTAMP AS day), f.name FROM feeder_days d LEFT JOIN ("
            " SELECT feeder_id, any_value(name) AS name FROM feeders GROUP BY feeder_id) f USING (feeder_id) ORDER BY feeder_id, day"
        )
    )
