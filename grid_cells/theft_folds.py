"""Which rows teach and which are judged: by day, or by folds where no day is known."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from grid_cells.errors import UserError
from grid_cells.theft_features import TheftTable

Rows = NDArray[np.int64]
_TAUGHT_SHARES = (0.8, 0.7, 0.6, 0.5)
_LEAST_JUDGED = 10


@dataclass(frozen=True, eq=False)
class Fold:
    """Positions of the rows that teach and of those that are judged: never the same."""

    taught: Rows
    judged: Rows


def split_by_day(table: TheftTable, split_at: date) -> Fold:
    """Rows visited before the day teach, those from it on are judged.

    Raises UserError `theft_split_empty` where one side has none, `theft_no_days` without days.
    """
    known = ~np.isnat(table.visited)
    if not known.any():
        raise UserError("theft_no_days")
    later = table.visited >= np.datetime64(split_at, "D")
    fold = Fold(np.flatnonzero(known & ~later), np.flatnonzero(known & later))
    if not len(fold.taught) or not len(fold.judged):
        days = table.visited[known]
        raise UserError(
            "theft_split_empty",
            day=split_at.isoformat(), first=str(days.min()), last=str(days.max()),
        )  # fmt: skip
    return fold


def later_part(table: TheftTable) -> Fold | None:
    """The last fifth by day as the judged, up to the last half where a fifth has too few finds.

    None without days, or where either part has few of an outcome even so.
    """
    days = table.visited
    if np.isnat(days).any() or not len(days):
        return None
    ordered = np.sort(days)
    folds = (_parted(days, ordered[int(share * len(days))]) for share in _TAUGHT_SHARES)
    return next((fold for fold in folds if _is_enough(table, fold)), None)


def _parted(days: NDArray[np.datetime64], cut: np.datetime64) -> Fold:
    return Fold(np.flatnonzero(days < cut), np.flatnonzero(days >= cut))


def _is_enough(table: TheftTable, fold: Fold) -> bool:
    both = (table.confirmed[fold.taught], table.confirmed[fold.judged])
    return all(min(part.sum(), len(part) - part.sum()) >= _LEAST_JUDGED for part in both)


def folds_of(confirmed: NDArray[np.float64], count: int, *, seed: int = 0) -> list[Fold]:
    """Folds with equal shares of confirmed rows (stratified), each row judged once."""
    rng = np.random.default_rng(seed)
    number = np.empty(len(confirmed), dtype=np.int64)
    for outcome in (0.0, 1.0):
        rows = rng.permutation(np.flatnonzero(confirmed == outcome))
        number[rows] = np.arange(len(rows)) % count
    return [Fold(np.flatnonzero(number != k), np.flatnonzero(number == k)) for k in range(count)]
