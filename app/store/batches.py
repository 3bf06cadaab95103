"""How rows of a file become facts, can be told apart from what was known, and be taken back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, Database, frame_of, register

OWN_COLUMNS = ("batch_id", "row_no")


@dataclass(frozen=True)
class Target:
    """Where rows go: a table, the columns that name a thing, and how its rows belong together.

    With `as_set` all rows of one key are one fact (the claims on a cell, the pieces of a street):
    a file that names the key replaces them together. `span`, a column of days, limits the
    comparison to the rows between the first and the last incoming day.
    """

    table: str
    key: tuple[str, ...]
    as_set: bool = False
    span: str | None = None


@dataclass(frozen=True)
class Merge:
    """What a merge did, in rows of the table; `fresh_rows` counts the file's rows that changed something."""

    new: int
    changed: int
    fresh_rows: int


def next_batch_id(connection: Connection) -> int:
    """A number no batch has had."""
    return _number(connection, "SELECT nextval('batch_ids')")


def data_columns(connection: Connection, table: str) -> list[str]:
    """The table's columns that hold facts, in order."""
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    return [row[0] for row in rows if row[0] not in OWN_COLUMNS]


def merge(
    connection: Connection, target: Target, frame: pd.DataFrame | pa.Table, batch_id: int
) -> Merge:
    """Write the frame's rows; what they replace is kept in `<table>_before` for the way back.

    The frame has `row_no` and any of the table's columns. Columns it lacks keep the value held
    so far. Rows equal to what is held are left untouched.
    """
    columns = data_columns(connection, target.table)
    register(connection, "incoming", frame)
    sql = _staging(connection, target, frame, columns)
    if _number(
        connection, f"SELECT count(*) FROM (SELECT 1 FROM ({_held(connection, target)}) LIMIT 1)"
    ):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {sql}")
        connection.execute("CREATE OR REPLACE TEMP VIEW stage AS SELECT * FROM staged")
        result = _replace_changed(connection, target, columns, batch_id)
    else:  # nothing to compare with: the rows go in without being copied first
        connection.execute(f"CREATE OR REPLACE TEMP VIEW stage AS {sql}")
        result = _insert_all(connection, target, columns, batch_id)
    connection.execute("DROP TABLE IF EXISTS fresh; DROP TABLE IF EXISTS touched")
    connection.execute("DROP VIEW IF EXISTS stage; DROP TABLE IF EXISTS staged")
    connection.unregister("incoming")
    return result


def _staging(
    connection: Connection, target: Target, frame: pd.DataFrame | pa.Table, columns: list[str]
) -> str:
    """The question that gives the incoming rows all of the table's columns."""
    given = set(frame.column_names if isinstance(frame, pa.Table) else frame.columns)
    types = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?",
            [target.table],
        ).fetchall()
    )
    absent = [name for name in columns if name not in given]
    parts = [
        f'i."{name}"::{types[name]} AS "{name}"'
        if name in given
        else (
            f't."{name}" AS "{name}"'
            if name not in target.key
            else f'NULL::{types[name]} AS "{name}"'
        )
        for name in columns
    ]
    sql = f"SELECT {', '.join(parts)}, i.row_no::BIGINT AS row_no FROM incoming i"
    if absent and not target.as_set:
        keys = [name for name in target.key if name in given]
        on = " AND ".join(f't."{name}" IS NOT DISTINCT FROM i."{name}"' for name in keys)
        gone = [name for name in target.key if name not in given]
        on += "".join(f' AND t."{name}" IS NULL' for name in gone)
        sql += f" LEFT JOIN {target.table} t ON {on}"
    elif absent:
        for name in absent:
            sql = sql.replace(f't."{name}" AS', f"NULL::{types[name]} AS")
    return sql


def _insert_all(connection: Connection, target: Target, columns: list[str], batch_id: int) -> Merge:
    _insert(connection, target.table, "stage", columns, batch_id)
    count = _number(connection, "SELECT count(*) FROM incoming")
    rows = _number(connection, "SELECT count(DISTINCT row_no) FROM incoming")
    return Merge(new=count, changed=0, fresh_rows=rows)


