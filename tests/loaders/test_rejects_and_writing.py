"""Rejects written, mended and loaded again; tables written and read back."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
import shapely

from grid_cells.errors import UserError
from loaders.areas import load_areas
from loaders.contract import LoadOptions
from loaders.customers import load_customers
from loaders.halls import load_halls
from loaders.rejects import NOTES, rejects_csv
from loaders.writing import csv_bytes, write_table

TEXT = "户号,户名,费控,经度,纬度\n0012,张三,是,112.5,30.4\n0013,李四,maybe,112.5,\n0014,王五\n"


def test_rejects_keep_the_files_own_columns_and_name_every_reason(write, wgs84):
    report = load_customers(write("c.csv", TEXT), wgs84).report
    raw = rejects_csv([report])
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert list(rows[0]) == ["户号", "户名", "费控", "经度", "纬度", *NOTES]
    assert rows[0]["户号"] == "0013"
    assert rows[0]["_reason"] == "not_a_flag | half_position"
    assert rows[0]["_column"] == "费控 | 纬度"
    assert (rows[1]["户号"], rows[1]["_row"], rows[1]["_reason"]) == ("0014", "4", "torn_row")


def test_mended_rejects_load_and_their_notes_are_passed_over(write, wgs84):
    raw = rejects_csv([load_customers(write("c.csv", TEXT), wgs84).report])
    mended = raw.decode("utf-8-sig").replace("李四,maybe,112.5,", "李四,否,112.5,30.4")
    loaded = load_customers(write("mended.csv", mended), wgs84)
    assert loaded.frame["customer_no"].tolist() == ["0013", "0014"]
    assert loaded.report.unmatched == ()
    assert loaded.report.rejected.empty


def test_no_rejects_are_an_empty_table():
    assert rejects_csv([]).decode("utf-8-sig") == ",".join(NOTES) + "\r\n"


FRAME = pd.DataFrame(
    {
        "hall_id": pd.Series(["007", "=1+1"], dtype="str"),
        "name": pd.Series(['甲"厅', "乙\n厅, <b>"], dtype="str"),
        "counters": pd.array([3, None], dtype="Int64"),
        "self_service_24h": pd.array([True, None], dtype="boolean"),
        "lon": [112.5, 112.625],
        "lat": [30.5, 30.25],
    }
)
SUFFIXES = [".csv", ".tsv", ".xlsx", ".parquet", ".geoparquet", ".gpkg", ".geojson"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_table_written_is_read_back_as_it_was(tmp_path, suffix):
    path = tmp_path / f"halls{suffix}"
    write_table(FRAME, path)
    frame = load_halls(path, LoadOptions(datum="wgs84")).frame
    assert frame["hall_id"].tolist() == ["007", "=1+1"]
    assert frame["name"].tolist() == FRAME["name"].tolist()
    assert frame["counters"].fillna(-1).tolist() == [3, -1]
    assert frame["self_service_24h"].fillna(False).tolist() == [True, False]
    assert frame["lon"].tolist() == [112.5, 112.625]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_shapes_cells_and_moments_survive_every_format(tmp_path, suffix):
    path = tmp_path / f"z{suffix}"
    moments = pd.to_datetime(["2026-07-16T10:10:00.0Z", "2026-07-16T10:10:00.5Z"])
    frame = pd.DataFrame({"area_id": ["A", "B"], "valid_from": moments})
    frame["geometry"] = [shapely.to_wkb(shapely.box(x, 30, x + 1, 31)) for x in (112, 113)]
    write_table(frame, path, shapes=shapely.from_wkb(frame["geometry"]))
    loaded = load_areas(path, LoadOptions(datum="wgs84")).frame
    assert loaded["valid_from"].tolist() == list(moments)
    assert shapely.from_wkb(loaded["geometry"].iloc[1]).equals(shapely.box(113, 30, 114, 31))


def test_cells_are_written_in_hexadecimal_and_texts_quoted():
    frame = pd.DataFrame({"cell_id": [0x894064B7343FFFF, 0], "value": [1.0, np.nan]})
    raw = csv_bytes(frame.assign(name=["0012", "=SUM(A1)"]))
    assert raw.decode("utf-8-sig").split("\r\n")[:2] == [
        '"cell_id","value","name"',
        '"894064b7343ffff",1,"0012"',
    ]


def test_equal_frames_give_equal_bytes(tmp_path):
    for name in ("a.csv", "b.csv"):
        write_table(FRAME, tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(UserError) as refused:
        write_table(FRAME, tmp_path / "a.docx")
    assert refused.value.code == "format_unknown"
