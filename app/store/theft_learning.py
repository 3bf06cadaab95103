"""What could be known of customers on the eve of a visit: weeks of use, loss of the transformer."""

from datetime import date, datetime
from typing import Final

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, frame_of, register
from app.store.reading_moments import CORRECTED_THEN, read_then

USE: Final = f"""
hers AS (
  SELECT a.row, a.day AS visit, a.heard, m.meter_id, m.multiplier, m.valid_from::DATE AS begins, m.valid_to::DATE AS ends
  FROM asked a JOIN meter_links m ON m.customer_no = a.customer_no AND coalesce(m.role, 'billing') = 'billing'),
several AS (SELECT row FROM hers GROUP BY row HAVING count(*) > 1),
summed AS (
  SELECT row, visit, on_day AS day, sum(kwh * multiplier) AS kwh, sum(fed * multiplier) AS fed, count(*) AS read
  FROM ({read_then("hers")}) WHERE NOT is_corrected GROUP BY row, visit, on_day),
due_of_several AS (
  SELECT s.row, s.day, count(*) AS due FROM summed s SEMI JOIN several USING (row) JOIN hers h
    ON h.row = s.row AND (h.begins IS NULL OR h.begins <= s.day) AND (h.ends IS NULL OR h.ends > s.day)
  GROUP BY s.row, s.day),
used AS (
  SELECT s.* EXCLUDE (read) FROM summed s LEFT JOIN due_of_several d ON d.row = s.row AND d.day = s.day
  WHERE s.read >= coalesce(d.due, 1))"""
"""Energy of each asked customer by day: of days on which every meter due was read.

What a person corrected is no measurement, and half of a home's meters would look like half its use.
"""

LOSS: Final = f"""
hung AS (
  SELECT a.row, min(m.transformer_id) AS transformer_id, any_value(a.day) AS day, any_value(a.heard) AS heard
  FROM asked a JOIN meter_links m ON m.customer_no = a.customer_no AND m.transformer_id IS NOT NULL
    AND coalesce(m.role, 'billing') = 'billing' AND (m.valid_from IS NULL OR m.valid_from::DATE <= a.day - 1)
    AND (m.valid_to IS NULL OR m.valid_to::DATE > a.day - 1) GROUP BY a.row),
lines AS (SELECT DISTINCT transformer_id, day AS visit, heard FROM hung),
held AS (
  SELECT l.transformer_id, l.visit, l.heard, m.meter_id, coalesce(m.role, 'billing') = 'master' AS is_master, m.multiplier,
    m.valid_from::DATE AS begins, m.valid_to::DATE AS ends
  FROM lines l JOIN meter_links m USING (transformer_id)
  ANTI JOIN (SELECT transformer_id FROM transformers WHERE kind = 'dedicated') d USING (transformer_id)
  WHERE coalesce(m.role, 'billing') IN ('billing', 'master', 'generation')),
days AS (SELECT unnest(range($days::BIGINT))::INTEGER + 1 AS back),
due AS (
  SELECT transformer_id, visit, visit - back AS on_day, count(*) FILTER (NOT is_master) AS meters, count(*) FILTER (is_master) AS masters
  FROM held JOIN days ON (begins IS NULL OR begins <= visit - back) AND (ends IS NULL OR ends > visit - back) GROUP BY ALL),
told AS (
  SELECT transformer_id, visit, on_day,
    sum(kwh * multiplier) FILTER (is_master) AS master_kwh, sum(fed * multiplier) FILTER (is_master) AS back_kwh,
    sum(kwh * multiplier) FILTER (NOT is_master) AS forward_kwh, sum(fed * multiplier) FILTER (NOT is_master) AS fed_kwh,
    count(*) FILTER (NOT is_master AND NOT is_corrected) AS read, count(*) FILTER (is_master AND NOT is_corrected) AS masters_read
  FROM ({read_then("held")}) GROUP BY transformer_id, visit, on_day),
lost AS (
  SELECT transformer_id, visit AS day, on_day, master_kwh + fed_kwh AS taken, master_kwh + fed_kwh - forward_kwh - back_kwh AS loss
  FROM due JOIN told USING (transformer_id, visit, on_day)
  WHERE masters > 0 AND masters_read = masters AND read >= $least * meters AND master_kwh + fed_kwh > 0)"""
