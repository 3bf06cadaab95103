"""What runs the jobs of a lake; the engines differ in where the work is done, never in the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from grid_cells.errors import UserError


@dataclass(frozen=True)
class Ground:
    """What an engine works with: resolution of the cells, the zone whose days count, room to write in."""

    resolution: int
    zone: str
    work: Path


class Engine(Protocol):
    """Tables by name over Parquet files, and texts in DuckDB's dialect run on them."""

    name: str
    failures: tuple[type[Exception], ...]
    """What an engine raises when its work fails for a reason that is not a mistake in a text."""

    def told(self, error: Exception) -> UserError:
        """What a person is told of such a failure."""

    def columns(self, files: Sequence[str]) -> Mapping[str, str]:
        """Columns of the files with their types as DuckDB names them; `day` of daily folders too."""

    def look(self, name: str, files: Sequence[str], select: Sequence[str]) -> None:
        """Make files known as a table of the expressions; no files: a table without rows."""

    def look_days(
        self, name: str, days: Mapping[date, Sequence[str]], select: Sequence[str]
    ) -> None:
        """As `look`, for files of days: the day is that of the folder, whatever the path says above."""

    def look_turns(
        self, name: str, turns: Sequence[tuple[date, str]], select: Sequence[str]
    ) -> None:
        """As `look_days`, file by file, with the file's place in the order as the column `turn`."""

    def define(self, name: str, text: str) -> None:
        """Make what a text selects known by a name, worked out anew whenever it is asked."""

    def keep(self, name: str, text: str) -> None:
        """Work a text out, keep it as Parquet in the work folder under its name, and make it known."""

    def keep_daily(self, name: str, text: str) -> None:
        """As `keep`, for what has a column `day` and is asked for day by day."""

    def know(self, name: str) -> None:
        """Make known what an earlier run kept under the name."""

    def days(self, days: Sequence[date], at_once: int) -> None:
        """Put these days in the table `days`; so many may be written at once where memory is short."""

    def write(self, text: str, folder: Path, key: str) -> None:
        """Write what a text selects of the days as one folder of Parquet a day, ordered by the key."""

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""

    def close(self) -> None:
        """Let everything go."""


def first_line(error: Exception) -> str:
    """The first line of what an error says, else its name."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def dated(select: Sequence[str], day: date) -> str:
    """The expressions with the day itself in place of a column that tells it."""
    return ", ".join(f"DATE '{day}' AS day" if one.endswith(" AS day") else one for one in select)
