"""The closed bridge, as coverage tells it: the west bank's gap, and the post that mends it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from grid_cells import coverage, post_sites
from grid_cells.post_sites import Demand
from grid_cells.sample_city import City
from grid_cells.small_cells import middles
from grid_cells.streets import StreetGraph
from grid_cells.travel_time import matrix

LIMIT = 45.0
WEST = "Xizhou|Luwei|Shatan|Xiling"


def cells_of(city: City, look: Any) -> pd.DataFrame:
    """Where customers live: cell_id, customers, lon, lat, and whether on the west bank."""
    people = look.placed(city)
    west = look.of_places(city, WEST)
    held = people.groupby("cell_id").agg(
        customers=("lon", "size"), lon=("lon", "mean"), lat=("lat", "mean")
    )
    told = middles(held.reset_index(), 5).set_index("cell_id")
    return told.assign(
        customers=held["customers"].astype(float), is_west=told.index.isin(west["cell_id"])
    ).reset_index()


def minutes_of(graph: StreetGraph, cells: pd.DataFrame, places: pd.DataFrame) -> np.ndarray:
    return matrix(graph, cells, places, "from_source")


@pytest.fixture(scope="module")
def bases(city: City) -> pd.DataFrame:
    return city.frames["crews"].drop_duplicates(["lon", "lat"])[["lon", "lat"]]


def gaps_of(city: City, look: Any, bases: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The gaps beyond 45 minutes, and the cells with the number of their gap."""
    cells = cells_of(city, look)
    now, free = look.graph_today(city), look.open_graph(city)
    took, was = (coverage.nearest(minutes_of(g, cells, bases))[0] for g in (now, free))
    limit = np.full(len(cells), LIMIT)
    late = coverage.beyond(took, limit)
    piece = coverage.pieces(cells["cell_id"].to_numpy(), late)
    at = cells.iloc[coverage.middles(cells, piece)["row"]]
    there = minutes_of(now, at, at)
    group = coverage.joined(piece, np.fmin(there, there.T))
    told = cells.assign(
        important=0, minutes=took, before_min=was, was_beyond=coverage.beyond(was, limit)
    )
    found = coverage.gaps(told, group, {"closure": was <= limit})
    return found, told.assign(gap=group)


def test_the_gap_of_the_west_bank_comes_first_and_the_bridge_is_why(
    city: City, look: Any, bases: pd.DataFrame
) -> None:
    gaps, cells = gaps_of(city, look, bases)
    first = gaps.iloc[0]
    inside = cells[cells["gap"] == first["gap"]]
    assert inside["is_west"].all()
    assert first["cause"] == "closure"
    people = float(cells.loc[cells["is_west"], "customers"].sum())
    assert first["customers"] == people == first["new"]
    assert first["before_min"] == pytest.approx(14, abs=1.5)
    assert first["minutes"] == pytest.approx(52, abs=6)
    assert people == pytest.approx(look.share(city, 2_300), abs=4)


def test_a_post_at_west_hall_is_the_best_one_and_wins_most_of_them_back(
    city: City, look: Any, bases: pd.DataFrame
) -> None:
    _, cells = gaps_of(city, look, bases)
    halls = city.frames["halls"]
    sites = pd.concat([halls[["lon", "lat"]], bases], ignore_index=True)
    asked = Demand(
        cells["customers"].to_numpy(), np.full(len(cells), LIMIT), cells["minutes"].to_numpy()
    )
    there = minutes_of(look.graph_today(city), cells, sites)
    found = post_sites.best(asked, there, 1, "cover")
    assert [halls["hall_id"].iloc[n] for n in found.sites] == ["H-west"]
    after = post_sites.after(asked, there, found.sites)
    won = post_sites.in_time(asked, after) - post_sites.in_time(asked, asked.now_min)
    west = cells["is_west"].to_numpy()
    assert won >= 0.9 * cells.loc[west, "customers"].sum()
    assert coverage.mean(after[west], cells.loc[west, "customers"]) < 14


def test_every_customer_of_the_2300_is_won_back(linjiang: City, look: Any) -> None:
    bases = linjiang.frames["crews"].drop_duplicates(["lon", "lat"])[["lon", "lat"]]
    gaps, cells = gaps_of(linjiang, look, bases)
    assert gaps["customers"].iloc[0] == 2_300
    hall = linjiang.frames["halls"].query("hall_id == 'H-west'")
    there = minutes_of(look.graph_today(linjiang), cells, hall)[:, 0]
    west = cells["is_west"].to_numpy()
    assert (there[west] <= LIMIT).all()
