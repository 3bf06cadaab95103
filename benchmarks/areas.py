"""Balanced service areas, beside GerryChain, spopt and METIS alone.

A round city of cells, dense in the middle, by --seed; and the block groups of Arkansas, a
GerryChain graph: --input FILE.json.gz, else that under $GRIDCELLS_REAL_DATA. Ours is the median
of ten seeds. The ceiling is METIS alone. `equal`: both within 5 % and every area in one piece. A
peer runs in a process of its own and is stopped after --limit seconds.
"""

import gzip
import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pymetis
from comparison import Row, arguments, installed, show, timed

from grid_cells.area_wishes import Wishes
from grid_cells.balance import weigh
from grid_cells.proposal import propose
from grid_cells.repair import Limits, repair
from grid_cells.unit_graph import UnitGraph, graph_of_cells, touching_matrix

TOLERANCE = 0.05
SEEDS = 10
RECOM_STEPS = 200
_ARKANSAS = "districting/05_bg_census_consolidated.json.gz"

Answer = dict[str, Any]
"""What a peer gives: labels as a list (or none and why), and seconds."""


@dataclass(frozen=True)
class Case:
    name: str
    graph: UnitGraph
    areas: int

    @property
    def targets(self) -> np.ndarray:
        return np.full(self.areas, self.graph.weight.sum() / self.areas)


def city(cells: int, areas: int, seed: int) -> Case:
    """Cells of a round city, dense in the middle, some of them empty; none outweighs an area."""
    middle, names, ring = h3.latlng_to_cell(34.26, 108.95, 9), list[str](), 0
    while len(names) < cells:
        names += sorted(h3.grid_ring(middle, ring))
        ring += 1
    random = np.random.default_rng(seed)
    ids = np.array([h3.str_to_int(name) for name in names[:cells]], dtype=np.int64)
    density = np.exp(-4 * np.sqrt(np.arange(cells) / cells))
    weight = np.round(300 * density * random.lognormal(0, 1, cells))
    weight[random.random(cells) < 0.1] = 0
    weight = np.minimum(weight, np.floor(0.8 * weight.sum() / areas))
    return Case(f"city of {cells:,} cells → {areas}", graph_of_cells(ids, weight), areas)


def arkansas(path: Path, areas: int) -> Case:
    """Block groups with their people, as GerryChain's documentation has them."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        given = json.load(file)
    at = {node["id"]: place for place, node in enumerate(given["nodes"])}
    pairs = sorted({
        tuple(sorted((place, at[other["id"]])))
        for place, others in enumerate(given["adjacency"])
        for other in others
    })  # fmt: skip
    left, right = np.array(pairs, dtype=np.int64).T
    lon, lat = (np.array([float(n[f"INTPT{a}20"]) for n in given["nodes"]]) for a in ("LON", "LAT"))
    people = np.array([n["tot_pop_20"] for n in given["nodes"]], dtype=np.float64)
    x, y = (lon - lon.mean()) * 91_000, (lat - lat.mean()) * 111_000
    graph = UnitGraph(people, left, right, np.ones(len(left)), x, y)
    return Case(f"Arkansas, {len(people):,} block groups → {areas}", graph, areas)


def gerrychain(case: Case, seed: int) -> Answer:
    """A seed plan by recursive_tree_part and 200 steps of ReCom; the plan with the least border.

    The chain's steps are balanced and in one piece by the proposal; the seed plan stands apart.
    """
    import networkx as nx  # noqa: PLC0415
    from gerrychain import Graph, MarkovChain, Partition  # noqa: PLC0415
    from gerrychain.accept import always_accept  # noqa: PLC0415
    from gerrychain.constraints import contiguous  # noqa: PLC0415
    from gerrychain.proposals import recom  # noqa: PLC0415
    from gerrychain.updaters import Tally, cut_edges  # noqa: PLC0415

    plain = nx.Graph()
    weights = case.graph.weight.astype(int).tolist()
    plain.add_nodes_from((unit, {"people": people}) for unit, people in enumerate(weights))
    plain.add_edges_from(zip(case.graph.left.tolist(), case.graph.right.tolist(), strict=True))
    updaters = {"population": Tally("people", alias="population"), "cut_edges": cut_edges}
    target = sum(weights) / case.areas

    def seeded() -> Partition:
        return Partition.from_random_assignment(
            Graph.from_networkx(plain), case.areas, TOLERANCE, "people", updaters, rng=seed
        )

    first, seed_s = timed(seeded)
    chain = MarkovChain(
        partial(recom, pop_col="people", pop_target=target, epsilon=TOLERANCE),
        constraints=[contiguous],
        acceptance_fn=always_accept,
        initial_partition=first,
        total_steps=RECOM_STEPS,
        rng=seed,
    )
    best, chain_s = timed(lambda: min(chain, key=lambda plan: len(plan["cut_edges"])))
    seed_plan = {"labels": _labels(first), "seconds": seed_s}
    return {"labels": _labels(best), "seconds": seed_s + chain_s, "seed": seed_plan}


def _labels(partition: Any) -> list[int]:
    graph = partition.graph
    names = {graph.original_nx_node_id_for_internal_node_id(node): node for node in graph}
    return [partition.assignment[names[unit]] for unit in range(len(names))]


def _weights_and_frame(case: Case) -> tuple[Any, Any]:
    import geopandas as gpd  # noqa: PLC0415
    from libpysal.weights import W  # noqa: PLC0415

    graph = case.graph
    matrix = touching_matrix(graph)
    near = {u: matrix.indices[a:b].tolist() for u, (a, b) in enumerate(_spans(matrix.indptr))}
    frame = gpd.GeoDataFrame(
        {"people": graph.weight, "x": graph.x, "y": graph.y},
        geometry=gpd.points_from_xy(graph.x, graph.y),
    )
    return W(near, silence_warnings=True), frame


def _spans(begin: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True))


def spopt_ward(case: Case, seed: int) -> Answer:  # noqa: ARG001 - it draws nothing
    """Ward's clusters of places; spopt has no balance for it."""
    from spopt.region import WardSpatial  # noqa: PLC0415

    weights, frame = _weights_and_frame(case)
    model = WardSpatial(frame, weights, ["x", "y"], n_clusters=case.areas)
    _, seconds = timed(model.solve)
    return {"labels": np.asarray(model.labels_).astype(int).tolist(), "seconds": seconds}


