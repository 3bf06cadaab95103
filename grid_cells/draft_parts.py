"""Cells of a draft divided into their children or merged into their parents, customers conserved.

A draft's units only ever become more: a cell that is divided or merged away is GONE, the cells in
its place get its area. So both are changes like any other, undone and redone as they are.
"""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grid_cells.cell_parts import ancestors, children, parent_of
from grid_cells.cells import Cells, resolutions
from grid_cells.drafts import (
    GONE,
    NO_AREA,
    Change,
    Draft,
    Places,
    Refused,
    Rows,
    reasons_against,
    told_of,
)

TOO_FINE: Final = "cell_too_fine"
TOO_COARSE: Final = "cell_too_coarse"
SIBLINGS_DIVIDED: Final = "cell_siblings_divided"


@dataclass(frozen=True)
class Parting:
    """What dividing or merging cells does to a draft.

    change: over the draft's units and `cells`, which are to be appended to them first; refused:
    rows that stay as they are; mixed: rows merged whose siblings were in several areas.
    """

    change: Change
    cells: Cells
    refused: list[Refused] = field(default_factory=list)
    mixed: Rows = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True)
class Hands:
    """Who parts cells: what others changed (per unit), what is theirs (units, areas); None: all."""

    others: NDArray[np.bool_] | None = None
    rows: NDArray[np.bool_] | None = None
    areas: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Wish:
    """Rows to be parted, the resolution that ends it (the finest or the coarsest), and by whom."""

    rows: Rows
    limit: int
    hands: Hands = field(default_factory=Hands)


def extend(draft: Draft, count: int) -> Draft:
    """The draft with so many more units, GONE until a change gives them an area."""
    more = np.zeros(count, dtype=np.int64)
    return replace(
        draft,
        area=np.append(draft.area, np.full(count, GONE, dtype=np.int32)),
        locked=np.append(draft.locked, more.astype(bool)),
        changed_at=np.append(draft.changed_at, more),
    )


def divide(draft: Draft, cells: Cells, wish: Wish) -> Parting:
    """What dividing these cells into their children changes; the children get the cell's area.

    cells: H3 cell per unit. Refused are locked cells and whatever paint refuses, and cells of the
    finest resolution.
    """
    by, asked = wish.hands, _asked(draft, wish)
    is_fine = resolutions(cells[asked]) >= wish.limit
    reasons = np.where(is_fine, 0, reasons_against(draft, asked, by.others, by.areas))
    parted = asked[~is_fine & (reasons == 0)]
    owner, kids = children(cells[parted])
    places, new = _placed(cells, kids)
    held = draft.area[parted]
    change = _exchange(parted, held, places, held[owner])
    return Parting(change, new, _refused(asked, is_fine, TOO_FINE) + told_of(asked, reasons))


def merge(draft: Draft, cells: Cells, wish: Wish, customers: Rows) -> Parting:
    """What merging these cells with their siblings into their parents changes.

    The parent goes to the area with most of the customers (count per unit); of equals to one of
    areas, to that of more cells, to the first. A family is refused as a whole: for a locked cell
    or whatever paint refuses, at the coarsest resolution, and where a sibling is divided.
    Ground that no unit ever stood for is merged with the rest.
    """
    by, asked = wish.hands, _asked(draft, wish)
    is_coarse = resolutions(cells[asked]) <= wish.limit
    wished = asked[~is_coarse]
    family = np.unique(parent_of(cells[wished]))
    owner, members = _members(draft, cells, family)
    against = reasons_against(draft, members, by.others, by.areas)
    if by.rows is not None:
        against = np.where((against == 0) & ~by.rows[members], _OUT_OF_SIGHT, against)
    torn = _is_divided(draft, cells, family)
    worst = np.zeros(len(family), dtype=np.int64)
    np.maximum.at(worst, owner, against)
    free = (worst == 0) & ~torn
    mine = np.searchsorted(family, parent_of(cells[wished]))
    refused = _refused(asked, is_coarse, TOO_COARSE) + _refused(
        wished, torn[mine], SIBLINGS_DIVIDED
    )
    refused += told_of(wished, np.where(torn[mine], 0, worst[mine]))
    kept = free[owner]
    winner, several = _winners(draft.area[members], customers[members], owner, len(family))
    places, new = _placed(cells, family[free])
    gone = members[kept]
    change = _exchange(gone, draft.area[gone], places, winner[free])
    return Parting(change, new, refused, wished[(free & several)[mine]])


