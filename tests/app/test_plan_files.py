"""Plans taken along and brought in again, and two of them compared."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import pandas as pd
import pytest

from app.cli import main
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import cell_strokes, drafts, plan_diff, plan_files, strokes
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice
from app.use_cases.strokes import Stroke
from grid_cells.cell_parts import children
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import LittleTown, copy_of

PLANNER = Actor("user:town-planner", "吴越", role="planner")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))
CREW = Actor("user:town-crew", "赵强", role="crew")


def east_of(town: LittleTown) -> list[int]:
    cells = hex_to_cells(town.cells).tolist()
    return [c for n, c in enumerate(cells) if not town.is_west(n)]


@pytest.fixture
def plan(town_database: Database, town: LittleTown) -> int:
    """A draft in which five cells of the east, twenty customers, go west."""
    number = drafts.begin(town_database, PLANNER, "July")
    strokes.paint(town_database, PLANNER, Stroke(number, "k", east_of(town)[:5], "W-01"))
    return number


def test_a_comparison_counts_customers_and_names_cells(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    found = plan_diff.compare(town_database, PLANNER, plan)
    assert found.before == 1
    told = found.moves[["old_area", "new_area", "customers", "cells"]]
    assert told.to_dict("records") == [
        {"old_area": "E-01", "new_area": "W-01", "customers": 20, "cells": 5}
    ]
    assert found.cells["cell_id"].tolist() == sorted(east_of(town)[:5])
    assert found.moved_customers == 20
    assert found.names == {"W-01": "西区", "E-01": "东区"}
    assert plan_diff.compare(town_database, PLANNER, plan, plan).moved_customers == 0


def test_customers_who_get_or_lose_an_area_are_told_apart(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    strokes.paint(town_database, PLANNER, Stroke(plan, "n", east_of(town)[5:6], None))
    moves = plan_diff.compare(town_database, PLANNER, plan).moves
    assert moves["customers"].tolist() == [20, 4]
    assert moves["new_area"].isna().tolist() == [False, True]


def test_a_planner_of_one_station_compares_only_what_is_in_sight(
    town_database: Database, plan: int
) -> None:
    found = plan_diff.compare(town_database, NORTH, plan)
    assert found.moves.empty
    assert found.cells.empty


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_plan_comes_back_as_it_was_taken_along(
    town_database: Database, plan: int, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"plan.{form}"
    assert plan_files.take_along(town_database, PLANNER, plan, path, purpose="report") == 61
    back = plan_files.bring_in(town_database, PLANNER, path, LoadChoice(), name="back")
    assert (back.basis, back.units, back.areas, back.claimed_twice) == ("transformer", 61, 2, 0)
    assert plan_diff.compare(town_database, PLANNER, back.plan_id, plan).moved_customers == 0
    assert drafts.cells(town_database, PLANNER, back.plan_id).equals(
        drafts.cells(town_database, PLANNER, plan)
    )


def test_a_plan_by_cells_comes_back_too(
    town_database: Database, tmp_path: Path, town: LittleTown
) -> None:
    plan = drafts.begin(town_database, PLANNER, "cells", basis="cell")
    path = tmp_path / "plan.csv"
    plan_files.take_along(town_database, PLANNER, plan, path, purpose="report")
    assert set(pd.read_csv(path)["cell"]) == set(town.cells)
    back = plan_files.bring_in(town_database, PLANNER, path, LoadChoice(), name="back")
    assert back.basis == "cell"
    assert plan_diff.compare(town_database, PLANNER, back.plan_id).moved_customers == 0


@pytest.mark.parametrize("form", ["gpkg", "geojson", "parquet"])
def test_outlines_hold_every_customer_once_and_draw_the_same_plan(
    town_database: Database, plan: int, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"plan.{form}"
    assert plan_files.take_along(town_database, PLANNER, plan, path, purpose="report") == 2
    read = gpd.read_parquet(path) if form == "parquet" else gpd.read_file(path)
    assert read["customers"].sum() == 244
    assert read["cells"].sum() == 61
    back = plan_files.bring_in(town_database, PLANNER, path, LoadChoice(datum="wgs84"), name="b")
    assert back.basis == "cell"
    assert plan_diff.compare(town_database, PLANNER, back.plan_id, plan).moved_customers == 0


def test_cells_of_a_coarser_resolution_become_their_children(
    town_database: Database, tmp_path: Path, town: LittleTown
) -> None:
    parents = sorted({h3.cell_to_parent(cell, 8) for cell in town.cells})
    frame = pd.DataFrame({"cell": parents, "area_id": [f"P-{n % 2}" for n in range(len(parents))]})
    path = tmp_path / "coarse.csv"
    frame.to_csv(path, index=False)
    made = plan_files.bring_in(town_database, PLANNER, path, LoadChoice(), name="coarse")
    shown = drafts.cells(town_database, PLANNER, made.plan_id)
    assert (shown["area_index"] != 0xFFFF).all()
    assert shown["value"].sum() == 244
    assert len(shown) == 7 * len(parents)


def test_units_that_a_file_does_not_name_are_in_no_area_and_double_ones_are_told(
    town_database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "part.csv"
    path.write_text("transformer_id,area_id\nT-000,A\nT-001,A\nT-001,B\n")
    made = plan_files.bring_in(town_database, PLANNER, path, LoadChoice(), name="part")
    assert (made.units, made.areas, made.claimed_twice) == (61, 2, 1)
    shown = drafts.cells(town_database, PLANNER, made.plan_id)["area_index"]
    assert (shown != 0xFFFF).sum() == 1


def test_bad_rows_are_reported_and_a_file_without_any_good_one_is_refused(
    town_database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("cell,area_id\nnonsense,A\n89xyz,B\n")
    with pytest.raises(UserError, match="plan_file_empty"):
        plan_files.bring_in(town_database, PLANNER, path, LoadChoice(), name="bad")
    with pytest.raises(UserError, match="file_missing"):
        plan_files.bring_in(town_database, PLANNER, tmp_path / "no.csv", LoadChoice())


def test_a_plan_leaves_only_with_a_purpose_and_whole_with_those_who_see_it_whole(
    town_database: Database, plan: int, tmp_path: Path
) -> None:
    path = tmp_path / "plan.csv"
    with pytest.raises(UserError, match="export_purpose_needed"):
        plan_files.take_along(town_database, PLANNER, plan, path, purpose=" ")
    with pytest.raises(UserError, match="export_form_unknown"):
        plan_files.take_along(town_database, PLANNER, plan, tmp_path / "p.doc", purpose="x")
    for actor in (NORTH, CREW):
        with pytest.raises(AccessDenied):
            plan_files.take_along(town_database, actor, plan, path, purpose="report")
    assert not path.exists()


def test_the_command_line_draws_publishes_compares_and_goes_back(
    town_file: Path, tmp_path: Path, capsys: Any, town: LittleTown
) -> None:
    db = str(copy_of(town_file, tmp_path))

    def run(*words: str) -> dict[str, Any]:
        assert main([*words, "--db", db, "--json"]) == 0, capsys.readouterr().err
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    file = tmp_path / "moved.csv"
    frame = town.frames()["areas"]
    frame.loc[frame["area_id"] == "E-01", "area_id"] = "W-01"
    frame.drop(columns="name").to_csv(file, index=False)
    made = run("plan", "import", str(file), "--name", "All west")
    plan = str(made["plan"])
    assert (made["status"], made["areas"], made["rejected"]) == ("draft", 1, [])
    moved = run("plan", "diff", plan)
    assert moved["moved_customers"] == sum(4 for n in range(61) if not town.is_west(n))
    published = run("plan", "publish", plan, "--from", "2026-07-17")
    assert published["status"] == "coming"
    lon, lat = h3.cell_to_latlng(h3.int_to_str(east_of(town)[0]))[::-1]
    at = ("whose", "--at", f"{lon},{lat}", "--on")
    assert run(*at, "2026-07-16")["area"] == "E-01"
    assert run(*at, "2026-07-18")["area"] == "W-01"
    assert run("plan", "rollback", "1")["status"] == "in_force"
    assert run(*at, "2026-07-18")["area"] == "E-01"
    stages = {one["plan"]: one["stage"] for one in run("plan", "list")["plans"]}
    assert stages == {int(plan): "withdrawn", 1: "in_force"}
    assert main(["plan", "publish", "99", "--db", db]) == 1
    assert "no plan 99" in capsys.readouterr().err


def test_a_plan_of_mixed_cells_comes_back_as_it_was_taken_along(
    town_database: Database, town: LittleTown, tmp_path: Path
) -> None:
    db, east = town_database, east_of(town)
    plan = drafts.begin(db, PLANNER, "July", basis="cell")
    cell_strokes.divide(db, PLANNER, Stroke(plan, "d", east[:2]))
    kids = children(east[:1])[1].tolist()
    strokes.paint(db, PLANNER, Stroke(plan, "p", kids[:3], "E-01"))
    file = tmp_path / "mixed.csv"
    manager = Actor("user:town-manager", "周明", role="manager")
    plan_files.take_along(db, manager, plan, file, purpose="a test")
    again = plan_files.bring_in(db, PLANNER, file, LoadChoice(), name="again").plan_id
    assert areas_by_cell(db, again) == areas_by_cell(db, plan)


def areas_by_cell(db: Database, plan: int) -> dict[int, str]:
    names = {one.index: one.area.area_id for one in drafts.areas(db, PLANNER, plan)}
    frame = drafts.cells(db, PLANNER, plan)
    pairs = zip(frame["cell_id"], frame["area_index"], strict=True)
    return {int(cell): names.get(int(index), "none") for cell, index in pairs}


def test_the_command_line_divides_and_merges(
    town_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = copy_of(town_file, tmp_path)
    with Database(copy) as db:
        number = drafts.begin(db, PLANNER, "July", basis="cell")
    told = []
    for words in (["divide", "--over", "3"], ["merge", "--empty"]):
        action, *rest = words
        assert main(["plan", action, str(number), *rest, "--db", str(copy), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert (told[0]["asked"], told[0]["cells"], told[0]["refused"]) == (61, 427, {})
    assert told[1]["asked"] == 0
