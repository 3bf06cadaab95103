"""What single kinds of file have of their own."""

from datetime import datetime

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from grid_cells.errors import FileRejected
from loaders.areas import load_areas
from loaders.cell_facts import load_cell_facts
from loaders.closures import load_closures
from loaders.contract import ColumnMap, LoadOptions
from loaders.crew_shifts import load_crew_shifts
from loaders.crews import load_crews
from loaders.customers import load_customers
from loaders.duties import load_duties
from loaders.feeders import load_feeders
from loaders.outages import load_outages
from loaders.readings import load_readings
from loaders.staff import load_staff
from loaders.units import load_units

CELL = "894064b7343ffff"
NOW = datetime.fromisoformat("2026-07-16T19:40:00+08:00")


def _codes(loaded):
    return loaded.report.rejected[["row", "code"]].to_numpy().tolist()


def test_areas_by_transformer_keep_a_unit_claimed_twice_as_a_conflict(write):
    text = "网格编号,台区编号\nA,T1\nB,T1\nA,T1\nA,T2\n,T3\nA,\n"
    loaded = load_areas(write("a.csv", text), LoadOptions())
    assert loaded.frame[["area_id", "transformer_id"]].to_numpy().tolist() == [
        ["A", "T1"],
        ["B", "T1"],
        ["A", "T2"],
    ]
    assert loaded.report.corrected["row"].tolist() == [4]
    assert _codes(loaded) == [[6, "required_missing"], [7, "needs_one_of"]]


def test_areas_by_cell_read_hexadecimal_and_decimal_ids(write):
    text = f"cell,area\n{CELL},A\n{int(CELL, 16)},B\n8928308280fffffff,C\nxyz,D\n6.17E+17,E\n"
    loaded = load_areas(write("a.csv", text), LoadOptions())
    assert loaded.frame["cell_id"].tolist() == [int(CELL, 16)] * 2
    assert _codes(loaded) == [[4, "bad_cell"], [5, "bad_cell"], [6, "excel_number"]]


def test_a_coarser_cell_stands_for_its_children_and_a_finer_one_is_rejected(write):
    parent = h3.cell_to_parent(CELL, 8)
    child = h3.cell_to_center_child(CELL, 10)
    loaded = load_areas(write("a.csv", f"cell,area\n{parent},A\n{child},B\n"), LoadOptions())
    expected = sorted(h3.str_to_int(c) for c in h3.cell_to_children(parent, 9))
    assert sorted(loaded.frame["cell_id"].tolist()) == expected
    assert _codes(loaded) == [[3, "cell_finer"]]


def test_an_area_may_come_in_several_outlines(tmp_path):
    path = tmp_path / "a.gpkg"
    squares = [shapely.box(x, 30, x + 0.01, 30.01) for x in (112, 112.1, 112.1)]
    gpd.GeoDataFrame({"area_id": ["A"] * 3}, geometry=squares, crs="EPSG:4326").to_file(path)
    loaded = load_areas(path, LoadOptions())
    assert len(loaded.frame) == 2
    assert loaded.report.corrected["code"].tolist() == ["claimed_twice_alike"]


def test_a_duty_names_staff_or_a_crew(write):
    text = (
        "area_id,duty,staff_id,crew_id,hours\nA,网格经理,P1,,Mo-Fr 08:00-18:00\n"
        "A,抢修,,C1,24/7\nA,备岗,,,\nA,king,P1,,\n"
    )
    loaded = load_duties(write("d.csv", text), LoadOptions())
    assert loaded.frame["duty"].tolist() == ["manager", "repair"]
    assert _codes(loaded) == [[4, "needs_one_of"], [5, "unknown_choice"]]


def test_units_staff_and_crews_are_read(write):
    units = load_units(write("u.csv", "单位编号,单位名称,层级\nS1,江北所,供电所\n"), LoadOptions())
    assert units.frame[["unit_id", "level"]].to_numpy().tolist() == [["S1", "station"]]
    staff = load_staff(write("s.csv", "工号,姓名\n007,林薇\n"), LoadOptions())
    assert staff.frame["staff_id"].tolist() == ["007"]
    text = "班组编号,班组名称,base_lon,base_lat\nC1,一班,112.5,30.4\n"
    crews = load_crews(write("c.csv", text), LoadOptions(datum="wgs84"))
    assert crews.frame["lon"].tolist() == [112.5]


def test_a_feeder_may_come_without_a_line(write):
    text = '线路编号,线路名称,geometry\nF1,甲线,\nF2,乙线,"LINESTRING(112 30,112.1 30)"\n'
    frame = load_feeders(write("f.csv", text), LoadOptions(datum="wgs84")).frame
    assert frame["geometry"].notna().tolist() == [False, True]
    assert frame["name"].tolist() == ["甲线", "乙线"]


