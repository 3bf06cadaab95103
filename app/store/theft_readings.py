"""Readings for balances and suspicions, straight from the store: one SQL text each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from app.store import meta
from app.store.database import Connection, frame_of, register
from app.store.reading_reviews import READINGS

ROWS_A_LOT: Final = 1_000_000


@dataclass(frozen=True)
class Span:
    """Days looked at, both included, and the moment until which readings had arrived."""

    first: date
    last: date
    now: datetime
    heard_us: int | None = None
    """When the newest reading known at `now` came in, in microseconds since 1970."""

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def bounds(self) -> dict[str, Any]:
        """As parameters of the questions below."""
        return {"first": self.first, "last": self.last, "now": self.now}


MEASURED: Final = (
    "day BETWEEN $first AND $last AND coalesce(source, 'measured') <> 'estimated'"
    " AND energy_kwh IS NOT NULL AND (received_at IS NULL OR received_at <= $now)"
)
"""Of a table of readings: estimates neither train nor accuse; what had not arrived is not known yet."""

_ALL: Final = "l.transformer_id IS NOT NULL"
_HELD: Final = f"""
held AS (
  SELECT l.meter_id, l.customer_no, l.transformer_id, coalesce(l.role, 'billing') = 'master' AS is_master, l.multiplier, l.maker,
    greatest(coalesce(l.valid_from::DATE, $first), $first) AS begins,
    least(coalesce(l.valid_to::DATE, $last + 1), $last + 1) AS ends
  FROM meter_links l
  ANTI JOIN (SELECT transformer_id FROM transformers WHERE kind = 'dedicated') d USING (transformer_id)
  WHERE {_ALL} AND coalesce(l.role, 'billing') IN ('billing', 'master', 'generation')
    AND (l.valid_from IS NULL OR l.valid_from::DATE <= $last) AND (l.valid_to IS NULL OR l.valid_to::DATE > $first))"""
"""Meters behind public transformers with the days of each link; $last + 1 is the day after."""

BALANCE: Final = f"""
WITH {_HELD},
days AS (SELECT unnest(generate_series($first::DATE, $last::DATE, INTERVAL 1 DAY))::DATE AS day),
due AS (
  SELECT transformer_id, day, sum(meters) FILTER (NOT is_master) AS meters, sum(meters) FILTER (is_master) AS masters
  FROM (SELECT transformer_id, is_master, begins, ends, count(*) AS meters FROM held GROUP BY ALL)
  JOIN days ON begins <= day AND day < ends GROUP BY transformer_id, day),
told AS (
  SELECT h.transformer_id, r.day,
    sum(r.energy_kwh * h.multiplier) FILTER (is_master) AS master_kwh,
    sum(coalesce(r.reverse_kwh, 0) * h.multiplier) FILTER (is_master) AS master_reverse_kwh,
    sum(r.energy_kwh * h.multiplier) FILTER (NOT is_master) AS forward_kwh,
    sum(coalesce(r.reverse_kwh, 0) * h.multiplier) FILTER (NOT is_master) AS reverse_kwh,
    count(*) FILTER (NOT is_master AND NOT is_corrected) AS read, count(*) FILTER (is_master AND NOT is_corrected) AS masters_read
  FROM {READINGS} r JOIN held h ON h.meter_id = r.meter_id AND h.begins <= r.day AND r.day < h.ends
  WHERE {MEASURED} GROUP BY h.transformer_id, r.day),
summed AS (
  SELECT transformer_id, day, CASE WHEN masters_read = masters THEN master_kwh END AS master_kwh, master_reverse_kwh,
    forward_kwh, reverse_kwh, coalesce(read, 0) / meters AS measured, meters,
    master_kwh + reverse_kwh AS taken, forward_kwh + master_reverse_kwh AS given
  FROM due LEFT JOIN told USING (transformer_id, day) WHERE masters > 0 AND meters > 0)
SELECT transformer_id, day, master_kwh, master_reverse_kwh, forward_kwh, reverse_kwh,
  CASE WHEN is_known THEN taken - given END AS loss_kwh, CASE WHEN is_known THEN (taken - given) / taken END AS loss_rate,
  measured, meters::BIGINT AS meters, is_known
