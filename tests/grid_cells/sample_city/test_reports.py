"""The calls of the sample city: plausible, in order, with a truth that no file tells."""

from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from grid_cells.promises import promise_classes
from grid_cells.sample_city import City

LOCAL = "Asia/Shanghai"
STAMPS = ["registered_at", "told_at", "accepted_at", "arrived_at", "restored_at"]
PROMISE_MIN = {"city": 45, "rural": 90, "remote": 120}


def at_clock(clock: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-07-16 {clock}", tz=LOCAL)


def reports(city: City) -> pd.DataFrame:
    """Reports with the truth and the minutes from the call to the crew's arrival."""
    frame = city.frames["fault_reports"]
    truth = city.call_truth.rename(columns={"outage_id": "true_outage"})
    told = frame.merge(truth, on="report_id", validate="one_to_one")
    waited = told["arrived_at"] - told["registered_at"]
    return told.assign(wait_min=waited.dt.total_seconds() / 60)


def evening(city: City, until: pd.Timestamp) -> pd.DataFrame:
    held = reports(city)
    return held[(held["registered_at"] >= at_clock("18:00")) & (held["registered_at"] <= until)]


def promised(city: City, held: pd.DataFrame) -> pd.Series:
    """Minutes promised at each caller's place; callers without a place are left out."""
    people = city.frames["customers"].set_index("customer_no")
    lon, lat = (
        held[side].fillna(held["customer_no"].map(people[side])).to_numpy()
        for side in ("lon", "lat")
    )
    classes = promise_classes(city.frames["promise_zones"], lon, lat)
    return pd.Series(classes, index=held.index).map(PROMISE_MIN)


def test_moments_of_a_report_come_in_their_order(city: City) -> None:
    held = city.frames["fault_reports"]
    for first, then in pairwise(STAMPS):
        both = held[[first, then]].dropna()
        assert (both[first] <= both[then]).all(), (first, then)
    sent = held["told_at"].notna()
    assert (held.loc[sent, STAMPS].notna()).all(axis=None)
    assert (held["crew_id"].notna() == sent).all()
    assert (sent == (held["service_type"] == "fault")).all()


def test_calls_about_an_outage_come_while_the_caller_is_dark(city: City) -> None:
    held = reports(city).merge(city.frames["outages"], left_on="true_outage", right_on="outage_id")
    assert (held["registered_at"] >= held["started_at"]).all()
    assert (held["registered_at"] < held["restored_at_y"]).all()
    assert len(held) > 0
    people = city.frames["customers"].set_index("customer_no")["transformer_id"]
    swapped = set(city.labels.query("cause == 'wrong_link'")["customer_no"])
    known = held[held["customer_no"].notna() & ~held["customer_no"].isin(swapped)]
    at = known["customer_no"].map(people)
    inside = [
        f"transformer:{own}" in scope.split(";")
        for own, scope in zip(at, known["scope"], strict=True)
    ]
    assert all(inside)


def test_what_the_control_room_has_grouped_is_where_it_belongs(city: City) -> None:
    held = reports(city)
    grouped = held["outage_id"].notna()
    assert (held.loc[grouped, "outage_id"] == held.loc[grouped, "true_outage"]).all()


def test_one_in_fourteen_of_the_storm_calls_some_again_some_for_another_reason(
    linjiang: City,
) -> None:
    held = evening(linjiang, at_clock("23:00"))
    about = held["true_outage"].notna()
    callers = held[about & (held["cause"] != "again")]
    assert 0.05 < len(callers) / 14_800 < 0.09
    assert 0.05 < (held["cause"] == "again").mean() < 0.2
    assert held[~about]["cause"].value_counts().to_dict() == {
        "own_fuse": 26, "disconnected": 6, "street_lamp": 5,
    }  # fmt: skip


def test_at_1940_orders_run_some_nearly_late_some_late_some_still_to_be_grouped(
    linjiang: City,
) -> None:
    now = pd.Timestamp(linjiang.now)
    held = evening(linjiang, now)
    waits = held["arrived_at"] > now
    so_far = (now - held["registered_at"]).dt.total_seconds() / 60
    assert (waits & (so_far <= 30)).sum() > 50
    assert (waits & so_far.between(30, 45, inclusive="right")).sum() > 5
    assert (waits & (so_far > 45)).sum() > 5
    kept = (~waits & (held["wait_min"] <= 45)).sum()
    assert 0.7 < kept / len(held) < 0.95
    loose = held["outage_id"].isna() & held["true_outage"].notna()
    assert 0.04 < loose.mean() < 0.2


def test_homes_of_the_lane_call_again_when_their_feeder_is_back(linjiang: City) -> None:
    lane = linjiang.frames["outages"].query("cause == 'storm: service line'").iloc[0]
    held = reports(linjiang)
    held = held[held["true_outage"] == lane["outage_id"]]
    late = held[held["registered_at"] > at_clock("21:35")]
    assert len(late) >= 5
    assert (late["restored_at"] == at_clock("23:00")).all()


def test_promises_of_ordinary_days_are_mostly_kept(linjiang: City) -> None:
    held = reports(linjiang)
    usual = held[(held["registered_at"] < at_clock("00:00")) & held["arrived_at"].notna()]
    limit = promised(linjiang, usual)
    kept = usual["wait_min"] <= limit
    assert len(usual) > 1_000
    assert 0.95 < kept[limit.notna()].mean() < 0.995
    assert usual["registered_at"].min() < at_clock("00:00") - pd.Timedelta(days=60)


def test_four_promises_are_broken_on_the_west_bank_because_of_the_bridge(
    city: City, look: Any
) -> None:
    west = set(look.of_places(city, "Xizhou|Luwei|Shatan|Xiling")["customer_no"])
    closed = city.frames["closures"]["valid_from"].iloc[0]
    held = reports(city)
    held = held[held["customer_no"].isin(west) & held["arrived_at"].notna()]
    held = held.assign(limit=promised(city, held))
    assert (held["limit"] == 90).all()
    late = held[held["wait_min"] > held["limit"]]
    assert len(late) == 4
    assert (late["registered_at"] >= closed).all()
    way = (late["arrived_at"] - late["accepted_at"]).dt.total_seconds() / 60
    assert way.between(48, 56).all()
    assert (late["wait_min"] - way + 14 <= 90).all()
    since = held[held["registered_at"] >= closed]
    assert len(since) > len(late)


def test_the_customers_of_t233_complain(city: City, look: Any) -> None:
    people = city.frames["customers"].query("transformer_id == 'T-233'")
    complaints = reports(city).query("service_type == 'complaint'")
    known = complaints["customer_no"].dropna()
    assert len(complaints) >= min(3, len(people))
    assert known.isin(people["customer_no"]).all()
    calls = reports(city).merge(
        city.frames["outages"].query("cause == 'F-11 spur: overload'"),
        left_on="true_outage",
        right_on="outage_id",
    )
    assert len(complaints) <= len(people)
    if city.customers == 60_000:
        assert calls["true_outage"].nunique() == 4


# contacts


def test_87_in_a_hundred_of_saturdays_customers_have_a_confirmed_contact(city: City) -> None:
    planned = city.frames["outages"].query("status == 'notified'").iloc[0]
    scope = planned["scope"].replace("transformer:", "").split(";")
    people = city.frames["customers"]
    hit = people[people["transformer_id"].isin(scope)]
    confirmed = hit["contact_confirmed_on"]
    assert confirmed.notna().sum() == round(0.87 * len(hit))
    assert (confirmed.dropna() <= pd.Timestamp(city.end)).all()
    assert (confirmed.dropna() > pd.Timestamp(city.end) - pd.Timedelta(days=365)).all()
    patient = hit[hit["life_support"]]
    assert len(patient) == 1
    assert patient["notice_channel"].tolist() == ["visit"]


def test_everybody_is_told_by_some_channel_and_confirmed_after_being_connected(city: City) -> None:
    people = city.frames["customers"]
    assert set(people["notice_channel"]) == {"sms", "wechat", "call", "letter", "visit"}
    both = people[["connected_on", "contact_confirmed_on"]].dropna()
    assert (both["connected_on"] <= both["contact_confirmed_on"]).all()
    assert people["contact_confirmed_on"].notna().mean() == pytest.approx(0.82, abs=0.04)
