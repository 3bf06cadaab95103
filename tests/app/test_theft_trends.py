"""From run to run: each as it was known then; unknown is not nought."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.store.database import Database
from app.use_cases import inspections, privacy, theft_hotspots, theft_trends
from app.use_cases.inspections import ResultWish
from app.use_cases.theft_hotspots import HotspotWish
from tests.app.theft_town import INSPECTOR, keep_run, suspects
from tests.conftest import NOW, LittleTown


def test_each_run_tells_what_was_known_at_its_moment(
    town_database: Database, town: LittleTown
) -> None:
    db = town_database
    keep_run(db, town, NOW - timedelta(days=30))
    keep_run(db, town, NOW)
    db.write(
        lambda c: c.execute(
            "UPDATE theft_scores SET cause = 'none' WHERE run_id = 1 AND customer_no = ?",
            [suspects(town)[0]],
        )
    )
    ref = privacy.customer_ref(db, suspects(town)[0])
    found = ResultWish("confirmed", date(2026, 7, 15), ("P1", "P2"), "S-1", b"x", 10.0, 0.0)
    inspections.enter(db, INSPECTOR, ref, found)
    keep_run(db, town, NOW + timedelta(hours=1))  # not known yet
    rows = theft_trends.over_runs(db, INSPECTOR, HotspotWish())
    assert rows["run_id"].tolist() == [1, 2]
    assert rows["suspects"].tolist() == [5, 6]
    assert rows["lost_kwh"].tolist() == pytest.approx([18.0, 18.0])
    assert np.isnan(rows["inspected_share"].iloc[0])
    assert np.isnan(rows["hit_rate"].iloc[0])
    assert rows["inspected_share"].iloc[1] == pytest.approx(1 / 244)
    assert rows["hit_rate"].iloc[1] == 1.0
    cells = theft_hotspots.found(db, INSPECTOR).cells
    spot = tuple(int(one) for one in cells.loc[cells["hotspot"] == 0, "cell_id"])
    assert theft_trends.over_runs(db, INSPECTOR, HotspotWish(), spot)["suspects"].tolist() == [5, 6]
    cold = tuple(int(one) for one in cells.loc[cells["suspects"] == 0, "cell_id"])
    assert theft_trends.over_runs(db, INSPECTOR, HotspotWish(), cold)["suspects"].tolist() == [0, 0]
