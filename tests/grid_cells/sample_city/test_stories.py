"""Each event of the story, as far as the files tell it: its figure, counted from the frames."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grid_cells.assignment import assign_customers, cell_areas
from grid_cells.cells import hex_to_cells, points_to_cells
from grid_cells.datum import to_wgs84
from grid_cells.interruptions import merged, minutes
from grid_cells.major_event_days import Threshold, daily_saidi, threshold
from grid_cells.major_event_days import major_days as above
from grid_cells.sample_city import City
from grid_cells.travel_time import nearest

LOCAL = "Asia/Shanghai"


def in_force(city: City) -> pd.DataFrame:
    outages = city.frames["outages"]
    return outages[(outages["started_at"] <= city.now) & (outages["restored_at"] > city.now)]


def at_clock(clock: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-07-16 {clock}", tz=LOCAL)


def spans(city: City) -> pd.DataFrame:
    """Every transformer's time in every outage, by the steps: transformer_id, began, ended."""
    outages, steps = (
        frame.assign(transformer_id=frame["scope"].str.split(";")).explode("transformer_id")
        for frame in (city.frames["outages"], city.frames["outage_steps"])
    )
    keys = ["outage_id", "transformer_id"]
    held = outages.merge(steps[[*keys, "step_at"]], on=keys, how="left")
    return pd.DataFrame(
        {
            "outage_id": held["outage_id"],
            "kind": held["kind"],
            "status": held["status"],
            "transformer_id": held["transformer_id"].str.removeprefix("transformer:"),
            "began": held["started_at"],
            "ended": held["step_at"].fillna(held["restored_at"]),
        }
    )


def dark(city: City, at: pd.Timestamp) -> pd.DataFrame:
    """The customers without power at a moment."""
    held = spans(city)
    out = held[(held["began"] <= at) & (held["ended"] > at)]
    customers = city.frames["customers"]
    return customers[customers["transformer_id"].isin(out["transformer_id"])]


def transformers_of(outages: pd.DataFrame) -> pd.Series:
    scopes = outages["scope"].str.split(";").explode()
    assert scopes.str.startswith("transformer:").all()
    return scopes.str.removeprefix("transformer:")


def storm(city: City) -> pd.DataFrame:
    outages = city.frames["outages"]
    return outages[outages["cause"].str.startswith("storm")]


def feeder_of(city: City, transformers: pd.Series) -> set[str]:
    feeders = city.frames["transformers"].set_index("transformer_id")["feeder_id"]
    return set(feeders.loc[transformers])


def named(city: City, word: str) -> pd.Series:
    customers = city.frames["customers"]
    found = customers[customers["name"].str.contains(word)]
    assert len(found) == 1
    return found.iloc[0]


# the storm


def test_the_storm_is_41_outages_on_three_feeders(linjiang: City) -> None:
    rows = storm(linjiang)
    assert len(rows) == 41
    assert feeder_of(linjiang, transformers_of(rows)) == {"F-07", "F-08", "F-12"}
    assert rows["started_at"].min() == pd.Timestamp("2026-07-16 18:10", tz=LOCAL)
    assert rows["restored_at"].max() == pd.Timestamp("2026-07-16 23:00", tz=LOCAL)


def test_at_1940_the_storm_is_at_its_peak(city: City, look: Any) -> None:
    assert len(dark(city, pd.Timestamp(city.now))) == look.share(city, 14_800)
    assert len(in_force(city)) == len(storm(city))
    for clock in ("18:05", "18:30", "19:20", "20:06", "21:00"):
        assert len(dark(city, at_clock(clock))) < look.share(city, 14_800), clock


def test_each_outage_counts_its_customers_and_only_the_lane_is_in_two(city: City) -> None:
    lane = storm(city).query("cause == 'storm: service line'").iloc[0]
    scopes = transformers_of(in_force(city))
    twice = set(scopes[scopes.duplicated()])
    assert {f"transformer:{code}" for code in twice} == {lane["scope"]}
    counted = in_force(city)["customers_affected"].sum() - lane["customers_affected"]
    assert counted == len(dark(city, pd.Timestamp(city.now)))


