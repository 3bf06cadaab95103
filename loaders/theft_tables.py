"""Tables of customers or visits with a series of energies each, to learn suspicion from.

Any table that a mapping describes: the periods in columns (`[wide]`) or in rows, days, or months
before the visit; an id, and where known the day of the visit, its outcome, attributes and figures.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.errors import FileRejected
from grid_cells.theft_features import TheftTable
from grid_cells.vocabulary import COLUMNS
from loaders.columns import plain_heading
from loaders.contract import ColumnMap, LoadOptions
from loaders.figures import numbers
from loaders.findings import Findings
from loaders.mapping import wide_pattern
from loaders.moments import days
from loaders.raw import RawTable
from loaders.reading import read_raw
from loaders.texts import clean_text

Floats = NDArray[np.float64]
IDS = ("inspection_id", "customer_no", "meter_id")
CONFIRMED, NOTHING_LEARNT = "confirmed", "nobody_there"
_OWN = {*IDS, "inspected_on", "outcome", "energy_kwh", "day", "months_before"}
_FEWEST = 2


@dataclass(frozen=True, eq=False)
class _Source:
    """A file on its way: its table, our column → its heading, and the user's words."""

    raw: RawTable
    matched: Mapping[str, str]
    mapping: ColumnMap

    def findings(self, ours: str, heading: str) -> Findings:
        return Findings(self.raw, {ours: heading})


@dataclass(frozen=True, eq=False)
class _Series:
    """Energies by row of the table, the periods' names and days, the first row of each id."""

    energy: Floats
    periods: tuple[str, ...]
    dates: pd.DatetimeIndex | None
    first: NDArray[np.int64]


def load_theft_table(
    source: Path, mapping: ColumnMap, *, encoding: str | None = None
) -> TheftTable:
    """The table of a file; nothing in it is guessed and no missing energy is 0.

    Raises FileRejected: what reading any file raises, `mapping_column_missing`, `columns_missing`,
    `theft_value_invalid` (file, row, column, value, expected), `theft_id_twice`,
    `theft_periods_few`.
    """
    raw = read_raw(source, "readings", LoadOptions(mapping=mapping, encoding=encoding))
    if raw.torn:
        torn = raw.torn[0]
        raise _invalid(raw.file, torn.row, "", torn.text[:80], str(torn.expected))
    if raw.rows == 0:
        raise FileRejected("file_without_rows", file=raw.file)
    found = _Source(raw, _matched(raw, mapping), mapping)
    key = next((name for name in IDS if name in found.matched), None)
    if key is None:
        raise _lacking(raw, " / ".join(IDS))
    ids = _texts(found, key)
    _refuse_empty(found, key, ids)
    series = _wide(found, ids) if mapping.wide else _long(found, ids)
    if len(series.periods) < _FEWEST:
        raise FileRejected("theft_periods_few", file=raw.file, periods=len(series.periods))
    return _table(found, ids, series, key)


def _table(found: _Source, ids: NDArray[np.object_], series: _Series, id_name: str) -> TheftTable:
    first = series.first
    attributes = {n: _texts(found, n)[first] for n in found.matched if _is_a(n, "text")}
    figures = {n: _numbers(found, n)[first] for n in found.matched if _is_a(n, "number", "integer")}
    index = pd.RangeIndex(len(first))
    return TheftTable(
        ids=ids[first],
        energy=series.energy,
        attributes=pd.DataFrame(attributes, index=index, dtype=object),
        figures=pd.DataFrame(figures, index=index, dtype=np.float64),
        visited=_visited(found)[first],
        confirmed=_confirmed(found)[first],
        periods=series.periods,
        dates=series.dates,
        id_name=id_name,
    )


def _is_a(name: str, *types: str) -> bool:
    return name not in _OWN and COLUMNS[name].type in types


def _matched(raw: RawTable, mapping: ColumnMap) -> dict[str, str]:
    """Our column → the file's heading: those the mapping names, and ids and days by their names."""
    plain = {plain_heading(heading): heading for heading in raw.columns}
    matched = {}
    for ours, theirs in mapping.columns.items():
        heading = theirs if theirs in raw.columns else plain.get(plain_heading(theirs))
        if heading is not None:
            matched[ours] = heading
        elif ours != "outcome":  # what is to be scored has none yet
            raise FileRejected(
                "mapping_column_missing",
                file=raw.file, column=ours, heading=theirs, found=", ".join(raw.columns),
            )  # fmt: skip
    for ours in sorted(_OWN - matched.keys()):
        names = (ours, COLUMNS[ours].zh, *COLUMNS[ours].aliases)
        heading = next((plain[p] for n in names if (p := plain_heading(n)) in plain), None)
        if heading is not None and heading not in matched.values():
            matched[ours] = heading
    return matched


def _wide(found: _Source, ids: NDArray[np.object_]) -> _Series:
    pattern = wide_pattern(found.mapping, found.raw.file)
    hits = {name: hit for name in found.raw.columns if (hit := pattern.fullmatch(name))}
    if not hits:
        raise _lacking(found.raw, pattern.pattern)
    _refuse_twice(found, ids)
    order = sorted(hits, key=lambda name: _period_key(hits[name], found.mapping))
    energy = np.column_stack([_energy(found, heading) for heading in order])
    dates = _dates([hits[name] for name in order], found.mapping)
    return _Series(energy, tuple(order), dates, np.arange(len(ids)))


def _period_key(hit: re.Match[str], mapping: ColumnMap) -> tuple[float, str]:
    """Oldest first: many months before, then few; days in their order; else as they are named."""
    groups = hit.groupdict()
    if groups.get("months_before"):
        return -float(groups["months_before"]), ""
    day = _day_of(groups.get("day"), mapping)
    return (day.timestamp(), "") if day is not None else (0.0, hit.string)


