"""The streets of the town: rings, avenues, the banks' roads and the small streets between them."""

from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from grid_cells.sample_city import street_names
from grid_cells.sample_city.ground import Bend, Floats, draw_bend, stream
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.places import Place

AVENUES = 9
_STEP_M = 60.0
_BANK_ROAD_M = 130.0
_OVERSHOOT_M = 4.0
_LEFT_OUT, _WIDER = 0.07, 0.12

SPEED = {"primary": 55, "secondary": 45, "tertiary": 40, "residential": 25, "unclassified": 30}


def street_rows(
    shapes: list[shapely.LineString], names: list[str], highway: str, **more: object
) -> pd.DataFrame:
    """A frame of streets: geometry (metres), name, highway, maxspeed_kmh, is_bridge."""
    rows = {"geometry": np.array(shapes, dtype=object), "name": names, "highway": highway}
    return pd.DataFrame({**rows, "maxspeed_kmh": SPEED[highway], "is_bridge": False, **more})


def lay_avenues(land: Land, seed: int) -> pd.DataFrame:
    """Rings, avenues and bank roads east of the river, with the avenue to Middle Bridge."""
    rng = stream(seed, 3)
    bend = draw_bend(rng, 3_000 * land.scale, 38 * land.scale)
    angles = avenue_angles(rng)
    frames = [*_rings(land, bend), *_radials(land, bend, angles), _bank_roads(land)]
    lines = pd.concat(frames, ignore_index=True)
    dry = shapely.difference(lines["geometry"].to_numpy(), _wet_side(land))
    lines = lines.assign(geometry=dry).loc[~shapely.is_empty(dry)]
    return _single_lines(lines)


def avenue_angles(rng: np.random.Generator) -> Floats:
    """Bearings of the main avenues; the fifth runs west to Middle Bridge."""
    steps = 2 * np.pi / AVENUES * np.arange(AVENUES)
    angles = np.pi - steps[4] + steps + rng.uniform(-0.14, 0.14, AVENUES)
    angles[4] = np.pi
    return np.asarray(angles)


def _rings(land: Land, bend: Bend) -> list[pd.DataFrame]:
    turn = np.linspace(0, 2 * np.pi, 181)
    main = list(land.ring_m)
    between = [(a + b) / 2 for a, b in pairwise(main[1:])]
    rows = []
    for number, radius in enumerate([*main, *between]):
        wobble = radius * (1 + 0.05 * np.sin(2 * turn + number) + 0.03 * np.cos(3 * turn - number))
        ring = bend(np.column_stack([wobble * np.cos(turn), wobble * np.sin(turn)]))
        ring[-1] = ring[0]
        is_main = number < len(main)
        name = street_names.RINGS[number] if is_main else f"Ring Link {number - 3} 环线{number - 3}"
        kind = "primary" if is_main and number else "secondary"
        rows.append(street_rows([shapely.LineString(ring)], [name], kind))
    return rows


def _radials(land: Land, bend: Bend, angles: Floats) -> list[pd.DataFrame]:
    rings = land.ring_m
    between = (
        angles + np.roll(angles, -1) + np.where(np.arange(AVENUES) == AVENUES - 1, 2 * np.pi, 0)
    ) / 2
    rows = []
    for number, angle in enumerate(angles):
        line = _radial(angle, rings[0] * 0.9, rings[-1] * 1.12, bend)
        rows.append(street_rows([line], [street_names.AVENUES[number]], "primary"))
    for number, angle in enumerate(between):
        line = _radial(angle, rings[1] * 0.99, rings[-1] * 1.06, bend)
        rows.append(street_rows([line], [street_names.AVENUES[AVENUES + number]], "secondary"))
    return rows


def _radial(angle: float, start: float, end: float, bend: Bend) -> shapely.LineString:
    away = np.arange(start, end, _STEP_M)
    drift = angle + 0.05 * np.sin(away / end * 4 + 7 * angle)
    return shapely.LineString(bend(np.column_stack([away * np.cos(drift), away * np.sin(drift)])))


def _bank_roads(land: Land) -> pd.DataFrame:
    reach = land.ring_m[-1] * 1.1
    y = np.arange(-reach, reach, 2 * _STEP_M)
    x = land.river_x(y) + _half_width(land)
    road = shapely.LineString(np.column_stack([x, y]))
    return street_rows([road], [street_names.EAST_BANK], "secondary")


def _half_width(land: Land) -> float:
    return float(195 * np.sqrt(land.scale)) + _BANK_ROAD_M


