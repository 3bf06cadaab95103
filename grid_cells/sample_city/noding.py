"""Lines that cross become streets that meet: shared points where they do, and one connected web."""

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grid_cells.sample_city.ground import Flags, Floats, Geometries, Ints

_SAME_SPOT_M = 0.4
_OVERHANG_M = 9.0


def node_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines (columns with `geometry` in metres) with a shared vertex at every crossing.

    Ends that overshoot a crossing by a few metres are cut off. Lines cut to nothing are dropped.
    """
    geometry = lines["geometry"].to_numpy()
    points = pd.concat([_own_points(geometry), _crossings(geometry)], ignore_index=True)
    points = points.sort_values(["line", "along", "is_crossing"], kind="stable")
    points = _without_overhang(_without_twins(points))
    line = points["line"].to_numpy()
    counts = np.bincount(line, minlength=len(lines))
    points = points[counts[line] > 1]
    kept = np.flatnonzero(counts > 1)
    number = np.searchsorted(kept, points["line"].to_numpy())
    shapes = shapely.linestrings(points["x"].to_numpy(), points["y"].to_numpy(), indices=number)
    return lines.iloc[kept].assign(geometry=shapes).reset_index(drop=True)


def _own_points(geometry: Geometries) -> pd.DataFrame:
    points, line = shapely.get_coordinates(geometry, return_index=True)
    step = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    step[np.diff(line, prepend=-1) != 0] = 0
    total = np.cumsum(step)
    along = total - total[np.searchsorted(line, line)]
    return _points(line, points, along, is_crossing=False)


def _points(line: Ints, points: Floats, along: Floats, *, is_crossing: bool) -> pd.DataFrame:
    columns = {"line": line, "along": along, "x": points[:, 0], "y": points[:, 1]}
    return pd.DataFrame({**columns, "is_crossing": is_crossing})


def _crossings(geometry: Geometries) -> pd.DataFrame:
    first, second = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    pair = first < second
    first, second = first[pair], second[pair]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    met = shapely.intersection(geometry[first], geometry[second])
    points, number = shapely.get_coordinates(met, return_index=True)
    line = np.concatenate([first[number], second[number]])
    both = np.round(np.vstack([points, points]), 2)
    along = shapely.line_locate_point(geometry[line], shapely.points(both))
    return _points(line, both, along, is_crossing=True)


def _without_twins(points: pd.DataFrame) -> pd.DataFrame:
    """Drop own vertices right beside a crossing, and points given twice."""
    line, along = points["line"].to_numpy(), points["along"].to_numpy()
    crossing = points["is_crossing"].to_numpy()
    x, y = points["x"].to_numpy(), points["y"].to_numpy()
    follows = (line[1:] == line[:-1]) & (along[1:] - along[:-1] < _SAME_SPOT_M)
    same = follows & (x[1:] == x[:-1]) & (y[1:] == y[:-1])
    drop = np.zeros(len(points), dtype=bool)
    drop[1:] |= (same & (crossing[1:] == crossing[:-1])) | (follows & ~crossing[1:] & crossing[:-1])
    drop[:-1] |= follows & ~crossing[:-1] & crossing[1:]
    kept: pd.DataFrame = points[~drop]
    return kept


def _without_overhang(points: pd.DataFrame) -> pd.DataFrame:
    line, along = points["line"].to_numpy(), points["along"].to_numpy()
    crossing = points["is_crossing"].to_numpy()
    new = np.diff(line, prepend=-1) != 0
    last = np.append(new[1:], True)
    near = np.abs(np.diff(along)) < _OVERHANG_M
    before = np.append(near & crossing[1:], False)
    after = np.append(False, near & crossing[:-1])
    drop = (new & ~crossing & before) | (last & ~crossing & after)
    kept: pd.DataFrame = points[~drop]
    return kept


def node_numbers(geometry: Geometries) -> tuple[Ints, Ints, Floats]:
    """Node of each vertex, line of each vertex, and the nodes' points (n, 2) in metres."""
    points, line = shapely.get_coordinates(geometry, return_index=True)
    cm = np.round(points * 100).astype(np.int64)
    key = cm[:, 0] * (1 << 31) + cm[:, 1]
    _, first, node = np.unique(key, return_index=True, return_inverse=True)
    return node.reshape(-1), line, points[first]


def connected_part(lines: pd.DataFrame) -> pd.DataFrame:
    """Only the lines of the largest connected web."""
    node, line, points = node_numbers(lines["geometry"].to_numpy())
    _, part = connected_components(_links(node, line, len(points)), directed=False)
    largest = np.bincount(part).argmax()
    first = np.searchsorted(line, np.arange(len(lines)))
    kept: pd.DataFrame = lines[part[node[first]] == largest].reset_index(drop=True)
    return kept


def _links(node: Ints, line: Ints, count: int, *, both: Flags | None = None) -> coo_array:
    """Links along each line; with `both`, also backwards where the line's flag is set."""
    on = line[1:] == line[:-1]
    start, end = node[:-1][on], node[1:][on]
    if both is not None:
        back = both[line[:-1][on]]
        start, end = np.append(start, end[back]), np.append(end, node[:-1][on][back])
    return coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(count, count))


def keep_reachable(geometry: Geometries, is_oneway: Flags) -> Flags:
    """The one-way flags, lifted where one could drive in but not out, or the other way round."""
    node, line, points = node_numbers(geometry)
    flags = is_oneway.copy()
    while flags.any():
        links = _links(node, line, len(points), both=~flags)
        _, part = connected_components(links, directed=True, connection="strong")
        lost = part != np.bincount(part).argmax()
        if not lost.any():
            break
        bad = np.zeros(len(flags), dtype=bool)
        bad[line[lost[node]]] = True
        if not (bad & flags).any():
            return np.zeros_like(flags)
        flags &= ~bad
    return flags