def _day_of(text: str | None, mapping: ColumnMap) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, mapping.wide.get("format", "%Y-%m-%d"))  # noqa: DTZ007
    except ValueError:
        return None


def _dates(hits: list[re.Match[str]], mapping: ColumnMap) -> pd.DatetimeIndex | None:
    found = [_day_of(hit.groupdict().get("day"), mapping) for hit in hits]
    return _if_daily(pd.DatetimeIndex(found)) if all(found) else None


def _if_daily(dates: pd.DatetimeIndex) -> pd.DatetimeIndex | None:
    """The days, where they follow each other: a month's first day tells nothing of a weekday."""
    steps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(np.int64)
    return dates if len(steps) and np.median(steps) == 1 else None


def _long(found: _Source, ids: NDArray[np.object_]) -> _Series:
    """Rows of one period each, gathered by id; a period that an id lacks is unknown."""
    period = next((name for name in ("months_before", "day") if name in found.matched), None)
    if period is None or "energy_kwh" not in found.matched:
        raise _lacking(found.raw, "energy_kwh, day / months_before")
    values = _energy(found, found.matched["energy_kwh"])
    when: Any = -_numbers(found, period) if period == "months_before" else _days(found, period)
    _refuse_empty(found, period, pd.Series(when).to_numpy())
    periods, at = np.unique(when, return_inverse=True)
    row, owners = pd.factorize(ids)
    energy = np.full((len(owners), len(periods)), np.nan)
    if len(np.unique(row * len(periods) + at)) < len(row):
        twice = pd.Series(row * len(periods) + at).duplicated().to_numpy()
        _raise_twice(found, ids, twice)
    energy[row, at] = values
    first = np.unique(row, return_index=True)[1]
    dates = _if_daily(pd.DatetimeIndex(periods)) if period == "day" else None
    return _Series(energy, tuple(str(p)[:10] for p in periods), dates, first)


def _energy(found: _Source, heading: str) -> Floats:
    """Energies of one column in kWh, negative ones too: they are findings about a meter."""
    findings = found.findings("value", heading)
    values = numbers(found.raw.columns[heading], "value", findings)
    _raise_first(found, findings)
    return values


def _numbers(found: _Source, ours: str) -> Floats:
    findings = found.findings(ours, found.matched[ours])
    values = numbers(found.raw.columns[found.matched[ours]], ours, findings)
    _raise_first(found, findings)
    return values


def _texts(found: _Source, ours: str) -> NDArray[np.object_]:
    findings = found.findings(ours, found.matched[ours])
    array = clean_text(found.raw.columns[found.matched[ours]], ours, findings, fold=True)
    _raise_first(found, findings)
    return np.array(array.to_pylist(), dtype=object)


def _days(found: _Source, ours: str) -> NDArray[np.datetime64]:
    findings = found.findings(ours, found.matched[ours])
    stamps = days(
        found.raw.columns[found.matched[ours]], ours, findings,
        form=found.mapping.formats.get(ours), timezone=found.mapping.timezone or "UTC",
    )  # fmt: skip
    _raise_first(found, findings)
    return stamps.to_numpy("datetime64[D]")


def _visited(found: _Source) -> NDArray[np.datetime64]:
    if "inspected_on" not in found.matched:
        return np.full(found.raw.rows, np.datetime64("NaT", "D"))
    return _days(found, "inspected_on")


def _confirmed(found: _Source) -> Floats:
    """1 where the outcome is "confirmed", NaN where there is none or nobody was there, else 0."""
    if "outcome" not in found.matched:
        return np.full(found.raw.rows, np.nan)
    values = found.mapping.values  # noqa: PD011 - a mapping's, not a frame's
    words = values.get("outcome", {})
    texts = [words.get(t, t) if t is not None else None for t in _texts(found, "outcome")]
    unknown = np.array([text is None or text == NOTHING_LEARNT for text in texts])
    return np.where(unknown, np.nan, np.array([text == CONFIRMED for text in texts], dtype=float))


def _raise_first(found: _Source, findings: Findings) -> None:
    """Raise for the first value that cannot be read."""
    rejected = findings.rejected()
    if len(rejected):
        line = rejected.iloc[0]
        expected = str(line["expected"] or line["code"])
        raise _invalid(found.raw.file, line["row"], line["column"], line["value"], expected)


def _invalid(file: str, row: Any, column: Any, value: Any, expected: str) -> FileRejected:
    return FileRejected(
        "theft_value_invalid",
        file=file, row=int(row), column=str(column), value=str(value), expected=expected,
    )  # fmt: skip


def _lacking(raw: RawTable, missing: str) -> FileRejected:
    return FileRejected(
        "columns_missing",
        file=raw.file, missing=missing, found=", ".join(raw.columns), expected=missing,
    )  # fmt: skip


def _refuse_empty(found: _Source, ours: str, values: NDArray[Any]) -> None:
    empty = pd.isna(values)
    if empty.any():
        row = found.raw.row_no[int(np.argmax(empty))]
        raise _invalid(found.raw.file, row, found.matched[ours], "", ours)


def _refuse_twice(found: _Source, ids: NDArray[np.object_]) -> None:
    twice = pd.Series(ids).duplicated().to_numpy()
    if twice.any():
        _raise_twice(found, ids, twice)


def _raise_twice(found: _Source, ids: NDArray[np.object_], twice: NDArray[np.bool_]) -> None:
    at = int(np.argmax(twice))
    raise FileRejected(
        "theft_id_twice", file=found.raw.file, row=int(found.raw.row_no[at]), value=str(ids[at])
    )
