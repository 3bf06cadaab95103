"""The balance of a feeder with its dedicated transformers: by hand, and laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.feeder_loss import SUMS, by_feeder, feeder_losses

BASE = dict.fromkeys(SUMS, 0.0) | {
    "master_kwh": 1000.0, "master_reverse_kwh": 10.0, "bare_kwh": 500.0, "forward_kwh": 1440.0,
    "reverse_kwh": 20.0, "masters": 2, "masters_read": 2, "meters": 100, "read": 99,
    "dedicated": 3, "dedicated_read": 3,
}  # fmt: skip


def one(**changed):
    frame = pd.DataFrame(
        [{"feeder_id": "F1", "day": pd.Timestamp("2026-07-01"), **BASE, **changed}]
    )
    return feeder_losses(frame, least_measured=0.98).iloc[0]


def test_without_a_head_masters_and_dedicated_meters_are_what_came_in():
    row = one()
    # 1000 + 500 + 20 − 1440 − 10 = 70 of 1520
    assert (row["supply_kwh"], row["loss_kwh"], row["measured"]) == (1500, 70, 0.99)
    assert row["loss_rate"] == pytest.approx(70 / 1520)
    assert row["is_known"]
    assert not row["is_head_metered"]


def test_a_head_tells_what_the_line_itself_loses():
    row = one(head_kwh=1600.0, head_reverse_kwh=5.0, heads=1, heads_read=1, masters_read=1)
    # 1600 + 20 − 1440 − 5 = 175 of 1620, though a master is missing
    assert row["loss_kwh"] == 175
    assert row["loss_rate"] == pytest.approx(175 / 1620)
    assert row["is_head_metered"]
    assert row["is_known"]


@pytest.mark.parametrize(
    "changed",
    [
        {"masters_read": 1},
        {"read": 97},
        {"dedicated_read": 2},
        {"unmastered": 1},
        {"heads": 1, "head_kwh": None},
        {"master_kwh": 0.0, "bare_kwh": 0.0, "reverse_kwh": 0.0},
    ],
)
def test_what_was_not_measured_is_unknown_not_lost(changed):
    row = one(**changed)
    assert not row["is_known"]
    assert np.isnan(row["loss_kwh"])
    assert np.isnan(row["loss_rate"])


def test_a_feeder_is_the_sum_of_its_known_days():
    days = pd.concat(
        [
            pd.DataFrame([{"feeder_id": feeder, "day": day, **BASE, **changed}])
            for feeder, day, changed in [
                ("F1", 1, {}), ("F1", 2, {"forward_kwh": 1500.0}), ("F1", 3, {"read": 0}),
                ("F2", 1, {"masters_read": 0}),
            ]
        ]
    )  # fmt: skip
    found = by_feeder(feeder_losses(days, least_measured=0.98)).set_index("feeder_id")
    # 70 and 10 on two known days of three: 80 of 2 × 1520
    assert (found.loc["F1", "days"], found.loc["F1", "days_known"]) == (3, 2)
    assert found.loc["F1", "loss_kwh_day"] == 40
    assert found.loc["F1", "loss_rate"] == pytest.approx(80 / 3040)
    assert found.loc["F2", "days_known"] == 0
    assert np.isnan(found.loc["F2", "loss_rate"])
    assert np.isnan(found.loc["F2", "loss_kwh_day"])


@given(st.floats(0, 1e6), st.floats(0.5, 3))
def test_dedicated_meters_without_a_head_add_to_both_sides(more, scale):
    plain, fed = one(), one(bare_kwh=500.0 + more, forward_kwh=1440.0 + more)
    assert fed["loss_kwh"] == pytest.approx(plain["loss_kwh"], abs=1e-6)
    assert fed["loss_rate"] <= plain["loss_rate"]
    kwh = {name: BASE[name] * scale for name in SUMS if name.endswith("kwh")}
    assert one(**kwh)["loss_rate"] == pytest.approx(plain["loss_rate"])
