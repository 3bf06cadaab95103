"""The promise's clocks: literal days worked by hand, and laws that hold for any."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.order_crews import fault_level, is_on_shift, is_skilled, ranked
from grid_cells.promise_clock import clocks, known_at, stops_of, with_site_arrival, worst
from grid_cells.promise_shares import COUNTS, shares

ZERO = datetime(2026, 7, 16, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai: stops cross midnight


def at(minute: float) -> datetime:
    return ZERO + timedelta(minutes=minute)


def calls(*rows: dict) -> pd.DataFrame:
    """Calls with moments in minutes after ZERO; promises of the city unless said otherwise."""
    names = ("registered_at", "told_at", "accepted_at", "arrived_at", "restored_at")
    base = {"outage_id": None, "arrive_min": 45.0, "restore_min": 180.0, **dict.fromkeys(names)}
    frame = pd.DataFrame([base | {"report_id": f"R{n}"} | row for n, row in enumerate(rows)])
    for name in names:
        moments = [None if pd.isna(one) else at(one) for one in frame[name]]
        frame[name] = pd.to_datetime(pd.Series(moments), utc=True)
    return frame


def events(*rows: tuple[str, float, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["report_id", "happened_at", "event", "reason_code"])
    frame["happened_at"] = pd.to_datetime([at(one) for one in frame["happened_at"]], utc=True)
    return frame


def told(reports: pd.DataFrame, stopped: pd.DataFrame, minute: float) -> pd.DataFrame:
    known = known_at(reports, at(minute))
    return clocks(known, stops_of(stopped, at(minute)), at(minute)).set_index("report_id")


def test_a_promise_is_kept_to_its_last_second_and_broken_after_it() -> None:
    reports = calls(
        {"registered_at": 0, "arrived_at": 45}, {"registered_at": 0, "arrived_at": 45 + 1 / 60}
    )
    found = told(reports, events(), 300)
    assert found["arrive_state"].tolist() == ["kept", "broken"]
    assert found.loc["R0", "left_min"] == 0


def test_a_stop_across_midnight_is_told_apart_and_keeps_the_promise() -> None:
    """23:30 called, 23:40 to 00:20 the road is flooded, there at 00:50: 80 min, 40 stopped."""
    reports = calls({"registered_at": 0, "arrived_at": 80})
    stopped = events(("R0", 10, "stopped", "road_closed"), ("R0", 50, "resumed", None))
    row = told(reports, stopped, 300).loc["R0"]
    assert (row["elapsed_min"], row["stopped_min"], row["counted_min"]) == (80, 40, 40)
    assert row["arrive_state"] == "kept"
    assert row["is_late_whole"]


def test_nothing_later_than_now_is_known() -> None:
    reports = calls({"registered_at": 0, "arrived_at": 80}, {"registered_at": 70})
    stopped = events(("R0", 10, "stopped", "road_closed"), ("R0", 50, "resumed", None))
    row = told(reports, stopped, 30)
    assert row.index.tolist() == ["R0"]
    row = row.loc["R0"]
    assert (row["arrive_state"], row["stop_reason"]) == ("stopped", "road_closed")
    assert (row["elapsed_min"], row["stopped_min"], row["left_min"]) == (30, 20, 35)
    assert pd.isna(row["arrived_at"])
    row = told(reports, stopped, 60).loc["R0"]
    assert (row["arrive_state"], row["left_min"]) == ("running", 25)


def test_a_clock_that_ran_out_before_its_stop_stays_broken() -> None:
    row = told(calls({"registered_at": 0}), events(("R0", 46, "stopped", "unsafe")), 90).loc["R0"]
    assert (row["arrive_state"], row["left_min"]) == ("broken", -1)


def test_a_second_reason_begins_where_the_first_ends() -> None:
    stopped = events(
        ("R0", 5, "stopped", "unsafe"), ("R0", 15, "stopped", "road_closed"),
        ("R0", 20, "resumed", None), ("R0", 21, "resumed", None),
    )  # fmt: skip
    assert stops_of(stopped, at(90))["reason_code"].tolist() == ["unsafe", "road_closed"]
    assert told(calls({"registered_at": 0}), stopped, 30).loc["R0", "stopped_min"] == 15


def test_every_merged_call_has_the_clock_of_its_own_registration() -> None:
    """The crew came at minute 40 and left at 100: late, in time, already there, gone again."""
    reports = calls(
        {"registered_at": -10, "outage_id": "O"},
        {"registered_at": 0, "arrived_at": 40, "restored_at": 100, "outage_id": "O"},
        {"registered_at": 60, "outage_id": "O"},
        {"registered_at": 101, "outage_id": "O"},
        {"registered_at": 60, "outage_id": "P"},
    )
    visits = pd.DataFrame(
        {"outage_id": "O", "arrived_at": pd.to_datetime([at(40)]), "left_at": at(100)}
    )
    met = with_site_arrival(known_at(reports, at(120)), visits)
    found = clocks(met, stops_of(events(), at(120)), at(120)).set_index("report_id")
    assert found["counted_min"].tolist() == [50, 40, 0, 19, 60]
    assert found["arrive_state"].tolist() == ["broken", "kept", "kept", "running", "broken"]


def test_an_arrival_stamped_before_the_registration_counts_0() -> None:
    reports = with_site_arrival(calls({"registered_at": 30, "arrived_at": 10}), visits=_nobody())
    row = clocks(reports, stops_of(events(), at(60)), at(60)).iloc[0]
    assert (row["counted_min"], row["arrive_state"]) == (0, "kept")


def test_each_class_and_a_changed_one_have_their_own_minutes() -> None:
    """Same 80 minutes: broken in the city, kept in the country; without a class nothing is said."""
    reports = calls(*[{"registered_at": 0, "arrive_min": one} for one in (45.0, 90.0, np.nan)])
    found = told(reports, events(), 79)
    assert found["arrive_state"].tolist() == ["broken", "running", "unknown"]
    again = told(reports.assign(arrive_min=[90.0, 45.0, 120.0]), events(), 79)
    assert again["arrive_state"].tolist() == ["running", "broken", "running"]


def test_at_risk_is_what_the_crew_can_no_longer_drive() -> None:
    reports = calls(*[{"registered_at": 0}] * 3).assign(
        report_id=["far", "near", "none"], travel_left_min=[20.5, 3.0, np.nan]
    )
    found = told(reports, events(), 25)
    assert found["arrive_state"].tolist() == ["risk", "running", "running"]
    assert told(reports, events(), 36)["arrive_state"].tolist() == ["risk"] * 3


def test_restoration_counts_from_the_arrival() -> None:
    reports = calls(
        {"registered_at": 0, "arrived_at": 30, "restored_at": 210},
        {"registered_at": 0, "arrived_at": 30, "restored_at": 211},
        {"registered_at": 0, "arrived_at": 30},
        {"registered_at": 0},
        {"registered_at": 0, "restored_at": 20},
    )
    stopped = events(("R2", 40, "stopped", "unsafe"), ("R2", 60, "resumed", None))
    found = told(reports, stopped, 220)
    assert found["restore_state"].tolist() == ["kept", "broken", "risk", "unknown", "unknown"]
    assert found.loc["R2", "restore_counted_min"] == 170
    assert found.loc["R4", "arrive_state"] == "kept"  # the power was back without a crew


def test_the_arrival_ends_what_kept_the_crew_from_coming() -> None:
    stopped = events(("R0", 10, "stopped", "road_closed"))
    row = told(calls({"registered_at": 0, "arrived_at": 30}), stopped, 100).loc["R0"]
    assert (row["stopped_min"], row["restore_stopped_min"], row["is_stopped"]) == (20, 0, False)


def test_an_average_within_the_promise_does_not_hide_a_breach() -> None:
    """Three calls of 10 min and one of 120: 37.5 on average, and one promise broken."""
    rows = [{"registered_at": 0, "arrived_at": one} for one in (10, 10, 10, 120)]
    found = shares(told(calls(*rows), events(), 300).assign(area="A"), "area").loc["A"]
    assert (found["average_min"], found["broken"], found["share_kept"]) == (37.5, 1, 0.75)
    assert found["longest_min"] == 120


def test_the_worst_state_stands_for_several() -> None:
    assert worst(pd.Series(["kept", "risk", "running"])) == "risk"
    assert worst(pd.Series([], dtype="str")) == "unknown"


def _nobody() -> pd.DataFrame:
    moments = pd.Series([], dtype="datetime64[ns, UTC]")
    return pd.DataFrame(
        {"outage_id": pd.Series([], dtype="object"), "arrived_at": moments, "left_at": moments}
    )


moments = st.floats(0, 500)
call = st.builds(
    lambda registered, gaps, area: (registered, gaps, area),
    moments, st.tuples(st.none() | moments, st.none() | moments), st.sampled_from(["A", "B", None]),
)  # fmt: skip
one_event = st.tuples(
    st.integers(0, 7), moments, st.sampled_from(["stopped", "resumed"]), st.just("unsafe")
)


@given(st.lists(call, min_size=1, max_size=8), st.lists(one_event, max_size=20), moments)
def test_laws_of_the_clocks(given_calls: list, given_events: list, now: float) -> None:
    """A clock without stops never shows more than one with them; counts add up to the whole."""
    rows = []
    for registered, (arrive, restore), area in given_calls:
        arrived = None if arrive is None else registered + arrive
        restored = None if restore is None else (arrived or registered) + restore
        rows.append({"registered_at": registered, "arrived_at": arrived, "restored_at": restored,
                     "area": area})  # fmt: skip
    stopped = events(*[(f"R{n}", m, e, r) for n, m, e, r in given_events])
    found = told(calls(*rows), stopped, now)
    assert (found["counted_min"] <= found["elapsed_min"] + 1e-6).all()
    assert (found["counted_min"] >= -1e-6).all()
    assert (found["stopped_min"] >= 0).all()
    assert not (found["is_late_whole"] < (found["arrive_state"] == "broken")).any()
    if len(found):
        parts, whole = shares(found, "area"), shares(found.assign(all=1), "all")
        assert parts[list(COUNTS)].sum().tolist() == whole.iloc[0][list(COUNTS)].tolist()
        assert whole["calls"].tolist() == [len(found)]
        assert whole["longest_min"].iloc[0] == pytest.approx(parts["longest_min"].max())


def test_crews_are_named_in_time_and_free_first() -> None:
    crews = pd.DataFrame(
        {
            "crew_id": ["busy", "late", "free", "cut off"], "travel_min": [5.0, 31.0, 12.0, np.nan],
            "busy_since": [pd.Timestamp(ZERO), pd.NaT, pd.NaT, pd.NaT],
        }
    )  # fmt: skip
    found = ranked(crews, 30)
    assert found["crew_id"].tolist() == ["free", "busy", "late", "cut off"]
    assert found["is_in_time"].tolist() == [True, True, False, False]
    assert found["spare_min"].tolist()[:3] == [18, 25, -1]


def test_shifts_and_skills_are_read_as_archives_write_them() -> None:
    night = datetime(2026, 7, 16, 23, 0, tzinfo=UTC)  # 07:00 in Shanghai
    assert is_on_shift("Mo-Su 20:00-08:00", night, "Asia/Shanghai")
    assert not is_on_shift("Mo-Su 08:00-20:00", night, "Asia/Shanghai")
    assert is_on_shift(None, night, "Asia/Shanghai")
    assert not is_on_shift("now and then", night, "Asia/Shanghai")
    assert is_skilled("lv;meter", "lv")
    assert is_skilled("meter;inspection", "hv")  # tells of no level
    assert is_skilled("带电作业，抢修", "lv")
    assert not is_skilled("lv", "hv")
    assert is_skilled("低压；高压", "hv")
    assert is_skilled(None, "hv")
    assert [fault_level(one) for one in ("hv_line", "me_hv", "lv_box", None)] == [
        "hv", "hv", "lv", "lv",
    ]  # fmt: skip
