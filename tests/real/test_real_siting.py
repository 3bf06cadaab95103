"""Best sites on San Francisco's 16 stores and 205 census tracts, whose optima spopt's tests hold.

spopt (BSD-3), spopt/tests/test_locate: mean distance of the p-median 2982.1268579890657 m; 21
tracts uncovered (89.756 % covered) by the maximal cover, each with four stores and 5,000 m. For
the set cover and the p-center spopt tests only that its answer is optimal, so every choice of
stores is tried here.
"""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grid_cells import siting
from grid_cells.siting import Floats

pytestmark = pytest.mark.real
MEAN_M, UNCOVERED = 2982.1268579890657, 21
COUNT, LIMIT_M = 4, 5_000.0


@pytest.fixture(scope="module")
def stores(real_data: Path) -> tuple[Floats, Floats]:
    """Metres from each tract (rows, by number) to each store, and the people of each tract."""
    folder = real_data / "spopt_sf_location"
    ways = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    table = ways.pivot_table(values="distance", index="DestinationName", columns="name")
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv").sort_values("NAME")
    assert table.shape == (205, 16)
    np.testing.assert_allclose(table.index, tracts["NAME"])
    return table.to_numpy(), tracts["POP2000"].to_numpy(dtype=np.float64)


def test_the_p_median_is_the_published_one(stores):
    found = siting.median(*stores, COUNT)
    assert found.value == pytest.approx(MEAN_M, rel=1e-12)
    assert found.is_proven


def test_the_maximal_cover_leaves_out_as_many_as_the_published_one(stores):
    ways, people = stores
    found = siting.cover(ways, people, COUNT, LIMIT_M)
    inside = (ways[:, list(found.chosen)] <= LIMIT_M).any(axis=1)
    assert int((~inside).sum()) == UNCOVERED
    assert 100 * inside.mean() == pytest.approx(89.75609756097561)
    assert found.value == people[inside].sum()
    assert found.is_proven


def test_nothing_is_better_among_all_choices_of_four(stores):
    ways, people = stores
    chosen = [list(one) for one in combinations(range(16), COUNT)]
    nearest = np.array([ways[:, one].min(axis=1) for one in chosen])
    assert siting.center(ways, COUNT).value == nearest.max(axis=1).min()
    assert (
        siting.cover(ways, people, COUNT, LIMIT_M).value == (nearest <= LIMIT_M).dot(people).max()
    )
    mean = nearest.dot(people) / people.sum()
    assert siting.median(ways, people, COUNT).value == pytest.approx(mean.min())


def test_no_seven_stores_cover_everybody_and_eight_do(stores):
    ways, _ = stores
    found = siting.fewest(ways, LIMIT_M)
    assert len(found.chosen) == 8
    assert (ways[:, list(found.chosen)].min(axis=1) <= LIMIT_M).all()
    seven = (ways[:, list(one)].min(axis=1).max() for one in combinations(range(16), 7))
    assert min(seven) > LIMIT_M
