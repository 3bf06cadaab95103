"""What the store knows as a lake: Parquet folders in which the jobs on many meters find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, register
from app.store.private_files import owner_only
from app.store.reading_reviews import READINGS

STANDING: Final = {
    "customers": "SELECT customer_no, transformer_id, use_type, tariff, connected_on, lon, lat FROM customers ORDER BY customer_no",
    "meters": "SELECT meter_id, customer_no, transformer_id, role, multiplier, maker, valid_from, valid_to FROM meters"
    " ORDER BY meter_id, valid_from NULLS FIRST",
    "transformers": "SELECT transformer_id, name, kind, feeder_id, capacity_kva, metering_side, valid_from, valid_to, lon, lat"
    " FROM transformers ORDER BY transformer_id, valid_from NULLS FIRST",
    "halls": "SELECT hall_id, name, lon, lat FROM halls ORDER BY hall_id",
}
"""Nobody's name, phone or address: the jobs ask for none of them."""

_READINGS: Final = (
    f"SELECT meter_id, energy_kwh, reverse_kwh, source, received_at, is_corrected FROM {READINGS} r"
    " WHERE day = $day AND (received_at IS NULL OR received_at <= $now) ORDER BY meter_id"
)
_VISITS: Final = """
SELECT hall_id, taken_at AS came_at FROM hall_visits WHERE (taken_at AT TIME ZONE $zone)::DATE = $day AND taken_at <= $now
UNION ALL SELECT hall_id, tapped_at FROM hall_tallies
WHERE (tapped_at AT TIME ZONE $zone)::DATE = $day AND tapped_at <= $now AND received_at <= $now
  AND (taken_back_at IS NULL OR taken_back_at > $now)
ORDER BY hall_id, came_at
"""
_EXCEPTIONS: Final = """
SELECT a.customer_no, a.area_id FROM customer_areas a JOIN customers c USING (customer_no)
LEFT JOIN one_claim t ON t.transformer_id = c.transformer_id
LEFT JOIN one_claim l ON l.cell_id = c.cell_id
WHERE a.area_id IS DISTINCT FROM CASE WHEN t.transformer_id IS NOT NULL THEN t.area_id ELSE l.area_id END
"""


@dataclass(frozen=True)
class Moment:
    """Until when facts had come in, and in which zone days are counted."""

    now: datetime
    zone: str

    def of(self, day: date) -> dict[str, Any]:
        """Bound values of a question about one day."""
        return {"now": self.now, "zone": self.zone, "day": day}


def write_standing(connection: Connection, name: str, target: Path) -> None:
    """Write one of the folders without days to a file."""
    _copy(connection, STANDING[name], target)


def write_areas(connection: Connection, claims: pd.DataFrame, target: Path) -> None:
    """Write who is served by which area: claims on transformers, every cell's area, and the exceptions.

    `claims`: transformer_id or cell_id, area_id; two areas that claim one transformer leave it in none.
    Exceptions are the customers for whom neither their transformer's nor their cell's area holds.
    """
    by_transformer = claims.loc[claims["transformer_id"].notna(), ["transformer_id", "area_id"]]
    register(connection, "transformer_claims", by_transformer)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW lake_claims AS SELECT transformer_id::VARCHAR AS transformer_id, NULL::BIGINT AS cell_id,"
        " area_id::VARCHAR AS area_id FROM transformer_claims"
        " UNION ALL SELECT NULL, cell_id, area_id FROM cell_areas WHERE area_id IS NOT NULL"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW one_claim AS SELECT transformer_id, cell_id,"
        " CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id"
        " FROM lake_claims GROUP BY transformer_id, cell_id"
    )
    _copy(
        connection,
        "SELECT area_id::VARCHAR AS area_id, transformer_id::VARCHAR AS transformer_id, cell_id::BIGINT AS cell_id,"
        " NULL::VARCHAR AS customer_no FROM lake_claims"
        f" UNION ALL SELECT area_id, NULL, NULL, customer_no FROM ({_EXCEPTIONS}) ORDER BY ALL",
        target,
    )
    connection.execute("DROP VIEW one_claim; DROP VIEW lake_claims")
    connection.unregister("transformer_claims")


def reading_days(connection: Connection, moment: Moment) -> list[date]:
    """Days with readings that had come in."""
    rows = connection.execute(
        f"SELECT DISTINCT day FROM {READINGS} r WHERE received_at IS NULL OR received_at <= $now ORDER BY day",
        {"now": moment.now},
    ).fetchall()
    return [row[0] for row in rows]


def visit_days(connection: Connection, moment: Moment) -> list[date]:
    """Days, in the zone, on which somebody came to a hall."""
    rows = connection.execute(
        "SELECT DISTINCT (came_at AT TIME ZONE $zone)::DATE AS day FROM (SELECT taken_at AS came_at FROM hall_visits"
        " UNION ALL SELECT tapped_at FROM hall_tallies) WHERE came_at <= $now ORDER BY day",
        {"now": moment.now, "zone": moment.zone},
    ).fetchall()
    return [row[0] for row in rows]


def write_readings(connection: Connection, moment: Moment, day: date, target: Path) -> None:
    """Write a day's readings as they count: what a person corrected stands in its place and is marked."""
    _copy(connection, _READINGS, target, {"day": day, "now": moment.now})


def write_visits(connection: Connection, moment: Moment, day: date, target: Path) -> None:
    """Write the visits of a day, tallies among them."""
    _copy(connection, f"SELECT hall_id FROM ({_VISITS})", target, moment.of(day))


def write_frame(connection: Connection, frame: pd.DataFrame, target: Path) -> None:
    """Write rows that were worked out before."""
    register(connection, "lake_rows", frame)
    _copy(connection, "SELECT * FROM lake_rows", target)
    connection.unregister("lake_rows")


def _copy(
    connection: Connection, text: str, target: Path, values: dict[str, Any] | None = None
) -> None:
    """Through a table of its own: COPY takes no bound values. The file is the owner's alone."""
    with owner_only():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(connection, text, target, values)


def _write(connection: Connection, text: str, target: Path, values: dict[str, Any] | None) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE lake_copied AS {text}", values or {})
    named = "'" + str(target).replace("'", "''") + "'"
    connection.execute(f"COPY lake_copied TO {named} (FORMAT parquet)")
    connection.execute("DROP TABLE lake_copied")


@contextmanager
def at_one_moment(connection: Connection) -> Iterator[Connection]:
    """What is asked within sees one state of the store, whatever is loaded meanwhile."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")
