"""What outages and their steps mean for customers: literal cases and laws."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import interruptions
from grid_cells.errors import UserError


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-07-16 {text}", tz="Asia/Shanghai")


def spans(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    """who, outage, from, to."""
    frame = pd.DataFrame(rows, columns=["who", "outage_id", "began", "ended"])
    ends = [pd.NaT if one is None else at(one) for *_, one in rows]
    return frame.assign(
        began=[at(one) for one in frame["began"]],
        ended=pd.Series(ends, dtype="datetime64[us, Asia/Shanghai]"), kind="fault",
    )  # fmt: skip


def told(found: pd.DataFrame) -> list[tuple[str, str, str, str | None]]:
    return [
        (row.who, row.outage_id, hour(row.began), None if pd.isna(row.ended) else hour(row.ended))
        for row in found.itertuples()
    ]


def hour(moment: pd.Timestamp) -> str:
    return f"{moment:%H:%M}"


def test_a_nested_outage_under_its_parent_is_one_interruption() -> None:
    """The feeder is back at 19:00, but one home's transformer stays dark until 21:30."""
    held = spans(
        ("a", "F", "18:10", "19:00"), ("b", "F", "18:10", "19:00"), ("b", "T", "18:40", "21:30")
    )
    found = interruptions.merged(held)
    assert told(found) == [("a", "F", "18:10", "19:00"), ("b", "F", "18:10", "21:30")]
    assert interruptions.minutes(found, until=at("23:00")).tolist() == [50.0, 200.0]


def test_a_span_that_begins_as_another_ends_continues_it_and_a_gap_does_not() -> None:
    held = spans(
        ("a", "1", "10:00", "10:10"), ("a", "2", "10:10", "10:20"), ("a", "3", "10:21", "10:30")
    )
    assert told(interruptions.merged(held)) == [
        ("a", "1", "10:00", "10:20"), ("a", "3", "10:21", "10:30"),
    ]  # fmt: skip


def test_a_short_span_within_a_long_one_does_not_end_it() -> None:
    held = spans(
        ("a", "1", "10:00", "12:00"), ("a", "2", "10:30", "10:40"), ("a", "3", "11:00", "11:30")
    )
    assert told(interruptions.merged(held)) == [("a", "1", "10:00", "12:00")]


def test_an_open_span_keeps_all_later_ones_in_it_and_counts_until_now() -> None:
    held = spans(("a", "1", "10:00", None), ("a", "2", "11:00", "12:00"))
    found = interruptions.merged(held)
    assert told(found) == [("a", "1", "10:00", None)]
    assert interruptions.minutes(found, until=at("13:00")).tolist() == [180.0]


def test_nobody_interrupted_is_an_empty_table() -> None:
    assert interruptions.merged(spans()).empty


def steps(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"outage_id": "F", "at": [at(one) for one, _ in rows], "change": [n for _, n in rows]}
    )


def test_an_outage_restored_in_three_steps_is_three_lots() -> None:
    """1,000 out at 18:10; 600 back at 19:00, 362 at 20:00, the last 38 at 22:10.

    Customer minutes: 600 · 50 + 362 · 110 + 38 · 240 = 30,000 + 39,820 + 9,120 = 78,940.
    """
    found = interruptions.lots(
        steps(("18:10", 1000), ("19:00", -600), ("20:00", -362), ("22:10", -38))
    )
    assert found["customers"].tolist() == [600, 362, 38]
    length = interruptions.minutes(found, until=at("23:00"))
    assert length.tolist() == [50.0, 110.0, 240.0]
    assert float((found["customers"] * length).sum()) == 78940.0


def test_customers_put_out_later_come_back_after_those_before_them() -> None:
    """10 out at 10:00, 5 more at 10:30 for switching; 12 back at 11:00, nobody told of 3."""
    found = interruptions.lots(steps(("10:00", 10), ("10:30", 5), ("11:00", -12)))
    assert list(zip(found["customers"], found["ended"].isna(), strict=True)) == [
        (10, False), (2, False), (3, True),
    ]  # fmt: skip
    assert interruptions.minutes(found, until=at("12:00")).tolist() == [60.0, 30.0, 90.0]


def test_more_restored_than_out_is_refused_with_the_moment() -> None:
    with pytest.raises(UserError, match="steps_restore_too_many") as told:
        interruptions.lots(steps(("10:00", 10), ("11:00", -12)))
    assert told.value.values["customers"] == 2


changes = st.lists(st.tuples(st.integers(0, 600), st.integers(-40, 60)), max_size=30)


@given(changes)
def test_steps_keep_every_customer_and_every_minute(drawn: list[tuple[int, int]]) -> None:
    out, rows = 0, []
    for minute, change in sorted(drawn, key=lambda one: (one[0], -one[1])):
        kept = max(change, -out)
        out += kept
        rows.append((at("00:00") + pd.Timedelta(minutes=minute), kept))
    frame = pd.DataFrame(rows, columns=["at", "change"]).astype({"change": "int64"})
    frame = frame.assign(outage_id="F", at=pd.to_datetime(frame["at"], utc=True))
    until = at("11:00")
    found = interruptions.lots(frame)
    assert int(found.loc[found["ended"].isna(), "customers"].sum()) == out
    by_lots = float((found["customers"] * interruptions.minutes(found, until=until)).sum())
    by_steps = sum((until - when).total_seconds() / 60 * change for when, change in rows)
    assert by_lots == pytest.approx(by_steps)


moments = st.integers(0, 200)


@given(st.lists(st.tuples(st.sampled_from("ab"), moments, moments), min_size=1, max_size=12))
def test_merged_interruptions_cover_the_same_minutes_and_never_touch(
    drawn: list[tuple[str, int, int]],
) -> None:
    begin = at("00:00")
    rows = [(who, min(x, y), max(x, y) + 1) for who, x, y in drawn]
    frame = pd.DataFrame({
        "who": [who for who, _, _ in rows], "outage_id": [str(n) for n in range(len(rows))],
        "kind": "fault",
        "began": [begin + pd.Timedelta(minutes=x) for _, x, _ in rows],
        "ended": [begin + pd.Timedelta(minutes=y) for _, _, y in rows],
    })  # fmt: skip
    found = interruptions.merged(frame)
    for who in {one for one, _, _ in rows}:
        mine = found[found["who"] == who]
        covered = {m for w, x, y in rows if w == who for m in range(x, y)}
        assert interruptions.minutes(mine, until=begin).sum() == len(covered)
        assert (mine["began"].iloc[1:].to_numpy() > mine["ended"].iloc[:-1].to_numpy()).all()
