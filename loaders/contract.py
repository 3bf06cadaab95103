"""What every loader takes and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

REJECT_COLUMNS = ("file", "row", "column", "value", "code", "expected")
CORRECTION_COLUMNS = ("file", "row", "column", "value", "became", "code")


@dataclass(frozen=True)
class ColumnMap:
    """How a foreign table reads: the parsed form of a `--map FILE.toml`."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    timezone: str | None = None
    wide: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LoadOptions:
    """Choices of one load; `datum` None means: as the file itself states, else refuse.

    `known` carries reference frames a check may look at (transformers, streets, meters) by kind;
    `now` (aware; None: the computer's clock) tells which days have not come yet.
    `progress` is told the share done (0 to 1). `finest`: the resolution up to which cells finer
    than `resolution` are kept, where they are at all.
    """

    datum: str | None = None
    mapping: ColumnMap = field(default_factory=ColumnMap)
    encoding: str | None = None
    timezone: str = "UTC"
    resolution: int = 9
    known: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    now: datetime | None = None
    progress: Callable[[float], None] | None = None
    finest: int | None = None


@dataclass(frozen=True)
class Report:
    """What became of the rows: every one is loaded, corrected and loaded, or rejected.

    `rejected` has REJECT_COLUMNS (one line a problem; `row` is the record's number, the header
    being 1), `corrected` CORRECTION_COLUMNS. `rejected_rows` holds the original text of the
    rejected rows, indexed by (file, row), for download, mending and loading again. `warnings`
    are (code, values); `matched` maps our column to the file's name for it; `unmatched` are the
    file's columns nobody read.
    """

    rows: int
    corrected: pd.DataFrame
    rejected: pd.DataFrame
    rejected_rows: pd.DataFrame
    matched: Mapping[str, str] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    warnings: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True)
class Loaded:
    """Checked rows under our own column names, and the report about those left out.

    `frame` carries a column `row_no` (the record's number in its file), WGS-84 `lon`/`lat` with
    `given_x`/`given_y`/`given_datum` beside them where the kind has a place, `cell_id` (int64, 0
    where unplaced), and shapes as WKB bytes in `geometry`.
    """

    frame: pd.DataFrame
    report: Report


class Loader(Protocol):
    """The one signature: `load_<things>(source, options)`."""

    def __call__(self, source: Path, options: LoadOptions, /) -> Loaded:
        """The checked rows of `source` and the report; raises FileRejected."""
        ...
