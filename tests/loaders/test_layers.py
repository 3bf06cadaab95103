"""GeoPackage, GeoJSON, GeoParquet and Shapefile."""

import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from grid_cells.datum import from_wgs84
from grid_cells.errors import FileRejected
from loaders.areas import load_areas
from loaders.contract import LoadOptions
from loaders.halls import load_halls
from loaders.promise_zones import load_promise_zones

SQUARE = shapely.box(112.50, 30.40, 112.52, 30.42)


def _halls(crs="EPSG:4326"):
    points = [shapely.Point(112.51, 30.41), shapely.Point(112.53, 30.43)]
    frame = {"hall_id": ["H1", "H2"], "name": ["城东厅", "城西厅"]}
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326").to_crs(crs)


@pytest.mark.parametrize("name", ["h.gpkg", "h.geojson", "h.parquet", "h.shp"])
def test_points_of_every_layer_format_become_positions(tmp_path, name):
    path = tmp_path / name
    layer = _halls()
    layer.to_parquet(path) if name.endswith("parquet") else layer.to_file(path, encoding="utf-8")
    loaded = load_halls(path, LoadOptions())
    assert loaded.frame["name"].tolist() == ["城东厅", "城西厅"]
    assert np.allclose(loaded.frame["lon"], [112.51, 112.53])
    assert loaded.frame["given_datum"].unique().tolist() == ["wgs84"]
    assert (loaded.frame["cell_id"] > 0).all()


@pytest.mark.parametrize("stated", [None, "EPSG:4528"])
def test_a_projected_layer_is_turned_by_its_own_system(tmp_path, stated):
    path = tmp_path / "h.gpkg"
    _halls("EPSG:4528").to_file(path)
    frame = load_halls(path, LoadOptions(datum=stated)).frame
    assert np.allclose(frame["lon"], [112.51, 112.53], atol=1e-7)
    assert frame["given_datum"].unique().tolist() == ["EPSG:4528"]
    assert frame["given_x"].iloc[0] > 30_000_000


def test_a_datum_in_degrees_stated_for_a_projected_layer_does_not_break_it(tmp_path):
    path = tmp_path / "h.gpkg"
    _halls("EPSG:32649").to_file(path)
    loaded = load_halls(path, LoadOptions(datum="wgs84"))
    assert np.allclose(loaded.frame["lon"], [112.51, 112.53], atol=1e-7)
    assert [code for code, _ in loaded.report.warnings] == ["file_crs_used"]


def test_gcj02_stated_for_a_layer_labelled_wgs84_is_obeyed(tmp_path):
    path = tmp_path / "h.geojson"
    layer = _halls()
    lon, lat = from_wgs84(layer.geometry.x, layer.geometry.y, "gcj02")
    layer.set_geometry(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_file(path)
    frame = load_halls(path, LoadOptions(datum="gcj02")).frame
    assert np.allclose(frame["lon"], [112.51, 112.53], atol=1e-6)


def _zip(tmp_path, layer, *, folder="", encoding="gbk", cpg=True):
    source = tmp_path / "parts"
    source.mkdir()
    pyogrio.write_dataframe(layer, source / "halls.shp", encoding=encoding)
    target = tmp_path / "halls.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(source.iterdir()):
            if part.suffix == ".cpg" and not cpg:
                continue
            archive.write(part, f"{folder}{part.name}")
    return target


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("folder", ["", "数据/内层/"])
def test_a_zipped_shapefile_with_chinese_attributes_is_read(tmp_path, encoding, folder, cpg):
    path = _zip(tmp_path, _halls(), folder=folder, encoding=encoding, cpg=cpg)
    assert load_halls(path, LoadOptions()).frame["name"].tolist() == ["城东厅", "城西厅"]


def test_an_archive_without_a_layer_is_refused(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(FileRejected) as refused:
        load_halls(path, LoadOptions())
    assert refused.value.code == "archive_without_data"


def test_of_several_layers_the_one_with_fitting_shapes_is_read(tmp_path):
    path = tmp_path / "all.gpkg"
    _halls().to_file(path, layer="halls")
    areas = gpd.GeoDataFrame({"area_id": ["E-01"]}, geometry=[SQUARE], crs="EPSG:4326")
    areas.to_file(path, layer="service")
    assert load_areas(path, LoadOptions()).frame["area_id"].tolist() == ["E-01"]


def test_layers_that_could_both_be_meant_are_refused(tmp_path):
    path = tmp_path / "all.gpkg"
    for layer in ("east", "west"):
        _halls().to_file(path, layer=layer)
    with pytest.raises(FileRejected) as refused:
        load_halls(path, LoadOptions())
    assert refused.value.code == "layers_ambiguous"
    assert "east, west" in str(refused.value)


def test_outlines_are_turned_to_wgs84_as_wkb(tmp_path):
    path = tmp_path / "z.gpkg"
    zones = gpd.GeoDataFrame({"promise_class": ["城区"]}, geometry=[SQUARE], crs="EPSG:4326")
    zones.to_crs("EPSG:32649").to_file(path)
    frame = load_promise_zones(path, LoadOptions()).frame
    assert frame["promise_class"].tolist() == ["city"]
    assert shapely.from_wkb(frame["geometry"].iloc[0]).equals_exact(SQUARE, 1e-6)


def test_wrong_missing_and_crossing_outlines_are_told_apart(write):
    text = (
        "promise_class;geometry\n"
        "city;POLYGON((112 30,113 30,113 31,112 31,112 30))\n"
        "rural;POINT(112 30)\n"
        "remote;\n"
        "city;POLYGON((112 30,113 31,113 30,112 31,112 30))\n"
        "city;POLYGON((112 30\n"
    )
    report = load_promise_zones(write("z.csv", text), LoadOptions(datum="wgs84")).report
    assert report.rejected[["row", "code"]].to_numpy().tolist() == [
        [3, "wrong_shape"],
        [4, "required_missing"],
        [6, "bad_shape"],
    ]
    assert report.corrected[["row", "code"]].to_numpy().tolist() == [[5, "shape_mended"]]


def test_a_rejected_feature_keeps_its_shape_for_mending(tmp_path):
    path = tmp_path / "z.geojson"
    zones = gpd.GeoDataFrame(
        {"promise_class": ["city", "moon"]}, geometry=[SQUARE, SQUARE], crs="EPSG:4326"
    )
    zones.to_file(path)
    originals = load_promise_zones(path, LoadOptions()).report.rejected_rows
    assert originals["geometry"].iloc[0].startswith("POLYGON ((112.52 30.4")
    assert isinstance(originals, pd.DataFrame)
