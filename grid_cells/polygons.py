"""Which cells drawn service areas claim.

The rule, cell by cell. With customers: the area holding most of them, customers in no area
voting for none; of equals the area covering more of the cell, then the one named first. Without
customers: the area covering more than half, else, where areas cover at least half together, the
one covering most. Areas that each hold (or cover) more than half overlap there, and all of
them claim the cell: a conflict somebody must settle. An area that would win nothing takes its
best cell from an owner who keeps others, or shares it where nobody can spare one.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from h3ronpy import ContainmentMode, vector
from numpy.typing import NDArray

from grid_cells.cells import boundaries, points_to_cells
from grid_cells.shapes import as_shapes

CLAIM_COLUMNS = ["cell_id", "area_id", "share", "basis"]
BY_CUSTOMERS, BY_AREA, THIN = "customers", "area", "thin"

_HALF = 0.5
_ROUNDING = 1e-9


def claim_cells(
    areas: pd.DataFrame, customers: pd.DataFrame | None, resolution: int
) -> pd.DataFrame:
    """The cells each area claims: cell_id, area_id, share (0 to 1) and basis, by cell and area.

    `areas`: area_id, geometry (shapely or WKB polygons, WGS-84; several rows of one area are
    one shape). `customers`: lon, lat; may be None. `share` is of the cell's customers under
    basis "customers" and of its surface under "area" and "thin". A cell appears twice only where
    areas conflict; every area with a surface appears.
    """
    names, shapes = _one_shape_each(areas)
    pairs = _touching(shapes, resolution)
    if pairs.empty:
        return pd.DataFrame({"cell_id": pairs["cell_id"], "area_id": [], "share": [], "basis": []})
    pairs["coverage"] = _coverage(pairs, shapes)
    pairs = _count_customers(pairs, shapes, customers, resolution)
    claims = _keep_thin(_winners(pairs, shapes), pairs)
    claims["area_id"] = names[claims["area"].to_numpy()]
    return claims.sort_values(["cell_id", "area"], ignore_index=True)[CLAIM_COLUMNS]


def _one_shape_each(areas: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Area ids in their order of appearance and one polygonal shape for each."""
    shapes = np.array([_surface(shape) for shape in as_shapes(areas["geometry"])], dtype=object)
    drawn = np.array([shape is not None for shape in shapes], dtype=bool)
    codes, names = pd.factorize(areas["area_id"].to_numpy(dtype=object)[drawn])
    shapes = shapes[drawn]
    if len(names) == len(shapes):
        return names, shapes
    return names, np.array([shapely.union_all(shapes[codes == i]) for i in range(len(names))])


