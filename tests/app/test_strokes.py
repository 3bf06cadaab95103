"""Strokes on a draft of the little town: stored, refused, undone, seen by others, kept for good."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.store import meta
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


@pytest.mark.parametrize("many", [20, pytest.param(200, marks=pytest.mark.long)])
def test_many_strokes_are_undone_one_by_one(
    town_database: Database, plan: int, sides: Any, many: int
) -> None:
    west, east = sides
    for n in range(many):
        to = "W-01" if n % 2 == 0 else "E-01"
        strokes.paint(town_database, PLANNER, Stroke(plan, f"k{n}", east[:1], to))
    for n in range(many):
        left = strokes.undo(town_database, PLANNER, Stroke(plan, f"u{n}")).undo
        assert left == many - 1 - n
    assert counts(town_database, PLANNER, plan) == {"W-01": len(west), "E-01": len(east)}


def test_an_area_keeps_its_last_units_and_the_map_shows_them_again(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    answer = strokes.paint(town_database, PLANNER, Stroke(plan, "k1", east, "W-01"))
    assert answer.changes == [(0, sorted(east))]
    assert [(one.code, one.cells) for one in answer.refused] == [("area_emptied", sorted(east))]
    assert drafts.seq(town_database, PLANNER, plan) == 0
    strokes.paint(town_database, PLANNER, Stroke(plan, "k2", east[1:], None))
    answer = strokes.paint(town_database, PLANNER, Stroke(plan, "k3", east, "W-01"))
    assert [(one.code, one.cells) for one in answer.refused] == [("area_emptied", east[:1])]
    assert counts(town_database, PLANNER, plan) == {"W-01": 61 - 1, "E-01": 1}
    area_strokes.merge_areas(town_database, PLANNER, Stroke(plan, "m", to="W-01"), "E-01")
    assert counts(town_database, PLANNER, plan) == {"W-01": 61}
    assert west


def test_a_new_area_of_all_of_another_leaves_that_one_as_it_was(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    new = Area("N-01", "北区", unit_id="S1")
    area_strokes.create_area(town_database, PLANNER, Stroke(plan, "c", [*west[:2], *east]), new)
    assert counts(town_database, PLANNER, plan) == {
        "W-01": len(west) - 2, "E-01": len(east), "N-01": 2,
    }  # fmt: skip


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


def move_customers(db: Database, cell: int, count: int, **to: Any) -> list[str]:
    """Give the first customers of a cell another cell or transformer; their numbers."""
    numbers = db.query(
        "SELECT customer_no FROM customers WHERE cell_id = ? ORDER BY 1 LIMIT ?", [cell, count]
    )["customer_no"].tolist()

    def change(connection: Any) -> None:
        for name, value in to.items():
            connection.execute(
                f"UPDATE customers SET {name} = ? WHERE list_contains(?, customer_no)",
                [value, numbers],
            )
        connection.execute("DELETE FROM meters WHERE list_contains(?, customer_no)", [numbers])
        meta.touch_facts(connection, "customers")

    db.write(change)
    return numbers


def test_what_is_in_no_area_elsewhere_is_not_there_to_take(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    strokes.paint(town_database, PLANNER, Stroke(plan, "k1", east[:3], None))
    answer = strokes.paint(town_database, NORTH, Stroke(plan, "k2", [*east[:3], *west], "W-01"))
    assert answer.changes == [(1, sorted(west))]
    assert counts(town_database, PLANNER, plan)["none"] == 3


def share_a_cell(db: Database, cell: int) -> None:
    """Two of a western cell's four homes hang on a transformer of the east that no area claims."""

    def change(connection: Any) -> None:
        connection.execute(
            "INSERT INTO feeders (feeder_id, name, unit_id) VALUES ('F-E', 'E', 'S2')"
        )
        connection.execute(
            "INSERT INTO transformers (transformer_id, feeder_id, cell_id)"
            " VALUES ('T-E', 'F-E', ?)",
            [cell],
        )

    db.write(change)
    numbers = move_customers(db, cell, 2, transformer_id="T-E")
    db.write(lambda c: c.execute(
        "INSERT INTO assignment_overrides (plan_id, customer_no, area_id, reason)"
        " SELECT plan_id, ?, 'W-01', 'asked' FROM service_plans WHERE status = 'published'",
        numbers[:1]))  # fmt: skip


def test_a_transformer_with_customers_out_of_sight_is_not_there_to_take(
    town_database: Database, sides: Any
) -> None:
    west, _ = sides
    db = town_database
    share_a_cell(db, west[0])
    plan = drafts.begin(db, PLANNER, "July")
    strokes.paint(db, PLANNER, Stroke(plan, "k1", [west[0]], None))
    strokes.paint(db, NORTH, Stroke(plan, "k2", [west[0]], "W-01"))
    held = studio.of_plan(db, plan)
    taken = dict(zip(held.units, held.draft.area.tolist(), strict=True))
    place = held.place_of("W-01")
    own = db.query("SELECT transformer_id FROM transformers WHERE cell_id = ?", [west[0]])
    assert {one: taken[one] for one in own["transformer_id"]} == {
        one: -1 if one == "T-E" else place for one in own["transformer_id"]
    }


def test_a_cell_with_customers_out_of_sight_is_moved_within_ones_own_areas_and_no_further(
    town_database: Database, sides: Any
) -> None:
    west, _ = sides
    db = town_database
    share_a_cell(db, west[0])
    plan = drafts.begin(db, PLANNER, "By cells", basis="cell")
    new = Area("W-02", "New", unit_id="S1")
    area_strokes.create_area(db, NORTH, Stroke(plan, "c", west[:3]), new)
    assert counts(db, PLANNER, plan)["W-02"] == 3
    strokes.paint(db, PLANNER, Stroke(plan, "k1", west[:2], None))
    answer = strokes.paint(db, NORTH, Stroke(plan, "k2", west[:2], "W-01"))
    place = studio.of_plan(db, plan).place_of("W-01")
    assert answer.changes == [(None, west[:1]), (place, west[1:2])]


@pytest.mark.parametrize(
    ("area_id", "unit_id", "said"),
    [
        ("N-01", "S2", "access_out_of_scope"), ("N-01", None, "access_out_of_scope"),
        ("E-01", "S1", "area_exists"),
    ],
)  # fmt: skip
def test_a_new_area_lies_within_ones_own_part_of_the_company(
    town_database: Database, plan: int, sides: Any, area_id: str, unit_id: str | None, said: str
) -> None:
    west, _ = sides
    new = Area(area_id, "New", unit_id=unit_id)
    assert drafts.free_area_id(town_database, NORTH, plan) == "N-01"
    with pytest.raises(UserError, match=said):
        area_strokes.create_area(town_database, NORTH, Stroke(plan, "c", west[:2]), new)
    with pytest.raises(UserError, match=said):
        area_strokes.split_area(town_database, NORTH, Stroke(plan, "s", west[:2]), "W-01", new)
    assert drafts.seq(town_database, PLANNER, plan) == 0


def test_an_undo_reaches_no_further_than_the_scope_of_now(
    town_database: Database, plan: int, sides: Any
) -> None:
    west, east = sides
    mover = Actor(NORTH.id, NORTH.name, role="planner")
    strokes.paint(town_database, mover, Stroke(plan, "k1", [west[0], east[0]], None))
    answer = strokes.undo(town_database, NORTH, Stroke(plan, "u1"))
    assert (answer.changes, answer.left) == ([(1, [west[0]])], 1)
    assert counts(town_database, PLANNER, plan)["none"] == 1


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
