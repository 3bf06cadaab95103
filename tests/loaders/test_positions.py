"""Datums, positions and the guard."""

import numpy as np
import pandas as pd
import pytest

from grid_cells.cells import points_to_cells
from grid_cells.datum import from_wgs84
from grid_cells.errors import FileRejected, UserError
from loaders.areas import load_areas
from loaders.contract import LoadOptions
from loaders.customers import load_customers
from loaders.halls import load_halls
from loaders.transformers import load_transformers

LON, LAT = 112.514, 30.423


def _customers(write, points, options, extra="", heading="lon,lat"):
    rows = "".join(f"{i},{x},{y}{extra}\n" for i, (x, y) in enumerate(points))
    return load_customers(write("c.csv", f"customer_no,{heading}\n{rows}"), options)


def test_a_table_with_places_and_no_datum_is_refused(write):
    with pytest.raises(FileRejected) as refused:
        _customers(write, [(LON, LAT)], LoadOptions())
    assert refused.value.code == "datum_missing"
    assert "wgs84, cgcs2000, gcj02, bd09" in str(refused.value)


def test_an_unknown_datum_is_refused(write):
    with pytest.raises(UserError) as refused:
        _customers(write, [(LON, LAT)], LoadOptions(datum="mars"))
    assert refused.value.code == "datum_unknown"


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4528", "epsg:32649"])
def test_every_datum_leads_to_the_same_place_and_keeps_what_was_given(write, datum):
    x, y = (values[0] for values in from_wgs84([LON], [LAT], datum))
    frame = _customers(write, [(x, y)], LoadOptions(datum=datum)).frame
    assert np.allclose([frame["lon"][0], frame["lat"][0]], [LON, LAT], atol=2e-8)
    assert np.allclose([frame["given_x"][0], frame["given_y"][0]], [x, y])
    assert frame["given_datum"][0].lower() == datum.lower()
    assert frame["cell_id"][0] == points_to_cells([LON], [LAT], 9)[0]


def test_easting_and_northing_may_come_in_either_order(write):
    north, east = (values[0] for values in from_wgs84([LON], [LAT], "EPSG:4526"))
    assert north < 4_000_000
    assert east > 38_000_000
    for points in ([(north, east)], [(east, north)]):
        frame = _customers(write, points, LoadOptions(datum="EPSG:4526")).frame
        assert np.allclose([frame["lon"][0], frame["lat"][0]], [LON, LAT], atol=1e-7)


def test_the_cell_is_at_the_base_resolution(write):
    frame = _customers(write, [(LON, LAT)], LoadOptions(datum="wgs84", resolution=8)).frame
    assert frame["cell_id"][0] == points_to_cells([LON], [LAT], 8)[0]


def test_customers_without_a_place_load_as_unplaced_without_a_datum(write):
    frame = _customers(write, [("", ""), ("", "")], LoadOptions()).frame
    assert frame["cell_id"].tolist() == [0, 0]
    assert frame["given_datum"].isna().all()


def test_a_place_written_as_wkt_is_read(write):
    text = f"hall_id;name;geometry\nH1;a;POINT({LON} {LAT})\n"
    frame = load_halls(write("h.csv", text), LoadOptions(datum="wgs84")).frame
    assert (frame["lon"][0], frame["lat"][0]) == (LON, LAT)
    assert "geometry" not in frame.columns


def _cloud(count=60):
    random = np.random.default_rng(1)
    return LON + random.normal(0, 0.03, count), LAT + random.normal(0, 0.03, count)


def test_a_row_with_its_coordinates_exchanged_is_told_from_one_nowhere(write):
    lon, lat = _cloud(20)
    points = [*zip(lon, lat, strict=True), (LAT, LON), (200, 30), (112, 99), (139.7, 35.7)]
    loaded = _customers(write, points, LoadOptions(datum="wgs84"))
    assert loaded.report.rejected[["row", "code"]].to_numpy().tolist() == [
        [22, "lon_lat_exchanged"],
        [23, "coordinates_out_of_range"],
        [24, "coordinates_out_of_range"],
    ]
    assert loaded.frame["row_no"].iloc[-1] == 25  # one of few: a place may be that far


