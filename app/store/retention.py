"""Questions about what has been kept for too long, and its removal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.store import meta
from app.store.database import Connection
from grid_cells.errors import UserError

UNDO_COPIES = "undo_copies"
"""The rule for all `<table>_before` copies together."""
UNDO_KEPT_FROM = "undo_kept_from"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONLY = {"users": "NOT t.is_active"}
_GOES_WITH = {
    "told_figures": ("meter_readings", "day"),
    "told_homes": ("meter_readings", "to_day"),
    "told_cells": ("meter_readings", "to_day"),
}
"""Tables that go with another's rows, by the same cutoff: the rule's table, their own moment.

What was told of readings must be known as long as these can be told anew, and no longer.
"""
_STANDS_FOR = {"login": "'gone-' || t.user_id"}
"""What a column that may not be empty says instead."""


@dataclass(frozen=True)
class Kept:
    """What a rule speaks of: a table, the moment its rows count from, what becomes of them.

    `moment` names columns, the first that is known counting, or `batch:<column>`: the time of
    the load of that number. `columns` are emptied; without any the row goes.
    """

    table: str
    moment: tuple[str, ...]
    columns: tuple[str, ...] = ()


def tables_of(connection: Connection, kept: Kept) -> list[str]:
    """The tables of this database that a rule speaks of; none where they are not there yet."""
    rows = connection.execute(
        "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE NOT internal"
        " AND database_name = current_database() AND schema_name = 'main' GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    if kept.table == UNDO_COPIES:
        return [name for name, _ in rows if str(name).endswith("_before")]
    needed = {name.removeprefix("batch:") for name in kept.moment} | set(kept.columns)
    found = [name for name, columns in rows if name == kept.table and needed <= set(columns)]
    beside = [name for name, (rule, _) in _GOES_WITH.items() if rule == kept.table]
    return [*found, *(name for name, _ in rows if found and name in beside)]


def held(connection: Connection, kept: Kept, cutoff: datetime) -> tuple[datetime | None, int]:
    """The moment of the oldest row that the rule speaks of, and how many rows are due."""
    oldest: datetime | None = None
    due = 0
    for table in tables_of(connection, kept):
        value, count = _one(
            connection,
            f"SELECT epoch_us(min({_moment(kept, table)})), count(*) FILTER ({_moment(kept, table)} < ?)"
            f" FROM {_rows(kept, table)}",
            [cutoff],
        )
        due += int(count)
        found = None if value is None else _EPOCH + timedelta(microseconds=int(value))
        oldest = min((m for m in (oldest, found) if m is not None), default=None)
    return oldest, due


def expire(connection: Connection, kept: Kept, cutoff: datetime) -> dict[str, int]:
    """Rows deleted or emptied, by table."""
    done: dict[str, int] = {}
    for table in tables_of(connection, kept):
        row = f"rowid IN (SELECT t.rowid FROM {_rows(kept, table)} AND {_moment(kept, table)} < ?)"
        if kept.columns:
            values = ", ".join(f'"{name}" = {_instead(name)}' for name in kept.columns)
            sql = f'UPDATE "{table}" AS t SET {values} WHERE t.{row}'
        else:
            sql = f'DELETE FROM "{table}" WHERE {row}'
        count = int(_one(connection, sql, [cutoff])[0])
        if count:
            done[table] = count
    if kept.table == UNDO_COPIES:
        _keep_undo_from(connection, cutoff)
    return done


def check_undo(connection: Connection, batch_id: int) -> None:
    """Refuse to take back a load from before the copies of what it replaced were deleted."""
    kept_from = meta.read_value(connection, UNDO_KEPT_FROM)
    if not kept_from:
        return
    row = connection.execute(
        "SELECT loaded_at < ?::TIMESTAMPTZ FROM import_batches WHERE batch_id = ?",
        [kept_from, batch_id],
    ).fetchone()
    if row is not None and row[0]:
        raise UserError("undo_expired", batch=batch_id)


def _keep_undo_from(connection: Connection, cutoff: datetime) -> None:
    before = meta.read_value(connection, UNDO_KEPT_FROM)
    latest = max(datetime.fromisoformat(before), cutoff) if before else cutoff
    meta.set_value(connection, UNDO_KEPT_FROM, latest.isoformat())


def _moment(kept: Kept, table: str) -> str:
    if table in _GOES_WITH:
        return f't."{_GOES_WITH[table][1]}"::TIMESTAMPTZ'
    if kept.moment[0].startswith("batch:"):
        return "b.loaded_at"
    names = ", ".join(f't."{name}"::TIMESTAMPTZ' for name in kept.moment)
    return f"coalesce({names})"


def _rows(kept: Kept, table: str) -> str:
    """The rows that the rule speaks of, ready for one more condition."""
    sql = f'"{table}" t'
    if kept.moment[0].startswith("batch:"):
        sql += f' JOIN import_batches b ON t."{kept.moment[0].removeprefix("batch:")}" = b.batch_id'
    conditions = [_ONLY.get(table, "TRUE")]
    if kept.columns:  # what is empty already is not due again
        conditions.append(
            "("
            + " OR ".join(f't."{name}" IS DISTINCT FROM {_instead(name)}' for name in kept.columns)
            + ")"
        )
    return f"{sql} WHERE {' AND '.join(conditions)}"


def _instead(column: str) -> str:
    return _STANDS_FOR.get(column, "NULL")


def _one(connection: Connection, sql: str, values: Sequence[Any]) -> tuple[Any, ...]:
    row = connection.execute(sql, values).fetchone()
    return row if row is not None else (0, 0)
