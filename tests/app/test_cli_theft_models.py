"""theft train, evaluate and score on files, as typed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app.cli import main
from app.use_cases import theft_files
from app.use_cases.actors import command_line_actor
from grid_cells import theft_models
from grid_cells.errors import FileRejected
from grid_cells.theft_models import MemberPlan
from loaders.theft_model_files import read_model, sha256_of, write_scores
from tests.grid_cells.visit_town import town

TREES = {
    "objective": "binary",
    "verbose": -1,
    "num_threads": 1,
    "num_leaves": 4,
    "learning_rate": 0.2,
}
MAP = """
[columns]
inspection_id = "id"
inspected_on = "visited"
outcome = "found"
zone = "zone"
[values.outcome]
1 = "confirmed"
0 = "cleared"
[wide]
columns = 'm(?P<months_before>\\d+)'
value = "energy_kwh"
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Early visits with outcomes, late ones without, and the mapping."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setattr(theft_models, "WITH_ATTRIBUTES", (MemberPlan(15, TREES),))
    monkeypatch.setattr(theft_models, "SERIES_ALONE", (MemberPlan(15, TREES),))
    table = town(700)
    frame = pd.DataFrame(table.energy, columns=[f"m{12 - k}" for k in range(12)])
    frame = frame.assign(
        id=table.ids, visited=table.visited, found=table.confirmed.astype(int),
        zone=table.attributes["zone"],
    )  # fmt: skip
    frame[:600].to_parquet(tmp_path / "early.parquet")
    frame[600:].drop(columns="found").to_csv(tmp_path / "late.csv", index=False)
    (tmp_path / "map.toml").write_text(MAP)
    return tmp_path


def typed(words):
    return main(["theft", *words.split()])


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_evaluate_tells_every_measure_with_and_without_missingness(files, capsys):
    words = "theft evaluate --input early.parquet --map map.toml --split-at 2025-05-01 --draws 10"
    assert main([*words.split(), "--json"]) == 0
    found = told(capsys)
    assert found["rows"] == 600
    assert {"base_rate", "average_precision", "precision_at_100", "precision_top_tenth"} <= set(
        found
    )
    assert found["auc"] > 0.8
    assert found["recall_top_tenth"] > 0.3
    assert set(found["blocks"]) == {"all", "without_missingness", "behaviour"}
    low, high = found["intervals"]["auc"]
    assert low <= found["auc"] <= high
    assert found["fit_seconds"] > 0
    assert found["seconds"] >= found["fit_seconds"]


def test_without_a_day_the_folds_are_told(files, capsys):
    words = "theft evaluate --input early.parquet --map map.toml --folds 2 --draws 5 --json"
    assert main(words.split()) == 0
    assert told(capsys)["protocol"] == "stratified folds: 2"


def test_what_is_trained_scores_another_file_by_its_own_map(files, capsys):
    assert typed("train --input early.parquet --map map.toml --model m --json") == 0
    card = told(capsys)
    assert card["rows"] == 600
    assert card["protocol"] == "later_fifth"
    assert typed("score --model m --input late.csv --out s.csv --json") == 0
    found = told(capsys)
    assert found["rows"] == 100
    assert found["auc"] is None
    assert found["drift"]["grade"] in ("steady", "moderate", "large")
    scores = pd.read_csv(files / "s.csv", dtype={"inspection_id": str})
    assert list(scores.columns) == ["inspection_id", "score", "id"]
    assert (scores["id"].astype(int) == scores["inspection_id"].astype(int)).all()
    assert scores["inspection_id"].iloc[0] == "000600"
    assert scores["score"].between(0, 1).all()
    assert not (files / "data").exists()
    stolen = town(700).confirmed[600:].astype(bool)
    assert scores["score"][stolen].mean() > 2 * scores["score"][~stolen].mean()


def test_the_card_tells_data_features_parameters_figures_and_versions(files, capsys):
    assert typed("train --input early.parquet --map map.toml --model m --json") == 0
    card = read_model(files / "m").card
    assert card["data"]["sha256"] == sha256_of(files / "early.parquet")
    assert (card["data"]["rows"], card["data"]["first_period"]) == (600, "m12")
    assert card["data"]["base_rate"] == pytest.approx(np.mean(town(700).confirmed[:600]))
    assert {"features", "parameters", "figures", "intervals", "versions", "made_at"} <= set(card)
    assert card["trained_by"] == command_line_actor().id


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("score --model map.toml --input late.csv", "map.toml is no model of ours"),
        ("score --model none --input late.csv", "There is no file none"),
        ("evaluate --input early.parquet --map map.toml --split-at 2031-01-01", "2031-01-01"),
        ("score --model map.toml", "--input"),
        ("evaluate --input early.parquet --map map.toml --folds 1", "two folds"),
    ],
)
def test_mistakes_are_told_in_one_line(files, capsys, words, says):
    assert main(["theft", *words.split()]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("inspection_id", ["inspection_id", "score"]),
        ("customer_id", ["inspection_id", "score", "customer_id"]),
    ],
)
def test_scores_carry_the_tables_own_heading_where_it_is_another(heading, columns):
    frame = theft_files.scores_of(replace(town(3), id_heading=heading), np.array([0.1, 0.2, 0.3]))
    assert list(frame.columns) == columns
    assert frame[heading].tolist() == ["000000", "000001", "000002"]


def test_scores_that_cannot_be_written_leave_what_was_there(tmp_path):
    (tmp_path / "s.csv").mkdir()
    with pytest.raises(FileRejected, match="theft_file_not_written"):
        write_scores(pd.DataFrame({"score": [0.5]}), tmp_path / "s.csv")
    assert [one.name for one in tmp_path.iterdir()] == ["s.csv"]
