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
from grid_cells.lake import day_of
from grid_cells.province import ancestor_bits, levels, resolution_of, sound_cell

FOLDER: Final = "cell_day"
COUNTS: Final = ("customers", "meters", "meters_read", "transformers", "days_known")
AMOUNTS: Final = ("energy_kwh", "feed_in_kwh", "loss_kwh")
SUPPLY: Final = "supplied_kwh"
"""The energy that the loss is a share of; facts without it have no loss rate."""
BALANCED: Final = "meters_balanced"
"""Customers' meters behind the transformers with a known loss; absent: nobody knows how few."""
LATER_COUNTS: Final = (BALANCED, "interruptions", "visits")
OPTIONAL: Final = (*LATER_COUNTS, SUPPLY, "interrupted_h")
"""Columns that may be missing, or null where they are not known."""
MOST: Final = 10**12
"""No amount of a cell's day comes near: what is larger is a mistake of units."""

_COLUMNS: Final = ("cell_id", *COUNTS, *AMOUNTS)
_MAY_BE_NEGATIVE: Final = ("loss_kwh",)
_WHOLE: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
_NUMBER: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL.*")
_BY_NAME: Final = "hive_partitioning = false, union_by_name = true"
_LAST_BASE_CELL: Final = 121


@dataclass(frozen=True)
class FactsDay:
    """A day's facts that were found sound.

    resolution: of all its cells; sha256: of the files' bytes before they were checked; optional:
    those of OPTIONAL that all its files have.
    """

    day: date
    files: tuple[Path, ...]
    resolution: int
    cells: int
    sha256: str
    optional: frozenset[str]


def days_in(folder: Path) -> list[tuple[date, tuple[Path, ...]]]:
    """The days of a folder of facts with their files, in order.

    Raises UserError `province_folder_empty`, `province_day_unreadable`.
    """
    found = []
    for place in sorted((folder / FOLDER).glob("day=*")):
        files = tuple(sorted(place.glob("*.parquet")))
        day = day_of(place.name)
        if day is None:
            raise UserError("province_day_unreadable", folder=place.name)
        if files:
            found.append((day, files))
    if not found:
        raise UserError("province_folder_empty", folder=str(folder), within=FOLDER)
    return found


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
        optional = frozenset.intersection(*(_check_columns(connection, one) for one in files))
        first = _first(connection, files)
        resolution = resolution_of(first) if first > 0 else -1
        if not levels(resolution)[1:]:
            expected = "cell_resolution"
            raise _bad(files[0], 1, "cell_id", first, expected)
        for file in files:
            _check_rows(connection, file, resolution, optional)
        cells = _check_once(connection, files)
    return FactsDay(day, tuple(files), resolution, cells, before, optional)


def fewest_people(days: Sequence[FactsDay]) -> pd.DataFrame:
    """Each cell that has customers, meters or transformers on one of the days: cell_id, people.

    people: customers on the day on which they are fewest.
    """
    has_some = "customers > 0 OR meters > 0 OR transformers > 0"
    return _fewest(days, "customers", has_some)


def fewest_balanced(days: Sequence[FactsDay]) -> pd.DataFrame:
    """Each cell with a loss known on one of the days: cell_id, people.

    people: customers' meters behind the loss on the day on which they are fewest; 0: not known.
    """
    return _fewest(days, BALANCED, "loss_kwh IS NOT NULL")


def _fewest(days: Sequence[FactsDay], people: str, has_some: str) -> pd.DataFrame:
    """The least of a column over the days; of losses on the days on which they are known."""
    told = "loss_kwh IS NOT NULL" if people == BALANCED else "true"
    rows = [
        f"SELECT cell_id::BIGINT AS cell_id, {people if is_there else 0} AS people, ({has_some})"
        " AS is_meant"
        f" FROM read_parquet({_listed(one.files)}, {_BY_NAME})"
        f" WHERE cell_id IS NOT NULL AND {told}"
        for one in days
        for is_there in (people in one.optional or people in COUNTS,)
    ]
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT cell_id, min(coalesce(people, 0))::BIGINT AS people"
            f" FROM ({' UNION ALL '.join(rows)}) GROUP BY cell_id HAVING bool_or(is_meant)"
            " ORDER BY cell_id"
        ).fetchnumpy()
    return pd.DataFrame({name: np.asarray(found[name]) for name in ("cell_id", "people")})


def _listed(files: Sequence[Path]) -> str:
    """Files as a list in SQL."""
    return "[" + ", ".join("'" + str(one).replace("'", "''") + "'" for one in files) + "]"


def _check_columns(connection: duckdb.DuckDBPyConnection, file: Path) -> frozenset[str]:
    """Which optional columns a file with all the others has."""
    try:
        rows = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(file)]
        ).fetchall()
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise FileRejected("province_file_unreadable", file=_place(file), why=why) from error
    types = {str(row[0]): str(row[1]) for row in rows}
    for name in (*_COLUMNS, *OPTIONAL):
        if name not in types and name not in OPTIONAL:
            raise FileRejected("province_column_missing", file=_place(file), column=name)
        wanted = _WHOLE if name in ("cell_id", *COUNTS, *LATER_COUNTS) else _NUMBER
        if name in types and not wanted.fullmatch(types[name]):
            raise FileRejected(
                "province_column_type", file=_place(file), column=name, type=types[name]
            )
    return frozenset(types).intersection(OPTIONAL)


def _first(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """A cell of the day; 0 where its files are empty."""
    row = connection.execute(
        f"SELECT cell_id FROM read_parquet(?, {_BY_NAME}) WHERE cell_id IS NOT NULL LIMIT 1",
        [_texts(files)],
    ).fetchone()
    return int(row[0]) if row else 0


def _check_rows(
    connection: duckdb.DuckDBPyConnection, file: Path, resolution: int, optional: frozenset[str]
) -> None:
    """Raises for the first row with a value that cannot be."""
    rules = _rules(resolution, optional)
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


def _rules(resolution: int, optional: frozenset[str]) -> list[tuple[str, str, str]]:
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
    found += [(name, f"{name} < 0", "count") for name in LATER_COUNTS if name in optional]
    found.append(("meters_read", "meters_read > meters", "within_meters"))
    found.append(("days_known", "days_known > transformers", "within_transformers"))
    for name in (*AMOUNTS, *(one for one in ("interrupted_h", SUPPLY) if one in optional)):
        low_end = f"abs({name})" if name in _MAY_BE_NEGATIVE else name
        # by itself: DuckDB takes a file's own bounds for proof, and these leave NaN out
        out = f"isnan({name}::DOUBLE) OR NOT ({low_end} >= 0 AND {low_end} < {MOST})"
        found.append((name, out, "amount" if name not in _MAY_BE_NEGATIVE else "loss"))
    if SUPPLY in optional:
        found.append((SUPPLY, f"({SUPPLY} IS NULL) <> (loss_kwh IS NULL)", "with_loss"))
    return found


def _check_once(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """How many cells the day has; raises where one stands there twice."""
    source = f"read_parquet(?, filename = true, file_row_number = true, {_BY_NAME})"
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
