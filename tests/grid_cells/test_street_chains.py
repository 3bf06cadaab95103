import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from grid_cells.street_chains import Chains, from_each, from_nearest, quickest, shorten, turned
from tests.laws import examples

Arc = tuple[int, int, float]


def network(arcs: list[Arc], nodes: int) -> csr_array:
    rows, columns, minutes = (np.array(part) for part in zip(*arcs, strict=True))
    return quickest(rows, columns, minutes.astype(float), nodes)


def both(a: int, b: int, minutes: float) -> list[Arc]:
    return [(a, b, minutes), (b, a, minutes)]


def reach(chains: Chains, *sources: int) -> list[float]:
    return from_nearest(chains, np.array(sources), np.zeros(len(sources)))[0].tolist()


# 0 and 4 are crossings, each with two dead ends; 1, 2, 3 bend the street between them
STAR_TO_STAR = [
    *both(5, 0, 1), *both(6, 0, 1), *both(4, 7, 1), *both(4, 8, 1),
    *both(0, 1, 2), *both(1, 2, 3), *both(2, 3, 4), *both(3, 4, 5),
]  # fmt: skip


def test_bends_lie_between_crossings_and_one_arc_stands_for_the_chain():
    chains = shorten(network(STAR_TO_STAR, 9))
    assert chains.bends.tolist() == [1, 2, 3]
    assert chains.crossings.tolist() == [0, 4, 5, 6, 7, 8]
    assert chains.arcs.toarray()[0, 1] == 2 + 3 + 4 + 5
    assert chains.to_ends.tolist() == [[2, 12], [5, 9], [9, 5]]


def test_minutes_of_bends_come_from_the_nearer_end():
    assert reach(shorten(network(STAR_TO_STAR, 9)), 5, 8) == [1, 3, 6, 6, 1, 0, 2, 2, 0]


def test_a_source_on_a_bend_reaches_its_own_chain_directly():
    assert reach(shorten(network(STAR_TO_STAR, 9)), 2) == [5, 3, 0, 4, 9, 6, 6, 10, 10]


def test_a_one_way_piece_bars_the_chain_in_one_direction_only():
    arcs = [arc for arc in STAR_TO_STAR if arc[:2] != (2, 1)]
    chains = shorten(network(arcs, 9))
    inf = float("inf")
    assert reach(chains, 0) == [0, 2, 5, 9, 14, 1, 1, 15, 15]
    assert reach(chains, 4) == [inf, inf, 9, 5, 0, inf, inf, 1, 1]
    assert reach(turned(chains), 4) == [14, 12, 9, 5, 0, 15, 15, 1, 1]
    assert reach(chains, 2) == [inf, inf, 0, 4, 9, inf, inf, 10, 10]


def test_a_ring_without_a_crossing_is_walked_both_ways_round():
    ring = [*both(0, 1, 1), *both(1, 2, 1), *both(2, 3, 1), *both(3, 0, 1)]
    chains = shorten(network(ring, 4))
    assert len(chains.crossings) == 1
    for start in range(4):
        expected = [min((start - node) % 4, (node - start) % 4) for node in range(4)]
        assert reach(chains, start) == expected


def test_a_loop_back_to_its_own_crossing_is_walked_both_ways_round():
    loop = [*both(3, 0, 7), *both(0, 1, 1), *both(1, 2, 1), *both(2, 0, 5)]
    chains = shorten(network(loop, 4))
    assert reach(chains, 2) == [2, 1, 0, 9]
    assert reach(chains, 3) == [7, 8, 9, 0]


def test_nodes_without_a_street_are_reached_only_from_themselves():
    chains = shorten(network([(0, 1, 1.0)], 3))
    assert reach(chains, 2) == [float("inf"), float("inf"), 0]
    empty = shorten(csr_array((2, 2)))
    assert reach(empty, 1) == [float("inf"), 0]


def test_minutes_at_the_start_count_and_sources_at_one_node_stay_apart():
    chains = shorten(network(STAR_TO_STAR, 9))
    minutes, which = from_nearest(chains, np.array([2, 2, 0]), np.array([3.0, 2.5, 0.0]))
    assert minutes.tolist() == [0, 2, 2.5, 6.5, 11.5, 1, 1, 12.5, 12.5]
    assert which.tolist() == [2, 2, 1, 1, 1, 2, 2, 1, 1]


def test_no_source_reaches_nothing():
    chains = shorten(network(STAR_TO_STAR, 9))
    minutes, which = from_nearest(chains, np.empty(0, np.int64), np.empty(0))
    assert np.isinf(minutes).all()
    assert (which == -1).all()


nodes_ = st.integers(0, 5)
ways = st.sampled_from(["there", "back", "both"])
streets = st.lists(st.tuples(nodes_, nodes_, st.lists(ways, min_size=1, max_size=5)), max_size=8)


@settings(max_examples=examples(150), deadline=None)
@given(
    drawn=streets,
    seed=st.integers(0, 1000),
    sources=st.lists(st.integers(0, 1000), min_size=1, max_size=4),
)
def test_the_shortened_network_answers_as_the_whole_one(
    drawn: list[tuple[int, int, list[str]]], seed: int, sources: list[int]
):
    random = np.random.default_rng(seed)
    arcs: list[Arc] = []
    nodes = 6
    for start, end, pieces in drawn:  # a street of several pieces, each with its own direction
        stops = [start, *range(nodes, nodes + len(pieces) - 1), end]
        nodes += len(pieces) - 1
        for a, b, way in zip(stops[:-1], stops[1:], pieces, strict=True):
            cost = float(random.integers(1, 20))
            arcs += [(a, b, cost)] if way != "back" else []
            arcs += [(b, a, cost)] if way != "there" else []
    if not arcs:
        return
    at = np.array(sources) % nodes
    start_min = random.integers(0, 30, len(at)).astype(float)
    whole = nx.MultiDiGraph()
    whole.add_nodes_from(range(nodes))
    whole.add_weighted_edges_from(arcs)
    shortened = shorten(network(arcs, nodes))
    for chains, theirs in ((shortened, whole), (turned(shortened), whole.reverse())):
        each = np.full((len(at), nodes), np.inf)
        for row, (node, begun) in enumerate(zip(at.tolist(), start_min, strict=True)):
            for reached, cost in nx.single_source_dijkstra_path_length(theirs, node).items():
                each[row, reached] = begun + cost
        ours = from_each(chains, at, start_min, np.arange(nodes), limit_min=np.inf)
        assert ours == pytest.approx(each)
        minutes, which = from_nearest(chains, at, start_min)
        assert minutes == pytest.approx(each.min(axis=0))
        reached_ = which >= 0
        assert (reached_ == np.isfinite(minutes)).all()
        assert each[which[reached_], np.flatnonzero(reached_)] == pytest.approx(minutes[reached_])
