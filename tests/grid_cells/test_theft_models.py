"""Models learn what is there, nothing from chance, and never from what they are judged on."""

import io
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from grid_cells import theft_evaluation, theft_models
from grid_cells.errors import UserError
from grid_cells.theft_evaluation import Protocol, evaluate
from grid_cells.theft_folds import later_part, split_by_day
from grid_cells.theft_model_file import pack, unpack
from grid_cells.theft_models import MemberPlan, fit, platt, score
from tests.grid_cells.visit_town import town

SPLIT = date(2025, 5, 1)
TREES = {
    "objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 4, "learning_rate": 0.2,
    "deterministic": True, "force_row_wise": True, "feature_fraction": 0.5,
}  # fmt: skip
PLANS = (MemberPlan(20, TREES), MemberPlan(20, TREES, without=("campaign_",)))
QUICK = Protocol(split_at=SPLIT, draws=20, blocks=("all",), plans=PLANS)


@pytest.fixture(scope="module")
def model():
    made = fit(town(600), plans=PLANS)
    return replace(made, card={**made.card, "mapping": ""})


def test_a_fall_in_use_is_learnt() -> None:
    found = evaluate(town(), QUICK)["all"]
    assert found["auc"] > 0.85
    assert found["intervals"]["auc"][0] <= found["auc"] <= found["intervals"]["auc"][1]


def test_outcomes_dealt_at_random_teach_nothing() -> None:
    table = town(900)
    dealt = np.random.default_rng(1).permutation(table.confirmed)
    found = evaluate(replace(table, confirmed=dealt), QUICK)["all"]
    assert 0.4 < found["auc"] < 0.6


def test_rows_from_the_split_on_never_enter_the_fit(monkeypatch) -> None:
    seen = []

    def watched(table, **kwargs):
        seen.append(table)
        return fit(table, **kwargs)

    monkeypatch.setattr(theft_evaluation, "fit", watched)
    evaluate(town(), QUICK)
    assert len(seen) == 1
    assert (seen[0].visited < np.datetime64(SPLIT)).all()


def test_of_the_series_alone_two_blocks_are_one_and_fitted_once(monkeypatch) -> None:
    seen = []

    def watched(table, **kwargs):
        seen.append(kwargs["block"])
        return fit(table, **kwargs)

    monkeypatch.setattr(theft_evaluation, "fit", watched)
    table, asked = town(300), replace(QUICK, blocks=("without_missingness", "behaviour"))
    bare = replace(
        table, attributes=table.attributes.iloc[:, :0], figures=table.figures.iloc[:, :0]
    )
    found = evaluate(bare, asked)
    assert seen == ["without_missingness"]
    assert found["behaviour"] == found["without_missingness"]
    seen.clear()
    evaluate(table, asked)
    assert seen == ["without_missingness", "behaviour"]


def test_members_are_the_same_however_many_grow_beside_each_other(monkeypatch) -> None:
    made = fit(town(300), plans=PLANS).members
    monkeypatch.setattr(theft_models, "THREADS", 1)
    assert fit(town(300), plans=PLANS).members == made
    assert len({text for _, text in made}) == len(PLANS)


def test_what_is_judged_changes_nothing_in_the_model() -> None:
    """Later outcomes turned round and later energies doubled: the earlier fit is the same."""
    table = town(600)
    fold = split_by_day(table, SPLIT)
    later = np.isin(np.arange(600), fold.judged)
    other = replace(
        table,
        confirmed=np.where(later, 1 - table.confirmed, table.confirmed),
        energy=np.where(later[:, None], table.energy * 2, table.energy),
    )
    same = split_by_day(other, SPLIT)
    first, second = table.rows(fold.taught), other.rows(same.taught)
    assert pack(fit(first, plans=PLANS)) == pack(fit(second, plans=PLANS))


def test_split_sides_are_told_by_day() -> None:
    table = town(100)
    fold = split_by_day(table, SPLIT)
    assert (
        table.visited[fold.taught].max() < np.datetime64(SPLIT) <= table.visited[fold.judged].min()
    )
    with pytest.raises(UserError, match="theft_split_empty"):
        split_by_day(table, date(2030, 1, 1))
    undated = replace(table, visited=np.full(100, np.datetime64("NaT", "D")))
    with pytest.raises(UserError, match="theft_no_days"):
        split_by_day(undated, SPLIT)
    assert later_part(undated) is None


def test_without_days_folds_judge_every_row_once() -> None:
    table = town(400)
    undated = replace(table, visited=np.full(400, np.datetime64("NaT", "D")))
    found = evaluate(undated, Protocol(folds=3, draws=10, blocks=("behaviour",), plans=PLANS))[
        "behaviour"
    ]
    assert found["rows_judged"] == 400
    assert found["auc"] > 0.8


def test_scores_are_shares_and_calibrated(model) -> None:
    table = town(2000, seed=9)
    scores, _ = score(model, table)
    assert ((scores > 0) & (scores < 1)).all()
    assert abs(scores.mean() - table.confirmed.mean()) < 0.08


def test_platt_finds_the_sigmoid_that_made_the_outcomes() -> None:
    rng = np.random.default_rng(2)
    odds = rng.normal(0, 2, 50_000)
    confirmed = (rng.random(50_000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))).astype(float)
    slope, offset = platt(odds, confirmed)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert offset == pytest.approx(-1.0, abs=0.05)


def test_a_model_file_gives_the_same_scores_and_the_same_bytes(model) -> None:
    content = pack(model)
    back = unpack(content, "m.zip")
    table = town(50, seed=4)
    np.testing.assert_array_equal(score(model, table)[0], score(back, table)[0])
    assert pack(back) == content


def test_strangers_files_are_refused(model) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("model.json", '{"format": "other"}')
    cut = pack(model)[:-200]
    for content in (b"", b"\x80\x04pickle", stream.getvalue(), cut):
        with pytest.raises(UserError, match="theft_model_invalid"):
            unpack(content, "m.zip")


def test_trees_that_are_none_are_refused(model) -> None:
    broken = replace(model, members=(((0, 1), "tree\nversion=none\n"),))
    with pytest.raises(UserError, match="theft_model_invalid"):
        score(broken, town(50))


def test_too_few_outcomes_teach_nothing() -> None:
    with pytest.raises(UserError, match="theft_too_few"):
        fit(town(30), plans=PLANS)


def test_the_least_of_outcomes_is_asked_once_not_of_each_fold() -> None:
    table = town(300)
    confirmed = np.flatnonzero(table.confirmed)[:22]
    rows = np.sort(np.concatenate([confirmed, np.flatnonzero(table.confirmed == 0)]))
    undated = replace(table.rows(rows), visited=np.full(len(rows), np.datetime64("NaT", "D")))
    found = evaluate(undated, Protocol(folds=5, draws=2, blocks=("behaviour",), plans=PLANS))
    assert found["behaviour"]["rows_judged"] == len(rows)


def rewritten(content, **changed):
    """The file with other entries in place of some."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name.split(".")[0], old.read(name)))
    return stream.getvalue()


def test_damaged_trees_and_cards_are_refused_when_read(model) -> None:
    content = pack(model)
    spoilt = bytearray(content)
    at = content.index(b"member_00.txt") + 40
    spoilt[at : at + 200] = b"\xff" * 200
    (_, text), *rest = model.members
    for broken in (
        bytes(spoilt),
        rewritten(content, member_00="tree\nversion=none\n"),
        pack(replace(model, members=(((0, 1), text), *rest))),
        pack(replace(model, card={})),
    ):
        with pytest.raises(UserError, match="theft_model_invalid"):
            unpack(broken, "m.zip")
