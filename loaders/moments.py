"""Days and moments out of a file's cells, in the forms people write them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grid_cells.errors import FileRejected
from loaders.findings import Findings
from loaders.raw import is_text
from loaders.rules import FIRST_YEAR, LAST_YEAR, OPEN_END_YEAR
from loaders.texts import clean_text, truth

_CLOCK = (
    r"(?:[T ]+(?P<h>\d{1,2})[:时点](?P<min>\d{1,2})"
    r"(?:[:分](?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?秒?|分)?)?"
)
_ZONE = r"\s*(?P<z>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
_WRITTEN = r"^(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?" + _CLOCK + _ZONE
_COMPACT = (
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
    r"(?:[T ]?(?P<h>\d{2}):?(?P<min>\d{2}):?(?P<s>\d{2})?(?P<f>\d{9})?)?" + _ZONE
)
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_EXCEL_EPOCH = np.datetime64("1899-12-30", "us")
_EPOCH_FORMATS = {"%s": 1_000_000, "epoch": 1_000_000, "epoch_s": 1_000_000, "epoch_ms": 1_000}
_EXPECTED_DAY = "2026-07-16, 2026/7/16, 20260716, 2026年7月16日"
_EXPECTED_TIME = "2026-07-16 19:40[:00][+08:00]"
_NAT = np.datetime64("NaT", "us")
_EARLIEST = np.datetime64(f"{FIRST_YEAR}-01-01", "D")
_LATEST = np.datetime64(f"{LAST_YEAR + 1}-01-01", "D")

Stamps = NDArray[np.datetime64]


def days(
    array: pa.Array, column: str, findings: Findings, *, form: str | None, timezone: str | None
) -> pd.Series:
    """The column's days (datetime64[s] at midnight, NaT where empty).

    Moments with a zone fall on the day they have in `timezone` (None: the zone is asked for).
    Reports not_a_day, no_such_day, year_impossible, time_dropped.
    """
    stamps, is_utc = _stamps(array, column, findings, form=form, is_day=True)
    if is_utc.any():
        if timezone is None:
            raise _zone_missing(array, column, findings, is_utc)
        local = (
            pd.Series(pd.to_datetime(stamps))
            .dt.tz_localize("UTC")
            .dt.tz_convert(timezone)
            .dt.tz_localize(None)
        )
        stamps = np.where(is_utc, local.to_numpy("datetime64[us]"), stamps)
    midnight = stamps.astype("datetime64[D]")
    dropped = ~np.isnat(stamps) & (stamps != midnight.astype("datetime64[us]"))
    findings.correct(dropped, column, "time_dropped", [str(d) for d in midnight[dropped]])
    _reject_years(midnight, column, findings)
    return pd.Series(midnight.astype("datetime64[s]"))


def times(
    array: pa.Array, column: str, findings: Findings, *, form: str | None, timezone: str | None
) -> pd.Series:
    """The column's moments (datetime64[us, UTC], NaT where empty).

    Times without a zone are those of the clocks in `timezone`; where that is None, FileRejected
    `timezone_missing` asks for it. Reports not_a_time, no_such_day, year_impossible, time_gap,
    time_ambiguous, and open_end in `valid_to`.
    """
    stamps, is_utc = _stamps(array, column, findings, form=form, is_day=False)
    if column == "valid_to":
        stamps = _open_ended(stamps, column, findings)
    _reject_years(stamps, column, findings)
    usable = ~np.isnat(stamps) & _is_year_possible(stamps)
    stamps = np.where(usable, stamps, _NAT)
    local = np.where(is_utc, _NAT, stamps)
    moments = pd.Series(pd.DatetimeIndex(np.where(is_utc, stamps, _NAT)).tz_localize("UTC"))
    if not np.isnat(local).all():
        if timezone is None:
            raise _zone_missing(array, column, findings, ~np.isnat(local))
        moments = moments.fillna(_localised(local, column, findings, timezone))
    return moments.astype("datetime64[us, UTC]")


def _zone_missing(
    array: pa.Array, column: str, findings: Findings, bare: NDArray[np.bool_]
) -> FileRejected:
    """The refusal, with the first time that could mean any moment of a day."""
    first = str(array[int(np.flatnonzero(bare)[0])].as_py())
    return FileRejected("timezone_missing", file=findings.raw.file, column=column, value=first)


def _stamps(
    array: pa.Array, column: str, findings: Findings, *, form: str | None, is_day: bool
) -> tuple[Stamps, NDArray[np.bool_]]:
    """Microsecond stamps as written and a mask of those that are in UTC already."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        stamps = array.cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False)
        return stamps.astype("datetime64[us]"), np.full(len(array), kind.tz is not None)
    if pa.types.is_date(kind):
        stamps = array.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
        return stamps.astype("datetime64[us]"), np.zeros(len(array), dtype=bool)
    texts = clean_text(array, column, findings, fold=True)
    words = pc.dictionary_encode(texts)
    stamps, in_utc, codes = _parsed(words.dictionary, form)
    index = pc.fill_null(words.indices, 0).to_numpy(zero_copy_only=False)
    given = truth(pc.is_valid(texts))
    if len(stamps) == 0:
        return np.full(len(array), _NAT), given
    expected = _EXPECTED_DAY if is_day else _EXPECTED_TIME
    for code, name in ((1, "not_a_day" if is_day else "not_a_time"), (2, "no_such_day")):
        findings.reject(given & (codes[index] == code), column, name, form or expected)
    return np.where(given, stamps[index], _NAT), in_utc[index] & given


