"""Jobs of a lake by Apache Spark, from this machine or on a cluster: the same texts, translated."""

import os
import re
import shutil
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.store.lake.engine import Ground, dated, first_line
from grid_cells.cells import column_cells, column_cells_of_text
from grid_cells.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TYPES = {
    "string": "VARCHAR", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT",
    "float": "FLOAT", "double": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "decimal(20,0)": "UBIGINT",
}  # fmt: skip
JAVA = "java"
_SETTING = re.compile(r"(?P<name>spark\.[^\s=]+)\s*[\s=]\s*(?P<value>\S.*)")


@dataclass(frozen=True)
class Cluster:
    """Where Spark runs: its master's address and further settings, as spark-defaults.conf names them."""

    master: str = "local[*]"
    settings: Mapping[str, str] | None = None


def settings_of(path: Path) -> dict[str, str]:
    """Settings from a file as spark-defaults.conf: a name, white space or =, its value; # begins a comment.

    Raises UserError `spark_settings_missing`, `spark_setting_unreadable` (file, line, text).
    """
    found = {}
    for number, line in enumerate(_lines(path), 1):
        told = line.strip()
        if not told or told.startswith("#"):
            continue
        setting = _SETTING.fullmatch(told)
        if setting is None:
            raise UserError("spark_setting_unreadable", file=str(path), line=number, text=told)
        found[setting["name"]] = setting["value"]
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("spark_settings_missing", file=str(path)) from error


class SparkEngine:
    """Tables are views over Parquet; what is kept is Parquet again, so that a lost executor costs its share."""

    name = "spark"

    def __init__(self, ground: Ground, cluster: Cluster) -> None:
        self._work = ground.work
        ground.work.mkdir(parents=True, exist_ok=True)
        self._days = 1
        self._spark = _session(ground, cluster)
        self.failures = _failures()
        self._spark.sparkContext.addPyFile(str(_core(ground.work)))
        level = ground.resolution
        self._function("grid_cell", lambda x, y: column_cells(x, y, level))
        self._function("cell_of_text", column_cells_of_text)

    def _function(self, name: str, function: Any) -> None:
        functions = import_module("pyspark.sql.functions")
        self._spark.udf.register(name, functions.arrow_udf(function, "bigint"))

    def told(self, error: Exception) -> UserError:
        """What a person is told: the first line of what Spark says."""
        return UserError("rollup_failed", engine=self.name, reason=first_line(error))

    def _read(self, files: Sequence[str]) -> "DataFrame":
        reader = self._spark.read.option("mergeSchema", "true")
        if "/day=" in files[0]:
            reader = reader.option("basePath", _uri(files[0].rpartition("/day=")[0]))
        return reader.parquet(*map(_uri, files))

    def columns(self, files: Sequence[str]) -> Mapping[str, str]:
        """Columns of the files with their types as DuckDB names them; `day` of daily folders too."""
        kinds = dict(self._read(files).dtypes)
        return {name: _TYPES.get(kind, kind.upper()) for name, kind in kinds.items()}

    def look(self, name: str, files: Sequence[str], select: Sequence[str]) -> None:
        """Make files known as a table of the expressions; no files: a table without rows."""
        if not files:
            self.define(name, f"SELECT {', '.join(select)} WHERE false")
            return
        self._read(files).createOrReplaceTempView(f"{name}_files")
        self.define(name, f"SELECT {', '.join(select)} FROM {name}_files")

    def look_days(
        self, name: str, days: Mapping[date, Sequence[str]], select: Sequence[str]
    ) -> None:
        """As `look`, for files of days: the day is that of the folder, whatever the path says above."""
        told = ['CAST("day" AS DATE) AS day' if s.endswith(" AS day") else s for s in select]
        self.look(
            name, [file for files in days.values() for file in files], told if days else select
        )

    def look_turns(
        self, name: str, turns: Sequence[tuple[date, str]], select: Sequence[str]
    ) -> None:
        """As `look_days`, file by file, with the file's place in the order as the column `turn`."""
        parts = []
        for turn, (day, file) in enumerate(turns):
            self._spark.read.parquet(_uri(file)).createOrReplaceTempView(f"{name}_{turn}")
            parts.append(f"SELECT {dated(select, day)}, {turn} AS turn FROM {name}_{turn}")
        self.define(name, " UNION ALL ".join(parts))

    def _sql(self, text: str) -> "DataFrame":
        return self._spark.sql(translated(text))

    def define(self, name: str, text: str) -> None:
        """Make what a text selects known by a name, worked out anew whenever it is asked."""
        self._sql(text).createOrReplaceTempView(name)

    def keep(self, name: str, text: str) -> None:
        """Work a text out, keep it as Parquet under its name, and make it known."""
        self._sql(text).write.mode("overwrite").parquet(_uri(self._work / name))
        self.know(name)

    def keep_daily(self, name: str, text: str) -> None:
        """As `keep`, for what has a column `day` and is asked for day by day."""
        self.keep(name, text)

    def know(self, name: str) -> None:
        """Make known what an earlier run kept under the name."""
        self._spark.read.parquet(_uri(self._work / name)).createOrReplaceTempView(name)

    def days(self, days: Sequence[date], at_once: int) -> None:  # noqa: ARG002
        """Put these days in the table `days`; Spark spreads all of them."""
        self._days = len(days)
        self._spark.createDataFrame([(day,) for day in days], "day DATE").createOrReplaceTempView(
            "days"
        )

    def write(self, text: str, folder: Path, key: str) -> None:
        """Write what a text selects of the days as one folder of Parquet a day, ordered by the key."""
        rows = self._sql(text).repartition(self._days, "day").sortWithinPartitions("day", key)
        rows.write.mode("overwrite").partitionBy("day").parquet(_uri(folder))

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""
        return [tuple(row) for row in self._sql(text).collect()]

    def close(self) -> None:
        """Let everything go."""
        self._spark.stop()


