"""The database as a whole: copies and counts."""

from datetime import datetime
from pathlib import Path

from app.store import meta
from app.store.audit_seal import sealer_of
from app.store.database import Connection, Database

HEAD = "audit_head"
"""The setting that carries the head of the audit log inside a copy."""
LAST_HEAD = "audit_head_of_backup"
"""The setting that keeps the head of the last copy made."""


def copy_to(db: Database, path: Path) -> str:
    """Write a consistent copy of everything to a new file; the head of the audit log in it."""

    def change(connection: Connection) -> str:
        head = sealer_of(connection).head()
        connection.execute("COMMIT")  # attaching and copying need a transaction of their own
        target = str(path).replace("'", "''")
        row = connection.execute("SELECT current_database()").fetchone()
        name = row[0] if row else ""
        connection.execute(f"ATTACH '{target}' AS backup_copy")
        try:
            connection.execute(f'COPY FROM DATABASE "{name}" TO backup_copy')
            connection.execute("DELETE FROM backup_copy.meta WHERE name = ?", [HEAD])
            connection.execute("INSERT INTO backup_copy.meta VALUES (?, ?)", [HEAD, head])
        finally:
            connection.execute("DETACH backup_copy")
            connection.execute("BEGIN")
        return head

    return db.write(change)


def keep_head(connection: Connection, head: str) -> None:
    """Remember the head of a copy just made: no later head may be older."""
    meta.set_value(connection, LAST_HEAD, head)


def settle_restored(connection: Connection, at: datetime) -> None:
    """Make a restored copy a database of its own: no head inside, and nobody still signed in."""
    connection.execute("DELETE FROM meta WHERE name = ?", [HEAD])
    connection.execute(
        "UPDATE sessions SET ended_at = ?, ended_why = 'restored' WHERE ended_at IS NULL", [at]
    )


def last_event(connection: Connection) -> int:
    """The number of the newest audit row, 0 where there is none."""
    row = connection.execute("SELECT max(event_id) FROM audit_log").fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def row_counts(db: Database) -> dict[str, int]:
    """Rows of each table that has any."""
    frame = db.query(
        "SELECT table_name, estimated_size FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()"
        " AND estimated_size > 0 ORDER BY table_name"
    )
    return dict(zip(frame["table_name"], (int(n) for n in frame["estimated_size"]), strict=True))


def migrations_applied(db: Database) -> int:
    """The number of the newest migration applied."""
    row = db.read().execute("SELECT max(number) FROM migrations").fetchone()
    return int(row[0]) if row else 0
