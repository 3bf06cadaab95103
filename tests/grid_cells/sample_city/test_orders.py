"""The city's work orders: one for each outage's calls, chores for its crews, stamps in order."""

from itertools import pairwise

import pandas as pd

from grid_cells.sample_city import City
from loaders.work_orders import STAMPS


def test_every_call_that_waits_for_a_crew_has_one_order(city: City) -> None:
    calls, orders = city.frames["fault_reports"], city.frames["work_orders"]
    waiting = calls[calls["service_type"].isin(["fault", "hazard"]) & calls["told_at"].notna()]
    answered = orders["report_ids"].dropna().str.split(";").explode()
    assert sorted(answered) == sorted(waiting["report_id"])
    assert answered.is_unique
    grouped = orders["outage_id"].dropna()
    assert grouped.is_unique
    assert set(grouped) == set(waiting["outage_id"].dropna())


def test_stamps_come_in_their_order_and_agree_with_the_calls(city: City) -> None:
    orders = city.frames["work_orders"]
    for before, after in pairwise(STAMPS):
        both = orders[[before, after]].dropna()
        assert (both[before] <= both[after]).all(), (before, after)
    calls = city.frames["fault_reports"].set_index("report_id")
    repairs = orders[orders["kind"] == "repair"]
    first = calls.loc[repairs["report_ids"].str.split(";").str[0]]
    assert repairs["crew_id"].tolist() == first["crew_id"].tolist()
    assert (repairs["told_at"].to_numpy() == first["told_at"].to_numpy()).all()


def test_in_the_evening_crews_have_chores_left_and_done(linjiang: City) -> None:
    now = pd.Timestamp(linjiang.now)
    orders = linjiang.frames["work_orders"]
    chores = orders[orders["kind"] != "repair"]
    assert set(chores["task"]) == {
        "read_meter", "check_meter", "reconnect", "high_loss", "patrol", "announce_work",
        "visit_patient",
    }  # fmt: skip
    done = chores["finished_at"] <= now
    open_by_crew = chores[~done].groupby("crew_id").size()
    crews = linjiang.frames["crews"]
    day = set(crews.loc[crews["shift"] == "Mo-Su 08:00-20:00", "crew_id"])
    assert set(open_by_crew.index) == day
    assert done.sum() >= 20
    assert chores["crew_id"].isna().any()
    assert (chores["registered_at"] <= now).all()
