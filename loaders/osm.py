"""OpenStreetMap extracts: .osm, .osm.gz, .osm.bz2, .osm.pbf."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import pyarrow as pa

from grid_cells.errors import FileRejected
from loaders.raw import RawTable
from loaders.street_lines import (
    NOT_STREETS,
    StreetLines,
    bridges,
    directions,
    speeds_kmh,
)

OSM_SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf", ".xml")
_TAGS = ("highway", "name", "oneway", "maxspeed", "bridge")
_ROUND = ("roundabout", "circular")
_IMPLIED = ("motorway", "motorway_link")


def is_osm(source: Path) -> bool:
    """Whether the name is that of an OpenStreetMap extract."""
    return source.name.lower().endswith(OSM_SUFFIXES)


def read_osm_streets(source: Path) -> StreetLines:
    """Every way with a `highway` one can travel on, its nodes by OpenStreetMap's numbers.

    Nodes that an extract cut away break the way. Raises FileRejected file_unreadable,
    streets_missing.
    """
    tags: dict[str, list[str | None]] = {tag: [] for tag in _TAGS}
    ids: list[str] = []
    way: list[int] = []
    nodes: list[int] = []
    lons: list[float] = []
    lats: list[float] = []
    for found in _ways(source):
        refs = list(found.nodes)
        way.extend([len(ids)] * len(refs))
        nodes.extend(n.ref for n in refs)
        lons.extend(n.lon if n.location.valid() else np.nan for n in refs)
        lats.extend(n.lat if n.location.valid() else np.nan for n in refs)
        ids.append(str(found.id))
        for tag, column in tags.items():
            column.append(_tag(found.tags, tag))
    if not ids:
        raise FileRejected("streets_missing", file=source.name)
    return _lines(ids, tags, (way, nodes, lons, lats))


def _ways(source: Path) -> Iterator[Any]:
    try:
        reader = (
            osmium.FileProcessor(str(source))
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter("highway"))
        )
        for found in reader:
            if _is_wanted(found.tags):
                yield found
    except (RuntimeError, osmium.InvalidLocationError) as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error


def _is_wanted(tags: Any) -> bool:
    return (
        tags["highway"] not in NOT_STREETS
        and tags.get("area") != "yes"
        and tags.get("access") != "no"
    )


def _tag(tags: Any, tag: str) -> str | None:
    value: str | None = tags.get(tag)
    if tag == "oneway" and value is None:
        is_one = tags.get("junction") in _ROUND or tags.get("highway") in _IMPLIED
        return "yes" if is_one else None
    return value


def _lines(
    ids: list[str], tags: Mapping[str, list[str | None]], vertices: tuple[list[Any], ...]
) -> StreetLines:
    texts = {tag: pa.array(column, pa.large_string()) for tag, column in tags.items()}
    ways = pd.DataFrame(
        {
            "row_no": np.arange(2, len(ids) + 2, dtype=np.int64),
            "way_id": pd.Series(ids, dtype="str"),
            "highway": pd.Series(tags["highway"], dtype="str"),
            "name": pd.Series(tags["name"], dtype="str"),
            "oneway": pd.Series(directions(texts["oneway"], len(ids), coded=False), dtype="str"),
            "maxspeed_kmh": speeds_kmh(texts["maxspeed"], len(ids)),
            "is_bridge": bridges(texts["bridge"], len(ids)),
        }
    )
    way, nodes, lons, lats = vertices
    return StreetLines(
        ways,
        np.array(way, dtype=np.int64),
        np.array(nodes, dtype=np.int64),
        np.array(lons, dtype=np.float64),
        np.array(lats, dtype=np.float64),
    )


def read_osm_places(source: Path, wanted: Mapping[str, frozenset[str]]) -> RawTable:
    """Named places with one of the `wanted` tags: nodes, and closed ways by their middle.

    Columns id, name, operator, opening_hours, amenity, lon, lat. Places without a name take their
    brand's or operator's; those without either are passed over.
    """
    rows = list(_places(source, wanted))
    names = ("id", "name", "operator", "opening_hours", "amenity", "lon", "lat")
    columns = {name: pa.array([row[i] for row in rows]) for i, name in enumerate(names)}
    row_no = np.arange(2, len(rows) + 2, dtype=np.int64)
    return RawTable(source.name, columns, row_no, crs="EPSG:4326")


def _places(source: Path, wanted: Mapping[str, frozenset[str]]) -> Iterator[tuple[Any, ...]]:
    try:
        reader = (
            osmium.FileProcessor(str(source))
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter(*wanted))
        )
        for found in reader:
            tags = found.tags
            if any(tags.get(key) in words for key, words in wanted.items()):
                name = tags.get("name") or tags.get("brand") or tags.get("operator")
                place = _middle(found)
                if name and place:
                    kind = found.type_str()
                    hours, operator = tags.get("opening_hours"), tags.get("operator")
                    yield f"{kind}{found.id}", name, operator, hours, tags.get("amenity"), *place
    except RuntimeError as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error


def _middle(found: Any) -> tuple[float, float] | None:
    if found.is_node():
        return float(found.lon), float(found.lat)
    corners = {(n.lon, n.lat) for n in found.nodes if n.location.valid()}
    if not corners:
        return None
    lons, lats = zip(*corners, strict=True)
    return sum(lons) / len(lons), sum(lats) / len(lats)