def _parsed(
    words: pa.Array, form: str | None
) -> tuple[Stamps, NDArray[np.bool_], NDArray[np.int8]]:
    """Stamps, whether in UTC, and 0 good, 1 unreadable, 2 no such day; one for each word."""
    stamps = np.full(len(words), _NAT)
    in_utc = np.zeros(len(words), dtype=bool)
    codes = np.ones(len(words), dtype=np.int8)
    if len(words) == 0:
        return stamps, in_utc, codes
    if form is not None:
        return _by_format(words, form)
    for pattern in (_WRITTEN, _COMPACT):
        _by_pattern(words, pattern, stamps, in_utc, codes)
    _by_serial(words, stamps, codes)
    return stamps, in_utc, codes


def _by_format(words: pa.Array, form: str) -> tuple[Stamps, NDArray[np.bool_], NDArray[np.int8]]:
    if form in _EPOCH_FORMATS:
        numbers = pd.to_numeric(pd.Series(words.to_pylist()), errors="coerce").to_numpy(float)
        known = np.isfinite(numbers) & (np.abs(numbers) < 1e14)  # noqa: PLR2004 - far away
        micros = (np.where(known, numbers, 0) * _EPOCH_FORMATS[form]).astype(np.int64)
        stamps = np.where(known, micros.astype("datetime64[us]"), _NAT)
        return stamps, np.ones(len(words), dtype=bool), (~known).astype(np.int8)
    zoned = "%z" in form or "%Z" in form
    texts = pd.Series(words.to_pylist(), dtype="object")
    read = pd.to_datetime(texts, format=form, errors="coerce", utc=zoned)
    stamps = (read.dt.tz_localize(None) if zoned else read).to_numpy("datetime64[us]")
    return stamps, np.full(len(words), zoned), np.isnat(stamps).astype(np.int8)


def _by_pattern(
    words: pa.Array,
    pattern: str,
    stamps: Stamps,
    in_utc: NDArray[np.bool_],
    codes: NDArray[np.int8],
) -> None:
    """Fill in what the pattern reads among the words not read yet."""
    at = np.flatnonzero((codes == 1) & truth(pc.match_substring_regex(words, pattern)))
    if len(at) == 0:
        return
    parts = pc.extract_regex(words.take(pa.array(at)), pattern)
    field = {
        name: _whole(pc.struct_field(parts, name)) for name in ("y", "m", "d", "h", "min", "s")
    }
    day, exists = _calendar_day(field["y"], field["m"], field["d"])
    exists &= (field["h"] <= 24) & (field["min"] < 60) & (field["s"] < 60)  # noqa: PLR2004
    seconds = (field["h"] * 60 + field["min"]) * 60 + field["s"]
    exists &= seconds <= 86_400  # noqa: PLR2004 - 24:00 is the next midnight
    zone_s, zoned = _zone_seconds(pc.struct_field(parts, "z"))
    micros = (seconds - zone_s) * 1_000_000 + _fraction_us(pc.struct_field(parts, "f"))
    stamps[at] = np.where(exists, day.astype("datetime64[us]") + micros, _NAT)
    in_utc[at] = zoned
    codes[at] = np.where(exists, 0, 2)


