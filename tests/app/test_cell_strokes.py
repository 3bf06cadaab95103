"""Cells of the little town's draft divided and merged: stored, counted, told, published."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pytest

from app.store.database import Connection, Database, register
from app.store.scope import Scope
from app.use_cases import (
    cell_strokes,
    clock,
    derive,
    draft_balance,
    drafts,
    hand_over,
    plan_areas,
    plan_checks,
    plan_life,
    strokes,
    studio,
    whose,
)
from app.use_cases.actors import Actor
from app.use_cases.hand_over import Changes
from app.use_cases.strokes import Stroke
from grid_cells.cell_parts import children, counted_in, parent_of
from grid_cells.cells import centres, hex_to_cells, resolutions
from grid_cells.errors import UserError
from grid_cells.plan_life import Term
from tests.conftest import LittleTown, copy_of

PLANNER = Actor("user:town-planner", "吴越", role="planner")
OTHER = Actor("user:town-other", "Other", role="planner")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))


def spread_out(db: Database) -> None:
    """Let the customers of each cell live in several of its children, two of four in the first."""
    people = db.query(
        "SELECT customer_no, cell_id,"
        " row_number() OVER (PARTITION BY cell_id ORDER BY customer_no) AS n FROM customers"
        " WHERE cell_id IS NOT NULL"
    )
    kids = children(people["cell_id"])[1].reshape(-1, 7)
    at = np.maximum(people["n"].to_numpy() - 2, 0) % 7
    lon, lat = centres(kids[np.arange(len(kids)), at])
    moved = people.assign(lon=lon, lat=lat)

    def change(connection: Connection) -> None:
        register(connection, "moved", moved)
        connection.execute(
            "UPDATE customers SET lon = m.lon, lat = m.lat FROM moved m"
            " WHERE m.customer_no = customers.customer_no"
        )
        connection.unregister("moved")

    db.write(change)


@pytest.fixture
def plan(town_database: Database) -> int:
    spread_out(town_database)
    return drafts.begin(town_database, PLANNER, "July", basis="cell")


@pytest.fixture
def cells(town: LittleTown) -> list[int]:
    found: list[int] = hex_to_cells(town.cells).tolist()
    return found


def shown(db: Database, plan: int, actor: Actor = PLANNER) -> dict[int, tuple[int, float]]:
    """Area index and customers of each cell of a draft."""
    frame = drafts.cells(db, actor, plan)
    pairs = zip(frame["area_index"].tolist(), frame["value"].tolist(), strict=True)
    return dict(zip(frame["cell_id"].tolist(), pairs, strict=True))


def test_a_divided_cell_gives_way_to_its_children_and_keeps_its_customers(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    before = shown(town_database, plan)
    answer = cell_strokes.divide(town_database, PLANNER, Stroke(plan, "d1", cells[:1]))
    kids = children([cells[0]])[1].tolist()
    assert answer.parted_at == answer.seq == 1
    assert [sorted(some) for _, some in answer.changes] == [sorted(kids)]
    now = shown(town_database, plan)
    assert cells[0] not in now
    assert {now[kid][0] for kid in kids} == {before[cells[0]][0]}
    assert sum(now[kid][1] for kid in kids) == before[cells[0]][1]
    assert sum(people for _, people in now.values()) == 244
    again = cell_strokes.divide(town_database, PLANNER, Stroke(plan, "d1", cells[:1]))
    assert again.seq == 1
    strokes.undo(town_database, PLANNER, Stroke(plan, "u1"))
    assert shown(town_database, plan) == before


def test_cells_merge_into_the_parent_and_the_mixed_ones_are_told(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    total = sum(people for _, people in shown(town_database, plan).values())
    answer = cell_strokes.merge(town_database, PLANNER, Stroke(plan, "m1", cells))
    now = shown(town_database, plan)
    assert set(now) == set(parent_of(cells).tolist())
    assert sum(people for _, people in now.values()) == total
    assert [one.code for one in answer.notes] == ["cells_merged_mixed"]
    assert answer.refused == []


def test_parted_cells_survive_a_restart(town_file: Path, tmp_path: Path, cells: list[int]) -> None:
    with Database(copy_of(town_file, tmp_path)) as db:
        plan = drafts.begin(db, PLANNER, "July", basis="cell")
        cell_strokes.divide(db, PLANNER, Stroke(plan, "d1", cells[:2]))
        kids = children([cells[0]])[1].tolist()
        strokes.paint(db, PLANNER, Stroke(plan, "p1", kids[:3], None))
        cell_strokes.divide(db, PLANNER, Stroke(plan, "d2", kids[3:4]))
        before = shown(db, plan)
    with Database(tmp_path / town_file.name) as db:
        assert shown(db, plan) == before
        for n in range(3):
            strokes.undo(db, PLANNER, Stroke(plan, f"u{n}"))
        assert sorted(shown(db, plan)) == sorted(cells)


def test_a_stroke_over_a_cell_divided_meanwhile_is_refused_for_its_children(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    cell_strokes.divide(town_database, OTHER, Stroke(plan, "d1", cells[:1], seen=0))
    answer = strokes.paint(town_database, PLANNER, Stroke(plan, "p1", cells[:1], None, seen=0))
    kids = children([cells[0]])[1].tolist()
    assert [(one.code, sorted(one.cells)) for one in answer.refused] == [
        ("unit_changed", sorted(kids))
    ]
    own = strokes.paint(town_database, PLANNER, Stroke(plan, "p2", cells[:1], None, seen=1))
    assert own.changes == [(None, sorted(kids))]


def test_locked_cells_and_limits_refuse(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    strokes.lock_cells(town_database, PLANNER, Stroke(plan, "l1", cells[:1]), locked=True)
    answer = cell_strokes.divide(town_database, PLANNER, Stroke(plan, "d1", cells[:1]))
    assert [(one.code, one.cells) for one in answer.refused] == [("unit_locked", cells[:1])]
    some = cells[1:2]
    for n in range(2):
        cell_strokes.divide(town_database, PLANNER, Stroke(plan, f"d2{n}", some))
        some = children(some)[1].tolist()[:1]
    last = cell_strokes.divide(town_database, PLANNER, Stroke(plan, "d3", some))
    assert [(one.code, one.cells) for one in last.refused] == [("cell_too_fine", some)]


def test_a_plan_by_transformers_has_no_cells_to_divide(town_database: Database) -> None:
    plan = drafts.begin(town_database, PLANNER, "T", basis="transformer")
    for act in (cell_strokes.divide, cell_strokes.merge):
        with pytest.raises(UserError, match="plan_cells_only"):
            act(town_database, PLANNER, Stroke(plan, "d1"))


def test_whoever_sees_a_part_divides_only_there(
    town_database: Database, plan: int, town: LittleTown, cells: list[int]
) -> None:
    db = town_database
    mine = set(shown(db, plan, NORTH))
    beyond = [one for one in cells if one not in mine]
    assert mine
    assert beyond
    answer = cell_strokes.divide(db, NORTH, Stroke(plan, "d1", [min(mine), beyond[0]]))
    now = shown(town_database, plan)
    assert min(mine) not in now
    assert beyond[0] in now
    kids = set(children([min(mine)])[1].tolist())
    assert set(shown(db, plan, NORTH)) == mine - {min(mine)} | kids
    assert answer.seq == 1
    undone = strokes.undo(db, NORTH, Stroke(plan, "u1"))
    assert (undone.left, set(shown(db, plan, NORTH))) == (0, mine)


def test_dense_and_empty_cells_are_offered(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    assert sorted(cell_strokes.over(town_database, PLANNER, plan, 3).cells) == sorted(cells)
    assert cell_strokes.over(town_database, PLANNER, plan, 4).cells == []
    assert cell_strokes.empty(town_database, PLANNER, plan).cells == []
    cell_strokes.divide(town_database, PLANNER, Stroke(plan, "d1", cells))
    offered = cell_strokes.over(town_database, PLANNER, plan, 1)
    people = shown(town_database, plan)
    assert {people[one][1] for one in offered.cells} <= {2.0, 3.0, 4.0}
    assert offered.instead == 7 * len(offered.cells)


def figures(db: Database, plan: int) -> Any:
    weighed = draft_balance.weigh_draft(db, PLANNER, plan)
    units = weighed.judged.figures.units
    sums = units[["customers", "meters", "energy_kwh", "hours", "faults"]].sum()
    return weighed, sums.round(6).to_dict()


def test_figures_hold_whatever_is_divided_or_merged(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    first, sums = figures(town_database, plan)
    cell_strokes.divide(town_database, PLANNER, Stroke(plan, "d1", cells[:9]))
    fine, divided = figures(town_database, plan)
    assert divided == sums
    assert fine.balance.weight.tolist() == first.balance.weight.tolist()
    assert fine.balance.stray_pieces == first.balance.stray_pieces
    assert fine.moved.empty
    cell_strokes.merge(town_database, PLANNER, Stroke(plan, "m1", cells[20:]))
    coarse, merged = figures(town_database, plan)
    assert merged == sums
    assert coarse.balance.weight.sum() == first.balance.weight.sum()
    frame = drafts.cells(town_database, PLANNER, plan)
    assert set(resolutions(frame["cell_id"]).tolist()) == {8, 9, 10}
    assert coarse.compactness == pytest.approx(first.compactness, rel=0.25)


def test_who_moves_is_told_by_the_finest_cells_of_both_plans(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    cell_strokes.merge(town_database, PLANNER, Stroke(plan, "m1", cells))
    weighed, _ = figures(town_database, plan)
    told = hand_over.pairs(
        town_database, PLANNER, Changes(weighed.moved, "cell", clock.now(town_database))
    )
    moving = set(weighed.moved["unit"]) & set(cells)
    assert 0 < told["customers"].sum() == 4 * len(moving)


def test_a_published_plan_of_mixed_cells_says_whose_everybody_is(
    town_database: Database, plan: int, cells: list[int]
) -> None:
    db = town_database
    now = clock.now(db)
    cell = next(one for one in cells[:40] if len(set(in_children(db, one))) > 1)
    kids = children([cell])[1].tolist()
    people = customers_in(db, cell)
    old = whose.whose(db, PLANNER, customer=people["customer_no"][0]).area
    cell_strokes.divide(db, PLANNER, Stroke(plan, "d1", [cell]))
    target = next(k for k in kids if shown(db, plan)[k][1] > 0)
    other = "E-01" if old == "W-01" else "W-01"
    strokes.paint(db, PLANNER, Stroke(plan, "p1", [target], other))
    moved = shown(db, plan)[target][1]
    cell_strokes.merge(db, PLANNER, Stroke(plan, "m1", cells[40:]))
    expected = {
        one.area.area_id: sum(n for at, n in shown(db, plan).values() if at == one.index)
        for one in drafts.areas(db, PLANNER, plan)
    }
    _publish(db, plan, now)
    derive.refresh(db, clock.now(db))
    held = db.query("SELECT area_id, count(*) AS n FROM customer_areas GROUP BY 1")
    assert dict(zip(held["area_id"], held["n"], strict=True)) == expected
    answers = [whose.whose(db, PLANNER, customer=no).area for no in people["customer_no"]]
    assert answers.count(other) == moved
    for row, area in zip(people.itertuples(), answers, strict=True):
        assert whose.whose(db, PLANNER, at=(row.lon, row.lat)).area == area
    before = whose.whose(db, PLANNER, customer=people["customer_no"][0], on=now - timedelta(days=1))
    assert before.area == old
    mixed = db.query("SELECT area_id, is_mixed, areas FROM cell_areas WHERE cell_id = ?", [cell])
    assert bool(mixed["is_mixed"][0])
    assert sorted(mixed["areas"][0]) == ["E-01", "W-01"]
    counted = db.query("SELECT count(*) AS n FROM customers")["n"][0]
    assert sum(expected.values()) == counted
    again = drafts.begin(db, PLANNER, "August")
    assert shown(db, again) == shown(db, plan)
    assert draft_balance.weigh_draft(db, PLANNER, again).moved.empty


def customers_in(db: Database, cell: int) -> Any:
    return db.query(
        "SELECT customer_no, lon, lat FROM customers WHERE cell_id = ? ORDER BY 1", [cell]
    )


def in_children(db: Database, cell: int) -> list[int]:
    people = customers_in(db, cell)
    kids = children([cell])[1]
    found: list[int] = counted_in([cell] * len(people), people["lon"], people["lat"], kids).tolist()
    return found


def _publish(db: Database, plan: int, now: Any) -> None:
    held = studio.of_plan(db, plan)
    assert np.isin(held.units[held.draft.living], list(shown(db, plan))).all()
    manager = Actor("user:town-manager", "周明", role="manager")
    for one in plan_checks.findings(db, PLANNER, plan):
        if one.problem.level == "no":
            assert one.problem.code == "area_in_pieces"
            about = (one.problem.code, one.area_id)
            plan_checks.excuse(db, PLANNER, plan, about, "one child goes over")
    plan_life.submit(db, PLANNER, plan)
    plan_life.approve(db, manager, plan)
    plan_life.publish(db, manager, Term(plan, now))


def test_an_area_in_one_piece_stays_so_whatever_of_it_is_merged(
    town_database: Database, plan: int, town: LittleTown
) -> None:
    """Merged cells stand elsewhere among the units; what touches them is worked out anew."""
    before = draft_balance.weigh_draft(town_database, PLANNER, plan).balance.pieces.tolist()
    have = set(town.cells)
    parents = sorted({h3.cell_to_parent(cell, 8) for cell in have})
    whole = [one for one in parents if set(h3.cell_to_children(one, 9)) <= have]
    for n, parent in enumerate(whole):
        kids = hex_to_cells(sorted(h3.cell_to_children(parent, 9))).tolist()
        cell_strokes.merge(town_database, PLANNER, Stroke(plan, f"m{n}", kids))
        weighed = draft_balance.weigh_draft(town_database, PLANNER, plan)
        assert weighed.balance.pieces.tolist() == before == [1, 1]
        told = plan_areas.areas_of(town_database, PLANNER, plan)
        shown = weighed.judged.consequences.after.loc[told.areas.index, "customers"]
        assert told.areas["customers"].tolist() == shown.tolist()
        assert (told.areas["pieces"].tolist(), told.no_area_customers) == ([1, 1], 0)
