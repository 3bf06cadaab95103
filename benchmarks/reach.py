"""The best three of 70 halls for a million customers at once, and for one, beside naive ways.

Ours travels the streets, waits at doors and in queues, and leaves out halls that cannot do the
matter. Peers: the same by scipy's Dijkstra over the whole network from every hall; the nearest hall
as the crow flies for each customer, by DuckDB and by scipy's cdist (they know neither streets nor
doors: `different` counts the customers whom they send elsewhere); for one customer scipy's Dijkstra
out of its home. Streets as in travel_time.py. `equal`: the same best hall for every customer.
"""

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import numpy as np
import pandas as pd
from comparison import Row, arguments, in_turn, installed, rounds_of, show
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist
from travel_time import streets

from grid_cells.cells import points_to_cells
from grid_cells.hall_choice import Best, best, doors
from grid_cells.streets import StreetGraph, build_graph, snap
from grid_cells.travel_time import cell_origins, matrix

HALLS, MANY, FEW = 70, 1_000_000, 100_000
WALK_MIN_A_M = 0.012
"""Minutes a metre between a place and its street, at 5 km/h."""
_AT = datetime(2026, 7, 16, 2, tzinfo=UTC)
_HOURS = (
    "Mo-Fr 08:30-17:30; Sa 09:00-16:00",
    "Mo-Fr 09:00-12:00,14:00-17:00",
    "24/7",
    "Sa 09:00-12:00",
)


def people(graph: StreetGraph, count: int, seed: int) -> pd.DataFrame:
    """Customers along the streets: cell_id, lon, lat."""
    random = np.random.default_rng(seed)
    node = random.integers(0, len(graph.lon), count)
    lon = graph.lon[node] + random.normal(0, 0.0006, count)
    lat = graph.lat[node] + random.normal(0, 0.0006, count)
    return pd.DataFrame({"cell_id": points_to_cells(lon, lat, 9), "lon": lon, "lat": lat})


def halls_of(graph: StreetGraph, seed: int) -> pd.DataFrame:
    """Halls with their doors of a Thursday at ten, waits (a fifth unknown) and whether they can."""
    random = np.random.default_rng(seed + 1)
    node = random.choice(len(graph.lon), HALLS, replace=False)
    held = {one: doors(one, None, _AT, "Asia/Shanghai") for one in _HOURS}
    spans = [held[one] for one in random.choice(_HOURS, HALLS)]
    wait = np.where(random.random(HALLS) < 0.2, np.nan, random.gamma(2.0, 6.0, HALLS))
    can = pd.Series([bool(one) for one in random.random(HALLS) < 0.8], dtype=object)
    return pd.DataFrame(
        {"lon": graph.lon[node], "lat": graph.lat[node], "spans": pd.Series(spans, dtype=object),
         "wait_min": wait, "can": can}
    )  # fmt: skip


def everybody(graph: StreetGraph, customers: pd.DataFrame, halls: pd.DataFrame) -> np.ndarray:
    """Best three halls of every customer (rows), by the middle of its cell."""
    origins = cell_origins(customers)
    found = best(matrix(graph, origins, halls, "to_source"), halls)
    return found.which[np.searchsorted(origins["cell_id"], customers["cell_id"])]


def by_scipy(
    graph: StreetGraph, against: csr_array, customers: pd.DataFrame, halls: pd.DataFrame
) -> np.ndarray:
    """The same question by one plain search from every hall over all streets, against them."""
    origins = cell_origins(customers)
    nodes, access = snap(graph, halls["lon"], halls["lat"])
    homes, way = snap(graph, origins["lon"], origins["lat"])
    minutes = dijkstra(against, indices=nodes)[:, homes]
    total = minutes.T + (access[None, :] + way[:, None]) * WALK_MIN_A_M
    found = best(np.where(np.isfinite(total), total, np.nan), halls)
    return found.which[np.searchsorted(origins["cell_id"], customers["cell_id"])]


def one(graph: StreetGraph, customer: pd.DataFrame, halls: pd.DataFrame) -> Best:
    """Best three halls of one customer: one search out of its home."""
    return best(matrix(graph, halls, customer, "from_source").T, halls)


