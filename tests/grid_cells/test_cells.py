import h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.cells import (
    boundaries,
    cells_to_hex,
    centres,
    hex_to_cells,
    neighbour_pairs,
    outline,
    parents,
    points_to_cells,
    resolutions,
)

BELL_TOWER = (108.9402, 34.2612)
lons = st.floats(-180, 180)
lats = st.floats(-90, 90)
places = st.tuples(lons, lats)


def cells_around(lon: float, lat: float, rings: int, resolution: int = 9) -> np.ndarray:
    middle = h3.latlng_to_cell(lat, lon, resolution)
    return np.array([h3.str_to_int(c) for c in h3.grid_disk(middle, rings)], dtype=np.int64)


def test_a_known_place_lies_in_its_known_cell():
    # the example of H3's own documentation: 37.3615593, -122.0553238 at resolution 7
    cells = points_to_cells([-122.0553238], [37.3615593], 7)
    assert cells_to_hex(cells).tolist() == ["87283472bffffff"]


def test_a_point_that_is_no_place_gets_no_cell():
    lon = [BELL_TOWER[0], np.nan, 180.1, 0.0, np.inf]
    lat = [BELL_TOWER[1], 34.0, 0.0, -90.5, 0.0]
    cells = points_to_cells(lon, lat, 9)
    assert (cells != 0).tolist() == [True, False, False, False, False]


def test_no_points_give_no_cells():
    assert points_to_cells([], [], 9).tolist() == []


def test_lon_and_lat_of_different_length_are_refused():
    with pytest.raises(ValueError, match="lon has shape"):
        points_to_cells([1.0, 2.0], [1.0], 9)


def test_many_points_in_threads_equal_the_c_library_one_by_one():
    random = np.random.default_rng(1)
    lon, lat = random.uniform(-180, 180, 70_000), random.uniform(-90, 90, 70_000)
    cells = points_to_cells(lon, lat, 9)
    every = slice(None, None, 97)
    theirs = [h3.latlng_to_cell(y, x, 9) for x, y in zip(lon[every], lat[every], strict=True)]
    assert cells_to_hex(cells[every]).tolist() == theirs


@given(st.lists(places, min_size=1, max_size=20), st.integers(0, 15))
def test_every_cell_equals_the_c_library(points: list[tuple[float, float]], resolution: int):
    lon, lat = np.array(points).T
    cells = points_to_cells(lon, lat, resolution)
    assert cells_to_hex(cells).tolist() == [h3.latlng_to_cell(y, x, resolution) for x, y in points]
    assert (resolutions(cells) == resolution).all()


def test_texts_are_read_in_hexadecimal_of_any_case_and_in_decimal():
    texts = [
        "8940884a4d3ffff", " 8940884A4D3FFFF ", "0x8940884a4d3ffff", "618128414650662911",
        "", None, "no cell", "115283473fffffff",
    ]  # fmt: skip
    cells = hex_to_cells(texts)
    assert cells.tolist() == [618128414650662911] * 4 + [0] * 4


@given(st.lists(places, max_size=10))
def test_a_cell_survives_being_written_and_read(points: list[tuple[float, float]]):
    cells = points_to_cells([p[0] for p in points], [p[1] for p in points], 9)
    with_gap = np.append(cells, 0)
    assert hex_to_cells(cells_to_hex(with_gap)).tolist() == with_gap.tolist()


@given(places, st.integers(0, 12), st.integers(0, 3))
def test_the_parent_is_the_c_librarys_and_has_the_cell_among_its_children(
    point: tuple[float, float], resolution: int, finer: int
):
    cells = points_to_cells([point[0]], [point[1]], resolution + finer)
    text = cells_to_hex(cells)[0]
    parent = cells_to_hex(parents(cells, resolution))[0]
    assert parent == h3.cell_to_parent(text, resolution)
    assert text in h3.cell_to_children(parent, resolution + finer)


def test_no_cell_has_no_parent_and_a_coarser_one_is_refused():
    cells = points_to_cells([BELL_TOWER[0]], [BELL_TOWER[1]], 7)
    assert parents([0], 5).tolist() == [0]
    with pytest.raises(ValueError, match="coarser"):
        parents(cells, 8)


@given(places)
def test_the_centre_lies_in_its_own_cell(point: tuple[float, float]):
    cells = points_to_cells([point[0]], [point[1]], 9)
    assert points_to_cells(*centres(cells), 9).tolist() == cells.tolist()


def test_no_cell_has_no_centre():
    lon, lat = centres([0])
    assert np.isnan(lon[0])
    assert np.isnan(lat[0])


def test_boundaries_hold_the_centres_and_follow_the_c_library():
    cells = cells_around(*BELL_TOWER, rings=2)
    shapes = boundaries(cells)
    lon, lat = centres(cells)
    assert shapely.contains_xy(shapes, lon, lat).all()
    corners = {(round(x, 9), round(y, 9)) for x, y in shapes[0].exterior.coords}
    theirs = h3.cell_to_boundary(h3.int_to_str(int(cells[0])))
    assert corners == {(round(x, 9), round(y, 9)) for y, x in theirs}


def test_a_pentagon_has_a_boundary_too():
    pentagon = h3.str_to_int(h3.get_pentagons(5)[0])
    shapes = boundaries([pentagon, int(cells_around(*BELL_TOWER, rings=0, resolution=5)[0])])
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) > 0).all()


def test_seven_cells_of_a_disk_touch_twelve_times():
    cells = cells_around(*BELL_TOWER, rings=1)
    i, j = neighbour_pairs(cells)
    assert len(i) == 12  # six spokes and six sides
    assert (i < j).all()
    pairs = zip(cells_to_hex(cells[i]), cells_to_hex(cells[j]), strict=True)
    assert all(h3.are_neighbor_cells(a, b) for a, b in pairs)


def test_cells_apart_do_not_touch():
    cells = points_to_cells([108.9, 109.1], [34.2, 34.2], 9)
    assert [len(side) for side in neighbour_pairs(cells)] == [0, 0]
    assert [len(side) for side in neighbour_pairs([])] == [0, 0]


@given(st.sets(st.integers(0, 36), min_size=1))
def test_an_outline_is_valid_and_loses_no_area(chosen: set[int]):
    cells = cells_around(*BELL_TOWER, rings=3)[sorted(chosen)]
    shape = outline(cells)
    assert shape.is_valid
    assert shape.area == pytest.approx(shapely.area(boundaries(cells)).sum(), rel=1e-9)


def test_an_outline_keeps_its_hole_and_its_pieces():
    ring = cells_around(*BELL_TOWER, rings=1)[1:]
    far = points_to_cells([109.5], [34.9], 9)
    shape = outline(np.concatenate((ring, far, far, [0])))
    assert len(shape.geoms) == 2
    assert sum(len(part.interiors) for part in shape.geoms) == 1
    assert outline([]).is_empty
