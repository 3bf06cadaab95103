"""Strokes on a draft: what they change, what they may not, and the way back."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells import draft_log, drafts
from grid_cells.drafts import NO_AREA, TWO_AREAS, Area, Change, Draft, Entry
from grid_cells.errors import UserError
from tests.laws import examples

WEST, EAST, HILL = 0, 1, 2
AREAS = (Area("W", "西区"), Area("E", "东区"), Area("H", "山区"))


def six() -> Draft:
    """Six units: two in the west, two in the east, one in the hills, one nobody's."""
    return drafts.begin([WEST, WEST, EAST, EAST, HILL, NO_AREA], AREAS)


def rows(*given: int) -> Any:
    return np.array(given, dtype=np.int64)


def after(draft: Draft, change: Change) -> list[int]:
    return drafts.apply(draft, change).area.tolist()


def test_a_stroke_moves_only_the_units_that_are_elsewhere() -> None:
    change, refused = drafts.paint(six(), rows(1, 2, 5, 5), WEST)
    assert change.rows.tolist() == [2, 5]
    assert change.before.tolist() == [EAST, NO_AREA]
    assert refused == []
    assert after(six(), change) == [0, 0, 0, 1, 2, 0]


def test_the_draft_before_stays_as_it_was() -> None:
    draft = six()
    drafts.apply(draft, drafts.paint(draft, rows(2), WEST)[0])
    assert draft.area.tolist() == [0, 0, 1, 1, 2, -1]
    assert draft.seq == 0


def test_locked_units_and_locked_areas_refuse_with_the_reason() -> None:
    draft = drafts.apply(six(), drafts.lock(six(), rows(2), locked=True))
    draft = drafts.lock_area(draft, HILL, locked=True)
    change, refused = drafts.paint(draft, rows(2, 3, 4), WEST)
    assert change.rows.tolist() == [3]
    told = {one.code: one.rows.tolist() for one in refused}
    assert told == {"unit_locked": [2], "area_locked": [4]}
    with pytest.raises(UserError, match="area_locked"):
        drafts.paint(draft, rows(0), HILL)


def test_what_is_not_mine_is_refused_and_what_is_nobodys_is_not() -> None:
    mine = np.array([True, False, False])
    change, refused = drafts.paint(six(), rows(2, 5), WEST, mine=mine)
    assert change.rows.tolist() == [5]
    assert [(one.code, one.rows.tolist()) for one in refused] == [("area_not_yours", [2])]
    with pytest.raises(UserError, match="area_not_yours"):
        drafts.paint(six(), rows(0), EAST, mine=mine)


def test_a_unit_that_somebody_changed_meanwhile_is_refused() -> None:
    draft = drafts.apply(six(), drafts.paint(six(), rows(2), HILL)[0])
    log = [Entry(1, "a", "paint")]
    others = drafts.changed_by_others(draft, log, "b", 0)
    change, refused = drafts.paint(draft, rows(2, 4), WEST, others=others)
    assert change.rows.tolist() == [4]
    assert [(one.code, one.rows.tolist()) for one in refused] == [("unit_changed", [2])]
    for actor, seen in (("b", 1), ("a", 0), ("b", None)):
        assert not drafts.changed_by_others(draft, log, actor, seen).any()


def test_locking_is_undone_like_any_stroke() -> None:
    locking = drafts.lock(six(), rows(0, 2), locked=True)
    draft = drafts.apply(six(), locking)
    assert draft.locked.tolist() == [True, False, True, False, False, False]
    assert drafts.lock(draft, rows(0), locked=True).is_nothing
    back, left = drafts.inverse(draft, locking)
    assert left == 0
    assert not drafts.apply(draft, back).locked.any()


def test_a_unit_claimed_twice_is_decided_by_a_stroke() -> None:
    draft = drafts.begin([TWO_AREAS, WEST], AREAS)
    change, refused = drafts.paint(draft, rows(0), EAST)
    assert refused == []
    assert after(draft, change) == [EAST, WEST]


def test_what_would_take_an_areas_last_units_leaves_all_of_them() -> None:
    change, refused = drafts.paint(six(), rows(2, 3, 4, 5), WEST)
    assert change.rows.tolist() == [5]
    assert [(one.code, one.rows.tolist()) for one in refused] == [("area_emptied", [2, 3, 4])]
    change, refused = drafts.paint(six(), rows(2, 4), WEST)
    assert change.rows.tolist() == [2]
    assert [(one.code, one.rows.tolist()) for one in refused] == [("area_emptied", [4])]


