"""The part of a draft that a person may have drawn or mended by the machine."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.store.database import Database
from app.use_cases import studio
from app.use_cases.actors import Actor
from app.use_cases.drafts import Sight, sight
from app.use_cases.strokes import Stroke
from app.use_cases.studio import Deed
from grid_cells import drafts
from grid_cells.drafts import Area, Change, Draft
from grid_cells.errors import UserError
from grid_cells.unit_graph import Ints

AreaChange = tuple[int, Area | None, Area | None]


@dataclass(frozen=True)
class Part:
    """Units and areas of a draft that may change.

    rows: the units; mine: places of the areas among the draft's; labels: by row the number of its
    area in `mine`, -1 for none or two; locked: by row whether the unit stays where it is.
    """

    rows: Ints
    mine: Ints
    labels: Ints
    locked: NDArray[np.bool_]

    def without(self, dropped: NDArray[np.bool_]) -> "Part":
        """The part less some of its rows."""
        kept = ~dropped
        return Part(self.rows[kept], self.mine, self.labels[kept], self.locked[kept])

    def in_order(self, order: Ints) -> "Part":
        """The part with its areas in another order, given by their numbers."""
        number = np.append(np.argsort(order), -1)  # no area reads the end
        return replace(self, mine=self.mine[order], labels=number[self.labels])

    def in_draft(self, draft: Draft, labels: Ints, place_of: Ints) -> Ints:
        """Place of each unit's area among the draft's, where the part is labelled like this.

        `place_of`: place of each label's area.
        """
        places = draft.area.astype(np.int64)
        placed = labels >= 0
        places[self.rows[placed]] = place_of[labels[placed]]
        return places


def part_of(draft: Draft, own: Sight, *, with_locked_areas: bool) -> Part:
    """What this sight of a draft may change; an area that is not in it keeps all its units.

    Raises UserError `plan_nothing_open` where there is nothing.
    """
    is_mine = np.array(
        [not one.is_deleted and (with_locked_areas or not one.is_locked) for one in draft.areas],
        dtype=bool,
    )
    if own.areas is not None:
        is_mine &= own.areas
    mine = np.flatnonzero(is_mine)
    place = np.full(len(draft.areas) + 3, -1, dtype=np.int64)  # places below 0 read the end
    place[mine] = np.arange(len(mine))
    labels = place[draft.area]
    is_open = (labels >= 0) | ((draft.area < 0) & (draft.area != drafts.GONE))
    rows = np.flatnonzero(is_open if own.rows is None else is_open & own.rows)
    if not len(mine) or not len(rows):
        raise UserError("plan_nothing_open")
    return Part(rows, mine, labels[rows], draft.locked[rows])


@dataclass(frozen=True)
class Redrawn:
    """A draft as the machine would have it: area by unit, made at change `seq`; areas it makes."""

    places: Ints
    seq: int
    areas: tuple[AreaChange, ...] = ()


def draw(db: Database, actor: Actor, stroke: Stroke, kind: str, redrawn: Redrawn) -> None:
    """Store what the machine drew as one stroke that can be undone.

    Raises UserError `plan_changed_meanwhile` where somebody drew since, or where it reaches
    beyond what the person may change now.
    """
    held = studio.of_plan(db, stroke.plan_id)
    with held.lock:
        if stroke.key in held.keys:
            return
        change = drafts.relabel(held.draft, redrawn.places.astype(np.int32))
        change = replace(change, areas=redrawn.areas)
        own = sight(db, actor, held)
        if held.draft.seq != redrawn.seq or not _is_own(own, change):
            raise UserError("plan_changed_meanwhile")
        if not change.is_nothing:
            studio.commit(db, held, Deed(actor.id, kind, stroke.key), change)


def _is_own(own: Sight, change: Change) -> bool:
    if own.rows is None or own.areas is None:
        return True
    made = [True] * len(change.areas)
    mine = np.append(own.areas, [*made, True, True, False])  # places below 0 read the end
    inside = own.rows[change.rows] & mine[change.before] & mine[change.after]
    return bool(inside.all())
