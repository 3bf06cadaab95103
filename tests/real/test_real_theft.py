"""Real inspections and real customers: models trained on earlier rows find later thefts."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from grid_cells.theft_evaluation import Protocol, evaluate
from grid_cells.theft_features import TheftTable
from grid_cells.theft_models import SERIES_ALONE, WITH_ATTRIBUTES
from loaders.mapping import read_mapping
from loaders.theft_tables import load_theft_table

pytestmark = pytest.mark.real
MAPS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def inspections(real_data: Path) -> TheftTable:
    source = real_data / "theft_inspections" / "inspections_2016_2017.parquet"
    return load_theft_table(source, read_mapping(MAPS / "inspections.toml"))


def test_later_inspections_are_ranked_by_earlier_ones(inspections: TheftTable) -> None:
    protocol = Protocol(
        split_at=date(2017, 7, 1), draws=50, blocks=("all",), plans=WITH_ATTRIBUTES[::4]
    )
    found = evaluate(inspections, protocol)["all"]
    assert found["rows_judged"] == 7507
    assert found["auc"] > 0.71
    assert found["average_precision"] > 0.125
    assert abs(found["mean_score"] - found["base_rate"]) < 0.02


def test_customers_of_26_days_are_ranked_by_their_days_alone(real_data: Path) -> None:
    source = real_data / "sgcc_26_days" / "customers_labelled.parquet"
    table = load_theft_table(source, read_mapping(MAPS / "sgcc_26_days.toml"))
    part = table.rows(np.arange(len(table)) % 2 == 0)
    found = evaluate(part, Protocol(folds=2, draws=20, blocks=("all",), plans=SERIES_ALONE[::4]))[
        "all"
    ]
    assert found["auc"] > 0.63
    assert found["average_precision"] > 0.17
