"""What could be known of customers on the eve of a visit: weeks of use, loss of the transformer."""

from datetime import date, datetime
from typing import Final

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, frame_of, register

_HEARD: Final = """coalesce(r.source, 'measured') <> 'estimated' AND r.energy_kwh IS NOT NULL
    AND (r.received_at IS NULL OR r.received_at < a.heard) AND r.day >= a.day - $days AND r.day < a.day"""
"""Measured before the day of the visit and come in before it."""

_OF_THE_DAY: Final = """(m.valid_from IS NULL OR m.valid_from::DATE <= {day}) AND (m.valid_to IS NULL OR m.valid_to::DATE > {day})"""

USE: Final = f"""
used AS (
  SELECT a.row, a.day AS visit, r.day, sum(r.energy_kwh * m.multiplier) AS kwh, sum(coalesce(r.reverse_kwh, 0) * m.multiplier) AS fed
  FROM asked a JOIN meter_links m ON m.customer_no = a.customer_no AND coalesce(m.role, 'billing') = 'billing'
  JOIN meter_readings r ON r.meter_id = m.meter_id AND {_HEARD} AND {_OF_THE_DAY.format(day="r.day")}
  GROUP BY a.row, a.day, r.day)"""
"""Energy of each asked customer by day."""

LOSS: Final = f"""
hung AS (
  SELECT a.row, min(m.transformer_id) AS transformer_id, any_value(a.day) AS day, any_value(a.heard) AS heard
  FROM asked a JOIN meter_links m ON m.customer_no = a.customer_no AND m.transformer_id IS NOT NULL
    AND coalesce(m.role, 'billing') = 'billing' AND {_OF_THE_DAY.format(day="a.day - 1")} GROUP BY a.row),
lines AS (SELECT DISTINCT transformer_id, day, heard FROM hung),
held AS (
  SELECT l.transformer_id, l.day, l.heard, m.meter_id, coalesce(m.role, 'billing') = 'master' AS is_master, m.multiplier,
    m.valid_from::DATE AS begins, m.valid_to::DATE AS ends
  FROM lines l JOIN meter_links m USING (transformer_id)
  ANTI JOIN (SELECT transformer_id FROM transformers WHERE kind = 'dedicated') d USING (transformer_id)
  WHERE coalesce(m.role, 'billing') IN ('billing', 'master', 'generation')),
days AS (SELECT unnest(range($days::BIGINT))::INTEGER + 1 AS back),
due AS (
  SELECT transformer_id, day, day - back AS on_day, count(*) FILTER (NOT is_master) AS meters, count(*) FILTER (is_master) AS masters
  FROM held JOIN days ON (begins IS NULL OR begins <= day - back) AND (ends IS NULL OR ends > day - back) GROUP BY ALL),
told AS (
  SELECT a.transformer_id, a.day, r.day AS on_day,
    sum(r.energy_kwh * a.multiplier) FILTER (is_master) AS master_kwh,
    sum(coalesce(r.reverse_kwh, 0) * a.multiplier) FILTER (is_master) AS back_kwh,
    sum(r.energy_kwh * a.multiplier) FILTER (NOT is_master) AS forward_kwh,
    sum(coalesce(r.reverse_kwh, 0) * a.multiplier) FILTER (NOT is_master) AS fed_kwh,
    count(*) FILTER (NOT is_master) AS read, count(*) FILTER (is_master) AS masters_read
  FROM held a JOIN meter_readings r ON r.meter_id = a.meter_id AND {_HEARD}
    AND (a.begins IS NULL OR a.begins <= r.day) AND (a.ends IS NULL OR a.ends > r.day)
  GROUP BY a.transformer_id, a.day, r.day),
lost AS (
  SELECT transformer_id, day, on_day, master_kwh + fed_kwh AS taken, master_kwh + fed_kwh - forward_kwh - back_kwh AS loss
  FROM due JOIN told USING (transformer_id, day, on_day)
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
        f"WITH {USE} SELECT row, (visit - day - 1) // 7 AS week, avg(kwh) AS kwh, avg(fed) AS fed, count(*) AS days"
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
        WITH {USE}, {LOSS},
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
