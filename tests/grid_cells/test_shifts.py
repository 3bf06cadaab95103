"""Who is on shift: entered shifts first, then the text of the archive; hours, spans."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import shifts
from grid_cells.shifts import Span

ZONE = "Asia/Shanghai"
LOCAL = ZoneInfo(ZONE)
NIGHT = "Mo-Su 20:00-08:00"
DAY = date(2026, 7, 16)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def crews(**texts: str | None) -> pd.DataFrame:
    rows = [(crew, text, ZONE) for crew, text in texts.items()]
    return pd.DataFrame(rows, columns=["crew_id", "shift", "timezone"])


def rows(*entered: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(entered, columns=["crew_id", "starts_at", "ends_at", "kind"])
    for name in ("starts_at", "ends_at"):
        moments = [at(one) for one in frame[name]]
        frame[name] = pd.to_datetime(pd.Series(moments, dtype=object), utc=True)
    return frame


NONE = rows()
ENTERED = rows(
    ("A", "2026-07-16 08:00", "2026-07-16 20:00", "duty"),
    ("B", "2026-07-16 20:00", "2026-07-17 08:00", "duty"),
    ("C", "2026-07-15 00:00", "2026-07-18 00:00", "leave"),
    ("D", "2026-07-16 08:00", "2026-07-16 12:00", "standby"),
)


def on(moment: str, entered: pd.DataFrame = ENTERED, **texts: str | None) -> set[str]:
    found = shifts.on_shift(crews(**texts), entered, at(moment))
    return set(found[found].index)


def test_without_entries_the_text_decides_and_without_a_text_a_crew_always_works() -> None:
    texts = {"A": NIGHT, "B": "24/7", "C": None, "D": "now and then"}
    assert on("2026-07-16 03:00", NONE, **texts) == {"A", "B", "C"}
    assert on("2026-07-16 12:00", NONE, **texts) == {"B", "C"}


def test_what_is_entered_for_the_day_replaces_the_text() -> None:
    always = dict.fromkeys("ABCD", "24/7")
    assert on("2026-07-16 09:00", **always) == {"A", "D"}
    assert on("2026-07-16 12:00", **always) == {"A"}  # the end is excluded
    assert on("2026-07-16 20:00", **always) == {"B"}


def test_a_shift_over_midnight_lasts_and_the_next_day_follows_the_text_again() -> None:
    always = dict.fromkeys("AB", "24/7")
    assert on("2026-07-17 03:00", **always) == {"A", "B"}
    assert on("2026-07-17 09:00", **always) == {"A", "B"}
    assert on("2026-07-17 09:00", A=NIGHT, B=NIGHT) == set()
    assert on("2026-07-17 03:00", A="Mo-Su 08:00-20:00", B="Mo-Su 08:00-20:00") == {"B"}


def test_leave_takes_a_crew_off_whatever_else_is_entered() -> None:
    both = rows(
        ("A", "2026-07-16 08:00", "2026-07-16 20:00", "duty"),
        ("A", "2026-07-16 10:00", "2026-07-16 11:00", "leave"),
    )
    assert on("2026-07-16 09:59", both, A="24/7") == {"A"}
    assert on("2026-07-16 10:00", both, A="24/7") == set()
    assert on("2026-07-16 11:00", both, A="24/7") == {"A"}


def test_the_day_is_that_of_the_crews_own_zone() -> None:
    frame = crews(A="24/7").assign(timezone="UTC")
    # 06:00 of the 17th in Shanghai is still the 16th in UTC, for which shifts are entered
    assert not shifts.on_shift(frame, ENTERED, at("2026-07-17 06:00"))["A"]
    assert shifts.on_shift(crews(A="24/7"), ENTERED, at("2026-07-17 06:00"))["A"]


def test_plans_of_days_come_from_entries_and_where_there_are_none_from_the_text() -> None:
    found = shifts.planned(("A", "Mo-Su 09:00-17:00", ZONE), ENTERED, DAY, date(2026, 7, 17))
    assert found == [
        Span(at("2026-07-16 08:00"), at("2026-07-16 20:00")),
        Span(at("2026-07-17 09:00"), at("2026-07-17 17:00")),
    ]
    assert shifts.planned(("C", "24/7", ZONE), ENTERED, DAY, DAY) == []
    assert shifts.planned(("Z", None, ZONE), ENTERED, DAY, DAY) == []


def test_standby_is_no_plan_to_be_on_duty() -> None:
    asked = ("D", "24/7", ZONE)
    assert shifts.planned(asked, ENTERED, DAY, DAY, kinds=shifts.ATTENDED) == []
    assert shifts.minutes(shifts.planned(asked, ENTERED, DAY, DAY)) == 240


def test_hours_of_several_members_count_once_and_only_within_the_span() -> None:
    duties = pd.DataFrame(
        [("A", at("2026-07-16 08:00"), at("2026-07-16 12:00")),
         ("A", at("2026-07-16 10:00"), at("2026-07-16 14:00")),
         ("A", at("2026-07-16 18:00"), pd.NaT),
         ("B", at("2026-07-15 20:00"), at("2026-07-16 02:00"))],
        columns=["crew_id", "on_at", "off_at"],
    )  # fmt: skip
    for name in ("on_at", "off_at"):
        duties[name] = pd.to_datetime(duties[name], utc=True)
    found = shifts.hours_worked(duties, at("2026-07-16 00:00"), at("2026-07-16 20:00"))
    assert found.to_dict() == {"A": 8.0, "B": 2.0}


def test_an_overlap_is_time_shared_not_an_end_that_touches() -> None:
    held = [Span(at("2026-07-16 08:00"), at("2026-07-16 12:00"))]
    touching = Span(at("2026-07-16 12:00"), at("2026-07-16 13:00"))
    assert shifts.overlapping(held, touching) is None
    assert shifts.overlapping(held, Span(at("2026-07-16 11:59"), touching.ends)) == held[0]


BEGIN = datetime(2026, 7, 16, tzinfo=UTC)
SPANS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 90)).map(
        lambda p: Span(BEGIN + timedelta(minutes=p[0]), BEGIN + timedelta(minutes=p[0] + p[1]))
    ),
    max_size=8,
)


def covered(spans: list[Span]) -> set[int]:
    return {
        minute
        for minute in range(400)
        if any(s.starts <= BEGIN + timedelta(minutes=minute) < s.ends for s in spans)
    }


@given(SPANS, SPANS)
def test_spans_are_sets_of_minutes(held: list[Span], taken: list[Span]) -> None:
    joined = shifts.joined(held)
    assert covered(joined) == covered(held)
    assert shifts.minutes(joined) == len(covered(held))
    assert all(a.ends < b.starts for a, b in itertools.pairwise(joined))
    assert covered(shifts.without(joined, taken)) == covered(held) - covered(taken)
    for limits in taken[:1]:
        assert covered(shifts.within(joined, limits)) == covered(held) & covered([limits])
