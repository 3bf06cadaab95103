"""The readings: their amount and rhythm, the theft, and what only looks like one."""

import numpy as np
import pandas as pd
import pytest

from grid_cells.load import load_share
from grid_cells.sample_city import City

THEFT_SINCE = pd.Timestamp(2026, 6, 3)


class Read:
    """Readings of the meters behind labelled transformers, multiplied and joined to them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.labels = city.labels
        meters = city.frames["meters"]
        customers = city.frames["customers"].set_index("customer_no")
        labelled = set(self.labels["transformer_id"]) | {"T-233"}
        recorded = customers.loc[self.labels["customer_no"].dropna(), "transformer_id"]
        self.meters = meters[meters["transformer_id"].isin(labelled | set(recorded))]
        self.rows = 0
        kept = []
        for frame in city.readings():
            self.rows += len(frame)
            self.columns = list(frame.columns)
            self.sources = frame["source"].value_counts(normalize=True)
            self.largest = max(getattr(self, "largest", 0), len(frame))
            kept.append(frame[frame["meter_id"].isin(self.meters["meter_id"])])
        columns = ["meter_id", "customer_no", "transformer_id", "role", "multiplier", "maker"]
        joined = pd.concat(kept).merge(self.meters[columns], on="meter_id")
        self.frame = joined.assign(
            forward=joined["energy_kwh"] * joined["multiplier"],
            back=joined["reverse_kwh"] * joined["multiplier"],
        )

    def loss(self, transformer: str, *, since: pd.Timestamp, until: pd.Timestamp) -> float:
        """Loss over what came in, by the recorded links and multipliers, days with all read."""
        own = self.frame.query("transformer_id == @transformer and day >= @since and day < @until")
        sums = own.pivot_table(
            index="day", columns="role", values=["forward", "back"], aggfunc="sum"
        ).dropna()
        came_in = sums["forward", "master"] + sums["back", "billing"]
        went_out = sums["forward", "billing"] + sums["back", "master"]
        return float((came_in.sum() - went_out.sum()) / came_in.sum())

    def always(self, transformer: str) -> float:
        """The loss over all ninety days."""
        return self.loss(
            transformer, since=pd.Timestamp(2026, 1, 1), until=pd.Timestamp(2027, 1, 1)
        )

    def of(self, cause: str) -> pd.DataFrame:
        """Labels of one cause."""
        return self.labels[self.labels["cause"] == cause]


@pytest.fixture(scope="module")
def read(linjiang: City) -> Read:
    """The readings of the story's city."""
    return Read(linjiang)


@pytest.fixture(scope="module")
def read_small(small: City) -> Read:
    """The readings of a small city."""
    return Read(small)


def test_90_days_of_every_meter_make_5_4_million_rows(read: Read) -> None:
    assert read.columns == ["meter_id", "day", "energy_kwh", "reverse_kwh", "source", "received_at"]
    assert 5_300_000 < read.rows < 5_500_000
    assert read.largest <= 5_000_000
    days = read.frame["day"]
    assert days.min() == pd.Timestamp(2026, 4, 17)
    assert days.max() == pd.Timestamp(2026, 7, 15)


def test_nearly_all_readings_are_measured_and_the_rest_say_what_they_are(read: Read) -> None:
    assert 0.98 < read.sources["measured"] < 0.995
    assert set(read.sources.index) == {"measured", "late", "manual", "estimated"}


def test_no_meter_is_read_twice_a_day_nor_after_now(read: Read) -> None:
    assert not read.frame.duplicated(["meter_id", "day"]).any()
    assert (read.frame["received_at"] <= pd.Timestamp(read.city.now)).all()
    day_over = read.frame["day"].dt.tz_localize("Asia/Shanghai") + pd.Timedelta(days=1)
    assert (read.frame["received_at"] >= day_over).all()


@pytest.mark.parametrize("which", ["read", "read_small"])
def test_theft_raises_the_loss_of_three_transformers_from_4_to_13_percent(
    which: str, request: pytest.FixtureRequest
) -> None:
    read: Read = request.getfixturevalue(which)
    thieves = read.of("theft")
    assert len(thieves) == 7
    assert thieves["transformer_id"].value_counts().tolist() == [3, 2, 2]
    early, late = pd.Timestamp(2026, 1, 1), pd.Timestamp(2027, 1, 1)
    for transformer in thieves["transformer_id"].unique():
        assert read.loss(transformer, since=early, until=THEFT_SINCE) == pytest.approx(
            0.04, abs=0.005
        )
        assert read.loss(transformer, since=THEFT_SINCE, until=late) == pytest.approx(
            0.13, abs=0.01
        )


def test_the_three_transformers_of_the_theft_are_neighbours(linjiang: City) -> None:
    thieves = linjiang.labels.query("cause == 'theft'")["transformer_id"].unique()
    sites = linjiang.frames["transformers"].set_index("transformer_id").loc[thieves]
    assert sites[["lon", "lat"]].std().max() * 111_195 < 400


