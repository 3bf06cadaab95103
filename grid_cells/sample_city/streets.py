"""The street network of the city: laid out, noded, named and cut into pieces."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from grid_cells.sample_city import street_names
from grid_cells.sample_city.avenues import lay_avenues, lay_local_streets, lay_village_streets
from grid_cells.sample_city.country_roads import lay_country_roads
from grid_cells.sample_city.ground import Flags, Floats, Ints, shape_to_lon_lat, stream
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.noding import (
    connected_part,
    keep_reachable,
    node_lines,
    node_numbers,
)
from grid_cells.sample_city.places import Place

_PIECE_M = 85.0
_FIRST_WAY = 700_001
_ONEWAY_SHARE = 0.05


@dataclass(frozen=True)
class Streets:
    """Streets as lines and as pieces between neighbouring vertices, all in metres.

    `lines`: geometry, name, highway, maxspeed_kmh, is_bridge, oneway. Piece k runs from
    (x0, y0)[k] at node `start[k]` to (x1, y1)[k] at node `end[k]` on line `line[k]`.
    """

    lines: pd.DataFrame
    line: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    start: Ints
    end: Ints
    nodes: Floats
    is_bridge: Flags

    @property
    def length_m(self) -> Floats:
        """Length of each piece in metres."""
        return np.asarray(np.hypot(self.x1 - self.x0, self.y1 - self.y0))


def lay_streets(land: Land, places: tuple[Place, ...], seed: int) -> Streets:
    """The connected street network of the city."""
    avenues = lay_avenues(land, seed)
    parts = [
        avenues,
        lay_local_streets(land, avenues, seed),
        lay_village_streets(places, seed),
        lay_country_roads(land, places, avenues, seed),
    ]
    lines = pd.concat(parts, ignore_index=True)
    lines = _cut_to_shore(lines, land)
    lines = lines.assign(geometry=shapely.segmentize(lines["geometry"].to_numpy(), _PIECE_M))
    lines = connected_part(node_lines(lines))
    return _in_pieces(_with_oneways(_with_names(lines, seed), seed))


def _cut_to_shore(lines: pd.DataFrame, land: Land) -> pd.DataFrame:
    """No street but a bridge runs through the river or the lake."""
    bridge = lines["is_bridge"].to_numpy()
    water = shapely.union_all([land.river, land.lake])
    geometry = lines["geometry"].to_numpy()
    dry = np.where(bridge, geometry, shapely.difference(geometry, water))
    parts, row = shapely.get_parts(dry, return_index=True)
    keep = (shapely.length(parts) > 1.0) & ~shapely.is_empty(parts)
    kept: pd.DataFrame = lines.iloc[row[keep]].assign(geometry=parts[keep])
    return kept.reset_index(drop=True)


def _with_names(lines: pd.DataFrame, seed: int) -> pd.DataFrame:
    nameless = (lines["name"] == "").to_numpy()
    names = lines["name"].to_numpy(dtype=object).copy()
    names[nameless] = street_names.local_names(int(nameless.sum()), stream(seed, 7))
    return lines.assign(name=names)


def _with_oneways(lines: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = stream(seed, 8)
    small = (lines["highway"] == "residential").to_numpy()
    wanted = small & (rng.random(len(lines)) < _ONEWAY_SHARE)
    flags = keep_reachable(lines["geometry"].to_numpy(), wanted)
    return lines.assign(oneway=np.where(flags, "forward", "both"))


def _in_pieces(lines: pd.DataFrame) -> Streets:
    node, line, nodes = node_numbers(lines["geometry"].to_numpy())
    on = line[1:] == line[:-1]
    start, end, line = node[:-1][on], node[1:][on], line[:-1][on]
    ends = (nodes[start, 0], nodes[start, 1], nodes[end, 0], nodes[end, 1])
    bridge = lines["is_bridge"].to_numpy()[line]
    return Streets(lines, line, *ends, start, end, nodes, bridge)


def street_frame(streets: Streets) -> pd.DataFrame:
    """The file's columns of `streets`, geometry a LineString in WGS-84."""
    lines = streets.lines
    return pd.DataFrame(
        {
            "way_id": [str(number) for number in range(_FIRST_WAY, _FIRST_WAY + len(lines))],
            "geometry": shape_to_lon_lat(lines["geometry"].to_numpy()),
            "name": lines["name"].astype("str"),
            "highway": lines["highway"].astype("str"),
            "oneway": lines["oneway"].astype("str"),
            "maxspeed_kmh": lines["maxspeed_kmh"].astype("float64"),
            "is_bridge": lines["is_bridge"].astype("bool"),
        }
    )
