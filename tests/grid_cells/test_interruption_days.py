from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.interruption_days import by_day

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 8, 1, tzinfo=UTC)


def spans(*rows: tuple[str, datetime, datetime | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_no", "began", "ended"])
    return frame.assign(**{c: pd.to_datetime(frame[c], utc=True) for c in ("began", "ended")})


def rows(cut: pd.DataFrame) -> list[tuple[date, str, int, bool]]:
    return list(cut.itertuples(index=False, name=None))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def test_a_night_is_cut_at_the_zone_s_midnight() -> None:
    cut = by_day(spans(("01", at(2026, 7, 1, 15), at(2026, 7, 1, 17))), SHANGHAI, NOW)
    assert rows(cut) == [
        (date(2026, 7, 1), "01", 3600, True),
        (date(2026, 7, 2), "01", 3600, False),
    ]


def test_what_ends_at_midnight_does_not_touch_the_next_day() -> None:
    cut = by_day(spans(("01", at(2026, 7, 1, 15), at(2026, 7, 1, 16))), SHANGHAI, NOW)
    assert rows(cut) == [(date(2026, 7, 1), "01", 3600, True)]


def test_who_is_still_out_counts_until_now_and_who_is_not_yet_out_not_at_all() -> None:
    cut = by_day(
        spans(("01", at(2026, 7, 31, 23), None), ("02", at(2026, 8, 1, 1), None)), SHANGHAI, NOW
    )
    assert rows(cut) == [(date(2026, 8, 1), "01", 3600, True)]


def test_a_day_on_which_the_clock_is_put_back_has_25_hours() -> None:
    cut = by_day(spans(("01", at(2025, 10, 24, 22), at(2025, 10, 26, 23))), BERLIN, NOW)
    assert [(row[0].day, row[2]) for row in rows(cut)] == [(25, 86_400), (26, 25 * 3600)]


@given(
    st.lists(st.tuples(st.integers(0, 40 * 86_400), st.integers(0, 5 * 86_400)), max_size=20),
    st.sampled_from([SHANGHAI, BERLIN]),
)
def test_seconds_add_up_and_each_interruption_begins_once(
    given_: list[tuple[int, int]], zone: ZoneInfo
) -> None:
    start = at(2026, 3, 10)
    told = [
        (str(n), start + timedelta(seconds=a), start + timedelta(seconds=a + b))
        for n, (a, b) in enumerate(given_)
    ]
    cut = by_day(spans(*told), zone, NOW)
    assert cut.groupby("customer_no")["seconds"].sum().to_dict() == {
        str(n): b for n, (_, b) in enumerate(given_)
    }
    assert int(cut["is_first_day"].sum()) == len(given_)