def test_thieves_are_not_named_in_the_files(linjiang: City) -> None:
    assert not any("theft" in column for frame in linjiang.frames.values() for column in frame)
    assert set(linjiang.labels["cause"]) == {
        "theft",
        "pv",
        "vacant",
        "frozen",
        "wrong_link",
        "wrong_ct",
    }


def test_the_wrong_ct_is_recorded_150_to_5_and_shows_a_third_too_much(read: Read) -> None:
    [transformer] = read.of("wrong_ct")["transformer_id"]
    master = read.meters.query("transformer_id == @transformer and role == 'master'")
    assert master["multiplier"].tolist() == [30.0]
    # the true loss l becomes 1 - (1 - l) × 20 / 30, the same on every day
    assert read.always(transformer) == pytest.approx(1 - 0.96 * 20 / 30, abs=0.012)


def test_nine_swapped_customers_lose_here_what_they_bring_there(read: Read) -> None:
    swapped = read.of("wrong_link")
    customers = read.city.frames["customers"].set_index("customer_no")
    recorded = customers.loc[swapped["customer_no"], "transformer_id"].unique()
    [true] = swapped["transformer_id"].unique()
    assert len(swapped) == 9
    assert len(recorded) == 1
    assert read.always(true) > 0.06
    assert read.always(recorded[0]) < 0.035


def test_the_village_with_sun_feeds_back_and_loses_nothing(read: Read) -> None:
    sunny = read.of("pv")
    fed = read.frame[read.frame["back"] > 0]
    assert set(fed.query("role == 'billing'")["customer_no"]) == set(sunny["customer_no"])
    assert 150 < len(sunny) < 280
    for transformer in sunny["transformer_id"].unique():
        assert -0.02 < read.always(transformer) < 0.045


def test_frozen_terminals_are_of_one_maker_and_catch_up(read: Read) -> None:
    frozen = read.of("frozen")["customer_no"]
    meters = read.frame[read.frame["customer_no"].isin(frozen)]
    assert set(meters["maker"]) == {"Kaiyuan 开元"}
    still = meters[meters["energy_kwh"] == 0].groupby("meter_id").size()
    assert still.between(7, 15).all()
    assert len(still) == meters["meter_id"].nunique()
    usual = meters.groupby("meter_id")["energy_kwh"].median()
    assert (meters.groupby("meter_id")["energy_kwh"].max() > 5 * usual).mean() > 0.9


def test_homes_empty_in_season_use_next_to_nothing_afterwards(read: Read) -> None:
    empty = read.of("vacant")
    rows = read.frame.merge(empty[["customer_no", "since"]], on="customer_no")
    before = rows[rows["day"] < rows["since"]].groupby("customer_no")["forward"].mean()
    after = rows[rows["day"] >= rows["since"]].groupby("customer_no")["forward"].mean()
    assert (after / before).max() < 0.2
    transformers = empty["transformer_id"].unique()
    assert all(abs(read.always(transformer) - 0.04) < 0.02 for transformer in transformers)


def test_t233_ran_at_118_percent_on_the_last_day(read: Read) -> None:
    master = read.frame.query("transformer_id == 'T-233' and role == 'master'")
    master = master[master["day"] == pd.Timestamp(2026, 7, 15)]
    capacity = (
        read.city.frames["transformers"].set_index("transformer_id").loc["T-233", "capacity_kva"]
    )
    energy = float(master["forward"].iloc[0])
    share = load_share(energy, float(capacity), load_factor=0.6, power_factor=0.95)
    assert share == pytest.approx(1.18, abs=0.01)


def test_heat_raises_the_use_and_homes_use_more_at_weekends(read: Read) -> None:
    homes = read.frame.query("transformer_id == 'T-233' and role == 'billing'")
    daily = homes.groupby("day")["forward"].mean()
    assert daily.iloc[-7:].mean() > 1.3 * daily.iloc[:30].mean()
    spring = daily.iloc[:28]
    weekend = spring.index.day_of_week >= 5
    assert spring[weekend].mean() > 1.04 * spring[~weekend].mean()


def test_a_new_customer_is_read_from_its_first_day_on(small: City) -> None:
    customers, meters = small.frames["customers"], small.frames["meters"]
    new = customers[customers["address"].str.startswith("Riverside")][
        ["customer_no", "connected_on"]
    ]
    own = meters.merge(new, on="customer_no")[["meter_id", "connected_on"]]
    rows = pd.concat(frame.merge(own, on="meter_id") for frame in small.readings())
    assert len(rows) > 0
    assert (rows["day"] >= rows["connected_on"]).all()


def test_energy_is_never_negative(small: City) -> None:
    for frame in small.readings():
        assert (frame["energy_kwh"] >= 0).all()
        assert (frame["reverse_kwh"] >= 0).all()
        assert np.isfinite(frame["energy_kwh"]).all()
