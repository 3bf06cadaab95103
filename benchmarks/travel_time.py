"""Minutes to the nearest of 70 halls and the full matrix, beside networkx and pandana.

The ceiling is scipy's Dijkstra call alone on the whole network; ours searches a shortened one.
Streets: --input any file the streets loader reads that states its datum; else those of Xi'an
under $GRIDCELLS_REAL_DATA; else a grid by --seed.
"""

import os
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from comparison import Row, arguments, in_turn, installed, rounds_of, show, timed
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from grid_cells.distance import distance_m
from grid_cells.streets import StreetGraph, build_graph, edge_minutes
from grid_cells.travel_time import matrix, nearest, spread
from loaders.contract import LoadOptions
from loaders.streets import load_streets

HALLS = 70
_XIAN = "xian_roads/xian_roads_shp.zip"


def streets(given: str | None, seed: int, *, quick: bool) -> tuple[str, pd.DataFrame]:
    """Where the streets come from, and their pieces."""
    real = os.environ.get("GRIDCELLS_REAL_DATA")
    if given is None and real and (Path(real) / _XIAN).exists():
        given = str(Path(real) / _XIAN)
    if given is not None:
        return Path(given).stem, load_streets(Path(given), LoadOptions()).frame
    return f"grid by seed {seed}", made_up(seed, 120 if quick else 300)


def made_up(seed: int, side: int) -> pd.DataFrame:
    """A crooked grid of side x side crossings 200 m apart, a fifth of its streets one-way."""
    random = np.random.default_rng(seed)
    at = np.arange(side * side).reshape(side, side)
    place = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1) * 0.002
    place = (place + random.normal(0, 0.0004, place.shape)).reshape(-1, 2) + np.array([108.6, 34.0])
    start = np.concatenate((at[:, :-1].ravel(), at[:-1].ravel()))
    end = np.concatenate((at[:, 1:].ravel(), at[1:].ravel()))
    kept = random.random(len(start)) < 0.92
    start, end = start[kept], end[kept]
    classes = random.choice(["residential", "tertiary", "secondary", "primary"], len(start))
    oneway = np.where(random.random(len(start)) < 0.2, "forward", "both")
    pieces = _pieces(place[start], place[end], start, end)
    return pieces.assign(highway=classes, oneway=oneway, maxspeed_kmh=np.nan)


def _pieces(
    start: np.ndarray, end: np.ndarray, from_node: np.ndarray, to_node: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame({
        "from_node": from_node, "to_node": to_node,
        "from_lon": start[:, 0], "from_lat": start[:, 1],
        "to_lon": end[:, 0], "to_lat": end[:, 1],
        "length_m": distance_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1]),
    })  # fmt: skip


def as_networkx(graph: StreetGraph, edges: pd.DataFrame) -> nx.MultiDiGraph:
    """The streets as osmnx gives them to networkx: each piece an edge a direction, with minutes."""
    start = np.searchsorted(graph.node_ids, edges["from_node"]).tolist()
    end = np.searchsorted(graph.node_ids, edges["to_node"]).tolist()
    minutes, oneway = edge_minutes(edges).tolist(), edges["oneway"].tolist()
    theirs = nx.MultiDiGraph()
    theirs.add_nodes_from(range(len(graph.node_ids)))
    for a, b, cost, way in zip(start, end, minutes, oneway, strict=True):
        if way != "backward":
            theirs.add_edge(a, b, travel_time=cost)
        if way != "forward":
            theirs.add_edge(b, a, travel_time=cost)
    return theirs


def compared(ours: np.ndarray, theirs: np.ndarray, tolerance_min: float = 1e-6) -> dict[str, float]:
    """How many minutes differ, and by how much at most; unreachable must be so for both."""
    same_reach = np.isfinite(ours) == np.isfinite(theirs)
    both = np.isfinite(ours) & np.isfinite(theirs)
    gap = np.abs(ours[both] - theirs[both])
    different = int((~same_reach).sum() + (gap > tolerance_min).sum())
    return {"different": different, "largest_difference_min": float(gap.max(initial=0))}


def nearest_beside_networkx(
    graph: StreetGraph, halls: np.ndarray, theirs: nx.MultiDiGraph
) -> list[Row]:
    """Customers go to the hall: both search backwards from all halls at once.

    Ours says minutes and which hall, for which networkx has `multi_source_dijkstra`; its
    `..._path_length` says minutes only.
    """
    against = csr_array(graph.minutes.T.tocsr())
    backwards, sources = theirs.reverse(), set(halls.tolist())
    case = f"of {len(halls)} halls, {len(graph.node_ids):,} nodes"

    def both() -> tuple[dict[int, float], dict[int, list[int]]]:
        return nx.multi_source_dijkstra(backwards, sources, weight="travel_time")

    def minutes_only() -> dict[int, float]:
        return nx.multi_source_dijkstra_path_length(backwards, sources, weight="travel_time")

    ours, ceiling, whole, short = in_turn(
        lambda: spread(graph, halls, "to_source"),
        lambda: dijkstra(against, indices=halls, min_only=True),
        both,
        minutes_only,
    )
    minutes, which = ours.result
    found, paths = whole.result
    nodes = np.fromiter(paths, dtype=np.int64)
    same_hall = halls[which[nodes]] == [path[0] for path in paths.values()]
    more = compared(minutes, _table(found, len(minutes))) | {"other_hall": int((~same_hall).sum())}
    less = compared(minutes, _table(short.result, len(minutes)))
    return [
        Row(
            name, ours.seconds, peer.seconds, "networkx", ceiling.seconds,
            result["different"] == 0, result | rounds_of(ours=ours, peer=peer),
        )
        for name, peer, result in (
            (f"nearest and minutes {case}", whole, more),
            (f"minutes only {case}", short, less),
        )
    ]  # fmt: skip


