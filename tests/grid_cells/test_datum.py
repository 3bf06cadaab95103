import warnings

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.datum import DATUMS, eastings_first, from_wgs84, normal_datum, to_wgs84
from grid_cells.distance import distance_m
from grid_cells.errors import UserError

# well within China's box, so that no shifted point leaves it
china_lons = st.floats(74, 135)
china_lats = st.floats(4, 53)
ORACLE = {
    "gcj02": (prcoords.wgs_gcj, prcoords.gcj_wgs_bored),
    "bd09": (prcoords.wgs_bd, prcoords.bd_wgs_bored),
}


def metres_apart(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> float:
    return float(distance_m(*a, *b).max())


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@given(lon=china_lons, lat=china_lats)
def test_the_shift_is_that_of_prcoords(datum: str, lon: float, lat: float):
    expected = ORACLE[datum][0]((lat, lon))
    given_ = from_wgs84([lon], [lat], datum)
    assert metres_apart(given_, ([expected.lon], [expected.lat])) < 1e-5


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@given(lon=china_lons, lat=china_lats)
def test_there_and_back_is_within_a_millimetre(datum: str, lon: float, lat: float):
    there = from_wgs84([lon], [lat], datum)
    assert metres_apart(to_wgs84(*there, datum), ([lon], [lat])) < 0.001


@pytest.mark.parametrize(
    ("datum", "bored_error_m"),
    # prcoords stops after a step of under 1e-5 degrees, which leaves itself this far off
    [("gcj02", 0.01), ("bd09", 0.04)],
)
def test_the_inverse_is_that_of_prcoords_up_to_its_own_error(datum: str, bored_error_m: float):
    random = np.random.default_rng(3)
    lon, lat = random.uniform(74, 135, 2000), random.uniform(4, 53, 2000)
    inverse = ORACLE[datum][1]
    expected = np.array([inverse((y, x)) for x, y in zip(lon, lat, strict=True)])
    ours = to_wgs84(lon, lat, datum)
    assert metres_apart(ours, (expected[:, 1], expected[:, 0])) < bored_error_m


def test_in_one_city_ours_and_prcoords_agree_to_a_millimetre_where_prcoords_finishes():
    lon, lat = from_wgs84([108.9402], [34.2612], "gcj02")
    exact = prcoords.gcj_wgs_bored((lat[0], lon[0]))
    assert metres_apart(to_wgs84(lon, lat, "gcj02"), ([exact.lon], [exact.lat])) < 0.001


def test_the_shifts_have_their_known_size():
    gcj = from_wgs84([108.9402], [34.2612], "gcj02")
    bd = from_wgs84([108.9402], [34.2612], "bd09")
    assert 450 < metres_apart(gcj, ([108.9402], [34.2612])) < 550
    assert 1000 < metres_apart(bd, ([108.9402], [34.2612])) < 1300


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_outside_china_nothing_moves(datum: str):
    lon, lat = np.array([7.42, -122.4, 150.0]), np.array([43.73, 37.8, -33.9])
    for convert in (to_wgs84, from_wgs84):
        x, y = convert(lon, lat, datum)
        assert x.tolist() == lon.tolist()
        assert y.tolist() == lat.tolist()


@pytest.mark.parametrize("datum", [*DATUMS, "EPSG:4528"])
def test_an_unknown_place_stays_unknown_and_the_others_are_converted(datum: str):
    x, y = from_wgs84([120.1], [30.2], datum)
    lon, lat = to_wgs84(np.append(x, np.nan), np.append(y, np.nan), datum)
    assert np.isnan(lon[1])
    assert np.isnan(lat[1])
    assert metres_apart((lon[:1], lat[:1]), ([120.1], [30.2])) < 0.001


def test_cgcs2000_and_wgs84_are_taken_as_they_are_and_given_arrays_stay_untouched():
    given_ = np.array([108.94]), np.array([34.26])
    for datum in ("wgs84", "cgcs2000"):
        x, y = to_wgs84(*given_, datum)
        assert (x[0], y[0]) == (108.94, 34.26)
        x[0] = 0
    assert given_[0][0] == 108.94


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WGS-84", "wgs84"), ("GCJ02", "gcj02"), ("gcj-02", "gcj02"), ("BD_09", "bd09"),
        ("CGCS 2000", "cgcs2000"), ("epsg:4528", "EPSG:4528"), ("4528", "EPSG:4528"),
    ],
)  # fmt: skip
def test_a_datum_is_known_in_any_usual_spelling(text: str, name: str):
    assert normal_datum(text) == name


@pytest.mark.parametrize("text", ["", "gcj03", "EPSG:999999", "EPSG:x", "mars"])
def test_an_unknown_datum_is_a_user_error(text: str):
    with pytest.raises(UserError) as caught:
        to_wgs84([1.0], [1.0], text)
    assert caught.value.code == "datum_unknown"
    assert caught.value.values == {"datum": text}


def test_zone_40_is_read_northing_first_and_easting_first():
    # central meridian of zone 40 is 120 E with false easting 40,500,000 m; on it the northing
    # of 30 N is the meridian arc of GRS80: 3,320,113.398 m
    for x, y in ((3_320_113.398, 40_500_000.0), (40_500_000.0, 3_320_113.398)):
        lon, lat = to_wgs84([x], [y], "EPSG:4528")
        assert lon[0] == pytest.approx(120, abs=1e-8)
        assert lat[0] == pytest.approx(30, abs=1e-8)


def test_the_order_follows_the_authority_when_no_point_tells():
    assert not eastings_first([], [], "EPSG:4528")
    assert eastings_first([], [], "EPSG:32649")


def test_one_stray_point_in_two_hundred_does_not_turn_the_axes():
    north, east = from_wgs84(np.full(200, 120.1), np.full(200, 30.2), "EPSG:4528")
    north[0], east[0] = east[0], north[0]
    assert not eastings_first(north, east, "EPSG:4528")
    assert eastings_first(east, north, "EPSG:4528")


def test_a_geographic_code_is_longitude_first_unless_only_the_other_order_fits():
    assert [v[0] for v in to_wgs84([7.42], [43.73], "EPSG:4326")] == [7.42, 43.73]
    assert [v[0] for v in to_wgs84([34.26], [108.94], "EPSG:4490")] == pytest.approx(
        [108.94, 34.26]
    )


def test_utm_comes_back():
    east, north = from_wgs84([108.94], [34.26], "EPSG:32649")
    assert 300_000 < east[0] < 330_000  # zone 49: central meridian 111 E at 500,000 m
    assert metres_apart(to_wgs84(east, north, "EPSG:32649"), ([108.94], [34.26])) < 0.001


def test_nonsense_in_a_projected_code_is_no_place_and_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lon, lat = to_wgs84([1e12, np.inf], [-1e12, 0.0], "EPSG:32649")
    assert np.isnan(lon).all()
    assert np.isnan(lat).all()