def spopt_maxp(case: Case, seed: int) -> Answer:
    """As many regions as can be of at least 95 % of the target."""
    from spopt.region import MaxPHeuristic  # noqa: PLC0415

    np.random.seed(seed)  # noqa: NPY002 - what spopt draws from
    weights, frame = _weights_and_frame(case)
    least = (1 - TOLERANCE) * case.targets[0]
    model = MaxPHeuristic(frame, weights, ["x", "y"], "people", least)
    _, seconds = timed(model.solve)
    labels = np.unique(model.labels_, return_inverse=True)[1]
    return {"labels": labels.tolist(), "seconds": seconds}


def metis(case: Case, seed: int) -> Answer:
    matrix = touching_matrix(case.graph)
    adjacency = pymetis.CSRAdjacency(matrix.indptr, matrix.indices)
    weights = case.graph.weight.astype(np.int32)
    options = pymetis.Options(seed=seed, contig=1)

    def parted() -> Any:
        return pymetis.part_graph(case.areas, adjacency, vweights=weights, options=options)

    found, seconds = timed(parted)
    return {"labels": list(found.vertex_part), "seconds": seconds}


def in_a_process(peer: Callable[[Case, int], Answer], case: Case, seed: int, limit: int) -> Answer:
    """What the peer gives, or why it gave nothing."""
    near, far = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=_send, args=(far, peer, case, seed))
    child.start()
    far.close()
    try:
        answer = near.recv() if near.poll(limit) else {"missing": f"stopped after {limit} s"}
    except EOFError:
        answer = {"missing": "it ended without an answer"}
    child.kill()
    child.join()
    return answer


def _send(pipe: Any, peer: Callable[[Case, int], Answer], case: Case, seed: int) -> None:
    try:
        pipe.send(peer(case, seed))
    except Exception as error:
        pipe.send({"missing": f"{type(error).__name__}: {error}"})


def judged(case: Case, labels: np.ndarray, name: str) -> Answer:
    """Largest deviation, stray pieces and cut edges; areas beyond those asked for count as off."""
    areas = max(case.areas, int(labels.max()) + 1)
    targets = np.full(areas, case.targets[0])
    balance = weigh(case.graph, labels, targets, tolerance=TOLERANCE)
    return {
        f"{name}_areas": int((balance.units > 0).sum()),
        f"{name}_deviation": round(balance.largest_deviation, 4),
        f"{name}_stray_pieces": balance.stray_pieces,
        f"{name}_cut_edges": balance.cut_edges,
    }


def is_good(case: Case, labels: np.ndarray) -> bool:
    of = judged(case, labels, "x")
    is_even = of["x_deviation"] <= TOLERANCE + 1e-4 and of["x_areas"] == case.areas
    return bool(is_even and of["x_stray_pieces"] == 0)


