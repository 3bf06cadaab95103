"""Visits and hourly figures of halls: zones are asked for, halls known, days told apart."""

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from app.use_cases import reference
from grid_cells.errors import FileRejected
from loaders.contract import ColumnMap, LoadOptions
from loaders.hall_hours import load_hall_hours
from loaders.halls import load_halls
from loaders.visits import load_visits
from loaders.writing import write_table

NOW = datetime.fromisoformat("2026-07-16T19:40:00+08:00")
HALLS = pd.DataFrame({"hall_id": ["H-1", "H-2"]})
CHINA = ColumnMap(timezone="Asia/Shanghai")


def options(mapping=CHINA):
    known = {"halls_known": HALLS, "matters": reference.table("matters")}
    return LoadOptions(mapping=mapping, now=NOW, known=known, timezone="Asia/Shanghai")


def _codes(loaded):
    names = ["file", "row", "column", "value", "code"]
    return loaded.report.rejected[names].to_numpy().tolist()


def test_a_chinese_machines_export_is_read_by_its_own_headings(write):
    text = (
        "排队号,营业厅编号,取号时间,叫号时间,办结时间,业务类型,窗口,来访人标识,办理结果,"
        "取号方式,预约时间\n"
        "A001,H-1,2026-07-14 09:01:30,2026-07-14 09:12:30,2026-07-14 09:20,过户,3,V1,资料不全,"
        "预约,2026-07-14 09:05\n"
        "A002,H-1,2026/7/14 9:02,,,其它业务,,,,,\n"
    )
    loaded = load_visits(write("v.csv", text), options())
    assert _codes(loaded) == []
    first = loaded.frame.iloc[0]
    assert first["taken_at"] == pd.Timestamp("2026-07-14T01:01:30Z")
    assert first["appointment_at"] == pd.Timestamp("2026-07-14T01:05:00Z")
    assert (first["matter"], first["outcome"], first["channel"], first["counter"]) == (
        "name_change", "papers_missing", "appointment", "3",
    )  # fmt: skip
    assert first["day"] == pd.Timestamp("2026-07-14")
    assert loaded.frame["matter"].tolist() == ["name_change", "其它业务"]
    assert loaded.frame["called_at"].isna().tolist() == [False, True]


def test_another_makers_columns_come_by_a_mapping_and_from_a_workbook(tmp_path):
    path = tmp_path / "qms.xlsx"
    rows = [("7", "East", "14.07.2026 09:00", "14.07.2026 09:04", "PAY")]
    write_table(pd.DataFrame(rows, columns=["No", "Branch", "Issued", "Served", "Queue"]), path)
    mapping = ColumnMap(
        columns={"ticket_id": "No", "hall_id": "Branch", "taken_at": "Issued",
                 "called_at": "Served", "matter": "Queue"},
        values={"hall_id": {"East": "H-2"}, "matter": {"PAY": "payment"}},
        formats={"taken_at": "%d.%m.%Y %H:%M", "called_at": "%d.%m.%Y %H:%M"},
        timezone="Europe/Berlin",
    )  # fmt: skip
    frame = load_visits(path, options(mapping)).frame
    assert frame[["ticket_id", "hall_id", "matter"]].to_numpy().tolist() == [
        ["7", "H-2", "payment"]
    ]
    assert frame["called_at"].tolist() == [pd.Timestamp("2026-07-14T07:04:00Z")]


def test_day_and_time_of_a_ticket_are_by_the_halls_clocks_whatever_zone_the_file_has(write):
    text = "ticket_id,hall_id,taken_at\nA1,H-1,2026-07-14 15:00\nA1,H-1,2026-07-15 00:30\n"
    given = options(ColumnMap(timezone="UTC"))
    west = {**given.known, "clocks": pd.DataFrame({"timezone": ["America/Los_Angeles"]})}
    frame = load_visits(write("v.csv", text), replace(given, known=west)).frame
    # 08:00 and 17:30 of one day in California
    assert frame["ticket_id"].tolist() == ["A1", "A1@17:30"]
    assert frame["day"].tolist() == [pd.Timestamp("2026-07-14")] * 2


