"""A draft of a service plan: which area each unit has, and how strokes change it and are undone.

A unit is a transformer or a cell, by the plan's basis. Everything here is values in, values out:
the draft before stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grid_cells.errors import UserError

Rows = NDArray[np.int64]
Places = NDArray[np.int32]

LOCK_AREA: Final = "lock_area"
"""Kind of a log's entry that closes or opens an area: nobody's undo takes it back."""
NO_AREA: Final = -1
TWO_AREAS: Final = -2
"""A unit that two areas claim, until a planner decides."""
GONE: Final = -3
"""A cell that was divided, or merged into its parent: other units stand for its ground."""
_NOBODYS: Final = (False, False, False)
"""Read by the three above at the end of whatever is told of each area."""


@dataclass(frozen=True)
class Area:
    """A service area of a draft; its place in the draft's areas is its number for good.

    `colour` is a place in the palette, None = by neighbourhood. A deleted area keeps its place.
    """

    area_id: str
    name: str
    hall_id: str | None = None
    unit_id: str | None = None
    colour: int | None = None
    is_locked: bool = False
    is_deleted: bool = False


@dataclass(frozen=True)
class Draft:
    """A plan being drawn, after `seq` changes.

    area: int32 per unit, a place in `areas`, NO_AREA, TWO_AREAS or GONE; locked: bool per unit;
    changed_at: int64 per unit, the change that last touched it (0 = none).
    """

    area: Places
    locked: NDArray[np.bool_]
    changed_at: Rows
    areas: tuple[Area, ...]
    seq: int = 0

    @property
    def living(self) -> Rows:
        """Rows of the units that are on the map now."""
        return np.flatnonzero(self.area != GONE)


@dataclass(frozen=True)
class Change:
    """What one stroke does: rows of units with their area before and after, and areas likewise.

    `areas`: (place, before, after); None before = the area is made by this change. Where `locks` is
    given the units move nowhere: they are closed against strokes (True) or opened again (False).
    """

    rows: Rows
    before: Places
    after: Places
    areas: tuple[tuple[int, Area | None, Area | None], ...] = ()
    locks: bool | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether the change leaves everything as it was."""
        return len(self.rows) == 0 and not self.areas


@dataclass(frozen=True)
class Refused:
    """Units a stroke may not change, for one reason: a code of the catalogues."""

    rows: Rows
    code: str


@dataclass(frozen=True)
class Entry:
    """One line of a draft's log: its number, who did it, and which change it undoes or redoes."""

    seq: int
    actor: str
    kind: str
    of_seq: int | None = None


def begin(area: Sequence[int] | Places, areas: Sequence[Area]) -> Draft:
    """Draft in which nothing was changed yet.

    Raises ValueError where a unit's area is none of the areas.
    """
    given = np.asarray(area, dtype=np.int32)
    if given.size and (given.max() >= len(areas) or given.min() < GONE):
        raise ValueError("a unit's area is none of the draft's")
    none = np.zeros(len(given), dtype=np.int64)
    return Draft(given, none.astype(bool), none, tuple(areas))


def paint(
    draft: Draft,
    rows: Rows,
    to: int,
    *,
    others: NDArray[np.bool_] | None = None,
    mine: NDArray[np.bool_] | None = None,
) -> tuple[Change, list[Refused]]:
    """What giving these units to the area `to` (NO_AREA: none) changes, and what it may not.

    `others` tells per unit whether somebody else changed it since the painter looked, as from
    `changed_by_others`; `mine` per area whether the painter may change it. An area whose last
    units would go keeps all that were asked of it. Raises UserError `area_gone`, `area_locked` or
    `area_not_yours` where the target itself is not to be had.
    """
    _check_target(draft, to, mine)
    asked = np.unique(np.asarray(rows, dtype=np.int64))
    asked = asked[(draft.area[asked] != to) & (draft.area[asked] != GONE)]
    reasons = _unless_emptied(draft, asked, reasons_against(draft, asked, others, mine))
    return _repainted(draft, asked[reasons == 0], to), told_of(asked, reasons)


_LOCKED, _AREA_LOCKED, _NOT_YOURS, _CHANGED, _EMPTIED = 1, 2, 3, 4, 5
_REASONS: Final = (
    (_LOCKED, "unit_locked"),
    (_AREA_LOCKED, "area_locked"),
    (_NOT_YOURS, "area_not_yours"),
    (_CHANGED, "unit_changed"),
    (_EMPTIED, "area_emptied"),
)


def told_of(rows: Rows, reasons: Rows) -> list[Refused]:
    """The refused among the rows, by their reasons as from `reasons_against`."""
    return [Refused(rows[reasons == n], code) for n, code in _REASONS if (reasons == n).any()]