"""Loss of each customer's transformer by known day, by the rule of the balance."""


def known_visits(connection: Connection, now: datetime, today: date) -> pd.DataFrame:
    """Inspections known now with what they teach from: inspection_id, customer_no, day, outcome."""
    return frame_of(
        connection.execute(
            "SELECT inspection_id, customer_no, inspected_on::TIMESTAMP AS day, outcome FROM inspections"
            " WHERE inspected_on <= ? AND (entered_at IS NULL OR entered_at <= ?) ORDER BY inspected_on, inspection_id",
            [today, now],
        )
    )


def attributes(connection: Connection, asked: pa.Table) -> pd.DataFrame:
    """By row: use_type, tariff, cell_id of the customer (missing where unknown)."""
    return _asked(
        connection, asked,
        "SELECT a.row, c.use_type, c.tariff, c.cell_id FROM asked a LEFT JOIN customers c USING (customer_no) ORDER BY a.row",
        {},
    )  # fmt: skip


def weeks(connection: Connection, asked: pa.Table, days: int) -> pd.DataFrame:
    """Mean energy of a day by row and week before the visit: row, week (0 the last), kwh, fed, days."""
    return _asked(
        connection, asked,
        f"WITH {CORRECTED_THEN}, {USE} SELECT row, (visit - day - 1) // 7 AS week, avg(kwh) AS kwh, avg(fed) AS fed, count(*) AS days"
        " FROM used GROUP BY ALL ORDER BY ALL",
        {"days": days},
    )  # fmt: skip


def loss_figures(
    connection: Connection, asked: pa.Table, days: int, least: float, recent: int
) -> pd.DataFrame:
    """By row, of known days before the visit, those of the last `recent` days apart.

    loss_recent, loss_before: rate of the transformer's loss; loss_rise_kwh: by how much it rose, a
    day; link, link_slope: correlation and slope of the loss on the customer's use; loss_days.
    """
    return _asked(
        connection, asked,
        f"""
        WITH {CORRECTED_THEN}, {USE}, {LOSS},
        rates AS (
          SELECT transformer_id, day, count(*)::DOUBLE AS loss_days,
            sum(loss) FILTER (on_day >= day - $recent) / sum(taken) FILTER (on_day >= day - $recent) AS loss_recent,
            sum(loss) FILTER (on_day < day - $recent) / sum(taken) FILTER (on_day < day - $recent) AS loss_before,
            avg(loss) FILTER (on_day >= day - $recent) - avg(loss) FILTER (on_day < day - $recent) AS loss_rise_kwh
          FROM lost GROUP BY transformer_id, day),
        links AS (
          SELECT h.row, corr(u.kwh, l.loss) AS link, regr_slope(l.loss, u.kwh) AS link_slope
          FROM hung h JOIN lost l USING (transformer_id, day) JOIN used u ON u.row = h.row AND u.day = l.on_day
          GROUP BY h.row HAVING count(*) >= 20 AND var_pop(u.kwh) > 0 AND var_pop(l.loss) > 0)
        SELECT a.row, r.* EXCLUDE (transformer_id, day), k.link, k.link_slope
        FROM asked a LEFT JOIN hung h USING (row) LEFT JOIN rates r ON r.transformer_id = h.transformer_id AND r.day = h.day
        LEFT JOIN links k ON k.row = a.row ORDER BY a.row
        """,
        {"days": days, "least": least, "recent": recent},
    )  # fmt: skip


def _asked(
    connection: Connection, asked: pa.Table, sql: str, values: dict[str, float]
) -> pd.DataFrame:
    """The answer about customers asked for: row, customer_no, day, heard."""
    register(connection, "asked", asked)
    found = frame_of(connection.execute(sql, values))
    connection.unregister("asked")
    return found
