"""Energy lost behind a transformer, worked out by hand."""

import pandas as pd
import pytest

from grid_cells.line_loss import excess_kwh_day, loss_rates

NAMES = ["master_kwh", "master_reverse_kwh", "forward_kwh", "reverse_kwh", "measured"]


def rates(*rows: tuple[float | None, ...]) -> pd.DataFrame:
    return loss_rates(pd.DataFrame(rows, columns=NAMES, dtype="float64"), least_measured=0.98)


def test_the_loss_counts_what_customers_feed_in_and_what_flows_back() -> None:
    # (1000 + 50) - (900 + 20) = 130 of 1050
    assert rates((1000, 20, 900, 50, 1.0))["loss_rate"].tolist() == pytest.approx([130 / 1050])


def test_a_loss_below_nothing_is_told_as_it_is() -> None:
    assert rates((100, 0, 110, 0, 1.0))["loss_rate"].tolist() == pytest.approx([-0.1])


def test_what_is_not_known_is_not_told() -> None:
    unread, few, idle = (None, 0, 90, 0, 1.0), (100, 0, 90, 0, 0.97), (0, 0, 0, 0, 1.0)
    assert rates(unread, few, idle, (100, None, 90, None, 0.98)).index.tolist() == [3]


def test_the_excess_is_what_is_lost_above_the_median_rate() -> None:
    rows = [
        (10, 0.05, 30, "none"), (26, 0.13, 30, "suspect"), (4, 0.04, 30, "none"),
        (90, 0.40, 30, "wrong_multiplier"), (50, 0.30, 0, "none"), (0, 0.0, 30, "none"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["loss_kwh_day", "loss_rate", "days_known", "cause"])
    # usual (4 + 5) / 2 = 4.5 %: 10 − 200 × 4.5 % = 1; 26 − 200 × 4.5 % = 17
    found = excess_kwh_day(frame)
    assert found.drop([3, 4]).tolist() == pytest.approx([1.0, 17.0, 0.0, 0.0])
    assert found[[3, 4]].isna().all()
