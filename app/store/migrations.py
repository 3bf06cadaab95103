"""Numbered migrations, each applied once in its own transaction."""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from grid_cells.errors import UserError
from grid_cells.vocabulary import COLUMNS, Column

Step = Callable[[duckdb.DuckDBPyConnection], None]
Steps = Mapping[str, Step]

FOLDER = Path(__file__).parents[2] / "data" / "migrations"


def known_migrations() -> list[Path]:
    """The migration files in order of their numbers."""
    return sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(connection: duckdb.DuckDBPyConnection, steps: Steps | None = None) -> list[str]:
    """Names of the migrations applied now; refuses a database newer than this code.

    `steps` are done with the migration of their name, in its transaction.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER, name VARCHAR, applied_at TIMESTAMPTZ)"
    )
    row = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    reached = int(row[0]) if row else 0
    files = known_migrations()
    newest = int(files[-1].name[:4])
    if reached > newest:
        raise UserError("store_too_new", reached=reached, known=newest)
    pending = [path for path in files if int(path.name[:4]) > reached]
    for path in pending:
        _apply(connection, path, (steps or {}).get(path.name))
    if pending:
        _comment_columns(connection)
    return [path.name for path in pending]


def _apply(connection: duckdb.DuckDBPyConnection, path: Path, step: Step | None) -> None:
    connection.execute("BEGIN")
    try:
        connection.execute(path.read_text(encoding="utf-8"))
        connection.execute(
            "INSERT INTO migrations VALUES (?, ?, now())", [int(path.name[:4]), path.name]
        )
        if step is not None:
            step(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _comment_columns(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'"
        " AND table_name IN (SELECT table_name FROM duckdb_tables())"
    ).fetchall()
    told = [_comment(table, COLUMNS[name]) for table, name in rows if name in COLUMNS]
    # one transaction: hundreds of small ones are most of the time in which a store is made
    connection.execute(";\n".join(["BEGIN", *told, "COMMIT"]))


def _comment(table: str, column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    text = f"{column.meaning}{unit} · {column.zh}".replace("'", "''")
    return f'COMMENT ON COLUMN "{table}"."{column.name}" IS \'{text}\''
