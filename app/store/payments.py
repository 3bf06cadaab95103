"""Questions about payments by channel and month, and about points where people pay."""

from datetime import date, datetime

import pandas as pd

from app.store.database import Connection, frame_of


def by_channel(connection: Connection, until: date) -> pd.DataFrame:
    """Payments in sight of the months over by then: month, channel, payments, amount."""
    return frame_of(
        connection.execute(
            "SELECT month, channel, sum(payments) AS payments, sum(amount) AS amount FROM payments"
            " WHERE month < date_trunc('month', $until::DATE) GROUP BY ALL ORDER BY month, channel",
            {"until": until},
        )
    )


def by_cell(connection: Connection, channels: list[str], first: date, until: date) -> pd.DataFrame:
    """Payments by these channels in the months from the first until the last: cell_id, value."""
    return frame_of(
        connection.execute(
            """
            SELECT coalesce(p.cell_id, c.cell_id) AS cell_id, sum(p.payments) AS value
            FROM payments p LEFT JOIN customers c ON p.cell_id IS NULL AND p.customer_no = c.customer_no
            WHERE p.month >= $first AND p.month <= $until AND list_contains($channels, p.channel)
              AND coalesce(p.cell_id, c.cell_id) IS NOT NULL
            GROUP BY 1 ORDER BY 1
            """,
            {"channels": channels, "first": first, "until": until},
        )
    )


def banks(connection: Connection) -> pd.DataFrame:
    """Placed payment points of others, the closed ones included.

    id, name, operator, services, opens, valid_from, valid_to, lon, lat, cell_id.
    """
    return frame_of(
        connection.execute(
            "SELECT bank_id AS id, name, operator, services, opens, valid_from, valid_to, lon, lat, cell_id"
            " FROM banks WHERE cell_id IS NOT NULL ORDER BY bank_id"
        )
    )


def halls(connection: Connection) -> pd.DataFrame:
    """Placed halls: id, name, counters, opens, opening_exceptions, self_service_24h, capabilities, lon, lat, cell_id."""
    return frame_of(
        connection.execute(
            "SELECT hall_id AS id, name, counters, opens, opening_exceptions, self_service_24h, capabilities,"
            " lon, lat, cell_id FROM halls WHERE cell_id IS NOT NULL ORDER BY hall_id"
        )
    )


def closed_lately(connection: Connection, since: datetime, until: datetime) -> pd.DataFrame:
    """Branches that closed in the span, the latest first: id, name, operator, closed_at, cell_id."""
    return frame_of(
        connection.execute(
            "SELECT bank_id AS id, name, operator, valid_to AS closed_at, cell_id FROM banks"
            " WHERE valid_to > $since AND valid_to <= $until AND cell_id IS NOT NULL ORDER BY valid_to DESC, bank_id",
            {"since": since, "until": until},
        )
    )


def last_month(connection: Connection, until: date) -> date | None:
    """The first day of the last month with payments that is over by then."""
    row = connection.execute(
        "SELECT max(month) FROM payments WHERE month < date_trunc('month', ?::DATE)", [until]
    ).fetchone()
    return row[0] if row else None


def visits_told(connection: Connection) -> int:
    """How many visits are known: it grows with every ticket that comes in live."""
    row = connection.execute("SELECT count(*) FROM hall_visits").fetchone()
    return int(row[0]) if row else 0


def months(connection: Connection, first: date, until: date) -> int:
    """How many months of the span have payments."""
    row = connection.execute(
        "SELECT count(DISTINCT month) FROM payments WHERE month >= ? AND month <= ?", [first, until]
    ).fetchone()
    return int(row[0]) if row else 0


def visits_by_matter(connection: Connection, first: datetime, until: datetime) -> pd.DataFrame:
    """Visits of each hall by matter in the span: hall_id, matter, visits."""
    return frame_of(
        connection.execute(
            "SELECT hall_id, matter, count(*) AS visits FROM hall_visits"
            " WHERE taken_at >= $first AND taken_at <= $until GROUP BY ALL ORDER BY hall_id, matter",
            {"first": first, "until": until},
        )
    )