def _check_target(draft: Draft, to: int, mine: NDArray[np.bool_] | None) -> None:
    if to == NO_AREA:
        return
    if not 0 <= to < len(draft.areas) or draft.areas[to].is_deleted:
        raise UserError("area_gone")
    if draft.areas[to].is_locked:
        raise UserError("area_locked", area=draft.areas[to].name)
    if mine is not None and not mine[to]:
        raise UserError("area_not_yours", area=draft.areas[to].name)


def changed_by_others(
    draft: Draft, log: Sequence[Entry], actor: str, seen: int | None
) -> NDArray[np.bool_]:
    """Whether somebody else last changed each unit, after the change `seen` (None: never mind)."""
    if seen is None:
        return np.zeros(len(draft.area), dtype=bool)
    foreign = np.array([False, *(entry.actor != actor for entry in log)])
    changed: NDArray[np.bool_] = (draft.changed_at > seen) & foreign[draft.changed_at]
    return changed


def reasons_against(
    draft: Draft,
    rows: Rows,
    others: NDArray[np.bool_] | None = None,
    mine: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Why each unit is refused, 0 for those that may change; the first reason counts."""
    held = draft.area[rows]
    shut = np.array([*(area.is_locked for area in draft.areas), *_NOBODYS])
    foreign = np.zeros(len(rows), dtype=bool)
    if mine is not None:
        foreign = np.append(~mine, _NOBODYS)[held]
    later = np.zeros(len(rows), dtype=bool) if others is None else others[rows]
    # places below 0 read the last entries: a unit in no area is nobody's to refuse
    return np.select(
        [draft.locked[rows], shut[held], foreign, later],
        [_LOCKED, _AREA_LOCKED, _NOT_YOURS, _CHANGED],
        0,
    )


def _unless_emptied(draft: Draft, rows: Rows, reasons: Rows) -> Rows:
    """The reasons, with one more for units that would leave their area without any."""
    held = draft.area[rows]
    left = _counts(draft.area, draft) - _counts(held[reasons == 0], draft)
    return np.where((reasons == 0) & (held >= 0) & (left[held] == 0), _EMPTIED, reasons)


def _counts(area: Places, draft: Draft) -> Rows:
    """Units by area; two more at the end, which units in no area or in two read."""
    return np.bincount(area[area >= 0], minlength=len(draft.areas) + 2)


def _repainted(draft: Draft, rows: Rows, to: int) -> Change:
    return Change(rows, draft.area[rows], np.full(len(rows), to, dtype=np.int32))


def create_area(draft: Draft, area: Area) -> Change:
    """What a new, empty area changes; raises UserError `area_exists` where its id is taken."""
    if area.area_id in {one.area_id for one in draft.areas}:
        raise UserError("area_exists", area=area.area_id)
    return _of_areas((len(draft.areas), None, area))


def change_area(draft: Draft, place: int, **changed: object) -> Change:
    """What another name, colour, hall or unit of an area changes."""
    held, after = draft.areas[place], replace(draft.areas[place], **changed)  # type: ignore[arg-type]
    return _of_areas() if after == held else _of_areas((place, held, after))


def merge_areas(draft: Draft, source: int, into: int) -> Change:
    """What giving all of `source` to `into` changes; `source` is deleted.

    Raises UserError `area_locked` or `area_gone` for either, `area_same` where they are one,
    `area_has_locked` where units of it are locked.
    """
    if source == into:
        raise UserError("area_same", area=draft.areas[source].name)
    for place in (source, into):
        _check_target(draft, place, None)
    moved = _repainted(draft, _open_units_of(draft, source), into)
    return replace(moved, areas=(_deletion(draft, source),))


def delete_area(draft: Draft, place: int) -> Change:
    """What deleting an area changes: its units are in no area then.

    Raises UserError `area_locked`, `area_gone`, `area_has_locked`.
    """
    _check_target(draft, place, None)
    freed = _repainted(draft, _open_units_of(draft, place), NO_AREA)
    return replace(freed, areas=(_deletion(draft, place),))


def split_area(draft: Draft, place: int, rows: Rows, new: Area) -> Change:
    """What making some of an area's units an area of their own changes.

    Raises UserError `split_takes_all` or `split_takes_none` where one side would be empty.
    """
    _check_target(draft, place, None)
    held = _units_of(draft, place)
    taken = np.intersect1d(held, np.asarray(rows, dtype=np.int64))
    taken = taken[~draft.locked[taken]]
    if len(taken) in (0, len(held)):
        code = "split_takes_all" if len(taken) else "split_takes_none"
        raise UserError(code, area=draft.areas[place].name)
    made = create_area(draft, new)
    return replace(_repainted(draft, taken, len(draft.areas)), areas=made.areas)


def relabel(draft: Draft, labels: Places) -> Change:
    """What taking over another drawing of the same units changes, locked units and all."""
    rows = np.flatnonzero(draft.area != labels)
    return Change(rows, draft.area[rows], np.asarray(labels, dtype=np.int32)[rows])


def _units_of(draft: Draft, place: int) -> Rows:
    return np.flatnonzero(draft.area == place)


def _open_units_of(draft: Draft, place: int) -> Rows:
    rows = _units_of(draft, place)
    if draft.locked[rows].any():
        raise UserError("area_has_locked", area=draft.areas[place].name)
    return rows


def _deletion(draft: Draft, place: int) -> tuple[int, Area | None, Area | None]:
    held = draft.areas[place]
    return place, held, replace(held, is_deleted=True)


def nothing() -> Change:
    """A change that leaves everything as it is."""
    return _of_areas()


def _of_areas(*changes: tuple[int, Area | None, Area | None]) -> Change:
    return Change(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), changes)


def apply(draft: Draft, change: Change) -> Draft:
    """The draft after a change, its `seq` one higher."""
    seq = draft.seq + 1
    if change.locks is not None:
        locked = draft.locked.copy()
        locked[change.rows] = change.locks
        return replace(draft, locked=locked, seq=seq)
    area, changed_at = draft.area.copy(), draft.changed_at.copy()
    area[change.rows] = change.after
    changed_at[change.rows] = seq
    areas = list(draft.areas)
    for place, _, after in change.areas:
        if place == len(areas) and after is not None:
            areas.append(after)
        elif after is not None:
            areas[place] = after
    return replace(draft, area=area, changed_at=changed_at, areas=tuple(areas), seq=seq)


def lock(draft: Draft, rows: Rows, *, locked: bool) -> Change:
    """What closing these units against strokes changes, or opening them again."""
    asked = np.unique(np.asarray(rows, dtype=np.int64))
    asked = asked[draft.area[asked] != GONE]
    return _of_locks(asked[draft.locked[asked] != locked], locked=locked)


def _of_locks(rows: Rows, *, locked: bool) -> Change:
    none = np.empty(0, np.int32)
    return Change(rows, none, none, locks=locked)


def lock_area(draft: Draft, place: int, *, locked: bool) -> Draft:
    """The draft with that area closed against strokes, or open again."""
    areas = list(draft.areas)
    areas[place] = replace(areas[place], is_locked=locked)
    return replace(draft, areas=tuple(areas))


def inverse(draft: Draft, change: Change, family: Rows | None = None) -> tuple[Change, int]:
    """The change that takes a change back, and how many units it must leave.

    Left are units that somebody repainted or locked since, and units whose former area is gone;
    units of one `family` (a number per row of the change, below 0 alone) only go back together;
    an area stays that was changed since, or into which others have painted. An area made by the
    change is deleted, not forgotten: places of areas never change.
    """
    if change.locks is not None:
        held = draft.locked[change.rows] == change.locks
        held &= draft.area[change.rows] != GONE
        return _of_locks(change.rows[held], locked=not change.locks), int((~held).sum())
    areas = [back for one in change.areas if (back := _area_back(draft, one)) is not None]
    gone = np.array([*(area.is_deleted for area in draft.areas), *_NOBODYS])
    for place, _, after in areas:
        gone[place] &= after.is_deleted
    held = draft.area[change.rows] == change.after
    free = held & ~draft.locked[change.rows] & ~gone[change.before]
    free = free if family is None else whole_families(free, family)
    rows = change.rows[free]
    kept = tuple(one for one in areas if not _is_lived_in(draft, rows, one))
    return Change(rows, change.after[free], change.before[free], kept), int((~free).sum())


def whole_families(chosen: NDArray[np.bool_], family: Rows) -> NDArray[np.bool_]:
    """The chosen rows without those of whose family (see `inverse`) a member is not chosen."""
    return chosen & ~np.isin(family, family[~chosen & (family >= 0)])


AreaChange = tuple[int, Area, Area]


def _area_back(draft: Draft, one: tuple[int, Area | None, Area | None]) -> AreaChange | None:
    """How one area goes back to what it was, None where it was changed since."""
    place, before, after = one
    held = draft.areas[place]
    if after is None or replace(held, is_locked=after.is_locked) != after:
        return None
    back = replace(held, is_deleted=True) if before is None else before
    return place, held, replace(back, is_locked=held.is_locked)


def _is_lived_in(draft: Draft, leaving: Rows, one: AreaChange) -> bool:
    """Whether an area that would be deleted still has units when these have left it."""
    place, _, after = one
    return after.is_deleted and bool(np.setdiff1d(_units_of(draft, place), leaving).size)
