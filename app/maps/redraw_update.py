"""What a rerun tells the redraw tools: the plan, its areas, what is locked, and all words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

# Every word that the tools show, in the reader's language; {n} is a count, {names} people.
WORDS: Final = frozenset({
    "tools", "view", "brush", "lasso", "fill", "pick", "lock", "less", "more", "size", "target",
    "choose", "choose_first", "search", "no_area", "nothing_found", "locked", "not_yours", "undo",
    "redo", "help", "hands", "close", "recent", "key_space", "key_alt", "move_map",
    "back_to_view", "saved", "saving", "waiting_line", "waiting_server", "waiting_signed_out",
    "idle_line", "idle_server", "idle_signed_out", "not_kept", "read_only", "cells", "refused",
    "all_locked", "area_locked", "area_not_yours", "others", "select", "selected", "divide",
    "merge",
})  # fmt: skip


@dataclass(frozen=True)
class AreaChoice:
    """An area as a target for paint.

    index: its place in cells files and colours; colour: #rrggbb; is_mine: the reader may paint to
    it; deleted areas stay known, so that indexes keep their meaning.
    """

    index: int
    area_id: str
    name: str
    colour: str
    is_locked: bool = False
    is_mine: bool = True
    is_deleted: bool = False


@dataclass(frozen=True)
class RedrawUpdate:
    """State of the redraw tools.

    plan: id in the addresses of its strokes; actor: who paints, as among the `actors` of an answer:
    strokes that wait in a browser are kept by plan and actor; seq: number of the newest stroke in
    the cells file that is shown and in the other fields; locked, mixed: cells as 15-character hex;
    language: in which the server words its reasons; undo, redo: strokes that can be taken back and
    done again; selection_done: number of the event whose selected cells were dealt with;
    by_cells: whether the plan's units are cells, which can be divided and merged.
    """

    plan: str
    actor: str
    seq: int
    areas: Sequence[AreaChoice]
    words: Mapping[str, str]
    can_edit: bool = True
    language: str = "en"
    locked: Sequence[str] = ()
    mixed: Sequence[str] = ()
    undo: int = 0
    redo: int = 0
    selection_done: int | None = None
    by_cells: bool = True

    def state(self) -> dict[str, Any]:
        """State as the part's `update` takes it.

        Raises KeyError when words are missing.
        """
        missing = WORDS - self.words.keys()
        if missing:
            raise KeyError(f"words of the redraw tools: {', '.join(sorted(missing))}")
        return {
            "plan": self.plan,
            "actor": self.actor,
            "seq": self.seq,
            "areas": [asdict(area) for area in self.areas],
            "words": {name: self.words[name] for name in sorted(WORDS)},
            "canEdit": self.can_edit,
            "language": self.language,
            "locked": list(self.locked),
            "mixed": list(self.mixed),
            "undo": self.undo,
            "redo": self.redo,
            "selectionDone": self.selection_done,
            "byCells": self.by_cells,
        }
