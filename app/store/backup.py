"""The database as a whole: copies and counts."""

from pathlib import Path

from app.store.database import Connection, Database


def copy_to(db: Database, path: Path) -> None:
    """Write a consistent copy of everything to a new file."""

    def change(connection: Connection) -> None:
        connection.execute("COMMIT")  # attaching and copying need a transaction of their own
        target = str(path).replace("'", "''")
        row = connection.execute("SELECT current_database()").fetchone()
        name = row[0] if row else ""
        connection.execute(f"ATTACH '{target}' AS backup_copy")
        try:
            connection.execute(f'COPY FROM DATABASE "{name}" TO backup_copy')
        finally:
            connection.execute("DETACH backup_copy")
            connection.execute("BEGIN")

    db.write(change)


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
