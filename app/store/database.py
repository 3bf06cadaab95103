"""The one open database file: a cursor per thread to read, one queue to write."""

import atexit
import itertools
import os
import queue
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa

from app.store import migrations
from app.store.audit_seal import Sealer, sealing
from app.store.keys import Keys, key_path, read_or_make
from app.store.private_files import owner_only, spill_of, tighten
from grid_cells.errors import BusyElsewhere, UserError

T = TypeVar("T")
Connection = duckdb.DuckDBPyConnection

MOST_KEPT = 5_000
FEW_ROWS = 10_000
MEMORY_LIMIT = os.environ.get("GRIDCELLS_MEMORY_LIMIT", "1500MB")


_opened = itertools.count(1)
"""Tells one opening of a file from any other of this process."""


def spatial_extension() -> Path:
    """Path of the spatial extension inside its wheel, matching this very DuckDB."""
    folder = files("duckdb_extension_spatial") / "extensions" / f"v{duckdb.__version__}"
    return Path(str(folder / "spatial.duckdb_extension"))


def load_spatial(connection: Connection) -> None:
    """Make the spatial functions known; a second at the first time, so only for who needs them."""
    extension = str(spatial_extension()).replace("'", "''")
    connection.execute(f"LOAD '{extension}'")


def can_load_spatial(db: "Database") -> bool:
    """Whether the spatial functions match this DuckDB and load."""
    try:
        load_spatial(db.cursor())
    except duckdb.Error:
        return False
    return True


class Database:
    """The process's only handle on a database file.

    Reads run on a cursor of the calling thread and see committed data; writes are run one after
    another by a single thread, each in a transaction of its own that is rolled back on any error.
    """

    def __init__(self, path: Path | str, *, memory_limit: str = MEMORY_LIMIT) -> None:
        self.path = Path(path)
        self.opened_as = next(_opened)
        self.commits = 0
        """How many writes were committed: what was read before the last one may have changed."""
        self._kept: dict[str, tuple[int, Any]] = {}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._closed = False
        with owner_only():
            self._open(memory_limit)
            spill_of(self.path).mkdir(exist_ok=True)
        tighten(self.path)
        self._writes: queue.Queue[tuple[Callable[[Connection], Any], Future[Any]] | None] = (
            queue.Queue()
        )
        self._writer = threading.Thread(target=self._write_all, name="store-writer", daemon=True)
        self._writer.start()
        atexit.register(self.close)

    def _open(self, memory_limit: str) -> None:
        self._root = _connect(self.path, memory_limit)
        try:
            self.keys: Keys = read_or_make(key_path(self.path))
            self._sealer = Sealer(self.path, self.keys)
            migrations.migrate(self._root, {"0003_access.sql": self._sealer.begin})
            self._sealer.open(self._root)
        except BaseException:
            self._root.close()
            raise

    @property
    def whole(self) -> "Database":
        """The database without any limit to what may be seen."""
        return self

    @property
    def seen_as(self) -> str:
        """What tells a limited sight of the database from others; empty for the whole."""
        return ""

    def cursor(self) -> Connection:
        """A cursor of its own, for whoever keeps one."""
        return _cursor(self._root)

    def read(self) -> Connection:
        """The calling thread's own cursor."""
        cursor: Connection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = _cursor(self._root)
        return cursor

    def kept(self, name: str, ask: Callable[[Connection], T]) -> T:
        """What `ask` finds in the whole database, asked once between two commits; `name` tells it.

        For what every page asks again and again and hardly ever changes.
        """
        whole = self.whole
        commits = whole.commits  # before asking: what is committed meanwhile is asked for anew
        told = whole._kept.get(name)
        if told is not None and told[0] == commits:
            found: T = told[1]
            return found
        found = ask(whole.read())
        if len(whole._kept) >= MOST_KEPT:  # made-up names must not fill the memory
            whole._kept.clear()
        whole._kept[name] = (commits, found)
        return found

    def query(self, sql: str, parameters: object = None) -> pd.DataFrame:
        """Rows of a question as a frame."""
        return frame_of(self.read().execute(sql, parameters))

    def write(self, change: Callable[[Connection], T]) -> T:
        """The change's result, once it is committed; an error inside it leaves nothing behind."""
        if threading.current_thread() is self._writer:
            message = "a write inside a write would wait for itself"
            raise RuntimeError(message)
        done: Future[T] = Future()
        self._writes.put((change, done))
        return done.result()

    def close(self) -> None:
        """Let the queued writes end, then close the file."""
        if self._closed:
            return
        self._closed = True
        self._writes.put(None)
        self._writer.join()
        with owner_only():
            self._root.close()
        shutil.rmtree(spill_of(self.path), ignore_errors=True)
        atexit.unregister(self.close)

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write_all(self) -> None:
        connection = _cursor(self._root)
        with sealing(connection, self._sealer):
            while (item := self._writes.get()) is not None:
                # the log of writes is made anew whenever it was taken into the file
                with owner_only():
                    self._write_one(connection, *item)
        connection.close()

    def _write_one(
        self, connection: Connection, change: Callable[[Connection], Any], done: Future[Any]
    ) -> None:
        try:
            connection.execute("BEGIN")
            result = change(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            _roll_back(connection)
            self._sealer.drop()
            done.set_exception(error)
        else:
            self.commits += 1
            self._sealer.keep()
            done.set_result(result)


def frame_of(connection: Connection) -> pd.DataFrame:
    """The pending result as a frame, text as pandas strings and times aware of UTC."""
    table: pa.Table = connection.to_arrow_table()
    # waking threads for a few rows takes longer than the rows
    frame: pd.DataFrame = table.to_pandas(use_threads=table.num_rows > FEW_ROWS)
    for name in table.column_names:
        # A column of cells with one missing value must not become float: 64 bits do not fit.
        if pa.types.is_integer(table.schema.field(name).type) and table[name].null_count:
            frame[name] = table[name].to_pandas(
                types_mapper={table[name].type: pd.Int64Dtype()}.get
            )
    return frame


def moment_of(connection: Connection) -> datetime | None:
    """The pending result's one time, aware of UTC, or None."""
    value = connection.to_arrow_table().column(0).to_pylist()
    return value[0].astimezone(UTC) if value and value[0] is not None else None


def register(connection: Connection, name: str, frame: pd.DataFrame | pa.Table) -> None:
    """Make a frame readable as `name` on this cursor."""
    table = (
        frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    )
    connection.register(name, table)


def _connect(path: Path, memory_limit: str) -> Connection:
    try:
        connection = duckdb.connect(
            str(path), config={"memory_limit": memory_limit, "temp_directory": str(spill_of(path))}
        )
    except duckdb.IOException as error:
        if "could not set lock" in str(error).lower():
            raise BusyElsewhere("store_in_use", path=str(path)) from error
        raise UserError("store_unreadable", path=str(path), why=str(error)) from error
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _cursor(root: Connection) -> Connection:
    cursor = root.cursor()
    cursor.execute("SET TimeZone = 'UTC'")
    return cursor


def _roll_back(connection: Connection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.TransactionException:  # the statement that failed had already ended it
        return
