"""Cell facts by day: what is sound passes, the first value that is not is named by its place."""

from datetime import date

import h3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grid_cells.errors import FileRejected, UserError
from loaders import province
from tests.app.province_town import DAY, NEXT, fact, write_day

CELLS = [h3.str_to_int(one) for one in sorted(h3.grid_disk(h3.latlng_to_cell(30.4, 112.5, 9), 1))]
COARSE = h3.str_to_int(h3.latlng_to_cell(30.4, 112.5, 8))


def good() -> list[dict]:
    return [fact(cell, 6 + place) for place, cell in enumerate(CELLS)]


def read(folder):
    return [province.read_day(day, files) for day, files in province.days_in(folder)]


def test_the_days_of_a_folder_in_order(tmp_path):
    write_day(tmp_path, NEXT, good())
    write_day(tmp_path, DAY, good()[:3], without=("supplied_kwh",))
    first, last = read(tmp_path)
    assert (first.day, first.cells, first.resolution, "supplied_kwh" in first.optional) == (
        DAY,
        3,
        9,
        False,
    )
    assert (last.day, last.cells, "supplied_kwh" in last.optional) == (NEXT, 7, True)
    assert first.sha256 != last.sha256


def test_the_fewest_customers_of_any_day(tmp_path):
    write_day(tmp_path, DAY, [fact(CELLS[0], 6), fact(CELLS[1], 9), fact(CELLS[2], 0)])
    write_day(tmp_path, NEXT, [fact(CELLS[0], 8), fact(CELLS[1], 2), fact(CELLS[2], 0)])
    found = province.fewest_people(read(tmp_path))
    assert dict(zip(found["cell_id"], found["people"], strict=True)) == {
        CELLS[0]: 6, CELLS[1]: 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "code", "shown"),
    [
        ("cell_id", COARSE, "cell_resolution", f"{COARSE:x}"),
        ("cell_id", CELLS[2] & ~7, "cell_resolution", f"{CELLS[2] & ~7:x}"),
        ("cell_id", 0, "cell_resolution", "0"),
        ("customers", -1, "count", "-1"),
        ("visits", -1, "count", "-1"),
        ("meters_read", 99, "within_meters", "99"),
        ("days_known", 1, "within_transformers", "1"),
        ("energy_kwh", -0.5, "amount", "-0.5"),
        ("energy_kwh", float("nan"), "amount", "nan"),
        ("feed_in_kwh", float("inf"), "amount", "inf"),
        ("interrupted_h", -1.0, "amount", "-1.0"),
        ("loss_kwh", -1e13, "loss", "-10000000000000.0"),
        ("supplied_kwh", 3.0, "with_loss", "3.0"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_place(tmp_path, column, value, code, shown):
    rows = good()
    rows[2][column] = value
    write_day(tmp_path, DAY, rows)
    with pytest.raises(FileRejected) as told:
        read(tmp_path)
    assert told.value.code == f"province_value_{code}"
    assert told.value.values == {
        "file": f"day={DAY}/part-0.parquet", "row": 3, "column": column, "value": shown,
    }  # fmt: skip


def test_a_loss_may_be_negative(tmp_path):
    write_day(tmp_path, DAY, [fact(CELLS[0], 9, transformers=1, days_known=1, loss_kwh=-2.0,
                                   supplied_kwh=10.0)])  # fmt: skip
    assert read(tmp_path)[0].cells == 1


def test_a_cell_that_stands_there_twice_is_named_the_second_time(tmp_path):
    write_day(tmp_path, DAY, [*good(), fact(CELLS[4], 6)])
    with pytest.raises(FileRejected) as told:
        read(tmp_path)
    assert told.value.code == "province_value_cell_once"
    assert told.value.values["row"] == 8
    assert told.value.values["value"] == f"{CELLS[4]:x}"


def test_one_row_may_tell_what_has_no_place_and_no_second_one(tmp_path):
    write_day(tmp_path, DAY, [*good(), fact(None, 12)])
    day = read(tmp_path)[0]
    assert day.cells == 7
    assert len(province.fewest_people([day])) == 7
    write_day(tmp_path, DAY, [*good(), fact(None, 12), fact(None, 12)])
    with pytest.raises(FileRejected, match="province_value_cell_once") as told:
        read(tmp_path)
    assert told.value.values["row"] == 9


def test_columns_are_asked_for_by_name_and_kind(tmp_path):
    write_day(tmp_path, DAY, good(), without=("meters_read",))
    with pytest.raises(FileRejected) as told:
        read(tmp_path)
    assert (told.value.code, told.value.values["column"]) == (
        "province_column_missing", "meters_read",
    )  # fmt: skip
    file = write_day(tmp_path, DAY, good())
    table = pq.read_table(file, partitioning=None)
    texts = pa.array([str(one) for one in table["customers"].to_pylist()])
    pq.write_table(table.set_column(1, "customers", texts), file)
    with pytest.raises(FileRejected) as told:
        read(tmp_path)
    assert told.value.code == "province_column_type"
    assert told.value.values["type"] == "VARCHAR"


def test_what_is_no_folder_of_facts_says_so(tmp_path):
    with pytest.raises(UserError, match="province_folder_empty"):
        read(tmp_path)
    (tmp_path / "cell_day" / "day=July").mkdir(parents=True)
    with pytest.raises(UserError, match="province_day_unreadable"):
        read(tmp_path)
    (tmp_path / "cell_day" / "day=July").rmdir()
    for name in ("20260701", "2026-W27-3"):  # also ISO 8601, and yet no name that a roll-up gives
        (tmp_path / "cell_day" / f"day={name}").mkdir()
        with pytest.raises(UserError, match="province_day_unreadable"):
            read(tmp_path)
        (tmp_path / "cell_day" / f"day={name}").rmdir()
    file = write_day(tmp_path, date(2026, 7, 1), good())
    file.write_bytes(b"no parquet at all")
    with pytest.raises(FileRejected, match="province_file_unreadable"):
        read(tmp_path)
