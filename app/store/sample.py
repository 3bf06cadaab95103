"""Questions about a sample city as a whole."""

from app.store.database import Connection, Database

_LEFT = (
    "meta", "migrations", "audit_log", "jobs", "users", "credentials", "sessions", "sign_in_failures",
)  # fmt: skip
"""What stays when the sample's facts go: settings, the record, and people's own accounts."""


def counts(db: Database) -> dict[str, int]:
    """How many customers, halls, banks, crews, cells and areas there are."""
    row = (
        db.read()
        .execute(
            "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM halls), (SELECT count(*) FROM banks),"
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
