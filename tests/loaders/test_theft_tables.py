"""Tables to learn suspicion from: in columns or in rows, days or months, Chinese or English."""

import numpy as np
import pandas as pd
import pytest

from grid_cells.errors import FileRejected
from loaders.mapping import parse_mapping
from loaders.theft_tables import load_theft_table

MONTHS = """
[columns]
inspection_id = "检查单号"
inspected_on = "检查日期"
outcome = "结论"
zone = "片区"
[values.outcome]
"窃电" = "confirmed"
"正常" = "cleared"
[wide]
columns = '前(?P<months_before>\\d+)月'
value = "energy_kwh"
"""
DAYS = """
[columns]
customer_no = "cons_no"
day = "date"
energy_kwh = "kwh"
outcome = "flag"
capacity_kva = "kva"
[values.outcome]
1 = "confirmed"
[formats]
day = "%d/%m/%Y"
"""


def months(tmp_path, name="t.csv", **changed):
    frame = pd.DataFrame(
        {
            "检查单号": ["007", "008"], "前1月": ["5", ""], "前12月": ["-3.5", "9"],
            "前2月": ["0", "8"], "检查日期": ["2026-07-16", "2026年7月1日"],
            "结论": ["窃电", "正常"], "片区": ["城东", ""],
        }
        | changed
    )  # fmt: skip
    path = tmp_path / name
    if name.endswith(".csv"):
        frame.to_csv(path, index=False)
    elif name.endswith(".xlsx"):
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path)
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.parquet"])
def test_months_in_columns_run_from_the_oldest_and_empties_are_unknown(tmp_path, name):
    table = load_theft_table(months(tmp_path, name), parse_mapping(MONTHS))
    assert table.periods == ("前12月", "前2月", "前1月")
    np.testing.assert_array_equal(table.energy, [[-3.5, 0, 5], [9, 8, np.nan]])
    assert list(table.ids) == ["007", "008"]
    assert table.id_name == "inspection_id"
    assert table.confirmed.tolist() == [1, 0]
    assert [str(day) for day in table.visited] == ["2026-07-16", "2026-07-01"]
    assert table.attributes["zone"].tolist() == ["城东", None]
    assert table.dates is None


def test_days_in_rows_are_gathered_by_customer(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "cons_no,date,kwh,flag,kva\n01,02/01/2026,4,1,50\n02,01/01/2026,7,0,80\n"
        "01,01/01/2026,3,1,50\n02,03/01/2026,8,0,80\n"
    )
    table = load_theft_table(path, parse_mapping(DAYS))
    assert list(table.ids) == ["01", "02"]
    np.testing.assert_array_equal(table.energy, [[3, 4, np.nan], [7, np.nan, 8]])
    assert table.figures["capacity_kva"].tolist() == [50, 80]
    assert table.dates is not None
    assert str(table.dates[0].date()) == "2026-01-01"
    assert np.isnat(table.visited).all()


def test_a_table_to_be_scored_needs_no_outcomes(tmp_path):
    path = months(tmp_path)
    frame = pd.read_csv(path, dtype=str).drop(columns="结论")
    frame.to_csv(path, index=False)
    assert np.isnan(load_theft_table(path, parse_mapping(MONTHS)).confirmed).all()


def test_nobody_there_teaches_nothing(tmp_path):
    path = months(tmp_path, 结论=["nobody_there", ""])
    assert np.isnan(load_theft_table(path, parse_mapping(MONTHS)).confirmed).all()


def test_a_bad_value_is_named_by_file_row_column_and_value(tmp_path):
    path = months(tmp_path, 前2月=["8", "seven"])
    with pytest.raises(FileRejected) as caught:
        load_theft_table(path, parse_mapping(MONTHS))
    assert caught.value.code == "theft_value_invalid"
    named = {name: caught.value.values[name] for name in ("file", "row", "column", "value")}
    assert named == {"file": "t.csv", "row": 3, "column": "前2月", "value": "seven"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"检查单号": ["007", "007"]}, "theft_id_twice"),
        ({"检查单号": ["007", ""]}, "theft_value_invalid"),
        ({"检查日期": ["soon", "2026-07-01"]}, "theft_value_invalid"),
    ],
)
def test_what_else_is_refused(tmp_path, changed, code):
    with pytest.raises(FileRejected, match=code):
        load_theft_table(months(tmp_path, **changed), parse_mapping(MONTHS))


