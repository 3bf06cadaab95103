"""Cell facts by day, as `gridcells rollup` writes them: found, checked, never half believed.

FACTS/cell_day/day=YYYY-MM-DD/*.parquet; the row without a cell tells what has no place. Each file
is checked where it lies, by DuckDB, so that millions of cells pass in seconds; the first value that
cannot be is named by its place.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd

from grid_cells.errors import FileRejected, UserError
from grid_cells.province import ancestor_bits, levels, resolution_of, sound_cell

FOLDER: Final = "cell_day"
COUNTS: Final = (
    "customers", "meters", "meters_read", "transformers", "days_known", "interruptions", "visits",
)  # fmt: skip
AMOUNTS: Final = ("energy_kwh", "feed_in_kwh", "loss_kwh")
OPTIONAL: Final = "supplied_kwh"
"""The energy that the loss is a share of; facts without it have no loss rate."""
MOST: Final = 10**12
"""No amount of a cell's day comes near: what is larger is a mistake of units."""

_COLUMNS: Final = ("cell_id", *COUNTS, *AMOUNTS, "interrupted_h")
_MAY_BE_NEGATIVE: Final = ("loss_kwh",)
_WHOLE: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
_NUMBER: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL.*")
_LAST_BASE_CELL: Final = 121


@dataclass(frozen=True)
class FactsDay:
    """A day's facts that were found sound.

    resolution: of all its cells; sha256: of the files' bytes before they were checked; has_supply: whether supplied_kwh is
    there.
    """

    day: date
    files: tuple[Path, ...]
    resolution: int
    cells: int
    sha256: str
    has_supply: bool


def days_in(folder: Path) -> list[tuple[date, tuple[Path, ...]]]:
    """The days of a folder of facts with their files, in order.

    Raises UserError `province_folder_empty`, `province_day_unreadable`.
    """
    found = []
    for place in sorted((folder / FOLDER).glob("day=*")):
        files = tuple(sorted(place.glob("*.parquet")))
        day = _day_of(place.name)
        if files:
            found.append((day, files))
    if not found:
        raise UserError("province_folder_empty", folder=str(folder), within=FOLDER)
    return found


def _day_of(name: str) -> date:
    """The day of a folder's name; other ways of writing a day than the one told are refused."""
    text = name.removeprefix("day=")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UserError("province_day_unreadable", folder=name) from error
    if str(day) != text:
        raise UserError("province_day_unreadable", folder=name)
    return day


