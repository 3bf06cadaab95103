"""Workbooks, Parquet and JSON."""

from datetime import datetime

import pandas as pd
import pytest
import xlsxwriter

from grid_cells.errors import FileRejected
from loaders.contract import ColumnMap, LoadOptions
from loaders.customers import load_customers
from loaders.outages import load_outages
from loaders.readings import load_readings


def _workbook(path, rows, sheet="客户"):
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, datetime):
                    page.write_datetime(r, c, cell, day)
                elif isinstance(cell, str):
                    page.write_string(r, c, cell)
                elif cell is not None:
                    page.write(r, c, cell)
    return path


def test_a_workbook_keeps_texts_and_turns_number_ids_into_plain_digits(tmp_path):
    rows = [
        ["户号", "台区编号", "立户日期", "费控", "经度", "纬度"],
        ["0012", 12345, datetime.fromisoformat("2015-03-01"), True, 108.94, 34.26],
        ["0013", 7.0, "2015年3月2日", "否", None, None],
    ]
    loaded = load_customers(_workbook(tmp_path / "c.xlsx", rows), LoadOptions(datum="wgs84"))
    frame = loaded.frame
    assert frame["customer_no"].tolist() == ["0012", "0013"]
    assert frame["transformer_id"].tolist() == ["12345", "7"]
    assert frame["connected_on"].dt.strftime("%Y-%m-%d").tolist() == ["2015-03-01", "2015-03-02"]
    assert frame["prepaid"].tolist() == [True, False]
    assert frame["lon"].iloc[0] == 108.94


def test_a_workbook_number_with_more_digits_than_it_can_hold_is_named(tmp_path):
    rows = [["户号", "表箱"], [3_101_000_000_123_456_789, "x"], ["4", "y"]]
    loaded = load_customers(_workbook(tmp_path / "c.xlsx", rows), LoadOptions())
    assert loaded.frame["customer_no"].tolist() == ["4"]
    assert loaded.report.rejected["code"].tolist() == ["excel_number"]
    assert loaded.report.rejected["value"].iloc[0].startswith("3.10100E+18")


def test_row_numbers_of_a_workbook_are_those_the_sheet_shows(tmp_path):
    rows = [["户号", "费控"], ["1", "是"], [None, None], ["2", "vielleicht"]]
    loaded = load_customers(_workbook(tmp_path / "c.xlsx", rows), LoadOptions())
    assert loaded.frame["row_no"].tolist() == [2]
    assert loaded.report.rejected["row"].tolist() == [4]


def test_an_empty_workbook_is_refused(tmp_path):
    with pytest.raises(FileRejected) as refused:
        load_customers(_workbook(tmp_path / "c.xlsx", []), LoadOptions())
    assert refused.value.code == "file_empty"


def test_parquet_keeps_its_types(tmp_path):
    frame = pd.DataFrame(
        {
            "outage_number": [7, 8],
            "started_at": pd.to_datetime(["2019-06-10T16:32:18Z", "1987-01-01T00:00:00Z"]),
            "customers": [2.0, None],
            "lat": [38.2, 38.3],
            "lon": [-121.2, -121.3],
        }
    )
    path = tmp_path / "o.parquet"
    frame.to_parquet(path)
    loaded = load_outages(path, LoadOptions(datum="wgs84"))
    assert loaded.frame["outage_id"].tolist() == ["7"]
    assert loaded.frame["started_at"].iloc[0] == pd.Timestamp("2019-06-10T16:32:18Z")
    assert loaded.frame["customers_affected"].tolist() == [2]
    problem = loaded.report.rejected.iloc[0]
    assert (problem["row"], problem["code"]) == (3, "year_impossible")
    assert problem["value"].startswith("1987-01-01")


def test_a_list_of_records_in_json_is_a_table(write):
    text = (
        '[{"outageNumber": "450419", "outageStartTime": "1563193260", "estCustAffected": "11",'
        ' "latitude": "38.18916", "longitude": "-121.22473", "outageDevices": [{"x": 1}]},'
        ' {"outageNumber": "450420", "outageStartTime": "-61575000000", "latitude": "38",'
        ' "longitude": "-121"}]'
    )
    mapping = ColumnMap(formats={"started_at": "%s"})
    options = LoadOptions(datum="wgs84", mapping=mapping)
    loaded = load_outages(write("raw.json", text), options)
    assert loaded.frame["started_at"].tolist() == [pd.Timestamp("2019-07-15T12:21:00Z")]
    assert loaded.report.rejected["code"].tolist() == ["year_impossible"]
    assert loaded.report.unmatched == ("outageDevices",)


def test_readings_from_parquet_may_come_as_dates_and_dictionaries(tmp_path):
    frame = pd.DataFrame(
        {
            "meter_id": pd.Categorical(["001", "001", "002"]),
            "day": pd.to_datetime(["2026-07-01", "2026-07-02", "2026-07-01"]).date,
            "energy_kwh": [1.5, float("nan"), -2.0],
        }
    )
    path = tmp_path / "r.parquet"
    frame.to_parquet(path)
    loaded = load_readings(path, LoadOptions(now=datetime.fromisoformat("2026-07-16T12:00+08:00")))
    assert loaded.frame["meter_id"].tolist() == ["001"]
    assert loaded.report.rejected[["row", "code"]].to_numpy().tolist() == [
        [3, "needs_one_of"],
        [4, "out_of_range"],
    ]


def test_a_title_above_the_heading_is_passed_over(tmp_path):
    rows = [["客户档案表"], [], ["户号", "户名"], ["0012", "张三"]]
    loaded = load_customers(_workbook(tmp_path / "c.xlsx", rows), LoadOptions())
    assert loaded.frame[["customer_no", "row_no"]].to_numpy().tolist() == [["0012", 4]]


def test_a_sheet_beside_the_one_read_is_told(tmp_path):
    path = tmp_path / "c.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("一", "二"):
            book.add_worksheet(name).write_row(0, 0, ["户号"])
            book.get_worksheet_by_name(name).write_row(1, 0, ["1"])
    warnings = load_customers(path, LoadOptions()).report.warnings
    assert warnings == (("other_sheets", {"file": "c.xlsx", "sheet": "一", "others": "二"}),)
