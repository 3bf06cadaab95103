"""What a standstill says of its customer: by hand, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.theft_standstills import standstills


def rows(*groups):
    """(meters, of which stood still) of each maker, a terminal each."""
    frozen, maker = [], []
    for number, (meters, stood) in enumerate(groups):
        frozen += [True] * stood + [False] * (meters - stood)
        maker += [number] * meters
    return np.array(frozen), np.array(maker)


def test_a_maker_whose_terminals_freeze_much_lowers_what_a_freeze_says():
    frozen, maker = rows((4, 3), (96, 1))
    found = standstills(frozen, maker, maker)
    # elsewhere (1 + ½) ÷ (96 + 1) = 0.01546; of the maker's 3 others 2 stood still:
    # (2 + 2 × 0.01546) ÷ (3 + 2) = 0.40619
    assert found.says[0] == pytest.approx(0.01546 / 0.40619, abs=1e-4)
    assert found.share[0] == pytest.approx(2 / 3)
    assert found.usual[0] == pytest.approx(1 / 96)
    # who did not stand still loses nothing, though its maker's others did
    assert found.says[3] == 1


def test_a_lone_freeze_of_a_sound_maker_says_all_it_can():
    frozen, maker = rows((50, 0), (50, 1))
    found = standstills(frozen, maker, maker)
    assert found.says[50] == 1.0


def test_a_terminal_speaks_beside_its_maker():
    frozen, maker = rows((200, 4), (100, 2))
    terminal = np.r_[np.zeros(4, int), np.ones(196, int), np.full(100, 2)]
    together = standstills(frozen, terminal, maker)
    apart = standstills(frozen, np.arange(300), maker)
    # the four frozen meters of the first maker hang on one terminal: 3 of its 3 others stood still
    usual = (2 + 0.5) / (296 + 1)
    assert together.says[0] == pytest.approx(usual / ((3 + 2 * usual) / 5))
    assert together.says[0] < apart.says[0]


def test_where_nothing_is_known_of_others_a_freeze_speaks_for_itself():
    frozen, maker = rows((10, 9), (20, 0))
    assert standstills(frozen, maker, maker).says[0] == 1
    nobody = np.full(30, -1)
    assert (standstills(frozen, nobody, nobody).says == 1).all()


@given(st.integers(1, 60), st.integers(0, 60), st.integers(30, 200), st.integers(0, 200))
def test_it_is_a_share_and_more_freezes_of_the_maker_say_less(meters, stood, others, elsewhere):
    stood, elsewhere = min(stood, meters), min(elsewhere, others)
    frozen, maker = rows((meters, stood), (others, elsewhere))
    says = standstills(frozen, maker, maker).says
    assert ((says > 0) & (says <= 1)).all()
    if 0 < stood < meters:
        frozen, maker = rows((meters, stood + 1), (others, elsewhere))
        assert standstills(frozen, maker, maker).says[0] <= says[0] + 1e-12
