"""The basemap: lines joined from pieces, tiles that a reader can open."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles

from app.maps.basemap import BANDS, build_basemap, street_lines
from app.store import basemap as store

COLUMNS = [
    *("way_id", "seq", "from_node", "to_node", "from_lon", "from_lat", "to_lon", "to_lat"),
    *("highway", "name"),
]
PIECES = [
    ("a", 0, 1, 2, 114.30, 30.50, 114.31, 30.50, "primary", "人民路"),
    ("a", 1, 2, 3, 114.31, 30.50, 114.32, 30.51, "primary", "人民路"),
    ("b", 0, 7, 8, 114.30, 30.52, 114.31, 30.52, "residential", None),
    ("b", 5, 9, 10, 114.33, 30.52, 114.34, 30.52, "residential", None),
    ("c", 0, 4, 5, 114.35, 30.50, 114.36, 30.50, "footway", "x"),
]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        frame = pd.DataFrame(PIECES, columns=COLUMNS)  # noqa: F841 read by the next line
        connection.execute("CREATE TABLE streets AS SELECT * FROM frame")
        connection.execute("CREATE TABLE water (name VARCHAR, geometry BLOB)")
        lake = shapely.to_wkb(shapely.box(114.30, 30.50, 114.33, 30.52))
        connection.execute("INSERT INTO water VALUES (?, ?)", ["翠湖", lake])
        yield connection


def test_pieces_join_only_where_one_begins_at_the_end_of_the_last(
    con: duckdb.DuckDBPyConnection,
) -> None:
    lines = street_lines(store.street_corners(con))
    assert [line.wkt for line in lines.geometry] == [
        "LINESTRING (114.3 30.5, 114.31 30.5, 114.32 30.51)",
        "LINESTRING (114.3 30.52, 114.31 30.52)",
        "LINESTRING (114.33 30.52, 114.34 30.52)",
        "LINESTRING (114.35 30.5, 114.36 30.5)",
    ]
    assert lines["rank"].tolist() == [1, 3, 3, 4]
    assert lines["name"].dropna().to_dict() == {0: "人民路", 3: "x"}


def test_small_streets_come_in_when_there_is_room(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "deep" / "city.pmtiles"
    shares: list[float] = []
    built = build_basemap(con, target, progress=shares.append)
    with target.open("rb") as file:
        source = MmapSource(file)
        zooms = [z for (z, _x, _y), _data in all_tiles(source)]
        header = Reader(source).header()
        whole = b"".join(gzip.decompress(data) for _place, data in all_tiles(source))
    assert "人民路".encode() in whole
    assert "翠湖".encode() in whole
    assert b"nan" not in whole
    assert built.lines == 4
    assert built.tiles == len(zooms)
    assert sorted(set(zooms)) == list(range(8, 15))
    assert (header["min_zoom"], header["max_zoom"]) == (8, 14)
    assert header["min_lon_e7"] == 1_143_000_000
    assert shares == sorted(shares)
    assert len(shares) == len(BANDS)
    assert [file.name for file in target.parent.iterdir()] == ["city.pmtiles"]


def test_without_streets_an_old_basemap_is_taken_away(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "city.pmtiles"
    build_basemap(con, target)
    con.execute("DELETE FROM streets")
    built = build_basemap(con, target)
    assert (built.lines, built.tiles, built.size_bytes) == (0, 0, 0)
    assert not target.exists()
