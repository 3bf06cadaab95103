"""Energy lost behind a transformer, worked out by hand."""

import pandas as pd
import pytest

from grid_cells.line_loss import loss_rates

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
