"""From explanations to scores: how likely each meter hides use, and each transformer is robbed."""

from dataclasses import dataclass

import numpy as np

from grid_cells.theft_evidence import starts
from grid_cells.theft_explanations import Offers, offers
from grid_cells.theft_panel import Flags, Floats, Ints
from grid_cells.theft_search import Search


@dataclass(frozen=True, eq=False)
class Scores:
    """By row: probability, first day (column) and share hidden; by transformer: probability."""

    row: Floats
    start: Ints
    taken: Floats
    transformer: Floats


def scores(state: Search) -> Scores:
    """The probabilities, each suspect judged with itself left out of what is explained."""
    panel = state.case.panel
    n = len(panel.of)
    found = Scores(np.zeros(n), np.zeros(n, int), np.zeros(n), np.zeros(panel.transformers))
    suspects: dict[int, list[int]] = {}
    for row, one in state.found.items():
        if one.cause == "suspect":
            suspects.setdefault(int(panel.of[row]), []).append(row)
    for b in range(panel.transformers):
        if state.bounds[b] < state.bounds[b + 1]:
            _score(state, found, b, suspects.get(b, []))
    return found


def _score(state: Search, found: Scores, b: int, suspects: list[int]) -> None:
    """Scores of a transformer's rows: beside all that is accepted, and in place of each suspect."""
    rows = state.rows(b)
    free = state.free(rows)
    _raise(found, b, rows, state, free)
    for row in suspects:
        one = state.take(row)
        free[row - rows.start] = True
        _raise(found, b, rows, state, free)
        free[row - rows.start] = False
        state.put(one)


def _raise(found: Scores, b: int, rows: slice, state: Search, free: Flags) -> None:
    """Keep the higher score of each row, with its day and share."""
    offer = offers(state.case, rows)
    each = _posterior(offer, free)
    more = each > found.row[rows]
    start = np.array(starts(state.case.panel.days))[offer.suspect.start]
    for kept, new in (
        (found.row, each), (found.start, start), (found.taken, offer.suspect.taken)
    ):  # fmt: skip
        kept[rows] = np.where(more, new, kept[rows])
    found.transformer[b] = max(found.transformer[b], float(each.sum()))


def _posterior(offer: Offers, free: Flags) -> Floats:
    """Probability of each row to be the one suspect, against none and any mistake of records."""
    odds = np.where(free, offer.suspect.odds, -np.inf)
    others = np.column_stack([offer.ratio, offer.links, offer.clock])[free].ravel()
    top = max(float(odds.max()), float(others.max(initial=0)), 0.0)
    weight = np.exp(odds - top)
    return np.asarray(weight / (np.exp(-top) + weight.sum() + np.exp(others - top).sum()))
