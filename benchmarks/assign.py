"""Customers to cells and service areas, beside h3-py, h3pandas and geopandas.

The ceiling is h3ronpy's call alone, one thread. `equal`: cell by cell; for areas, customer by
customer where no border runs through the customer's cell (a cell is one area's, so that customers
on borders may differ: they are counted). Input: a made-up city by --seed, or --input FILE.csv with
columns lon, lat.
"""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import shapely
from comparison import Row, Timing, arguments, in_turn, installed, rounds_of, show, timed
from h3ronpy.vector import coordinates_to_cells

from grid_cells.assignment import assign_customers
from grid_cells.cells import boundaries, points_to_cells
from grid_cells.polygons import claim_cells

RESOLUTION = 9
CENTRE = (108.95, 34.26)


def city(seed: int, count: int) -> pd.DataFrame:
    """Customers of a dense core, suburbs and villages: customer_no, lon, lat."""
    random = np.random.default_rng(seed)
    middles = random.normal(CENTRE, (0.15, 0.12), (400, 2))
    spread = random.uniform(0.001, 0.02, 400)
    home = random.choice(400, count, p=random.dirichlet(np.full(400, 0.6)))
    places = random.normal(middles[home], spread[home, None])
    numbers = pd.Series(np.arange(count), dtype="str").str.zfill(10)
    return pd.DataFrame({"customer_no": numbers, "lon": places[:, 0], "lat": places[:, 1]})


