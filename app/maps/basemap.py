"""The ground of the map: streets and water of the loaded city as one PMTiles file.

Tiles are cut by GDAL: DuckDB's own ST_AsMVTGeom damages memory in 1.5.5 (duckdb-spatial #792).
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import zxy_to_tileid
from pmtiles.writer import Writer

from app.store import basemap as store
from app.store.database import Connection

LAYER = "ground"
WATER_RANK = 0
"""Below every street, so that each band of zooms shows it."""


class Band(NamedTuple):
    """Zooms that show the same streets: those up to a rank."""

    lowest: int
    highest: int
    rank: int


BANDS = (Band(8, 10, 1), Band(11, 12, 2), Band(13, 13, 3), Band(14, 14, 4))

Progress = Callable[[float], None]


@dataclass(frozen=True)
class BasemapBuilt:
    """How many lines and tiles went in, the file's size in bytes, and the seconds it took."""

    lines: int
    tiles: int
    size_bytes: int
    seconds: float


def build_basemap(
    con: Connection, target: Path, *, progress: Progress | None = None
) -> BasemapBuilt:
    """Counts of the basemap now at `target`; without streets the file is taken away.

    progress is called with the share done, 0 to 1. The file is swapped in whole, so that a map
    being looked at never reads half of it.
    """
    started = time.perf_counter()
    lines = street_lines(store.street_corners(con))
    streets = pd.concat([water_shapes(store.water(con)), lines]) if len(lines) else lines
    tiles = 0
    if streets.empty:
        target.unlink(missing_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            bands = _cut(streets, Path(folder), progress or (lambda _share: None))
            tiles = _join(bands, Path(folder) / "whole.pmtiles", streets.total_bounds)
            (Path(folder) / "whole.pmtiles").replace(target)
    size = target.stat().st_size if tiles else 0
    return BasemapBuilt(len(lines), tiles, size, time.perf_counter() - started)


def street_lines(corners: pd.DataFrame) -> gpd.GeoDataFrame:
    """Lines with rank and name from `store.street_corners`, in WGS-84."""
    first = corners.drop_duplicates("line_no")
    lines = shapely.linestrings(
        corners["lon"].to_numpy(float),
        corners["lat"].to_numpy(float),
        indices=corners["line_no"].to_numpy(np.int64),
    )
    columns = {
        "rank": first["rank"].to_numpy(np.int32),
        "name": first["name"].astype("str").to_numpy(),
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=4326)


def water_shapes(water: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rivers and lakes from `store.water`, with the columns of `street_lines`."""
    shapes = shapely.from_wkb(water["geometry"].to_numpy(dtype=object))
    columns = {
        "rank": np.full(len(water), WATER_RANK, dtype=np.int32),
        "name": water["name"].astype("str").to_numpy(),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def _cut(streets: gpd.GeoDataFrame, folder: Path, progress: Progress) -> list[Path]:
    """One file of tiles a band; bands without a street are left out."""
    files = []
    for done, band in enumerate(BANDS, start=1):
        shown = streets[streets["rank"] <= band.rank]
        if len(shown):
            file = folder / f"{band.lowest}.pmtiles"
            pyogrio.write_dataframe(
                shown,
                file,
                layer=LAYER,
                driver="PMTiles",
                dataset_options={
                    "MINZOOM": band.lowest,
                    "MAXZOOM": band.highest,
                    "MAX_SIZE": 4_000_000,
                    "MAX_FEATURES": 400_000,
                },
            )
            files.append(file)
        progress(done / (len(BANDS) + 1))
    return files


def _join(bands: list[Path], target: Path, bounds: Any) -> int:
    """Number of tiles of all bands written into one file."""
    tiles = {}
    header: dict[str, Any] = {}
    for band in bands:
        with band.open("rb") as file:
            source = MmapSource(file)  # type: ignore[no-untyped-call]
            header = Reader(source).header()  # type: ignore[no-untyped-call]
            for (z, x, y), data in all_tiles(source):  # type: ignore[no-untyped-call]
                tiles[zxy_to_tileid(z, x, y)] = data
    west, south, east, north = (int(side * 1e7) for side in bounds)
    kept = ("tile_type", "tile_compression")
    with target.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for tile_id in sorted(tiles):
            writer.write_tile(tile_id, tiles[tile_id])
        writer.finalize(
            {name: header[name] for name in kept}
            | {"min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north}
            | {"center_zoom": BANDS[1].lowest}
            | {"center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2},
            {"vector_layers": [{"id": LAYER, "fields": {"rank": "Number", "name": "String"}}]},
        )
    return len(tiles)
