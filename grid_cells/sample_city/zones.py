"""Promise zones, the age of the people by cell, and the water to draw."""

import numpy as np
import pandas as pd
import shapely

from grid_cells.cells import cells_to_hex, points_to_cells
from grid_cells.sample_city.ground import (
    Floats,
    Ints,
    draw_bend,
    shape_to_lon_lat,
    stream,
    to_lon_lat,
)
from grid_cells.sample_city.homes import Boxes
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.places import Place, place_codes

_REACH_M = 22_500.0
_REMOTE_MARGIN_M = 2_400.0
_RESOLUTION = 9
_ELDERLY_QINGSHAN = 34.0
_QINGSHAN = ("qingshan", "upper_qingshan", "lower_qingshan")


def water_frame(land: Land) -> pd.DataFrame:
    """River and lake: name and geometry (Polygon in WGS-84)."""
    shapes = shape_to_lon_lat(np.array([land.river, land.lake], dtype=object))
    return pd.DataFrame({"name": ["Lin River 临江", "Cui Lake 翠湖"], "geometry": shapes})


def promise_zone_frame(land: Land, places: tuple[Place, ...]) -> pd.DataFrame:
    """The file's columns of `promise_zones`: city, rural and remote ground, none overlapping."""
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    radius = 1.14 * land.ring_m[-1] * (1 + 0.02 * np.sin(5 * turn))
    city = shapely.Polygon(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]))
    city = city.difference(_west_of(land))
    codes = place_codes(places)
    hills = [places[codes[code]] for code in _QINGSHAN]
    middles = shapely.LineString([(place.x, place.y) for place in hills])
    remote = middles.buffer(_REMOTE_MARGIN_M * land.scale, quad_segs=12)
    reach = _REACH_M * land.scale
    rural = shapely.box(-reach, -reach, reach, reach).difference(city).difference(remote)
    shapes = np.array([city, rural, remote], dtype=object)
    return pd.DataFrame(
        {
            "promise_class": ["city", "rural", "remote"],
            "geometry": shape_to_lon_lat(shapes),
            "name": [
                "Linjiang city 临江城区",
                "Linjiang country 临江农村",
                "Qingshan hills 青山山区",
            ],
        }
    )


def _west_of(land: Land) -> shapely.Polygon:
    """All ground west of the river's midline."""
    reach = 2 * _REACH_M * land.scale
    y = np.linspace(-reach, reach, 300)
    edge = np.column_stack([land.river_x(y), y])
    return shapely.Polygon([(-2 * reach, -reach), *edge.tolist(), (-2 * reach, reach)])


def elderly_frame(
    places: tuple[Place, ...], boxes: Boxes, *, as_of: pd.Timestamp, seed: int
) -> pd.DataFrame:
    """The file's columns of `cell_facts`: share of people over 65 in %, by cell with customers."""
    cell = points_to_cells(*to_lon_lat(boxes.x, boxes.y), _RESOLUTION)
    cells, box_cell = np.unique(cell, return_inverse=True)
    people = np.bincount(box_cell, boxes.customers)
    x = np.bincount(box_cell, boxes.x * boxes.customers) / people
    y = np.bincount(box_cell, boxes.y * boxes.customers) / people
    rng = stream(seed, 30)
    slow = draw_bend(rng, 5_000, 1.0)(np.column_stack([x, y])) - np.column_stack([x, y])
    share = np.clip(17 + 1.6 * slow[:, 0] + rng.normal(0, 1.5, len(cells)), 6, 30)
    share = _with_qingshan(share, _customers_in(places, boxes, box_cell, len(cells)), rng)
    order = np.argsort(cells_to_hex(cells))
    return pd.DataFrame(
        {
            "cell_id": cells_to_hex(cells)[order],
            "measure": "elderly_share",
            "value": np.round(share[order], 1),
            "unit": "%",
            "source": "Sample city 示例城市",
            "as_of": as_of,
        }
    )


def age_frame(
    places: tuple[Place, ...], boxes: Boxes, *, as_of: pd.Timestamp, seed: int
) -> pd.DataFrame:
    """The file's columns of `cell_facts`: shares of three age groups in %, by cell.

    Those over 65 first (`elderly_frame`); where more are old, more are over 80 and fewer under 15.
    """
    elderly, rng = elderly_frame(places, boxes, as_of=as_of, seed=seed), stream(seed, 74)
    share = elderly["value"].to_numpy(np.float64)
    very_old = share * rng.uniform(0.14, 0.26, len(share))
    children = np.clip(24 - 0.45 * share + rng.normal(0, 1.2, len(share)), 3, 30)
    groups = {"age_80_share": very_old, "age_0_14_share": children}
    others = [elderly.assign(measure=name, value=np.round(one, 1)) for name, one in groups.items()]
    return pd.concat([elderly, *others], ignore_index=True)


def _customers_in(places: tuple[Place, ...], boxes: Boxes, box_cell: Ints, cells: int) -> Ints:
    """Customers of Qingshan in each cell."""
    codes = place_codes(places)
    there = np.isin(boxes.place, [codes[code] for code in _QINGSHAN])
    return np.bincount(box_cell[there], boxes.customers[there], cells).astype(np.int64)


def _with_qingshan(share: Floats, villagers: Ints, rng: np.random.Generator) -> Floats:
    """The shares with Qingshan's cells around 34 %, their mean by customers exactly that."""
    there = villagers > 0
    value = _ELDERLY_QINGSHAN + rng.normal(0, 1.2, int(there.sum()))
    value += _ELDERLY_QINGSHAN - np.average(value, weights=villagers[there])
    changed = share.copy()
    changed[there] = value
    return changed
