"""Who may print which plan, what of it, and what the record says."""

import io
import json
from pathlib import Path

import pytest

from app.cli.arguments import parse
from app.cli.commands import run
from app.cli.terminal import Terminal
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import drafts, plan_print, strokes
from app.use_cases.actors import Actor
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from tests.app.maps.pdf_reading import read_pdf
from tests.conftest import LittleTown

PLANNER = Actor("user:town-planner", "吴越", role="planner")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))
CREW = Actor("user:town-crew", "赵强", role="crew")


def test_a_sheet_holds_areas_cells_and_places(town_database: Database) -> None:
    told: list[float] = []
    sheet = plan_print.sheet_of(town_database, PLANNER, 1, "report", progress=told.append)
    assert sheet.city == "小城供电公司"
    assert sheet.areas.areas["customers"].sum() == 244
    assert sheet.cells["area"].value_counts().sum() == 61
    held = sheet.areas.areas.index[sheet.cells["area"]].value_counts()
    assert held.to_dict() == (sheet.areas.areas["customers"] // 4).to_dict()
    assert len(set(sheet.colours)) == 2
    assert sheet.places["kind"].value_counts().to_dict() == {"bank": 3, "hall": 2, "crew": 2}
    assert str(sheet.zone) == "Asia/Shanghai"
    assert sheet.stamp.line().startswith("user:town-planner · ")
    assert told[-1] == 1.0


def test_units_in_no_area_are_shown_as_such(town_database: Database, town: LittleTown) -> None:
    plan = drafts.begin(town_database, PLANNER, "July")
    cells = hex_to_cells(town.cells).tolist()
    strokes.paint(town_database, PLANNER, Stroke(plan, "k", cells[:3], None))
    sheet = plan_print.sheet_of(town_database, PLANNER, plan, "report")
    assert sheet.plan.stage == "draft"
    assert set(sheet.cells.loc[sheet.cells["area"] < 0, "cell_id"]) <= set(cells[:3])


def test_a_limited_sight_prints_its_own_areas_only(town_database: Database) -> None:
    sheet = plan_print.sheet_of(town_database, NORTH, 1, "report")
    assert sheet.areas.areas["name"].tolist() == ["西区"]
    assert (sheet.cells["area"] == 0).all()
    assert sheet.city == "江北供电所"


def test_what_cannot_be_printed_is_said(town_database: Database) -> None:
    for plan, purpose, code in ((99, "report", "plan_unknown"), (1, " ", "export_purpose_needed")):
        with pytest.raises(UserError) as refused:
            plan_print.sheet_of(town_database, PLANNER, plan, purpose)
        assert refused.value.code == code
    with pytest.raises(UserError) as refused:
        plan_print.form_of("plan.svg")
    assert refused.value.code == "print_form_unknown"
    with pytest.raises(AccessDenied):
        plan_print.sheet_of(town_database, CREW, 1, "report")


def test_a_print_is_on_record_without_its_words(town_database: Database) -> None:
    sheet = plan_print.sheet_of(town_database, PLANNER, 1, "for Mr. Wang's wall")
    name = plan_print.note_print(town_database, PLANNER, sheet, "pdf", "for Mr. Wang's wall")
    assert name == "plan-1.pdf"
    row = town_database.query(
        "SELECT actor, subject, detail FROM audit_log WHERE event = 'cells_exported'"
        " ORDER BY event_id DESC LIMIT 1"
    ).iloc[0]
    assert (row["actor"], row["subject"]) == ("user:town-planner", "layer:plan-1")
    detail = json.loads(row["detail"])
    assert (detail["form"], detail["purpose"], detail["rows"]) == ("pdf", "in_words", 2)


def command(db: Database, folder: Path, *given: str) -> tuple[int, dict[str, object]]:
    out = io.StringIO()
    terminal = Terminal(out, io.StringIO(), as_json=True)
    code = run(parse([*given, "--json"]), terminal, cwd=folder, db=db)
    return code, json.loads(out.getvalue() or "{}")


def test_the_command_line_prints_and_compares_by_the_same_use_cases(
    town_database: Database, tmp_path: Path, town: LittleTown
) -> None:
    plan = drafts.begin(town_database, PLANNER, "July")
    east = [c for n, c in enumerate(hex_to_cells(town.cells).tolist()) if not town.is_west(n)]
    strokes.paint(town_database, PLANNER, Stroke(plan, "k", east[:5], "W-01"))
    code, told = command(town_database, tmp_path, "plan", "print", str(plan), "--out", "a.pdf")
    assert (code, told["areas"], told["pages"]) == (0, 2, 1)
    text = read_pdf((tmp_path / "a.pdf").read_bytes()).texts[0]
    assert "西区" in text
    assert "东区" in text
    code, told = command(town_database, tmp_path, "plan", "diff", str(plan), "1")
    assert (code, told["moved_customers"], told["changed_cells"]) == (0, 20, 5)
    assert told["moved_by_use"] == [{"use_type": None, "customers": 20.0}]
    assert (told["areas_gone"], told["areas_new"]) == ([], [])
    code, _ = command(town_database, tmp_path, "plan", "print", str(plan), "--out", "a.svg")
    assert code == 1
