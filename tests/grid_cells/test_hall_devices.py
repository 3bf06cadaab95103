"""Devices of halls at a moment: worked by hand, and laws that hold whatever the devices tell."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import hall_devices

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
US = "datetime64[us, UTC]"


def ago(minutes):
    return None if minutes is None else NOW - timedelta(minutes=minutes)


def devices(*rows):
    names = ["status", "seen_at", "faulted_at", "late_min"]
    frame = pd.DataFrame(
        [(status, ago(seen), ago(fault), 90) for status, seen, fault in rows], columns=names
    )
    return frame.astype({"seen_at": US, "faulted_at": US})


def events(*rows):
    frame = pd.DataFrame(
        [(device, event, ago(minutes), seq) for seq, (device, event, minutes) in enumerate(rows)],
        columns=["device_id", "event", "at", "seq"],
    )
    return frame.astype({"at": US})


@pytest.mark.parametrize(
    ("device", "state"),
    [
        (("in_use", 89, None), "ok"),
        (("in_use", 90, None), "ok"),
        (("in_use", 91, None), "unknown"),
        (("in_use", None, None), "unknown"),
        (("in_use", 1, 300), "faulty"),
        (("in_use", None, 300), "faulty"),
        (("spare", 1, None), "spare"),
        (("spare", None, 5), "spare"),
        (("retired", 1, 5), "retired"),
    ],
)
def test_a_late_heartbeat_is_unknown_and_never_fine(device, state):
    assert hall_devices.states(devices(device), now=NOW).tolist() == [state]


def test_faults_begin_at_the_first_telling_and_end_with_the_next_repair():
    told = events(
        ("A", "repaired", 40), ("A", "fault", 50), ("A", "fault", 60), ("A", "beat", 55),
        ("A", "fault", 10), ("B", "repaired", 30), ("B", "fault", 20), ("B", "repaired", 15),
        ("B", "repaired", 14), ("C", "fault", 7), ("C", "repaired", 7), ("D", "repaired", 7),
        ("D", "fault", 7),
    )  # fmt: skip
    found = hall_devices.faults(told)
    assert [(d, a, None if pd.isna(b) else b) for d, a, b in found.to_numpy().tolist()] == [
        ("A", ago(60), ago(40)), ("A", ago(10), None), ("B", ago(20), ago(15)),
        ("C", ago(7), ago(7)), ("D", ago(7), None),
    ]  # fmt: skip


def test_a_session_that_begins_ends_the_one_whose_end_was_never_told():
    told = events(
        ("A", "dwell_began", 60), ("A", "dwell_began", 30), ("A", "dwell_ended", 25),
        ("A", "dwell_began", 12), ("B", "dwell_ended", 9), ("B", "dwell_began", 8),
    )  # fmt: skip
    found = hall_devices.sessions(told)
    assert [(d, a, None if pd.isna(b) else b) for d, a, b in found.to_numpy().tolist()] == [
        ("A", ago(30), ago(25)), ("A", ago(12), None), ("B", ago(8), None),
    ]  # fmt: skip


def test_who_stands_longer_than_the_limit_is_told_until_the_end_must_have_been_lost():
    told = events(
        *(
            (name, "dwell_began", ago_)
            for name, ago_ in zip("ABCD", (12, 10, 121, 120), strict=True)
        )
    )
    limits = pd.DataFrame({"device_id": list("ABCD"), "dwell_min": 10.0, "lost_min": 120.0})
    found = hall_devices.dwell_alerts(hall_devices.sessions(told), limits, now=NOW)
    assert found.to_numpy().tolist() == [["D", ago(120), 120.0], ["A", ago(12), 12.0]]
    nobody = limits.assign(dwell_min=float("nan"))
    assert hall_devices.dwell_alerts(hall_devices.sessions(told), nobody, now=NOW).empty


def test_content_is_old_against_the_newest_of_its_kind_maker_and_model():
    frame = pd.DataFrame(
        [
            ("media_player", "M", "1", "2026.10", "in_use"),
            ("media_player", "M", "1", "2026.9", "in_use"),
            ("media_player", "M", "1", None, "in_use"),
            ("media_player", "M", "2", "2026.9", "in_use"),
            ("media_player", "M", "2", "2026.12", "spare"),
            ("media_player", None, "2", "1", "in_use"),
        ],
        columns=["kind", "maker", "model", "content_version", "status"],
    )
    assert hall_devices.content_states(frame).tolist() == [
        "current", "outdated", "unknown", "current", "current", "current",
    ]  # fmt: skip


def test_versions_are_compared_as_people_read_them():
    ordered = ["v1.2", "v1.10", "v1.10.1", "v2"]
    mixed = [ordered[k] for k in (2, 0, 3, 1)]
    assert sorted(mixed, key=hall_devices.version_key) == ordered


def test_age_is_in_years_and_unknown_where_the_day_is():
    days = pd.Series(pd.to_datetime(["2021-07-16", "2026-07-17", None]))
    found = hall_devices.age_years(days, date(2026, 7, 16))
    assert found[0] == pytest.approx(1826 / 365.2425)
    assert found[1] == 0
    assert pd.isna(found[2])


TOLD = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["fault", "repaired", "beat"]),
              st.integers(0, 50)),
    max_size=12,
)  # fmt: skip


@given(TOLD, st.randoms(use_true_random=False))
def test_events_may_come_in_any_order_and_twice(told, random):
    once = events(*told)
    rows = [*range(len(once)), *range(len(once))]
    random.shuffle(rows)
    shuffled = once.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(hall_devices.faults(once), hall_devices.faults(shuffled))


@given(TOLD)
def test_a_fault_stands_exactly_where_the_last_word_of_a_device_is_a_fault(told):
    found = hall_devices.faults(events(*told))
    standing = set(found.loc[found["to_at"].isna(), "device_id"])
    for device in "AB":
        mine = sorted(
            (-minutes, seq, event)
            for seq, (d, event, minutes) in enumerate(told)
            if d == device and event != "beat"
        )
        assert (device in standing) == bool(mine and mine[-1][2] == "fault")
    assert (found["to_at"].isna() | (found["from_at"] <= found["to_at"])).all()
