"""Questions about a run of scores: its customers, cells and transformers, and their days."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.reading_reviews import READINGS


@dataclass(frozen=True)
class Where:
    """Which customers: of these cells of the store's resolution, of this transformer (None: any)."""

    cells: list[int] | None = None
    transformer_id: str | None = None

    @property
    def bounds(self) -> dict[str, Any]:
        """As parameters of _IN_PART."""
        return {"cells": self.cells, "line": self.transformer_id}


EVERYWHERE: Final = Where()
_IN_PART: Final = """($cells IS NULL OR list_contains($cells::BIGINT[], c.cell_id))
  AND ($line IS NULL OR s.transformer_id = $line)"""


def runs(connection: Connection, now: datetime) -> pd.DataFrame:
    """Runs that scored customers, known at the moment, the latest first."""
    return frame_of(
        connection.execute(
            "SELECT * REPLACE (first_day::TIMESTAMP AS first_day, last_day::TIMESTAMP AS last_day) FROM theft_runs r"
            " WHERE made_at <= ? AND customers > 0 AND EXISTS (SELECT 1 FROM theft_scores s WHERE s.run_id = r.run_id)"
            " ORDER BY made_at DESC, run_id DESC",
            [now],
        )
    )


def suspicion_by_cell(
    connection: Connection, run_id: int, cause: str, least: float
) -> pd.DataFrame:
    """By cell with customers: customers, scored, score_sum, suspects (of the cause), lost_kwh.

    Scores below `least` and those of customers whose cause is innocent count 0: they are no ground
    for a visit. What nobody scored is missing.
    """
    return frame_of(
        connection.execute(
            """
            SELECT c.cell_id, count(*)::DOUBLE AS customers, count(s.customer_no)::DOUBLE AS scored,
              sum(CASE WHEN s.cause = 'suspect' AND s.score >= $least THEN s.score WHEN s.cause IS NOT NULL THEN 0 END) AS score_sum,
              CASE WHEN count(s.customer_no) > 0 THEN count(*) FILTER (s.cause = $cause AND (s.score >= $least OR $cause <> 'suspect'))
                END::DOUBLE AS suspects
            FROM customers c LEFT JOIN (SELECT * FROM theft_scores WHERE run_id = $run) s USING (customer_no)
            WHERE coalesce(c.cell_id, 0) <> 0 GROUP BY c.cell_id ORDER BY c.cell_id
            """,
            {"run": run_id, "cause": cause, "least": least},
        )
    )


def transformers(connection: Connection, run_id: int) -> pd.DataFrame:
    """The run's transformers with name, lon, lat and cell_id where they are known."""
    return frame_of(
        connection.execute(
            """
            SELECT s.* REPLACE (s.since::TIMESTAMP AS since), t.name, t.lon, t.lat, t.cell_id
            FROM transformer_scores s LEFT JOIN (
              SELECT transformer_id, any_value(name) AS name, any_value(lon) AS lon, any_value(lat) AS lat,
                any_value(cell_id) AS cell_id FROM transformers WHERE valid_to IS NULL GROUP BY transformer_id) t USING (transformer_id)
            WHERE s.run_id = ? ORDER BY s.score DESC NULLS LAST, s.transformer_id
            """,
            [run_id],
        )
    )


