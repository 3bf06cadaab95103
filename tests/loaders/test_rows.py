"""What happens to single cells: corrected and counted, or their row rejected."""

import pytest

from loaders.banks import load_banks
from loaders.contract import ColumnMap, LoadOptions
from loaders.customers import load_customers
from loaders.feeders import load_feeders
from loaders.halls import load_halls
from loaders.meters import load_meters
from loaders.rules import RULES
from loaders.transformers import load_transformers
from loaders.units import load_units

WGS84 = LoadOptions(datum="wgs84", timezone="Asia/Shanghai")


def _one(write, load, heading, row, options=WGS84):
    return load(write("f.csv", f"{heading}\n{row}\n"), options)


def _rejected(loaded):
    return loaded.report.rejected[["row", "column", "value", "code"]].to_numpy().tolist()


def _corrected(loaded):
    return loaded.report.corrected[["row", "value", "became", "code"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("load", "heading", "row", "column", "code"),
    [
        (load_customers, "户号,户名", ",张三", "户号", "required_missing"),
        (load_customers, "户号,户名", "1.2E+11,张三", "户号", "excel_number"),
        (load_customers, "户号,台区编号", "1,1.20E+11", "台区编号", "excel_number"),
        (load_customers, "customer_no,prepaid", "1,perhaps", "prepaid", "not_a_flag"),
        (load_customers, "customer_no,connected_on", "1,soon", "connected_on", "not_a_day"),
        (load_customers, "customer_no,connected_on", "1,2021-02-29", "connected_on", "no_such_day"),
        (load_customers, "customer_no,立户日期", "1,0019-01-01", "立户日期", "year_impossible"),
        (load_customers, "customer_no,坐标来源", "1,satellite", "坐标来源", "unknown_choice"),
        (load_customers, "customer_no,name", "1.2E11,a", "customer_no", "excel_number"),
        (load_customers, "customer_no,name", "#REF!,a", "customer_no", "excel_error"),
        (load_customers, "customer_no,name", "1,a\x07b", "name", "bad_bytes"),
        (load_customers, "customer_no,connected_on", "1,2099-01-01", "connected_on", "in_future"),
        (load_customers, "customer_no,lon,lat", "1,x,34", "lon", "not_a_number"),
        (load_customers, "customer_no,lon,lat", "1,NaN,34", "lon", "not_finite"),
        (load_customers, "customer_no,lon,lat", "1,-inf,34", "lon", "not_finite"),
        (load_customers, "customer_no,lon,lat", "1,108.9,", "lat", "half_position"),
        (load_customers, "customer_no,lon,lat", "1,0,0", "lon", "null_island"),
        (load_customers, "customer_no,lon,lat", "1,208.9,34", "lon", "coordinates_out_of_range"),
        (load_halls, "hall_id,name,lon,lat", "1,a,,", "lon", "required_missing"),
        (load_halls, "hall_id,name,lon,lat,counters", "1,a,108,34,2.5", "counters", "not_whole"),
        (load_halls, "hall_id,name,lon,lat,counters", "1,a,108,34,-1", "counters", "out_of_range"),
        (load_banks, "bank_id,name,lon,lat", "1,,108,34", "name", "required_missing"),
        (load_transformers, "transformer_id,capacity_kva", "1,-5", "capacity_kva", "out_of_range"),
        (load_transformers, "台区,from,to", "1,2026-02-01,2026-01-01", "to", "ends_before_start"),
        (load_meters, "meter_id,multiplier", "1,0", "multiplier", "out_of_range"),
        (load_meters, "meter_id,valid_from", "1,2026-01-01 25:00", "valid_from", "no_such_day"),
        (load_units, "unit_id,name,timezone", "1,a,Mars/Base", "timezone", "unknown_timezone"),
        (load_units, "unit_id,name,level", "1,a,galaxy", "level", "unknown_choice"),
        (load_feeders, "feeder_id,name,geometry", "1,a,POINT(1", "geometry", "bad_shape"),
    ],
)  # fmt: skip
def test_a_bad_cell_rejects_its_row_and_is_named(write, load, heading, row, column, code):
    loaded = _one(write, load, heading, row)
    assert len(loaded.frame) == 0
    assert [(r[1], r[3]) for r in _rejected(loaded)] == [(column, code)]
    assert _rejected(loaded)[0][0] == 2


@pytest.mark.parametrize(
    ("heading", "cell", "became", "code"),
    [
        ("customer_no", " 0012 ", "0012", "trimmed"),
        ("customer_no", "\u30000012\u00a0", "0012", "trimmed"),
        ("customer_no", "００１２", "0012", "full_width"),
        ("customer_no", '"=""0012"""', "0012", "excel_text"),
        ("customer_no", "'0012", "0012", "excel_text"),
        ("customer_no", "12345.0", "12345", "decimal_id"),
    ],
)
def test_an_identifier_is_put_right_and_counted(write, heading, cell, became, code):
    loaded = _one(write, load_customers, f"{heading},name", f"{cell},a")
    assert loaded.frame["customer_no"].tolist() == [became]
    assert [(r[2], r[3]) for r in _corrected(loaded)] == [(became, code)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"1,250"', 1250.0),
        ("1 250.5", 1250.5),
        ("315kVA", 315.0),
        ("３１５ 千伏安", 315.0),
    ],
)
def test_a_figure_is_freed_of_separators_and_units_and_counted(write, cell, value):
    loaded = _one(write, load_transformers, "transformer_id,capacity_kva", f"T1,{cell}")
    assert loaded.frame["capacity_kva"].tolist() == [value]
    assert "number_written" in loaded.report.corrected["code"].tolist()


