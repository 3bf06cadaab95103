"""What stands beside a suspicion: the link to the loss, peers of the cell, the weather."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.cells import parents
from grid_cells.theft_cell_peers import PeerLevel, families, peer_level
from grid_cells.theft_features import TheftTable
from grid_cells.theft_link import LEAST_DAYS, moving
from grid_cells.theft_model_reasons import _Peers
from grid_cells.theft_weather import share_explained

NONE = float("nan")
CELL = 0x8930E1D8C07FFFF


def test_a_loss_of_half_the_use_moves_with_it() -> None:
    use = np.array([np.arange(1.0, 25.0), np.full(24, 3.0), np.tile([1.0, 2.0], 12)])
    r, slope = moving(use, 0.5 * use[0] + 2, np.ones(24, bool))
    assert r[0] == pytest.approx(1.0)
    assert slope[0] == pytest.approx(0.5)
    assert np.isnan(r[1])  # use that never varies moves with nothing
    assert r[2] == pytest.approx(12 * 0.5 / np.sqrt(24 * 0.25 * 1150))  # Σxy, Σx², Σy²


def test_days_unread_on_either_side_do_not_count() -> None:
    use = np.r_[np.arange(1.0, 25.0), NONE, 500.0][None, :]
    known = np.r_[np.ones(25, bool), False]
    r, _ = moving(use, np.r_[np.arange(24.0), 99.0, -99.0], known)
    assert r[0] == pytest.approx(1.0)
    few = known & (np.arange(26) < LEAST_DAYS - 1)
    assert np.isnan(moving(use, np.arange(26.0), few)[0][0])


@given(st.floats(0.1, 50), st.floats(-20, 20))
def test_scale_and_level_of_the_loss_leave_the_correlation(scale: float, level: float) -> None:
    use = np.sin(np.arange(40.0))[None, :] + 2
    loss = np.cos(np.arange(40.0) / 3)
    plain, _ = moving(use, loss, np.ones(40, bool))
    assert moving(use, scale * loss + level, np.ones(40, bool))[0] == pytest.approx(plain, abs=1e-6)


def test_peers_are_of_the_cell_then_around_then_anywhere() -> None:
    siblings = np.array([CELL] * 6 + [0])
    near = families(siblings)
    assert near[1][0] == parents(np.array([CELL]), 8)[0]
    level, group, whose = np.arange(1.0, 8.0), np.zeros(7, int), np.arange(7)
    assert peer_level(0, level, group, whose, near) == PeerLevel(4.0, 5, "cell")  # 2, 3, 4, 5, 6
    assert peer_level(6, level, group, whose, near) == PeerLevel(3.5, 6, "tariff")
    other = np.array([0, 0, 0, 0, 0, 0, 1])
    assert peer_level(6, level, other, whose, near) is None
    assert peer_level(0, level, group, np.array([0, 0, 2, 3, 4, 5, 6]), near) == PeerLevel(
        5.0, 5, "tariff"
    )


def test_a_fall_that_the_cold_explains_is_the_weather_s() -> None:
    celsius = np.r_[np.tile([8.0, 12.0, 16.0], 10), np.full(10, 18.0)]
    use = np.exp(0.1 * (18 - celsius))
    assert share_explained(use, celsius, 30) == pytest.approx(1.0)
    steady = np.r_[np.full(30, 10.0), np.full(10, 1.0)]
    assert share_explained(steady, celsius, 30) == pytest.approx(0.0, abs=1e-9)
    assert share_explained(use, np.full(40, NONE), 30) is None
    assert share_explained(use[::-1], celsius[::-1], 10) is None  # it rose, and few days before


def test_use_is_told_beside_the_median_of_tariff_and_zone_then_of_the_tariff() -> None:
    kwh = np.array([2.0, 8, 9, 10, 11, 12, 4, NONE])
    zone = ["a"] * 6 + ["b", None]
    table = TheftTable(
        ids=np.arange(8).astype(str), energy=np.repeat(kwh[:, None], 4, axis=1),
        attributes=pd.DataFrame({"use_type": "home", "tariff": "R1", "zone": zone}),
        figures=pd.DataFrame(index=range(8)), visited=np.full(8, np.datetime64("NaT", "D")),
        confirmed=np.full(8, NONE), periods=("1", "2", "3", "4"),
    )  # fmt: skip
    peers = _Peers(table)
    # zone a: 2, 8, 9, 10, 11, 12; alone in zone b: the tariff's 2, 4, 8, 9, 10, 11, 12
    assert peers.told(0) == [{"code": "model_peers", "percent": 21, "peers": 5}]
    assert peers.told(6) == [{"code": "model_peers", "percent": 44, "peers": 7}]
    assert peers.told(7) == []
