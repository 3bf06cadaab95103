"""Whose turn it is in a draft's log: which change the next undo or redo of a person takes back."""

from collections.abc import Sequence

from grid_cells.drafts import LOCK_AREA, Entry


def undoable(log: Sequence[Entry], actor: str) -> int | None:
    """Number of the change that this person's next undo takes back, None without one."""
    undo, _ = stacks(log, actor)
    return undo[-1] if undo else None


def redoable(log: Sequence[Entry], actor: str) -> int | None:
    """Number of the undo that this person's next redo takes back, None without one."""
    _, redo = stacks(log, actor)
    return redo[-1] if redo else None


def stacks(log: Sequence[Entry], actor: str) -> tuple[list[int], list[int]]:
    """Changes of one person that can be undone, and their undos that can be redone, oldest first.

    An undo takes back the last change (or redo) that still stands; a redo takes back the last
    undo; a new change empties the second list.
    """
    undo: list[int] = []
    redo: list[int] = []
    for entry in log:
        if entry.actor != actor or entry.kind == LOCK_AREA:
            continue
        if entry.kind == "undo":
            undo.pop()
            redo.append(entry.seq)
        elif entry.kind == "redo":
            redo.pop()
            undo.append(entry.seq)
        else:
            undo.append(entry.seq)
            redo.clear()
    return undo, redo
