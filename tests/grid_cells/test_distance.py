import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.distance import distance_m, nearest_place, offset_m, place_tree

lons = st.floats(-180, 180)
lats = st.floats(-89, 89)


def test_a_degree_on_the_equator_and_on_a_meridian_is_111_195_m():
    # 2 pi x 6,371,008.8 m / 360
    assert distance_m([0, 20], [0, 10], [1, 20], [0, 11]).tolist() == pytest.approx([111195.08] * 2)


def test_the_way_round_the_date_line_is_short():
    assert distance_m([179.5], [0], [-179.5], [0])[0] == pytest.approx(111195.08)


def test_an_offset_points_east_and_north():
    east, north = offset_m([108.94], [60], [108.95], [60.01])
    # a hundredth of a degree is 1,111.95 m, eastwards half of it at 60 N (cos 60.005 = 0.499924)
    assert (east[0], north[0]) == pytest.approx((555.89, 1111.95), abs=0.01)


def test_the_nearest_place_is_found_with_its_distance():
    tree = place_tree([0, 1, 179.9], [0, 0, 0])
    metres, places = nearest_place(tree, [0.4, -179.9, np.nan, np.inf], [0, 0, 0, 0])
    assert places.tolist() == [0, 2, -1, -1]
    assert metres[:2].tolist() == pytest.approx([0.4 * 111195.08, 0.2 * 111195.08], rel=1e-6)
    assert np.isnan(metres[2:]).all()


def test_no_places_are_near_nobody():
    metres, places = nearest_place(place_tree([], []), [1.0], [1.0])
    assert places.tolist() == [-1]
    assert np.isnan(metres[0])


@given(st.lists(st.tuples(lons, lats), min_size=1, max_size=10), lons, lats)
def test_no_place_is_nearer_than_the_nearest(
    points: list[tuple[float, float]], lon: float, lat: float
):
    x, y = np.array(points).T
    metres, places = nearest_place(place_tree(x, y), [lon], [lat])
    every = distance_m(np.full(len(x), lon), np.full(len(x), lat), x, y)
    assert metres[0] == pytest.approx(every.min(), abs=0.5)
    assert every[places[0]] == pytest.approx(every.min(), abs=0.5)
