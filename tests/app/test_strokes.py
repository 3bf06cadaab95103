"""Strokes on a draft of the little town: stored, refused, undone, seen by others, kept for good."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.store import users as user_store
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import area_strokes, drafts, strokes, studio
from app.use_cases.actors import Actor
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from grid_cells.drafts import Area
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import LittleTown, copy_of

PLANNER = Actor("user:town-planner", "吴越", role="planner")
OTHER = Actor("user:town-other", "Other", role="planner")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))
LOOKER = Actor("user:town-manager", "周明", role="manager")


@pytest.fixture
def plan(town_database: Database) -> int:
    return drafts.begin(town_database, PLANNER, "July")


@pytest.fixture
def sides(town: LittleTown) -> tuple[list[int], list[int]]:
    """Cells of the west and of the east, in order."""
    cells = hex_to_cells(town.cells).tolist()
    west = [c for n, c in enumerate(cells) if town.is_west(n)]
    return west, [c for c in cells if c not in set(west)]


def counts(db: Database, actor: Actor, plan: int) -> dict[str, int]:
    """Cells of each living area, and of none."""
    shown = drafts.cells(db, actor, plan)["area_index"].value_counts()
    named = {one.index: one.area.area_id for one in drafts.areas(db, actor, plan)}
    return {named.get(int(index), "none"): int(n) for index, n in shown.items()}


def test_a_draft_begins_as_the_plan_in_force_stands(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    assert counts(town_database, PLANNER, plan) == {"W-01": len(west), "E-01": len(east)}
    frame = drafts.cells(town_database, PLANNER, plan)
    assert frame["value"].tolist() == [4.0] * 61
    assert not frame["is_mixed"].any()


def test_a_stroke_moves_cells_counts_once_and_is_told_to_others(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    stroke = Stroke(plan, "k1", east[:3], "W-01", seen=0)
    answer = strokes.paint(town_database, PLANNER, stroke)
    assert (answer.seq, answer.undo, answer.redo, answer.refused) == (1, 1, 0, [])
    assert answer.changes == [(1, sorted(east[:3]))]
    again = strokes.paint(town_database, PLANNER, stroke)
    assert (again.seq, again.changes) == (1, answer.changes)
    told = strokes.since(town_database, OTHER, plan, 0)
    assert told.changes == answer.changes
    assert told.actors == ("吴越",)
    assert strokes.since(town_database, OTHER, plan, 1).changes == []
    assert counts(town_database, PLANNER, plan)["W-01"] == len(west) + 3


def test_what_somebody_else_changed_meanwhile_is_refused_and_told_as_it_is(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    strokes.paint(town_database, PLANNER, Stroke(plan, "k1", east[:1], "W-01", seen=0))
    answer = strokes.paint(town_database, OTHER, Stroke(plan, "k2", east[:2], None, seen=0))
    assert [(one.code, one.cells) for one in answer.refused] == [("unit_changed", east[:1])]
    assert dict(answer.changes) == {1: east[:1], None: east[1:2]}
    assert west


def test_undo_and_redo_survive_a_restart(town_file: Path, tmp_path: Path, sides: Any) -> None:
    west, east = sides
    with Database(copy_of(town_file, tmp_path)) as db:
        plan = drafts.begin(db, PLANNER, "July")
        for n in range(3):
            strokes.paint(db, PLANNER, Stroke(plan, f"k{n}", [east[n]], "W-01"))
        strokes.undo(db, PLANNER, Stroke(plan, "u1"))
        before = drafts.cells(db, PLANNER, plan)
    with Database(tmp_path / town_file.name) as db:
        assert drafts.cells(db, PLANNER, plan).equals(before)
        answer = strokes.redo(db, PLANNER, Stroke(plan, "r1"))
        assert (answer.undo, answer.redo) == (3, 0)
        for n in range(3):
            strokes.undo(db, PLANNER, Stroke(plan, f"v{n}"))
        assert counts(db, PLANNER, plan) == {"W-01": len(west), "E-01": len(east)}
        nothing = strokes.undo(db, PLANNER, Stroke(plan, "v9"))
        assert (nothing.undo, nothing.changes) == (0, [])


def test_two_hundred_strokes_are_undone_one_by_one(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    for n in range(200):
        to = "W-01" if n % 2 == 0 else "E-01"
        strokes.paint(town_database, PLANNER, Stroke(plan, f"k{n}", east[:1], to))
    for n in range(200):
        left = strokes.undo(town_database, PLANNER, Stroke(plan, f"u{n}")).undo
        assert left == 199 - n
    assert counts(town_database, PLANNER, plan) == {"W-01": len(west), "E-01": len(east)}


def test_locked_cells_and_areas_keep_what_they_have(
    town_database: Database, plan: int, sides: Any
) -> None:
    _, east = sides
    locked = strokes.lock_cells(town_database, PLANNER, Stroke(plan, "l1", east[:1]), locked=True)
    assert locked.locked == east[:1]
    answer = strokes.paint(town_database, PLANNER, Stroke(plan, "k1", east[:2], "W-01"))
    assert [(one.code, one.cells) for one in answer.refused] == [("unit_locked", east[:1])]
    area_strokes.lock_area(town_database, PLANNER, Stroke(plan, "l2"), "E-01", locked=True)
    answer = strokes.paint(town_database, PLANNER, Stroke(plan, "k2", east[2:3], "W-01"))
    assert [one.code for one in answer.refused] == ["area_locked"]
    told = strokes.since(town_database, OTHER, plan, answer.seq - 1)
    assert told.locked == east[:1]
    assert answer.undo == 2  # the area's lock is nobody's stroke


def test_areas_are_made_split_merged_renamed_and_deleted(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    db = town_database
    new = Area("N-01", "北区", unit_id="S1")
    area_strokes.create_area(db, PLANNER, Stroke(plan, "c", west[:2]), new)
    assert counts(db, PLANNER, plan)["N-01"] == 2
    split = Area("E-02", "东二区", unit_id="S2")
    area_strokes.split_area(db, PLANNER, Stroke(plan, "s", east[:4]), "E-01", split)
    area_strokes.merge_areas(db, PLANNER, Stroke(plan, "m", to="W-01"), "N-01")
    wish = area_strokes.AreaWish(name="West side", colour=7)
    answer = area_strokes.change_area(db, PLANNER, Stroke(plan, "r"), "W-01", wish)
    named = {one.area.area_id: one.area for one in answer.areas or []}
    assert (named["W-01"].name, named["W-01"].colour) == ("West side", 7)
    assert named["N-01"].is_deleted
    area_strokes.delete_area(db, PLANNER, Stroke(plan, "d"), "E-02")
    assert counts(db, PLANNER, plan) == {
        "W-01": len(west), "E-01": len(east) - 4, "none": 4,
    }  # fmt: skip
    for n in range(5):
        strokes.undo(db, PLANNER, Stroke(plan, f"u{n}"))
    assert counts(db, PLANNER, plan) == {"W-01": len(west), "E-01": len(east)}
    with pytest.raises(UserError, match="area_needs_name"):
        area_strokes.change_area(
            db, PLANNER, Stroke(plan, "x"), "W-01", area_strokes.AreaWish(name="  ")
        )


def test_a_planner_of_one_station_sees_and_paints_only_its_own(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    seen = drafts.cells(town_database, NORTH, plan)
    assert sorted(seen["cell_id"]) == sorted(west)
    assert [one.area.area_id for one in drafts.areas(town_database, NORTH, plan)] == ["W-01"]
    answer = strokes.paint(town_database, NORTH, Stroke(plan, "k1", [west[0], east[0]], None))
    assert answer.changes == [(None, [west[0]])]
    assert answer.refused == []
    with pytest.raises(UserError, match="area_gone"):
        strokes.paint(town_database, NORTH, Stroke(plan, "k2", [west[1]], "E-01"))
    strokes.paint(town_database, PLANNER, Stroke(plan, "k3", east[:2], None))
    told = strokes.since(town_database, NORTH, plan, 0)
    assert told.changes == [(None, [west[0]])]


def test_who_may_only_look_changes_nothing(town_database: Database, plan: int, sides: Any) -> None:
    assert len(drafts.cells(town_database, LOOKER, plan)) == 61
    with pytest.raises(AccessDenied):
        strokes.paint(town_database, LOOKER, Stroke(plan, "k1", sides[1][:1], "W-01"))
    assert drafts.seq(town_database, LOOKER, plan) == 0


def test_a_unit_moves_only_where_its_customers_middle_lies(
    town_database: Database, plan: int, sides: Any
) -> None:
    """Half the customers of one transformer move to the neighbouring cell: it is mixed then."""
    _, east = sides
    numbers = town_database.query(
        "SELECT customer_no, transformer_id FROM customers WHERE cell_id = ? ORDER BY 1", [east[0]]
    )
    town_database.write(lambda c: c.execute(
        "UPDATE customers SET cell_id = ? WHERE customer_no = ?",
        [east[1], numbers["customer_no"][0]]))  # fmt: skip
    studio.forget(town_database, plan)
    strokes.paint(town_database, PLANNER, Stroke(plan, "k1", east[:1], "W-01"))
    frame = drafts.cells(town_database, PLANNER, plan).set_index("cell_id")
    assert frame.loc[east[0], "value"] == 3
    assert frame.loc[east[1], "is_mixed"]
    assert not frame.loc[east[0], "is_mixed"]


def test_a_draft_can_be_copied_and_the_copy_goes_its_own_way(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    strokes.paint(town_database, PLANNER, Stroke(plan, "k1", east[:5], "W-01"))
    copied = drafts.begin(town_database, OTHER, "What if", based_on=plan)
    strokes.paint(town_database, OTHER, Stroke(copied, "k1", east[:1], "E-01"))
    assert counts(town_database, OTHER, copied)["W-01"] == len(west) + 4
    assert counts(town_database, OTHER, plan)["W-01"] == len(west) + 5


def test_a_plan_by_cells_can_be_begun_from_one_by_transformers(
    town_database: Database, sides: Any
) -> None:
    west, east = sides
    plan = drafts.begin(town_database, PLANNER, "By cells", basis="cell")
    assert studio.of_plan(town_database, plan).basis == "cell"
    assert counts(town_database, PLANNER, plan) == {"W-01": len(west), "E-01": len(east)}
    answer = strokes.paint(town_database, PLANNER, Stroke(plan, "k", east[:1], None))
    assert answer.changes == [(None, east[:1])]


def test_what_is_wrong_is_said(town_database: Database, plan: int, sides: Any) -> None:
    def told(act: Callable[[], Any]) -> str:
        with pytest.raises(UserError) as caught:
            act()
        return caught.value.code

    db = town_database
    assert told(lambda: drafts.begin(db, PLANNER, "  ")) == "plan_needs_name"
    assert told(lambda: drafts.begin(db, PLANNER, "x", based_on=999)) == "plan_unknown"
    assert told(lambda: drafts.cells(db, PLANNER, 999)) == "plan_unknown"
    gone = Stroke(plan, "k", sides[1][:1], "nowhere")
    assert told(lambda: strokes.paint(db, PLANNER, gone)) == "area_gone"
    many = Stroke(plan, "k", np.arange(strokes.MOST_CELLS + 1).tolist(), None)
    assert told(lambda: strokes.paint(db, PLANNER, many)) == "stroke_too_large"
    assert user_store.by_login(db.read(), "planner") is not None
