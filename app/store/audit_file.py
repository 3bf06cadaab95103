"""A database file opened only to be read, so that looking at evidence does not change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from app.store.database import MEMORY_LIMIT, Connection
from grid_cells.errors import BusyElsewhere, UserError

_LIMITS: dict[str, str | bool | int | float | list[str]] = {"memory_limit": MEMORY_LIMIT}


@contextmanager
def open_to_read(path: Path) -> Iterator[Connection]:
    """A connection that cannot write; refuses what is missing, held elsewhere or no database."""
    if not path.exists():
        raise UserError("file_missing", file=str(path))
    try:
        with duckdb.connect(str(path), read_only=True, config=_LIMITS) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise BusyElsewhere("store_in_use", path=str(path)) from error
        raise UserError("store_unreadable", path=str(path), why=_first_line(error)) from error


def is_sealed(connection: Connection) -> bool:
    """Whether this database's audit log has room for seals at all."""
    row = connection.execute(
        "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'audit_log' AND column_name = 'mac'"
    ).fetchone()
    return row is not None and int(row[0]) > 0


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