def _wet_side(land: Land) -> shapely.Polygon:
    """The river and all west of it, up to just short of the east bank's road."""
    y = np.linspace(-20_000, 20_000, 400) * land.scale
    edge = np.column_stack([land.river_x(y) + _half_width(land) - _OVERSHOOT_M, y])
    far = -60_000 * land.scale
    return shapely.Polygon([(far, y[0]), *edge.tolist(), (far, y[-1])])


def _single_lines(lines: pd.DataFrame) -> pd.DataFrame:
    parts, row = shapely.get_parts(lines["geometry"].to_numpy(), return_index=True)
    single: pd.DataFrame = lines.iloc[row].assign(geometry=parts).reset_index(drop=True)
    return single


def lay_local_streets(land: Land, avenues: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The small streets in each block between the avenues, each block at a slant of its own."""
    rng = stream(seed, 4)
    blocks = shapely.get_parts(
        shapely.polygonize([shapely.union_all(avenues["geometry"].to_numpy())])
    )
    frames = []
    for block in blocks[np.argsort(_distance_out(blocks), kind="stable")]:
        middle = np.array([block.centroid.x, block.centroid.y])
        away = float(np.hypot(*middle)) / land.scale
        spacing = float(np.clip(95 + away / 38, 100, 210))
        slant = float(np.arctan2(middle[1], middle[0])) + rng.uniform(-0.35, 0.35)
        frames.append(grid_streets(block, spacing, slant, rng))
    return pd.concat(frames, ignore_index=True)


def _distance_out(blocks: np.ndarray[tuple[int], np.dtype[np.object_]]) -> Floats:
    middle = shapely.get_coordinates(shapely.centroid(blocks))
    return np.asarray(np.round(np.hypot(middle[:, 0], middle[:, 1]), 3))


def lay_village_streets(places: tuple[Place, ...], seed: int) -> pd.DataFrame:
    """The lanes of towns, villages and the west bank, each within its own ragged outline."""
    rng = stream(seed, 5)
    frames = []
    for place in places:
        if place.kind in ("town", "village", "estate", "west", "hills"):
            outline = _outline(place, rng)
            spacing = 105.0 if place.kind == "village" else 120.0
            frames.append(grid_streets(outline, spacing, rng.uniform(0, np.pi), rng))
    return pd.concat(frames, ignore_index=True)


def _outline(place: Place, rng: np.random.Generator) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    a, b = rng.uniform(0, 2 * np.pi, 2)
    radius = place.radius_m * (1 + 0.22 * np.sin(2 * turn + a) + 0.12 * np.sin(3 * turn + b))
    x, y = place.x + radius * np.cos(turn), place.y + radius * np.sin(turn)
    return shapely.Polygon(np.column_stack([x, y]))


def grid_streets(
    block: shapely.Polygon, spacing_m: float, slant: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Slightly bent streets along and across a block, some of them cut short or left out."""
    bend = draw_bend(rng, 900, 0.045 * spacing_m)
    inside = block.buffer(_OVERSHOOT_M)
    along = _parallels(block, spacing_m, slant, bend)
    across = _parallels(block, 1.45 * spacing_m, slant + np.pi / 2, bend)
    lines = shapely.intersection(np.concatenate([along, across]), inside)
    kept = rng.random(len(lines)) > _LEFT_OUT
    whole = shapely.get_parts(lines[kept & ~shapely.is_empty(lines)])
    whole = whole[shapely.get_type_id(whole) == shapely.GeometryType.LINESTRING]
    whole = whole[shapely.length(whole) > 0.6 * spacing_m]
    highway = np.where(rng.random(len(whole)) < _WIDER, "tertiary", "residential")
    rows = street_rows(list(whole), [""] * len(whole), "residential")
    return rows.assign(highway=highway, maxspeed_kmh=[SPEED[kind] for kind in highway])


def _parallels(
    block: shapely.Polygon, spacing_m: float, slant: float, bend: Bend
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    middle = np.array([block.centroid.x, block.centroid.y])
    reach = float(shapely.minimum_bounding_radius(block)) + spacing_m
    ahead = np.array([np.cos(slant), np.sin(slant)])
    aside = np.array([-ahead[1], ahead[0]])
    offsets = np.arange(-reach, reach, spacing_m) + 0.37 * spacing_m
    steps = np.linspace(-reach, reach, max(8, int(2 * reach / (2 * _STEP_M))))
    points = middle + offsets[:, None, None] * aside + steps[None, :, None] * ahead
    bent = bend(points.reshape(-1, 2)).reshape(points.shape)
    return np.asarray(shapely.linestrings(bent), dtype=object)
