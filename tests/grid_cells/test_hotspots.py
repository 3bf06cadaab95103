"""Hotspots: Gi* as esda has it and by hand, discoveries, shapes, roll-up; unknown stays unknown."""

import h3.api.numpy_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells import hotspots
from grid_cells.cells import parents
from tests.laws import examples

CENTRE = h3.latlng_to_cell(30.0, 114.0, 9)


def east(steps: int) -> int:
    """The cell so many steps from the middle along one axis."""
    i, j = h3.cell_to_local_ij(CENTRE, CENTRE)
    return int(h3.local_ij_to_cell(CENTRE, i + steps, j))


def disk(rings: int) -> np.ndarray:
    return np.sort(np.asarray(h3.grid_disk(CENTRE, rings), dtype=np.int64))


def line() -> np.ndarray:
    """Four cells in a row, so that the ends have one neighbour and the middle two."""
    ends = CENTRE, east(3)
    return np.asarray(h3.grid_path_cells(*ends), dtype=np.int64)


def test_gi_star_by_hand() -> None:
    z, p = hotspots.getis_ord(line(), [0.0, 0.0, 0.0, 4.0])
    # mean 1, s² = 3; ends W = 2: s√((4·2−4)/3) = 2; middle W = 3: s√((12−9)/3) = √3
    assert z == pytest.approx([-1.0, -3 / 3**0.5, 1 / 3**0.5, 1.0])
    assert p[3] == pytest.approx(0.15865525, abs=1e-8)


def test_gi_star_equals_esda() -> None:
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal.weights")
    cells = disk(8)
    values = np.random.default_rng(3).gamma(1.0, 2.0, len(cells))
    index = {int(one): at for at, one in enumerate(cells)}
    near = {
        at: [index[int(n)] for n in h3.grid_disk(one, 2) if int(n) in index and int(n) != one]
        for at, one in enumerate(cells)
    }
    with np.errstate(all="ignore"):
        peer = esda.G_Local(
            values, weights.W(near, silence_warnings=True), transform="B", star=True, permutations=0
        )
    z, p = hotspots.getis_ord(cells, values, rings=2)
    assert z == pytest.approx(peer.Zs, abs=1e-9)
    assert np.where(z > 0, p, 1 - p) == pytest.approx(peer.p_norm, abs=1e-9)


def test_unknown_cells_take_no_part() -> None:
    cells = disk(3)
    values = np.arange(len(cells), dtype=float)
    without = hotspots.getis_ord(cells[1:], values[1:])[0]
    values[0] = np.nan
    z, p = hotspots.getis_ord(cells, values)
    assert np.isnan(z[0])
    assert np.isnan(p[0])
    assert z[1:] == pytest.approx(without)
    assert not hotspots.hotspots(cells, values)["is_hot"].iloc[0]


def test_equal_values_have_no_hotspot_and_two_cells_tell_nothing() -> None:
    z, p = hotspots.getis_ord(disk(2), np.full(19, 0.1))
    assert z.tolist() == [0.0] * 19
    assert p.tolist() == [0.5] * 19
    assert np.isnan(hotspots.getis_ord(disk(1)[:2], [1.0, 2.0])[0]).all()
    assert len(hotspots.hotspots([], [])) == 0


def test_benjamini_hochberg_by_hand() -> None:
    # p·n/rank, made monotone from the top: 0.04 → min(0.04·4/3, 0.05) = 0.05
    found = hotspots.adjusted([0.01, np.nan, 0.04, 0.03, 0.05])
    assert found[[0, 2, 3, 4]] == pytest.approx([0.04, 0.05, 0.05, 0.05])
    assert np.isnan(found[1])
    assert np.isnan(hotspots.adjusted([np.nan])).all()


def test_shapes_are_cells_that_touch_largest_first() -> None:
    cells = np.concatenate([line(), [east(9)]])
    assert hotspots.clusters(cells, [True, True, False, True, True])[:2].tolist() == [0, 0]
    assert sorted(hotspots.clusters(cells, [True, True, False, True, True])) == [-1, 0, 0, 1, 2]
    assert hotspots.clusters(cells, np.zeros(5, bool)).tolist() == [-1] * 5


def test_a_seeded_hotspot_is_found_and_nothing_else() -> None:
    cells = disk(12)
    values = np.random.default_rng(1).normal(1.0, 0.1, len(cells))
    ring = np.isin(cells, h3.grid_disk(east(5), 1))
    values[ring] += 2.0
    found = hotspots.hotspots(cells, values)
    assert found.loc[ring, "is_hot"].all()
    assert found["hotspot"].max() == 0
    far = ~np.isin(cells, h3.grid_disk(east(5), 2))
    assert not found.loc[far, "is_hot"].any()


def test_roll_up_sums_what_is_known() -> None:
    family = np.asarray(h3.cell_to_children(h3.cell_to_parent(CENTRE, 8), 9), dtype=np.int64)
    other = np.asarray([east(9)], dtype=np.int64)
    frame = pd.DataFrame({"cell_id": np.concatenate([family, other]), "customers": [3] * 7 + [2]})
    frame["lost"] = [1.0, np.nan, 2.0, np.nan, np.nan, np.nan, np.nan, np.nan]
    up = hotspots.rolled_up(frame, 8).set_index("cell_id")
    mine, theirs = parents(np.array([family[0], other[0]]), 8)
    assert up.loc[mine, "customers"] == 21
    assert up.loc[mine, "lost"] == 3.0
    assert np.isnan(up.loc[theirs, "lost"])


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.floats(0, 100), min_size=37, max_size=37), st.floats(0.5, 4), st.floats(-5, 5))
def test_gi_star_knows_no_unit_and_no_zero(raw: list[float], scale: float, shift: float) -> None:
    values = np.round(np.array(raw), 2)
    one = hotspots.getis_ord(disk(3), values)[0]
    other = hotspots.getis_ord(disk(3), values * scale + shift)[0]
    assert other == pytest.approx(one, abs=1e-6)


def test_hotspots_in_sight_are_numbered_without_gaps() -> None:
    assert hotspots.renumbered([3, -1, 1, 3, 7]).tolist() == [1, -1, 0, 1, 2]