def test_a_point_far_from_many_others_is_mistyped_but_loads_from_a_file_of_its_own(write):
    lon, lat = _cloud(200)
    points = [*zip(lon, lat, strict=True), (12.514, LAT), (LON, 3.0423)]
    loaded = _customers(write, points, LoadOptions(datum="wgs84"))
    assert loaded.report.rejected[["row", "code"]].to_numpy().tolist() == [
        [202, "far_from_rest"],
        [203, "far_from_rest"],
    ]
    assert len(_customers(write, points[-2:], LoadOptions(datum="wgs84")).frame) == 2


def test_a_country_wide_file_has_no_far_points(write):
    random = np.random.default_rng(3)
    points = list(zip(random.uniform(80, 130, 300), random.uniform(20, 50, 300), strict=True))
    assert len(_customers(write, points, LoadOptions(datum="wgs84")).frame) == 300


def test_an_exchanged_row_is_found_where_both_readings_are_possible(write):
    points = [(-51.2 + i / 100, -30.0) for i in range(9)] + [(-30.0, -51.2)]
    report = _customers(write, points, LoadOptions(datum="wgs84")).report
    assert report.rejected[["row", "code"]].to_numpy().tolist() == [[11, "lon_lat_exchanged"]]


def test_a_file_with_both_columns_exchanged_is_refused(write):
    lon, lat = _cloud(20)
    with pytest.raises(FileRejected) as refused:
        _customers(write, list(zip(lat, lon, strict=True)), LoadOptions(datum="wgs84"))
    assert refused.value.code == "lon_lat_exchanged_all"


def _with_transformers(write, datum, stated):
    """240 customers within some 100 m of 40 transformers, six to each."""
    at_lon, at_lat = _cloud(40)
    near = np.random.default_rng(2).normal(0, 0.0008, (2, 240))
    x, y = from_wgs84(np.repeat(at_lon, 6) + near[0], np.repeat(at_lat, 6) + near[1], datum)
    ids = [f"T{i}" for i in range(40)]
    known = {"transformers": pd.DataFrame({"transformer_id": ids, "lon": at_lon, "lat": at_lat})}
    rows = "".join(
        f"{i},T{i // 6},{a:.7f},{b:.7f}\n" for i, (a, b) in enumerate(zip(x, y, strict=True))
    )
    path = write("c.csv", f"customer_no,transformer_id,lon,lat\n{rows}")
    return load_customers(path, LoadOptions(datum=stated, known=known))


def test_the_guard_says_that_gcj02_fits_better_with_how_many_change_cell(write):
    report = _with_transformers(write, "gcj02", "wgs84").report
    code, values = report.warnings[0]
    assert code == "datum_fits_better"
    assert (values["stated"], values["best"]) == ("wgs84", "gcj02")
    assert (values["changed_cells"], values["checked"]) == (240, 240)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_the_guard_is_silent_where_the_stated_datum_is_right(write, datum):
    assert _with_transformers(write, datum, datum).report.warnings == ()


def test_the_guard_compares_with_streets_where_no_transformer_is_known(write):
    steps = np.arange(-0.05, 0.05, 0.0002)
    lines = [(LON + s, LAT + k / 100) for s in steps for k in range(-3, 4)]
    streets = pd.DataFrame(lines, columns=["lon", "lat"])
    on_street = streets.iloc[::5]
    x, y = from_wgs84(on_street["lon"], on_street["lat"], "gcj02")
    rows = "".join(f"{i},{a:.7f},{b:.7f}\n" for i, (a, b) in enumerate(zip(x, y, strict=True)))
    options = LoadOptions(datum="wgs84", known={"streets": streets})
    report = load_transformers(write("t.csv", f"transformer_id,lon,lat\n{rows}"), options).report
    assert [values["best"] for _, values in report.warnings] == ["gcj02"]


def test_outlines_in_text_need_a_datum_too(write):
    text = "area_id;geometry\nA;POLYGON((112 30,113 30,113 31,112 30))\n"
    with pytest.raises(FileRejected) as refused:
        load_areas(write("a.csv", text), LoadOptions())
    assert refused.value.code == "datum_missing"
