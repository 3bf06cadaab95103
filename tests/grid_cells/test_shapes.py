import numpy as np
import pandas as pd
import pytest
import shapely

from grid_cells.shapes import as_shapes

BOX = shapely.box(0, 0, 1, 1)


def test_shapes_come_as_wkb_or_shapely_and_missing_ones_stay_missing():
    wkb = shapely.to_wkb(BOX)
    found = as_shapes([BOX, wkb, bytearray(wkb), None, np.nan, pd.NA, shapely.Polygon()])
    assert [shape is None for shape in found] == [False] * 3 + [True] * 4
    assert all(shape.equals(BOX) for shape in found[:3])


def test_a_bow_tie_is_mended_and_heights_are_dropped():
    tie = shapely.Polygon([(0, 0, 5), (1, 1, 5), (1, 0, 5), (0, 1, 5)])
    mended = as_shapes([tie])[0]
    assert mended.is_valid
    assert not mended.has_z
    assert mended.area == pytest.approx(0.5)


def test_a_text_is_no_shape():
    with pytest.raises(TypeError, match="no shape: str"):
        as_shapes(["POLYGON EMPTY"])


def test_no_values_are_no_shapes():
    assert len(as_shapes([])) == 0
