"""Which units were drawn by hand, as a draft's log tells."""

from typing import Any

import numpy as np

from grid_cells.draft_edits import drawn_by_hand
from grid_cells.drafts import Change, Entry


class Log:
    """A log of four units, written one deed at a time."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.changes: dict[int, Change] = {}

    def add(self, kind: str, *rows: int, of: int | None = None, locks: bool | None = None) -> "Log":
        seq = len(self.entries) + 1
        none: Any = np.zeros(len(rows), dtype=np.int32)
        self.entries.append(Entry(seq, "a", kind, of))
        self.changes[seq] = Change(np.array(rows, dtype=np.int64), none, none, locks=locks)
        return self

    @property
    def found(self) -> list[int]:
        return np.flatnonzero(drawn_by_hand(self.entries, self.changes, 4)).tolist()


def test_strokes_new_areas_and_splits_are_drawn_by_hand_and_nothing_else_is() -> None:
    log = Log().add("paint", 0).add("create", 1).add("split", 2)
    assert log.found == [0, 1, 2]
    assert log.add("merge", 0, 3).found == [1, 2]
    assert log.add("delete", 1).found == [2]
    assert log.add("lock", 2, 3, locks=True).found == [2]
    assert log.add("lock_area").found == [2]


def test_a_proposal_lets_go_of_everything_before_it_until_it_is_taken_back() -> None:
    log = Log().add("paint", 0).add("propose", 1).add("paint", 2)
    assert log.found == [2]
    assert log.add("undo", 2, of=3).add("undo", 1, of=2).found == [0]
    assert log.add("redo", 1, of=5).found == []


def test_what_a_repair_has_moved_is_drawn_by_hand_no_more() -> None:
    log = Log().add("paint", 0, 1).add("repair", 1, 3)
    assert log.found == [0]
    assert log.add("undo", 1, 3, of=2).found == [0, 1]


def test_a_stroke_taken_back_and_done_again_counts_again() -> None:
    log = Log().add("paint", 0).add("undo", 0, of=1)
    assert log.found == []
    log.add("redo", 0, of=2)
    assert log.found == [0]
    assert log.add("undo", 0, of=3).found == []
