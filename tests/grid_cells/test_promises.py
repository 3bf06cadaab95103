"""Which promise holds where."""

import numpy as np
import pandas as pd
import shapely

from grid_cells.cells import points_to_cells
from grid_cells.promises import cell_promise_classes, place_states, promise_classes

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


def test_whole_cells_have_the_class_of_every_point_in_them():
    rng = np.random.default_rng(4)
    lon, lat = 112.5 + rng.uniform(-0.02, 0.02, 4000), 30.4 + rng.uniform(-0.02, 0.02, 4000)
    zones = pd.DataFrame(
        {"promise_class": ["city", "rural"],
         "geometry": [shapely.Point(112.5, 30.4).buffer(0.009),
                      shapely.box(112.4, 30.3, 112.6, 30.5)]}
    )  # fmt: skip
    cells = points_to_cells(lon, lat, 9)
    told = cell_promise_classes(zones, np.unique(cells)).set_index("cell_id")
    assert 10 < told["is_crossed"].sum() < len(told) / 2
    classes = pd.Series(promise_classes(zones, lon, lat))
    whole = ~told["is_crossed"].reindex(cells).to_numpy()
    expected = told["promise_class"].reindex(cells).to_numpy()
    assert (classes[whole] == expected[whole]).all()


def test_without_zones_no_cell_has_a_class_and_none_is_crossed():
    zones = pd.DataFrame({"promise_class": [], "geometry": []})
    told = cell_promise_classes(zones, points_to_cells(np.array([112.5]), np.array([30.4]), 9))
    assert told["promise_class"].tolist() == [None]
    assert not told["is_crossed"].any()


def test_where_no_way_is_known_nothing_is_broken_by_that_alone():
    """As with an order: its promise runs until its time is over."""
    drive, promised = [30.0, 40.0, 50.0, np.nan, 30.0], [45.0, 45.0, 45.0, 45.0, np.nan]
    assert place_states(drive, promised, setting_out_min=10.0).tolist() == [
        "kept", "risk", "broken", "unknown", "unknown",
    ]  # fmt: skip
