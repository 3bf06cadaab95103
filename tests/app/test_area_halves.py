"""An area made two by the machine, and the colours of areas that nobody chose."""

from typing import Any

import h3
import numpy as np
import pytest

from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import area_halves, area_strokes, drafts, strokes, studio
from app.use_cases.actors import Actor
from app.use_cases.area_strokes import AUTOMATIC, AreaWish
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from grid_cells.drafts import Area
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import LittleTown

PLANNER = Actor("user:town-planner", "吴越", role="planner")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))
NEW = Area("N-01", "New", unit_id="S1")


@pytest.fixture
def plan(town_database: Database) -> int:
    """A draft as the plan in force stands."""
    return drafts.begin(town_database, PLANNER, "July")


def cells_by_area(db: Database, plan: int) -> dict[str, set[str]]:
    names = {one.index: one.area.area_id for one in drafts.areas(db, PLANNER, plan)}
    found: dict[str, set[str]] = {}
    for cell, index in drafts.cells(db, PLANNER, plan)[["cell_id", "area_index"]].itertuples(
        index=False
    ):
        found.setdefault(names.get(index, ""), set()).add(h3.int_to_str(int(cell)))
    return found


def colours(db: Database, plan: int) -> dict[str, int]:
    return {one.area.area_id: one.colour for one in drafts.areas(db, PLANNER, plan)}


def is_one_piece(cells: set[str]) -> bool:
    reached, waiting = set(), {next(iter(cells))}
    while waiting:
        one = waiting.pop()
        reached.add(one)
        waiting |= (set(h3.grid_disk(one, 1)) & cells) - reached
    return reached == cells


def test_an_area_becomes_two_halves_in_one_piece_each_and_undo_joins_them(
    town_database: Database, plan: int
) -> None:
    before = cells_by_area(town_database, plan)
    area_halves.halve(town_database, PLANNER, Stroke(plan, "k"), "W-01", NEW)
    after = cells_by_area(town_database, plan)
    assert after["W-01"] | after["N-01"] == before["W-01"]
    assert after["E-01"] == before["E-01"]
    old, new = len(after["W-01"]), len(after["N-01"])
    assert abs(old - new) <= 1, "every cell has four customers"
    assert new <= old, "the lighter half is the new area"
    assert is_one_piece(after["W-01"])
    assert is_one_piece(after["N-01"])
    area_halves.halve(town_database, PLANNER, Stroke(plan, "k"), "W-01", NEW)
    assert cells_by_area(town_database, plan) == after, "a stroke sent twice counts once"
    strokes.undo(town_database, PLANNER, Stroke(plan, "u"))
    assert cells_by_area(town_database, plan) == before


def test_locked_units_stay_with_the_old_area(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    west = hex_to_cells([c for n, c in enumerate(town.cells) if town.is_west(n)]).tolist()
    strokes.lock_cells(town_database, PLANNER, Stroke(plan, "l", west[:3]), locked=True)
    area_halves.halve(town_database, PLANNER, Stroke(plan, "k"), "W-01", NEW)
    stay = {h3.int_to_str(cell) for cell in west[:3]}
    assert stay <= cells_by_area(town_database, plan)["W-01"]


def test_what_cannot_be_halved_is_said(
    town_database: Database, town: LittleTown, plan: int
) -> None:
    db = town_database

    def code(area_id: str, key: str) -> str:
        with pytest.raises(UserError) as raised:
            area_halves.halve(db, PLANNER, Stroke(plan, key), area_id, NEW)
        return raised.value.code

    area_strokes.lock_area(db, PLANNER, Stroke(plan, "1"), "E-01", locked=True)
    assert code("E-01", "a") == "area_locked"
    area_strokes.lock_area(db, PLANNER, Stroke(plan, "2"), "E-01", locked=False)
    by_lon = sorted(range(len(town.cells)), key=lambda n: town.places[n][1])
    far_west, far_east = (hex_to_cells([town.cells[by_lon[n]]]).tolist() for n in (0, -1))
    strokes.paint(db, PLANNER, Stroke(plan, "3", far_west, "E-01"))
    assert code("E-01", "b") == "split_apart"
    area_strokes.create_area(db, PLANNER, Stroke(plan, "4", far_east), Area("N-07", "one cell"))
    assert code("N-07", "c") == "split_too_small"
    every = hex_to_cells(town.cells).tolist()
    strokes.lock_cells(db, PLANNER, Stroke(plan, "5", every), locked=True)
    assert code("W-01", "d") in {"split_not_found", "split_takes_none"}
    assert code("nowhere", "e") == "area_gone"


def test_a_planner_of_one_station_halves_its_own_alone(town_database: Database, plan: int) -> None:
    area_halves.halve(town_database, NORTH, Stroke(plan, "k"), "W-01", NEW)
    with pytest.raises(UserError, match="area_gone"):
        area_halves.halve(
            town_database, NORTH, Stroke(plan, "m"), "E-01", Area("N-02", "x", None, "S1")
        )
    with pytest.raises(AccessDenied):
        area_halves.halve(
            town_database, NORTH, Stroke(plan, "n"), "W-01", Area("N-03", "x", None, "S2")
        )


def test_colours_differ_between_neighbours_and_do_not_turn_under_the_brush(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    db = town_database
    area_halves.halve(db, PLANNER, Stroke(plan, "k"), "W-01", NEW)
    first = colours(db, plan)
    assert first["W-01"] != first["N-01"]
    east = hex_to_cells([c for n, c in enumerate(town.cells) if not town.is_west(n)]).tolist()
    strokes.paint(db, PLANNER, Stroke(plan, "p", east[:9], "N-01"))
    assert colours(db, plan) == first
    area_strokes.change_area(db, PLANNER, Stroke(plan, "c"), "E-01", AreaWish(colour=7))
    assert colours(db, plan)["E-01"] == 7
    area_strokes.change_area(db, PLANNER, Stroke(plan, "d"), "E-01", AreaWish(colour=AUTOMATIC))
    held = studio.of_plan(db, plan).draft.areas
    assert [a.colour for a in held if a.area_id == "E-01"] == [None]
    now = colours(db, plan)
    assert now["W-01"] != now["N-01"]
    assert np.unique(list(now.values())).size >= 2


def test_a_name_alone_leaves_the_colour(town_database: Database, plan: int) -> None:
    db: Any = town_database
    area_strokes.change_area(db, PLANNER, Stroke(plan, "c"), "E-01", AreaWish(colour=7))
    area_strokes.change_area(db, PLANNER, Stroke(plan, "d"), "E-01", AreaWish(name="Far east"))
    (east,) = [one.area for one in drafts.areas(db, PLANNER, plan) if one.area.area_id == "E-01"]
    assert (east.name, east.colour) == ("Far east", 7)