FROM (SELECT *, coalesce(master_kwh IS NOT NULL AND taken > 0 AND measured >= $least, false) AS is_known FROM summed)
"""
"""Loss of each transformer and day = (master forward + feed-in) − (forward + master reverse), each × its
multiplier, by the links of that day; known only with the master read and enough meters measured. What a
person corrected counts in the sums, never as measured."""


def span(connection: Connection, now: datetime, today: date, most: int) -> Span | None:
    """The last days with readings, at most so many; None without readings."""
    row = connection.execute(
        "SELECT min(day), max(day), epoch_us(max(received_at)) FROM meter_readings WHERE day <= $today AND (received_at IS NULL OR received_at <= $now)",
        {"today": today, "now": now},
    ).fetchone()
    if row is None or row[1] is None:
        return None
    first = max(row[0], row[1] - pd.Timedelta(days=most - 1).to_pytimedelta())
    return Span(first, row[1], now, row[2])


LOSS_DAYS: Final = "loss_days"
"""Of which facts `loss_days` tells, as the store keeps it."""
_OF_SOME: Final = BALANCE.replace(_ALL, "list_contains($lines::VARCHAR[], l.transformer_id)")


def balance(
    connection: Connection, span: Span, least_measured: float, lines: list[str] | None = None
) -> pa.Table:
    """The balance of every transformer (of `lines` alone) and day, in the columns of `loss_days`."""
    values = {**span.bounds, "least": least_measured}
    if lines is None:
        return connection.execute(BALANCE, values).to_arrow_table()
    return connection.execute(_OF_SOME, {**values, "lines": lines}).to_arrow_table()


def keep_loss_days(connection: Connection, rows: pa.Table, version: str) -> None:
    """Put these balances in place of the table's rows."""
    meta.set_value(connection, LOSS_DAYS, version)
    register(connection, "loss_rows", rows)
    connection.execute("DELETE FROM loss_days")
    connection.execute("INSERT INTO loss_days SELECT * FROM loss_rows")
    connection.unregister("loss_rows")


def rebuild_loss_days(
    connection: Connection, span: Span, least_measured: float, version: str
) -> None:
    """Put the balance of every transformer and day of the span in place of the table's rows."""
    keep_loss_days(connection, balance(connection, span, least_measured), version)


def meters(connection: Connection, span: Span) -> pd.DataFrame:
    """Meters behind public transformers with a master, those of one transformer together.

    meter_id, customer_no, transformer_id, is_master, multiplier, maker, begins, ends (first day no
    more), peers (use type and tariff), cell_id, lon, lat (missing where unplaced).
    """
    return frame_of(
        connection.execute(
            f"""
            WITH {_HELD}
            SELECT h.* EXCLUDE (begins, ends), (h.begins - $first)::INTEGER AS begins, (h.ends - $first)::INTEGER AS ends,
              concat_ws('/', c.use_type, c.tariff) AS peers, c.cell_id, c.lon, c.lat
            FROM held h SEMI JOIN (SELECT transformer_id FROM held WHERE is_master) m USING (transformer_id)
            LEFT JOIN customers c USING (customer_no) WHERE h.begins < h.ends
            ORDER BY h.transformer_id, h.customer_no, h.meter_id, h.begins
            """,
            {"first": span.first, "last": span.last},
        )
    )


def transformers(connection: Connection) -> pd.DataFrame:
    """Public transformers: transformer_id, feeder_id, lon, lat."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, any_value(feeder_id) AS feeder_id, any_value(lon) AS lon, any_value(lat) AS lat"
            " FROM transformers WHERE valid_to IS NULL AND kind IS DISTINCT FROM 'dedicated' GROUP BY transformer_id ORDER BY 1"
        )
    )


def temperatures(connection: Connection, span: Span) -> dict[date, float]:
    """Mean temperature (°C) of the days of the span that facts of cells tell, known at its moment."""
    rows = connection.execute(
        """
        SELECT as_of::DATE AS day, avg(value) FROM cell_facts
        WHERE (lower(measure) LIKE 'temperature%' OR measure LIKE '气温%') AND as_of <= $now
          AND as_of::DATE BETWEEN $first AND $last GROUP BY ALL ORDER BY ALL
        """,
        span.bounds,
    ).fetchall()
    return {day: float(celsius) for day, celsius in rows}


def readings(
    connection: Connection, span: Span, rows: pd.DataFrame
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """What was measured, in lots: row, day (from the first), kWh drawn, kWh fed in, × the multiplier.

    What a person corrected was not measured: it neither makes a balance known nor is sound.

    `rows`: row, meter_id, multiplier, begins, ends as `meters` tells them.
    """
    register(connection, "theft_rows", pa.Table.from_pandas(rows, preserve_index=False))
    asked = connection.execute(
        f"""
        SELECT t.row::INTEGER AS row, (r.day - $first)::SMALLINT AS day, (r.energy_kwh * t.multiplier)::FLOAT AS kwh,
          (coalesce(r.reverse_kwh, 0) * t.multiplier)::FLOAT AS fed
        FROM {READINGS} r JOIN theft_rows t ON t.meter_id = r.meter_id AND t.begins <= r.day - $first AND r.day - $first < t.ends
        WHERE {MEASURED} AND NOT is_corrected
        """,
        span.bounds,
    )
    for batch in asked.to_arrow_reader(ROWS_A_LOT):
        yield tuple(batch.column(i).to_numpy() for i in range(4))
    connection.unregister("theft_rows")
