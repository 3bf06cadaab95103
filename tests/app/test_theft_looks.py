"""Who looks at whose name is on record; what a role may not read off a home is not told."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli import main
from app.store import audit
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    inspection_plans,
    privacy,
    theft_exports,
    theft_hotspots,
    theft_runs,
    theft_suspects,
)
from app.use_cases.actors import Actor
from app.use_cases.inspection_plans import BudgetWish
from app.use_cases.theft_hotspots import HotspotWish
from app.use_cases.theft_suspects import Part
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied
from tests.app.theft_town import ANALYST, INSPECTOR, MANAGER, keep_run, spots, suspects
from tests.conftest import NOW, LittleTown

ADMIN = Actor("user:town-admin", "Anna", role="admin")


@pytest.fixture
def scored(town_database: Database, town: LittleTown) -> Database:
    keep_run(town_database, town)
    return town_database


def looks(db: Database, event: str = "suspects_listed") -> list[tuple[str, dict[str, object]]]:
    rows = audit.latest(db, 50)
    mine = rows[rows["event"] == event].iloc[::-1]
    return [(row.actor, json.loads(row.detail)) for row in mine.itertuples()]


def test_a_list_of_names_is_on_record_with_its_filter_and_count(
    scored: Database, town: LittleTown
) -> None:
    theft_suspects.listing(scored, INSPECTOR, HotspotWish(least=0.6))
    cell = int(hex_to_cells([town.cells[spots(town)[0]]])[0])
    theft_suspects.listing(scored, MANAGER, None, Part("cell", (cell,)))
    whole, part = looks(scored)
    assert whole == (
        INSPECTOR.id,
        {"list": "all", "run": 1, "least": 0.6, "figure": "score_sum", "cause": "suspect",
         "resolution": None, "count": 7},
    )  # fmt: skip
    assert (part[0], part[1]["list"], part[1]["count"]) == (MANAGER.id, "cell", 2)
    inspection_plans.propose(scored, INSPECTOR, BudgetWish(visits=4))
    assert [(who, told["list"], told["count"]) for who, told in looks(scored)][2:] == [
        (INSPECTOR.id, "proposal", 4)
    ]


def test_counts_are_of_everybody_where_the_list_is_cut(
    scored: Database, town: LittleTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theft_suspects, "MOST", 3)
    assert len(theft_suspects.listing(scored, INSPECTOR)) == 3
    assert theft_suspects.tally(scored, INSPECTOR) == {"none": 237, "pv": 1, "suspect": 6}
    line = Part("transformer", transformer_id=f"T-{spots(town)[0]:03d}")
    assert theft_suspects.tally(scored, INSPECTOR, None, line) == {"none": 2, "suspect": 2}
    coarse = HotspotWish(resolution=7)
    cells = theft_hotspots.found(scored, INSPECTOR, coarse).cells["cell_id"]
    part = Part("hotspot", tuple(int(one) for one in cells))
    assert theft_suspects.tally(scored, INSPECTOR, coarse, part)["suspect"] == 6


@pytest.mark.parametrize("actor", [MANAGER, ANALYST])
def test_energy_of_a_home_is_for_who_may_see_its_days(scored: Database, actor: Actor) -> None:
    told = theft_suspects.listing(scored, INSPECTOR)
    assert told["lost_kwh_day"][:6].tolist() == [4.0] * 6
    rows = theft_suspects.listing(scored, actor)
    assert rows[["lost_kwh_day", "since"]].isna().all(axis=None)
    assert rows["score"].tolist() == told["score"].tolist()
    score = theft_suspects.story(scored, actor, rows["ref"].iloc[0]).score
    assert pd.isna(score["lost_kwh_day"])
    assert pd.isna(score["since"])


def test_a_proposal_tells_a_manager_sums_of_enough_homes_alone(scored: Database) -> None:
    six = inspection_plans.propose(scored, MANAGER, BudgetWish(visits=6))
    assert six.visits[["lost_kwh_day", "expected_kwh"]].isna().all(axis=None)
    assert six.expected_kwh == 4000.0  # 6 × 0.9 × 4 kWh × 180 d = 3888, in thousands
    assert inspection_plans.propose(scored, MANAGER, BudgetWish(visits=4)).expected_kwh is None
    inspection_plans.order(scored, MANAGER, six.run_id, six.visits["ref"].tolist()[:1])
    assert inspection_plans.chosen(scored, MANAGER)["expected_kwh"].isna().all()
    assert inspection_plans.chosen(scored, INSPECTOR)["expected_kwh"].tolist() == [648.0]


def test_days_are_those_that_had_come_in_and_tell_their_source(
    scored: Database, town: LittleTown
) -> None:
    number = suspects(town)[0]
    change = "UPDATE meter_readings SET {} WHERE meter_id = ? AND day = ?"
    for sql, day in (
        ("source = 'estimated'", 3), ("source = 'manual'", 4), ("source = 'late'", 5),
        (f"received_at = '{NOW + timedelta(hours=1)}'", 6),
    ):  # fmt: skip
        asked = [f"M{number}", date(2026, 7, day)]
        scored.write(lambda c, sql=sql, asked=asked: c.execute(change.format(sql), asked))
    days = theft_suspects.story(scored, INSPECTOR, privacy.customer_ref(scored, number)).days
    told = dict(zip(days["day"].dt.day, days["source"], strict=True))
    assert len(told) == 14
    assert 6 not in told
    assert (told[2], told[3], told[4], told[5]) == ("measured", "estimated", "manual", "measured")


def test_groups_over_the_border_of_a_limited_sight_are_not_told(
    scored: Database, town: LittleTown
) -> None:
    own = [place for place in range(len(town.cells)) if town.is_west(place)]
    with_other = int(hex_to_cells([town.cells[own[0]]])[0])
    scored.write(
        lambda c: c.execute(
            "UPDATE customer_areas SET area_id = 'E-01' WHERE customer_no = ?",
            [town.numbers()[4 * own[0]]],
        )
    )
    north = Actor("n", "n", role="manager", scope=Scope("S1"))
    cells = theft_hotspots.found(scored, north).cells.set_index("cell_id")
    told = cells["scored"].notna()
    assert 0 < told.sum() < len(cells)
    assert np.isnan(cells.loc[with_other, "scored"])
    assert cells.loc[~told, ["suspects", "score_sum", "value"]].isna().all(axis=None)
    # of what is told everybody is in sight: four customers in each cell, all scored
    assert cells.loc[told, "scored"].sum() == 4 * told.sum()
    inspector = Actor("i", "i", role="inspector", scope=Scope("S1"))
    plain = theft_hotspots.found(scored, inspector).cells.set_index("cell_id")
    assert plain.loc[with_other, "scored"] == 3


def test_scores_are_taken_along_by_who_may_see_them_and_on_record(
    scored: Database, tmp_path: Path
) -> None:
    frame, target = pd.DataFrame({"customer_no": ["1"], "score": [0.5]}), tmp_path / "s.csv"
    with pytest.raises(AccessDenied):
        theft_exports.write(scored, ADMIN, frame, target, "customer_scores")
    assert not target.exists()
    theft_exports.write(scored, ANALYST, frame, target, "customer_scores")
    assert target.read_text() == "customer_no,score\n1,0.5\n"
    taken = looks(scored, "scores_exported")
    assert taken == [
        (ANALYST.id, {"layer": "customer_scores", "form": "csv", "rows": 1,
                      "purpose": "command_line", "classification": "personal"})
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words", ["score --unlabelled --out s.csv", "balance --out s.csv", "score --model m --input t"]
)
def test_a_command_as_somebody_without_the_right_writes_nothing(
    scored: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    path = str(scored.path)
    scored.close()
    assert main(["theft", *words.split(), "--db", path, "--as", "admin"]) == 1
    assert capsys.readouterr().err
    assert not (tmp_path / "s.csv").exists()
    with Database(path) as db:
        rows = audit.latest(db, 5)
        refused = rows[rows["event"] == "access_refused"]["detail"].tolist()
    assert "theft_exports.check_may" in refused[0]


def test_a_run_that_is_stopped_leaves_the_balances_of_the_one_before(
    scored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scored.query("SELECT * FROM loss_days ORDER BY ALL")
    monkeypatch.setattr(theft_runs, "rule", lambda _: 10.0)

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        theft_runs.run(scored, MANAGER, stop)
    pd.testing.assert_frame_equal(scored.query("SELECT * FROM loss_days ORDER BY ALL"), before)
