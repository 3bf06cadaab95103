"""Questions about the newest check: meters by maker, terminal, transformer and cell, days by finding."""

from datetime import date, datetime
from typing import Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.reading_reviews import STANDING

KINDS: Final = ("missing", "negative", "clock", "frozen", "spike", "zero")
NAMES: Final = {
    "maker": "coalesce(maker, '?')",
    "terminal": "terminal",
    "transformer": "coalesce(transformer_id, '?')",
    "feeder": "coalesce(feeder_id, '?')",
    "cell": "cell_id::VARCHAR",
}

_HELD: Final = f"""
WITH {STANDING},
excused AS (
  SELECT f.meter_id, count(*) FILTER (f.finding = 'spike') AS spikes, count(*) FILTER (f.finding = 'zero') AS zeros, count(*) AS days,
    {", ".join(f"count(*) FILTER (f.finding = '{one}') AS {one}" for one in KINDS)}
  FROM reading_findings f JOIN (
    SELECT DISTINCT r.meter_id, d.day FROM reading_reviews r JOIN standing s USING (review_id) JOIN reading_review_days d USING (review_id)
    WHERE s.state = 'accepted') a ON a.meter_id = f.meter_id AND a.day = f.day
  GROUP BY f.meter_id),
held AS (
  SELECT q.* REPLACE ({", ".join(f"q.{one} - coalesce(e.{one}, 0) AS {one}" for one in KINDS)}),
    q.due * (1 - q.quality) - coalesce(e.days - e.spikes * 0.5 - e.zeros * 0.75, 0) AS bad
  FROM meter_quality q LEFT JOIN excused e USING (meter_id) WHERE q.due > 0)"""
"""Meters of the newest check; days whose reading two persons accepted since are no findings any more."""

_COUNTS: Final = ", ".join(f"sum({one})::BIGINT AS {one}" for one in KINDS)
_CHOSEN: Final = (
    "($maker IS NULL OR maker = $maker) AND ($transformer IS NULL OR transformer_id = $transformer)"
)


def by_name(
    connection: Connection, by: str, now: datetime, maker: str | None, transformer: str | None
) -> pd.DataFrame:
    """Sums by maker, terminal, transformer, feeder or cell: name, meters, due, each finding, bad."""
    return frame_of(
        connection.execute(
            f"{_HELD} SELECT {NAMES[by]} AS name, count(DISTINCT meter_id) AS meters, sum(due)::BIGINT AS due, {_COUNTS}, sum(bad) AS bad"
            f" FROM held WHERE {NAMES[by]} IS NOT NULL AND {_CHOSEN} GROUP BY 1 ORDER BY 1",
            {"now": now, "maker": maker, "transformer": transformer},
        )
    )


def by_cell(connection: Connection, now: datetime, maker: str | None) -> pd.DataFrame:
    """Sums by cell of the customers' meters: cell_id, meters, due, each finding, bad."""
    return frame_of(
        connection.execute(
            f"{_HELD} SELECT cell_id, count(DISTINCT meter_id)::DOUBLE AS meters, sum(due)::DOUBLE AS due,"
            f" {', '.join(f'sum({one})::DOUBLE AS {one}' for one in KINDS)}, sum(bad) AS bad"
            " FROM held WHERE cell_id IS NOT NULL AND NOT is_master AND ($maker IS NULL OR maker = $maker) GROUP BY 1 ORDER BY 1",
            {"now": now, "maker": maker},
        )
    )


def by_day(
    connection: Connection, first: date, last: date, maker: str | None, transformer: str | None
) -> pd.DataFrame:
    """Meter days due and found by day: day, due, each finding."""
    counts = ", ".join(f"count(*) FILTER (f.finding = '{one}') AS {one}" for one in KINDS)
    return frame_of(
        connection.execute(
            f"""
            WITH chosen AS (SELECT DISTINCT meter_id, first_day, last_day FROM meter_quality WHERE {_CHOSEN} AND due > 0),
            days AS (SELECT unnest(generate_series($first::DATE, $last::DATE, INTERVAL 1 DAY))::DATE AS day),
            due AS (
              SELECT day, sum(meters)::BIGINT AS due
              FROM (SELECT first_day, last_day, count(*) AS meters FROM chosen GROUP BY ALL) JOIN days ON first_day <= day AND day <= last_day
              GROUP BY day),
            found AS (
              SELECT f.day, {counts} FROM reading_findings f SEMI JOIN chosen USING (meter_id) GROUP BY f.day)
            SELECT d.day::TIMESTAMP AS day, due, {", ".join(f"coalesce({one}, 0) AS {one}" for one in KINDS)}
            FROM due d LEFT JOIN found USING (day) ORDER BY d.day
            """,
            {"first": first, "last": last, "maker": maker, "transformer": transformer},
        )
    )


def makers(connection: Connection) -> list[str]:
    """Makers of the meters checked."""
    rows = connection.execute(
        "SELECT DISTINCT maker FROM meter_quality WHERE maker IS NOT NULL ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def of_meter(connection: Connection, meter_id: str) -> float | None:
    """The quality of a meter in the newest check, None where it was not checked."""
    row = connection.execute(
        "SELECT sum(quality * due) / nullif(sum(due), 0) FROM meter_quality WHERE meter_id = ?",
        [meter_id],
    ).fetchone()
    return None if row is None or row[0] is None else float(row[0])
