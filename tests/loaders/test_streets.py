"""Streets from line layers, OpenStreetMap extracts and graphs."""

import bz2
import gzip
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
import shapely

from grid_cells.errors import FileRejected, UserError
from loaders.banks import load_banks
from loaders.contract import ColumnMap, LoadOptions
from loaders.street_lines import EDGE_COLUMNS
from loaders.streets import load_streets

OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="30.42" lon="112.50"/><node id="2" lat="30.42" lon="112.51"/>
<node id="3" lat="30.42" lon="112.52"/><node id="4" lat="30.43" lon="112.51"/>
<node id="9" lat="30.4201" lon="112.5101"><tag k="amenity" v="bank"/><tag k="name" v="临江银行"/>
  <tag k="opening_hours" v="Mo-Fr 09:00-17:00"/></node>
<node id="10" lat="30.4202" lon="112.5101"><tag k="amenity" v="bank"/></node>
<way id="11"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/>
  <tag k="name" v="临江路"/><tag k="maxspeed" v="30 mph"/><tag k="oneway" v="-1"/></way>
<way id="12"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/>
  <tag k="bridge" v="yes"/></way>
<way id="13"><nd ref="1"/><nd ref="4"/><tag k="highway" v="motorway"/></way>
<way id="14"><nd ref="1"/><nd ref="4"/><tag k="railway" v="rail"/></way>
<way id="15"><nd ref="1"/><nd ref="4"/><tag k="highway" v="construction"/></way>
<way id="16"><nd ref="3"/><nd ref="99"/><nd ref="4"/><tag k="highway" v="service"/></way>
</osm>
"""


def _check_osm(frame):
    assert list(frame.columns) == ["row_no", *EDGE_COLUMNS]
    pieces = frame[["way_id", "seq", "from_node", "to_node", "oneway", "is_bridge"]]
    assert pieces.to_numpy().tolist() == [
        ["11", 0, 1, 2, "backward", False],
        ["11", 1, 2, 3, "backward", False],
        ["12", 0, 2, 4, "both", True],
        ["13", 0, 1, 4, "forward", False],
    ]
    # 0.01° along the 30.42nd parallel: 111,320 m × cos 30.42° × 0.01, on the ellipsoid 961 m
    assert frame["length_m"].iloc[0] == pytest.approx(961, abs=1)
    assert frame["maxspeed_kmh"].iloc[0] == pytest.approx(48.28, abs=0.01)
    assert np.isnan(frame["maxspeed_kmh"].iloc[2])


@pytest.mark.parametrize(
    ("name", "pack"),
    [("s.osm", bytes), ("s.osm.gz", gzip.compress), ("s.osm.bz2", bz2.compress)],
)
def test_an_openstreetmap_file_becomes_pieces_of_its_streets_only(write, name, pack):
    _check_osm(load_streets(write(name, pack(OSM.encode())), LoadOptions()).frame)


def test_pbf_gives_the_same_pieces(write, tmp_path):
    target = tmp_path / "s.osm.pbf"
    with osmium.SimpleWriter(str(target)) as writer:
        for thing in osmium.FileProcessor(str(write("s.osm", OSM))):
            writer.add(thing)
    _check_osm(load_streets(target, LoadOptions()).frame)


def test_a_file_without_streets_is_refused(write):
    with pytest.raises(FileRejected) as refused:
        load_streets(
            write("s.osm", '<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>'), LoadOptions()
        )
    assert refused.value.code == "streets_missing"


def test_a_damaged_openstreetmap_file_is_refused(write):
    with pytest.raises(FileRejected) as refused:
        load_streets(write("s.osm.pbf", b"no pbf at all"), LoadOptions())
    assert refused.value.code == "file_unreadable"


def test_named_banks_are_read_from_an_openstreetmap_file(write):
    frame = load_banks(write("s.osm", OSM), LoadOptions()).frame
    assert frame[["bank_id", "name", "opens", "lon"]].to_numpy().tolist() == [
        ["n9", "临江银行", "Mo-Fr 09:00-17:00", 112.5101]
    ]


def _layer(columns, lines, crs="EPSG:4326"):
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326").to_crs(crs)


LINES = [
    shapely.LineString([(112.50, 30.42), (112.51, 30.42), (112.52, 30.42)]),
    shapely.LineString([(112.51, 30.42), (112.51, 30.43)]),
    shapely.LineString([(112.51, 30.43), (112.52, 30.42)]),
]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32649"])
def test_every_vertex_of_a_line_layer_is_a_node_and_shared_ones_join(tmp_path, crs):
    path = tmp_path / "roads.gpkg"
    columns = {"osm_id": ["7", "8", "9"], "fclass": ["primary"] * 3, "oneway": ["F", "T", "B"]}
    _layer(columns, LINES, crs).to_file(path)
    frame = load_streets(path, LoadOptions()).frame
    assert frame["way_id"].tolist() == ["7", "7", "8", "9"]
    assert frame["oneway"].tolist() == ["forward", "forward", "backward", "both"]
    assert len(set(frame["from_node"]) | set(frame["to_node"])) == 4
    assert frame["to_node"].iloc[0] == frame["from_node"].iloc[2]
    assert frame["length_m"].iloc[0] == pytest.approx(961, abs=1)


@pytest.mark.parametrize(
    ("words", "directions"),
    [
        (["yes", "no", "-1"], ["forward", "both", "backward"]),
        (["1", "0", ""], ["forward", "both", "both"]),
        (["true", "false", "reversible"], ["forward", "both", "both"]),
        (["F", "T", "B"], ["forward", "backward", "both"]),
        (["T", "F", "F"], ["forward", "both", "both"]),
        (["FT", "TF", None], ["forward", "backward", "both"]),
    ],
)
def test_directions_are_read_in_every_usual_spelling(tmp_path, words, directions):
    path = tmp_path / "roads.geojson"
    _layer({"id": ["1", "2", "3"], "oneway": words}, [LINES[1]] * 3).to_file(path)
    assert load_streets(path, LoadOptions()).frame["oneway"].tolist() == directions


def test_geofabriks_letters_are_directions_even_without_a_b(tmp_path):
    path = tmp_path / "roads.gpkg"
    columns = {"osm_id": ["1"], "fclass": ["primary"], "oneway": ["F"], "bridge": ["F"]}
    _layer({**columns, "maxspeed": [0]}, LINES[1:2]).to_file(path)
    frame = load_streets(path, LoadOptions()).frame
    assert frame[["oneway", "is_bridge"]].to_numpy().tolist() == [["forward", False]]
    assert np.isnan(frame["maxspeed_kmh"].iloc[0])


def test_rails_and_unnumbered_streets_in_a_line_layer(tmp_path):
    path = tmp_path / "lines.gpkg"
    _layer({"highway": ["primary", None, "proposed"]}, LINES).to_file(path)
    loaded = load_streets(path, LoadOptions())
    assert loaded.frame["way_id"].tolist() == ["1", "1"]
    assert loaded.report.rows == 1


def test_the_parts_of_a_line_in_several_are_not_joined(tmp_path):
    path = tmp_path / "lines.gpkg"
    both = shapely.MultiLineString([LINES[1].coords, [(112.6, 30.5), (112.61, 30.5)]])
    _layer({"id": ["1"]}, [both]).to_file(path)
    frame = load_streets(path, LoadOptions()).frame
    assert frame["seq"].tolist() == [0, 1]
    assert frame["length_m"].max() < 1200


def test_a_feature_that_is_no_line_is_rejected(tmp_path):
    path = tmp_path / "lines.geojson"
    _layer({"id": ["1", "2"]}, [LINES[0], shapely.Point(112.5, 30.4)]).to_file(path)
    report = load_streets(path, LoadOptions()).report
    assert report.rejected[["row", "code"]].to_numpy().tolist() == [[3, "wrong_shape"]]


def test_columns_of_a_line_layer_follow_the_mapping(tmp_path):
    path = tmp_path / "lines.gpkg"
    _layer({"编号": ["a"], "级别": ["主干路"]}, LINES[:1]).to_file(path)
    mapping = ColumnMap(
        columns={"way_id": "编号", "highway": "级别"}, values={"highway": {"主干路": "primary"}}
    )
    frame = load_streets(path, LoadOptions(mapping=mapping)).frame
    assert frame[["way_id", "highway"]].to_numpy().tolist() == [["a", "primary"]] * 2


def test_a_street_graph_as_osmnx_writes_it(tmp_path):
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(1, x="112.50", y="30.42")
    graph.add_node(2, x="112.51", y="30.42")
    graph.add_node(3, x="112.51", y="30.43")
    two_way = {"osmid": "[5, 6]", "highway": "['residential', 'tertiary']", "length": "961.0"}
    graph.add_edge(1, 2, oneway="False", reversed="False", **two_way)
    graph.add_edge(2, 1, oneway="False", reversed="True", **two_way)
    bend = "LINESTRING (112.51 30.42, 112.512 30.425, 112.51 30.43)"
    graph.add_edge(2, 3, oneway="True", osmid="7", highway="primary", length="1200", geometry=bend)
    path = tmp_path / "streets.graphml"
    nx.write_graphml(graph, path)
    frame = load_streets(path, LoadOptions()).frame
    assert frame["oneway"].tolist() == ["both", "forward", "forward"]
    assert frame["highway"].tolist() == ["residential", "primary", "primary"]
    assert frame["to_node"].iloc[0] == frame["from_node"].iloc[1]
    assert frame["length_m"].iloc[1:].sum() == pytest.approx(1200)


def test_a_graph_with_a_document_type_is_refused(write):
    path = write("g.graphml", '<!DOCTYPE x [<!ENTITY a "b">]><graphml/>')
    with pytest.raises(FileRejected) as refused:
        load_streets(path, LoadOptions())
    assert refused.value.code == "file_unreadable"


def test_a_download_without_internet_names_the_file_way(monkeypatch):
    monkeypatch.setattr(osmnx.settings, "nominatim_url", "http://127.0.0.1:9/")
    with pytest.raises(UserError) as refused:
        load_streets(Path("place:Linjiang, Nowhere"), LoadOptions())
    assert refused.value.code == "streets_download_failed"
    assert refused.value.values["place"] == "Linjiang, Nowhere"
