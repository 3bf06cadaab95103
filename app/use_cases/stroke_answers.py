"""What is told of a draft after a stroke: the cells as they are now, and what was refused."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from app.use_cases.actors import Actor
from app.use_cases.drafts import DraftArea, Sight, areas_seen
from app.use_cases.studio import Studio
from grid_cells import draft_log, drafts, plan_cells
from grid_cells.drafts import GONE, NO_AREA, Change, Refused, Rows
from grid_cells.errors import UserError

NOT_HERE: Final = "unit_not_here"
"""A cell in which no unit has its middle: there is nothing to move by painting it."""
NOTHING: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class CellRefusal:
    """Cells that stay as they are, for one reason: a code of the catalogues."""

    cells: list[int]
    code: str


@dataclass(frozen=True)
class Answer:
    """What became of a stroke, or what others did since.

    changes: area index (None for none) and the cells that show it now; undo, redo: how many of the
    person's own changes can be taken back or done again; left: units an undo had to leave; areas
    and locked (cells) are None where they are not told; notes: cells of which something is worth
    knowing; parted_at: the last change after which the plan was drawn on other cells.
    """

    seq: int
    changes: list[tuple[int | None, list[int]]]
    undo: int
    redo: int
    refused: list[CellRefusal] = field(default_factory=list)
    areas: list[DraftArea] | None = None
    locked: list[int] | None = None
    left: int = 0
    actors: tuple[str, ...] = ()
    notes: list[CellRefusal] = field(default_factory=list)
    parted_at: int = 0


@dataclass(frozen=True)
class Work:
    """One person at one draft, with what they may see of it."""

    held: Studio
    own: Sight
    actor: Actor

    def place_of(self, area_id: str) -> int:
        """The place of an area in sight; raises UserError `area_gone` for any other."""
        place = self.held.place_of(area_id)
        if self.own.areas is not None and not self.own.areas[place]:
            raise UserError("area_gone", area=area_id)
        return place

    def within(self, rows: Rows) -> Rows:
        """The units in sight."""
        return rows if self.own.rows is None else rows[self.own.rows[rows]]

    def part_of(self, change: Change) -> tuple[Change, int]:
        """What of a change is still in sight, and how many units are not: scopes may move."""
        if self.own.rows is None or self.own.areas is None:
            return change, 0
        mine = np.append(self.own.areas, [True, True, True])  # places below 0 read these
        # a cell that is gone lies nowhere: its family, below, is in sight with those that live
        kept = self.own.rows[change.rows] | (self.held.draft.area[change.rows] == GONE)
        if change.locks is not None:
            return replace(change, rows=change.rows[kept]), int((~kept).sum())
        kept &= mine[change.before] & mine[change.after]
        family = self.held.families(change)
        kept = kept if family is None else drafts.whole_families(kept, family)
        areas = tuple(one for one in change.areas if self.own.areas[one[0]])
        part = replace(
            change, rows=change.rows[kept], before=change.before[kept], after=change.after[kept],
            areas=areas,
        )  # fmt: skip
        return part, int((~kept).sum())

    def seen(self, places: Rows) -> Rows:
        """The cells in sight."""
        return places if self.own.cells is None else places[self.own.cells[places]]

    def answer(  # noqa: PLR0913
        self, places: Rows, refused: list[CellRefusal] | None = None, *,
        with_areas: bool = False, left: int = 0, actors: tuple[str, ...] = (),
        notes: list[CellRefusal] | None = None,
    ) -> Answer:  # fmt: skip
        """The draft's state at these cells."""
        held = self.held
        undo, redo = draft_log.stacks(held.log, self.actor.id)
        return Answer(
            held.draft.seq, shown(held, self.seen(places)), len(undo), len(redo), refused or [],
            areas=areas_seen(held, self.own) if with_areas else None, locked=self.locked(),
            left=left, actors=actors, notes=notes or [], parted_at=held.parted_at,
        )  # fmt: skip

    def locked(self) -> list[int]:
        """Cells in sight with a locked unit in them."""
        homes = self.held.book.home[np.flatnonzero(self.held.draft.locked)]
        cells: list[int] = self.held.book.cells[self.seen(np.unique(homes[homes >= 0]))].tolist()
        return cells

    def by_cells(self, refused: list[Refused]) -> list[CellRefusal]:
        """Refused units as the cells of their middles."""
        told = []
        for one in refused:
            places = np.unique(self.held.book.home[one.rows])
            told.append(CellRefusal(self.held.book.cells[places[places >= 0]].tolist(), one.code))
        return told

    def without_units(self, asked: Rows, target: int) -> list[CellRefusal]:
        """Cells asked for in which no unit has its middle, where they show another area."""
        book = self.held.book
        is_home = np.zeros(len(book.cells), dtype=bool)
        is_home[book.home[book.home >= 0]] = True
        now, _ = plan_cells.colours(book, self.held.draft.area, asked)
        left = self.seen(asked[~is_home[asked] & (now != target)])
        return [CellRefusal(book.cells[left].tolist(), NOT_HERE)] if len(left) else []


def shown(held: Studio, places: Rows) -> list[tuple[int | None, list[int]]]:
    """The cells at these places by the area they show, None for none or two."""
    if not len(places):
        return []
    now, _ = plan_cells.colours(held.book, held.draft.area, places)
    now = np.maximum(now, NO_AREA)
    cells = held.book.cells[places]
    return [
        (None if area == NO_AREA else area, cells[now == area].tolist())
        for area in np.unique(now).tolist()
    ]