def fingerprint(files: Sequence[Path]) -> str:
    """SHA-256 of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


def read_day(day: date, files: Sequence[Path]) -> FactsDay:
    """The day, every row of it checked.

    Raises FileRejected `province_file_unreadable`, `province_column_missing`,
    `province_column_type`, or `province_value_…` with file, row, column and value.
    """
    before = fingerprint(files)  # so that whatever was not checked has another one
    with duckdb.connect() as connection:
        supplied = {_check_columns(connection, file) for file in files}
        has_supply = supplied == {True}
        first = _first(connection, files)
        resolution = resolution_of(first) if first > 0 else -1
        if not levels(resolution)[1:]:
            expected = "cell_resolution"
            raise _bad(files[0], 1, "cell_id", first, expected)
        for file in files:
            _check_rows(connection, file, resolution, has_supply=has_supply)
        cells = _check_once(connection, files)
    return FactsDay(day, tuple(files), resolution, cells, before, has_supply)


def fewest_customers(days: Sequence[FactsDay]) -> pd.DataFrame:
    """Each cell that has customers, meters or transformers on one of the days: cell_id, customers.

    customers: on the day on which they are fewest.
    """
    with duckdb.connect() as connection:
        files = [str(file) for one in days for file in one.files]
        found = connection.execute(
            "SELECT cell_id::BIGINT AS cell_id, min(customers)::BIGINT AS customers"
            " FROM read_parquet(?) WHERE cell_id IS NOT NULL GROUP BY cell_id"
            " HAVING bool_or(customers > 0 OR meters > 0 OR transformers > 0) ORDER BY cell_id",
            [files],
        ).fetchnumpy()
    return pd.DataFrame({name: np.asarray(found[name]) for name in ("cell_id", "customers")})


def _check_columns(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    """Whether a file with all the columns also has the energy supplied."""
    try:
        rows = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(file)]
        ).fetchall()
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise FileRejected("province_file_unreadable", file=_place(file), why=why) from error
    types = {str(row[0]): str(row[1]) for row in rows}
    for name in (*_COLUMNS, OPTIONAL):
        if name not in types and name != OPTIONAL:
            raise FileRejected("province_column_missing", file=_place(file), column=name)
        wanted = _WHOLE if name in ("cell_id", *COUNTS) else _NUMBER
        if name in types and not wanted.fullmatch(types[name]):
            raise FileRejected(
                "province_column_type", file=_place(file), column=name, type=types[name]
            )
    return OPTIONAL in types


def _first(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """A cell of the day; 0 where its files are empty."""
    row = connection.execute(
        "SELECT cell_id FROM read_parquet(?) WHERE cell_id IS NOT NULL LIMIT 1", [_texts(files)]
    ).fetchone()
    return int(row[0]) if row else 0


def _check_rows(
    connection: duckdb.DuckDBPyConnection, file: Path, resolution: int, *, has_supply: bool
) -> None:
    """Raises for the first row with a value that cannot be."""
    rules = _rules(resolution, has_supply=has_supply)
    case = " ".join(f"WHEN {bad} THEN {at}" for at, (_, bad, _) in enumerate(rules))
    row = connection.execute(
        "SELECT n, rule, told FROM"
        f" (SELECT file_row_number AS n, CASE {case} END AS rule, t AS told"
        " FROM read_parquet(?, file_row_number = true, hive_partitioning = false) t)"
        " WHERE rule IS NOT NULL ORDER BY n LIMIT 1",
        [str(file)],
    ).fetchone()
    if row is not None:
        column, _, expected = rules[row[1]]
        raise _bad(file, int(row[0]) + 1, column, row[2].get(column), expected)


def _rules(resolution: int, *, has_supply: bool) -> list[tuple[str, str, str]]:
    """What makes a row unsound: column, condition, code of what was expected."""
    _, put = ancestor_bits(resolution)
    shift, head, sevens = sound_cell(resolution)
    low = put & ((1 << shift) - 1)
    sound = (
        f"cell_id > 0 AND (cell_id >> {shift}) = {head} AND (cell_id & {low}) = {low}"
        f" AND ((cell_id >> 45) & 127) <= {_LAST_BASE_CELL}"
        f" AND (cell_id & (cell_id >> 1) & (cell_id >> 2) & {sevens}) = 0"
    )
    found = [("cell_id", f"cell_id IS NOT NULL AND NOT ({sound})", "cell_resolution")]
    found += [(name, f"NOT coalesce({name} >= 0, false)", "count") for name in COUNTS]
    found.append(("meters_read", "meters_read > meters", "within_meters"))
    found.append(("days_known", "days_known > transformers", "within_transformers"))
    amounts = (*AMOUNTS, "interrupted_h", *([OPTIONAL] if has_supply else []))
    for name in amounts:
        low_end = f"abs({name})" if name in _MAY_BE_NEGATIVE else name
        # by itself: DuckDB takes a file's own bounds for proof, and these leave NaN out
        out = f"isnan({name}::DOUBLE) OR NOT ({low_end} >= 0 AND {low_end} < {MOST})"
        found.append((name, out, "amount" if name not in _MAY_BE_NEGATIVE else "loss"))
    found.append(("interrupted_h", "interrupted_h IS NULL", "amount"))
    if has_supply:
        found.append((OPTIONAL, f"({OPTIONAL} IS NULL) <> (loss_kwh IS NULL)", "with_loss"))
    return found


def _check_once(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """How many cells the day has; raises where one stands there twice."""
    source = "read_parquet(?, filename = true, file_row_number = true, hive_partitioning = false)"
    row = connection.execute(
        f"SELECT count(*), count(DISTINCT coalesce(cell_id, 0)), count(cell_id) FROM {source}",
        [_texts(files)],
    ).fetchone()
    rows, different, cells = row if row is not None else (0, 0, 0)
    if rows == different:
        return int(cells)
    twice = connection.execute(
        f"SELECT filename, file_row_number + 1, cell_id FROM {source} QUALIFY"
        " row_number() OVER (PARTITION BY cell_id ORDER BY filename, file_row_number) = 2"
        " ORDER BY ALL LIMIT 1",
        [_texts(files)],
    ).fetchall()[0]
    raise _bad(Path(twice[0]), int(twice[1]), "cell_id", twice[2], "cell_once")


def _bad(file: Path, row: int, column: str, value: Any, expected: str) -> FileRejected:
    shown = f"{value:x}" if column == "cell_id" and isinstance(value, int) and value > 0 else value
    return FileRejected(
        f"province_value_{expected}", file=_place(file), row=row,
        column=column, value="" if shown is None else str(shown),
    )  # fmt: skip


def _place(file: Path) -> str:
    """A file as people find it: with the folder of its day."""
    return f"{file.parent.name}/{file.name}"


def _texts(files: Sequence[Path]) -> list[str]:
    return [str(file) for file in files]