def _uri(path: str | Path) -> str:
    """The path as one of this machine's files, whatever the cluster's usual file system is."""
    return f"file://{Path(path).resolve()}"  # Hadoop reads a path as it stands, with no escapes


def translated(text: str) -> str:
    """A text in DuckDB's dialect as Spark reads it."""
    sqlglot = import_module("sqlglot")
    return str(sqlglot.transpile(text, read="duckdb", write="spark")[0])


def _session(ground: Ground, cluster: Cluster) -> "SparkSession":
    """A session at the cluster; the first thing that needs Java. Raises UserError where it cannot run."""
    try:
        import_module("sqlglot")
        spark = import_module("pyspark.sql")
    except ImportError as error:
        raise UserError("spark_not_installed") from error
    home = os.environ.get("JAVA_HOME")
    if shutil.which(JAVA) is None and (home is None or not (Path(home) / "bin" / JAVA).exists()):
        raise UserError("spark_no_java")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = spark.SparkSession.builder.appName("gridcells").master(cluster.master)
    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        **(cluster.settings or {}),
        "spark.master": cluster.master,
        "spark.sql.session.timeZone": ground.zone,
    }  # fmt: skip
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except (
        Exception
    ) as error:  # Py4J and PySpark raise what they like when the gateway does not start
        raise UserError(
            "spark_unreachable", master=cluster.master, reason=first_line(error)
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _failures() -> tuple[type[Exception], ...]:
    return (
        import_module("pyspark.errors").PySparkException,
        import_module("py4j.protocol").Py4JError,
    )


def _core(work: Path) -> Path:
    """The package of cells as a file that executors load, wherever they run."""
    target = work / "grid_cells.zip"
    with zipfile.ZipFile(target, "w") as packed:
        for name in ("__init__.py", "cells.py"):
            packed.writestr(f"grid_cells/{name}", (package_files("grid_cells") / name).read_bytes())
    return target
