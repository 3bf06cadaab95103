"""Jobs of a lake on this machine, by DuckDB, in as little memory as it is given."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from app.store.lake.engine import Ground, dated, first_line
from grid_cells.cells import column_cells, column_cells_of_text
from grid_cells.errors import UserError

EVERY_FILE = "*.parquet"
_MISTAKES = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.InternalException,
)  # fmt: skip
"""Of a text, not of a lake."""


@dataclass(frozen=True)
class Room:
    """How much of this machine an engine may take: memory as DuckDB writes it, and threads."""

    memory: str = "2GB"
    threads: int | None = None


class DuckEngine:
    """Tables are views on Parquet files, so that the memory is left to the joins."""

    name = "duckdb"
    failures: tuple[type[Exception], ...] = (duckdb.Error, RuntimeError)

    def __init__(self, ground: Ground, room: Room) -> None:
        self._work = ground.work
        ground.work.mkdir(parents=True, exist_ok=True)
        self._days: list[date] = []
        self._at_once, self._memory = 1, room.memory
        self._daily: set[str] = set()
        self._connection = duckdb.connect()
        self._set(ground, room)
        level = ground.resolution
        self._function("grid_cell", lambda x, y: column_cells(x, y, level), ["DOUBLE", "DOUBLE"])
        self._function("cell_of_text", column_cells_of_text, ["VARCHAR"])

    def _set(self, ground: Ground, room: Room) -> None:
        settings = {
            "memory_limit": room.memory, "TimeZone": ground.zone,
            "temp_directory": str(ground.work / "spill"), "preserve_insertion_order": False,
        }  # fmt: skip
        if room.threads:
            settings["threads"] = room.threads
        for name, value in settings.items():
            try:
                self._connection.execute(f"SET {name} = $value", {"value": value})
            except duckdb.Error as error:
                told = first_line(error)
                raise UserError("rollup_setting", name=name, value=value, reason=told) from error

    def _function(self, name: str, function: Any, takes: list[Any]) -> None:
        self._connection.create_function(
            name, function, takes, "BIGINT",
            type=PythonUDFType.ARROW, null_handling=FunctionNullHandling.SPECIAL,
        )  # fmt: skip

    def told(self, error: Exception) -> UserError:
        """What a person is told: more memory is needed, or what could not be read or written."""
        if isinstance(error, duckdb.InterruptException) or "interrupted" in str(error):
            raise KeyboardInterrupt from error
        if isinstance(error, _MISTAKES):
            raise error
        if isinstance(error, duckdb.OutOfMemoryException):
            return UserError("rollup_out_of_memory", memory=self._memory)
        return UserError("rollup_failed", engine=self.name, reason=first_line(error))

    def columns(self, files: Sequence[str]) -> Mapping[str, str]:
        """Columns of the files with their types; `day` of daily folders too."""
        rows = self._connection.execute(f"DESCRIBE SELECT * FROM {_parquet(files)}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def look(self, name: str, files: Sequence[str], select: Sequence[str]) -> None:
        """Make files known as a table of the expressions; no files: a table without rows."""
        source = f" FROM {_parquet(files)}" if files else " WHERE false"
        self.define(name, f"SELECT {', '.join(select)}{source}")

    def look_days(
        self, name: str, days: Mapping[date, Sequence[str]], select: Sequence[str]
    ) -> None:
        """As `look`, for files of days: the day is that of the folder, whatever the path says above."""
        parts = [
            f"SELECT {dated(select, day)} FROM {_parquet(files)}" for day, files in days.items()
        ]
        self.define(name, " UNION ALL ".join(parts) or f"SELECT {', '.join(select)} WHERE false")

    def look_turns(
        self, name: str, turns: Sequence[tuple[date, str]], select: Sequence[str]
    ) -> None:
        """As `look_days`, file by file, with the file's place in the order as the column `turn`."""
        parts = [
            f"SELECT {dated(select, day)}, {turn} AS turn FROM {_parquet([file])}"
            for turn, (day, file) in enumerate(turns)
        ]
        self.define(name, " UNION ALL ".join(parts))

    def define(self, name: str, text: str) -> None:
        """Make what a text selects known by a name."""
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {text}")

    def keep(self, name: str, text: str) -> None:
        """Work a text out, keep it as Parquet under its name, and make it known."""
        target = _quoted(str(self._empty(name) / "part-0.parquet"))
        self._connection.execute(f"COPY ({text}) TO {target} (FORMAT parquet)")
        self.know(name)

    def keep_daily(self, name: str, text: str) -> None:
        """As `keep`, for what has a column `day` and is asked for day by day."""
        target = _quoted(str(self._empty(name)))
        self._connection.execute(
            f"COPY ({text}) TO {target} (FORMAT parquet, PARTITION_BY (day), WRITE_PARTITION_COLUMNS true, OVERWRITE true)"
        )
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name}_shape AS SELECT * FROM ({text}) LIMIT 0"
        )
        self._daily.add(name)
        self._turn_to(name, self._days)

    def _empty(self, name: str) -> Path:
        folder = self._work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def know(self, name: str) -> None:
        """Make known what an earlier run kept under the name."""
        files = [str(file) for file in sorted((self._work / name).glob(EVERY_FILE))]
        self.define(name, f"SELECT * FROM {_parquet(files)}")

    def _turn_to(self, name: str, days: Sequence[date]) -> None:
        """Let a name mean the rows of these days alone, of what was kept by day."""
        kept = self._work / name
        files = [str(f) for day in days for f in sorted((kept / f"day={day}").glob(EVERY_FILE))]
        if files:
            self.define(name, f"SELECT * FROM {_parquet(files)}")
        else:
            self.define(name, f"SELECT * FROM {name}_shape")

    def days(self, days: Sequence[date], at_once: int) -> None:
        """Put these days in the table `days`; so many may be written at once."""
        self._days, self._at_once = list(days), at_once
        self._set_days(self._days)

    def _set_days(self, days: Sequence[date]) -> None:
        table = pa.table({"day": pa.array(list(days), pa.date32())})
        self._connection.register("days_given", table)
        self._connection.execute("CREATE OR REPLACE TEMP TABLE days AS SELECT day FROM days_given")
        self._connection.unregister("days_given")
        for name in self._daily:
            self._turn_to(name, days)

    def write(self, text: str, folder: Path, key: str) -> None:
        """Write what a text selects of the days as one folder of Parquet a day, ordered by the key.

        A few days after the other: their facts fit in little memory, those of a year do not.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(self._days), self._at_once):
            self._set_days(self._days[first : first + self._at_once])
            self._connection.execute(
                f"COPY (SELECT * FROM ({text}) ORDER BY day, {key} NULLS FIRST) TO {_quoted(str(folder))}"
                " (FORMAT parquet, PARTITION_BY (day), OVERWRITE_OR_IGNORE)"
            )
        self._set_days(self._days)

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""
        return self._connection.execute(text).fetchall()

    def close(self) -> None:
        """Let everything go."""
        self._connection.close()


def _parquet(files: Sequence[str]) -> str:
    named = ", ".join(_quoted(file) for file in files)
    return f"read_parquet([{named}], hive_partitioning = false, union_by_name = true)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
