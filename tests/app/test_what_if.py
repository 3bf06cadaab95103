"""Halls, payment points and crew bases that a plan assumes: who may, what they do, how they end."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    draft_balance,
    drafts,
    plan_checks,
    plan_life,
    strokes,
    what_if,
    what_if_reach,
)
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from grid_cells.plan_life import Term
from tests.conftest import LOADER, LittleTown, copy_of

PLANNER = Actor("user:town-planner", "吴越", role="planner")
MANAGER = Actor("user:town-manager", "周明", role="manager")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))


@pytest.fixture
def plan(town_database: Database) -> int:
    """A draft as the plan in force stands."""
    return drafts.begin(town_database, PLANNER, "July")


def at(town: LittleTown, place: int) -> tuple[float, float]:
    lat, lon = town.places[place]
    return lon, lat


def side(town: LittleTown, *, west: bool) -> list[int]:
    return [n for n in range(len(town.cells)) if town.is_west(n) == west]


def told(db: Database, plan: int, actor: Actor = PLANNER) -> dict[str, str]:
    held = what_if.list_assumed(db, actor, plan)
    return {one.place.place_id: one.place.deed for one in held}


def events(db: Database) -> list[str]:
    rows = db.query("SELECT event, detail FROM audit_log WHERE event LIKE 'plan_place%' ORDER BY 1")
    assert not rows["detail"].str.contains("Riverside").any(), "nobody's words in the audit"
    return rows["event"].tolist()


def test_places_are_added_moved_closed_and_taken_back(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db = town_database
    code = what_if.add_place(db, PLANNER, plan, "hall", name=" Riverside ", at=at(town, 33))
    what_if.move_place(db, PLANNER, plan, ("bank", "B0"), at(town, 40))
    what_if.close_place(db, PLANNER, plan, ("crew", "C1"))
    assert code == "NEW-1"
    assert told(db, plan) == {"NEW-1": "added", "B0": "moved", "C1": "closed"}
    (new, bank, _) = what_if.list_assumed(db, PLANNER, plan)
    assert (new.place.name, new.was, new.is_real) == ("Riverside", None, False)
    assert bank.was == pytest.approx(at(town, 0))
    assert what_if.list_places(db, PLANNER, plan, "bank")["id"].tolist() == ["B1", "B2"]
    assert what_if.take_back(db, PLANNER, plan) == ("crew", "C1"), "the last one first"
    what_if.take_back(db, PLANNER, plan, ("hall", "NEW-1"))
    assert told(db, plan) == {"B0": "moved"}
    assert events(db) == ["plan_place_assumed"] * 3 + ["plan_place_taken_back"] * 2


def test_a_copy_keeps_what_is_assumed_and_goes_its_own_way(
    town_database: Database, plan: int
) -> None:
    db = town_database
    what_if.close_place(db, PLANNER, plan, ("hall", "H1"))
    copy = drafts.begin(db, PLANNER, "again", based_on=plan)
    assert told(db, copy) == {"H1": "closed"}
    what_if.take_back(db, PLANNER, copy)
    assert told(db, plan) == {"H1": "closed"}
    marked = {one.plan_id: one.is_what_if for one in plan_life.list_plans(db, PLANNER)}
    assert marked == {1: False, plan: True, copy: False}


def test_halls_and_customers_are_told_old_against_new(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db, west, east = town_database, side(town, west=True), side(town, west=False)
    before = draft_balance.weigh_draft(db, PLANNER, plan).judged.consequences
    homes = {area: int(before.after.loc[area, "halls"]) for area in ("W-01", "E-01")}
    assert sum(homes.values()) == 2
    for name in ("H0", "H1"):
        what_if.close_place(db, PLANNER, plan, ("hall", name))
    what_if.add_place(db, PLANNER, plan, "hall", name="Riverside", at=at(town, west[0]))
    now = draft_balance.weigh_draft(db, PLANNER, plan).judged.consequences
    assert now.before["halls"].to_dict() == homes
    assert now.after["halls"].to_dict() == {"W-01": 1, "E-01": 0}
    (hall,) = what_if_reach.reach_changes(db, PLANNER, plan)
    assert hall.kind == "hall"
    assert hall.areas["customers"].to_dict() == {"W-01": 4 * len(west), "E-01": 4 * len(east)}
    # as the crow flies × 1.3 at 30 km/h, from the middle of a cell of few: the town is 3 km wide
    assert hall.plan["gained"] + hall.plan["lost"] <= 244
    assert hall.plan["far_after"] == 0
    assert hall.plan["gained"] == hall.areas["gained"].sum()


def test_nobody_gains_or_loses_by_a_closed_place_that_comes_back(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db = town_database
    what_if.close_place(db, PLANNER, plan, ("hall", "H0"))
    what_if.add_place(db, PLANNER, plan, "hall", name="again", at=at(town, 0))
    (hall,) = what_if_reach.reach_changes(db, PLANNER, plan)
    assert (hall.plan["gained"], hall.plan["lost"]) == (0, 0)
    assert hall.plan["median_after"] == pytest.approx(hall.plan["median_before"])
    what_if.take_back(db, PLANNER, plan)
    (hall,) = what_if_reach.reach_changes(db, PLANNER, plan)
    assert hall.plan["lost"] > 0
    assert hall.plan["gained"] == 0


def test_an_area_is_reached_from_the_base_of_its_own_crew(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    """C0 is the west's by its duty and C1 the east's: moving C1 changes the east alone."""
    db, east = town_database, side(town, west=False)
    what_if.move_place(db, PLANNER, plan, ("crew", "C1"), at(town, east[-1]))
    now = draft_balance.weigh_draft(db, PLANNER, plan).judged.consequences
    for column in ("crew_min_median", "crew_min_p95"):
        assert now.after.loc["W-01", column] == now.before.loc["W-01", column]
        assert now.after.loc["E-01", column] != now.before.loc["E-01", column]
    (crew,) = what_if_reach.reach_changes(db, PLANNER, plan)
    assert crew.areas.loc["W-01", ["gained", "lost"]].tolist() == [0, 0]
    assert crew.areas.loc["E-01", ["gained", "lost"]].sum() > 0


def test_a_plan_that_assumes_is_not_published_and_no_reason_excuses_it(
    town_database: Database, plan: int
) -> None:
    db, machine = town_database, command_line_actor("x")
    what_if.close_place(db, PLANNER, plan, ("hall", "H1"))
    (found,) = [
        one for one in plan_checks.findings(db, PLANNER, plan)
        if one.problem.code == "places_assumed"
    ]  # fmt: skip
    assert (found.problem.level, found.problem.values) == ("no", {"count": 1})
    with pytest.raises(UserError, match="what_if_stands"):
        plan_checks.excuse(db, PLANNER, plan, ("places_assumed", ""), "soon")
    with pytest.raises(UserError, match="what_if_stands"):
        plan_life.publish(db, machine, Term(plan))
    what_if.take_back(db, PLANNER, plan)
    for one in plan_checks.findings(db, PLANNER, plan):
        if one.problem.level == "no":
            plan_checks.excuse(db, PLANNER, plan, (one.problem.code, one.area_id), "an island")
    plan_life.publish(db, machine, Term(plan))
    assert plan_life.list_plans(db, PLANNER)[0].stage == "in_force"


def test_what_was_assumed_is_settled_once_it_is_loaded(
    town_database: Database, town: LittleTown, plan: int, tmp_path: Any
) -> None:
    db = town_database
    what_if.add_place(db, PLANNER, plan, "hall", name="Riverside", at=at(town, 33))
    with pytest.raises(UserError, match="what_if_not_real"):
        what_if.settle(db, PLANNER, plan, ("hall", "NEW-1"))
    file = tmp_path / "halls.csv"
    lon, lat = at(town, 33)
    file.write_text(f"hall_id,name,lon,lat\nH9,Riverside,{lon + 0.0002},{lat}\n")
    load(db, LOADER, "halls", [file], LoadChoice(datum="wgs84"))
    (one,) = what_if.list_assumed(db, PLANNER, plan)
    assert one.is_real
    what_if.settle(db, PLANNER, plan, ("hall", "NEW-1"))
    assert told(db, plan) == {}
    assert events(db)[-1] == "plan_place_settled"


def test_what_cannot_be_assumed_is_said(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db, here = town_database, at(town, 33)

    def code(act: Any) -> str:
        with pytest.raises(UserError) as raised:
            act()
        return raised.value.code

    what_if.close_place(db, PLANNER, plan, ("hall", "H1"))
    twice = code(lambda: what_if.move_place(db, PLANNER, plan, ("hall", "H1"), here))
    nobody = code(lambda: what_if.close_place(db, PLANNER, plan, ("hall", "H7")))
    outside = code(lambda: what_if.move_place(db, PLANNER, plan, ("hall", "H0"), (0.0, 0.0)))
    beyond = code(
        lambda: what_if.add_place(db, PLANNER, plan, "bank", name="x", at=(112.6, 30.423))
    )
    nameless = code(lambda: what_if.add_place(db, PLANNER, plan, "bank", name=" ", at=here))
    gone = code(lambda: what_if.take_back(db, PLANNER, plan, ("hall", "H0")))
    assert [twice, nobody, outside, beyond, nameless, gone] == [
        "what_if_twice", "what_if_place_unknown", "what_if_outside", "what_if_outside",
        "what_if_needs_name", "what_if_gone",
    ]  # fmt: skip
    plan_life.submit(db, PLANNER, plan)
    assert code(lambda: what_if.take_back(db, PLANNER, plan)) == "plan_not_draft"
    assert told(db, plan) == {"H1": "closed"}


def test_a_planner_of_one_station_assumes_within_its_own_areas_only(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db = town_database
    # near the far ends, so that no cell of the other side touches them, and beside no real base
    by_lon = sorted(range(len(town.cells)), key=lambda n: town.places[n][1])
    west, east = by_lon[2], by_lon[-1]
    what_if.add_place(db, NORTH, plan, "crew", name="ours", at=at(town, west))
    for act in (
        lambda: what_if.add_place(db, NORTH, plan, "crew", name="theirs", at=at(town, east)),
        lambda: what_if.close_place(db, NORTH, plan, ("bank", "nothing")),
        lambda: what_if.add_place(db, NORTH, plan, "crew", name="nowhere", at=(0.0, 0.0)),
    ):
        with pytest.raises(AccessDenied, match="access_out_of_scope"):
            act()
    refused = db.query("SELECT subject FROM audit_log WHERE event = 'access_refused'")
    assert len(refused) == 3
    assert "bank:unknown" in set(refused["subject"])
    what_if.add_place(db, PLANNER, plan, "crew", name="theirs", at=at(town, east))
    assert told(db, plan, NORTH) == {"NEW-1": "added"}
    with pytest.raises(UserError, match="what_if_gone"):
        what_if.take_back(db, NORTH, plan, ("crew", "NEW-2"))
    (crew,) = what_if_reach.reach_changes(db, NORTH, plan)
    assert list(crew.areas.index) == ["W-01"]
    assert crew.plan["customers"] == 4 * len(side(town, west=True))


def test_the_redrawn_area_counts_with_whom_it_has(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db, east = town_database, side(town, west=False)
    cells = hex_to_cells([town.cells[n] for n in east[:2]]).tolist()
    strokes.paint(db, PLANNER, Stroke(plan, "k", cells, "W-01"))
    what_if.close_place(db, PLANNER, plan, ("bank", "B2"))
    (bank,) = what_if_reach.reach_changes(db, PLANNER, plan)
    assert bank.areas.loc["W-01", "customers"] == 4 * (len(side(town, west=True)) + 2)
    assert np.isfinite(bank.areas["median_before"]).all()


def test_who_only_looks_assumes_nothing(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    with pytest.raises(AccessDenied):
        what_if.add_place(town_database, MANAGER, plan, "hall", name="x", at=at(town, 33))
    assert what_if.list_assumed(town_database, MANAGER, plan) == []


def test_the_command_line_assumes_and_copies_what_is_no_draft(
    town_file: Path, tmp_path: Path, capsys: Any, town: LittleTown
) -> None:
    db = str(copy_of(town_file, tmp_path))

    def run(*words: str) -> dict[str, Any]:
        assert main(["plan", *words, "--db", db, "--json"]) == 0, capsys.readouterr().err
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    spot = ",".join(str(part) for part in at(town, 33))
    made = run("what-if", "1", "add", "hall", "--name", "Riverside", "--at", spot)
    assert (made["plan"], made["is_what_if"], made["status"]) == (2, True, "draft")
    assert made["assumed"][0]["place_id"] == "NEW-1"
    assert made["reach"][0]["kind"] == "hall"
    assert set(made["reach"][0]["areas"]) == {"W-01", "E-01"}
    run("what-if", "2", "move", "bank", "B1", "--at", spot)
    run("what-if", "2", "close", "crew", "C1")
    told = run("what-if", "2", "take-back")
    assert [one["deed"] for one in told["assumed"]] == ["added", "moved"]
    assert [one["is_what_if"] for one in run("list")["plans"]] == [True, False]
    copy = run("what-if", "2", "copy", "--name", "again")
    assert (copy["plan"], copy["name"], len(copy["assumed"])) == (3, "again", 2)
    for words in (["add", "hall"], ["close", "bank"], ["move", "bank", "B1", "--at", "x"]):
        assert main(["plan", "what-if", "2", *words, "--db", db]) == 1
    assert "what-if 2" not in capsys.readouterr().out