def test_a_unit_that_stays_for_another_reason_keeps_its_area_alive() -> None:
    draft = drafts.apply(six(), drafts.lock(six(), rows(2), locked=True))
    change, refused = drafts.paint(draft, rows(2, 3), NO_AREA)
    assert change.rows.tolist() == [3]
    assert [one.code for one in refused] == ["unit_locked"]


def test_an_area_made_empty_takes_units_and_gives_back_all_but_the_last() -> None:
    draft = drafts.apply(six(), drafts.create_area(six(), Area("N", "新区")))
    draft = drafts.apply(draft, drafts.paint(draft, rows(0, 5), 3)[0])
    assert draft.area.tolist() == [3, 0, 1, 1, 2, 3]
    change, refused = drafts.paint(draft, rows(0, 5), WEST)
    assert (change.rows.tolist(), refused[0].code) == ([], "area_emptied")


def test_merging_moves_all_units_and_deletes_the_area() -> None:
    merged = drafts.apply(six(), drafts.merge_areas(six(), EAST, WEST))
    assert merged.area.tolist() == [0, 0, 0, 0, 2, -1]
    assert merged.areas[EAST].is_deleted
    with pytest.raises(UserError, match="area_gone"):
        drafts.paint(merged, rows(4), EAST)
    with pytest.raises(UserError, match="area_same"):
        drafts.merge_areas(six(), EAST, EAST)


def test_splitting_makes_a_new_area_of_some_units() -> None:
    change = drafts.split_area(six(), WEST, rows(1, 2), Area("W2", "西二区"))
    split = drafts.apply(six(), change)
    assert split.area.tolist() == [0, 3, 1, 1, 2, -1]
    assert split.areas[3].area_id == "W2"
    with pytest.raises(UserError, match="split_takes_all"):
        drafts.split_area(six(), WEST, rows(0, 1), Area("W2", "西二区"))
    with pytest.raises(UserError, match="split_takes_none"):
        drafts.split_area(six(), WEST, rows(2), Area("W2", "西二区"))


def test_deleting_leaves_units_in_no_area_and_undo_brings_them_back() -> None:
    change = drafts.delete_area(six(), EAST)
    deleted = drafts.apply(six(), change)
    assert deleted.area.tolist() == [0, 0, -1, -1, 2, -1]
    back, left = drafts.inverse(deleted, change)
    restored = drafts.apply(deleted, back)
    assert left == 0
    assert restored.area.tolist() == six().area.tolist()
    assert restored.areas == AREAS


def test_undo_leaves_what_others_have_repainted_since() -> None:
    first, _ = drafts.paint(six(), rows(2, 5), WEST)
    draft = drafts.apply(six(), first)
    draft = drafts.apply(draft, drafts.paint(draft, rows(5), HILL)[0])
    back, left = drafts.inverse(draft, first)
    assert (back.rows.tolist(), left) == ([2], 1)
    assert after(draft, back) == [0, 0, 1, 1, 2, 2]


def test_an_area_others_have_painted_into_survives_the_undo_of_its_making() -> None:
    making = drafts.create_area(six(), Area("N", "新区"))
    draft = drafts.apply(six(), making)
    draft = drafts.apply(draft, drafts.paint(draft, rows(5), 3)[0])
    back, _ = drafts.inverse(draft, making)
    assert back.is_nothing


def test_undo_puts_nothing_into_an_area_that_is_gone() -> None:
    painted, _ = drafts.paint(six(), rows(3), WEST)
    draft = drafts.apply(six(), painted)
    draft = drafts.apply(draft, drafts.delete_area(draft, EAST))
    back, left = drafts.inverse(draft, painted)
    assert (back.is_nothing, left) == (True, 1)


def test_a_taken_id_cannot_be_given_again() -> None:
    with pytest.raises(UserError, match="area_exists"):
        drafts.create_area(six(), Area("W", "another"))


def test_undo_and_redo_are_each_persons_own() -> None:
    log = [Entry(1, "a", "paint"), Entry(2, "b", "paint"), Entry(3, "a", "paint")]
    assert draft_log.undoable(log, "a") == 3
    assert draft_log.undoable(log, "b") == 2
    log.append(Entry(4, "a", "undo", 3))
    assert draft_log.stacks(log, "a") == ([1], [4])
    log.append(Entry(5, "a", "redo", 4))
    assert draft_log.stacks(log, "a") == ([1, 5], [])
    log += [Entry(6, "a", "undo", 5), Entry(7, "a", "paint")]
    assert draft_log.stacks(log, "a") == ([1, 7], [])
    assert draft_log.undoable(log, "nobody") is None


