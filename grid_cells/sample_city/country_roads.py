"""Roads between the town, its villages, the west bank and the hills, and the three bridges."""

from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from grid_cells.sample_city import street_names
from grid_cells.sample_city.avenues import AVENUES, street_rows
from grid_cells.sample_city.ground import Floats, Ints, stream
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.places import Place

NORTH_M, SOUTH_M = 14_550.0, -15_050.0
_HEAD_M = 650.0
_STEP_M = 80.0
_HILL_SPEED_KMH = 19
_BRIDGE_SPEED_KMH = 50
_WEST_SPEED_KMH = 30
_WEST_ROAD = "Xizhou Rd 西洲路"


def lay_country_roads(
    land: Land, places: tuple[Place, ...], avenues: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Country roads on both banks, the hill road to Qingshan and the three bridges (metres)."""
    rng = stream(seed, 6)
    ends = _avenue_ends(avenues)
    away = np.hypot(ends[:, 0], ends[:, 1])
    gates = ends[away > 1.05 * land.ring_m[-1]]
    east, west = _bridge_heads(land, ends[4])
    villages = _middles(places, ("town", "village", "estate"))
    frames = [
        _web(np.vstack([gates, villages, east[[0, 2]]]), len(gates), rng),
        _west_roads(_middles(places, ("west",)), west, rng),
        _hill_road(places, rng),
        _bridges(east, west),
    ]
    return pd.concat(frames, ignore_index=True)


def _avenue_ends(avenues: pd.DataFrame) -> Floats:
    """Outer end of each main avenue, in the order of their names."""
    ends = []
    for name in street_names.AVENUES[:AVENUES]:
        lines = avenues.loc[avenues["name"] == name, "geometry"].to_numpy()
        points = shapely.get_coordinates(lines)
        ends.append(points[np.argmax(np.hypot(points[:, 0], points[:, 1]))])
    return np.array(ends)


def _middles(places: tuple[Place, ...], kinds: tuple[str, ...]) -> Floats:
    return np.array([(place.x, place.y) for place in places if place.kind in kinds])


def _bridge_heads(land: Land, middle: Floats) -> tuple[Floats, Floats]:
    """East and west ends (3, 2) of the bridges, north to south; the second begins at `middle`."""
    y = np.array([NORTH_M * land.scale, middle[1], SOUTH_M * land.scale])
    x = land.river_x(y)
    east = np.column_stack([x + _HEAD_M * land.scale, y])
    east[1] = middle
    west = np.column_stack([x - _HEAD_M * land.scale, y])
    return east, west


def _bridges(east: Floats, west: Floats) -> pd.DataFrame:
    lines = [shapely.LineString([e, w]) for e, w in zip(east, west, strict=True)]
    rows = street_rows(lines, list(street_names.BRIDGES), "secondary")
    return rows.assign(is_bridge=True, maxspeed_kmh=_BRIDGE_SPEED_KMH)


def _web(points: Floats, gates: int, rng: np.random.Generator) -> pd.DataFrame:
    """Bent roads between points that have no third point nearer to both; none between gates."""
    starts, ends = _near_pairs(points)
    real = ends >= gates
    lines = [
        _bent(points[a], points[b], 0.05, rng)
        for a, b in zip(starts[real], ends[real], strict=True)
    ]
    names = [f"County Rd X{number} 县道X{number}" for number in range(101, 101 + len(lines))]
    return street_rows(lines, names, "tertiary")


def _west_roads(villages: Floats, heads: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """The slow roads of the west bank, one of them straight from Middle Bridge to its town."""
    straight = _bent(heads[1], villages[0], 0.03, rng)
    town = street_rows([straight], [_WEST_ROAD], "tertiary")
    web = _web(np.vstack([villages, heads]), 0, rng)
    return pd.concat([web, town], ignore_index=True).assign(maxspeed_kmh=_WEST_SPEED_KMH)


def _near_pairs(points: Floats) -> tuple[Ints, Ints]:
    """Edges of the relative neighbourhood graph (Toussaint 1980), which is connected."""
    gap = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    worst = np.maximum(gap[:, None, :], gap[None, :, :])
    count = np.arange(len(points))
    worst[count, :, count] = np.inf
    worst[:, count, count] = np.inf
    first, second = np.nonzero(np.triu(worst.min(axis=2) >= gap, 1))
    return first, second


def _bent(start: Floats, end: Floats, sway: float, rng: np.random.Generator) -> shapely.LineString:
    """A road that sways to both sides by about the share `sway` of its length."""
    length = float(np.hypot(*(end - start)))
    part = np.linspace(0, 1, max(4, int(length / _STEP_M)))
    aside = np.array([start[1] - end[1], end[0] - start[0]])
    waves = rng.uniform(-1, 1, 3) * np.array([1.0, 0.7, 0.35])
    bow = sum(w * np.sin(np.pi * (n + 1) * part) for n, w in enumerate(waves))
    points = start + part[:, None] * (end - start) + sway * np.outer(bow, aside)
    points[0], points[-1] = start, end
    return shapely.LineString(points)


def _hill_road(places: tuple[Place, ...], rng: np.random.Generator) -> pd.DataFrame:
    """The one road into the hills, from Shiqiao up through the three parts of Qingshan."""
    by_code = {place.code: np.array([place.x, place.y]) for place in places}
    stops = [by_code[c] for c in ("shiqiao", "lower_qingshan", "qingshan", "upper_qingshan")]
    lines = [_winding(a, b, rng) for a, b in pairwise(stops)]
    rows = street_rows(lines, ["Qingshan Hill Rd 青山山路"] * len(lines), "unclassified")
    return rows.assign(maxspeed_kmh=_HILL_SPEED_KMH)


def _winding(start: Floats, end: Floats, rng: np.random.Generator) -> shapely.LineString:
    length = float(np.hypot(*(end - start)))
    part = np.linspace(0, 1, int(length / 30))
    aside = np.array([start[1] - end[1], end[0] - start[0]]) / length
    turns = max(2, int(length / 800))
    bow = 190 * np.sin(2 * np.pi * turns * part + rng.uniform(0, 6)) * np.sin(np.pi * part) ** 0.5
    points = start + part[:, None] * (end - start) + np.outer(bow, aside)
    points[0], points[-1] = start, end
    return shapely.LineString(points)
