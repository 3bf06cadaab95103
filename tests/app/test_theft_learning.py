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


def review_of(db, meter_id: str, on, original: float, kwh: float, at: datetime) -> None:
    """A correction of one meter and day, in force from a moment on."""
    db.write(
        lambda c: [
            c.execute(
                "INSERT INTO reading_reviews"
                " VALUES (1, ?, NULL, NULL, ?, ?, 'spike', ?, 'x', 'hand', NULL)",
                [meter_id, on, on, at],
            ),
            c.execute(
                "INSERT INTO reading_review_days VALUES (1, ?, ?, NULL, NULL)", [on, original]
            ),
            c.execute(
                "INSERT INTO reading_review_steps"
                " (step_id, review_id, step, stepped_at, stepped_by)"
                " VALUES (1, 1, 'corrected', ?, 'x')",
                [at],
            ),
            c.execute("INSERT INTO reading_review_values VALUES (1, 1, ?, ?)", [on, kwh]),
        ]
    )


def test_what_was_corrected_by_the_eve_is_no_measurement_and_later_corrections_are_not_known(db):
    numbers = fill(db, visits=3)
    visit = datetime(2026, 4, 21, tzinfo=UTC)
    on = visit.date() - timedelta(days=1)
    for meter_id in ("B000000", "M0"):
        told = "UPDATE meter_readings SET energy_kwh = 900 WHERE meter_id = ? AND day = ?"
        db.write(lambda c, m=meter_id, told=told: c.execute(told, [m, on]))
    review_of(db, "B000000", on, 900, 3, visit - timedelta(hours=1))
    asked = theft_learning._asked(pd.Series(numbers[:1]), [visit.date()], [visit])
    before = theft_learning._asked(
        pd.Series(numbers[:1]), [visit.date()], [visit - timedelta(hours=2)]
    )
    known, then = (store.weeks(db.read(), one, 7).iloc[0] for one in (asked, before))
    assert (known["days"], then["days"]) == (6, 7)
    assert then["kwh"] > 900 / 7 > known["kwh"]
    # in the balance the corrected value counts, and 29 of 30 meters are fewer than 98 %
    rates = [
        store.loss_figures(db.read(), one, 1, least, 28).iloc[0]
        for one, least in ((asked, 0.98), (asked, 0.9), (before, 0.9))
    ]
    assert np.isnan(rates[0]["loss_days"])
    assert rates[1]["loss_recent"] > 0.5
    assert rates[2]["loss_recent"] < 0


def test_a_correction_of_a_day_without_reading_is_taken_back_from_its_moment_on(db):
    numbers = fill(db, visits=3)
    visit = datetime(2026, 4, 21, tzinfo=UTC)
    on = visit.date() - timedelta(days=1)
    db.write(
        lambda c: c.execute(
            "DELETE FROM meter_readings WHERE meter_id = 'B000000' AND day = ?", [on]
        )
    )
    review_of(db, "B000000", on, None, 500, visit - timedelta(hours=3))
    db.write(
        lambda c: c.execute(
            "INSERT INTO reading_review_steps"
            " (step_id, review_id, step, stepped_at, stepped_by, takes_back)"
            " VALUES (2, 1, 'taken_back', ?, 'x', 1)",
            [visit - timedelta(hours=1)],
        )
    )
    moments = [visit - timedelta(hours=2), visit]
    rates = [
        store.loss_figures(
            db.read(),
            theft_learning._asked(pd.Series(numbers[:1]), [visit.date()], [at]),
            1,
            0.9,
            28,
        )["loss_recent"].iloc[0]
        for at in moments
    ]
    assert rates[0] < 0 < rates[1]  # 500 kWh more were accounted for while it stood


def test_a_day_counts_only_when_every_meter_of_the_customer_was_read(db):
    numbers = fill(db, visits=3)
    visit = datetime(2026, 4, 21, tzinfo=UTC)
    db.write(
        lambda c: [
            c.execute(
                "INSERT INTO meters"
                " (meter_id, customer_no, transformer_id, role, multiplier, valid_from)"
                " VALUES ('X', '000000', 'T0', 'billing', 2, ?)",
                [visit - timedelta(days=5)],
            ),
            c.execute(
                "INSERT INTO meter_readings (meter_id, day, energy_kwh) SELECT 'X', ?, 10",
                [visit.date() - timedelta(days=2)],
            ),
        ]
    )
    asked = theft_learning._asked(pd.Series(numbers[:1]), [visit.date()], [visit])
    known = store.weeks(db.read(), asked, 7).iloc[0]
    # due alone on two days, both read on one of five
    assert known["days"] == 3
    own = db.query("SELECT avg(energy_kwh) AS kwh FROM meter_readings WHERE meter_id = 'B000000'"
                   " AND day IN ('2026-04-14', '2026-04-15', '2026-04-19')")  # fmt: skip
    assert known["kwh"] == pytest.approx(own["kwh"].iloc[0] + 20 / 3)


def test_what_a_find_may_have_changed_teaches_nothing(db):
    fill(db)
    db.write(lambda c: c.execute("UPDATE customers SET tariff = 'R9', use_type = 'commercial'"
                                 " WHERE customer_no::INTEGER % 3 = 0"))  # fmt: skip
    table, _ = theft_learning.visits_table(db, NOW)
    assert list(table.attributes.columns) == ["zone"]
    model = fit(table, plans=PLANS)
    assert not [name for name in model.recipe.names if "tariff" in name or "use_type" in name]


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