def test_feeders_come_back_in_three_steps(city: City) -> None:
    trips = storm(city).query("cause == 'storm: line down'")
    began = trips["started_at"].dt.tz_convert(LOCAL).dt.strftime("%H:%M")
    assert began.tolist() == ["18:10", "18:22", "18:41"]
    steps = city.frames["outage_steps"].merge(trips, on="outage_id", suffixes=("", "_whole"))
    back = steps["step_at"].dt.tz_convert(LOCAL).dt.strftime("%H:%M")
    assert set(steps["change"]) == {"restored"}
    for outage_id, clocks in back.groupby(steps["outage_id"]):
        assert clocks.tolist() == ["20:05", "20:50", "21:35"], outage_id
    for outage_id, own in steps.groupby("outage_id"):
        whole = trips.set_index("outage_id").loc[outage_id]
        assert sorted(";".join(own["scope"]).split(";")) == sorted(whole["scope"].split(";"))
        assert own["customers"].sum() == whole["customers_affected"]
        assert own["step_at"].max() == whole["restored_at"]
    assert len(steps) == 9


def test_f07_is_back_and_38_homes_on_it_are_still_dark(city: City, look: Any) -> None:
    left = dark(city, at_clock("22:00"))
    assert len(left) == look.share(city, 38)
    assert feeder_of(city, left["transformer_id"]) == {"F-07"}
    assert left["address"].str.startswith("Dengshi Lane").all()
    lane = in_force(city).query("cause == 'storm: service line'").iloc[0]
    wider = city.frames["outages"].set_index("outage_id").loc[lane["parent_outage_id"]]
    assert wider["restored_at"] == at_clock("21:35")
    assert lane["restored_at"] == at_clock("23:00")
    assert lane["scope"] in wider["scope"].split(";")
    assert dark(city, at_clock("23:00")).empty


@pytest.mark.parametrize("basis", ["lv_customer", "mv_user"])
def test_the_storm_is_the_only_major_event_day(city: City, basis: str) -> None:
    at_night = at_clock("23:59")
    found, days = major_days(city, basis, at_night)
    assert days == [city.end]
    assert found.standing == "provisional"
    assert found.days > 13 * 30
    assert major_days(city, basis, pd.Timestamp(city.now))[1] == [city.end]
    assert major_days(city, basis, at_clock("18:09"))[1] == []


def major_days(city: City, basis: str, now: pd.Timestamp) -> tuple[Threshold, list[date]]:
    """The threshold and the days above it, by what is known at a moment."""
    held = spans(city).query("status != 'cancelled'").rename(columns={"transformer_id": "who"})
    held = held[held["began"] <= now]
    held["ended"] = held["ended"].where(held["ended"] <= now)
    people = city.frames["customers"].groupby("transformer_id").size()
    people = people if basis == "lv_customer" else people.clip(upper=1)
    lived = merged(held)
    lived = lived.assign(customers=lived["who"].map(people), minutes=minutes(lived, until=now))
    lived = lived[lived["minutes"] > (5 if basis == "lv_customer" else 3)]
    saidi = daily_saidi(lived, float(people.sum()), zone=LOCAL)
    first = lived["began"].min().tz_convert(LOCAL).date()
    found = threshold(saidi, first=first, last=city.end - timedelta(days=1))
    return found, above(saidi, found)


def test_ordinary_outages_never_come_three_times_in_sixty_days(city: City) -> None:
    held = spans(city)
    held = held[(held["transformer_id"] != "T-233") & (held["status"] != "cancelled")]
    held = held.drop_duplicates(["transformer_id", "began"]).sort_values("began")
    gap = held.groupby("transformer_id")["began"].diff(2)
    nested = held["transformer_id"].isin(
        transformers_of(storm(city).query("cause == 'storm: service line'"))
    )
    assert (gap[~nested].dropna() > pd.Timedelta(days=60)).all()


def test_the_hospital_has_a_second_feeder_beyond_the_storm(city: City) -> None:
    hospital, pump = named(city, "Hospital"), named(city, "Pump Station")
    out = set(transformers_of(in_force(city)))
    assert hospital["importance_code"] == "first"
    assert hospital["second_feeder_id"] not in {"F-07", "F-08", "F-12"}
    assert isinstance(hospital["second_feeder_id"], str)
    assert feeder_of(city, [hospital["transformer_id"]]) <= {"F-07", "F-08", "F-12"}
    assert hospital["transformer_id"] not in out
    assert pd.isna(pump["second_feeder_id"])
    assert pump["transformer_id"] in out


# the bridge, the village, the halls


def west_minutes(city: City, look: Any, graph: Any) -> pd.Series:
    people = look.of_places(city, "Xizhou|Luwei|Shatan|Xiling")
    assert len(people) == look.share(city, 1_250) + sum(
        look.share(city, n) for n in (380, 350, 320)
    )
    answer = nearest(graph, people, city.frames["crews"], "from_source")
    assert answer["travel_time_min"].notna().all()
    return answer["travel_time_min"]


