"""Streets: OpenStreetMap extracts, line layers, street graphs, and a download by place name."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from grid_cells.errors import FileRejected, UserError
from loaders.checking import Sheet, report_of, require_shape, shaped, sheet_of
from loaders.columns import Match, match_columns
from loaders.contract import Loaded, LoadOptions
from loaders.findings import Findings
from loaders.graphml import read_graphml
from loaders.osm import is_osm, read_osm_streets
from loaders.raw import RawTable
from loaders.reading import check_file, read_raw
from loaders.shapes import LINE
from loaders.street_lines import (
    StreetLines,
    bridges,
    directions,
    edges_of,
    is_street,
    nodes_at,
    speeds_kmh,
    vertices_of,
)

PLACE_PREFIX = "place:"
OWN_READING = ("oneway", "maxspeed_kmh", "is_bridge")
"""Columns whose words only streets have, read in `street_lines`."""
_FIRST_ROW = 2


def load_streets(source: Path, options: LoadOptions) -> Loaded:
    """Pieces of streets between neighbouring vertices, in both directions unless one-way.

    Columns row_no, way_id, seq, from_node, to_node, from_lon, from_lat, to_lon, to_lat, length_m,
    highway, name, oneway (forward, backward, both), maxspeed_kmh, is_bridge. Report rows are ways.
    A source `place:NAME` is downloaded by osmnx. Raises FileRejected, and UserError
    streets_download_failed.
    """
    name = str(source)
    if name.startswith(PLACE_PREFIX):
        return _downloaded(name.removeprefix(PLACE_PREFIX), options)
    check_file(source)
    if is_osm(source):
        return _from_osm(source)
    if source.suffix.lower() == ".graphml":
        return _from_layer(read_graphml(source), options)
    return _from_layer(read_raw(source, "streets", options), options)


def _from_osm(source: Path) -> Loaded:
    lines = read_osm_streets(source)
    nothing = Findings(RawTable(source.name, {}, np.empty(0, np.int64)), {})
    report = report_of(nothing, Match({}, ()))
    return Loaded(edges_of(lines), replace(report, rows=len(lines.ways)))


def _from_layer(raw: RawTable, options: LoadOptions) -> Loaded:
    raw = _only_streets(raw, options)
    if raw.rows == 0:
        raise FileRejected("streets_missing", file=raw.file)
    sheet = sheet_of(_with_way_ids(raw, options), "streets", options, skip=OWN_READING)
    sheet, shapes = shaped(sheet, family=LINE)
    require_shape(sheet, shapes, "LINESTRING")
    kept = np.flatnonzero(sheet.findings.kept)
    return Loaded(_edges(sheet, shapes, kept), report_of(sheet.findings, sheet.match))


def _matched(raw: RawTable, options: LoadOptions) -> Match:
    return match_columns(
        list(raw.columns), "streets", wanted=options.mapping.columns, file=raw.file
    )


def _only_streets(raw: RawTable, options: LoadOptions) -> RawTable:
    """Without the rails, rivers and planned roads that OpenStreetMap layers hold too."""
    heading = _matched(raw, options).matched.get("highway")
    if heading is None or heading.casefold() != "highway":
        return raw
    wanted = is_street(raw.columns[heading], raw.rows)
    if wanted.all():
        return raw
    mask = pa.array(wanted)
    columns = {name: column.filter(mask) for name, column in raw.columns.items()}
    shapes = None if raw.shapes is None else raw.shapes[wanted]
    return replace(raw, columns=columns, row_no=raw.row_no[wanted], shapes=shapes)


def _with_way_ids(raw: RawTable, options: LoadOptions) -> RawTable:
    """A layer that numbers no street gets its records' own numbers."""
    if "way_id" in _matched(raw, options).matched:
        return raw
    numbers = pa.array([str(row - _FIRST_ROW + 1) for row in raw.row_no], pa.large_string())
    return replace(raw, columns={**raw.columns, "way_id": numbers})


def _edges(sheet: Sheet, shapes: NDArray[np.object_], kept: NDArray[np.int64]) -> pd.DataFrame:
    raw, matched = sheet.findings.raw, sheet.match.matched
    rows = len(kept)

    def column(name: str) -> pa.Array | None:
        heading = matched.get(name)
        return None if heading is None else raw.columns[heading].take(pa.array(kept))

    frame = sheet.frame.iloc[kept].reset_index(drop=True)
    texts = {
        name: frame[name] if name in frame.columns else pd.Series([None] * rows, dtype="str")
        for name in ("way_id", "highway", "name")
    }
    coded = "fclass" in {heading.casefold() for heading in raw.columns}
    ways = pd.DataFrame(
        {
            "row_no": frame["row_no"],
            **texts,
            "oneway": pd.Series(directions(column("oneway"), rows, coded=coded), dtype="str"),
            "maxspeed_kmh": speeds_kmh(column("maxspeed_kmh"), rows),
            "is_bridge": bridges(column("is_bridge"), rows),
        }
    )
    way, lon, lat = vertices_of(shapes[kept])
    length = frame["length_m"].to_numpy(float) if "length_m" in frame.columns else None
    return edges_of(StreetLines(ways, way, nodes_at(lon, lat), lon, lat, length))


def _downloaded(place: str, options: LoadOptions) -> Loaded:
    import osmnx  # noqa: PLC0415 - slow to import and seldom needed

    osmnx.settings.use_cache = False
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "streets.graphml"
        try:
            graph = osmnx.graph_from_place(place, network_type="drive")
            osmnx.save_graphml(graph, target)
        except Exception as error:  # whatever the network throws
            detail = f"{type(error).__name__}: {error}"[:200]
            raise UserError("streets_download_failed", place=place, detail=detail) from error
        return _from_layer(replace(read_graphml(target), file=f"{PLACE_PREFIX}{place}"), options)