def test_a_reading_that_comes_twice_is_refused(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "cons_no,date,kwh,flag,kva\n01,02/01/2026,4,1,50\n01,02/01/2026,5,1,50\n01,03/01/2026,5,1,50\n"
    )
    with pytest.raises(FileRejected, match="theft_id_twice"):
        load_theft_table(path, parse_mapping(DAYS))


def test_missing_columns_are_named(tmp_path):
    path = months(tmp_path)
    with pytest.raises(FileRejected, match="mapping_column_missing"):
        load_theft_table(path, parse_mapping(MONTHS.replace("片区", "区县")))
    with pytest.raises(FileRejected, match="columns_missing"):
        load_theft_table(path, parse_mapping(MONTHS.replace("前(", "后(")))


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["查实", "正常"], [1, 0]),
        (["record_error", "CONFIRMED"], [0, 1]),
        (["true", "0"], [1, 0]),
        (["无人在家", ""], [np.nan, np.nan]),
    ],
)
def test_outcomes_are_the_vocabularys_words_or_plain(tmp_path, words, made):
    table = load_theft_table(months(tmp_path, 结论=words), parse_mapping(MONTHS))
    np.testing.assert_array_equal(table.confirmed, made)


def test_an_outcome_that_nobody_knows_is_not_honest(tmp_path):
    with pytest.raises(FileRejected, match="theft_value_invalid") as caught:
        load_theft_table(months(tmp_path, 结论=["窃电", "fraud"]), parse_mapping(MONTHS))
    named = {name: caught.value.values[name] for name in ("row", "column", "value")}
    assert named == {"row": 3, "column": "结论", "value": "fraud"}


WIDE_DAYS = """
[columns]
customer_no = "no"
inspected_on = "visit"
[wide]
columns = 'd(?P<day>[\\d/]+)'
format = "%d/%m/%Y"
value = "energy_kwh"
"""


def wide_days(tmp_path, headings, values="1,2,3"):
    path = tmp_path / "wide.csv"
    path.write_text(f"no,visit,{headings}\n7,2026-03-02,{values}\n8,,{values}\n")
    return load_theft_table(path, parse_mapping(WIDE_DAYS))


def test_what_comes_from_the_day_of_the_visit_on_changes_nothing(tmp_path):
    headings = "d01/03/2026,d02/03/2026,d03/03/2026"
    first = wide_days(tmp_path, headings)
    np.testing.assert_array_equal(first.energy, [[1, np.nan, np.nan], [1, 2, 3]])
    later = wide_days(tmp_path, headings, "1,90,0")
    np.testing.assert_array_equal(first.energy[0], later.energy[0])
    months_too = wide_days(tmp_path, "d01/01/2026,d01/02/2026,d01/03/2026")
    np.testing.assert_array_equal(months_too.energy, [[1, 2, np.nan], [1, 2, 3]])


@pytest.mark.parametrize("heading", ["d31/02/2026", "d1/3/2026"])
def test_headings_that_are_no_day_or_the_same_one_are_named(tmp_path, heading):
    with pytest.raises(FileRejected, match="theft_value_invalid") as caught:
        wide_days(tmp_path, f"d01/03/2026,{heading},d03/03/2026")
    assert caught.value.values["column"] == heading


def test_days_in_rows_take_the_one_value_that_is_given(tmp_path):
    path = tmp_path / "rows.csv"
    head = "cons_no,date,kwh,flag,kva\n01,01/01/2026,3,,\n01,02/01/2026,4,1,50\n"
    path.write_text(head)
    table = load_theft_table(path, parse_mapping(DAYS))
    assert (table.confirmed.tolist(), table.figures["capacity_kva"].tolist()) == ([1], [50])
    path.write_text(head + "01,03/01/2026,4,1,80\n")
    with pytest.raises(FileRejected, match="theft_value_invalid") as caught:
        load_theft_table(path, parse_mapping(DAYS))
    named = {name: caught.value.values[name] for name in ("row", "column", "expected")}
    assert named == {"row": 4, "column": "kva", "expected": "50.0"}