def test_the_closed_bridge_takes_the_west_bank_from_14_to_52_minutes(city: City, look: Any) -> None:
    before = west_minutes(city, look, look.open_graph(city)).mean()
    after = west_minutes(city, look, look.graph_today(city)).mean()
    assert before == pytest.approx(14, abs=1.5)
    assert after == pytest.approx(52, abs=6)


def test_2300_customers_live_on_the_west_bank(linjiang: City, look: Any) -> None:
    assert len(west_minutes(linjiang, look, look.open_graph(linjiang))) == 2_300


def test_the_bridge_is_closed_from_6_to_31_july(linjiang: City) -> None:
    closure = linjiang.frames["closures"].iloc[0]
    assert closure["street"] == "Middle Bridge 中桥"
    assert closure["valid_from"] == pd.Timestamp("2026-07-06", tz=LOCAL)
    assert closure["valid_to"] == pd.Timestamp("2026-08-01", tz=LOCAL)


def test_qingshan_goes_from_9_to_38_minutes_and_to_one_operator(city: City, look: Any) -> None:
    people = look.of_places(city, "Qingshan")
    banks = city.frames["banks"]
    before = pd.concat([banks, city.former_banks], ignore_index=True)
    graph = look.open_graph(city)
    then = nearest(graph, people, before, "to_source")["travel_time_min"]
    now = nearest(graph, people, banks, "to_source")
    assert then.mean() == pytest.approx(9, abs=1)
    assert now["travel_time_min"].mean() == pytest.approx(38, abs=2)
    assert set(banks["operator"].iloc[now["source_index"]]) == {"Yida Post 驿达邮政"}
    assert not set(city.former_banks["bank_id"]) & set(banks["bank_id"])


def test_1150_customers_live_in_qingshan_and_34_in_a_hundred_are_old(
    linjiang: City, look: Any
) -> None:
    people = look.of_places(linjiang, "Qingshan")
    facts = linjiang.frames["cell_facts"].query("measure == 'elderly_share'")
    share = pd.Series(facts["value"].to_numpy(), index=hex_to_cells(facts["cell_id"].tolist()))
    assert len(people) == 1_150
    assert share.loc[people["cell_id"]].mean() == pytest.approx(34, abs=0.3)
    others = look.placed(linjiang).drop(people.index)
    assert share.reindex(others["cell_id"]).mean() == pytest.approx(17, abs=2)


def test_east_hall_is_six_minutes_from_old_town_hall(city: City, look: Any) -> None:
    halls = city.frames["halls"].set_index("hall_id")
    way = nearest(
        look.open_graph(city), halls.loc[["H-old-town"]], halls.loc[["H-east"]], "to_source"
    )
    assert way["travel_time_min"].iloc[0] == pytest.approx(6, abs=1)


# areas and their people


def assigned(city: City, look: Any) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    people = look.placed(city)
    claims = city.frames["areas"][["transformer_id", "area_id"]].assign(cell_id=0)
    rules = assign_customers(people, basis="transformer", claims=claims)
    return people, rules, cell_areas(people, rules, basis="transformer", claims=claims)


def test_riverside_garden_is_in_no_area(city: City, look: Any) -> None:
    people, rules, _ = assigned(city, look)
    nobody = people.loc[(rules["rule"] == "none").to_numpy()]
    assert len(nobody) == look.share(city, 640)
    assert nobody["address"].str.startswith("Riverside Garden").all()


def test_riverside_garden_was_connected_within_the_last_fortnight(city: City) -> None:
    customers = city.frames["customers"]
    new = customers[customers["address"].str.startswith("Riverside Garden")]
    age = (pd.Timestamp(city.end) - new["connected_on"]).dt.days
    assert age.between(1, 14).all()


def test_two_cells_are_claimed_twice(city: City, look: Any) -> None:
    _, _, cells = assigned(city, look)
    conflicts = cells[cells["rule"] == "conflict"]
    assert len(conflicts) == 2
    twice = city.frames["areas"].groupby("transformer_id")["area_id"].nunique()
    assert (twice == 2).sum() == 2
    assert twice.max() == 2