def test_closures_name_a_street_or_an_outline(write):
    text = (
        "street;geometry;from;to;reason\n"
        "中桥;;2026-07-06;2026-08-01;检修\n"
        ";POLYGON((112 30,112.1 30,112.1 30.1,112 30));2026-07-06;;\n"
        ";;2026-07-06;;\n"
        "中桥;;2026-07-06;2026-07-01;\n"
    )
    options = LoadOptions(datum="wgs84", timezone="Asia/Shanghai")
    loaded = load_closures(write("c.csv", text), options)
    assert loaded.frame["street"].fillna("").tolist() == ["中桥", ""]
    assert loaded.frame["valid_to"].iloc[0] == pd.Timestamp("2026-07-31T16:00:00Z")
    assert _codes(loaded) == [[4, "needs_one_of"], [5, "ends_before_start"]]


def test_an_outage_needs_a_place_or_a_scope_that_can_be_read(write):
    text = (
        "outage_id,started_at,restored_at,scope,lon,lat,停电类型\n"
        "1,2026-07-16 18:10,,transformer:T1; feeder:F-07,,,故障\n"
        "2,2026-07-16 18:10,,,112.5,30.4,计划停电\n"
        "3,2026-07-16 18:10,,,,,故障\n"
        "4,2026-07-16 18:10,,everything,,,故障\n"
        "5,2026-07-16 18:10,2026-07-16 17:00,feeder:F1,,,故障\n"
    )
    loaded = load_outages(write("o.csv", text), LoadOptions(datum="wgs84", now=NOW))
    assert loaded.frame["kind"].tolist() == ["fault", "planned"]
    assert loaded.frame["cell_id"].gt(0).tolist() == [False, True]
    assert _codes(loaded) == [[4, "needs_one_of"], [5, "bad_scope"], [6, "ends_before_start"]]


def test_readings_need_an_owner_a_day_and_a_figure(write):
    text = (
        "meter_id,customer_no,day,energy_kwh,register_kwh,source\n"
        "001,,2026-07-01,5.5,,实抄\n"
        ",0012,2026-07-01,,100,\n"
        ",,2026-07-01,1,,\n"
        "001,,2026-07-02,,,\n"
        "001,,2026-07-03,-1,,\n"
        "001,,2026-07-01,6,,\n"
    )
    loaded = load_readings(write("r.csv", text), LoadOptions(now=NOW))
    assert loaded.frame["meter_id"].fillna("").tolist() == ["001", ""]
    assert _codes(loaded) == [
        [4, "needs_one_of"],
        [5, "needs_one_of"],
        [6, "out_of_range"],
        [7, "duplicate_key"],
    ]


@pytest.mark.parametrize("heading", ["day,energy_kwh", "meter_id,day"])
def test_readings_without_a_needed_column_are_refused_whole(write, heading):
    with pytest.raises(FileRejected) as refused:
        load_readings(write("r.csv", f"{heading}\n2026-07-01,1\n"), LoadOptions())
    assert refused.value.code == "columns_missing"


def test_a_wide_table_of_readings_is_made_long(write):
    text = "表号,2026-07-01,2026-07-02,备注\n001,1.5,,a\n002,x,2.5,b\n"
    mapping = ColumnMap(
        wide={"columns": r"(?P<day>\d{4}-\d{2}-\d{2})", "format": "%Y-%m-%d", "value": "energy_kwh"}
    )
    loaded = load_readings(write("r.csv", text), LoadOptions(mapping=mapping, now=NOW))
    assert loaded.frame[["meter_id", "energy_kwh", "row_no"]].to_numpy().tolist() == [
        ["001", 1.5, 2],
        ["002", 2.5, 3],
    ]
    assert loaded.frame["day"].dt.day.tolist() == [1, 2]
    assert loaded.report.rows == 3
    problem = loaded.report.rejected.iloc[0]
    assert (problem["row"], problem["column"], problem["code"]) == (3, "2026-07-01", "not_a_number")
    assert loaded.report.rejected_rows.loc[("r.csv", 3)].to_dict() == {
        "表号": "002",
        "2026-07-01": "x",
        "2026-07-02": "2.5",
        "备注": "b",
    }


def test_facts_of_cells_by_their_own_names_and_by_a_wide_mapping(write):
    text = f"id,lon,lat,population,jobs\n{CELL},1,2,159,12\n"
    mapping = ColumnMap(
        columns={"cell_id": "id"},
        wide={"columns": "(?P<measure>population|jobs)", "value": "value"},
        defaults={"unit": "persons"},
    )
    frame = load_cell_facts(write("f.csv", text), LoadOptions(mapping=mapping)).frame
    assert frame[["cell_id", "measure", "value", "unit"]].to_numpy().tolist() == [
        [int(CELL, 16), "population", 159.0, "persons"],
        [int(CELL, 16), "jobs", 12.0, "persons"],
    ]