def draw_areas(seed: int, customers: pd.DataFrame, count: int) -> gpd.GeoDataFrame:
    """Service areas that fill the town, with borders as winding as streets: area_id, geometry."""
    random = np.random.default_rng(seed + 1)
    rows = random.choice(len(customers), count, replace=False)
    seeds = shapely.MultiPoint(customers[["lon", "lat"]].to_numpy()[rows])
    town = shapely.box(*np.quantile(customers[["lon", "lat"]], [0.01, 0.99], axis=0).ravel())
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=town))
    shapes = shapely.segmentize(shapely.intersection(cells, town), 0.0005)
    shapes = shapely.transform(shapes, _wind)
    names = [f"E-{number:03d}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"area_id": names}, geometry=shapes, crs=4326)


def _wind(points: np.ndarray) -> np.ndarray:
    return points + 0.0004 * np.sin(points[:, ::-1] * 2500)


def against_h3(customers: pd.DataFrame) -> Row:
    lon, lat = customers["lon"].to_numpy(), customers["lat"].to_numpy()
    ours, peer, ceiling = in_turn(
        lambda: points_to_cells(lon, lat, RESOLUTION),
        lambda: _by_h3(lat, lon),
        lambda: np.asarray(coordinates_to_cells(lat, lon, RESOLUTION)),
    )
    different = int((ours.result != peer.result).sum())
    return Row(
        _case("points → cells", customers), ours.seconds, peer.seconds, "h3", ceiling.seconds,
        different == 0, {"different": different, **_speeds(len(customers), ours, peer, ceiling)},
    )  # fmt: skip


def _by_h3(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    pairs = zip(lat.tolist(), lon.tolist(), strict=True)
    return np.array([h3.latlng_to_cell(y, x, RESOLUTION) for y, x in pairs], dtype=np.int64)


def against_h3pandas(customers: pd.DataFrame) -> Row:
    case = _case("points → cells", customers)
    try:
        import h3pandas  # noqa: F401, PLC0415 - it hangs itself onto pandas
    except ImportError as error:
        return Row(case, None, None, "h3pandas", None, None, {"missing": str(error)})
    lon, lat = customers["lon"].to_numpy(), customers["lat"].to_numpy()
    frame = pd.DataFrame({"lng": lon, "lat": lat})
    ours, peer = in_turn(
        lambda: points_to_cells(lon, lat, RESOLUTION), lambda: frame.h3.geo_to_h3(RESOLUTION)
    )
    found = np.array([int(text, 16) for text in peer.result.index], dtype=np.int64)
    different = int((found != ours.result).sum())
    more = {"different": different, **_speeds(len(customers), ours, peer)}
    return Row(case, ours.seconds, peer.seconds, "h3pandas", None, different == 0, more)


def against_sjoin(customers: pd.DataFrame, areas: gpd.GeoDataFrame) -> Row:
    """Lon, lat to the areas of a plan; a cell is one area's, so customers on borders differ."""
    claims, claim_s = timed(lambda: claim_cells(pd.DataFrame(areas), customers, RESOLUTION))
    plan = claims.assign(transformer_id=pd.Series(None, index=claims.index, dtype="str"))
    unlinked = customers.assign(transformer_id=pd.Series(None, index=customers.index, dtype="str"))
    lon, lat = customers["lon"].to_numpy(), customers["lat"].to_numpy()

    def assigned() -> pd.DataFrame:
        placed = unlinked.assign(cell_id=points_to_cells(lon, lat, RESOLUTION))
        return assign_customers(placed, basis="cell", claims=plan)

    def joined() -> gpd.GeoDataFrame:
        points = gpd.GeoDataFrame(customers, geometry=gpd.points_from_xy(lon, lat), crs=4326)
        return gpd.sjoin(points, areas, how="left", predicate="within")

    ours, peer, ceiling = in_turn(
        assigned, joined, lambda: np.asarray(coordinates_to_cells(lat, lon, RESOLUTION))
    )
    theirs = peer.result[~peer.result.index.duplicated()]["area_id"].fillna("").to_numpy()
    differs = ours.result["area_id"].fillna("").to_numpy() != theirs
    off_border = int((differs & ~_on_border(lon, lat, areas)).sum())
    more = {
        "different": int(differs.sum()),
        "different_share": float(differs.mean()),
        "different_off_border": off_border,
        "claiming_cells_once_s": claim_s,
        **_speeds(len(customers), ours, peer, ceiling),
    }
    case = _case(f"customers → {len(areas)} areas", customers)
    seconds = ours.seconds, peer.seconds
    return Row(case, *seconds, "geopandas sjoin", ceiling.seconds, off_border == 0, more)


def _on_border(lon: np.ndarray, lat: np.ndarray, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Whether a border of an area runs through the customer's cell."""
    cells, at = np.unique(points_to_cells(lon, lat, RESOLUTION), return_inverse=True)
    borders = shapely.STRtree(areas.boundary.to_numpy())
    crossed = np.zeros(len(cells), dtype=bool)
    crossed[borders.query(boundaries(cells), predicate="intersects")[0]] = True
    return crossed[at]


def _case(what: str, customers: pd.DataFrame) -> str:
    return f"{what}, {len(customers):,} customers"


def _speeds(
    count: int, ours: Timing[Any], peer: Timing[Any], ceiling: Timing[Any] | None = None
) -> dict[str, Any]:
    speeds = {
        "customers_per_s": round(count / ours.seconds),
        "peer_customers_per_s": round(count / peer.seconds),
        **rounds_of(ours=ours, peer=peer),
    }
    if ceiling is not None:
        speeds["share_of_ceiling"] = round(ceiling.seconds / ours.seconds, 3)
    return speeds


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--areas", type=int, default=200)
    given = parser.parse_args()
    count = min(given.customers, 200_000) if given.quick else given.customers
    customers = pd.read_csv(given.input) if given.input else city(given.seed, count)
    if "customer_no" not in customers:
        customers["customer_no"] = pd.Series(customers.index, dtype="str")
    areas = draw_areas(given.seed, customers, min(given.areas, len(customers)))
    works: list[Callable[[], Row]] = [
        lambda: against_h3(customers),
        lambda: against_h3pandas(customers),
        lambda: against_sjoin(customers, areas),
    ]
    versions = installed("h3ronpy", "h3", "h3pandas", "geopandas", "shapely", "pandas", "numpy")
    show("assign", [work() for work in works], versions, as_json=given.json)


if __name__ == "__main__":
    main()
