"""The loaders on real streets, real outages and real cells."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grid_cells.cells import cells_to_hex, points_to_cells
from loaders.banks import load_banks
from loaders.cell_facts import load_cell_facts
from loaders.contract import LoadOptions
from loaders.mapping import parse_mapping
from loaders.outages import load_outages
from loaders.streets import load_streets

pytestmark = pytest.mark.real

PGE_EVENTS = """
timezone = "America/Los_Angeles"
[columns]
outage_id = "outage_number"
started_at = "start"
estimated_restore_at = "last_etor"
customers_affected = "max_customers"
[defaults]
kind = "fault"
"""
PGE_FEED = """
timezone = "America/Los_Angeles"
[columns]
outage_id = "outageNumber"
started_at = "outageStartTime"
estimated_restore_at = "currentEtor"
customers_affected = "estCustAffected"
[formats]
started_at = "%s"
estimated_restore_at = "%s"
"""
PORTO_ALEGRE = """
[columns]
cell_id = "id"
[wide]
columns = "(?P<measure>population|schools|jobs|healthcare)"
value = "value"
[defaults]
source = "Ipea"
"""


def _nodes(edges):
    return np.unique(np.concatenate([edges["from_node"], edges["to_node"]]))


def _share_in_largest_part(edges):
    nodes, index = np.unique(
        np.concatenate([edges["from_node"], edges["to_node"]]), return_inverse=True
    )
    start, end = index[: len(edges)], index[len(edges) :]
    links = coo_array((np.ones(len(edges)), (start, end)), shape=(len(nodes), len(nodes)))
    _, part = connected_components(links, directed=False)
    return np.bincount(part).max() / len(nodes)


def test_xian_streets_give_every_vertex_once(real_data):
    loaded = load_streets(real_data / "xian_roads" / "xian_roads_shp.zip", LoadOptions())
    edges = loaded.frame
    assert loaded.report.rows == 21_203
    assert loaded.report.rejected.empty
    assert len(_nodes(edges)) == 126_414
    assert len(edges) == 139_443  # 139,456 neighbouring vertices, 13 of them repeated in place
    assert set(edges["oneway"]) == {"forward", "backward", "both"}
    assert edges["from_lon"].between(107, 110.5).all()
    assert edges["from_lat"].between(33.5, 35).all()
    assert _share_in_largest_part(edges) > 0.9


def test_monaco_streets_and_banks_come_from_one_extract(real_data):
    path = real_data / "osm_monaco" / "monaco.osm.gz"
    edges = load_streets(path, LoadOptions()).frame
    assert len(edges) > 4_000
    assert edges["highway"].notna().all()
    assert _share_in_largest_part(edges) > 0.9
    banks = load_banks(path, LoadOptions())
    assert len(banks.frame) > 5
    assert banks.frame["lon"].between(7.3, 7.5).all()


def test_porto_alegre_pbf_gives_streets(real_data):
    edges = load_streets(real_data / "porto_alegre_h3" / "poa_osm.pbf", LoadOptions()).frame
    assert len(edges) > 40_000
    assert edges["maxspeed_kmh"].dropna().between(5, 120).all()
    assert edges["length_m"].sum() > 1_000_000
    assert _share_in_largest_part(edges) > 0.9


def test_porto_alegre_cells_keep_their_ids_and_people(real_data):
    options = LoadOptions(mapping=parse_mapping(PORTO_ALEGRE))
    loaded = load_cell_facts(real_data / "porto_alegre_h3" / "poa_hexgrid.csv", options)
    facts = loaded.frame
    first = facts[(facts["cell_id"] == 0x89A9012A3CFFFFF) & (facts["measure"] == "population")]
    assert first["value"].tolist() == [159.0]
    assert set(facts["measure"]) == {"population", "schools", "jobs", "healthcare"}
    assert loaded.report.rejected.empty
    assert loaded.report.unmatched == ("lon", "lat")
    people = facts[facts["measure"] == "population"]
    assert people["cell_id"].is_unique


def test_porto_alegre_cell_centres_lie_in_their_cells(real_data):
    given = pd.read_csv(real_data / "porto_alegre_h3" / "poa_hexgrid.csv")
    cells = points_to_cells(given["lon"], given["lat"], 9)
    assert cells_to_hex(cells).tolist() == given["id"].tolist()


def test_outages_with_impossible_years_are_rejected_by_row_and_the_rest_load(real_data):
    path = real_data / "pge_outages" / "pge_2019-06_2019-08_events.parquet"
    options = LoadOptions(datum="wgs84", mapping=parse_mapping(PGE_EVENTS))
    loaded = load_outages(path, options)
    report = loaded.report
    assert report.rows == 49_708
    assert len(loaded.frame) == 49_706
    assert report.rejected["code"].tolist() == ["year_impossible"] * 2
    assert sorted(value[:4] for value in report.rejected["value"]) == ["0019", "1987"]
    assert loaded.frame["started_at"].dt.year.unique().tolist() == [2019]
    assert (loaded.frame["cell_id"] != 0).all()


def test_the_raw_feed_of_outages_loads_too(real_data):
    path = real_data / "pge_outages" / "raw_snapshot_2019-07-15.json"
    options = LoadOptions(datum="wgs84", mapping=parse_mapping(PGE_FEED))
    loaded = load_outages(path, options)
    frame = loaded.frame.set_index("outage_id")
    assert len(frame) + loaded.report.rejected["row"].nunique() == loaded.report.rows
    assert frame.loc["450419", "started_at"].isoformat() == "2019-07-15T12:21:00+00:00"
    assert frame.loc["450419", "customers_affected"] == 11
