"""Time of devices that is up, down or unknown: worked by hand, and laws of silence."""

import math
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import hall_device_spans as spans_
from grid_cells.hall_device_spans import Signs

DAY = datetime(2026, 7, 13, tzinfo=UTC)
US = "datetime64[us, UTC]"
KEEP = ["device_id", "from_at", "to_at"]


def at(hours):
    return None if hours is None else DAY + timedelta(hours=hours)


def spans(*rows):
    frame = pd.DataFrame([(d, at(a), at(b)) for d, a, b in rows], columns=KEEP)
    return frame.astype({"from_at": US, "to_at": US})


def beats(device, *hours):
    return [(device, h, h) for h in hours]


def signs(beat_rows, fault_rows=(), devices=(("A", None),), late_min=90.0):
    held = pd.DataFrame(
        [(d, late_min, at(i)) for d, i in devices],
        columns=["device_id", "late_min", "installed_at"],
    ).astype({"installed_at": US})
    return Signs(spans(*beat_rows), spans(*fault_rows), held)


def told(given_, first, last, now=48):
    found = spans_.timeline(given_, at(first), at(last), now=at(now))
    return [
        (device, state, (a - DAY) / timedelta(hours=1), (b - DAY) / timedelta(hours=1))
        for device, state, a, b in found.to_numpy().tolist()
    ]


def test_a_silence_longer_than_the_limit_is_unknown_as_a_whole():
    given_ = signs(beats("A", 0, 1, 2, 5, 6))
    assert told(given_, 0, 8) == [
        ("A", "up", 0, 2), ("A", "unknown", 2, 5), ("A", "up", 5, 6), ("A", "unknown", 6, 8),
    ]  # fmt: skip


def test_the_last_heartbeat_holds_until_now_while_the_next_is_not_late():
    given_ = signs(beats("A", 0, 1, 2))
    assert told(given_, 0, 8, now=3.5) == [("A", "up", 0, 3.5)]
    assert told(given_, 0, 8, now=3.6) == [("A", "up", 0, 2), ("A", "unknown", 2, 3.6)]


def test_a_fault_is_down_whatever_the_heartbeat_says_and_after_the_repair_silence_is_unknown():
    given_ = signs(beats("A", 0, 1, 2, 3), [("A", 1.5, 6), ("A", 7, None)])
    assert told(given_, 0, 8) == [
        ("A", "up", 0, 1.5), ("A", "down", 1.5, 6), ("A", "unknown", 6, 7), ("A", "down", 7, 8),
    ]  # fmt: skip


def test_time_before_a_device_was_installed_is_left_out():
    given_ = signs(beats("A", 3, 4), devices=(("A", 2), ("B", None), ("C", 9)))
    assert told(given_, 0, 4, now=4) == [
        ("A", "unknown", 2, 3), ("A", "up", 3, 4), ("B", "unknown", 0, 4),
    ]  # fmt: skip


def test_availability_is_of_the_time_that_is_known_and_that_share_is_told_apart():
    given_ = signs(
        [*beats("A", 0, 1, 2, 3, 4), *beats("B", 0, 1)], [("A", 3, 4)],
        devices=(("A", None), ("B", None), ("C", None)),
    )  # fmt: skip
    line = spans_.timeline(given_, at(0), at(4), now=at(48))
    held = pd.DataFrame({"device_id": ["A", "B", "C"], "maker": ["X", "X", None]})
    found = spans_.availability(line, held, ["maker"]).set_index("maker")
    assert found.loc["X", ["devices", "up_h", "down_h", "unknown_h"]].tolist() == [2, 4, 1, 3]
    assert found.loc["X", ["availability", "known_share"]].tolist() == [0.8, 5 / 8]
    nothing = found[found.index.isna()].iloc[0]
    assert (nothing["devices"], nothing["unknown_h"], nothing["known_share"]) == (1, 4, 0)
    assert math.isnan(nothing["availability"])
    every = spans_.availability(line, held, [])
    assert every[["devices", "up_h", "unknown_h"]].to_numpy().tolist() == [[3, 4, 7]]


def test_an_hour_has_the_worst_of_its_devices():
    line = pd.DataFrame(
        [("A", "up", at(0), at(1.25)), ("A", "down", at(1.25), at(3)),
         ("B", "unknown", at(0.5), at(2)), ("B", "up", at(2), at(3))],
        columns=["device_id", "state", "from_at", "to_at"],
    ).astype({"from_at": US, "to_at": US})  # fmt: skip
    hours = pd.DataFrame(
        [(h, at(k)) for h in ("H", "I") for k in range(4)], columns=["hall_id", "hour"]
    )
    held = pd.DataFrame({"device_id": ["A", "B"], "hall_id": "H"})
    found = spans_.hour_shares(line, hours.astype({"hour": US}), held)
    assert found[["hall_id", "down", "unknown"]].to_numpy().tolist() == [
        ["H", 0, 0.5], ["H", 0.75, 1], ["H", 1, 0], ["H", 0, 0],
    ]  # fmt: skip


