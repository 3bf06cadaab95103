"""Checks of daily readings: what is due and was read, and what was found, kept by meter and day."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, frame_of, register
from app.store.outage_book import plain_row
from app.store.theft_readings import ROWS_A_LOT, Span

_CHECK: Final = (
    "made_at", "made_by", "first_day", "last_day", "meters", "due", "findings", "entered",
    "data_version",
)  # fmt: skip


def meters(connection: Connection, span: Span) -> pd.DataFrame:
    """Every meter's links in the span, those of one transformer together.

    meter_id, customer_no, transformer_id, feeder_id (of the span's end), maker, multiplier, is_master, cell_id
    (of the customer, of a master its transformer's), begins, ends (columns of the span, the first
    day no more).
    """
    return frame_of(
        connection.execute(
            """
            SELECT l.meter_id, l.customer_no, l.transformer_id, t.feeder_id, l.maker, l.multiplier,
              coalesce(l.role, 'billing') = 'master' AS is_master,
              nullif(coalesce(c.cell_id, CASE WHEN l.customer_no IS NULL THEN t.cell_id END), 0) AS cell_id,
              (greatest(coalesce(l.valid_from::DATE, $first), $first) - $first)::INTEGER AS begins,
              (least(coalesce(l.valid_to::DATE, $last + 1), $last + 1) - $first)::INTEGER AS ends
            FROM meter_links l LEFT JOIN customers c USING (customer_no) LEFT JOIN (
              SELECT transformer_id, any_value(feeder_id) AS feeder_id, any_value(cell_id) AS cell_id
              FROM transformer_links WHERE (valid_from IS NULL OR valid_from::DATE <= $last)
                AND (valid_to IS NULL OR valid_to::DATE > $last) GROUP BY transformer_id) t ON t.transformer_id = l.transformer_id
            WHERE (l.valid_from IS NULL OR l.valid_from::DATE <= $last) AND (l.valid_to IS NULL OR l.valid_to::DATE > $first)
            ORDER BY l.transformer_id, l.meter_id, begins
            """,
            {"first": span.first, "last": span.last},
        )
    )


_SOURCES: Final = """
  r.day BETWEEN $first AND $last AND coalesce(r.source, 'measured') <> 'estimated' AND (r.received_at IS NULL OR r.received_at <= $now)
"""
_JOINED: Final = """
  meter_readings r JOIN checked_rows t ON t.meter_id = r.meter_id AND t.begins <= r.day - $first AND r.day - $first < t.ends
"""
_ENERGIES: Final = f"""
SELECT t.row::INTEGER AS row, (r.day - $first)::SMALLINT AS day, r.energy_kwh::FLOAT AS kwh,
  coalesce(r.received_at < e.ends_at AND coalesce(r.source, 'measured') <> 'manual', false) AS is_early
FROM {_JOINED} JOIN checked_days e ON e.day = r.day
WHERE r.energy_kwh IS NOT NULL AND {_SOURCES}
"""
_FALLEN: Final = f"""
SELECT t.row::INTEGER AS row, (r.day - $first)::SMALLINT AS day, (r.register_kwh - y.register_kwh)::FLOAT AS kwh, false AS is_early
FROM {_JOINED} JOIN meter_readings y ON y.meter_id = r.meter_id AND y.day = r.day - 1
WHERE r.energy_kwh IS NULL AND r.register_kwh < y.register_kwh AND {_SOURCES}
"""
"""Registers that fell since the day before: of a load only these come without an energy."""


def readings(
    connection: Connection, span: Span, rows: pd.DataFrame, ends: pd.DataFrame
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """What came in of some meters, in lots: row, day (from the first), kWh, whether stamped too early.

    `rows`: row, meter_id, begins, ends; `ends`: day and ends_at, when the day was over. kWh before
    the multiplier, below 0 where a register fell. Estimates are no readings.
    """
    register(connection, "checked_rows", pa.Table.from_pandas(rows, preserve_index=False))
    register(connection, "checked_days", pa.Table.from_pandas(ends, preserve_index=False))
    for text in (_ENERGIES, _FALLEN):
        for batch in connection.execute(text, span.bounds).to_arrow_reader(ROWS_A_LOT):
            yield tuple(batch.column(i).to_numpy(zero_copy_only=False) for i in range(4))
    for name in ("checked_rows", "checked_days"):
        connection.unregister(name)


def keep(
    connection: Connection, row: Mapping[str, Any], quality: pd.DataFrame, found: pd.DataFrame
) -> int:
    """Number of a new check; its meters and findings take the place of the former one's."""
    for table, frame in (("meter_quality", quality), ("reading_findings", found)):
        connection.execute(f"DELETE FROM {table}")
        register(connection, "new_rows", frame)
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM new_rows")
        connection.unregister("new_rows")
    held = connection.execute(
        f"INSERT INTO reading_checks (check_id, {', '.join(_CHECK)})"
        f" VALUES (nextval('reading_check_ids'), {', '.join('?' for _ in _CHECK)}) RETURNING check_id",
        [row[name] for name in _CHECK],
    ).fetchone()
    return int(held[0]) if held else 0


def set_entered(connection: Connection, check_id: int, entered: int) -> None:
    """How many runs of days a check put into the queue."""
    connection.execute(
        "UPDATE reading_checks SET entered = ? WHERE check_id = ?", [entered, check_id]
    )


def newest(connection: Connection) -> dict[str, Any] | None:
    """The check whose meters and findings are held; None before the first."""
    frame = frame_of(
        connection.execute("SELECT * FROM reading_checks ORDER BY check_id DESC LIMIT 1")
    )
    return None if frame.empty else plain_row(frame)


def counts(connection: Connection, made_at: datetime) -> dict[str, int]:
    """Of the held check what is in sight: meters, due, findings, entered (by it into the queue)."""
    row = connection.execute(
        """
        SELECT count(DISTINCT meter_id), coalesce(sum(due), 0)::BIGINT,
          (SELECT count(*) FROM reading_findings SEMI JOIN meter_quality USING (meter_id)),
          (SELECT count(*) FROM reading_reviews WHERE entered_how = 'rules' AND entered_at = $at)
        FROM meter_quality
        """,
        {"at": made_at},
    ).fetchone()
    names = ("meters", "due", "findings", "entered")
    return dict(zip(names, map(int, row or (0, 0, 0, 0)), strict=True))


def last_day(connection: Connection, today: date, now: datetime) -> tuple[date, date, int] | None:
    """First and last day with readings known then, and how many have arrived; None without any."""
    row = connection.execute(
        "SELECT min(day), max(day), count(*) FROM meter_readings WHERE day <= $today AND (received_at IS NULL OR received_at <= $now)",
        {"today": today, "now": now},
    ).fetchone()
    return None if row is None or row[1] is None else (row[0], row[1], int(row[2]))
