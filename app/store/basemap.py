"""The street network as vector tiles; the caller's connection must have the spatial extension."""

from typing import Any

from app.store.database import Connection

EXTENT = 4096
BUFFER = 64

# Web Mercator is worked out here: a million points through PROJ take ten times as long.
_LINES = """
CREATE OR REPLACE TEMP TABLE basemap_lines AS
WITH pieces AS (
  SELECT way_id, seq, from_lon, from_lat, to_lon, to_lat, name,
    CASE
      WHEN regexp_matches(highway, '^(motorway|trunk|primary)') THEN 1
      WHEN regexp_matches(highway, '^(secondary|tertiary)') THEN 2
      WHEN highway IN ('residential', 'unclassified', 'living_street', 'road') THEN 3
      ELSE 4
    END AS rank,
    coalesce(lag(to_node) OVER ways <> from_node, true) AS is_start
  FROM streets
  WHERE isfinite(from_lon) AND isfinite(to_lon)
    AND abs(from_lat) < 85 AND abs(to_lat) < 85
  WINDOW ways AS (PARTITION BY way_id ORDER BY seq)
),
runs AS (
  SELECT *, sum(is_start::INTEGER) OVER (PARTITION BY way_id ORDER BY seq) AS run FROM pieces
),
corners AS (
  SELECT way_id, run, seq, rank, name, is_start AS first, from_lon AS lon, from_lat AS lat FROM runs
  UNION ALL
  SELECT way_id, run, seq + 0.5, rank, name, false, to_lon, to_lat FROM runs
),
projected AS (
  SELECT way_id, run, seq, rank, name,
    lon * 20037508.342789244 / 180 AS x,
    ln(tan(pi() / 4 + radians(lat) / 2)) * 6378137 AS y
  FROM corners
  WHERE first OR seq <> floor(seq)
)
SELECT min(rank) AS rank, max(name) AS name,
  ST_MakeLine(list(ST_Point(x, y) ORDER BY seq)) AS line,
  min(x) AS west, max(x) AS east, min(y) AS south, max(y) AS north
FROM projected
GROUP BY way_id, run
ORDER BY ST_Hilbert(min(x), min(y), {
  'min_x': -20037508, 'min_y': -20037508, 'max_x': 20037508, 'max_y': 20037508}::BOX_2D)
"""

_TILES = """
WITH spans AS (
  SELECT z,
    greatest(0, floor((west + 20037508.342789244) / width))::BIGINT AS x0,
    least(n - 1, floor((east + 20037508.342789244) / width))::BIGINT AS x1,
    greatest(0, floor((20037508.342789244 - north) / width))::BIGINT AS y0,
    least(n - 1, floor((20037508.342789244 - south) / width))::BIGINT AS y1
  FROM basemap_lines,
    (SELECT z, (1::BIGINT << z) AS n, 40075016.685578488 / (1::BIGINT << z) AS width
     FROM unnest(range($lowest, $highest + 1)) AS zooms(z))
  WHERE rank <= CASE WHEN z >= 14 THEN 4 WHEN z = 13 THEN 3 WHEN z >= 11 THEN 2 ELSE 1 END
)
SELECT DISTINCT z, x, unnest(range(y0, y1 + 1)) AS y
FROM (SELECT z, y0, y1, unnest(range(x0, x1 + 1)) AS x FROM spans)
ORDER BY z, x, y
"""

_TILE = """
WITH tile AS (
  SELECT ST_Extent(ST_TileEnvelope($z, $x, $y)) AS box,
    40075016.685578488 / (1::BIGINT << $z) AS width
),
found AS (
  SELECT rank, name, ST_AsMVTGeom(
      CASE WHEN $z < 14 THEN ST_Simplify(line, width / 2048) ELSE line END,
      box, $extent, $buffer, true) AS geometry
  FROM basemap_lines, tile
  WHERE rank <= CASE WHEN $z >= 14 THEN 4 WHEN $z = 13 THEN 3 WHEN $z >= 11 THEN 2 ELSE 1 END
    AND west <= ST_XMax(box) + width / 64 AND east >= ST_XMin(box) - width / 64
    AND south <= ST_YMax(box) + width / 64 AND north >= ST_YMin(box) - width / 64
)
SELECT ST_AsMVT({'rank': rank, 'name': name, 'geometry': geometry}, 'streets', $extent, 'geometry')
FROM found WHERE geometry IS NOT NULL AND NOT ST_IsEmpty(geometry)
"""


def prepare_streets(con: Connection) -> int:
    """Number of lines that were joined from the pieces of street, ready for `street_tile`.

    Leaves the temporary table basemap_lines on this connection.
    """
    con.execute(_LINES)
    return int(_single(con.execute("SELECT count(*) FROM basemap_lines").fetchone()))


def street_tiles(con: Connection, lowest: int, highest: int) -> list[tuple[int, int, int]]:
    """Tiles (zoom, x, y) from the lowest to the highest zoom that any line's box touches."""
    return con.execute(_TILES, {"lowest": lowest, "highest": highest}).fetchall()


def street_tile(con: Connection, z: int, x: int, y: int) -> bytes:
    """Vector tile (MVT, layer "streets" with rank 1 to 4 and name); empty when nothing is there."""
    asked = {"z": z, "x": x, "y": y, "extent": EXTENT, "buffer": BUFFER}
    data: bytes | None = _single(con.execute(_TILE, asked).fetchone())
    return data or b""


def street_bounds(con: Connection) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all streets in WGS-84 degrees; None without streets."""
    row = con.execute(
        "SELECT min(least(from_lon, to_lon)), min(least(from_lat, to_lat)),"
        " max(greatest(from_lon, to_lon)), max(greatest(from_lat, to_lat)) FROM streets"
    ).fetchone()
    if row is None or row[0] is None:
        return None
    west, south, east, north = row
    return west, south, east, north


def _single(row: tuple[Any, ...] | None) -> Any:
    return row[0] if row else None