def _replace_changed(
    connection: Connection, target: Target, columns: list[str], batch_id: int
) -> Merge:
    held = _held(connection, target)
    same = " AND ".join(f's."{name}" IS NOT DISTINCT FROM h."{name}"' for name in columns)
    key = _same_key(target.key, "s", "h")
    names = ", ".join(f's."{name}"' for name in target.key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT s.* FROM stage s ANTI JOIN ({held}) h ON {same}"
    )
    touched = f"SELECT DISTINCT {names} FROM fresh s"
    if target.as_set:
        left_over = f"({held}) h ANTI JOIN stage s ON {same}"
        touched += f" UNION SELECT DISTINCT {names.replace('s.', 'h.')} FROM {left_over}"
        touched = f"SELECT * FROM ({touched}) s SEMI JOIN stage h ON {key}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {touched}")
    touched_row = _same_key(target.key, "h", "s")
    connection.execute(
        f"INSERT INTO {target.table}_before BY NAME SELECT h.*, ? AS replaced_by FROM {target.table} h"
        f" SEMI JOIN touched s ON {touched_row}",
        [batch_id],
    )
    changed = _number(
        connection,
        f"SELECT count(*) FROM {target.table} h SEMI JOIN touched s ON {touched_row}",
    )
    connection.execute(
        f"DELETE FROM {target.table} WHERE rowid IN"
        f" (SELECT h.rowid FROM {target.table} h SEMI JOIN touched s ON {touched_row})"
    )
    source = "fresh"
    if target.as_set:
        source = f"(SELECT h.* FROM stage h SEMI JOIN touched s ON {touched_row})"
    _insert(connection, target.table, source, columns, batch_id)
    written = _number(connection, f"SELECT count(*) FROM {source}")
    rows = _number(connection, f"SELECT count(DISTINCT row_no) FROM {source}")
    return Merge(new=max(written - changed, 0), changed=min(changed, written), fresh_rows=rows)


def _held(connection: Connection, target: Target) -> str:
    if target.span is None:
        return f"SELECT * FROM {target.table}"
    low, high = connection.execute(
        f'SELECT min("{target.span}")::DATE, max("{target.span}")::DATE FROM incoming'
    ).fetchall()[0]
    if low is None:
        return f"SELECT * FROM {target.table} WHERE FALSE"
    connection.execute("SET VARIABLE span_low = ?", [low])
    connection.execute("SET VARIABLE span_high = ?", [high])
    return (
        f'SELECT * FROM {target.table} WHERE "{target.span}"'
        " BETWEEN getvariable('span_low') AND getvariable('span_high')"
    )


def _insert(
    connection: Connection, table: str, source: str, columns: Sequence[str], batch_id: int
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}, batch_id, row_no) SELECT {names}, ?, row_no FROM {source}",
        [batch_id],
    )


def _same_key(key: Sequence[str], left: str, right: str) -> str:
    return " AND ".join(f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in key)


def _number(connection: Connection, sql: str, parameters: object = None) -> int:
    row = connection.execute(sql, parameters).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def touched_later(
    connection: Connection, targets: Sequence[Target], batch_id: int, limit: int
) -> list[dict[str, Any]]:
    """Rows of the batch that a later batch replaced: table, key values and that batch's number."""
    found: list[dict[str, Any]] = []
    for target in targets:
        names = ", ".join(f'"{name}"' for name in target.key)
        frame = frame_of(
            connection.execute(
                f"SELECT DISTINCT {names}, replaced_by FROM {target.table}_before"
                f" WHERE batch_id = ? AND replaced_by <> ? ORDER BY ALL LIMIT ?",
                [batch_id, batch_id, limit],
            )
        )
        for row in frame.to_dict("records"):
            by = row.pop("replaced_by")
            named = {str(k): v for k, v in row.items() if not pd.isna(v)}
            found.append({"table": target.table, "key": named, "batch": int(by)})
    return found[:limit]


