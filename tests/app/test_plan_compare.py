"""Any two plans held against each other: figures, moves, what of it a limited sight shows."""

import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    access,
    area_strokes,
    draft_balance,
    drafts,
    hand_over,
    plan_areas,
    plan_diff,
    strokes,
)
from app.use_cases.actors import Actor
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from grid_cells.drafts import Area
from grid_cells.errors import UserError
from grid_cells.plan_diff import HIDDEN
from tests.conftest import NOW, LittleTown

PLANNER = Actor("user:town-planner", "吴越", role="planner")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))


def cells_of(town: LittleTown, *, west: bool) -> list[int]:
    cells = hex_to_cells(town.cells).tolist()
    return [cell for n, cell in enumerate(cells) if town.is_west(n) is west]


@pytest.fixture
def plan(town_database: Database, town: LittleTown) -> int:
    """A draft in which five cells of the east, twenty customers, go west."""
    number = drafts.begin(town_database, PLANNER, "July")
    strokes.paint(
        town_database, PLANNER, Stroke(number, "k", cells_of(town, west=False)[:5], "W-01")
    )
    return number


def test_moves_tell_customers_cells_and_managers(town_database: Database, plan: int) -> None:
    found = plan_diff.compare(town_database, PLANNER, plan)
    (move,) = found.moves.astype(object).where(found.moves.notna(), None).to_dict("records")
    assert move == {
        "old_area": "E-01", "new_area": "W-01", "customers": 20, "cells": 5,
        "old_manager": None, "new_manager": "林薇",
    }  # fmt: skip
    assert found.use_types["customers"].tolist() == [20]
    assert (found.gone, found.new, found.is_same) == ([], [], False)
    back = plan_diff.compare(town_database, PLANNER, 1, plan)
    assert back.moves[["old_area", "new_area", "customers"]].values.tolist() == [
        ["W-01", "E-01", 20]
    ]
    assert (back.old.hours, back.new_areas.hours) == (found.new_areas.hours, found.old.hours)


def test_a_plan_and_itself_are_the_same(town_database: Database, plan: int) -> None:
    found = plan_diff.compare(town_database, PLANNER, plan, plan)
    assert found.is_same
    assert found.people.empty
    assert (
        not plan_diff.compared_cells(town_database, PLANNER, plan, plan).pairs["is_changed"].any()
    )