def week_hours(*rows):
    """(hall, week, hour of the week, load, down, unknown) as loads and shares."""
    frame = pd.DataFrame(
        [
            (h, at(168 * week + hour), load, down, unknown)
            for h, week, hour, load, down, unknown in rows
        ],
        columns=["hall_id", "hour", "load_h", "down", "unknown"],
    ).astype({"hour": US})
    return frame[["hall_id", "hour", "load_h"]], frame[["hall_id", "hour", "down", "unknown"]]


def test_the_effect_compares_the_same_weekday_and_hour():
    loads, shares = week_hours(
        ("H", 0, 9, 2.0, 0, 0), ("H", 1, 9, 4.0, 0, 0), ("H", 2, 9, 5.0, 1, 0),
        ("H", 0, 10, 1.0, 0, 0), ("H", 1, 10, 3.0, 0.5, 0), ("H", 2, 10, 9.0, 0.4, 0),
        ("H", 3, 10, 9.0, 0, 0.2), ("H", 2, 11, 9.0, 1, 0), ("H", 3, 9, None, 1, 0),
    )  # fmt: skip
    found = spans_.effect(loads, shares, zone="Asia/Shanghai", enough=2).iloc[0]
    # down: 5 at nine and 3 at ten; without: (2 + 4) / 2 and 1; eleven has nothing to compare
    assert found[["hours_down", "hours_without"]].tolist() == [2, 3]
    assert found[["load_down_h", "load_without_h", "change_h"]].tolist() == [4.0, 2.0, 2.0]


def test_the_effect_of_too_few_hours_is_unknown():
    loads, shares = week_hours(
        ("H", 0, 9, 2.0, 0, 0), ("H", 1, 9, 4.0, 1, 0), ("I", 0, 9, 2.0, 0, 0)
    )
    found = spans_.effect(loads, shares, zone="UTC", enough=2)
    assert found[["hall_id", "hours_down", "hours_without"]].to_numpy().tolist() == [
        ["H", 1, 1], ["I", 0, 0],
    ]  # fmt: skip
    assert found["change_h"].isna().all()


HOURS = st.lists(st.integers(0, 47), max_size=20)
FAULTS = st.lists(st.tuples(st.integers(0, 47), st.integers(1, 10)), max_size=3)


def _faults(given_):
    rows, end = [], 0
    for begin, length in sorted(given_):
        if begin >= end:
            end = begin + length
            rows.append(("A", begin, end))
    return rows


def _hours(line):
    each = (line["to_at"] - line["from_at"]) / pd.Timedelta(hours=1)
    return each.groupby(line["state"]).sum().reindex(["up", "down", "unknown"]).fillna(0.0)


@given(HOURS, FAULTS)
def test_every_moment_has_one_state_and_silence_is_neither_up_nor_down(hours, faults):
    line = spans_.timeline(signs(beats("A", *hours), _faults(faults)), at(0), at(48), now=at(48))
    assert line["from_at"].tolist() == [at(0), *line["to_at"].tolist()[:-1]]
    assert line["to_at"].iloc[-1] == at(48)
    assert (line["state"] != line["state"].shift()).all()
    held = set(hours)
    down = sum(min(b, 48) - a for _, a, b in _faults(faults))
    assert _hours(line)["down"] == pytest.approx(down)
    faulty = {k for _, a, b in _faults(faults) for k in range(a, b)}
    known = {k for k in range(47) if k in held and k + 1 in held} | ({47} if 47 in held else set())
    assert _hours(line)["up"] == pytest.approx(len(known - faulty))


@given(HOURS, st.integers(0, 40), st.integers(1, 8))
def test_heartbeats_may_come_in_any_order_twice_or_joined_already(hours, first, length):
    plain = signs(beats("A", *hours))
    joined = spans_.joined(plain.beats, plain.devices, now=at(-1000))
    for other in (
        signs(beats("A", *reversed(hours), *hours)),
        Signs(joined, plain.faults, plain.devices),
    ):
        pd.testing.assert_frame_equal(
            spans_.timeline(plain, at(first), at(first + length), now=at(48)),
            spans_.timeline(other, at(first), at(first + length), now=at(48)),
        )


@given(HOURS, st.integers(1, 47))
def test_a_span_in_two_pieces_is_the_span(hours, cut):
    whole = signs(beats("A", *hours))
    parts = [
        _hours(spans_.timeline(whole, at(a), at(b), now=at(48))) for a, b in ((0, cut), (cut, 48))
    ]
    assert (parts[0] + parts[1]).tolist() == pytest.approx(
        _hours(spans_.timeline(whole, at(0), at(48), now=at(48))).tolist()
    )