def take_back(connection: Connection, targets: Sequence[Target], batch_id: int) -> tuple[int, int]:
    """Rows removed and rows restored by undoing one batch."""
    removed = restored = 0
    for target in targets:
        names = ", ".join(f'"{name}"' for name in data_columns(connection, target.table))
        count = "SELECT count(*) FROM"
        removed += _number(connection, f"{count} {target.table} WHERE batch_id = ?", [batch_id])
        restored += _number(
            connection, f"{count} {target.table}_before WHERE replaced_by = ?", [batch_id]
        )
        connection.execute(f"DELETE FROM {target.table} WHERE batch_id = ?", [batch_id])
        connection.execute(
            f"INSERT INTO {target.table} ({names}, batch_id, row_no)"
            f" SELECT {names}, batch_id, row_no FROM {target.table}_before WHERE replaced_by = ?",
            [batch_id],
        )
        connection.execute(f"DELETE FROM {target.table}_before WHERE replaced_by = ?", [batch_id])
    return removed, restored


def save_batch(connection: Connection, batch: dict[str, Any]) -> None:
    """Write the record of one load."""
    names = ", ".join(f'"{name}"' for name in batch)
    marks = ", ".join("?" for _ in batch)
    connection.execute(
        f"INSERT INTO import_batches ({names}) VALUES ({marks})", list(batch.values())
    )


def save_rejects(
    connection: Connection, batch_id: int, rejected: pd.DataFrame, originals: pd.DataFrame
) -> None:
    """Keep every problem, with the original row beside the first one of its row."""
    if rejected.empty:
        return
    texts = {
        index: json.dumps(row, ensure_ascii=False, default=str)
        for index, row in zip(originals.index, originals.to_dict("records"), strict=True)
    }
    lines = rejected.astype({"value": "str", "expected": "str"}).copy()
    lines["original"] = [
        texts.get(key) for key in zip(rejected["file"], rejected["row"], strict=True)
    ]
    register(connection, "rejects", lines)
    connection.execute(
        'INSERT INTO import_rejects SELECT ?, file, "row", "column", value, code, expected, original'
        " FROM rejects",
        [batch_id],
    )
    connection.unregister("rejects")


def batch(connection: Connection, batch_id: int) -> dict[str, Any] | None:
    """One batch's record, or None."""
    frame = frame_of(
        connection.execute("SELECT * FROM import_batches WHERE batch_id = ?", [batch_id])
    )
    return None if frame.empty else {str(k): v for k, v in frame.iloc[0].to_dict().items()}


def mark_undone(connection: Connection, batch_id: int, actor_id: str, at: datetime) -> None:
    """Record that a batch was taken back."""
    connection.execute(
        "UPDATE import_batches SET status = 'undone', undone_at = ?, undone_by = ? WHERE batch_id = ?",
        [at, actor_id, batch_id],
    )


def list_batches(db: Database) -> pd.DataFrame:
    """Every batch, newest first."""
    return db.query(
        "SELECT batch_id, kind, array_to_string(files, ', ') AS files, actor, loaded_at, datum, rows, loaded,"
        " corrected, rejected, unchanged, new_rows, changed_rows, status, undone_by"
        " FROM import_batches ORDER BY batch_id DESC"
    )


def rejects(db: Database, batch_id: int) -> pd.DataFrame:
    """The problems of one batch: file, row, column, value, code, expected, original (JSON text)."""
    return db.query(
        'SELECT file, "row", "column", value, code, expected, original FROM import_rejects'
        ' WHERE batch_id = ? ORDER BY file, "row", "column"',
        [batch_id],
    )


def loaded_since(db: Database, moment: datetime) -> pd.DataFrame:
    """Batches loaded after a moment: batch_id, kind, rows, loaded, rejected."""
    return db.query(
        "SELECT batch_id, kind, rows, loaded, rejected FROM import_batches"
        " WHERE loaded_at > ? AND status <> 'undone'",
        [moment],
    )
