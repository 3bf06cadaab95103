"""Who comes again: visitors of the sample's halls who had lacked a paper the first time."""

from typing import Final

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Ints

RETURNS: Final = 0.09
"""Returns for a missing paper among the visits for matters that one comes back for."""
_BACK_DAYS: Final = (1, 10)
_ELSEWHERE: Final = 0.12
_LOST: Final = 0.012
_REFERRED: Final = 0.015
PAPERS: Final = (
    "name_change", "new_connection", "capacity_change", "tariff_change", "pv", "ev_charger",
    "closing",
)  # fmt: skip
AGAIN: Final = (*PAPERS, "billing", "complaint", "meter_check")
"""Matters that are not done again and again by the same person without a reason."""


def with_visitors(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The tickets (hall_id, ago, matter, outcome, called_at) with a visitor_key each.

    A return follows a visit for the same matter some days before, which ended with papers missing;
    most come back to the same hall. Nobody asks who pays a bill.
    """
    matter = table["matter"].to_numpy(dtype=object)
    done = (table["outcome"] == "done").to_numpy()
    again = np.isin(matter, AGAIN)
    visitor = np.arange(len(table))
    outcome = table["outcome"].to_numpy(dtype=object)
    quota = RETURNS * again.sum() / max(1, np.isin(matter, PAPERS).sum())
    for name in PAPERS:
        rows = np.flatnonzero((matter == name) & done)
        later, first = _pairs(table, rows, quota, rng)
        visitor[later] = visitor[first]
        outcome[first] = "papers_missing"
    untold = np.isin(matter, PAPERS) & (outcome == "done") & (rng.random(len(table)) < _LOST)
    outcome[untold] = "papers_missing"
    outcome[(outcome == "done") & (rng.random(len(table)) < _REFERRED)] = "referred"
    keys = np.array([f"V{one:07d}" for one in visitor], dtype=object)
    keys[~again] = None
    return table.assign(visitor_key=keys, outcome=outcome)


def _pairs(
    table: pd.DataFrame, rows: Ints, share: float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Returns among the rows of one matter, and the visits that they follow; none in both.

    Rows come in the order of days. Whoever is no return may be followed by one later.
    """
    days = table["ago"].to_numpy()[rows].tolist()
    halls = table["hall_id"].to_numpy(dtype=object)[rows].tolist()
    names = sorted(set(halls))
    free: dict[tuple[str, int], list[int]] = {}
    later: list[int] = []
    first: list[int] = []
    for row, day, hall in zip(rows.tolist(), days, halls, strict=True):
        back = _before(free, (hall, day), names, rng) if rng.random() < share else None
        if back is None:
            free.setdefault((hall, day), []).append(row)
        else:
            later.append(row)
            first.append(back)
    return np.array(later, dtype=np.int64), np.array(first, dtype=np.int64)


def _before(
    free: dict[tuple[str, int], list[int]], at: tuple[str, int], names: list[str],
    rng: np.random.Generator,
) -> int | None:  # fmt: skip
    """A visit of the days before that nobody has come back for yet."""
    hall = names[int(rng.integers(len(names)))] if rng.random() < _ELSEWHERE else at[0]
    for ahead in rng.permutation(np.arange(_BACK_DAYS[0], _BACK_DAYS[1] + 1)).tolist():
        for place in (hall, at[0]):
            if found := free.get((place, at[1] + ahead)):
                return found.pop(int(rng.integers(len(found))))
    return None
