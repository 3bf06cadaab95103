"""Which transformers a meter may hang on besides the recorded one, by where it stands."""

import numpy as np
from scipy.spatial import KDTree

from grid_cells.theft_panel import Floats, Ints

_NEAREST = 6
_MOST = 10
_MOST_ODDS = 5.0
"""A place may be wrong itself: it speaks for no transformer more than e⁵ to 1."""


def neighbours(places: Floats, homes: Floats, of: Ints) -> tuple[Ints, Floats]:
    """Candidates of each transformer (−1: none), and log odds of each row's place under each of them.

    `places`, `homes`: metres east and north of transformers and rows, NaN unknown. Candidates are
    the nearest transformers and those to which rows stand nearest, at most ten. Distances from a
    meter to its transformer are taken as normal, of the spread that most have.
    """
    near = _candidates(places, homes, of)
    own = _squares(homes, places[of])
    spread = max(float(np.nanmedian(own)) / 1.386, 25.0) if (~np.isnan(own)).any() else 1.0
    there = places[np.maximum(near, 0)][of]
    odds = (own[:, None] - _squares(homes[:, None], there)) / (2 * spread)
    return near, np.clip(np.nan_to_num(odds), -_MOST_ODDS, _MOST_ODDS)


def _squares(a: Floats, b: Floats) -> Floats:
    return np.asarray(((a - b) ** 2).sum(axis=-1))


def _candidates(places: Floats, homes: Floats, of: Ints) -> Ints:
    count = len(places)
    found = np.full((count, _MOST), -1)
    known = np.flatnonzero(~np.isnan(places).any(axis=1))
    if len(known) < 2:  # noqa: PLR2004 - nobody is another's neighbour
        return found
    tree = KDTree(places[known])
    around = _nearest(tree, known, places, min(_NEAREST + 1, len(known)))
    at = _nearest(tree, known, homes, 1)[:, 0]
    bounds = np.searchsorted(of, np.arange(count + 1))
    for b in range(count):
        stand, times = np.unique(at[bounds[b] : bounds[b + 1]], return_counts=True)
        ordered = [*around[b], *stand[np.argsort(-times, kind="stable")]]
        wanted = [h for h in dict.fromkeys(ordered) if h not in (b, -1)][:_MOST]
        found[b, : len(wanted)] = wanted
    return found


def _nearest(tree: KDTree, known: Ints, points: Floats, count: int) -> Ints:
    """The nearest transformers of each point, −1 for points without a place."""
    found = np.full((len(points), count), -1)
    placed = ~np.isnan(points).any(axis=1)
    _, at = tree.query(points[placed], k=count)
    found[placed] = known[np.asarray(at).reshape(-1, count)]
    return found
