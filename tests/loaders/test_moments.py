"""Days and times in the forms people write them."""

from datetime import datetime

import pandas as pd
import pytest

from grid_cells.errors import FileRejected
from loaders.contract import ColumnMap, LoadOptions
from loaders.customers import load_customers
from loaders.outages import load_outages
from loaders.readings import load_readings
from loaders.transformers import load_transformers

NOW = datetime.fromisoformat("2026-07-16T19:40:00+08:00")


@pytest.mark.parametrize(
    "cell",
    ["2026-07-16", "2026/7/16", "2026.7.16", "20260716", "2026年7月16日", "46219",
     "2026-07-16 00:00:00"],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_form(write, cell):
    loaded = load_customers(write("c.csv", f"customer_no,connected_on\n1,{cell}\n"), LoadOptions())
    assert loaded.frame["connected_on"].tolist() == [pd.Timestamp("2026-07-16")]
    assert len(loaded.report.corrected) == 0


@pytest.mark.parametrize("cell", ["16/7/2026", "07-16-2026", "2026-13-01", "July", "2026-7", "1"])
def test_a_day_that_must_be_guessed_is_rejected(write, cell):
    loaded = load_customers(write("c.csv", f"customer_no,connected_on\n1,{cell}\n"), LoadOptions())
    assert loaded.report.rejected["code"].iloc[0] in ("not_a_day", "no_such_day")


def test_the_time_of_day_is_dropped_from_a_day_and_counted(write):
    text = "customer_no,connected_on\n1,2026-07-16 08:30\n"
    loaded = load_customers(write("c.csv", text), LoadOptions())
    assert loaded.frame["connected_on"].tolist() == [pd.Timestamp("2026-07-16")]
    assert loaded.report.corrected["code"].tolist() == ["time_dropped"]


def test_a_format_of_the_mapping_is_obeyed(write):
    mapping = ColumnMap(formats={"connected_on": "%d/%m/%Y"})
    text = "customer_no,connected_on\n1,03/04/2026\n2,2026-04-03\n"
    loaded = load_customers(write("c.csv", text), LoadOptions(mapping=mapping))
    assert loaded.frame["connected_on"].tolist() == [pd.Timestamp("2026-04-03")]
    assert loaded.report.rejected["expected"].tolist() == ["%d/%m/%Y"]


def _started(write, cell, **options):
    text = f"outage_id,scope,started_at\n1,transformer:T1,{cell}\n"
    return load_outages(write("o.csv", text), LoadOptions(now=NOW, **options))


@pytest.mark.parametrize(
    "cell",
    ["2026-07-16 18:10", "2026/7/16 18:10:00", "2026年7月16日 18时10分", "20260716 181000",
     "20260716181000", "2026-07-16T10:10:00Z", "2026-07-16T18:10:00+08:00",
     "2026-07-16 18:10:00.000", "2026-07-16 12:10+02", "46219.7569444444"],
)  # fmt: skip
def test_a_time_is_read_in_every_usual_form(write, cell):
    frame = _started(write, cell, timezone="Asia/Shanghai").frame
    assert frame["started_at"].dt.round("s").tolist() == [pd.Timestamp("2026-07-16T10:10:00Z")]


def test_the_maps_zone_goes_before_the_units(write):
    mapping = ColumnMap(timezone="America/Los_Angeles")
    frame = _started(write, "2026-07-01 12:00", mapping=mapping, timezone="Asia/Shanghai").frame
    assert frame["started_at"].tolist() == [pd.Timestamp("2026-07-01T19:00:00Z")]


def test_an_hour_the_clocks_skipped_is_rejected(write):
    loaded = _started(write, "2026-03-08 02:30", timezone="America/Los_Angeles")
    assert loaded.report.rejected["code"].tolist() == ["time_gap"]


def test_an_hour_that_came_twice_is_taken_as_the_first_and_counted(write):
    loaded = _started(write, "2025-11-02 01:30", timezone="America/Los_Angeles")
    assert loaded.frame["started_at"].tolist() == [pd.Timestamp("2025-11-02T08:30:00Z")]
    assert loaded.report.corrected["code"].tolist() == ["time_ambiguous"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("0019-06-01 00:00", "year_impossible"),
        ("0202-06-01 00:00", "year_impossible"),
        ("1987-06-01 00:00", "year_impossible"),
        ("2099-06-01 00:00", "in_future"),
        ("9999-12-31 00:00", "year_impossible"),
        ("", "required_missing"),
        ("yesterday", "not_a_time"),
    ],
)
def test_an_outage_at_an_impossible_time_is_rejected_once(write, cell, code):
    assert _started(write, cell).report.rejected["code"].tolist() == [code]


def test_an_unknown_zone_is_refused(write):
    with pytest.raises(FileRejected) as refused:
        _started(write, "2026-07-16", timezone="Nowhere")
    assert refused.value.code == "timezone_unknown"


def test_the_far_future_of_an_end_means_no_end(write):
    text = "transformer_id,valid_from,valid_to\nT1,2020-01-01,9999-12-31\n"
    loaded = load_transformers(write("t.csv", text), LoadOptions())
    assert loaded.frame["valid_to"].isna().all()
    assert loaded.report.corrected["code"].tolist() == ["open_end"]


def test_a_reading_of_a_day_to_come_is_rejected_by_the_local_calendar(write):
    text = "meter_id,day,energy_kwh\n1,2026-07-16,1\n1,2026-07-17,1\n"
    late = datetime.fromisoformat("2026-07-15T17:00:00+00:00")
    loaded = load_readings(write("r.csv", text), LoadOptions(now=late, timezone="Asia/Shanghai"))
    assert loaded.frame["day"].dt.strftime("%m-%d").tolist() == ["07-16"]
    assert loaded.report.rejected["code"].tolist() == ["in_future"]