UNITS = 12
STEPS = st.one_of(
    st.tuples(st.just("paint"), st.sets(st.integers(0, UNITS - 1)), st.integers(-1, 6)),
    st.tuples(st.just("merge"), st.integers(0, 6), st.integers(0, 6)),
    st.tuples(st.just("split"), st.integers(0, 6), st.sets(st.integers(0, UNITS - 1))),
    st.tuples(st.just("delete"), st.integers(0, 6), st.none()),
    st.tuples(st.just("lock"), st.sets(st.integers(0, UNITS - 1)), st.booleans()),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("redo"), st.none(), st.none()),
)


class Studio:
    """A draft with its log, as one or more people work on it."""

    def __init__(self) -> None:
        self.first = drafts.begin([n % 3 for n in range(UNITS)], AREAS)
        self.draft = self.first
        self.log: list[Entry] = []
        self.changes: dict[int, Change] = {}

    def do(self, actor: str, step: Any) -> None:
        kind, one, two = step
        try:
            found = self._change(actor, kind, one, two)
        except (UserError, IndexError):
            return
        if found is None:
            return
        change, of_seq = found
        self.draft = drafts.apply(self.draft, change)
        self.changes[self.draft.seq] = change
        self.log.append(Entry(self.draft.seq, actor, kind, of_seq))

    def _change(self, actor: str, kind: str, one: Any, two: Any) -> Any:
        if kind in ("undo", "redo"):
            find = draft_log.undoable if kind == "undo" else draft_log.redoable
            seq = find(self.log, actor)
            return None if seq is None else (drafts.inverse(self.draft, self.changes[seq])[0], seq)
        acts = {
            "paint": lambda: drafts.paint(self.draft, rows(*sorted(one)), two)[0],
            "merge": lambda: drafts.merge_areas(self.draft, one, two),
            "split": lambda: drafts.split_area(
                self.draft, one, rows(*sorted(two)),
                Area(f"N{len(self.draft.areas)}", "new")),
            "lock": lambda: drafts.lock(self.draft, rows(*sorted(one)), locked=two),
            "delete": lambda: drafts.delete_area(self.draft, one),
        }  # fmt: skip
        return acts[kind](), None

    def check(self) -> None:
        """A partition: every unit in one living area, or in none."""
        assert len(self.draft.area) == UNITS
        living = {n for n, area in enumerate(self.draft.areas) if not area.is_deleted}
        assert set(self.draft.area.tolist()) <= living | {NO_AREA}


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_after_any_work_of_one_person_undoing_everything_gives_the_first_plan_back(
    steps: list[Any],
) -> None:
    studio = Studio()
    for step in steps:
        studio.do("a", step)
        studio.check()
    while draft_log.undoable(studio.log, "a") is not None:
        studio.do("a", ("undo", None, None))
        studio.check()
    assert studio.draft.area.tolist() == studio.first.area.tolist()
    assert [a for a in studio.draft.areas if not a.is_deleted] == list(AREAS)
    for _ in range(len(steps)):
        studio.do("a", ("redo", None, None))
        studio.check()


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(STEPS, max_size=20), st.sets(st.integers(0, UNITS - 1)), st.integers(-1, 4))
def test_no_stroke_ever_empties_an_area(steps: list[Any], asked: set[int], to: int) -> None:
    studio = Studio()
    for step in steps:
        studio.do("a", step)
    before = set(studio.draft.area.tolist())
    try:
        change, refused = drafts.paint(studio.draft, rows(*sorted(asked)), to)
    except UserError:
        return
    later = drafts.apply(studio.draft, change)
    assert before - {NO_AREA} <= set(later.area.tolist())
    told = np.concatenate([change.rows, *(one.rows for one in refused)])
    elsewhere = [n for n in sorted(asked) if studio.draft.area[n] != to]
    assert sorted(told.tolist()) == elsewhere


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), STEPS), max_size=30))
def test_after_any_work_of_two_people_the_plan_is_still_a_partition(steps: list[Any]) -> None:
    studio = Studio()
    for actor, step in steps:
        studio.do(actor, step)
        studio.check()
