"""Questions about customers and the meters that tie them to transformers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, Database, frame_of, moment_of, register
from app.store.reading_reviews import READINGS


def to_assign(connection: Connection, at: datetime, *, placed: bool = False) -> pd.DataFrame:
    """What assignment needs of every customer: customer_no, transformer_id of that moment, cell_id (0 = unplaced).

    With `placed` also lon and lat, which only claims on finer cells ask for.
    """
    places = ", c.lon, c.lat" if placed else ""
    return frame_of(
        connection.execute(
            f"""
            WITH linked AS (
              SELECT customer_no, min(transformer_id) AS transformer_id FROM meter_links
              WHERE customer_no IS NOT NULL AND transformer_id IS NOT NULL AND coalesce(role, 'billing') = 'billing'
                AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)
              GROUP BY customer_no
            )
            SELECT c.customer_no, coalesce(l.transformer_id, c.transformer_id) AS transformer_id,
              coalesce(c.cell_id, 0) AS cell_id{places}
            FROM customers c LEFT JOIN linked l USING (customer_no)
            """,
            {"at": at},
        )
    )


def one(connection: Connection, customer_no: str) -> dict[str, Any] | None:
    """The customer's archive, or None."""
    frame = frame_of(
        connection.execute(
            "SELECT * EXCLUDE (row_no) REPLACE (coalesce(cell_id, 0) AS cell_id) FROM customers WHERE customer_no = ?",
            [customer_no],
        )
    )
    if frame.empty:
        return None
    return {str(k): (None if pd.isna(v) else v) for k, v in frame.iloc[0].to_dict().items()}


def is_known(connection: Connection, customer_no: str) -> bool:
    """Whether there is such a customer."""
    row = connection.execute(
        "SELECT count(*) FROM customers WHERE customer_no = ?", [customer_no]
    ).fetchone()
    return row is not None and int(row[0]) > 0


def transformer_of(connection: Connection, customer_no: str, at: datetime) -> str | None:
    """The transformer that feeds the customer at that moment, by meter, else by the archive."""
    row = connection.execute(
        """
        SELECT coalesce(
          (SELECT min(transformer_id) FROM meter_links WHERE customer_no = $no AND transformer_id IS NOT NULL
             AND coalesce(role, 'billing') = 'billing'
             AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)),
          (SELECT min(transformer_id) FROM customers WHERE customer_no = $no))
        """,
        {"no": customer_no, "at": at},
    ).fetchone()
    return None if row is None else row[0]


def meters_of(db: Database, customer_no: str) -> pd.DataFrame:
    """The customer's meters with their box, transformer, role, multiplier, maker and dates."""
    return db.query(
        "SELECT meter_id, meter_box_id, transformer_id, role, multiplier, maker, valid_from, valid_to"
        " FROM meter_links WHERE customer_no = ? ORDER BY meter_id, valid_from",
        [customer_no],
    )


def transformer(db: Database, transformer_id: str) -> dict[str, Any] | None:
    """A transformer with its feeder's name, or None."""
    frame = db.query(
        """
        SELECT t.transformer_id, t.name, t.kind, t.feeder_id, f.name AS feeder_name, t.capacity_kva, t.lon, t.lat,
          coalesce(t.cell_id, 0) AS cell_id
        FROM transformer_links t LEFT JOIN feeders f USING (feeder_id)
        WHERE t.transformer_id = ? ORDER BY t.valid_from DESC NULLS LAST LIMIT 1
        """,
        [transformer_id],
    )
    if frame.empty:
        return None
    return {str(k): (None if pd.isna(v) else v) for k, v in frame.iloc[0].to_dict().items()}


def readings_of(
    db: Database, customer_no: str, days: int, now: datetime, today: date
) -> pd.DataFrame:
    """The customer's last days: day, energy_kwh and reverse_kwh after the multiplier, source.

    Of days until today, of what had come in at `now`.
    """
    return db.query(
        f"""
        SELECT r.day, sum(r.energy_kwh * m.multiplier) AS energy_kwh,
          sum(r.reverse_kwh * m.multiplier) AS reverse_kwh, min(r.source) AS source
        FROM {READINGS} r JOIN meter_links m ON m.meter_id = r.meter_id
          AND (m.valid_from IS NULL OR m.valid_from::DATE <= r.day) AND (m.valid_to IS NULL OR m.valid_to::DATE > r.day)
        WHERE m.customer_no = $no AND r.meter_id IN (SELECT meter_id FROM meters WHERE customer_no = $no)
          AND r.day <= $today AND (r.received_at IS NULL OR r.received_at <= $now)
        GROUP BY r.day ORDER BY r.day DESC LIMIT $days
        """,
        {"no": customer_no, "days": days, "now": now, "today": today},
    ).sort_values("day", ignore_index=True)


