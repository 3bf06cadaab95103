"""A raw table made into checked rows under our own names, and the report about the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from grid_cells.errors import FileRejected
from grid_cells.vocabulary import COLUMNS, KINDS, Kind
from loaders.columns import Match, match_columns, missing_columns
from loaders.contract import Loaded, LoadOptions, Report
from loaders.duplicates import drop_duplicates
from loaders.findings import Findings
from loaders.guard import guard_points, guard_shapes
from loaders.positions import frame_of_reference, placed
from loaders.prepared import PLACE, prepared_columns, present_columns, with_shape_column
from loaders.raw import RawTable
from loaders.reading import read_raw
from loaders.shapes import as_wkb, checked_shapes, converted, points_of
from loaders.typed import MomentReading, typed
from loaders.wide import melted

_NEXT_YEAR = timedelta(days=366)
ZONE_STATED = ("visits", "hall_hours")
"""Kinds whose times are hours of a rush: a zone is asked for, the unit's own is no answer."""


@dataclass(frozen=True)
class Sheet:
    """One file on its way in: typed rows, their index the position in `findings.raw`."""

    kind: Kind
    frame: pd.DataFrame
    findings: Findings
    options: LoadOptions
    match: Match


def load_plain(source: Path, kind: str, options: LoadOptions) -> Loaded:
    """Checked rows of a kind that needs nothing beyond its columns and its place."""
    return finished(deduplicated(located(open_sheet(source, kind, options))))


def open_sheet(source: Path, kind: str, options: LoadOptions) -> Sheet:
    """The file read, its columns found and typed, required values there."""
    raw = read_raw(source, kind, options)
    _tell(options, 0.2)
    return sheet_of(raw, kind, options)


def sheet_of(
    raw: RawTable, kind: str, options: LoadOptions, *, skip: tuple[str, ...] = ()
) -> Sheet:
    """As `open_sheet`, from a table read already, the columns in `skip` left as they are."""
    _check_timezone(raw, options)
    raw, wide = melted(raw, options.mapping)
    if raw.rows == 0 and not raw.torn:
        raise FileRejected("file_without_rows", file=raw.file)
    match = match_columns(
        list(raw.columns), kind, wanted={**options.mapping.columns, **wide}, file=raw.file
    )
    match = with_shape_column(match, raw, KINDS[kind])
    missing_columns(
        kind, present_columns(match, raw, KINDS[kind], options), raw.file, list(raw.columns)
    )
    findings = Findings(raw, match.matched)
    columns = prepared_columns(raw, match.matched, KINDS[kind], options)
    columns = {name: column for name, column in columns.items() if name not in skip}
    _tell(options, 0.4)
    frame = _typed_frame(columns, KINDS[kind], findings, options)
    _tell(options, 0.7)
    return Sheet(KINDS[kind], frame, findings, options, match)


def _tell(options: LoadOptions, share: float) -> None:
    if options.progress is not None:
        options.progress(share)


def timezone_of(options: LoadOptions) -> str:
    """The zone of times written without one: the mapping's, else the unit's."""
    return options.mapping.timezone or options.timezone


def _check_timezone(raw: RawTable, options: LoadOptions) -> None:
    zone = timezone_of(options)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FileRejected("timezone_unknown", file=raw.file, timezone=zone) from error


def _typed_frame(
    columns: Mapping[str, pa.Array], kind: Kind, findings: Findings, options: LoadOptions
) -> pd.DataFrame:
    zone = options.mapping.timezone if kind.name in ZONE_STATED else timezone_of(options)
    values: dict[str, Any] = {"row_no": findings.raw.row_no}
    for name in (c for c in (*kind.columns, "geometry") if c in columns and c not in values):
        reading = MomentReading(form=options.mapping.formats.get(name), timezone=zone)
        values[name] = typed(columns[name], name, findings, kind=kind.name, reading=reading)
        if name in kind.required and name not in (*PLACE, "geometry"):
            _reject_missing(values[name], name, findings)
    return pd.DataFrame(values)


def _reject_missing(values: Any, name: str, findings: Findings) -> None:
    """An empty required value, but not one already rejected as unreadable."""
    empty = pd.isna(pd.Series(values)).to_numpy()
    if COLUMNS[name].type == "cell":
        empty = np.asarray(values) == 0
    findings.reject(empty & ~findings.is_rejected_for(name), name, "required_missing", name)


def located(sheet: Sheet) -> Sheet:
    """The sheet with WGS-84 positions and cells, where its kind has points."""
    if "lon" not in sheet.kind.columns:
        return sheet
    given = _given_points(sheet)
    if given is None:
        return sheet
    frame = sheet.frame.drop(columns="geometry", errors="ignore")
    if "lon" in sheet.kind.required:
        empty = ~(np.isfinite(given[0]) | np.isfinite(given[1]))
        broken = sheet.findings.is_rejected_for("lon", "lat", "geometry")
        sheet.findings.reject(empty & ~broken, "lon", "required_missing", "lon, lat")
    frame = placed(frame, given, sheet.findings, sheet.options)
    guard_points(frame, sheet.findings, sheet.options, kind=sheet.kind.name)
    return replace(sheet, frame=frame)


