"""Questions about a sample city as a whole."""

import pandas as pd

from app.store.database import Connection, Database, register
from app.store.places import IN_FORCE

_LEFT = (
    "meta", "migrations", "audit_log", "jobs", "users", "credentials", "sessions", "sign_in_failures",
)  # fmt: skip
"""What stays when the sample's facts go: settings, the record, and people's own accounts."""


def counts(db: Database) -> dict[str, int]:
    """How many customers, halls, banks, crews, cells and areas there are."""
    row = (
        db.read()
        .execute(
            "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM halls),"
            f" (SELECT count(*) FROM banks WHERE {IN_FORCE}),"
            " (SELECT count(*) FROM crews), (SELECT count(DISTINCT cell_id) FROM cell_areas),"
            " (SELECT count(DISTINCT area_id) FROM service_areas)"
        )
        .fetchone()
    )
    names = ("customers", "halls", "banks", "crews", "cells", "areas")
    return dict(zip(names, (int(n) for n in row or ()), strict=True))


def empty_again(db: Database) -> None:
    """Take every fact out, after a sample city that could not be finished."""

    def change(connection: Connection) -> None:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        for (table,) in tables:
            if table not in _LEFT:
                connection.execute(f'DELETE FROM "{table}"')
        connection.execute("DELETE FROM meta WHERE starts_with(name, 'derived:')")
        connection.execute("UPDATE meta SET value = 'empty' WHERE name = 'origin'")

    db.write(change)


def crew_users(connection: Connection) -> dict[str, str]:
    """The actor id of the sample account that works with a crew, by crew."""
    rows = connection.execute(
        "SELECT crew_id, 'user:' || min(user_id) FROM users WHERE is_sample AND crew_id IS NOT NULL GROUP BY crew_id"
    ).fetchall()
    return {str(crew): str(user) for crew, user in rows}


def add_duties(connection: Connection, duties: pd.DataFrame) -> None:
    """Write duties (crew_id, user_id, on_at, off_at, off_why) of people who were told of tracks."""
    register(connection, "sample_duties", duties)
    connection.execute(
        "INSERT INTO crew_duties (duty_id, crew_id, user_id, on_at, off_at, off_why, told_of_tracks)"
        " SELECT nextval('crew_duty_ids'), crew_id, user_id, on_at, off_at, off_why, true FROM sample_duties"
    )
    connection.unregister("sample_duties")
