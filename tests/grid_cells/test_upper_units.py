"""What stands above a unit of a plan."""

import numpy as np
import pandas as pd

from grid_cells.upper_units import above, nearest_known

TREE = pd.DataFrame(
    [
        ("C", None, "city"), ("K", "C", "county"), ("S1", "K", "station"), ("S2", "C", "station"),
        ("T", "S1", "team"), ("A", "B", "team"), ("B", "A", "team"),
    ],
    columns=["unit_id", "parent_id", "level"],
)  # fmt: skip


def test_a_unit_stands_under_those_of_every_level_above_it_and_under_itself():
    assert above(TREE, "station") == {"S1": "S1", "S2": "S2", "T": "S1"}
    assert above(TREE, "county") == {"K": "K", "S1": "K", "T": "K"}
    assert above(TREE, "city") == dict.fromkeys(("C", "K", "S1", "S2", "T"), "C")
    assert above(TREE, "province") == {}


def test_who_has_no_code_takes_the_nearest_ones():
    x, y = np.array([0.0, 10, 40, 100, np.nan]), np.zeros(5)
    found = nearest_known(np.array([7, -1, -1, 9, -1]), x, y)
    assert found.tolist() == [7, 7, 7, 9, 7]
    assert nearest_known(np.array([-1, -1]), x[:2], y[:2]).tolist() == [-1, -1]
    assert nearest_known(np.array([1, 2]), x[:2], y[:2]).tolist() == [1, 2]
