"""Each event of the story, as far as the files tell it: its figure, counted from the frames."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from grid_cells.assignment import assign_customers, cell_areas
from grid_cells.cells import hex_to_cells, points_to_cells
from grid_cells.datum import to_wgs84
from grid_cells.sample_city import City
from grid_cells.travel_time import nearest

LOCAL = "Asia/Shanghai"


def in_force(city: City) -> pd.DataFrame:
    outages = city.frames["outages"]
    return outages[(outages["started_at"] <= city.now) & (outages["restored_at"] > city.now)]


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
    customers = city.frames["customers"]
    scopes = transformers_of(in_force(city))
    dark = customers["transformer_id"].isin(scopes).sum()
    assert dark == look.share(city, 14_800)
    assert in_force(city)["customers_affected"].sum() == dark
    assert scopes.is_unique
    assert len(in_force(city)) == len(storm(city))


def test_feeders_come_back_in_three_steps(linjiang: City) -> None:
    sections = storm(linjiang).query("cause == 'storm: line down'")
    back = sections["restored_at"].dt.tz_convert(LOCAL).dt.strftime("%H:%M")
    assert back.value_counts().to_dict() == {"20:05": 3, "20:50": 3, "21:35": 3}


def test_f07_is_back_and_38_homes_on_it_are_still_dark(linjiang: City) -> None:
    late = pd.Timestamp("2026-07-16 22:00", tz=LOCAL)
    dark = storm(linjiang)[storm(linjiang)["restored_at"] > late]
    assert dark["customers_affected"].tolist() == [38]
    assert feeder_of(linjiang, transformers_of(dark)) == {"F-07"}


def test_no_outage_of_the_past_90_days_was_as_bad_as_the_storm(linjiang: City) -> None:
    outages = linjiang.frames["outages"]
    today = outages["started_at"].dt.tz_convert(LOCAL).dt.date == linjiang.end
    by_day = outages[~today].groupby(outages["started_at"].dt.date)["customers_affected"].sum()
    assert outages[today]["customers_affected"].sum() > 10 * by_day.max()


def test_the_hospital_has_a_second_feeder_beyond_the_storm(city: City) -> None:
    hospital, pump = named(city, "Hospital"), named(city, "Pump Station")
    dark = set(transformers_of(in_force(city)))
    assert hospital["importance_code"] == "first"
    assert hospital["second_feeder_id"] not in {"F-07", "F-08", "F-12"}
    assert isinstance(hospital["second_feeder_id"], str)
    assert feeder_of(city, [hospital["transformer_id"]]) <= {"F-07", "F-08", "F-12"}
    assert hospital["transformer_id"] not in dark
    assert pd.isna(pump["second_feeder_id"])
    assert pump["transformer_id"] in dark


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
    facts = linjiang.frames["cell_facts"]
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
