"""Which cells show which area while a plan is drawn, and which units a painted cell moves."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.drafts import GONE, NO_AREA, TWO_AREAS, Places, Rows

NOWHERE: Final = -1


@dataclass(frozen=True)
class UnitCells:
    """Where the units of a plan live.

    cells: int64, sorted, every cell the plan is drawn on; home: per unit the place in `cells` of
    the middle of its customers, NOWHERE without one; customers: per cell. The links say how many
    customers a unit has in a cell: unit (row), cell (place), count, ordered by cell.
    """

    cells: Rows
    home: Rows
    customers: Rows
    link_unit: Rows
    link_cell: Rows
    link_count: Rows

    def places_of(self, cells: Rows) -> Rows:
        """Places of these cells; those the plan is not drawn on are left out."""
        at = np.searchsorted(self.cells, cells)
        at = np.minimum(at, max(len(self.cells) - 1, 0))
        known = self.cells[at] == cells if len(self.cells) else np.zeros(len(cells), bool)
        return np.unique(at[known])


def unit_cells(homes: Rows, links: pd.DataFrame, *, ground: Rows | None = None) -> UnitCells:
    """Units by the cell of their middle and the cells of their customers.

    homes: H3 cell per unit, 0 without one; links: unit (row), cell_id, customers; ground: more
    cells to draw. A unit is linked with its home even where none of its customers lives there.
    """
    links = links[links["cell_id"] != 0]
    placed = np.flatnonzero(homes != 0)
    more = np.empty(0, np.int64) if ground is None else np.asarray(ground, dtype=np.int64)
    cells = np.unique(np.concatenate([homes[placed], links["cell_id"].to_numpy(np.int64), more]))
    home = np.full(len(homes), NOWHERE, dtype=np.int64)
    home[placed] = np.searchsorted(cells, homes[placed])
    joined = pd.concat(
        [
            pd.DataFrame({"unit": placed, "cell": home[placed], "count": 0}),
            pd.DataFrame(
                {
                    "unit": links["unit"].to_numpy(np.int64),
                    "cell": np.searchsorted(cells, links["cell_id"].to_numpy(np.int64)),
                    "count": links["customers"].to_numpy(np.int64),
                }
            ),
        ]
    )
    summed = joined.groupby(["cell", "unit"])["count"].sum().reset_index()
    count = summed["count"].to_numpy(np.int64)
    cell = summed["cell"].to_numpy(np.int64)
    people = np.bincount(cell, weights=count, minlength=len(cells)).astype(np.int64)
    return UnitCells(cells, home, people, summed["unit"].to_numpy(np.int64), cell, count)


def units_at(book: UnitCells, places: Rows) -> Rows:
    """Rows of the units whose middle lies in one of these cells."""
    wanted = np.zeros(len(book.cells) + 1, dtype=bool)  # the last one is read by NOWHERE
    wanted[places] = True
    return np.flatnonzero(wanted[book.home])


def cells_of(book: UnitCells, rows: Rows) -> Rows:
    """Places of the cells in which these units live."""
    wanted = np.zeros(len(book.home), dtype=bool)
    wanted[rows] = True
    return np.unique(book.link_cell[wanted[book.link_unit]])


def colours(
    book: UnitCells, area: Places, places: Rows | None = None
) -> tuple[Places, NDArray[np.bool_]]:
    """The area each cell shows, and whether it is mixed: customers of several areas live in it.

    The area of most customers counts, of equals the first one; units in no area do not vote, those
    that two areas claim vote for TWO_AREAS. For the cells at `places`, or for all.
    """
    wanted = np.arange(len(book.cells)) if places is None else np.asarray(places, dtype=np.int64)
    cell, voted, votes = _votes(book, area, wanted)
    best = np.lexsort((voted, -votes, cell))
    own, first = np.unique(cell[best], return_index=True)
    shown = np.full(len(book.cells), NO_AREA, dtype=np.int32)
    shown[own] = voted[best][first]
    several = np.bincount(cell[(votes > 0) & (voted >= 0)], minlength=len(book.cells)) > 1
    return shown[wanted], several[wanted]


def _votes(book: UnitCells, area: Places, places: Rows) -> tuple[Rows, Rows, Rows]:
    """Customers of each area in each cell: cell (place), area, customers."""
    unit, cell, count = _links_of(book, places)
    votes_for = area[unit].astype(np.int64)
    voting = (votes_for != NO_AREA) & (votes_for != GONE)
    span = int(votes_for.max(initial=0)) - TWO_AREAS + 1
    pairs = cell[voting] * span + votes_for[voting] - TWO_AREAS
    distinct, at = np.unique(pairs, return_inverse=True)
    customers = np.bincount(at, weights=count[voting], minlength=len(distinct)).astype(np.int64)
    return distinct // span, distinct % span + TWO_AREAS, customers


def _links_of(book: UnitCells, places: Rows) -> tuple[Rows, Rows, Rows]:
    if len(places) == len(book.cells):
        return book.link_unit, book.link_cell, book.link_count
    starts = np.searchsorted(book.link_cell, places)
    ends = np.searchsorted(book.link_cell, places, side="right")
    lengths = ends - starts
    at = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    return book.link_unit[at], book.link_cell[at], book.link_count[at]
