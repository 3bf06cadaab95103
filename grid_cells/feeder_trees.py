"""Feeders as trees of their transformers, and the connected part of a tree with the most gain.

Where switches stand is rarely known to a retailer. A feeder follows streets from transformer to
transformer, so its minimum spanning tree stands for it: a section that a switch cuts off is taken
to be a connected part of that tree.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ALL_PAIRS: Final = 600
"""Up to so many transformers of a feeder every pair is looked at; beyond, the nearest ones."""
_NEAREST: Final = 12
_BESIDE: Final = 4
"""So many nearest transformers are neighbours: a planar network has about as many directions."""
_TOUCHING_M: Final = 1e-3
"""Two transformers on one spot are this far apart, since a sparse graph drops a length of 0."""


@dataclass(frozen=True)
class Forest:
    """One tree a feeder: nodes are in order of `tree`, `parent` is -1 at each root.

    near: pairs of neighbours in place on one feeder, both ways round.
    """

    tree: Ints
    parent: Ints
    depth: Ints
    near: Ints

    @property
    def first(self) -> Ints:
        """First node of each tree."""
        return np.flatnonzero(np.append(True, self.tree[1:] != self.tree[:-1]))

    def levels(self) -> list[Ints]:
        """Nodes by their depth from 1 on, those of one parent side by side."""
        order = np.lexsort((self.parent, self.depth))
        bounds = np.flatnonzero(np.diff(self.depth[order])) + 1
        return np.split(order, bounds)[1:]


def grow(x_m: Floats, y_m: Floats, tree: Ints) -> Forest:
    """The minimum spanning tree of each feeder's transformers; `tree` is sorted, from 0 on."""
    parent = np.full(len(tree), -1, dtype=np.int64)
    depth = np.zeros(len(tree), dtype=np.int64)
    bounds = np.searchsorted(tree, np.arange(int(tree.max(initial=-1)) + 2))
    near = [np.zeros((0, 2), dtype=np.int64)]
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        points = np.column_stack([x_m[start:end], y_m[start:end]])
        own, steps = _spanned(points)
        near.append(_neighbours(points) + start)
        parent[start:end] = np.where(own < 0, -1, own + start)
        depth[start:end] = steps
    return Forest(tree, parent, depth, np.concatenate(near))


def _neighbours(points: Floats) -> Ints:
    count = min(_BESIDE + 1, len(points))
    if count < 2:  # noqa: PLR2004 - one point has no neighbour
        return np.zeros((0, 2), dtype=np.int64)
    found = cKDTree(points).query(points, count)[1]
    pairs = np.column_stack([np.repeat(np.arange(len(points)), count), found.ravel()])
    return np.concatenate([pairs, pairs[:, ::-1]])


def _spanned(points: Floats) -> tuple[Ints, Ints]:
    """Parent (-1 at the root, the first point) and depth of each point."""
    graph = minimum_spanning_tree(_lengths(points))
    order, before = breadth_first_order(graph, 0, directed=False)
    parent = np.where(before < 0, -1, before).astype(np.int64)
    depth = np.zeros(len(points), dtype=np.int64)
    for node in order[1:].tolist():
        depth[node] = depth[parent[node]] + 1
    return parent, depth


def _lengths(points: Floats) -> csr_array:
    if len(points) <= _ALL_PAIRS:
        near = squareform(pdist(points)) + _TOUCHING_M
        return csr_array(np.triu(near, 1))
    gap, other = cKDTree(points).query(points, _NEAREST)
    own = np.repeat(np.arange(len(points)), _NEAREST - 1)
    lengths = [gap[:, 1:].ravel(), np.hypot(*(points[1:] - points[:-1]).T) * len(points)]
    starts = [own, np.arange(1, len(points))]
    ends = [other[:, 1:].ravel(), np.arange(len(points) - 1)]
    pairs = np.concatenate(starts) * len(points) + np.concatenate(ends)
    # the long chain only holds together what the nearest neighbours leave apart
    kept = np.unique(pairs, return_index=True)[1]
    where = (np.concatenate(starts)[kept], np.concatenate(ends)[kept])
    shape = (len(points), len(points))
    return csr_array((np.concatenate(lengths)[kept] + _TOUCHING_M, where), shape=shape)


def summed(forest: Forest, gain: Floats, cut: float) -> Floats:
    """Most that a connected part can gain with each node as its top.

    gain: nodes x columns. What hangs below a node is taken along or cut off at the price `cut`,
    whichever is better; a part that is not the whole tree pays `cut` above its top as well.
    """
    total = gain.copy()
    for level in reversed(forest.levels()):
        above = forest.parent[level]
        starts = np.flatnonzero(np.append(True, above[1:] != above[:-1]))
        kept = np.add.reduceat(np.maximum(total[level], -cut), starts, axis=0)
        total[above[starts]] += kept
    return total


def best_tops(forest: Forest, total: Floats, cut: float) -> tuple[Floats, Ints]:
    """Gain of the best part of each tree in each column, and the node at its top."""
    paid = total - np.where(forest.parent >= 0, cut, 0.0)[:, None]
    best = np.maximum.reduceat(paid, forest.first, axis=0)
    number = np.cumsum(np.append(0, np.diff(forest.tree)) != 0)
    rows = np.arange(len(paid))[:, None]
    tops = np.where(paid == best[number], rows, len(paid))
    return best, np.minimum.reduceat(tops, forest.first, axis=0)


def parts(forest: Forest, total: Floats, tops: Flags, cut: float) -> Flags:
    """Nodes of the parts under the tops marked: nodes x columns."""
    inside = tops.copy()
    for level in forest.levels():
        inside[level] |= inside[forest.parent[level]] & (total[level] > -cut)
    return inside