def _zone_facts(tmp_path, unit):
    path = tmp_path / "f.gpkg"
    shapes = [shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(h3.cell_to_parent(CELL, 7))])]
    shapes.append(shapely.box(112.0, 30.0, 112.00001, 30.00001))
    columns = {"measure": ["m", "m"], "value": [100.0, 7.0], "unit": [unit] * 2}
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(path)
    return load_cell_facts(path, LoadOptions()).frame


def test_a_count_of_a_polygon_is_divided_among_the_cells_whose_centres_it_holds(tmp_path):
    frame = _zone_facts(tmp_path, "persons")
    big = frame[frame["row_no"] == 2]
    assert len(big) == 49
    assert big["value"].sum() == pytest.approx(100)


def test_a_share_of_a_polygon_holds_in_each_of_its_cells(tmp_path):
    assert set(_zone_facts(tmp_path, "%")["value"]) == {100.0, 7.0}


def test_a_polygon_too_thin_to_hold_a_centre_still_gets_its_cell(tmp_path):
    frame = _zone_facts(tmp_path, "persons")
    thin = frame[frame["row_no"] == 3]
    assert thin["cell_id"].tolist() == [h3.str_to_int(h3.latlng_to_cell(30.000005, 112.000005, 9))]
    assert thin["value"].tolist() == [7.0]


def test_a_fact_needs_a_cell_and_a_finite_value(write):
    text = f"cell,measure,value\n,m,1\n{CELL},m,inf\n{CELL},m,3\n{CELL},m,4\n{CELL},,5\n"
    loaded = load_cell_facts(write("f.csv", text), LoadOptions())
    assert loaded.frame["value"].tolist() == [3.0]
    assert _codes(loaded) == [
        [2, "needs_one_of"],
        [3, "not_finite"],
        [5, "duplicate_key"],
        [6, "required_missing"],
    ]


def test_progress_is_told_up_to_the_end(write):
    told: list[float] = []
    options = LoadOptions(progress=told.append)
    load_customers(write("c.csv", "customer_no\n1\n"), options)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_frames_carry_the_types_the_store_expects(write):
    text = "customer_no,prepaid,connected_on,lon,lat\n1,是,2026-01-01,112.5,30.4\n"
    frame = load_customers(write("c.csv", text), LoadOptions(datum="wgs84")).frame
    assert frame["cell_id"].dtype == np.int64
    assert frame["row_no"].dtype == np.int64
    assert str(frame["prepaid"].dtype) == "boolean"
    assert str(frame["connected_on"].dtype) == "datetime64[s]"
    assert str(frame["customer_no"].dtype) == "str"


def test_a_cell_claimed_by_itself_and_by_its_parent_comes_once(write):
    parent = h3.cell_to_parent(CELL, 8)
    loaded = load_areas(
        write("a.csv", f"cell,area\n{parent},A\n{CELL},A\n{CELL},B\n"), LoadOptions()
    )
    assert len(loaded.frame) == 8
    assert loaded.frame.loc[loaded.frame["cell_id"] == int(CELL, 16), "area_id"].tolist() == [
        "A",
        "B",
    ]


def test_a_wide_pattern_may_match_a_part_of_the_heading(write):
    mapping = ColumnMap(wide={"columns": r"(?P<day>\d{8})", "value": "energy_kwh"})
    text = "表号,电量20260701\n001,1.5\n"
    frame = load_readings(write("r.csv", text), LoadOptions(mapping=mapping, now=NOW)).frame
    assert frame["day"].dt.strftime("%Y-%m-%d").tolist() == ["2026-07-01"]


def test_shifts_of_crews_are_read_in_chinese_and_each_begins_before_it_ends(write):
    text = (
        "班组,开始时间,结束时间,班别,出发经度,出发纬度\n"
        "C1,2026-07-16 08:00,2026-07-16 20:00,白班,112.5,30.4\n"
        "C1,2026-07-17 08:00,2026-07-20 08:00,轮休,,\nC2,2026-07-16 20:00,2026-07-17 08:00,,,\n"
        "C2,2026-07-18 20:00,2026-07-18 20:00,备班,,\nC2,2026-07-19 20:00,2026-07-29 08:00,加班,,\n"
    )
    loaded = load_crew_shifts(write("s.csv", text), LoadOptions(datum="wgs84"))
    assert loaded.frame["kind"].tolist() == ["duty", "leave", "duty"]
    assert loaded.frame["lon"].tolist()[0] == 112.5
    assert _codes(loaded) == [[5, "ends_before_start"], [6, "shift_too_long"]]
