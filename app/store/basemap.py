"""The street network as lines, ready to be cut into tiles."""

import pandas as pd

from app.store.database import Connection, frame_of

# A way's pieces are joined as long as each begins where the last one ended.
_CORNERS = """
WITH pieces AS (
  SELECT way_id, seq, from_lon, from_lat, to_lon, to_lat, name,
    CASE
      WHEN regexp_matches(highway, '^(motorway|trunk|primary)') THEN 1
      WHEN regexp_matches(highway, '^(secondary|tertiary)') THEN 2
      WHEN highway IN ('residential', 'unclassified', 'living_street', 'road') THEN 3
      ELSE 4
    END AS rank,
    coalesce(lag(to_node) OVER way <> from_node, true) AS is_first
  FROM streets
  WHERE isfinite(from_lon) AND isfinite(to_lon) AND abs(from_lat) < 85 AND abs(to_lat) < 85
  WINDOW way AS (PARTITION BY way_id ORDER BY seq)
),
numbered AS (
  SELECT *, sum(is_first::INTEGER) OVER (ORDER BY way_id, seq) - 1 AS line_no FROM pieces
)
SELECT line_no, seq, 0 AS place, rank, name, from_lon AS lon, from_lat AS lat
FROM numbered WHERE is_first
UNION ALL
SELECT line_no, seq, 1, rank, name, to_lon, to_lat FROM numbered
ORDER BY line_no, seq, place
"""


def street_corners(connection: Connection) -> pd.DataFrame:
    """Corners of all street lines in order: line_no (0, 1, …), rank, name, lon, lat (WGS-84).

    rank: 1 motorways to primary roads, 2 secondary and tertiary, 3 residential, 4 all others.
    """
    found = frame_of(connection.execute(_CORNERS))
    return found.drop(columns=["seq", "place"])


def water(connection: Connection) -> pd.DataFrame:
    """Rivers and lakes: name, geometry (WKB, WGS-84)."""
    return frame_of(connection.execute("SELECT name, geometry FROM water ORDER BY name"))
