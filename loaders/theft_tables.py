"""Tables of customers or visits with a series of energies each, to learn suspicion from.

Any table that a mapping describes: the periods in columns (`[wide]`) or in rows, days, or months
before the visit; an id, and where known the day of the visit, its outcome, attributes and figures.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from grid_cells.errors import FileRejected
from grid_cells.theft_features import TheftTable
from grid_cells.vocabulary import CHOICES, COLUMNS
from loaders.columns import plain_heading
from loaders.contract import ColumnMap, LoadOptions
from loaders.figures import choices, numbers
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
_CHOICES = CHOICES["inspections", "outcome"]
_OUTCOMES = _CHOICES | {
    "confirmed": (*_CHOICES["confirmed"], "1", "1.0", "true"),
    "cleared": (*_CHOICES["cleared"], "0", "0.0", "false"),
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - headings know no time zone


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
    """Energies by id, the periods' names and first days, the id's number of each row of the file.

    `first`: the first row of each id.
    """

    energy: Floats
    periods: tuple[str, ...]
    days: NDArray[np.datetime64] | None
    row: NDArray[np.int64]
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
    def each(ours: str, values: NDArray[Any]) -> NDArray[Any]:
        return _one_each(found, ours, values, series)

    attributes = {n: each(n, _texts(found, n)) for n in found.matched if _is_a(n, "text")}
    numbered = [n for n in found.matched if _is_a(n, "number", "integer")]
    index = pd.RangeIndex(len(series.first))
    visited = each("inspected_on", _visited(found))
    return TheftTable(
        ids=ids[series.first],
        energy=_before_visits(series, visited),
        attributes=pd.DataFrame(attributes, index=index, dtype=object),
        figures=pd.DataFrame(
            {n: each(n, _numbers(found, n)) for n in numbered}, index=index, dtype=np.float64
        ),
        visited=visited,
        confirmed=each("outcome", _confirmed(found)),
        periods=series.periods,
        dates=_if_daily(series.days),
        id_name=id_name,
        id_heading=found.matched[id_name],
    )


def _one_each(found: _Source, ours: str, values: NDArray[Any], series: _Series) -> NDArray[Any]:
    """The one value that the rows of each id give, if any; raises where they give two."""
    at = np.flatnonzero(~pd.isna(values))
    owners, first = np.unique(series.row[at], return_index=True)
    made = values[series.first].copy()
    made[owners] = values[at[first]]
    differs = np.flatnonzero(values[at] != made[series.row[at]])
    if len(differs):
        row = int(at[differs[0]])
        raise _invalid(
            found.raw.file, found.raw.row_no[row], found.matched[ours], values[row],
            str(made[series.row[row]]),
        )  # fmt: skip
    return made


def _before_visits(series: _Series, visited: NDArray[np.datetime64]) -> Floats:
    """The energies without the periods that reach the day of the visit: what came after is a trace
    of the visit itself.
    """  # noqa: D205
    if series.days is None:
        return series.energy
    starts = series.days.astype("datetime64[D]").astype(np.int64)
    usual = int(np.median(np.diff(starts))) if len(starts) > 1 else 1
    ends = np.minimum(np.r_[starts[1:], starts[-1] + usual], starts + usual + usual // 10)
    day = visited.astype("datetime64[D]").astype(np.int64)
    late = (ends > day[:, None]) & ~np.isnat(visited)[:, None]
    return np.where(late, np.nan, series.energy)


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
    when = {name: _period_of(found, hit) for name, hit in hits.items()}
    order = sorted(when, key=lambda name: when[name])
    for one, other in pairwise(order):
        if when[one] == when[other]:
            raise _invalid(found.raw.file, 1, other, other, f"≠ {one}")
    energy = np.column_stack([_energy(found, heading) for heading in order])
    rows = np.arange(len(ids))
    dated = not any(hit.groupdict().get("months_before") for hit in hits.values())
    seconds = np.array([int(when[name]) for name in order]).astype("datetime64[s]")
    return _Series(energy, tuple(order), seconds if dated else None, rows, rows)


def _period_of(found: _Source, hit: re.Match[str]) -> float:
    """When a heading's period is: seconds of its day since 1970, or minus the months before."""
    groups, form = hit.groupdict(), found.mapping.wide.get("format", "%Y-%m-%d")
    months, day = groups.get("months_before"), groups.get("day")
    try:
        if months is not None:
            return -float(months)
        return (datetime.strptime(day or "", form) - _EPOCH).total_seconds()  # noqa: DTZ007
    except ValueError as error:
        expected = form if months is None else "0, 1, 2 …"
        raise _invalid(found.raw.file, 1, hit.string, months or day or "", expected) from error


def _if_daily(days: NDArray[np.datetime64] | None) -> pd.DatetimeIndex | None:
    """The days, where they follow each other: a month's first day tells nothing of a weekday."""
    if days is None:
        return None
    steps = np.diff(days.astype("datetime64[D]")).astype(np.int64)
    return pd.DatetimeIndex(days) if len(steps) and np.median(steps) == 1 else None


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
    starts = periods if period == "day" else None
    return _Series(energy, tuple(str(p)[:10] for p in periods), starts, row, first)


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
    """1 where theft is confirmed, NaN where no outcome is known or nobody was there, else 0.

    Outcomes are the mapping's, the vocabulary's words, or plain 1 and 0, true and false.
    """
    if "outcome" not in found.matched:
        return np.full(found.raw.rows, np.nan)
    values = found.mapping.values  # noqa: PD011 - a mapping's, not a frame's
    words = values.get("outcome", {})
    texts = [words.get(t, t) if t is not None else None for t in _texts(found, "outcome")]
    findings = found.findings("outcome", found.matched["outcome"])
    given = pa.array(texts, pa.large_string())
    known = choices(given, "outcome", findings, allowed=_OUTCOMES).to_pylist()
    _raise_first(found, findings)
    unsettled = np.array([word is None or word == NOTHING_LEARNT for word in known])
    return np.where(unsettled, np.nan, np.array([word == CONFIRMED for word in known], dtype=float))


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
