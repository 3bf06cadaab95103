"""Questions about the chores of a day: meters not read, energy lost, and what was ticked off."""

from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of

TICKED: Final = "chore_done"
UNTICKED: Final = "chore_open"
"""Moves of `work_order_events` whose order is a chore: a chore is named by kind, thing and day."""

_MINE: Final = (
    "mine AS (SELECT customer_no FROM customer_areas WHERE list_contains($areas, area_id))"
)
_GRIDS: Final = """
grids AS (SELECT transformer_id, any_value(name) AS name, any_value(lon) AS lon, any_value(lat) AS lat
  FROM transformers WHERE valid_to IS NULL GROUP BY transformer_id)"""


def unread(connection: Connection, area_ids: list[str], day: date) -> pd.DataFrame:
    """Transformers with billing meters in the areas of which nothing was measured on the day.

    transformer_id, name, lon, lat (of the transformer, else the middle of these customers), meters;
    the most first.
    """
    return frame_of(
        connection.execute(
            f"""
            WITH {_MINE}, {_GRIDS},
            due AS (
              SELECT DISTINCT meter_id, customer_no, transformer_id FROM meter_links SEMI JOIN mine USING (customer_no)
              WHERE coalesce(role, 'billing') = 'billing'
                AND (valid_from IS NULL OR valid_from::DATE <= $day) AND (valid_to IS NULL OR valid_to::DATE > $day)),
            read AS (
              SELECT DISTINCT meter_id FROM meter_readings
              WHERE day = $day AND energy_kwh IS NOT NULL AND coalesce(source, 'measured') <> 'estimated')
            SELECT d.transformer_id, any_value(g.name) AS name, coalesce(any_value(g.lon), avg(c.lon)) AS lon,
              coalesce(any_value(g.lat), avg(c.lat)) AS lat, count(DISTINCT d.meter_id) AS meters
            FROM due d ANTI JOIN read USING (meter_id) JOIN customers c USING (customer_no)
            LEFT JOIN grids g ON g.transformer_id = d.transformer_id
            WHERE d.transformer_id IS NOT NULL GROUP BY d.transformer_id ORDER BY meters DESC, d.transformer_id
            """,
            {"areas": area_ids, "day": day},
        )
    )


def energy_sums(
    connection: Connection, area_ids: list[str], first: date, last: date
) -> pd.DataFrame:
    """Energy of public transformers with customers in the areas, summed over days that were read.

    transformer_id, name, lon, lat, customers, master_kwh, master_reverse_kwh, forward_kwh,
    reverse_kwh, measured: as `grid_cells.line_loss.loss_rates` asks; by the links of each day.
    """
    return frame_of(
        connection.execute(
            f"""
            WITH {_MINE}, {_GRIDS},
            near AS (SELECT DISTINCT transformer_id FROM customers SEMI JOIN mine USING (customer_no)),
            days AS (SELECT unnest(generate_series($first::DATE, $last::DATE, INTERVAL 1 DAY))::DATE AS day),
            due AS (
              SELECT DISTINCT l.transformer_id, l.meter_id, l.customer_no, coalesce(l.role, 'billing') AS role,
                coalesce(l.multiplier, 1) AS multiplier, d.day
              FROM meter_links l SEMI JOIN near USING (transformer_id) JOIN days d
                ON (l.valid_from IS NULL OR l.valid_from::DATE <= d.day) AND (l.valid_to IS NULL OR l.valid_to::DATE > d.day)),
            told AS (
              SELECT u.*, r.energy_kwh, r.reverse_kwh FROM due u LEFT JOIN (
                SELECT meter_id, day, energy_kwh, reverse_kwh FROM meter_readings
                WHERE day BETWEEN $first AND $last AND coalesce(source, 'measured') <> 'estimated') r USING (meter_id, day)),
            held AS (SELECT transformer_id, day FROM told WHERE role = 'master' AND energy_kwh IS NOT NULL)
            SELECT t.transformer_id, any_value(g.name) AS name, any_value(g.lon) AS lon, any_value(g.lat) AS lat,
              count(DISTINCT t.customer_no) AS customers,
              sum(t.energy_kwh * multiplier) FILTER (role = 'master') AS master_kwh,
              sum(t.reverse_kwh * multiplier) FILTER (role = 'master') AS master_reverse_kwh,
              sum(t.energy_kwh * multiplier) FILTER (role <> 'master') AS forward_kwh,
              sum(t.reverse_kwh * multiplier) FILTER (role <> 'master') AS reverse_kwh,
              count(t.energy_kwh) FILTER (role <> 'master') / nullif(count(*) FILTER (role <> 'master'), 0) AS measured
            FROM told t SEMI JOIN held h ON h.transformer_id = t.transformer_id AND h.day = t.day
            LEFT JOIN grids g ON g.transformer_id = t.transformer_id
            GROUP BY t.transformer_id ORDER BY t.transformer_id
            """,
            {"areas": area_ids, "first": first, "last": last},
        )
    )


def is_in(connection: Connection, area_ids: list[str], transformer_id: str) -> bool:
    """Whether a transformer has customers in the areas."""
    row = connection.execute(
        f"WITH {_MINE} SELECT 1 FROM customers SEMI JOIN mine USING (customer_no)"
        " WHERE transformer_id = $transformer LIMIT 1",
        {"areas": area_ids, "transformer": transformer_id},
    ).fetchone()
    return row is not None


def ticks(connection: Connection, crew_id: str, since: datetime, now: datetime) -> pd.DataFrame:
    """The last word of a crew about each chore in the span: chore_id, is_done, happened_at."""
    return frame_of(
        connection.execute(
            f"""
            SELECT order_id AS chore_id, move = '{TICKED}' AS is_done, happened_at FROM work_order_events
            WHERE crew_id = $crew AND move IN ('{TICKED}', '{UNTICKED}') AND happened_at BETWEEN $since AND $now
            QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY happened_at DESC, event_id DESC) = 1
            """,
            {"crew": crew_id, "since": since, "now": now},
        )
    )


def has_step(connection: Connection, step_key: str) -> bool:
    """Whether a step of that key was taken already."""
    row = connection.execute(
        "SELECT count(*) FROM work_order_events WHERE step_key = ? AND move IN (?, ?)",
        [step_key, TICKED, UNTICKED],
    ).fetchone()
    return bool(row and row[0])


def add_tick(connection: Connection, row: dict[str, Any]) -> None:
    """One tick: chore_id, crew_id, happened_at, device_at, move, step_key, actor."""
    connection.execute(
        "INSERT INTO work_order_events (event_id, order_id, crew_id, happened_at, device_at, move, step_key, actor)"
        " VALUES (nextval('work_order_event_ids'), $chore_id, $crew_id, $happened_at, $device_at, $move, $step_key, $actor)",
        row,
    )
