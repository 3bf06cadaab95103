"""Distances on the Earth, in metres, on the mean sphere (R = 6,371,008.8 m, IUGG)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8


def distance_m(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> Floats:
    """Great-circle distance in metres between WGS-84 points, element by element (haversine)."""
    x, y, to_x, to_y = (np.radians(np.asarray(v, np.float64)) for v in (lon, lat, to_lon, to_lat))
    haversine = np.sin((to_y - y) / 2) ** 2 + np.cos(y) * np.cos(to_y) * np.sin((to_x - x) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(haversine, 1))))


def offset_m(
    lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike
) -> tuple[Floats, Floats]:
    """Metres east and north from each point to its partner, for partners a few km apart."""
    x, y, to_x, to_y = (np.radians(np.asarray(v, np.float64)) for v in (lon, lat, to_lon, to_lat))
    return EARTH_RADIUS_M * (to_x - x) * np.cos((y + to_y) / 2), EARTH_RADIUS_M * (to_y - y)


def place_tree(lon: ArrayLike, lat: ArrayLike) -> cKDTree:
    """Search tree over WGS-84 places, for `nearest_place`; no projection, so good anywhere."""
    return cKDTree(_on_unit_sphere(lon, lat))


def nearest_place(
    tree: cKDTree, lon: ArrayLike, lat: ArrayLike
) -> tuple[Floats, NDArray[np.int64]]:
    """Distance in metres to the nearest place of `tree`, and that place's position in it.

    Where a point has no finite coordinates: NaN and -1.
    """
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    usable = np.isfinite(x) & np.isfinite(y)
    metres, places = np.full(len(x), np.nan), np.full(len(x), -1, dtype=np.int64)
    if tree.n == 0:
        return metres, places
    chord, found = tree.query(_on_unit_sphere(x[usable], y[usable]))
    metres[usable] = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1))
    places[usable] = found
    return metres, places


def _on_unit_sphere(lon: ArrayLike, lat: ArrayLike) -> Floats:
    x, y = np.radians(np.asarray(lon, np.float64)), np.radians(np.asarray(lat, np.float64))
    return np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