def test_area_e03_of_the_east_has_had_no_manager_since_1_july(linjiang: City) -> None:
    duties = linjiang.frames["duties"].query("area_id == 'E-03'")
    manager, backup = (duties.query(f"duty == '{duty}'") for duty in ("manager", "backup"))
    assert manager["valid_to"].tolist() == [pd.Timestamp("2026-07-01", tz=LOCAL)]
    assert backup["valid_to"].isna().all()
    assert len(backup) == 1
    others = linjiang.frames["duties"].query("duty == 'manager' and area_id != 'E-03'")
    assert len(others) == 23
    assert others["valid_to"].isna().all()
    unit = linjiang.frames["areas"].query("area_id == 'E-03'")["unit_id"].iloc[0]
    assert "East" in linjiang.frames["units"].set_index("unit_id").loc[unit, "name"]


def test_nobody_is_their_own_backup(city: City) -> None:
    duties = city.frames["duties"]
    held = duties.dropna(subset=["staff_id"])
    assert not held.duplicated(["area_id", "staff_id"]).any()


# the network


def test_t233_on_the_spur_of_f11_has_310_customers_and_failed_four_times(linjiang: City) -> None:
    customers = linjiang.frames["customers"]
    outages = linjiang.frames["outages"]
    assert (customers["transformer_id"] == "T-233").sum() == 310
    own = linjiang.frames["transformers"].set_index("transformer_id").loc["T-233"]
    assert own["feeder_id"] == "F-11"
    hit = outages[outages["scope"].str.split(";").map(lambda parts: "transformer:T-233" in parts)]
    recent = pd.Timestamp(linjiang.now) - hit["started_at"]
    assert (recent <= pd.Timedelta(days=60)).tolist() == [True] * 4


def test_planned_work_on_saturday_reaches_1260_customers_and_one_patient(
    city: City, look: Any
) -> None:
    planned = city.frames["outages"].query("status == 'notified'")
    assert len(planned) == 1
    row = planned.iloc[0]
    assert row["started_at"].tz_convert(LOCAL).strftime("%A %H:%M") == "Saturday 08:00"
    customers = city.frames["customers"]
    hit = customers[customers["transformer_id"].isin(transformers_of(planned))]
    assert len(hit) == row["customers_affected"] == look.share(city, 1_260)
    assert hit["life_support"].sum() == 1
    assert len(feeder_of(city, transformers_of(planned))) == 1


def test_ordinary_outages_count_the_customers_of_their_scope(city: City) -> None:
    people = city.frames["customers"].groupby("transformer_id").size()
    swapped = city.labels.query("cause == 'wrong_link'")["transformer_id"]
    for row in city.frames["outages"].itertuples():
        scope = [part.removeprefix("transformer:") for part in row.scope.split(";")]
        if not set(scope) & set(swapped):
            assert abs(people.loc[scope].sum() - row.customers_affected) <= 9


def test_all_of_customers_west_change_cell_when_read_as_wgs84(city: City, look: Any) -> None:
    west = city.customers_west
    given = points_to_cells(west["lon"].to_numpy(), west["lat"].to_numpy(), 9)
    lon, lat = to_wgs84(west["lon"].to_numpy(), west["lat"].to_numpy(), "gcj02")
    meant = points_to_cells(lon, lat, 9)
    assert len(west) == look.share(city, 3_200)
    assert (given != meant).all()
    assert not set(west["customer_no"]) & set(city.frames["customers"]["customer_no"])
    transformers = (
        city.frames["transformers"].set_index("transformer_id").loc[west["transformer_id"]]
    )
    near = np.hypot(transformers["lon"].to_numpy() - lon, transformers["lat"].to_numpy() - lat)
    assert np.median(near) * 111_195 < 400


def test_qingshan_pays_in_person_more_than_others_and_the_city_mostly_online(city: City) -> None:
    paid = city.frames["payments"]
    facts = city.frames["cell_facts"].query("measure == 'elderly_share'")
    share = facts.set_index("cell_id")["value"]
    by_hand = paid["channel"].isin(["bank", "hall", "machine", "agency"])
    counted = paid.assign(by_hand=paid["payments"].where(by_hand, 0))
    old = counted["cell_id"].map(share) > 31
    sums = counted.groupby(old)[["payments", "by_hand"]].sum()
    part = sums["by_hand"] / sums["payments"]
    assert part[True] > 2 * part[False]
    assert part[False] < 0.15
    months = counted.groupby("month")[["payments", "by_hand"]].sum()
    assert len(months) == 12
    assert months.index[-1] == "2026-06"
    online = 1 - months["by_hand"] / months["payments"]
    assert online.iloc[-1] > online.iloc[0]
