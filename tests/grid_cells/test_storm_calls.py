"""Made-up storms: what their truth promises, and that grouping finds most of it."""

import numpy as np
import pandas as pd
import pytest

from grid_cells.call_groups import group
from grid_cells.storm_calls import STORM_KINDS, Storm, storm_calls

START = pd.Timestamp("2026-07-16 10:00", tz="UTC")


def town() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Six feeders of ten transformers on a grid, 60 homes each."""
    random = np.random.default_rng(1)
    number = np.arange(60)
    network = pd.DataFrame(
        {
            "transformer_id": [f"T{n:02d}" for n in number],
            "feeder_id": [f"F{n // 10}" for n in number],
            "lon": 108.9 + 0.003 * (number % 10) + random.normal(0, 0.0004, 60),
            "lat": 34.2 + 0.004 * (number // 10) + random.normal(0, 0.0004, 60),
            "customers": 60,
        }
    )
    homes = network.loc[network.index.repeat(60), ["transformer_id", "lon", "lat"]]
    homes = homes.reset_index(drop=True)
    off = random.normal(0, 0.0005, (2, len(homes)))
    numbers = [f"C{n:05d}" for n in range(len(homes))]
    homes = homes.assign(customer_no=numbers, lon=homes["lon"] + off[0], lat=homes["lat"] + off[1])
    return network, homes


def storm(kind: str, seed: int) -> Storm:
    return storm_calls(*town(), kind=kind, seed=seed, start=START)


@pytest.mark.parametrize("kind", STORM_KINDS)
def test_every_call_has_one_cause_that_began_before_it(kind: str) -> None:
    made = storm(kind, 3)
    assert made.calls["report_id"].tolist() == made.truth["report_id"].tolist()
    assert "cause_id" not in made.calls
    caused = made.calls.merge(made.truth).merge(made.causes[["cause_id", "started_at"]])
    assert len(caused) == len(made.calls) > 0
    assert (caused["registered_at"] >= caused["started_at"]).all()
    assert 0.03 <= made.share <= 0.30


def test_nobody_calls_about_an_outage_after_it_is_over() -> None:
    made = storm("trips", 4)
    calls = made.calls.merge(made.truth).merge(made.covers, on=["cause_id", "transformer_id"])
    assert len(calls) > 20
    assert (calls["registered_at"] <= calls["restored_at"]).all()


def test_a_trip_covers_its_feeder_and_comes_back_in_steps() -> None:
    made = storm("trips", 4)
    trips = made.causes[made.causes["kind"] == "feeder"]
    covers = made.covers[made.covers["cause_id"].isin(trips["cause_id"])]
    assert len(trips) > 0
    assert covers.groupby("cause_id")["transformer_id"].nunique().max() == 10
    assert covers.groupby("cause_id")["restored_at"].nunique().max() >= 2


def test_the_same_seed_makes_the_same_storm_and_another_seed_another() -> None:
    first, again, other = storm("mixed", 5), storm("mixed", 5), storm("mixed", 6)
    pd.testing.assert_frame_equal(first.calls, again.calls)
    assert first.calls["registered_at"].tolist() != other.calls["registered_at"].tolist()


@pytest.mark.parametrize("kind", STORM_KINDS)
def test_most_calls_find_their_outage(kind: str) -> None:
    """A call is right where its group and its cause are each other's largest part."""
    made = storm(kind, 11)
    network, _ = town()
    none = pd.DataFrame(columns=["outage_id", "started_at", "restored_at", "transformer_id"])
    found = group(made.calls, none, network, now=START + pd.Timedelta(hours=9)).calls
    both = found.merge(made.truth, on="report_id")
    largest = both.groupby("group_key")["cause_id"].agg(lambda causes: causes.mode()[0])
    main = both.groupby("cause_id")["group_key"].agg(lambda groups: groups.mode()[0])
    is_right = both["group_key"].map(largest) == both["cause_id"]
    is_right &= both["cause_id"].map(main) == both["group_key"]
    assert is_right.mean() >= 0.9
