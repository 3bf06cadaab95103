"""Cells divided and merged: what changes, what is refused, and that nobody is lost by it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells import draft_log, draft_parts, drafts
from grid_cells.cell_parts import ancestors, children, counted_in, limits, parent_of
from grid_cells.cells import points_to_cells, resolutions
from grid_cells.draft_parts import Parting, Wish, families, mergeable
from grid_cells.drafts import GONE, NO_AREA, Area, Change, Draft, Entry
from tests.laws import examples

WEST, EAST = 0, 1
AREAS = (Area("W", "西区"), Area("E", "东区"))
PARENT = int(points_to_cells([114.3], [30.6], 8)[0])
SEVEN = children([PARENT])[1]
NEXT = int(points_to_cells([114.33], [30.6], 9)[0])
CELLS = np.append(SEVEN, NEXT)
COARSEST, FINEST = limits(9)


def rows(*given: int) -> Any:
    return np.array(given, dtype=np.int64)


def eight() -> Draft:
    """Seven siblings, four of them in the west, and a cell of another parent in the east."""
    return drafts.begin([WEST] * 4 + [EAST] * 3 + [EAST], AREAS)


def done(draft: Draft, found: Parting, cells: Any) -> tuple[Draft, Any]:
    grown = draft_parts.extend(draft, len(found.cells))
    return drafts.apply(grown, found.change), np.append(cells, found.cells)


def test_a_cell_gives_its_area_to_its_seven_children() -> None:
    found = divide(eight(), CELLS, rows(0), finest=FINEST)
    draft, cells = done(eight(), found, CELLS)
    assert draft.area.tolist() == [GONE, 0, 0, 0, 1, 1, 1, 1] + [WEST] * 7
    assert (parent_of(cells[8:]) == CELLS[0]).all()
    assert resolutions(cells[8:]).tolist() == [10] * 7
    assert found.refused == []


def test_children_that_are_there_already_are_used_again() -> None:
    found = divide(eight(), CELLS, rows(0), finest=FINEST)
    draft, cells = done(eight(), found, CELLS)
    back, left = drafts.inverse(draft, found.change, families(cells, found.change))
    draft = drafts.apply(draft, back)
    assert (left, draft.area.tolist()) == (0, eight().area.tolist() + [GONE] * 7)
    again = divide(draft, cells, rows(0), finest=FINEST)
    assert len(again.cells) == 0
    assert sorted(again.change.rows.tolist()) == [0, *range(8, 15)]


def test_a_parent_goes_where_most_of_its_customers_are() -> None:
    people = rows(1, 1, 1, 1, 5, 0, 0, 0)
    found = merge(eight(), CELLS, rows(2), people, coarsest=COARSEST)
    draft, cells = done(eight(), found, CELLS)
    assert cells[8] == PARENT
    assert draft.area.tolist() == [GONE] * 7 + [EAST, EAST]
    assert found.mixed.tolist() == [2]
    even = merge(eight(), CELLS, rows(2), rows(0, 0, 0, 0, 0, 0, 0, 9), coarsest=COARSEST)
    assert even.change.after[-1] == WEST  # nobody lives there: more of the cells


def test_empty_ground_of_no_area_does_not_decide_where_nobody_lives() -> None:
    draft = drafts.begin([NO_AREA] * 5 + [EAST] * 2 + [EAST], AREAS)
    found = merge(draft, CELLS, rows(0), np.zeros(8, np.int64), coarsest=COARSEST)
    assert found.change.after[-1] == EAST


def test_what_may_not_be_parted_says_why() -> None:
    locked = drafts.apply(eight(), drafts.lock(eight(), rows(1), locked=True))
    nobody = np.zeros(8, np.int64)
    asked = divide(locked, CELLS, rows(0, 1), finest=FINEST)
    assert told(asked) == {"unit_locked": [1]}
    assert told(merge(locked, CELLS, rows(0, 7), nobody, coarsest=COARSEST)) == {"unit_locked": [0]}
    assert told(divide(eight(), CELLS, rows(3), finest=9)) == {"cell_too_fine": [3]}
    assert told(merge(eight(), CELLS, rows(3), nobody, coarsest=9)) == {"cell_too_coarse": [3]}
    draft, cells = done(eight(), divide(eight(), CELLS, rows(0), finest=FINEST), CELLS)
    nobody = np.zeros(len(cells), np.int64)
    torn = merge(draft, cells, rows(1), nobody, coarsest=COARSEST)
    assert told(torn) == {"cell_siblings_divided": [1]}
    assert torn.change.is_nothing


def divide(draft: Draft, cells: Any, asked: Any, *, finest: int) -> Parting:
    return draft_parts.divide(draft, cells, Wish(asked, finest))


def merge(draft: Draft, cells: Any, asked: Any, people: Any, *, coarsest: int) -> Parting:
    return draft_parts.merge(draft, cells, Wish(asked, coarsest), people)


def told(found: Parting) -> dict[str, list[int]]:
    return {one.code: one.rows.tolist() for one in found.refused}


def test_an_undo_takes_back_a_whole_family_or_nothing_of_it() -> None:
    found = divide(eight(), CELLS, rows(0, 1), finest=FINEST)
    draft, cells = done(eight(), found, CELLS)
    draft = drafts.apply(draft, drafts.paint(draft, rows(8), EAST)[0])
    back, left = drafts.inverse(draft, found.change, families(cells, found.change))
    draft = drafts.apply(draft, back)
    assert left == 8
    assert draft.area[:8].tolist() == [GONE, WEST, 0, 0, 1, 1, 1, 1]
    assert (draft.area[parent_of(cells) == CELLS[0]] != GONE).all()
    assert (draft.area[parent_of(cells) == CELLS[1]] == GONE).all()


def test_nothing_is_painted_or_locked_where_a_cell_is_gone() -> None:
    draft, _ = done(eight(), divide(eight(), CELLS, rows(0), finest=FINEST), CELLS)
    change, refused = drafts.paint(draft, rows(0, 1), EAST)
    assert (change.rows.tolist(), refused) == ([1], [])
    assert drafts.lock(draft, rows(0), locked=True).is_nothing


def test_only_whole_families_without_anybody_are_offered() -> None:
    draft = drafts.begin([WEST] * 8, AREAS)
    every = np.arange(8)
    assert mergeable(draft, CELLS, every, np.zeros(8, np.int64)).tolist() == every.tolist()
    assert mergeable(draft, CELLS, every, rows(0, 0, 3, 0, 0, 0, 0, 0)).tolist() == [7]
    assert mergeable(eight(), CELLS, every, np.zeros(8, np.int64)).tolist() == [7]
    assert mergeable(draft, CELLS, every[1:], np.zeros(8, np.int64)).tolist() == [7]


@dataclass
class Desk:
    """A draft with its log, drawn on by anybody."""

    draft: Draft = field(default_factory=eight)
    cells: Any = field(default_factory=CELLS.copy)
    log: list[Entry] = field(default_factory=list)
    changes: dict[int, Change] = field(default_factory=dict)

    def keep(self, actor: str, kind: str, change: Change, of: int | None = None) -> None:
        self.draft = drafts.apply(self.draft, change)
        self.log.append(Entry(self.draft.seq, actor, kind, of))
        self.changes[self.draft.seq] = change

    def part(self, actor: str, found: Parting) -> None:
        if found.change.is_nothing:
            return
        self.draft = draft_parts.extend(self.draft, len(found.cells))
        self.cells = np.append(self.cells, found.cells)
        self.keep(actor, "part", found.change)

    def back(self, actor: str, kind: str) -> bool:
        find = draft_log.undoable if kind == "undo" else draft_log.redoable
        of = find(self.log, actor)
        if of is None:
            return False
        family = families(self.cells, self.changes[of])
        change, _ = drafts.inverse(self.draft, self.changes[of], family)
        self.keep(actor, kind, change, of)
        return True

    def people(self) -> Any:
        """Customers of each unit, each counted once."""
        living = self.cells[self.draft.living]
        found = counted_in(*HOMES, living)
        assert np.isin(found, living).all()
        place = {cell: n for n, cell in enumerate(self.cells.tolist())}
        return np.bincount([place[cell] for cell in found.tolist()], minlength=len(self.cells))


def _homes() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(4)
    lon, lat = 114.3 + rng.normal(0, 0.02, 4000), 30.6 + rng.normal(0, 0.01, 4000)
    cells = points_to_cells(lon, lat, 9)
    inside = np.isin(cells, CELLS)
    return cells[inside], lon[inside], lat[inside]


HOMES = _homes()
ACTS = st.tuples(
    st.sampled_from(["paint", "divide", "divide", "merge", "merge", "lock", "unlock", "undo",
                     "redo", "join"]),
    st.integers(0, 200), st.integers(0, 1),
)  # fmt: skip


def act(desk: Desk, actor: str, one: tuple[str, int, int]) -> None:
    kind, number, area = one
    living = desk.draft.living
    some = living[[number % len(living), (number * 7) % len(living)]]
    if kind in ("undo", "redo"):
        desk.back(actor, kind)
    elif kind == "divide":
        desk.part(actor, divide(desk.draft, desk.cells, some, finest=FINEST))
    elif kind == "merge":
        found = merge(desk.draft, desk.cells, some, desk.people(), coarsest=COARSEST)
        desk.part(actor, found)
    elif kind in ("lock", "unlock"):
        desk.keep(actor, kind, drafts.lock(desk.draft, some, locked=kind == "lock"))
    elif kind == "paint" and not desk.draft.areas[area].is_deleted:
        desk.keep(actor, kind, drafts.paint(desk.draft, some, area)[0])
    elif not any(one.is_deleted for one in desk.draft.areas) and not desk.draft.locked.any():
        desk.keep(actor, kind, drafts.merge_areas(desk.draft, area, 1 - area))


def check_whole(desk: Desk) -> None:
    living = desk.cells[desk.draft.living]
    assert not np.isin(living, ancestors(living, 0)).any()
    assert desk.people().sum() == len(HOMES[0])
    assert len(np.unique(desk.cells)) == len(desk.cells)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), ACTS), max_size=25))
def test_every_customer_counts_in_one_living_cell_whatever_two_people_do(given: Any) -> None:
    desk = Desk()
    for actor, one in given:
        act(desk, actor, one)
        check_whole(desk)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_undoing_everything_gives_the_first_plan_back(given: Any) -> None:
    desk = Desk()
    for one in given:
        act(desk, "a", one)
    while desk.back("a", "undo"):
        check_whole(desk)
    assert desk.draft.area[:8].tolist() == eight().area.tolist()
    assert (desk.draft.area[8:] == GONE).all()
    assert not desk.draft.locked.any()


@pytest.mark.parametrize(("store", "expected"), [(9, (6, 11)), (2, (0, 4)), (14, (11, 15))])
def test_how_far_cells_may_leave_the_stores_resolution(store: int, expected: Any) -> None:
    assert limits(store) == expected
