"""Who is out at any moment, worked out by hand, and the laws that any spans keep."""

from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import outage_film as film

T0 = datetime(2026, 7, 16, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def spans_of(*rows: tuple[str, int, float, float | None, int, bool]) -> pd.DataFrame:
    """outage, cell, minute out, minute back, customers, shadow."""
    frame = pd.DataFrame(
        rows, columns=["outage_id", "cell_id", "out_at", "back_at", "customers", "is_shadow"]
    )
    frame = frame.astype({"is_shadow": bool, "customers": "int64", "cell_id": "int64"})
    out = pd.to_datetime([at(one) for one in frame["out_at"]], utc=True)
    back = pd.to_datetime([None if pd.isna(b) else at(b) for b in frame["back_at"]], utc=True)
    return frame.assign(out_at=out, back_at=back, important=0, life_support=0, marked=0)


# A storm: A takes 10 customers at 0, 4 of them are back at 30, the rest at 60; B lies behind A from
# 20 on with 2 of A's customers (a shadow until 60) and stays open.
STORM = spans_of(
    ("A", 1, 0, 30, 4, False), ("A", 1, 0, 60, 4, False), ("A", 2, 0, 60, 2, False),
    ("B", 2, 20, 60, 2, True), ("B", 2, 60, None, 2, False),
)  # fmt: skip


def test_everybody_is_counted_once_and_every_outage_knows_its_own() -> None:
    told = [film.customers_out(STORM, at(t)) for t in (-1, 0, 29, 30, 59, 60, 1000)]
    assert told == [0, 10, 10, 6, 6, 2, 2]
    assert film.by_outage(STORM, at(40))["customers"].to_dict() == {"A": 6, "B": 2}
    assert film.cells_out(STORM, at(0)).to_dict() == {1: 8, 2: 2}
    assert film.cells_out(STORM, at(60)).to_dict() == {2: 2}


def test_the_course_is_a_stair_and_its_first_highest_step_the_peak() -> None:
    assert film.course(STORM).tolist() == [10, 6, 2]
    assert film.peak(STORM, at(-60)) == at(0)
    assert film.peak(STORM, at(45)) == at(45)  # what began before is on from the first moment
    assert film.peak(spans_of(("A", 1, 0, 30, 4, False)), at(31)) is None


def test_the_most_of_an_outage_counts_shadows_and_not_who_goes_out_twice() -> None:
    assert film.most_out(STORM).to_dict() == {"A": 10, "B": 2}
    again = spans_of(("C", 1, 0, 10, 5, False), ("C", 1, 20, 30, 5, False))
    assert film.most_out(again).to_dict() == {"C": 5}


def test_hours_are_parted_by_weeks_and_none_is_lost() -> None:
    """From Sunday 23:00 UTC to Monday 02:00, 10 customers: 10 h in the old week, 20 in the new."""
    sunday = datetime(2026, 7, 19, 23, 0, tzinfo=UTC)
    spans = spans_of(("A", 7, 0, 180, 10, False))
    shift = sunday - T0
    spans = spans.assign(out_at=spans["out_at"] + shift, back_at=spans["back_at"] + shift)
    hours = film.customer_hours(spans, sunday - timedelta(days=2), sunday + timedelta(days=2))
    assert [str(week) for week in hours["week"]] == ["2026-07-13", "2026-07-20"]
    assert hours["customer_hours"].tolist() == [10.0, 20.0]


OUTAGES = pd.DataFrame(
    {
        "outage_id": ["A", "B", "C"],
        "started_at": pd.to_datetime([at(0), at(20), at(30)], utc=True),
        "ended_at": pd.to_datetime([at(60), None, None], utc=True),
        "estimated_restore_at": pd.to_datetime([at(50), at(90), None], utc=True),
    }
)
TOLD = pd.DataFrame(
    {
        "outage_id": ["B", "B", "B"],
        "told_at": pd.to_datetime([at(25), at(40), at(70)], utc=True),
        "estimated_restore_at": pd.to_datetime([at(60), None, at(120)], utc=True),
        "is_estimate": [True, False, True],
    }
)


def test_an_estimate_is_the_one_told_last_and_unknown_before_the_first() -> None:
    told = {t: film.estimates_at(OUTAGES, TOLD, at(t)).tolist() for t in (24, 25, 69, 70)}
    own = pd.Timestamp(at(50))
    assert [one[0] for one in told.values()] == [own] * 4  # never told apart: the outage's own
    assert [one[1] for one in told.values()] == [
        pd.NaT, *(pd.Timestamp(at(t)) for t in (60, 60, 120)),
    ]  # fmt: skip
    assert all(pd.isna(one[2]) for one in told.values())


def test_news_is_the_last_that_was_told_or_the_beginning() -> None:
    news = film.news_at(OUTAGES, TOLD, at(45))
    assert news.tolist() == [pd.Timestamp(at(t)) for t in (0, 40, 30)]


ROWS = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.integers(0, 3), st.integers(0, 200), st.integers(1, 100),
        st.integers(1, 50), st.booleans(), st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@given(ROWS, st.integers(-10, 320))
def test_the_course_agrees_with_every_moment(
    rows: list[tuple[str, int, int, int, int, bool, bool]], minute: int
) -> None:
    spans = spans_of(
        *((o, c, s, None if never else s + d, n, shade) for o, c, s, d, n, shade, never in rows)
    )
    course = film.course(spans)
    before = course[course.index <= pd.Timestamp(at(minute))]
    told = film.customers_out(spans, at(minute))
    assert told == (int(before.iloc[-1]) if len(before) else 0)
    placed = film.cells_out(spans, at(minute)).sum()
    counted = film.out_at(spans, at(minute))
    unplaced = counted.loc[~counted["is_shadow"] & (counted["cell_id"] == 0), "customers"].sum()
    assert placed + unplaced == told
