from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.errors import UserError
from grid_cells.lake import FOLDERS, DayFiles, batches, days_to_make, expressions

FIRST, SECOND, THIRD = (date(2026, 1, day) for day in (1, 2, 3))


def test_a_column_is_read_by_its_name_its_alias_or_not_at_all() -> None:
    told = expressions(
        FOLDERS["areas"], {"area": "VARCHAR", "cell_id": "BIGINT"}, where="lake/areas"
    )
    assert told == [
        'CAST("area" AS VARCHAR) AS area_id',
        "CAST(NULL AS VARCHAR) AS transformer_id",
        'CAST("cell_id" AS BIGINT) AS cell_id',
        "CAST(NULL AS VARCHAR) AS customer_no",
    ]


def test_cells_as_text_are_read_as_cells() -> None:
    told = expressions(
        FOLDERS["areas"], {"area_id": "VARCHAR", "cell": "VARCHAR"}, where="lake/areas"
    )
    assert told[2] == 'cell_of_text("cell") AS cell_id'


def test_a_missing_column_that_must_be_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UserError) as caught:
        expressions(
            FOLDERS["readings"], {"meter_id": "VARCHAR", "kwh": "DOUBLE"}, where="lake/readings"
        )
    assert caught.value.code == "lake_column_missing"
    assert caught.value.values == {
        "folder": "lake/readings",
        "column": "energy_kwh",
        "found": "kwh, meter_id",
    }


@pytest.mark.parametrize(
    ("column", "given_as"),
    [("energy_kwh", "VARCHAR"), ("meter_id", "DOUBLE"), ("is_corrected", "BIGINT")],
)
def test_a_column_of_another_type_is_refused_not_bent(column: str, given_as: str) -> None:
    found = {"meter_id": "VARCHAR", "energy_kwh": "DOUBLE", column: given_as}
    with pytest.raises(UserError) as caught:
        expressions(FOLDERS["readings"], found, where="lake/readings")
    assert caught.value.code == "lake_column_type"
    assert (caught.value.values["column"], caught.value.values["type"]) == (column, given_as)


def test_only_days_that_are_new_or_changed_are_made() -> None:
    found = {day: DayFiles(f"mark {day}", 10, 1) for day in (THIRD, FIRST, SECOND)}
    made = {FIRST: f"mark {FIRST}", SECOND: "another"}
    assert days_to_make(found, made) == [SECOND, THIRD]
    assert days_to_make(found, made, again=True) == [FIRST, SECOND, THIRD]


def test_a_day_whose_files_went_away_stays_as_it_is() -> None:
    assert days_to_make({}, {FIRST: "mark"}) == []


def test_lots_hold_as_many_rows_as_may_be_and_one_day_at_least() -> None:
    rows = dict(zip((FIRST, SECOND, THIRD), (4, 6, 11), strict=True))
    found = {day: DayFiles("", count, 1) for day, count in rows.items()}
    assert batches(found, found, 10) == [[FIRST, SECOND], [THIRD]]


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 60))
def test_lots_are_the_days_in_their_order_and_full_only_when_they_must(
    counts: list[int], most: int
) -> None:
    days = [FIRST + timedelta(days=n) for n in range(len(counts))]
    found = {day: DayFiles("", count, 1) for day, count in zip(days, counts, strict=True)}
    lots = batches(days, found, most)
    assert [day for lot in lots for day in lot] == days
    sizes = [sum(found[day].rows for day in lot) for lot in lots]
    assert all(size <= most or len(lot) == 1 for size, lot in zip(sizes, lots, strict=True))
    following = [found[lot[0]].rows for lot in lots[1:]]
    assert all(size + more > most for size, more in zip(sizes[:-1], following, strict=True))
