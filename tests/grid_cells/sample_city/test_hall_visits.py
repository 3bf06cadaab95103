"""Visitors of the city's halls: the story's Tuesday, what is uncounted, who comes again."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from grid_cells.sample_city import City
from grid_cells.sample_city.ground import stream
from grid_cells.sample_city.hall_log import HallLog, hall_log
from grid_cells.sample_city.hall_returns import AGAIN
from grid_cells.sample_city.hall_visits import visit_frame

END = date(2026, 7, 16)
FULL = 60_000


@pytest.fixture(scope="module")
def visits(small: City) -> pd.DataFrame:
    """Those of the whole city: its halls are those of any town."""
    return visit_frame(small.frames["halls"], customers=FULL, end=END, rng=stream(7, 70))


@pytest.fixture(scope="module")
def log(small: City, visits: pd.DataFrame) -> HallLog:
    return hall_log(small.frames["halls"], visits, customers=FULL, end=END, rng=stream(7, 71))


def waits(visits: pd.DataFrame) -> "pd.Series[float]":
    due = visits[["taken_at", "appointment_at"]].max(axis=1)
    return (visits["called_at"] - due).dt.total_seconds() / 60


def test_old_towns_tuesday_and_the_next_hall(visits: pd.DataFrame) -> None:
    now = pd.Timestamp("2026-07-14T10:30:00+08:00")
    just = visits[visits["called_at"].between(now - pd.Timedelta(minutes=30), now)]
    means = waits(just).groupby(just["hall_id"]).mean()
    assert means["H-old-town"] == pytest.approx(34, abs=0.4)
    assert means["H-east"] == pytest.approx(4, abs=0.4)


def test_a_fifth_of_the_work_is_not_counted(visits: pd.DataFrame, log: HallLog) -> None:
    worked = (visits["finished_at"] - visits["called_at"]).dt.total_seconds().sum() / 60
    minutes = log.tallies["matter"].map({"enquiry": 4.0, "app_help": 5.0, "machine_help": 3.0})
    assert minutes.sum() / (minutes.sum() + worked) == pytest.approx(0.21, abs=0.005)
    assert log.tallies["tally_key"].is_unique


def test_one_in_eleven_comes_again_for_a_missing_paper(visits: pd.DataFrame) -> None:
    mine = visits[visits["matter"].isin(AGAIN)].sort_values("taken_at")
    before = mine.groupby(["visitor_key", "matter"])[["outcome", "taken_at"]].shift()
    came = before["outcome"] == "papers_missing"
    assert came.mean() == pytest.approx(0.09, abs=0.005)
    gap = (mine["taken_at"] - before["taken_at"])[came].dt.days
    assert gap.between(0, 10).all()
    assert visits.loc[~visits["matter"].isin(AGAIN), "visitor_key"].isna().all()


def test_a_counter_serves_one_at_a_time_and_nobody_comes_after_now(
    small: City, visits: pd.DataFrame
) -> None:
    assert visits["taken_at"].max() < small.now
    day = visits["taken_at"].dt.floor("D")
    assert (visits["called_at"].dropna() >= visits["taken_at"][visits["called_at"].notna()]).all()
    served = visits.dropna(subset=["called_at"]).assign(day=day)
    ordered = served.sort_values("called_at")
    ends = ordered.groupby(["hall_id", "day", "counter"])["finished_at"].shift()
    early = (ordered["called_at"] - ends).dt.total_seconds()
    assert early.dropna().min() >= -1  # moments are whole seconds
    assert not visits.duplicated(["hall_id", "ticket_id"]).all()
    assert not visits.assign(day=day).duplicated(["hall_id", "ticket_id", "day"]).any()


def test_the_same_seed_has_the_same_visitors_and_a_town_fewer(
    small: City, visits: pd.DataFrame
) -> None:
    again = visit_frame(small.frames["halls"], customers=FULL, end=END, rng=stream(7, 70))
    pd.testing.assert_frame_equal(again, visits)
    share = len(small.frames["visits"]) / len(visits)
    assert share == pytest.approx(small.customers / FULL, rel=0.1)
    assert np.isin(visits["hall_id"].unique(), small.frames["halls"]["hall_id"]).all()
    assert set(small.hall_log.duties["hall_id"]) == set(small.frames["halls"]["hall_id"])
