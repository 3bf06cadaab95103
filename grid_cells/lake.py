"""Folders of Parquet files that jobs on many meters read, and the facts that they write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from grid_cells.errors import UserError

Type = Literal["text", "number", "count", "day", "moment", "flag", "cell"]
SQL_TYPES: Final[Mapping[Type, str]] = {
    "text": "VARCHAR", "number": "DOUBLE", "count": "BIGINT", "day": "DATE",
    "moment": "TIMESTAMPTZ", "flag": "BOOLEAN", "cell": "BIGINT",
}  # fmt: skip
"""How DuckDB names each type; other dialects are translated from it."""

_INTEGERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)
_NUMBERS = (*_INTEGERS, "FLOAT", "DOUBLE", "DECIMAL")
_TIMES = ("DATE", "TIMESTAMP")
_FITS: Final[Mapping[Type, tuple[str, ...]]] = {
    "text": ("VARCHAR", *_INTEGERS), "number": _NUMBERS, "count": _INTEGERS, "day": _TIMES,
    "moment": ("TIMESTAMP",), "flag": ("BOOLEAN",), "cell": ("VARCHAR", "BIGINT", "UBIGINT"),
}  # fmt: skip


@dataclass(frozen=True)
class Folder:
    """One folder of a lake: its columns with their types, and those that must be there.

    `is_daily`: its files lie in folders day=YYYY-MM-DD. `aliases`: another name of a column.
    """

    name: str
    columns: Mapping[str, Type]
    required: tuple[str, ...]
    is_daily: bool = False
    is_needed: bool = True
    aliases: Mapping[str, str] = field(default_factory=dict)


FOLDERS: Final = {
    folder.name: folder
    for folder in (
        Folder(
            "customers",
            {
                "customer_no": "text", "transformer_id": "text", "use_type": "text",
                "tariff": "text", "connected_on": "day", "lon": "number", "lat": "number",
            },
            ("customer_no", "lon", "lat"),
        ),
        Folder(
            "meters",
            {
                "meter_id": "text", "customer_no": "text", "transformer_id": "text", "role": "text",
                "multiplier": "number", "valid_from": "day", "valid_to": "day",
            },
            ("meter_id", "customer_no"),
        ),
        Folder(
            "transformers",
            {
                "transformer_id": "text", "kind": "text", "feeder_id": "text", "valid_from": "day",
                "lon": "number", "lat": "number",
            },
            ("transformer_id",),
        ),
        Folder(
            "areas",
            {"area_id": "text", "transformer_id": "text", "cell_id": "cell", "customer_no": "text"},
            ("area_id",),
            aliases={"area_id": "area", "cell_id": "cell"},
        ),
        Folder(
            "readings",
            {
                "day": "day", "meter_id": "text", "energy_kwh": "number", "reverse_kwh": "number",
                "source": "text", "is_corrected": "flag", "received_at": "moment",
            },
            ("meter_id", "energy_kwh"),
            is_daily=True,
        ),
        Folder(
            "interruptions",
            {"day": "day", "customer_no": "text", "seconds": "count", "is_first_day": "flag"},
            ("customer_no", "seconds"),
            is_daily=True, is_needed=False,
        ),
        Folder(
            "halls", {"hall_id": "text", "lon": "number", "lat": "number"},
            ("hall_id", "lon", "lat"), is_needed=False,
        ),
        Folder(
            "visits", {"day": "day", "hall_id": "text"}, ("hall_id",), is_daily=True,
            is_needed=False,
        ),
    )
}  # fmt: skip
"""What a lake holds. Times without a zone, and days of times, are those of the zone asked for."""

DAILY: Final = tuple(name for name, folder in FOLDERS.items() if folder.is_daily)
STANDING: Final = tuple(name for name, folder in FOLDERS.items() if not folder.is_daily)

FACTS: Final[Mapping[str, str]] = {
    "cell_day": "cell_id", "area_day": "area_id", "transformer_day": "transformer_id",
}  # fmt: skip
"""The facts by day, and by what."""


def expressions(folder: Folder, found: Mapping[str, str], *, where: str) -> list[str]:
    """How each column of the folder is read from files with the columns `found` (name → SQL type).

    A column that is not there is unknown in every row. `where` names the files in errors. Raises
    UserError `lake_column_missing`, `lake_column_type`.
    """
    return [_expression(folder, name, found, where) for name in folder.columns]


def no_rows(folder: Folder) -> list[str]:
    """The folder's columns where it has no files."""
    return [f"CAST(NULL AS {SQL_TYPES[kind]}) AS {name}" for name, kind in folder.columns.items()]


def _expression(folder: Folder, name: str, found: Mapping[str, str], where: str) -> str:
    wanted = folder.columns[name]
    named = name if name in found else folder.aliases.get(name, name)
    if named not in found:
        if name in folder.required:
            there = ", ".join(sorted(found))
            raise UserError("lake_column_missing", folder=where, column=name, found=there)
        return f"CAST(NULL AS {SQL_TYPES[wanted]}) AS {name}"
    given = found[named].upper()
    if not given.startswith(_FITS[wanted]):
        raise UserError("lake_column_type", folder=where, column=named, type=given, wanted=wanted)
    if wanted == "cell" and given.startswith("VARCHAR"):
        return f'cell_of_text("{named}") AS {name}'
    return f'CAST("{named}" AS {SQL_TYPES[wanted]}) AS {name}'


DAY_FOLDER: Final = "day="


def day_of(folder: str) -> date | None:
    """The day that a folder's name tells, day=YYYY-MM-DD; None for any other way of writing it.

    20260101 and 2026-W01-1 are dates in Python too, but not to the engines that read the folder.
    """
    told = folder.removeprefix(DAY_FOLDER)
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return None
    return day if f"{DAY_FOLDER}{day}" == folder else None


@dataclass(frozen=True)
class DayFiles:
    """The files of one day: a mark that tells any change, rows of readings, files of readings."""

    mark: str
    rows: int
    files: int


def days_to_make(
    found: Mapping[date, DayFiles], made: Mapping[date, str], *, again: bool = False
) -> list[date]:
    """The days whose files are new or have changed since their facts were made, in order.

    `made`: day → the mark of the files that its facts were made of. `again`: all of them.
    """
    return [day for day in sorted(found) if again or made.get(day) != found[day].mark]


def batches(
    days: Iterable[date], found: Mapping[date, DayFiles], most_rows: int
) -> list[list[date]]:
    """The days in lots of at most so many rows of readings, one day at least."""
    lots: list[list[date]] = []
    rows = 0
    for day in days:
        if lots and rows + found[day].rows <= most_rows:
            lots[-1].append(day)
            rows += found[day].rows
        else:
            lots.append([day])
            rows = found[day].rows
    return lots