def find_number(db: Database, text: str, limit: int, *, is_exact: bool = False) -> pd.DataFrame:
    """Customers whose number is the text or, unless `is_exact`, starts with it."""
    begins = "" if is_exact else " OR starts_with(customer_no, $text)"
    return _found(db, f"customer_no = $text{begins}", text, limit)


def find_words(
    db: Database, text: str, limit: int, *, columns: Sequence[str] = ("address", "name")
) -> pd.DataFrame:
    """Customers of whom one of the columns (address, name) contains the text."""
    where = [f"contains(lower({c}), lower($text))" for c in ("address", "name") if c in columns]
    return _found(db, " OR ".join(where) or "$text IS NULL", text, limit)


def find_phone(db: Database, digits: str, limit: int) -> pd.DataFrame:
    """Customers with exactly this telephone number, however it is spaced."""
    return _found(db, "regexp_replace(phone, '[^0-9]', '', 'g') = $text", digits, limit)


def _found(db: Database, where: str, text: str, limit: int) -> pd.DataFrame:
    return db.query(
        "SELECT customer_no, name, address, lon, lat, coalesce(cell_id, 0) AS cell_id FROM customers"
        f" WHERE {where} ORDER BY customer_no <> $text, address, customer_no LIMIT $limit",
        {"text": text, "limit": limit},
    )


def count(connection: Connection) -> int:
    """Number of customers, unplaced ones included."""
    row = connection.execute("SELECT count(*) FROM customers").fetchone()
    return int(row[0]) if row else 0


def count_use_types(connection: Connection, people: pd.DataFrame) -> pd.DataFrame:
    """How many of these customers (customer_no) have each use type (missing: unknown), most first."""
    register(connection, "asked_people", people[["customer_no"]])
    found = frame_of(
        connection.execute(
            "SELECT nullif(use_type, '') AS use_type, count(*) AS customers FROM customers"
            " SEMI JOIN asked_people USING (customer_no) GROUP BY 1 ORDER BY customers DESC, 1"
        )
    )
    connection.unregister("asked_people")
    return found


def points(connection: Connection) -> pd.DataFrame:
    """Placed customers: lon, lat, cell_id."""
    return frame_of(
        connection.execute("SELECT lon, lat, cell_id FROM customers WHERE cell_id IS NOT NULL")
    )


def moved_cells(connection: Connection, batch_id: int) -> int:
    """Customers whose cell differs from the one they had before this batch."""
    row = connection.execute(
        "SELECT count(*) FROM customers c JOIN customers_before b"
        " ON b.customer_no = c.customer_no AND b.replaced_by = $batch"
        " WHERE c.cell_id IS DISTINCT FROM b.cell_id",
        {"batch": batch_id},
    ).fetchone()
    return int(row[0]) if row else 0


def at_address(db: Database, address: str) -> pd.DataFrame:
    """Customers at an address, exact ones first, else those whose address contains it.

    Columns customer_no, address, area_id, is_exact; at most 1,000 rows.
    """
    return db.query(
        """
        SELECT c.customer_no, c.address, a.area_id, lower(trim(c.address)) = lower($text) AS is_exact
        FROM customers c LEFT JOIN customer_areas a USING (customer_no)
        WHERE contains(lower(c.address), lower($text))
        ORDER BY is_exact DESC, c.lon IS NULL, c.customer_no LIMIT 1000
        """,
        {"text": address},
    )


def loaded_at(connection: Connection, batch_id: int) -> datetime | None:
    """When the batch that last wrote a row was loaded."""
    return moment_of(
        connection.execute("SELECT loaded_at FROM import_batches WHERE batch_id = ?", [batch_id])
    )