@pytest.mark.parametrize("cell", ["0.3MVA", "1,5", "12,34", "1.234,5", "--5", "1e"])
def test_a_figure_that_could_mean_something_else_is_rejected(write, cell):
    loaded = _one(write, load_transformers, "transformer_id;capacity_kva", f"T1;{cell}")
    assert [r[3] for r in _rejected(loaded)] == ["not_a_number"]


@pytest.mark.parametrize("cell", ["12", "12.5", ".5", "5.", "1e3", "+7", "1E-2"])
def test_plain_figures_are_not_counted_as_corrected(write, cell):
    loaded = _one(write, load_transformers, "transformer_id,capacity_kva", f"T1,{cell}")
    assert loaded.frame["capacity_kva"].tolist() == [float(cell)]
    assert len(loaded.report.corrected) == 0


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        *((cell, True) for cell in ("是", "Y", "1", "TRUE", "有", "√")),
        *((cell, False) for cell in ("否", "n", "0", "False", "无", "×")),
    ],
)
def test_flags_are_read_in_both_languages(write, cell, flag):
    loaded = _one(write, load_customers, "customer_no,prepaid", f"1,{cell}")
    assert loaded.frame["prepaid"].tolist() == [flag]


@pytest.mark.parametrize("cell", ["", "NULL", "null", "\\N", "#N/A", "  "])
def test_words_for_nothing_are_empty_cells(write, cell):
    heading = "customer_no,name,phone,prepaid,connected_on,lon,lat"
    loaded = _one(write, load_customers, heading, f"1{f',{cell}' * 6}")
    assert len(loaded.frame) == 1
    assert loaded.frame.drop(columns=["row_no", "customer_no", "cell_id"]).isna().all(axis=None)
    assert loaded.frame["cell_id"].tolist() == [0]


def test_free_text_keeps_its_full_width_signs_and_markup(write):
    text = "customer_no,name,address\n1,<img src=x onerror=…>,人民路（东）１号\n"
    frame = load_customers(write("c.csv", text), LoadOptions()).frame
    assert frame["name"].tolist() == ["<img src=x onerror=…>"]
    assert frame["address"].tolist() == ["人民路（东）１号"]


def test_words_of_the_file_are_exchanged_by_the_mapping(write):
    mapping = ColumnMap(values={"kind": {"ZB": "dedicated", "GB": "public"}})
    options = LoadOptions(mapping=mapping)
    text = "transformer_id,kind\nT1,ZB\nT2,公变\nT3,XX\n"
    loaded = load_transformers(write("t.csv", text), options)
    assert loaded.frame["kind"].tolist() == ["dedicated", "public"]
    assert _rejected(loaded) == [[4, "kind", "XX", "unknown_choice"]]


def test_the_same_row_twice_is_dropped_and_a_differing_one_rejected(write):
    text = "customer_no,name\n1,a\n1,a\n1,b\n2,c\n"
    loaded = load_customers(write("c.csv", text), LoadOptions())
    assert loaded.frame["customer_no"].tolist() == ["1", "2"]
    assert _corrected(loaded) == [[3, "1", "2", "duplicate_row"]]
    rejected = loaded.report.rejected.iloc[0]
    assert (rejected["row"], rejected["code"], rejected["expected"]) == (4, "duplicate_key", "2")


def test_a_row_after_a_rejected_one_with_its_key_is_loaded(write):
    text = "customer_no,prepaid\n1,perhaps\n1,是\n"
    assert load_customers(write("c.csv", text), LoadOptions()).frame["row_no"].tolist() == [3]


def test_a_link_that_changed_is_no_duplicate(write):
    text = "meter_id,transformer_id,valid_from\n1,T1,\n1,T2,2026-01-01\n1,T2,2026-01-01\n"
    loaded = load_meters(write("m.csv", text), WGS84)
    assert loaded.frame["transformer_id"].tolist() == ["T1", "T2"]
    assert loaded.frame["valid_from"].iloc[1].isoformat() == "2025-12-31T16:00:00+00:00"


def test_every_problem_of_a_row_is_told(write):
    loaded = _one(write, load_customers, "customer_no,prepaid,connected_on", ",x,y")
    assert [r[3] for r in _rejected(loaded)] == ["required_missing", "not_a_flag", "not_a_day"]


def test_a_rejected_row_is_not_counted_as_corrected_too(write):
    loaded = _one(write, load_customers, "customer_no,prepaid", " 1 ,perhaps")
    assert len(loaded.report.corrected) == 0


def test_more_than_twelve_kinds_of_bad_rows_are_told_apart():
    assert sum(rule.fate == "reject_row" for rule in RULES.values()) >= 12