def beside_peers(case: Case, peers: dict[str, Any], seed: int, limit: int) -> list[Row]:
    runs = [timed(lambda s=s: propose(case.graph, Wishes(case.areas), seed=seed + s))
            for s in range(SEEDS)]  # fmt: skip
    ours_s = float(np.median([seconds for _, seconds in runs]))
    plans = [plan.labels for plan, _ in runs]
    good = [is_good(case, labels) for labels in plans]
    mine = {
        "seeds_within_tolerance": f"{sum(good)} of {SEEDS}",
        "slowest_s": round(max(seconds for _, seconds in runs), 3),
        "cut_edges_median": float(np.median([plan.balance.cut_edges for plan, _ in runs])),
        "deviation_largest": round(max(plan.balance.largest_deviation for plan, _ in runs), 4),
    }
    ceiling = float(np.median([metis(case, seed + s)["seconds"] for s in range(SEEDS)]))
    rows = []
    for name, peer in peers.items():
        answer = in_a_process(peer, case, seed, limit)
        seeded = answer.pop("seed", None)
        if seeded is not None:
            rows.append(_row(case, f"{name.partition(' + ')[0]} plan", seeded, (ours_s, ceiling)))
        rows.append(_row(case, name, answer, (ours_s, ceiling)))
    return [replace(row, equal=row.equal and all(good), more=mine | row.more) for row in rows]


def _row(case: Case, name: str, answer: Answer, seconds: tuple[float, float]) -> Row:
    labels, peer_s = answer.pop("labels", None), answer.pop("seconds", None)
    equal = None
    if labels is not None:
        answer |= judged(case, np.array(labels), "peer")
        equal = is_good(case, np.array(labels))
    return Row(case.name, seconds[0], peer_s, name, seconds[1], equal, answer)


def after_an_edit(case: Case, seed: int) -> Row:
    """Fifteen cells at a border painted over and frozen: seconds until balanced again."""
    plan = propose(case.graph, Wishes(case.areas), seed=seed)
    random = np.random.default_rng(seed)
    seconds, further, good = list[float](), list[int](), list[bool]()
    for _ in range(SEEDS):
        labels, frozen = _painted(case.graph, plan.labels, random)
        limits = Limits(case.targets, TOLERANCE, frozen=frozen)
        mended, took = timed(lambda at=labels, terms=limits: repair(case.graph, at, terms))
        seconds.append(took)
        further.append(mended.moved_units)
        good.append(mended.is_within and bool(np.all(mended.labels[frozen] == labels[frozen])))
    more = {
        "back_within_tolerance": f"{sum(good)} of {SEEDS}",
        "slowest_s": round(max(seconds), 3),
        "further_units_median": float(np.median(further)),
    }
    name = f"{case.name}, repair after an edit"
    return Row(name, float(np.median(seconds)), None, "-", None, all(good), more)


def _painted(
    graph: UnitGraph, labels: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    borders = np.flatnonzero(labels[graph.left] != labels[graph.right])
    pair = random.choice(borders)
    near, blob = touching_matrix(graph), [int(graph.left[pair])]
    for unit in blob:
        around = near.indices[near.indptr[unit] : near.indptr[unit + 1]].tolist()
        blob += [other for other in around if other not in blob][: 15 - len(blob)]
    painted, frozen = labels.copy(), np.zeros(len(labels), dtype=bool)
    painted[blob], frozen[blob] = labels[graph.right[pair]], True
    return painted, frozen


def cases(given: Any) -> list[Case]:
    found = [city(4_915, 40, given.seed)]
    if not given.quick:
        found.append(city(49_438, 200, given.seed))
    real = os.environ.get("GRIDCELLS_REAL_DATA")
    path = given.input or (str(Path(real) / _ARKANSAS) if real else None)
    if path is None:
        print("Arkansas is left out: give --input FILE or set GRIDCELLS_REAL_DATA")
        return found
    return [*found, arkansas(Path(path), 35)]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--limit", type=int, default=None, help="seconds that a peer may take")
    given = parser.parse_args()
    limit = given.limit or (6 if given.quick else 600)
    peers = {
        "GerryChain seed + 200 ReCom": gerrychain,
        "spopt Ward": spopt_ward,
        "spopt MaxP": spopt_maxp,
        "METIS alone": metis,
    }
    rows = []
    for case in cases(given):
        rows += beside_peers(case, peers, given.seed, limit)
        rows.append(after_an_edit(case, given.seed))
    versions = installed("gerrychain", "spopt", "pymetis", "scipy", "networkx", "numpy")
    show("areas", rows, versions, as_json=given.json)


if __name__ == "__main__":
    main()