def _surface(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The polygons of a shape, None where it has none (points, lines, nothing)."""
    if shape is None:
        return None
    parts = shapely.get_parts(shapely.get_parts([shape]))
    polygons = parts[shapely.area(parts) > 0]
    return shapely.MultiPolygon(list(polygons)) if len(polygons) else None


def _touching(shapes: NDArray[np.object_], resolution: int) -> pd.DataFrame:
    """Every cell an area touches: cell_id, area (index), inside (wholly)."""
    touched = _cells_of(shapes, resolution, ContainmentMode.Covers)
    inside = _cells_of(shapes, resolution, ContainmentMode.ContainsBoundary).assign(inside=True)
    pairs = touched.merge(inside, on=["cell_id", "area"], how="left")
    return pairs.assign(inside=pairs["inside"].notna())


def _cells_of(shapes: NDArray[np.object_], resolution: int, mode: ContainmentMode) -> pd.DataFrame:
    lists = pa.array(vector.wkb_to_cells(list(shapely.to_wkb(shapes)), resolution, mode))
    counts = np.diff(lists.offsets.to_numpy())
    cells = lists.flatten().to_numpy().astype(np.int64)
    return pd.DataFrame({"cell_id": cells, "area": np.repeat(np.arange(len(shapes)), counts)})


def _coverage(pairs: pd.DataFrame, shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Share of each cell's surface within the area; degrees serve, a cell being small."""
    coverage = np.ones(len(pairs))
    border = ~pairs["inside"].to_numpy()
    hexagons = boundaries(pairs["cell_id"].to_numpy()[border])
    cut = shapely.intersection(hexagons, shapes[pairs["area"].to_numpy()[border]])
    coverage[border] = shapely.area(cut) / shapely.area(hexagons)
    return coverage


def _count_customers(
    pairs: pd.DataFrame,
    shapes: NDArray[np.object_],
    customers: pd.DataFrame | None,
    resolution: int,
) -> pd.DataFrame:
    """Pairs with customers (in the cell), held (by the area) and unheld (by no area).

    Only customers of cells that a border crosses are tested against shapes.
    """
    if customers is None or customers.empty:
        return pairs.assign(customers=0, held=0, unheld=0)
    points = _points(customers, resolution)
    total = pairs["cell_id"].map(points["cell_id"].value_counts()).fillna(0).to_numpy(np.int64)
    border = pairs[~pairs["inside"] & (total > 0)][["cell_id", "area"]].reset_index(names="pair")
    near = points[points["cell_id"].isin(border["cell_id"])].reset_index(names="point")
    tests = border.merge(near, on="cell_id")
    hits = tests[_is_in_shape(tests, shapes)]
    held = np.bincount(hits["pair"], minlength=len(pairs))
    taken = hits.drop_duplicates("point")["cell_id"].value_counts()
    whole = pairs["cell_id"].isin(pairs.loc[pairs["inside"], "cell_id"])
    unheld = np.where(whole, 0, total - pairs["cell_id"].map(taken).fillna(0).to_numpy(np.int64))
    return pairs.assign(customers=total, held=np.where(pairs["inside"], total, held), unheld=unheld)


def _points(customers: pd.DataFrame, resolution: int) -> pd.DataFrame:
    lon, lat = (customers[axis].to_numpy(np.float64, na_value=np.nan) for axis in ("lon", "lat"))
    return pd.DataFrame({"cell_id": points_to_cells(lon, lat, resolution), "lon": lon, "lat": lat})


def _is_in_shape(tests: pd.DataFrame, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each test's point (lon, lat) lies in its area, borders included."""
    found = np.zeros(len(tests), dtype=bool)
    lon, lat, areas = (tests[name].to_numpy() for name in ("lon", "lat", "area"))
    order = np.argsort(areas, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(areas[order])) + 1):
        if len(rows):
            shape = shapes[areas[rows[0]]]
            shapely.prepare(shape)
            found[rows] = shapely.intersects_xy(shape, lon[rows], lat[rows])
    return found


def _winners(pairs: pd.DataFrame, shapes: NDArray[np.object_]) -> pd.DataFrame:
    """The pairs that claim their cell, with share and basis."""
    lived_in = pairs["customers"] > 0
    share = pairs["coverage"].where(~lived_in, pairs["held"] / pairs["customers"].clip(lower=1))
    rated = pairs.assign(share=share, basis=np.where(lived_in, BY_CUSTOMERS, BY_AREA))
    majority = rated[rated["share"] > _HALF + _ROUNDING]
    open_cells = rated[~rated["cell_id"].isin(majority["cell_id"])]
    order = ["cell_id", "share", "coverage", "area"]
    ranked = open_cells.sort_values(order, ascending=[True, False, False, True])
    best = ranked.drop_duplicates("cell_id")
    beaten = best["held"] < best["unheld"].clip(lower=1)
    bare = ~best["cell_id"].isin(_half_covered(open_cells, shapes))
    lost = beaten.where(best["basis"] == BY_CUSTOMERS, bare)
    return pd.concat([majority, best[~lost]])


def _half_covered(pairs: pd.DataFrame, shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Cells without customers of which the areas together cover at least half."""
    empty = pairs[pairs["customers"] == 0]
    sums = empty.groupby("cell_id")["coverage"].agg(["sum", "size"])
    enough = sums[sums["sum"] >= _HALF - _ROUNDING]
    several = enough.index[enough["size"] > 1].to_numpy()
    cell, area = (empty[name].to_numpy() for name in ("cell_id", "area"))
    joint = [
        shapely.union_all(shapely.intersection(shapes[area[cell == one]], hexagon)).area
        >= (_HALF - _ROUNDING) * hexagon.area
        for one, hexagon in zip(several, boundaries(several), strict=True)
    ]
    alone = enough.index[enough["size"] == 1].to_numpy()
    return np.append(alone, several[np.array(joint, dtype=bool)])


def _keep_thin(claims: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The claims, with one cell for each area that won none."""
    thin = pairs[~pairs["area"].isin(claims["area"])]
    order = ["held", "coverage", "area", "cell_id"]
    ranked = thin.sort_values(order, ascending=[False, False, True, True])
    taken, shared = _share_out(ranked, claims)
    wins = pd.concat([taken, shared]).merge(pairs, on=["area", "cell_id"])
    kept = claims[~claims["cell_id"].isin(taken["cell_id"])]
    return pd.concat([kept, wins.assign(share=wins["coverage"], basis=THIN)])


def _share_out(wishes: pd.DataFrame, claims: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs whose area takes the cell, and pairs whose area must share it, best wishes first."""
    owners: dict[int, list[int]] = {}
    cells_left: dict[int, int] = {}
    for cell, owner in zip(claims["cell_id"].tolist(), claims["area"].tolist(), strict=True):
        owners.setdefault(cell, []).append(owner)
        cells_left[owner] = cells_left.get(owner, 0) + 1
    won: dict[int, int] = {}
    gone: set[int] = set()
    for cell, area in zip(wishes["cell_id"].tolist(), wishes["area"].tolist(), strict=True):
        losers = owners.get(cell, [])
        if area in won or cell in gone or not all(cells_left[owner] > 1 for owner in losers):
            continue
        won[area] = cell
        gone.add(cell)
        for owner in losers:
            cells_left[owner] -= 1
    taken = pd.DataFrame({"area": [*won], "cell_id": [*won.values()]}, dtype=np.int64)
    without = wishes[~wishes["area"].isin(taken["area"])]
    return taken, without.drop_duplicates("area")[["area", "cell_id"]]
