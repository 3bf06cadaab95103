"""The list of a moment, what is wanted of it, and the figures above it, by literal rows."""

from typing import Any

import pandas as pd
import pytest

from grid_cells import outage_board as board
from grid_cells.outage_board import Wish
from tests.grid_cells.test_outage_film import at, spans_of

SPANS = spans_of(
    ("A", 1, 0, 60, 400, False), ("B", 2, 20, None, 30, False), ("C", 3, 50, None, 5, False),
).assign(important=[1, 0, 0], marked=[1, 0, 0])  # fmt: skip
NOTHING_TOLD = pd.DataFrame(
    {
        "outage_id": pd.Series([], dtype="str"),
        "told_at": pd.to_datetime([], utc=True),
        "estimated_restore_at": pd.to_datetime([], utc=True),
        "is_estimate": pd.Series([], dtype="bool"),
    }
)
OUTAGES = pd.DataFrame(
    {
        "outage_id": ["A", "B", "C"],
        "kind": ["fault", "planned", "fault"],
        "status": ["ended", "notified", "in_force"],
        "unit_id": ["S1", "S2", "S2"],
        "cause": ["tree", "work", None],
        "customers": [400, 30, 5],
        "important": [1, 0, 0],
        "life_support": [0, 0, 1],
        "marked": [1, 0, 1],
        "started_at": pd.to_datetime([at(0), at(20), at(50)], utc=True),
        "ended_at": pd.to_datetime([at(60), None, None], utc=True),
        "estimated_restore_at": pd.to_datetime([at(90), at(45), None], utc=True),
    }
)


def told(minute: float) -> pd.DataFrame:
    return board.board(OUTAGES, SPANS, NOTHING_TOLD, at(minute))


def test_the_board_is_what_was_in_force_then_the_largest_first() -> None:
    rows = told(55)
    assert rows["outage_id"].tolist() == ["A", "B", "C"]
    assert rows["status"].tolist() == ["in_force"] * 3
    assert rows["customers"].tolist() == [400, 30, 5]
    assert rows["left_min"].tolist()[:2] == [35.0, -10.0]
    assert pd.isna(rows["left_min"].iloc[2])
    assert rows["is_overdue"].tolist() == [False, True, False]
    assert rows["is_silent"].tolist() == [True, True, False]
    assert told(60)["outage_id"].tolist() == ["B", "C"]


def test_half_an_hour_without_news_is_not_yet_silent() -> None:
    assert told(50).set_index("outage_id")["is_silent"].to_dict() == {
        "A": True, "B": False, "C": False,
    }  # fmt: skip


def test_figures_of_a_moment() -> None:
    assert board.figures(told(55), SPANS, at(55)) == {
        "customers_out": 435.0, "outages_open": 3.0, "important_out": 1.0, "overdue": 1.0,
        "silent": 2.0, "longest_min": 55.0,
    }  # fmt: skip
    empty = board.figures(told(-5), SPANS, at(-5))
    assert set(empty.values()) == {0.0}


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ({}, "ABC"), ({"kinds": ("fault",)}, "AC"), ({"statuses": ("ended",)}, "ABC"),
        ({"unit_ids": ("S2",)}, "BC"), ({"causes": ("tree", "work")}, "AB"), ({"least": 30}, "AB"),
        ({"only": ("important",)}, "AC"), ({"kinds": ("fault",), "least": 6}, "A"),
    ],
)  # fmt: skip
def test_what_is_wanted(wish: dict[str, Any], kept: str) -> None:
    found = OUTAGES[board.wanted(OUTAGES, Wish(**wish))]
    assert "".join(found["outage_id"]) == kept


def test_what_only_the_moment_tells_is_wanted_of_the_board() -> None:
    rows = told(55)
    assert board.of_moment(rows, Wish(only=("overdue",)))["outage_id"].tolist() == ["B"]
    assert board.of_moment(rows, Wish(only=("silent",)))["outage_id"].tolist() == ["A", "B"]
    assert board.of_moment(rows, Wish(only=("silent", "overdue")))["outage_id"].tolist() == ["B"]


def test_the_status_wanted_is_that_of_the_moment_and_not_of_the_films_end() -> None:
    """A has ended by the film's end, B is still notified by its row: both are in force at 55."""
    rows = told(55)
    in_force, ended = Wish(statuses=("in_force", "notified")), Wish(statuses=("ended",))
    assert board.of_moment(rows, in_force)["outage_id"].tolist() == ["A", "B", "C"]
    assert board.of_moment(rows, ended).empty
    assert [board.has_status(one, "ended") for one in (Wish(), in_force, ended)] == [
        True, False, True,
    ]  # fmt: skip
    found = OUTAGES[board.announced(OUTAGES, Wish(statuses=("notified",)))]
    assert found["outage_id"].tolist() == ["B"]


def test_closed_ones_are_those_that_ended_since() -> None:
    found = board.closed(OUTAGES, at(30))
    assert (found["outage_id"].tolist(), found["out_min"].tolist()) == (["A"], [60.0])
    assert board.closed(OUTAGES, at(61)).empty


def test_announced_ones_stand_in_the_order_of_their_beginning() -> None:
    assert board.ahead(OUTAGES.iloc[::-1], None)["outage_id"].tolist() == ["A", "B", "C"]
    assert board.ahead(OUTAGES, at(25))["outage_id"].tolist() == ["A", "B"]
