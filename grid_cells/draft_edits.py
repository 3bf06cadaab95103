"""Which units of a draft somebody drew by hand, as its log tells."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grid_cells.drafts import Change, Entry

PROPOSE: Final = "propose"
"""Kind of an entry that draws every area anew: what was drawn by hand before counts no more."""
BY_HAND: Final = ("paint", "create", "split")
"""Kinds of entries in which somebody chose units; merging or deleting an area chooses none."""


def drawn_by_hand(
    log: Sequence[Entry], changes: Mapping[int, Change], units: int
) -> NDArray[np.bool_]:
    """Per unit, whether a stroke by hand that still stands was the last to say whose it is.

    Strokes before the last proposal that still stands do not count, nor those taken back.
    `changes`: by the entry's number.
    """
    found = np.zeros(units, dtype=bool)
    for seq in _standing(log):
        change, kind = changes[seq], log[seq - 1].kind
        if change.locks is not None:
            continue
        if kind == PROPOSE:
            found[:] = False
        found[change.rows] = kind in BY_HAND
    return found


def _standing(log: Sequence[Entry]) -> list[int]:
    """Numbers of the changes that nobody has taken back, in order."""
    first: dict[int, int] = {}
    stands: dict[int, bool] = {}
    for entry in log:
        is_back = entry.kind in ("undo", "redo") and entry.of_seq is not None
        stroke = first[entry.seq] = first[entry.of_seq or 0] if is_back else entry.seq
        stands[stroke] = entry.kind != "undo"
    return [seq for seq, is_so in stands.items() if is_so]
