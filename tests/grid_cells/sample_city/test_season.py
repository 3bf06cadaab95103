"""A season of outages beside the story, with a mass shut-off, as `sample --storm` makes it."""

from datetime import date

import pandas as pd
import pytest

from grid_cells.errors import UserError
from grid_cells.sample_city import City, build

END = date(2026, 7, 16)
LOCAL = "Asia/Shanghai"
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def windy() -> City:
    return build(3_000, 5, END, storm=1_200)


def season(city: City) -> pd.DataFrame:
    outages = city.frames["outages"]
    return outages[outages["outage_id"].str.startswith("ST-")]


def shut_off(city: City) -> pd.DataFrame:
    return season(city).query("kind == 'load_limit'")


def people_of(city: City, scope: str) -> int:
    """Customers of a scope, by the archive."""
    customers, transformers = city.frames["customers"], city.frames["transformers"]
    fed = customers.merge(transformers[["transformer_id", "feeder_id"]], on="transformer_id")
    parts = pd.Series(scope.split(";"))
    named = {
        kind: set(parts[parts.str.startswith(f"{kind}:")].str.removeprefix(f"{kind}:"))
        for kind in ("transformer", "feeder", "customer")
    }
    return int(
        (
            fed["transformer_id"].isin(named["transformer"])
            | fed["feeder_id"].isin(named["feeder"])
            | fed["customer_no"].isin(named["customer"])
        ).sum()
    )


def test_a_season_has_as_many_outages_as_asked_for(windy: City) -> None:
    assert len(season(windy)) == 1_200
    assert season(windy)["outage_id"].is_unique
    began = season(windy)["started_at"]
    assert began.between(windy.now - 43 * DAY, pd.Timestamp(windy.now)).all()
    assert (season(windy)["restored_at"] > began).all()


def test_the_story_stays_as_it_is(windy: City, small: City) -> None:
    for kind in ("outages", "outage_steps"):
        own = windy.frames[kind]
        story = own[own["outage_id"].str.startswith("OT-")].reset_index(drop=True)
        pd.testing.assert_frame_equal(story, small.frames[kind])
    touched = season(windy)["scope"].str.cat(sep=";")
    assert "transformer:T-233;" not in touched + ";"
    for feeder in ("F-07", "F-08", "F-12", "F-11"):
        assert f"feeder:{feeder}" not in touched


def test_half_of_the_outages_are_one_home_and_few_are_whole_feeders(windy: City) -> None:
    rows = season(windy)
    failures = rows[rows["kind"] != "load_limit"]
    assert failures["customers_affected"].median() == 1
    assert failures["customers_affected"].quantile(0.9) < 0.02 * windy.customers
    assert failures["scope"].str.startswith("feeder:").mean() < 0.03


def test_the_shut_off_begins_within_hours_and_is_brought_back_in_days(windy: City) -> None:
    rows = shut_off(windy)
    assert rows["started_at"].max() - rows["started_at"].min() <= pd.Timedelta(hours=6)
    lasts = rows["restored_at"] - rows["started_at"]
    assert lasts.min() > DAY / 2
    assert lasts.max() <= 3 * DAY
    whole = rows["started_at"].max()
    most = rows["customers_affected"].sum() / windy.customers
    assert 0.2 < most < 0.7
    assert (rows["restored_at"] > whole).all()
    back = rows["restored_at"].dt.tz_convert(LOCAL).dt.date
    assert back.nunique() == 3


def test_scopes_name_what_exists_and_as_many_customers_as_counted(windy: City) -> None:
    swapped = windy.labels.query("cause == 'wrong_link'")["customer_no"]
    for row in season(windy).sample(60, random_state=1).itertuples():
        people = people_of(windy, row.scope)
        assert abs(people - row.customers_affected) <= len(swapped), row.scope


def test_steps_bring_back_the_whole_outage_by_its_end(windy: City) -> None:
    steps = windy.frames["outage_steps"]
    steps = steps[steps["outage_id"].str.startswith("ST-")]
    whole = season(windy).set_index("outage_id")
    held = steps.groupby("outage_id").agg(customers=("customers", "sum"), last=("step_at", "max"))
    assert len(held) > 10
    assert (held["customers"] == whole.loc[held.index, "customers_affected"]).all()
    assert (held["last"] == whole.loc[held.index, "restored_at"]).all()
    first = steps.groupby("outage_id")["step_at"].min()
    assert (first > whole.loc[first.index, "started_at"]).all()


def test_what_is_over_has_ended_and_the_rest_is_in_force(windy: City) -> None:
    over = season(windy)["restored_at"] <= windy.now
    assert (season(windy)["status"] == over.map({True: "ended", False: "in_force"})).all()
    assert 0 < (~over).sum() < len(over)


def test_people_call_about_the_season_but_not_about_what_was_announced(windy: City) -> None:
    held = windy.frames["fault_reports"]
    calls = held[held["outage_id"].str.startswith("ST-", na=False)]
    about = season(windy).set_index("outage_id").loc[calls["outage_id"]]
    assert set(about["kind"]) <= {"fault", "urgent"}
    assert 200 < len(calls) < 5 * 1_200
    each = calls.groupby("outage_id").size()
    assert each.max() <= 50


def test_the_same_season_twice_and_the_clock_can_jump_to_it(windy: City) -> None:
    again = build(3_000, 5, END, storm=1_200)
    for kind in ("outages", "outage_steps", "fault_reports"):
        pd.testing.assert_frame_equal(windy.frames[kind], again.frames[kind])
    codes = [event.code for event in windy.events]
    assert {"event_shut_off", "event_shut_off_peak", "event_shut_off_ends"} <= set(codes)
    assert [event.at for event in windy.events] == sorted(event.at for event in windy.events)


@pytest.mark.parametrize("storm", [-1, 200_001])
def test_a_season_of_an_impossible_size_is_refused(storm: int) -> None:
    with pytest.raises(UserError, match="sample_storm"):
        build(1_000, 3, END, storm=storm)


def test_a_season_may_be_a_single_outage() -> None:
    assert len(season(build(1_000, 3, END, storm=1))) == 1


@pytest.mark.long
def test_a_million_customers_are_out_in_a_season_of_54000_outages() -> None:
    city = build(1_000_000, 7, END, storm=54_000)
    rows = season(city)
    assert len(rows) == 54_000
    assert rows["customers_affected"].sum() >= 1_000_000
    peak = next(event.at for event in city.events if event.code == "event_shut_off_peak")
    is_open = (rows["started_at"] <= peak) & (rows["restored_at"] > peak)
    assert is_open.sum() > 5_000
