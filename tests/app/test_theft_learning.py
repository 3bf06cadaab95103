"""A model of the store's own inspections: what it may know, when it is refused, what it changes."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from app import language as words
from app.cli import main
from app.store import audit
from app.store import theft_learning as store
from app.store.database import Database
from app.use_cases import (
    clock,
    theft_learning,
    theft_live,
    theft_models,
    theft_process,
    theft_rules,
    theft_runs,
    theft_sight,
)
from app.use_cases.actors import Actor
from grid_cells.errors import UserError
from grid_cells.theft_models import MemberPlan, fit
from grid_cells.theft_visits import by_week, joined
from tests.app.visits_town import NOW, day, fill

ANALYST = Actor("user:1", "陈思", "analyst")
MANAGER = Actor("user:2", "周明", "manager")
TREES = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
PLANS = (MemberPlan(20, TREES, without=("campaign_", "month_of_year")),)


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "visits.duckdb") as opened:
        opened.write(lambda c: clock.start_clock(c, at=NOW, running=False))
        yield opened


@pytest.fixture
def quick(monkeypatch):
    """Training in this process, by few trees."""
    monkeypatch.setattr(
        theft_process, "train", lambda table, seed, tell: fit(table, seed=seed, plans=PLANS)
    )


def test_a_visit_knows_what_was_known_on_its_eve(db):
    numbers = fill(db, visits=3)
    visit = datetime(2026, 4, 21, tzinfo=UTC)
    asked = theft_learning._asked(pd.Series(numbers[:1]), [visit.date()], [visit])
    change = "UPDATE meter_readings SET {} WHERE meter_id = 'B000000' AND day = ?"
    for sql, back in (
        ("energy_kwh = 700", 0), ("energy_kwh = 7", 1), ("energy_kwh = 3", 2),
        ("source = 'estimated'", 3), (f"received_at = '{visit + timedelta(hours=1)}'", 4),
        ("energy_kwh = 5", 5), ("energy_kwh = 4", 6), ("energy_kwh = 6", 7),
    ):  # fmt: skip
        on = visit.date() - timedelta(days=back)
        db.write(lambda c, sql=sql, on=on: c.execute(change.format(sql), [on]))
    known = store.weeks(db.read(), asked, 14)
    # the last week: 7, 3, 5, 4, 6; estimated, late and the day of the visit are not known
    assert known.loc[0, ["week", "kwh", "days"]].tolist() == [0, 5.0, 5]
    assert len(known) == 2
    energy = by_week(known, 1, 3)
    assert np.isnan(energy[0, 0])
    assert energy[0, 2] == 5.0


def test_the_loss_of_the_line_is_that_of_known_days_before_the_visit(db):
    numbers = fill(db, visits=3)
    visit = datetime(2026, 4, 21, tzinfo=UTC)
    asked = theft_learning._asked(pd.Series(numbers[:1]), [visit.date()], [visit])
    db.write(
        lambda c: c.execute(
            "UPDATE meter_readings SET energy_kwh = 2 * energy_kwh"
            " WHERE meter_id = 'M0' AND day >= ?",
            [visit.date() - timedelta(days=28)],
        )
    )
    found = store.loss_figures(db.read(), asked, 56, 0.98, 28).iloc[0]
    assert found["loss_before"] == pytest.approx(1 - 1 / 1.04)
    assert found["loss_recent"] == pytest.approx(1 - 1 / 2.08)
    assert found["loss_days"] == 56
    assert found["link"] > 0


def test_too_few_inspections_are_refused_with_how_many_are_needed(db):
    fill(db, visits=30)
    with pytest.raises(UserError, match="theft_inspections_few") as refused:
        theft_learning.train(db, ANALYST)
    told = refused.value.values
    assert (told["finds"], told["others"], told["least"], told["unread"]) == (10, 20, 20, 0)
    assert theft_models.list_models(db, ANALYST) == []


def test_visits_without_readings_before_them_teach_nothing(db):
    fill(db)
    db.write(lambda c: c.execute("UPDATE inspections SET inspected_on = ?", [day(30)]))
    with pytest.raises(UserError, match="theft_inspections_few") as refused:
        theft_learning.train(db, ANALYST)
    assert refused.value.values["unread"] == 120


def test_the_surer_of_rules_and_model_counts_and_an_innocent_cause_stays():
    cause = np.array(["none", "suspect", "none", "pv", "none"], dtype=object)
    rules, model = np.array([0.1, 0.9, 0.1, 0.1, 0.2]), np.array([0.6, 0.7, 0.3, 0.9, np.nan])
    found = joined(rules, cause, model, 0.5)
    assert found.score.tolist() == [0.6, 0.9, 0.3, 0.1, 0.2]
    assert found.cause.tolist() == ["suspect", "suspect", "none", "pv", "none"]
    assert found.by_model.tolist() == [True, False, True, False, False]


def test_a_model_scores_from_a_person_s_approval_on_and_says_so(db, quick):
    fill(db)
    made = theft_learning.train(db, ANALYST)
    assert made.card["protocol"] in ("later_fifth", "later_part")
    assert (made.card["data"]["rows"], made.card["data"]["confirmed"]) == (120, 40)
    assert made.card["figures"]["auc"] > 0.95
    events = audit.latest(db, 3)
    row = events[events["event"] == "theft_model_trained"].iloc[0]
    assert (row["actor"], row["subject"]) == (ANALYST.id, f"theft_model:{made.number}")
    waiting = theft_runs.run(db, MANAGER, lambda _: None, by_model=True)
    assert set(waiting.scores["scored_by"]) == {"rules"}
    theft_models.approve(db, MANAGER, made.number)
    scores = theft_runs.run(db, MANAGER, lambda _: None, by_model=True).scores
    own = scores[scores["scored_by"] == "model"]
    assert len(own) >= 30
    assert (own["score"] >= own["rule_score"]).all()
    is_suspect = own["score"] >= theft_rules.figure("suspect_from")
    first = json.loads(own.loc[is_suspect, "reasons"].iloc[0])[0]
    assert (first["code"], first["model"]) == ("model_score_times", made.number)
    assert first["times"] > 1
    run = db.query("SELECT method, model_id, drift FROM theft_runs ORDER BY run_id DESC").iloc[0]
    assert (run["method"], run["model_id"]) == ("model", made.number)
    card = theft_models.list_models(db, ANALYST)[0]
    assert [one.run_id for one in card.drifts] == [2]
    assert card.drifts[0].score == json.loads(run["drift"])["score"]
    rules = theft_runs.run(db, MANAGER, lambda _: None)
    assert rules.run_id == waiting.run_id  # without labels as before, whatever is live
    theft_models.retire(db, MANAGER, made.number, "drift")
    again = theft_runs.run(db, MANAGER, lambda _: None, by_model=True)
    assert set(again.scores["scored_by"]) == {"rules"}


def test_a_model_does_not_score_before_it_was_taught_nor_by_another_rule(db, quick, monkeypatch):
    fill(db)
    made = theft_learning.train(db, ANALYST)
    theft_models.approve(db, MANAGER, made.number)
    taught = datetime.fromisoformat(made.card["made_at"])
    assert theft_live.live(db, taught).model_id == made.number
    assert theft_live.live(db, taught - timedelta(seconds=1)) is None
    figure = theft_rules.figure
    with monkeypatch.context() as other:
        other.setattr(
            theft_rules, "figure", lambda name: 9 if name == "learn_weeks" else figure(name)
        )
        assert theft_live.live(db, taught) is None

    def refuse(*_):
        raise UserError("theft_table_unreadable")

    monkeypatch.setattr(theft_live, "score", refuse)
    run = theft_runs.run(db, MANAGER, lambda _: None, by_model=True)
    assert set(run.scores["scored_by"]) == {"rules"}


def test_the_loss_of_a_line_of_few_is_withheld_and_can_still_be_said():
    told = {"code": "model_loss", "before_rate": 0.02, "after_rate": 0.09}
    assert theft_sight._without_use(told) == {"code": "model_loss", "is_withheld": True}
    for one in ("en", "zh"):
        assert words.knows("theft_reason_model_loss_withheld", one)


def test_training_has_a_process_of_its_own_and_can_be_stopped(db):
    fill(db)

    def stop(done: float) -> None:
        if done > 0.2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        theft_learning.train(db, ANALYST, stop)
    assert theft_models.list_models(db, ANALYST) == []
    assert theft_process._WORKER._process is None
    made = theft_learning.train(db, ANALYST)
    assert made.card["figures"]["auc"] > 0.9


def test_the_commands_train_score_and_tell_the_detail(db, quick, tmp_path, capsys):
    fill(db)
    path, out = str(db.path), tmp_path / "out.csv"
    db.close()
    assert main(["theft", "train", "--store", "--db", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["state"]) == (120, "waiting")
    assert main(["theft", "approve", str(told["number"]), "--db", path]) == 0
    capsys.readouterr()
    words = ["theft", "score", "--detail", "--db", path, "--out", str(out), "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["by_model"] > 0
    table = pd.read_csv(out)
    assert {"scored_by", "rule_score", "model_score", "link"} <= set(table.columns)
    assert set(table["scored_by"]) <= {"rules", "model"}
