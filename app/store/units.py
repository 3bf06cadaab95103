"""Questions about organisational units."""

import pandas as pd

from app.store.database import Connection, Database


def list_units(db: Database) -> pd.DataFrame:
    """All units: unit_id, parent_id, level, name, timezone."""
    return db.query(
        "SELECT unit_id, parent_id, level, name, timezone FROM org_units ORDER BY unit_id"
    )


def below(connection: Connection, unit_id: str) -> list[str]:
    """The unit and every unit under it."""
    rows = connection.execute(
        """
        WITH RECURSIVE tree AS (
          SELECT unit_id FROM org_units WHERE unit_id = $unit
          UNION SELECT o.unit_id FROM org_units o JOIN tree t ON o.parent_id = t.unit_id
        ) SELECT unit_id FROM tree
        """,
        {"unit": unit_id},
    ).fetchall()
    return [row[0] for row in rows]


def timezone(connection: Connection) -> str | None:
    """IANA zone of the topmost unit that states one."""
    row = connection.execute(
        "SELECT timezone FROM org_units WHERE timezone IS NOT NULL"
        " ORDER BY parent_id IS NOT NULL, unit_id LIMIT 1"
    ).fetchone()
    return None if row is None else str(row[0])


def timezones(connection: Connection) -> dict[str, str]:
    """The IANA zone of each unit: its own, else that of the nearest unit above which states one."""
    rows = connection.execute(
        """
        WITH RECURSIVE up AS (
          SELECT unit_id, parent_id, timezone FROM org_units
          UNION SELECT u.unit_id, o.parent_id, o.timezone FROM up u JOIN org_units o ON o.unit_id = u.parent_id
          WHERE u.timezone IS NULL
        ) SELECT unit_id, min(timezone) FROM up WHERE timezone IS NOT NULL GROUP BY unit_id
        """
    ).fetchall()
    return {str(unit): str(zone) for unit, zone in rows}


def station_of(connection: Connection, unit_id: str) -> dict[str, str] | None:
    """The supply station at or above a unit: unit_id, name; the unit itself where none is above."""
    rows = connection.execute(
        """
        WITH RECURSIVE up AS (
          SELECT unit_id, parent_id, level, name, 0 AS steps FROM org_units WHERE unit_id = $unit
          UNION ALL SELECT o.unit_id, o.parent_id, o.level, o.name, u.steps + 1
          FROM org_units o JOIN up u ON o.unit_id = u.parent_id WHERE u.steps < 20
        ) SELECT unit_id, name FROM up ORDER BY level IS DISTINCT FROM 'station', steps LIMIT 1
        """,
        {"unit": unit_id},
    ).fetchall()
    return {"unit_id": rows[0][0], "name": rows[0][1]} if rows else None
