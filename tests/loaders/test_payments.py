"""Payments: months as people write them, customers or cells, what is refused."""

from datetime import datetime

import h3
import numpy as np
import pandas as pd

from loaders.contract import LoadOptions
from loaders.payments import load_payments

CELL = "894064b7343ffff"
OPTIONS = LoadOptions(now=datetime.fromisoformat("2026-07-16T19:40:00+08:00"))


def codes(loaded):
    return loaded.report.rejected[["row", "code"]].to_numpy().tolist()


def test_a_month_is_read_as_people_write_it(write):
    rows = "".join(
        f"{number:03d},{month},微信,1,50\n"
        for number, month in enumerate(["2026-06", "202606", "2026年6月", "2026/6", "2026-06-17"])
    )
    loaded = load_payments(write("p.csv", f"户号,年月,缴费方式,笔数,金额\n{rows}"), OPTIONS)
    assert loaded.frame["month"].astype(str).tolist() == ["2026-06-01"] * 5
    assert loaded.frame["customer_no"].tolist()[0] == "000"
    assert set(loaded.frame["channel"]) == {"wechat"}
    assert loaded.report.rejected.empty


def test_what_has_no_owner_no_month_or_no_known_channel_is_refused(write):
    text = (
        "customer_no,month,channel,payments,amount\n"
        "1,2026-06,银行,1,50\n,2026-06,bank,1,50\n2,,bank,1,50\n3,2026-13,bank,1,50\n"
        "4,2026-08,bank,1,50\n5,2026-06,pigeon,1,50\n6,2026-06,hall,-1,50\n1,2026-06,bank,2,60\n"
    )
    loaded = load_payments(write("p.csv", text), OPTIONS)
    assert loaded.frame["channel"].tolist() == ["bank"]
    assert codes(loaded) == [
        [3, "needs_one_of"], [4, "required_missing"], [5, "no_such_day"], [6, "in_future"],
        [7, "unknown_choice"], [8, "out_of_range"], [9, "duplicate_key"],
    ]  # fmt: skip


def test_figures_of_a_coarser_cell_are_divided_among_its_parts(write):
    parent = h3.cell_to_parent(CELL, 8)
    text = f"cell,month,channel,payments,amount\n{parent},2026-06,agency,14,700\n"
    text += f"{CELL},2026-05,hall,3,9\n"
    frame = load_payments(write("p.csv", text), OPTIONS).frame
    spread = frame[frame["month"] == pd.Timestamp("2026-06-01")]
    assert len(spread) == 7
    np.testing.assert_allclose(spread["payments"], 2.0)
    np.testing.assert_allclose(spread["amount"], 100.0)
    assert frame["payments"].sum() == 17