def _given_points(sheet: Sheet) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    raw, frame = sheet.findings.raw, sheet.frame
    if raw.shapes is not None:
        return points_of(checked_shapes(raw.shapes, "geometry", sheet.findings, family=None))
    if "geometry" in frame.columns:
        return points_of(np.asarray(frame["geometry"], dtype=object))
    if "lon" not in frame.columns and "lat" not in frame.columns:
        return None
    nothing = np.full(len(frame), np.nan)
    x, y = (np.asarray(frame.get(name, nothing), dtype=np.float64) for name in PLACE)
    bad = sheet.findings.is_rejected_for(*PLACE)
    return np.where(bad, np.nan, x), np.where(bad, np.nan, y)


def shaped(sheet: Sheet, *, family: int | None) -> tuple[Sheet, NDArray[np.object_]]:
    """The sheet with its shapes as WKB in WGS-84, and the same as shapely shapes (None: none)."""
    raw, findings = sheet.findings.raw, sheet.findings
    if raw.shapes is not None:
        given = raw.shapes
    elif "geometry" in sheet.frame.columns:
        given = np.asarray(sheet.frame["geometry"], dtype=object)
    else:
        return sheet, np.full(len(sheet.frame), None, dtype=object)
    shapes = checked_shapes(given, "geometry", findings, family=family)
    if any(shape is not None for shape in shapes):
        reference = frame_of_reference(raw, findings, sheet.options)
        guard_shapes(shapes, reference.name, findings, sheet.options)
        shapes = converted(shapes, reference.convert)
    wkb = pd.Series(as_wkb(shapes), dtype=object)
    return replace(sheet, frame=sheet.frame.assign(geometry=wkb)), shapes


def require_shape(sheet: Sheet, shapes: NDArray[np.object_], expected: str) -> None:
    """Reject the rows without a shape, but not those whose shape was unreadable."""
    empty = np.array([shape is None for shape in shapes], dtype=bool)
    empty &= ~sheet.findings.is_rejected_for("geometry")
    sheet.findings.reject(empty, "geometry", "required_missing", expected)


def deduplicated(sheet: Sheet, key: tuple[str, ...] | None = None) -> Sheet:
    """The sheet, its repeated rows noted by the kind's key."""
    drop_duplicates(sheet.frame, key or sheet.kind.key, sheet.findings)
    return sheet


def require_one_of(sheet: Sheet, *names: str) -> None:
    """Reject the rows that have none of these columns filled."""
    empty = np.ones(len(sheet.frame), dtype=bool)
    for name in names:
        if name in sheet.frame.columns:
            values = sheet.frame[name]
            is_cell = COLUMNS[name].type == "cell"
            empty &= (values == 0).to_numpy() if is_cell else values.isna().to_numpy()
    empty &= ~sheet.findings.is_rejected_for(*names)
    sheet.findings.reject(empty, names[0], "needs_one_of", ", ".join(names))


def reject_ends_before_start(sheet: Sheet, start: str, end: str) -> None:
    """Reject the rows whose end is not after their start."""
    if start in sheet.frame.columns and end in sheet.frame.columns:
        backwards = (sheet.frame[end] < sheet.frame[start]).to_numpy()
        sheet.findings.reject(backwards, end, "ends_before_start", start)


def reject_far_future(sheet: Sheet, column: str) -> None:
    """Reject the days and moments more than a year after `options.now`."""
    if column in sheet.frame.columns:
        moments = sheet.frame[column]
        latest = pd.Timestamp(sheet.options.now or datetime.now(UTC)) + _NEXT_YEAR
        last = latest if moments.dt.tz is not None else latest.tz_localize(None)
        sheet.findings.reject(moments > last, column, "in_future", f"≤ {latest.date()}")


def finished(sheet: Sheet) -> Loaded:
    """The good rows and the report."""
    findings = sheet.findings
    kept = findings.kept
    frame = sheet.frame if kept.all() else sheet.frame[kept[sheet.frame.index]]
    _tell(sheet.options, 1.0)
    return Loaded(frame.reset_index(drop=True), report_of(findings, sheet.match))


def report_of(findings: Findings, match: Match) -> Report:
    """What became of the rows of one file."""
    return Report(
        rows=findings.raw.rows + len(findings.raw.torn),
        corrected=findings.corrected(),
        rejected=findings.rejected(),
        rejected_rows=findings.rejected_rows(),
        matched=dict(match.matched),
        unmatched=match.unmatched,
        warnings=tuple(findings.warnings),
    )
