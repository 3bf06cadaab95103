"""The city as a whole: its counts, its columns, how its things hang together, its sameness."""

import hashlib
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse.csgraph import connected_components

from grid_cells.errors import UserError
from grid_cells.sample_city import City, build
from grid_cells.vocabulary import CHOICES, KINDS


def test_the_full_city_has_the_counts_of_its_story(linjiang: City) -> None:
    frames = linjiang.frames
    stations = (frames["units"]["level"] == "station").sum()
    assert len(frames["customers"]) == 60_000
    assert stations == 9
    assert frames["areas"]["area_id"].nunique() == 24
    assert len(frames["feeders"]) == 24
    assert len(frames["transformers"]) == 520
    assert len(frames["halls"]) == 11
    assert len(frames["banks"]) == 60
    assert len(frames["crews"]) == 18
    assert frames["streets"]["is_bridge"].sum() == 3
    assert len(linjiang.customers_west) == 3_200


def test_now_is_a_thursday_evening_in_shanghai(linjiang: City) -> None:
    assert linjiang.now == datetime(2026, 7, 16, 19, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert linjiang.now.strftime("%A") == "Thursday"


def test_events_stand_in_order_and_the_storm_is_among_them(linjiang: City) -> None:
    at = {event.code: event.at.strftime("%m-%d %H:%M") for event in linjiang.events}
    assert at["event_storm_begins"] == "07-16 18:10"
    assert at["event_bridge_closed"] == "07-06 00:00"
    assert at["event_theft_begins"] == "06-03 00:00"
    assert at["event_manager_left"].startswith("07-01")
    assert at["event_planned_work"] == "07-18 08:00"
    moments = [event.at for event in linjiang.events]
    assert moments == sorted(moments)


def test_each_kind_brings_exactly_columns_of_its_file(city: City) -> None:
    frames = {**city.frames, "water": city.water}
    assert set(frames) == set(KINDS) - {"readings", "hall_hours"}
    for kind, frame in frames.items():
        assert set(frame.columns) <= set(KINDS[kind].columns), kind
        assert set(KINDS[kind].required) <= set(frame.columns), kind
        assert len(frame) > 0, kind


def test_no_key_stands_twice(city: City) -> None:
    keys = {"units": "unit_id", "feeders": "feeder_id", "transformers": "transformer_id",
            "meters": "meter_id", "customers": "customer_no", "halls": "hall_id",
            "banks": "bank_id", "staff": "staff_id", "crews": "crew_id", "streets": "way_id",
            "outages": "outage_id"}  # fmt: skip
    facts = city.frames["cell_facts"]
    assert not facts.duplicated(["cell_id", "measure"]).any()
    assert facts["cell_id"].notna().all()
    for kind, key in keys.items():
        assert city.frames[kind][key].is_unique, kind
        assert city.frames[kind][key].notna().all(), kind


def test_everything_hangs_on_something_that_exists(city: City) -> None:
    links = [
        ("units", "parent_id", "units", "unit_id"), ("feeders", "unit_id", "units", "unit_id"),
        ("transformers", "feeder_id", "feeders", "feeder_id"),
        ("meters", "transformer_id", "transformers", "transformer_id"),
        ("meters", "customer_no", "customers", "customer_no"),
        ("customers", "transformer_id", "transformers", "transformer_id"),
        ("customers", "second_feeder_id", "feeders", "feeder_id"),
        ("halls", "unit_id", "units", "unit_id"), ("staff", "unit_id", "units", "unit_id"),
        ("crews", "unit_id", "units", "unit_id"), ("duties", "area_id", "areas", "area_id"),
        ("duties", "staff_id", "staff", "staff_id"), ("duties", "crew_id", "crews", "crew_id"),
        ("areas", "transformer_id", "transformers", "transformer_id"),
        ("areas", "unit_id", "units", "unit_id"), ("areas", "hall_id", "halls", "hall_id"),
        ("closures", "street", "streets", "name"),
    ]  # fmt: skip
    for kind, column, other_kind, key in links:
        values = city.frames[kind][column].dropna()
        assert values.isin(city.frames[other_kind][key]).all(), (kind, column)
        assert len(values) > 0, (kind, column)


def test_every_transformer_feeds_somebody_and_every_customer_has_a_meter(city: City) -> None:
    customers, meters = city.frames["customers"], city.frames["meters"]
    feeding = set(customers["transformer_id"])
    assert feeding == set(city.frames["transformers"]["transformer_id"])
    billing = meters[meters["role"] == "billing"]
    assert set(billing["customer_no"]) == set(customers["customer_no"])
    public = city.frames["transformers"].query("kind == 'public'")["transformer_id"]
    assert set(meters.loc[meters["role"] == "master", "transformer_id"]) == set(public)


def test_words_are_those_of_the_vocabulary(city: City) -> None:
    for (kind, column), words in CHOICES.items():
        if kind in city.frames:
            assert set(city.frames[kind][column].dropna()) <= set(words), (kind, column)


def test_customer_numbers_are_text_of_twelve_digits_with_a_leading_zero(city: City) -> None:
    numbers = city.frames["customers"]["customer_no"]
    assert numbers.str.fullmatch(r"0\d{11}").all()


def test_a_few_customers_in_a_hundred_are_unplaced_and_say_so(linjiang: City) -> None:
    customers = linjiang.frames["customers"]
    unplaced = customers["lon"].isna()
    assert 0.01 < unplaced.mean() < 0.04
    assert (customers.loc[unplaced, "position_source"] == "none").all()
    assert (customers.loc[~unplaced, "position_source"] != "none").all()


def test_the_city_fills_many_cells_and_its_core_is_dense(linjiang: City, look: Any) -> None:
    people = look.placed(linjiang).groupby("cell_id").size()
    assert 1_400 < len(people) < 4_000
    assert people.max() >= 1_000


def test_customers_live_within_sixty_metres_of_a_street(city: City, look: Any) -> None:
    streets = city.frames["streets"]["geometry"].to_numpy()
    customers = look.placed(city).sample(500, random_state=1)
    points = shapely.points(customers["lon"], customers["lat"])
    tree = shapely.STRtree(streets)
    _, gap = tree.query_nearest(points, return_distance=True, all_matches=False)
    assert np.quantile(gap, 0.98) * 111_195 < 90


def test_every_street_can_be_reached_from_every_other_and_left_again(city: City, look: Any) -> None:
    parts, _ = connected_components(look.open_graph(city).minutes, connection="strong")
    assert parts == 1


def test_without_middle_bridge_the_city_still_hangs_together(city: City, look: Any) -> None:
    _, label = connected_components(look.graph_today(city).minutes, connection="strong")
    assert np.bincount(label).max() >= 0.998 * len(label)


def test_one_way_streets_exist(linjiang: City) -> None:
    oneway = linjiang.frames["streets"]["oneway"]
    assert set(oneway) == {"forward", "both"}
    assert (oneway == "forward").sum() >= 5


def test_no_street_but_a_bridge_crosses_the_river(city: City) -> None:
    streets = city.frames["streets"]
    river = city.water["geometry"].iloc[0]
    crossing = shapely.crosses(streets["geometry"].to_numpy(), river.buffer(-1e-5))
    bridges = {"North Bridge 北桥", "Middle Bridge 中桥", "South Bridge 南桥"}
    assert set(streets.loc[crossing, "name"]) == bridges


def test_areas_share_the_customers_evenly(linjiang: City) -> None:
    areas, customers = linjiang.frames["areas"], linjiang.frames["customers"]
    people = customers.groupby("transformer_id").size().rename("people")
    sizes = areas.join(people, on="transformer_id").groupby("area_id")["people"].sum()
    assert sizes.between(2_000, 3_200).all()


def test_promise_zones_cover_all_customers_once(city: City, look: Any) -> None:
    zones = city.frames["promise_zones"]["geometry"].to_numpy()
    customers = look.placed(city).sample(400, random_state=2)
    points = shapely.points(customers["lon"], customers["lat"])
    within = np.array([shapely.covers(zone, points) for zone in zones])
    assert (within.sum(axis=0) == 1).all()
    assert shapely.is_valid(zones).all()


def test_shapes_are_in_degrees_of_mainland_china(city: City) -> None:
    for kind in ("streets", "feeders", "promise_zones"):
        west, south, east, north = shapely.total_bounds(city.frames[kind]["geometry"].to_numpy())
        assert 112.1 < west < east < 112.9, kind
        assert 30.1 < south < north < 30.7, kind


def _digest(city: City) -> str:
    text = hashlib.sha256()
    for kind in sorted(city.frames):
        frame = city.frames[kind]
        if "geometry" in frame:
            frame = frame.assign(
                geometry=[None if g is None else g.wkb_hex for g in frame["geometry"]]
            )
        text.update(frame.to_csv(index=False).encode())
    for frame in (city.customers_west, city.labels, city.former_banks):
        text.update(frame.to_csv(index=False).encode())
    for frame in city.readings():
        text.update(pd.util.hash_pandas_object(frame).to_numpy().tobytes())
    return text.hexdigest()


@pytest.mark.long
def test_the_same_numbers_give_the_same_bytes_and_another_seed_another_city() -> None:
    end = date(2026, 7, 16)
    first = _digest(build(1_000, 3, end))
    assert first == _digest(build(1_000, 3, end))
    assert first != _digest(build(1_000, 4, end))


@pytest.mark.long
def test_the_calendar_moves_with_the_end() -> None:
    city = build(1_000, 3, date(2027, 3, 1))
    closure = city.frames["closures"].iloc[0]
    assert closure["valid_from"].tz_convert("Asia/Shanghai").date() == date(2027, 2, 19)
    planned = city.frames["outages"].query("status == 'notified'").iloc[0]
    assert (
        planned["started_at"].tz_convert("Asia/Shanghai").strftime("%A %H:%M") == "Saturday 08:00"
    )
    assert planned["started_at"] > pd.Timestamp(city.now)
    days = next(city.readings())["day"]
    assert days.min() == pd.Timestamp(2026, 12, 1)


@pytest.mark.parametrize("customers", [0, 999, 2_000_001])
def test_a_city_too_small_or_too_large_is_refused(customers: int) -> None:
    with pytest.raises(UserError, match="sample_size"):
        build(customers, 7, date(2026, 7, 16))


@pytest.mark.long
def test_a_larger_city_has_more_of_everything_on_wider_ground(linjiang: City, look: Any) -> None:
    small, large = linjiang, build(120_000, 7, linjiang.end)
    for kind in ("customers", "transformers", "feeders", "banks", "crews"):
        assert len(large.frames[kind]) == 2 * len(small.frames[kind]), kind
    assert large.frames["areas"]["area_id"].nunique() == 48
    assert look.placed(large)["cell_id"].nunique() > 1.3 * look.placed(small)["cell_id"].nunique()
