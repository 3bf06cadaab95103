"""Which promise holds where."""

import numpy as np
import pandas as pd
import shapely

from grid_cells.promises import promise_classes

ZONES = pd.DataFrame(
    {
        "promise_class": ["city", "rural"],
        "geometry": [shapely.box(1, 1, 2, 2), shapely.box(0, 0, 4, 4)],
    }
)


def test_the_smaller_of_two_nested_zones_counts():
    found = promise_classes(ZONES, [1.5, 3.0, 9.0], [1.5, 3.0, 9.0])
    assert found.tolist() == ["city", "rural", None]


def test_an_unplaced_point_has_no_promise():
    assert promise_classes(ZONES, np.array([np.nan]), np.array([1.0])).tolist() == [None]


def test_without_zones_nothing_is_promised():
    assert promise_classes(ZONES.iloc[:0], [1.0], [1.0]).tolist() == [None]