@pytest.mark.parametrize(
    ("loader", "text", "column"),
    [
        (load_visits, "ticket_id,hall_id,taken_at\nA1,H-1,2026-07-14 09:00\n", "taken_at"),
        (load_hall_hours, "hall_id,hour,wait_min\nH-1,2026-07-14 09:00,4\n", "hour"),
    ],
)
def test_times_without_a_zone_are_refused_and_the_zone_is_asked_for(write, loader, text, column):
    with pytest.raises(FileRejected) as refused:
        loader(write("v.csv", text), options(ColumnMap()))
    assert refused.value.code == "timezone_missing"
    assert refused.value.values == {"file": "v.csv", "column": column, "value": "2026-07-14 09:00"}
    zoned = text.replace("09:00", "09:00+08:00")
    moments = loader(write("z.csv", zoned), options(ColumnMap())).frame[column]
    assert moments.tolist() == [pd.Timestamp("2026-07-14T01:00:00Z")]


def test_what_cannot_be_is_rejected_with_its_row_column_and_value(write):
    text = (
        "ticket_id,hall_id,taken_at,called_at,finished_at\n"
        "1,H-1,2026-07-14 09:00,2026-07-14 08:59,\n"
        "2,H-1,2026-07-14 09:00,2026-07-14 09:10,2026-07-14 09:05\n"
        "3,H-9,2026-07-14 09:00,,\n"
        "4,H-1,2026-07-16 19:41,,\n"
        "5,H-1,2026-07-14 09:00,,\n"
        "5,H-1,2026-07-14 09:00,2026-07-14 09:05,\n"
        "5,H-1,2026-07-14 09:30,,\n"
        "5,H-2,2026-07-14 09:30,,\n"
        "5,H-1,2026-07-15 09:30,,\n"
    )
    loaded = load_visits(write("v.csv", text), options())
    assert _codes(loaded) == [
        ["v.csv", 2, "called_at", "2026-07-14 08:59", "ends_before_start"],
        ["v.csv", 3, "finished_at", "2026-07-14 09:05", "ends_before_start"],
        ["v.csv", 4, "hall_id", "H-9", "unknown_hall"],
        ["v.csv", 5, "taken_at", "2026-07-16 19:41", "in_future"],
        ["v.csv", 7, "hall_id", "H-1", "duplicate_key"],
    ]
    # the number again later that day, in another hall and on another day
    assert loaded.frame["ticket_id"].tolist() == ["5", "5@09:30", "5", "5"]


def test_an_hour_is_one_of_the_clocks_of_its_zone(write):
    text = "hall_id,hour,wait_min\nH-1,2026-07-14 09:00,4\nH-1,2026-07-14 10:59,9\n"
    loaded = load_hall_hours(write("i.csv", text), options(ColumnMap(timezone="Asia/Kolkata")))
    assert loaded.frame["hour"].tolist() == [
        pd.Timestamp("2026-07-14T03:30:00Z"), pd.Timestamp("2026-07-14T04:30:00Z"),
    ]  # fmt: skip


def test_an_empty_wait_stays_unknown_and_any_moment_stands_for_its_hour(write):
    text = (
        "hall_id,hour,wait_min,visits\nH-1,2026-07-14T09:04:11+08:00,,\n"
        "H-1,2026-07-14T10:00:00+08:00,0,0\nH-1,2026-07-14T11:00:00+08:00,-1,\n"
        "H-1,2026-07-14T10:59:00+08:00,9,\n"
    )
    loaded = load_hall_hours(write("h.csv", text), options(ColumnMap()))
    assert loaded.frame["wait_min"].isna().tolist() == [True, False]
    assert loaded.frame["hour"].tolist() == [
        pd.Timestamp("2026-07-14T01:00:00Z"), pd.Timestamp("2026-07-14T02:00:00Z"),
    ]  # fmt: skip
    assert [(row[1], row[4]) for row in _codes(loaded)] == [
        (4, "out_of_range"), (5, "duplicate_key"),
    ]  # fmt: skip


def test_words_that_say_what_a_hall_can_do_are_told_where_nobody_knows_them(write):
    text = (
        "hall_id,name,lon,lat,capabilities\n"
        "H-1,East,112.5,30.4,过户; payment ;刷脸办电\n"
        "H-2,West,112.6,30.4,刷脸办电\nH-3,South,112.6,30.5,\n"
    )
    asked = replace(options(), datum="wgs84")
    loaded = load_halls(write("h.csv", text), asked)
    assert loaded.report.warnings == (
        ("capabilities_unknown", {"file": "h.csv", "count": 1, "words": "刷脸办电"}),
    )
    clean = "hall_id,name,lon,lat,capabilities\nH-1,East,112.5,30.4,过户;PAYMENT\n"
    assert load_halls(write("c.csv", clean), asked).report.warnings == ()