def _whole(texts: pa.Array) -> NDArray[np.int64]:
    filled = pc.if_else(pc.equal(pc.binary_length(texts), 0), "0", texts)
    values: NDArray[np.int64] = (
        pc.fill_null(filled, "0").cast(pa.int64()).to_numpy(zero_copy_only=False)
    )
    return values


def _fraction_us(texts: pa.Array) -> NDArray[np.int64]:
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(texts, 6, "0"), 0, 6)
    return _whole(padded)


def _zone_seconds(texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    zones = pc.dictionary_encode(pc.fill_null(texts, ""))
    offsets = np.array([_offset(z) for z in zones.dictionary.to_pylist()], dtype=np.int64)
    named = np.array([z != "" for z in zones.dictionary.to_pylist()], dtype=bool)
    index = zones.indices.to_numpy(zero_copy_only=False)
    return offsets[index], named[index]


def _offset(zone: str) -> int:
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _calendar_day(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[Stamps, NDArray[np.bool_]]:
    """The day and whether the calendar has it."""
    in_year = (month >= 1) & (month <= 12)  # noqa: PLR2004 - months
    months = ((year - 1970) * 12 + np.where(in_year, month, 1) - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(np.int64)
    exists = in_year & (day >= 1) & (day <= length)
    return first + np.where(exists, day - 1, 0), exists


def _by_serial(words: pa.Array, stamps: Stamps, codes: NDArray[np.int8]) -> None:
    """Spreadsheet day numbers, 46219 being 2026-07-16."""
    at = np.flatnonzero((codes == 1) & truth(pc.match_substring_regex(words, _SERIAL)))
    if len(at) == 0:
        return
    serial = words.take(pa.array(at)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    seconds = np.round(serial * 86_400).astype(np.int64)
    stamps[at] = _EXCEL_EPOCH + seconds * 1_000_000
    codes[at] = 0


def _years(stamps: Stamps) -> NDArray[np.int64]:
    years: NDArray[np.int64] = stamps.astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def _is_year_possible(stamps: Stamps) -> NDArray[np.bool_]:
    possible: NDArray[np.bool_] = (stamps >= _EARLIEST) & (stamps < _LATEST)
    return possible


def _reject_years(stamps: Stamps, column: str, findings: Findings) -> None:
    impossible = ~np.isnat(stamps) & ~_is_year_possible(stamps)
    findings.reject(impossible, column, "year_impossible", f"{FIRST_YEAR} … {LAST_YEAR}")


def _open_ended(stamps: Stamps, column: str, findings: Findings) -> Stamps:
    endless = ~np.isnat(stamps) & (_years(stamps) >= OPEN_END_YEAR)
    findings.correct(endless, column, "open_end", "")
    return np.where(endless, _NAT, stamps)


def _localised(local: Stamps, column: str, findings: Findings, timezone: str) -> Any:
    zone = ZoneInfo(timezone)
    naive = pd.Series(local)
    sure = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    doubtful = naive.notna() & sure.isna()
    if not doubtful.any():
        return sure.dt.tz_convert("UTC")
    first = np.ones(len(naive), dtype=bool)
    earlier = naive.dt.tz_localize(zone, ambiguous=first, nonexistent="NaT")
    gap = (doubtful & earlier.isna()).to_numpy()
    findings.reject(gap, column, "time_gap", timezone)
    twice = (doubtful & earlier.notna()).to_numpy()
    findings.correct(twice, column, "time_ambiguous", [t.isoformat() for t in earlier[twice]])
    return earlier.dt.tz_convert("UTC")


def local_day(now: datetime, timezone: str) -> np.datetime64:
    """The day it is at `now` by the clocks of `timezone`."""
    return np.datetime64(now.astimezone(ZoneInfo(timezone)).date(), "D")


def is_moment_column(array: pa.Array) -> bool:
    """Whether the file itself holds the column as dates or times."""
    return not is_text(array) and (
        pa.types.is_timestamp(array.type) or pa.types.is_date(array.type)
    )
