"""Calls about the same trouble: each reason by an example worked by hand, and laws.

The town: two feeders of ten transformers each in a row, 300 m apart, 100 homes a transformer, 3 km
from each other; a third feeder with one transformer lies 400 km away.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.call_groups import Groups, group
from tests.laws import examples

DAY = pd.Timestamp("2026-07-16 00:00", tz="UTC")
STEP_LON = np.degrees(300 / 6_371_008.8) / np.cos(np.radians(34.2))
A = [f"A{n}" for n in range(10)]
B = [f"B{n}" for n in range(10)]


def town(homes: int = 100) -> pd.DataFrame:
    lon = 108.9 + STEP_LON * np.arange(10)
    rows = [(t, "F-A", x, 34.2, homes) for t, x in zip(A, lon, strict=True)]
    rows += [
        (t, "F-B", x, 34.2 + np.degrees(3000 / 6_371_008.8), homes)
        for t, x in zip(B, lon, strict=True)
    ]
    rows += [("Z0", "F-Z", 113.0, 34.2, homes)]
    return pd.DataFrame(rows, columns=["transformer_id", "feeder_id", "lon", "lat", "customers"])


def at(clock: str) -> pd.Timestamp:
    hour, minute = clock.split(":")
    return DAY + pd.Timedelta(hours=int(hour), minutes=int(minute))


def call(clock: str, transformer: str | None = None, **more: Any) -> dict[str, Any]:
    return {"registered_at": at(clock), "transformer_id": transformer, **more}


def ring(clock: str, transformer: str, count: int, every: int = 2) -> list[dict[str, Any]]:
    """So many homes of a transformer, one every few minutes."""
    begin = at(clock)
    return [
        call("0:00", transformer) | {"registered_at": begin + pd.Timedelta(minutes=every * number)}
        for number in range(count)
    ]


def heard(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = ["customer_no", "transformer_id", "feeder_id", "lon", "lat", "outage_id", "is_fixed"]
    frame = pd.DataFrame(list(rows)).reindex(columns=["registered_at", *columns])
    frame["is_fixed"] = frame["is_fixed"].eq(True).astype(bool)
    return frame.assign(report_id=[f"R{number:03d}" for number in range(len(frame))])


def outages(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = ["outage_id", "started_at", "restored_at", "transformer_id", "feeder_id"]
    frame = pd.DataFrame(list(rows)).reindex(columns=[*columns, "is_from_calls"])
    return frame.assign(is_from_calls=frame["is_from_calls"].eq(True).astype(bool))


def grouped(
    calls: pd.DataFrame, *known: dict[str, Any], now: str = "23:00", homes: int = 100
) -> Groups:
    return group(calls, outages(*known), town(homes), now=at(now))


def keys(found: Groups) -> list[str]:
    return found.calls.sort_values("report_id")["group_key"].tolist()


def codes(found: Groups) -> list[str]:
    return found.calls.sort_values("report_id")["code"].tolist()


def figures(found: Groups, report: int) -> dict[str, Any]:
    return found.calls.set_index("report_id")["figures"][f"R{report:03d}"]


def only(found: Groups) -> pd.Series:
    assert len(found.groups) == 1
    return found.groups.iloc[0]


def test_a_single_home_is_alone() -> None:
    found = grouped(heard(call("19:00", "A3", customer_no="C1")))
    assert codes(found) == ["alone"]
    row = only(found)
    assert (row["kind"], row["scope"], row["customers"]) == ("customer", "customer:C1", 1)
    assert row["started_at"] == at("19:00")


def test_a_customer_who_calls_again_is_with_the_first_call() -> None:
    found = grouped(
        heard(call("19:00", "A3", customer_no="C1"), call("19:25", "A3", customer_no="C1"))
    )
    assert codes(found) == ["alone", "same_customer"]
    assert keys(found) == ["new:R000", "new:R000"]
    assert figures(found, 1) == {"minutes": 25}
    assert only(found)["callers"] == 1


def test_a_customer_who_calls_the_next_evening_has_a_new_trouble() -> None:
    calls = heard(call("19:00", "A3", customer_no="C1"), call("43:00", "A3", customer_no="C1"))
    assert keys(grouped(calls, now="47:00")) == ["new:R000", "new:R001"]


def test_homes_of_one_transformer_are_its_outage() -> None:
    found = grouped(heard(*ring("19:00", "A3", 3)))
    assert codes(found) == ["same_transformer"] * 3
    assert figures(found, 2) == {"transformer_id": "A3", "calls": 3, "minutes": 4}
    row = only(found)
    assert (row["kind"], row["scope"], row["customers"]) == ("transformer", "transformer:A3", 100)


def test_neighbours_that_begin_together_are_a_section() -> None:
    """Three own failures cost 3 x 8.7, one section 10 and the two cuts 2."""
    calls = heard(*ring("19:00", "A3", 4), *ring("19:01", "A4", 4), *ring("19:02", "A5", 4))
    found = grouped(calls)
    assert set(codes(found)) == {"same_feeder_section"}
    row = only(found)
    assert row["scope"] == "transformer:A3;transformer:A4;transformer:A5"
    assert row["customers"] == 300
    assert figures(found, 4) == {"feeder_id": "F-A", "calling": 3, "transformers": 3, "minutes": 1}


def test_a_silent_transformer_inside_a_section_is_out_as_well() -> None:
    calls = [one for t in ("A2", "A3", "A5", "A6") for one in ring("19:00", t, 3)]
    found = grouped(heard(*calls))
    assert only(found)["scope"] == ";".join(f"transformer:A{n}" for n in range(2, 7))
    assert figures(found, 0)["calling"] == 4
    assert figures(found, 0)["transformers"] == 5
    assert found.covers["transformer_id"].tolist() == ["A2", "A3", "A4", "A5", "A6"]


def test_a_feeder_that_calls_from_end_to_end_is_out_as_a_whole() -> None:
    found = grouped(heard(*[one for t in A for one in ring("19:00", t, 2)]))
    assert set(codes(found)) == {"whole_feeder"}
    row = only(found)
    assert (row["kind"], row["scope"], row["customers"]) == ("feeder", "feeder:F-A", 1000)


def test_many_silent_homes_between_speak_against_one_cause() -> None:
    """Half the homes of A1 and A8 call, of the 1,800 between them nobody."""
    calls = heard(*ring("19:00", "A1", 20, 1), *ring("19:00", "A8", 20, 1))
    assert len(grouped(calls, homes=300).groups) == 2


def test_before_silence_can_be_heard_the_same_calls_may_have_one_cause() -> None:
    calls = heard(*[one for t in ("A0", "A4", "A8") for one in ring("19:00", t, 2, 1)])
    assert len(grouped(calls, now="19:02", homes=400).groups) == 1
    assert len(grouped(calls, now="23:00", homes=400).groups) == 3


def test_transformers_that_fail_one_after_another_in_a_storm_stay_apart() -> None:
    calls = heard(*ring("18:00", "A1", 5), *ring("18:40", "A2", 5), *ring("19:20", "A3", 5))
    found = grouped(calls)
    assert found.groups["scope"].tolist() == ["transformer:A1", "transformer:A2", "transformer:A3"]


def test_two_feeders_that_fail_together_are_two_outages() -> None:
    calls = heard(*[one for t in (*A, *B) for one in ring("19:00", t, 2)])
    assert sorted(grouped(calls).groups["scope"]) == ["feeder:F-A", "feeder:F-B"]


def test_a_home_that_calls_before_the_feeder_trips_is_its_own() -> None:
    calls = [call("17:00", "A3"), *[one for t in A for one in ring("19:00", t, 2)]]
    found = grouped(heard(*calls))
    assert codes(found)[0] == "alone"
    assert set(codes(found)[1:]) == {"whole_feeder"}


def test_a_transformer_that_begins_anew_behind_a_section_is_its_own_outage() -> None:
    section = [one for t in ("A3", "A4", "A5") for one in ring("19:00", t, 6)]
    found = grouped(heard(*section, *ring("20:30", "A4", 8)))
    assert set(keys(found)[:18]) == {"new:R000"}
    assert set(keys(found)[18:]) == {"new:R018"}


def test_calls_after_a_told_restoration_are_another_outage() -> None:
    section = [
        one | {"outage_id": "CALL-1"} for t in ("A3", "A4", "A5") for one in ring("19:00", t, 4)
    ]
    told = {"outage_id": "CALL-1", "started_at": at("19:00"), "is_from_calls": True}
    back = [told | {"transformer_id": t, "restored_at": at("20:00")} for t in ("A3", "A4", "A5")]
    calls = heard(*section, call("20:03", "A5"), *ring("20:10", "A4", 2))
    found = grouped(calls, *back)
    assert keys(found) == ["CALL-1"] * 13 + ["new:R013"] * 2
    assert codes(found)[12:] == ["known_outage", "same_transformer", "same_transformer"]


def test_a_known_outage_takes_the_calls_it_covers() -> None:
    work = {"outage_id": "P-1", "started_at": at("18:00"), "restored_at": at("20:00")}
    calls = heard(call("18:30", "A3"), call("18:30", "A4"), call("20:30", "A3"))
    found = grouped(calls, work | {"transformer_id": "A3"})
    assert keys(found) == ["P-1", "new:R001", "new:R002"]
    assert codes(found) == ["known_outage", "alone", "alone"]
    assert figures(found, 0) == {"outage_id": "P-1", "minutes": 30}


def test_a_known_outage_of_a_feeder_covers_all_its_transformers() -> None:
    trip = {"outage_id": "X-1", "started_at": at("18:00"), "feeder_id": "F-A"}
    found = grouped(heard(call("18:05", "A0"), call("18:05", "A9"), call("18:05", "B0")), trip)
    assert keys(found) == ["X-1", "X-1", "new:R002"]


def test_a_call_with_only_a_place_joins_what_is_out_there() -> None:
    beside = {"lon": 108.9 + 3.1 * STEP_LON, "lat": 34.2}
    beyond = {"lon": 108.9 + 60 * STEP_LON, "lat": 34.2}
    calls = heard(*ring("19:00", "A3", 4), call("19:10", **beside), call("19:10", **beyond))
    found = grouped(calls)
    assert codes(found)[4:] == ["near_in_place", "alone"]
    assert keys(found)[4] == "new:R000"
    assert figures(found, 4) == {"distance_m": 30, "calls": 5}


def test_places_near_each_other_are_together_where_no_transformer_is_known() -> None:
    east = np.degrees(100 / 6_371_008.8) / np.cos(np.radians(40))
    calls = heard(
        call("19:00", lon=120.0, lat=40.0),
        call("19:20", lon=120.0 + east, lat=40.0),
        call("21:00", lon=120.0, lat=40.0),
        call("19:10", lon=121.0, lat=40.0),
    )
    found = group(calls, outages(), town().iloc[:0], now=at("23:00"))
    assert keys(found) == ["new:R000", "new:R000", "new:R002", "new:R003"]
    assert codes(found)[:2] == ["near_in_place"] * 2
    assert figures(found, 1) == {"distance_m": 100, "calls": 2}


def test_a_call_that_tells_only_its_feeder_joins_the_likeliest_outage_there() -> None:
    calls = heard(*ring("19:00", "A3", 4), call("19:05", feeder_id="F-A"))
    found = grouped(calls)
    assert codes(found)[4] == "same_feeder"
    assert figures(found, 4) == {"feeder_id": "F-A", "minutes": 5}
    assert len(found.groups) == 1


def test_a_fixed_call_stays_and_new_ones_of_its_transformer_follow() -> None:
    placed = [one | {"outage_id": "CALL-7", "is_fixed": True} for one in ring("19:00", "A3", 2)]
    found = grouped(heard(*placed, call("19:06", "A3")))
    assert keys(found) == ["CALL-7"] * 3
    assert codes(found) == ["fixed", "fixed", "same_transformer"]


def test_one_call_moved_by_hand_does_not_take_the_others_along() -> None:
    calls = [one | {"outage_id": "CALL-1"} for one in ring("19:00", "A3", 5)]
    calls[2] |= {"outage_id": "CALL-2", "is_fixed": True}
    found = grouped(heard(*calls, call("19:12", "A3")))
    assert keys(found) == ["CALL-1", "CALL-1", "CALL-2", "CALL-1", "CALL-1", "CALL-1"]


def test_new_calls_keep_to_the_parts_into_which_a_hand_divided_a_section() -> None:
    first = [one | {"outage_id": "CALL-1"} for one in ring("19:00", "A3", 4)]
    second = [one | {"outage_id": "CALL-2", "is_fixed": True} for one in ring("19:00", "A4", 4)]
    found = grouped(heard(*first, *second, call("19:09", "A3"), call("19:09", "A4")))
    assert keys(found)[8:] == ["CALL-1", "CALL-2"]
    scopes = found.groups.set_index("group_key")["scope"]
    assert scopes.to_dict() == {"CALL-1": "transformer:A3", "CALL-2": "transformer:A4"}


def test_pieces_that_prove_to_be_one_keep_the_id_of_most_calls() -> None:
    small = [one | {"outage_id": "CALL-1"} for one in ring("19:00", "A3", 2)]
    large = [one | {"outage_id": "CALL-2"} for one in ring("19:00", "A4", 4)]
    found = grouped(heard(*small, *large, *ring("19:02", "A5", 3)))
    assert set(keys(found)) == {"CALL-2"}
    assert found.vacated.to_dict("records") == [{"outage_id": "CALL-1", "into": "CALL-2"}]


def test_a_group_that_proves_to_be_two_gives_its_id_to_the_larger() -> None:
    both = (*ring("17:00", "A1", 2), *ring("20:00", "B8", 3))
    calls = [one | {"outage_id": "CALL-1"} for one in both]
    assert keys(grouped(heard(*calls))) == ["new:R000"] * 2 + ["CALL-1"] * 3


def test_a_transformer_that_no_network_knows_is_grouped_by_its_name() -> None:
    found = grouped(heard(*ring("19:00", "unheard of", 2)))
    assert codes(found) == ["same_transformer"] * 2


@pytest.mark.parametrize("network", [town(), town().iloc[:0]], ids=["town", "nothing"])
def test_no_calls_make_no_groups(network: pd.DataFrame) -> None:
    none = heard(call("19:00", "A1")).iloc[:0]
    found = group(none, outages(), network, now=at("20:00"))
    assert (len(found.calls), len(found.groups), len(found.vacated)) == (0, 0, 0)


PLACES = st.tuples(st.floats(108.89, 108.95), st.floats(34.19, 34.24))
ROWS = st.fixed_dictionaries(
    {
        "minute": st.integers(0, 600),
        "transformer_id": st.sampled_from([*A, *B, None]),
        "home": st.integers(0, 5) | st.none(),
        "place": PLACES | st.none(),
        "outage_id": st.sampled_from(["CALL-1", "CALL-2", None, None]),
        "is_fixed": st.booleans(),
    }
)


def made(rows: list[dict[str, Any]], *, fresh: bool = False) -> pd.DataFrame:
    calls = []
    for row in rows:
        linked = row["transformer_id"] is not None and row["home"] is not None
        lon, lat = row["place"] or (np.nan, np.nan)
        one = call("10:00", row["transformer_id"], lon=lon, lat=lat)
        one["registered_at"] += pd.Timedelta(minutes=row["minute"])
        one["customer_no"] = f"{row['transformer_id']}-{row['home']}" if linked else None
        one |= {"outage_id": row["outage_id"], "is_fixed": row["is_fixed"]}
        calls.append(one | ({"outage_id": None, "is_fixed": False} if fresh else {}))
    return heard(*calls)


LATE = at("21:00")
MANY = st.lists(ROWS, min_size=1, max_size=25)
TRIP = {"outage_id": "X-1", "started_at": at("12:00"), "restored_at": at("14:00")}
KNOWN = outages(TRIP | {"transformer_id": "A5"}, TRIP | {"transformer_id": "A6"})


@settings(max_examples=examples(6), deadline=None)
@given(MANY, st.randoms())
def test_every_call_is_in_one_group_whatever_the_order_of_rows(rows: Any, random: Any) -> None:
    calls = made(rows)
    found = group(calls, KNOWN, town(), now=LATE)
    assert sorted(found.calls["report_id"]) == sorted(calls["report_id"])
    assert set(found.calls["group_key"]) == set(found.groups["group_key"])
    assert found.groups["group_key"].is_unique
    assert found.groups["calls"].sum() == len(calls)
    order = list(range(len(calls)))
    random.shuffle(order)
    again = group(calls.iloc[order], KNOWN, town(), now=LATE)
    pd.testing.assert_frame_equal(again.calls, found.calls)


@settings(max_examples=examples(6), deadline=None)
@given(MANY)
def test_fixed_calls_stay_where_they_were_put(rows: Any) -> None:
    calls = made(rows)
    found = group(calls, KNOWN, town(), now=LATE)
    fixed = calls[calls["is_fixed"] & calls["outage_id"].notna()]
    now_in = found.calls.set_index("report_id")["group_key"][fixed["report_id"]]
    assert now_in.tolist() == fixed["outage_id"].tolist()


@settings(max_examples=examples(6), deadline=None)
@given(MANY)
def test_grouping_again_changes_nothing(rows: Any) -> None:
    calls = made(rows, fresh=True)
    found = group(calls, KNOWN, town(), now=LATE).calls
    had = calls["report_id"].map(found.set_index("report_id")["group_key"])
    again = group(calls.assign(outage_id=had), KNOWN, town(), now=LATE).calls
    assert again["group_key"].tolist() == found["group_key"].tolist()


@settings(max_examples=examples(6), deadline=None)
@given(MANY, st.booleans())
def test_a_call_far_away_and_days_before_changes_nobody_elses_group(
    rows: Any, is_linked: bool
) -> None:
    calls = made(rows)
    place = {"lon": 113.0, "lat": 34.2}
    far = call("0:00", "Z0") if is_linked else call("0:00", **place)
    far |= {"registered_at": DAY - pd.Timedelta(days=3), "report_id": "far"}
    more = pd.concat([calls, pd.DataFrame([far])], ignore_index=True)
    before = group(calls, KNOWN, town(), now=LATE).calls
    after = group(more, KNOWN, town(), now=LATE).calls.set_index("report_id")
    assert after.loc[before["report_id"], "group_key"].tolist() == before["group_key"].tolist()
    assert after.loc["far", "code"] == "alone"


@settings(max_examples=examples(6), deadline=None)
@given(MANY)
def test_linked_calls_of_two_feeders_are_never_together(rows: Any) -> None:
    calls = made(rows, fresh=True)
    found = group(calls, outages(), town(), now=LATE).calls
    linked = calls[calls["transformer_id"].notna()].merge(found, on="report_id")
    feeders = linked["transformer_id"].str[0].groupby(linked["group_key"]).nunique()
    assert (feeders == 1).all()


def test_transformers_without_a_feeder_are_no_feeders_of_anybody() -> None:
    bare = pd.DataFrame({"transformer_id": ["X0", "X1"], "lon": 108.9, "lat": 35.0, "customers": 9})
    net = pd.concat([town(), bare], ignore_index=True)
    told = heard(
        call("12:00", "X0"), call("12:01", "X0"), call("12:02", feeder_id="F-B"),
        call("12:03", "X1"), call("12:04", feeder_id="F-nowhere"),
    )  # fmt: skip
    found = keys(group(told, outages(), net, now=at("12:10")))
    assert found[0] == found[1]
    assert len(set(found)) == 4


def span(first: str | None, last: str | None) -> dict[str, Any]:
    return {"outage_from": first and at(first), "outage_until": last and at(last)}


def in_span(*rows: dict[str, Any]) -> pd.DataFrame:
    spans = pd.DataFrame(list(rows)).reindex(columns=["outage_from", "outage_until", "is_by_hand"])
    return heard(*rows).assign(**spans)


def test_a_new_call_does_not_follow_a_name_to_an_outage_that_is_over() -> None:
    named = call("18:00", "A3", outage_id="O-1", is_fixed=True, **span("17:50", "18:30"))
    found = grouped(in_span(named, call("18:20", "A3"), call("18:40", "A3"), call("18:42", "A3")))
    assert keys(found) == ["O-1", "O-1", "new:R002", "new:R002"]
    assert codes(found)[2:] == ["same_transformer", "same_transformer"]


def test_a_lone_call_after_the_end_is_on_its_own_and_told_why() -> None:
    named = call("18:00", "A3", outage_id="O-1", is_fixed=True, **span("17:50", "18:30"))
    found = grouped(in_span(named, call("18:40", "A3")))
    assert keys(found) == ["O-1", "new:R001"]
    assert codes(found)[1] == "not_in_force"
    assert figures(found, 1) == {"outage_id": "O-1"}


def test_a_file_puts_no_call_to_an_outage_yet_to_come_but_a_hand_may() -> None:
    planned = {"outage_id": "O-2", "is_fixed": True, **span("20:00", None)}
    found = grouped(
        in_span(call("18:00", "A3", **planned), call("18:00", "B3", is_by_hand=True, **planned))
    )
    assert keys(found) == ["new:R000", "O-2"]
    assert codes(found) == ["not_in_force", "fixed"]
    assert found.calls["is_fixed"].tolist() == [False, True]


def test_a_call_ten_minutes_before_the_stamp_belongs_to_the_outage() -> None:
    named = {"outage_id": "O-1", "is_fixed": True, **span("18:10", "18:30")}
    rows = [call(clock, "A3", **named) for clock in ("17:59", "18:00", "18:35", "18:36")]
    assert [key == "O-1" for key in keys(grouped(in_span(*rows)))] == [False, True, True, False]