def customers_of_transformers(connection: Connection) -> pd.DataFrame:
    """How many customers each transformer has in each cell: transformer_id, cell_id, customers."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, cell_id, count(*)::DOUBLE AS customers FROM customers"
            " WHERE transformer_id IS NOT NULL AND coalesce(cell_id, 0) <> 0 GROUP BY ALL ORDER BY ALL"
        )
    )


def customers_of_cells(connection: Connection) -> dict[int, int]:
    """How many customers live in each cell."""
    rows = connection.execute(
        "SELECT cell_id, count(*) FROM customers WHERE coalesce(cell_id, 0) <> 0 GROUP BY cell_id ORDER BY 1"
    ).fetchall()
    return {int(cell): int(count) for cell, count in rows}


def scored(
    connection: Connection, run_id: int, least: float, most: int, where: Where = EVERYWHERE
) -> pd.DataFrame:
    """The run's customers of note, worst first: suspects from `least` on, and all with an innocent cause.

    Columns of the scores with name, address, lon, lat of the customer.
    """
    return frame_of(
        connection.execute(
            f"""
            SELECT s.* EXCLUDE (made_at, cell_id) REPLACE (s.since::TIMESTAMP AS since), c.name, c.address, c.lon, c.lat, c.cell_id
            FROM theft_scores s JOIN customers c USING (customer_no)
            WHERE s.run_id = $run AND ((s.cause = 'suspect' AND s.score >= $least) OR s.cause NOT IN ('none', 'suspect'))
              AND {_IN_PART}
            ORDER BY s.cause <> 'suspect', s.score DESC, s.customer_no LIMIT $most
            """,
            {"run": run_id, "least": least, "most": most, **where.bounds},
        )
    )


def counted(
    connection: Connection, run_id: int, least: float, where: Where = EVERYWHERE
) -> dict[str, int]:
    """Customers by cause; suspects from `least` on only."""
    rows = connection.execute(
        f"""
        SELECT s.cause, count(*) FROM theft_scores s JOIN customers c USING (customer_no)
        WHERE s.run_id = $run AND (s.cause <> 'suspect' OR s.score >= $least) AND {_IN_PART} GROUP BY s.cause
        """,
        {"run": run_id, "least": least, **where.bounds},
    ).fetchall()
    return {str(cause): int(count) for cause, count in rows}


def all_scores(connection: Connection, run_id: int) -> pd.DataFrame:
    """Every customer's score: customer_no, score (0 where an innocent cause explains it)."""
    return frame_of(
        connection.execute(
            "SELECT customer_no, CASE WHEN cause IN ('none', 'suspect') THEN score ELSE 0 END AS score"
            " FROM theft_scores WHERE run_id = ?",
            [run_id],
        )
    )


def score_of(connection: Connection, run_id: int, customer_no: str) -> dict[str, Any] | None:
    """One customer's score of the run, or None."""
    found = frame_of(
        connection.execute(
            "SELECT * REPLACE (since::TIMESTAMP AS since) FROM theft_scores WHERE run_id = ? AND customer_no = ?",
            [run_id, customer_no],
        )
    )
    return None if found.empty else {str(k): v for k, v in found.iloc[0].to_dict().items()}


def customer_days(
    connection: Connection, customer_no: str, first: date, last: date, now: datetime
) -> pd.DataFrame:
    """The customer's energy by day in kWh × multiplier: day, energy_kwh, reverse_kwh, source.

    Of what had come in at `now`. source: measured (late ones too), manual or estimated; of several
    meters the least sure.
    """
    return frame_of(
        connection.execute(
            f"""
            SELECT r.day::TIMESTAMP AS day, sum(r.energy_kwh * m.multiplier) AS energy_kwh,
              sum(r.reverse_kwh * m.multiplier) AS reverse_kwh,
              CASE WHEN bool_or(coalesce(r.source, 'measured') = 'estimated') THEN 'estimated'
                WHEN bool_or(coalesce(r.source, 'measured') = 'manual') THEN 'manual' ELSE 'measured' END AS source
            FROM {READINGS} r JOIN meter_links m ON m.meter_id = r.meter_id AND m.customer_no = $customer
              AND coalesce(m.role, 'billing') = 'billing'
              AND (m.valid_from IS NULL OR m.valid_from::DATE <= r.day) AND (m.valid_to IS NULL OR m.valid_to::DATE > r.day)
            WHERE r.day BETWEEN $first AND $last AND (r.received_at IS NULL OR r.received_at <= $now)
            GROUP BY r.day ORDER BY r.day
            """,
            {"customer": customer_no, "first": first, "last": last, "now": now},
        )
    )


def lines_in_sight(connection: Connection) -> set[str]:
    """Transformers in sight."""
    rows = connection.execute("SELECT DISTINCT transformer_id FROM transformers").fetchall()
    return {str(row[0]) for row in rows}


def loss_days(
    connection: Connection, transformer_ids: list[str], first: date, last: date
) -> pd.DataFrame:
    """The balance of these transformers by day, each row as `loss_days` has it."""
    return frame_of(
        connection.execute(
            "SELECT * REPLACE (day::TIMESTAMP AS day) FROM loss_days WHERE list_contains($ids::VARCHAR[], transformer_id)"
            " AND day BETWEEN $first AND $last ORDER BY transformer_id, day",
            {"ids": transformer_ids, "first": first, "last": last},
        )
    )