def _table(found: dict[int, float], count: int) -> np.ndarray:
    minutes = np.full(count, np.inf)
    minutes[list(found)] = list(found.values())
    return minutes


def nearest_beside_pandana(graph: StreetGraph, halls: np.ndarray) -> Row:
    """Its network is contracted and its halls are set beforehand; only the question is timed.

    It searches as far as the farthest node, which it is told, and no farther.
    """
    case = f"nearest of {len(halls)} halls, {len(graph.node_ids):,} nodes"
    try:
        import pandana  # noqa: PLC0415
    except ImportError as error:
        return Row(case, None, None, "pandana", None, None, {"missing": str(error)})
    edges = graph.minutes.tocoo()
    start, end = edges.coords
    weights = pd.DataFrame({"seconds": 60 * edges.data})  # it keeps thousandths of what it is given
    network = pandana.Network(
        pd.Series(graph.lon), pd.Series(graph.lat), pd.Series(start), pd.Series(end), weights,
        twoway=False,
    )  # fmt: skip
    places = pd.Series(graph.lon[halls]), pd.Series(graph.lat[halls])
    minutes = spread(graph, halls, "to_source")[0]
    # whole seconds: pandana rounds what is kept and what is asked in two ways, and refuses more
    reach_s = float(np.ceil(60 * minutes[np.isfinite(minutes)].max())) + 60
    network.set_pois("hall", reach_s, 1, *places)
    ours, peer = in_turn(
        lambda: spread(graph, halls, "to_source"),
        lambda: network.nearest_pois(reach_s, "hall", num_pois=1),
    )
    seconds = peer.result[1].reindex(network.node_ids).to_numpy(dtype=np.float64)
    theirs = np.where(seconds >= reach_s, np.inf, seconds / 60)
    more = compared(ours.result[0], theirs, 0.01) | rounds_of(ours=ours, peer=peer)
    return Row(case, ours.seconds, peer.seconds, "pandana", None, more["different"] == 0, more)


def matrix_beside_networkx(graph: StreetGraph, halls: np.ndarray, theirs: nx.MultiDiGraph) -> Row:
    """Crews go to customers: every node from each of the sources, ours through places."""
    places = pd.DataFrame({"lon": graph.lon, "lat": graph.lat})
    sources = places.iloc[halls]

    def one_by_one() -> np.ndarray:
        table = np.full((len(places), len(halls)), np.inf)
        for column, hall in enumerate(halls.tolist()):
            found = nx.single_source_dijkstra_path_length(theirs, hall, weight="travel_time")
            table[list(found), column] = list(found.values())
        return table

    ours, peer, ceiling = in_turn(
        lambda: matrix(graph, places, sources, "from_source"),
        one_by_one,
        lambda: dijkstra(graph.minutes, indices=halls),
        rounds=3,
    )
    more = compared(np.where(np.isnan(ours.result), np.inf, ours.result), peer.result)
    case = f"matrix {len(places):,} nodes x {len(halls)} sources"
    return Row(
        case, ours.seconds, peer.seconds, "networkx", ceiling.seconds, more["different"] == 0,
        more | rounds_of(ours=ours, peer=peer),
    )  # fmt: skip


def places_to_halls(graph: StreetGraph, halls: np.ndarray, seed: int) -> Row:
    """The whole way in use: snap places to streets, walk there, go, walk in."""
    random = np.random.default_rng(seed)
    at = random.choice(len(graph.node_ids), 50_000)
    places = pd.DataFrame({"lon": graph.lon[at], "lat": graph.lat[at]})
    places += random.normal(0, 0.001, places.shape)
    sources = pd.DataFrame({"lon": graph.lon[halls], "lat": graph.lat[halls]})
    (ours,) = in_turn(lambda: nearest(graph, places, sources, "to_source"))
    more = {"unreachable_places": int(ours.result["travel_time_min"].isna().sum())}
    case = f"snap and nearest, {len(places):,} places"
    return Row(case, ours.seconds, None, "none", None, None, more | rounds_of(ours=ours))


def main() -> None:
    given = arguments(__doc__ or "").parse_args()
    name, edges = streets(given.input, given.seed, quick=given.quick)
    graph, build_s = timed(lambda: build_graph(edges))
    random = np.random.default_rng(given.seed)
    halls = np.sort(random.choice(len(graph.node_ids), HALLS, replace=False))
    print(f"{name}: {len(edges):,} pieces, graph built in {build_s:.2f} s")
    theirs = as_networkx(graph, edges)
    rows = [
        *nearest_beside_networkx(graph, halls, theirs),
        nearest_beside_pandana(graph, halls),
        matrix_beside_networkx(graph, halls[: 2 if given.quick else 20], theirs),
        places_to_halls(graph, halls, given.seed),
    ]
    versions = installed("scipy", "networkx", "pandana", "numpy")
    show("travel_time", rows, versions, as_json=given.json)


if __name__ == "__main__":
    main()