_OUT_OF_SIGHT: Final = 3
"""As paint refuses what lies in another part of the company."""


def mergeable(draft: Draft, cells: Cells, rows: Rows, customers: Rows) -> Rows:
    """Those of the rows in whose whole family nobody lives.

    All of the family is among the rows and of one area, and none of it divided.
    """
    family = np.unique(parent_of(cells[rows]))
    owner, members = _members(draft, cells, family)
    fits = ~_is_divided(draft, cells, family)
    fits &= ~_winners(draft.area[members], customers[members], owner, len(family))[1]
    fits[owner[(customers[members] > 0) | ~np.isin(members, rows)]] = False
    return np.sort(members[fits[owner]])


def families(cells: Cells, change: Change) -> Rows:
    """The family of each row of a change, for `drafts.inverse`: cells that part together."""
    if change.locks is not None:
        return np.full(len(change.rows), -1, dtype=np.int64)
    touched = (change.before == GONE) | (change.after == GONE)
    own = cells[change.rows]
    up = np.where(touched, parent_of(own), -1) if touched.any() else own
    family = np.where(np.isin(up, own[touched]), up, own)
    return np.where(touched, family, -1)


def _asked(draft: Draft, wish: Wish) -> Rows:
    asked = np.unique(np.asarray(wish.rows, dtype=np.int64))
    found: Rows = asked[draft.area[asked] != GONE]
    return found


def _exchange(gone: Rows, held: Rows, living: Rows, given: Rows) -> Change:
    nowhere = [np.full(len(some), GONE, dtype=np.int32) for some in (gone, living)]
    return Change(
        np.concatenate([gone, living]),
        np.concatenate([held.astype(np.int32), nowhere[1]]),
        np.concatenate([nowhere[0], given.astype(np.int32)]),
    )


def _placed(cells: Cells, wanted: Cells) -> tuple[Rows, Cells]:
    """The unit of each wanted cell, and the cells that are to become units for it."""
    at = _rows_of(cells, wanted)
    new = wanted[at < 0]
    places = at.copy()
    places[at < 0] = len(cells) + np.arange(len(new))
    return places, new


def _rows_of(cells: Cells, wanted: Cells) -> Rows:
    """The unit of each wanted cell, -1 without one."""
    if not len(cells):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(cells)
    at = np.minimum(np.searchsorted(cells, wanted, sorter=order), len(cells) - 1)
    return np.where(cells[order[at]] == wanted, order[at], -1)


def _members(draft: Draft, cells: Cells, family: Cells) -> tuple[Rows, Rows]:
    """The living children of each parent: place of the parent, row."""
    owner, kids = children(family)
    at = _rows_of(cells, kids)
    living = (at >= 0) & (draft.area[at] != GONE)
    return owner[living], at[living]


def _is_divided(draft: Draft, cells: Cells, family: Cells) -> NDArray[np.bool_]:
    """Whether a child of each parent has finer living cells in its place."""
    level = resolutions(family)
    held = ancestors(cells[draft.living], int(level.min(initial=15)) + 1)
    owner, kids = children(family)
    torn = np.zeros(len(family), dtype=bool)
    torn[owner[np.isin(kids, held)]] = True
    return torn


def _winners(
    area: Places, customers: Rows, owner: Rows, count: int
) -> tuple[Rows, NDArray[np.bool_]]:
    """The area each parent goes to, and whether its children were in several."""
    pairs, at = np.unique(np.column_stack([owner, area]), axis=0, return_inverse=True)
    people = np.bincount(at.ravel(), weights=customers, minlength=len(pairs))
    many = np.bincount(at.ravel(), minlength=len(pairs))
    order = np.lexsort((pairs[:, 1], -many, pairs[:, 1] < 0, -people, pairs[:, 0]))
    own, first = np.unique(pairs[order, 0], return_index=True)
    winner = np.full(count, NO_AREA, dtype=np.int64)
    winner[own] = pairs[order[first], 1]
    return winner, np.bincount(pairs[:, 0], minlength=count) > 1


def _refused(rows: Rows, where: NDArray[np.bool_], code: str) -> list[Refused]:
    return [Refused(rows[where], code)] if where.any() else []
