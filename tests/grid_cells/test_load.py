"""How hard a transformer works, by hand."""

import math

import pandas as pd
import pytest

from grid_cells.load import load_share

FACTORS = {"load_factor": 0.6, "power_factor": 0.95}


def test_a_transformer_at_its_rated_peak_is_at_one():
    # 100 kVA x 0.95 x 0.6 x 24 h = 1368 kWh
    assert load_share(1368.0, 100.0, **FACTORS) == pytest.approx(1.0)


def test_without_a_capacity_the_share_is_unknown():
    assert math.isnan(load_share(10.0, 0.0, **FACTORS))
    shares = load_share(pd.Series([684.0, 1.0]), pd.Series([100.0, None]), **FACTORS)
    assert shares.iloc[0] == pytest.approx(0.5)
    assert pd.isna(shares.iloc[1])
