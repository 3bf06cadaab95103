import math

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from grid_cells.balance import cell_shapes, polsby_popper, weigh
from grid_cells.cells import centres, outline
from tests.grid_cells.unit_rows import row, squares


def test_two_areas_in_a_row_are_weighed_and_counted():
    balance = weigh(row(2, 3, 4, 1), np.array([0, 0, 1, 1]), np.array([4.0, 5.0]), tolerance=0.1)
    assert balance.weight.tolist() == [5, 5]
    assert balance.deviation.tolist() == [0.25, 0]
    assert balance.largest_deviation == 0.25
    assert (balance.stray_pieces, balance.cut_edges, balance.unassigned) == (0, 1, 0)
    assert balance.units.tolist() == [2, 2]
    assert balance.too_heavy.tolist() == []


def test_an_area_in_two_pieces_has_one_stray_and_an_empty_one_hides_it_not():
    labels = np.array([0, 1, 0, -1])
    balance = weigh(row(1, 1, 1, 1), labels, np.ones(3), tolerance=0.1)
    assert balance.pieces.tolist() == [2, 1, 0]
    assert (balance.stray_pieces, balance.cut_edges, balance.unassigned) == (1, 2, 1)
    assert balance.deviation.tolist() == [1, 0, -1]


def test_a_unit_over_the_largest_target_and_tolerance_is_too_heavy():
    targets = np.array([10.0, 10.0])
    balance = weigh(row(11, 11.1, 3), np.array([0, 1, 1]), targets, tolerance=0.1)
    assert balance.too_heavy.tolist() == [1]


def test_a_target_of_nothing_is_missed_infinitely_or_not_at_all():
    balance = weigh(row(1, 0), np.array([0, 1]), np.zeros(2), tolerance=0.1)
    assert balance.deviation.tolist() == [math.inf, 0]


def disk(rings: int) -> np.ndarray:
    middle = h3.latlng_to_cell(34.2612, 108.9402, 9)
    return np.array(sorted(h3.str_to_int(cell) for cell in h3.grid_disk(middle, rings)))


def test_sides_and_areas_of_cells_are_those_of_h3():
    cells = disk(2)
    shapes = cell_shapes(cells)
    names = [h3.int_to_str(int(cell)) for cell in cells]
    sides = [
        h3.edge_length(h3.cells_to_directed_edge(names[a], names[b]), unit="m")
        for a, b in zip(shapes.left, shapes.right, strict=True)
    ]
    assert shapes.shared_m == pytest.approx(sides, rel=1e-5)
    assert shapes.area_m2 == pytest.approx([h3.cell_area(name, unit="m^2") for name in names])


def test_one_cell_is_as_compact_as_a_hexagon():
    # a regular hexagon: pi x sqrt(3) / 6 = 0.907; H3's are a little squeezed
    compactness = polsby_popper(cell_shapes(disk(0)), np.array([0]), 2)
    assert compactness[0] == pytest.approx(0.907, abs=0.005)
    assert np.isnan(compactness[1])


def test_the_rim_of_a_hole_counts():
    # six regular hexagons around a hole: area 6 x 3 sqrt(3) / 2, 18 sides outside and 6 inside
    cells = disk(1)
    middle = h3.str_to_int(h3.latlng_to_cell(34.2612, 108.9402, 9))
    compactness = polsby_popper(cell_shapes(cells), np.where(cells == middle, -1, 0), 1)
    assert compactness[0] == pytest.approx(4 * math.pi * 9 * math.sqrt(3) / 24**2, abs=0.005)


def test_compactness_is_that_of_the_dissolved_outline():
    cells = disk(4)
    labels = (centres(cells)[0] > 108.9402).astype(int)
    compactness = polsby_popper(cell_shapes(cells), labels, 2)
    for area in (0, 1):
        shape = outline(cells[labels == area])
        square_m, rim_m = Geod(ellps="sphere").geometry_area_perimeter(shape)
        assert compactness[area] == pytest.approx(4 * math.pi * abs(square_m) / rim_m**2, rel=1e-3)


@given(st.lists(st.integers(-1, 3), min_size=12, max_size=12))
def test_weights_and_pairs_add_up(areas):
    graph = squares([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
    labels = np.array(areas)
    balance = weigh(graph, labels, np.full(4, 19.5), tolerance=0.05)
    assert balance.weight.sum() == graph.weight[labels >= 0].sum()
    assert balance.units.sum() + balance.unassigned == 12
    both = (labels[graph.left] >= 0) & (labels[graph.right] >= 0)
    assert balance.cut_edges == int((both & (labels[graph.left] != labels[graph.right])).sum())
