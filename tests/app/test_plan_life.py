"""A plan's way from draft to force and back, and what `whose` answers on each day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import area_strokes, clock, drafts, plan_comments, plan_life, strokes
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.strokes import Stroke
from app.use_cases.whose import whose
from grid_cells.cells import cells_to_hex, centres, hex_to_cells
from grid_cells.drafts import Area
from grid_cells.errors import AccessDenied, UserError
from grid_cells.plan_life import Term
from tests.conftest import LOADER, NOW, LittleTown

PLANNER = Actor("user:town-planner", "吴越", role="planner")
MANAGER = Actor("user:town-manager", "周明", role="manager")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))
DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
TOMORROW = NOW + timedelta(days=1)
LATER = NOW + timedelta(days=40)


@pytest.fixture
def east(town: LittleTown) -> list[int]:
    """Cells of the east, in order; the fourth customer of each is asked for."""
    cells = hex_to_cells(town.cells).tolist()
    return [c for n, c in enumerate(cells) if not town.is_west(n)]


@pytest.fixture
def plan(town_database: Database, east: list[int]) -> int:
    """A draft in which the first five cells of the east go west."""
    number = drafts.begin(town_database, PLANNER, "July")
    strokes.paint(town_database, PLANNER, Stroke(number, "k", east[:5], "W-01"))
    return number


def approved(db: Database, plan: int) -> int:
    plan_life.submit(db, PLANNER, plan, "please look")
    plan_life.approve(db, MANAGER, plan)
    return plan


def area_on(db: Database, cell: int, on: datetime) -> str | None:
    lon, lat = centres([cell])
    return whose(db, DISPATCHER, at=(float(lon[0]), float(lat[0])), on=on).area


def stages(db: Database) -> dict[int, str]:
    return {one.plan_id: one.stage for one in plan_life.list_plans(db, PLANNER)}


def test_published_for_tomorrow_it_holds_from_tomorrow_and_can_be_taken_back(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    plan_life.publish(db, MANAGER, Term(approved(db, plan), TOMORROW))
    assert stages(db) == {plan: "coming", 1: "in_force"}
    assert area_on(db, east[0], NOW) == "E-01"
    assert area_on(db, east[0], TOMORROW + timedelta(hours=1)) == "W-01"
    assert area_on(db, east[9], TOMORROW + timedelta(hours=1)) == "E-01"
    assert plan_life.roll_back(db, MANAGER, 1) == 1
    assert stages(db) == {plan: "withdrawn", 1: "in_force"}
    assert area_on(db, east[0], TOMORROW + timedelta(hours=1)) == "E-01"


def test_a_plan_in_force_is_rolled_back_by_a_copy_and_the_past_stays_answerable(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    plan_life.publish(db, MANAGER, Term(approved(db, plan), TOMORROW))
    second = TOMORROW + timedelta(days=2)
    clock.set_clock(db, MANAGER, at=second, running=False)
    assert area_on(db, east[0], second) == "W-01"
    back = plan_life.roll_back(db, MANAGER, 1)
    assert back not in (1, plan)
    assert area_on(db, east[0], second) == "E-01"
    assert area_on(db, east[0], second - timedelta(hours=1)) == "W-01"
    assert area_on(db, east[0], NOW) == "E-01"
    assert stages(db) == {back: "in_force", plan: "retired", 1: "retired"}
    with pytest.raises(UserError, match="plan_in_force"):
        plan_life.roll_back(db, MANAGER, back)


def test_a_temporary_plan_gives_way_to_the_former_one(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    plan_life.publish(db, MANAGER, Term(approved(db, plan), TOMORROW, LATER))
    assert area_on(db, east[0], TOMORROW) == "W-01"
    assert area_on(db, east[0], LATER) == "E-01"
    answer = whose(db, DISPATCHER, customer="0000000001", on=LATER + timedelta(days=1))
    assert answer.valid_from == LATER
    assert answer.valid_to is None
    clock.set_clock(db, MANAGER, at=TOMORROW, running=False)
    assert stages(db) == {plan: "in_force", 1: "resting"}


def test_nobody_approves_their_own_strokes_and_every_state_has_its_deeds(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    with pytest.raises(UserError, match="plan_cannot"):
        plan_life.approve(db, MANAGER, plan)
    plan_life.submit(db, PLANNER, plan)
    with pytest.raises(UserError, match="plan_own_approval"):
        plan_life.approve(db, PLANNER, plan)
    with pytest.raises(UserError, match="plan_not_draft"):
        strokes.paint(db, PLANNER, Stroke(plan, "k2", east[5:7], "W-01"))
    with pytest.raises(UserError, match="plan_needs_reason"):
        plan_life.send_back(db, MANAGER, plan, " ")
    plan_life.send_back(db, MANAGER, plan, "cell 7 is wrong")
    plan_life.withdraw(db, PLANNER, plan)
    plan_life.reopen(db, PLANNER, plan)
    told = plan_life.deeds(db, PLANNER, plan)
    assert told["deed"].tolist() == ["submit", "send_back", "withdraw", "reopen"]
    assert told["note"].tolist()[1] == "cell 7 is wrong"
    assert told["actor_name"].tolist()[1] == "周明"
    with pytest.raises(UserError, match="plan_cannot"):
        plan_life.publish(db, MANAGER, Term(plan, TOMORROW))


def test_only_the_machine_itself_publishes_what_nobody_reviewed_and_says_so(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    plan_life.publish(db, command_line_actor("root"), Term(plan, TOMORROW))
    assert area_on(db, east[0], TOMORROW) == "W-01"
    row = db.query("SELECT detail FROM audit_log WHERE event = 'plan_published'")
    assert '"is_reviewed": false' in row["detail"].iloc[0].replace("False", "false")


def test_a_part_of_the_company_cannot_publish_for_the_whole(
    town_database: Database, plan: int
) -> None:
    with pytest.raises(AccessDenied, match="access_whole_only"):
        plan_life.publish(town_database, NORTH, Term(approved(town_database, plan), TOMORROW))


def test_wrong_terms_are_refused_and_change_nothing(town_database: Database, plan: int) -> None:
    db = town_database
    approved(db, plan)
    for term, code in (
        (Term(plan, NOW - timedelta(days=1)), "plan_begins_in_past"),
        (Term(plan, LATER, TOMORROW), "plan_ends_early"),
    ):
        with pytest.raises(UserError, match=code):
            plan_life.publish(db, MANAGER, term)
    assert stages(db)[plan] == "approved"


def test_overrides_go_on_in_the_plan_that_follows(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    number = "0000000001"
    db.write(lambda c: c.execute(
        "INSERT INTO assignment_overrides (plan_id, customer_no, area_id, reason)"
        " VALUES (1, ?, 'W-01', 'lives on the border')", [number]))  # fmt: skip
    plan_life.publish(db, MANAGER, Term(approved(db, plan), TOMORROW))
    answer = whose(db, DISPATCHER, customer=number, on=TOMORROW)
    assert (answer.area, answer.rule, answer.reason) == ("W-01", "customer", "lives on the border")


def test_comments_are_pinned_to_cells_and_seen_within_ones_sight(
    town_database: Database, plan: int, east: list[int]
) -> None:
    db = town_database
    plan_comments.add(db, MANAGER, plan, " too far from the hall ", east[20])
    general = plan_comments.add(db, MANAGER, plan, "well done")
    told = plan_comments.list_comments(db, PLANNER, plan)
    assert told["text"].tolist() == ["too far from the hall", "well done"]
    assert cells_to_hex(told["cell_id"])[0] == cells_to_hex([east[20]])[0]
    assert plan_comments.list_comments(db, NORTH, plan)["text"].tolist() == ["well done"]
    plan_comments.settle(db, PLANNER, plan, general)
    assert plan_comments.list_comments(db, PLANNER, plan)["settled_at"].notna().tolist() == [
        False, True,
    ]  # fmt: skip
    with pytest.raises(UserError, match="comment_empty"):
        plan_comments.add(db, MANAGER, plan, "  ")
    with pytest.raises(UserError, match="comment_gone"):
        plan_comments.settle(db, PLANNER, plan, "nothing")


def test_the_first_plan_of_all_holds_since_ever(tmp_path: Any, town: LittleTown) -> None:
    file = tmp_path / "customers.csv"
    town.frames()["customers"].to_csv(file, index=False)
    with Database(tmp_path / "new.duckdb") as db:
        load(db, LOADER, "customers", [file], LoadChoice(datum="wgs84"))
        plan = drafts.begin(db, PLANNER, "First")
        assert set(drafts.cells(db, PLANNER, plan)["area_index"]) == {0xFFFF}
        cells = drafts.cells(db, PLANNER, plan)["cell_id"].tolist()
        area_strokes.create_area(db, PLANNER, Stroke(plan, "c", cells), Area("A-1", "All"))
        plan_life.publish(db, MANAGER, Term(approved(db, plan)))
        assert area_on(db, cells[0], datetime(2020, 1, 1, tzinfo=UTC)) == "A-1"