def test_plans_on_different_bases_are_held_against_each_other(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    by_cells = drafts.begin(town_database, PLANNER, "cells", basis="cell")
    found = plan_diff.compare(town_database, PLANNER, by_cells, plan)
    assert found.moves[["old_area", "new_area", "customers", "cells"]].values.tolist() == [
        ["W-01", "E-01", 20, 5]
    ]
    assert found.new_areas.areas["customers"].sum() == 244


def test_areas_that_come_and_go_are_named(
    town_database: Database, plan: int, town: LittleTown
) -> None:

    new = Area("N-01", "New", unit_id="S1")
    area_strokes.create_area(town_database, PLANNER, Stroke(plan, "n"), new)
    strokes.paint(town_database, PLANNER, Stroke(plan, "p", cells_of(town, west=False), "N-01"))
    area_strokes.delete_area(town_database, PLANNER, Stroke(plan, "d"), "E-01")
    found = plan_diff.compare(town_database, PLANNER, plan)
    assert (found.gone, found.new) == (["E-01"], ["N-01"])
    assert found.names["N-01"] == "New"
    assert not found.is_same


def test_the_figures_of_a_draft_are_those_the_redraw_page_shows(
    town_database: Database, plan: int
) -> None:
    told = plan_areas.areas_of(town_database, PLANNER, plan)
    weighed = draft_balance.weigh_draft(town_database, PLANNER, plan)
    shown = weighed.judged.consequences.after.loc[told.areas.index]
    assert told.largest_deviation == weighed.balance.largest_deviation
    assert told.areas["customers"].tolist() == shown["customers"].tolist()
    assert told.areas["hours"].tolist() == pytest.approx(shown["hours"].tolist())
    assert told.areas["pieces"].tolist() == weighed.balance.pieces.tolist()
    assert told.areas["crew_min_median"].equals(shown["crew_min_median"])
    assert told.areas["manager"].dropna().to_dict() == {"W-01": "林薇"}


def test_customers_in_no_area_are_counted(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    strokes.paint(town_database, PLANNER, Stroke(plan, "n", cells_of(town, west=True)[:2], None))
    assert plan_areas.areas_of(town_database, PLANNER, plan).no_area_customers == 8
    pairs = plan_diff.compared_cells(town_database, PLANNER, plan, 1).pairs
    lost = pairs[pairs["new_area"].isna()]
    assert lost[["old_area", "cells", "colour"]].values.tolist() == [["W-01", 2, -1]]


def test_cells_of_the_map_hold_pair_and_customers(town_database: Database, plan: int) -> None:
    shown = plan_diff.compared_cells(town_database, PLANNER, plan, 1)
    assert len(shown.cells) == 61
    assert shown.cells["customers"].sum() == 244
    moved = shown.pairs.index[shown.pairs["is_changed"]]
    assert (shown.cells["pair"] == moved[0]).sum() == 5
    by_area = shown.pairs.groupby("new_area")["colour"].agg(set)
    assert {len(one) for one in by_area} == {1}
    assert by_area["W-01"] != by_area["E-01"]


def test_the_map_of_a_later_stroke_has_another_version(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    before = plan_diff.compared_cells(town_database, PLANNER, plan, 1).version
    strokes.paint(town_database, PLANNER, Stroke(plan, "m", cells_of(town, west=True)[:1], "E-01"))
    assert plan_diff.compared_cells(town_database, PLANNER, plan, 1).version != before


def test_a_limited_sight_knows_other_areas_by_no_name(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    strokes.paint(town_database, PLANNER, Stroke(plan, "m", cells_of(town, west=True)[:3], "E-01"))
    found = plan_diff.compare(town_database, NORTH, plan)
    assert found.moves[["old_area", "new_area", "customers", "cells"]].values.tolist() == [
        ["W-01", HIDDEN, 12, 3]
    ]
    assert found.names == {"W-01": "西区", HIDDEN: HIDDEN}
    assert found.old.areas.index.tolist() == ["W-01"]
    shown = plan_diff.compared_cells(town_database, NORTH, plan, 1)
    assert set(shown.cells["cell_id"]) == set(cells_of(town, west=True))
    assert "E-01" not in str(shown.pairs.to_dict()) + str(found)


def test_few_customers_of_a_use_type_are_not_told(
    town_database: Database, town: LittleTown
) -> None:
    plan = drafts.begin(town_database, PLANNER, "one cell")
    strokes.paint(town_database, PLANNER, Stroke(plan, "k", cells_of(town, west=False)[:1], "W-01"))
    assert plan_diff.compare(town_database, PLANNER, plan).use_types["customers"].isna().all()
    sees_all = Actor("test:admin", "A", role="inspector")
    assert not access.may(sees_all, "see_plans")


def test_moved_customers_are_listed_masked_and_as_files(town_database: Database, plan: int) -> None:
    changes = plan_diff.compare(town_database, PLANNER, plan).changes(NOW)
    listed = hand_over.customers(town_database, PLANNER, changes)
    assert len(listed) == 20
    assert set(listed["unit"]).issubset({str(cell) for cell in LittleTown().cells})
    assert not set(listed["customer_no"]) & set(changes.units["unit"])
    data, name = hand_over.export_list(
        town_database, PLANNER, "pairs", changes, form="csv", purpose="report"
    )
    assert name.endswith(".csv")
    assert b'"E-01","W-01",20,20' in data
    with pytest.raises(UserError) as refused:
        hand_over.staff(town_database, PLANNER, changes)
    assert refused.value.code == "hand_over_list_unknown"


def test_people_kept_by_an_override_do_not_move(town_database: Database, plan: int) -> None:
    moved = plan_diff.compare(town_database, PLANNER, plan).people["customer_no"].iloc[0]
    override = pd.DataFrame(
        {"customer_no": [moved], "area_id": ["E-01"], "plan_id": [1], "reason": ["agreed"]}
    )

    def pin(connection: object) -> None:
        connection.register("pinned_now", override)  # type: ignore[attr-defined]
        connection.execute(  # type: ignore[attr-defined]
            "INSERT INTO assignment_overrides BY NAME SELECT customer_no, area_id, plan_id, reason"
            " FROM pinned_now"
        )
        meta.touch_facts(connection, "areas")  # type: ignore[arg-type]

    town_database.write(pin)
    assert plan_diff.compare(town_database, PLANNER, plan).moved_customers == 19


def test_no_plan_and_none_in_force_are_said(town_database: Database) -> None:
    for ask in (plan_diff.compare, plan_diff.compared_cells):
        with pytest.raises(UserError) as refused:
            ask(town_database, PLANNER, 99, 1)
        assert refused.value.code == "plan_unknown"