def by_duckdb(customers: pd.DataFrame, halls: pd.DataFrame) -> np.ndarray:
    """Row of the hall nearest as the crow flies, by a cross join."""
    connection = duckdb.connect()
    connection.register("c", customers.assign(n=np.arange(len(customers))))
    connection.register("h", halls[["lon", "lat"]].assign(hall=np.arange(len(halls))))
    way = (
        "pow(sin(radians(h.lat - c.lat) / 2), 2) + cos(radians(c.lat)) * cos(radians(h.lat))"
        " * pow(sin(radians(h.lon - c.lon) / 2), 2)"
    )
    rows = connection.execute(
        f"SELECT arg_min(hall, {way}) AS hall FROM c, h GROUP BY n ORDER BY n"
    ).fetchnumpy()
    return np.asarray(rows["hall"])


def by_cdist(customers: pd.DataFrame, halls: pd.DataFrame) -> np.ndarray:
    """The same by all distances at once, in parts that fit the memory."""
    scale = np.array([np.cos(np.radians(halls["lat"].mean())), 1.0])
    there = halls[["lon", "lat"]].to_numpy() * scale
    here = customers[["lon", "lat"]].to_numpy() * scale
    return np.concatenate([cdist(part, there).argmin(axis=1) for part in np.array_split(here, 20)])


def from_home(graph: StreetGraph, customer: pd.DataFrame, halls: pd.DataFrame) -> Best:
    """The same of one customer by one plain search out of the home over all streets."""
    nodes, access = snap(graph, halls["lon"], halls["lat"])
    home, way = snap(graph, customer["lon"], customer["lat"])
    found = dijkstra(graph.minutes, indices=home[0])[nodes]
    total = found + (access + way[0]) * WALK_MIN_A_M
    return best(np.where(np.isfinite(total), total, np.nan)[None, :], halls)


def main() -> None:
    """Print both cases."""
    asked = arguments(__doc__ or "").parse_args()
    name, edges = streets(asked.input, asked.seed, quick=asked.quick)
    graph = build_graph(edges)
    customers = people(graph, FEW if asked.quick else MANY, asked.seed)
    halls = halls_of(graph, asked.seed)
    where = f"{len(customers):,} customers, {HALLS} halls, {name} ({len(graph.lon):,} nodes)"
    rows = [*_many(where, graph, customers, halls), _single(graph, customers, halls)]
    show("reach", rows, installed("numpy", "scipy", "duckdb"), as_json=asked.json)


def _many(
    where: str, graph: StreetGraph, customers: pd.DataFrame, halls: pd.DataFrame
) -> list[Row]:
    names = (
        "scipy dijkstra from every hall",
        "DuckDB, crow's nearest",
        "scipy cdist, crow's nearest",
    )
    against = csr_array(graph.minutes.T.tocsr())
    ours, *peers = in_turn(
        lambda: everybody(graph, customers, halls),
        lambda: by_scipy(graph, against, customers, halls),
        lambda: by_duckdb(customers, halls),
        lambda: by_cdist(customers, halls),
    )
    first = ours.result[:, 0]
    rows = []
    for name, peer in zip(names, peers, strict=True):
        theirs = peer.result if peer.result.ndim == 1 else peer.result[:, 0]
        different = int((theirs != first).sum())
        more = {"goal": "≤ 20 s", "different": different, **rounds_of(ours=ours, peer=peer)}
        rows.append(Row(where, ours.seconds, peer.seconds, name, None, different == 0, more))
    alone = _is_equal(graph, customers, halls)
    return [replace(rows[0], more=rows[0].more | {"asked alone the same": alone}), *rows[1:]]


def _single(graph: StreetGraph, customers: pd.DataFrame, halls: pd.DataFrame) -> Row:
    home = customers.iloc[:1]
    ours, peer = in_turn(lambda: one(graph, home, halls), lambda: from_home(graph, home, halls))
    same = bool(np.array_equal(ours.result.which, peer.result.which))
    return Row(
        "one customer", ours.seconds, peer.seconds, "scipy dijkstra from the home", None,
        same, {"goal": "≤ 0.05 s", **rounds_of(ours=ours, peer=peer)},
    )  # fmt: skip


def _is_equal(graph: StreetGraph, customers: pd.DataFrame, halls: pd.DataFrame) -> bool:
    """Twenty cells asked alone from their middles."""
    origins = cell_origins(customers)
    some = origins.iloc[np.linspace(0, len(origins) - 1, 20).astype(int)]
    at_once = best(matrix(graph, some, halls, "to_source"), halls)
    alone = [one(graph, some.iloc[[row]], halls) for row in range(len(some))]
    return all(
        np.array_equal(at_once.which[row], found.which[0]) for row, found in enumerate(alone)
    )


if __name__ == "__main__":
    main()
