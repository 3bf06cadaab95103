"""Points as people write them on the command line."""

import numpy as np

from grid_cells.datum import to_wgs84
from grid_cells.errors import UserError


def point_of(text: str) -> tuple[float, float]:
    """lon, lat of "LON,LAT"; raises UserError `point_unreadable`."""
    try:
        lon, lat = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        raise UserError("point_unreadable", text=text) from None
    return lon, lat


def wgs84_of(text: str, datum: str) -> tuple[float, float]:
    """lon, lat (WGS-84) of "LON,LAT" in a datum."""
    x, y = point_of(text)
    lon, lat = to_wgs84(np.array([x]), np.array([y]), datum)
    return float(lon[0]), float(lat[0])
