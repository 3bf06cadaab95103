"""When an exception may hold: literal spans, and the law that none ever overlap."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.errors import UserError
from grid_cells.overrides import check_span, stage

NOW = datetime(2026, 7, 16, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def day(number: int | None) -> datetime | None:
    return None if number is None else NOW + number * DAY


def held(*spans: tuple[int | None, int | None]) -> pd.DataFrame:
    rows = [(day(a), day(b)) for a, b in spans]
    frame = pd.DataFrame(rows, columns=["valid_from", "valid_to"])
    return frame.apply(lambda one: pd.to_datetime(one, utc=True))


def refusal(spans: pd.DataFrame, begins: int | None, ends: int | None) -> str:
    try:
        check_span(spans, day(begins), day(ends), now=NOW)
    except UserError as error:
        return error.code
    return "kept"


@pytest.mark.parametrize(
    ("spans", "begins", "ends", "said"),
    [
        ([], None, None, "kept"),
        ([], -1, None, "override_in_past"),
        ([], 3, 3, "override_ends_early"),
        ([], None, -1, "override_ends_early"),
        ([], 3, 4, "kept"),
        ([(None, None)], 3, 4, "override_overlaps"),
        ([(-9, 2)], 2, None, "kept"),
        ([(-9, 3)], 2, None, "override_overlaps"),
        ([(5, None)], None, 5, "kept"),
        ([(5, None)], None, 6, "override_overlaps"),
        ([(5, None)], None, None, "override_overlaps"),
        ([(-9, -2)], None, None, "kept"),
        ([(4, 4)], None, None, "kept"),
    ],
)
def test_spans(spans: Any, begins: int | None, ends: int | None, said: str) -> None:
    assert refusal(held(*spans), begins, ends) == said


@pytest.mark.parametrize(
    ("begins", "ends", "stands"),
    [
        (None, None, "in_force"), (-1, 1, "in_force"), (0, None, "in_force"), (1, None, "coming"),
        (-2, 0, "ended"), (2, 2, "ended"),
    ],
)  # fmt: skip
def test_where_one_stands(begins: int | None, ends: int | None, stands: str) -> None:
    assert stage(day(begins), day(ends), NOW) == stands


BOUND = st.one_of(st.none(), st.integers(-5, 9))


@given(st.lists(st.tuples(BOUND, BOUND), max_size=12))
def test_whatever_is_kept_never_overlaps(wishes: list[tuple[int | None, int | None]]) -> None:
    kept: list[tuple[int | None, int | None]] = []
    for begins, ends in wishes:
        if refusal(held(*kept), begins, ends) == "kept":
            kept.append((begins or 0, ends))
    for moment in range(12):
        inside = [one for one in kept if one[0] <= moment < (99 if one[1] is None else one[1])]  # type: ignore[operator]
        assert len(inside) <= 1
