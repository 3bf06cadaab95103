import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.bridges import bridges
from grid_cells.cells import centres, neighbour_pairs
from grid_cells.unit_graph import barrier_price, graph_of_cells, graph_of_points, part_of, pieces
from tests.grid_cells.unit_rows import row
from tests.laws import examples

BELL_TOWER = (108.9402, 34.2612)


def disk(rings: int, at: tuple[float, float] = BELL_TOWER, resolution: int = 9) -> np.ndarray:
    middle = h3.latlng_to_cell(at[1], at[0], resolution)
    return np.array(sorted(h3.str_to_int(cell) for cell in h3.grid_disk(middle, rings)))


def pairs(graph) -> set[tuple[int, int]]:
    return {
        tuple(sorted(pair)) for pair in zip(graph.left.tolist(), graph.right.tolist(), strict=True)
    }


def test_seven_cells_around_a_middle_touch_twelve_times():
    graph = graph_of_cells(disk(1), np.arange(7.0))
    assert len(graph.left) == 12  # six to the middle, six around
    assert graph.price.tolist() == [1.0] * 12
    assert graph.units == 7
    assert np.hypot(graph.x, graph.y).max() < 400  # metres; centres lie about 350 m apart


def test_a_negative_or_missing_weight_is_refused():
    for weight in ([1.0] * 6 + [-1.0], [1.0] * 6 + [np.nan], [1.0] * 6):
        with pytest.raises(ValueError, match="weight"):
            graph_of_cells(disk(1), weight)


def test_no_cells_make_an_empty_graph():
    graph = graph_of_cells(np.empty(0, np.int64), [])
    assert (graph.units, len(graph.left), pieces(graph)[0]) == (0, 0, 0)


def test_the_corners_of_a_square_touch_along_its_sides_and_one_diagonal():
    graph = graph_of_points([0.0, 0.01, 0.0, 0.01], [0.0, 0.0, 0.01, 0.01], np.ones(4))
    found = pairs(graph)
    assert {(0, 1), (0, 2), (1, 3), (2, 3)} <= found
    assert len(found) == 5


@pytest.mark.parametrize(
    ("lon", "expected"),
    [
        ([], set()),
        ([1.0], set()),
        ([1.0, 2.0], {(0, 1)}),
        ([3.0, 1.0, 2.0], {(1, 2), (0, 2)}),
        ([1.0, 1.0, 2.0], {(0, 1), (0, 2)}),
        ([1.0, np.nan, 2.0], {(0, 2)}),
    ],
)
def test_points_on_one_line_touch_the_next_along_it(lon, expected):
    graph = graph_of_points(lon, np.full(len(lon), 34.0), np.ones(len(lon)))
    assert pairs(graph) == expected


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
def test_all_placed_points_are_one_piece_each_pair_once(places):
    lon, lat = np.array(places, dtype=np.float64).T / 100
    graph = graph_of_points(108 + lon, 34 + lat, np.ones(len(lon)))
    assert pieces(graph)[0] == 1
    assert len(pairs(graph)) == len(graph.left)
    assert np.all(graph.left != graph.right)


def test_two_cells_with_two_between_them_are_bridged_by_these_two():
    start = h3.latlng_to_cell(BELL_TOWER[1], BELL_TOWER[0], 9)
    end = sorted(h3.grid_ring(start, 3))[0]
    path = [h3.str_to_int(cell) for cell in h3.grid_path_cells(start, end)]
    assert sorted(bridges(np.array([path[0], path[3]]))) == sorted(path[1:3])


def test_a_margin_adds_the_cells_around():
    assert len(bridges(disk(2), margin=1)) == 18  # the third ring
    assert len(bridges(disk(2), margin=2)) == 18 + 24


def test_cells_in_one_piece_need_no_bridge():
    assert bridges(disk(3)).tolist() == []
    assert bridges(np.empty(0, np.int64)).tolist() == []


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=12))
def test_bridged_cells_are_one_piece_and_bridges_are_new(steps):
    parts = [disk(1, (BELL_TOWER[0] + dx / 50, BELL_TOWER[1] + dy / 50)) for dx, dy in steps]
    cells = np.unique(np.concatenate(parts))
    added = bridges(cells)
    whole = np.concatenate((cells, added))
    assert len(np.unique(whole)) == len(whole)
    assert pieces(graph_of_cells(whole, np.zeros(len(whole))))[0] == 1


def test_pairs_on_both_sides_of_a_river_are_priced():
    cells = disk(2)
    lon, _ = centres(cells)
    river = shapely.LineString([(BELL_TOWER[0] + 0.001, 34.0), (BELL_TOWER[0] + 0.001, 34.5)])
    prices = barrier_price(cells, [river], price=0.2)
    left, right = neighbour_pairs(cells)
    crossed = (lon[left] > BELL_TOWER[0] + 0.001) != (lon[right] > BELL_TOWER[0] + 0.001)
    assert crossed.sum() > 4
    assert np.array_equal(prices == 0.2, crossed)
    assert set(prices[~crossed]) == {1.0}


def test_cells_in_a_lake_are_priced_and_no_barrier_prices_none():
    cells = disk(2)
    lake = shapely.Point(BELL_TOWER).buffer(1)
    assert set(barrier_price(cells, [lake], price=0.5)) == {0.5}
    assert set(barrier_price(cells, [], price=0.5)) == {1.0}


def test_a_part_of_a_graph_keeps_the_pairs_among_its_units() -> None:
    whole = row(1, 2, 3, 4)
    part = part_of(whole, np.array([3, 1, 2]))
    assert part.weight.tolist() == [4, 2, 3]
    assert sorted(zip(part.left.tolist(), part.right.tolist(), strict=True)) == [(1, 2), (2, 0)]
    assert part.x.tolist() == [300, 100, 200]
    assert part_of(whole, np.array([0, 2])).left.tolist() == [], "they do not touch"
