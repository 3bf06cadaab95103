"""How made-up feeders hang together: a tree from a switchyard, winding rather than shortest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import pdist, squareform

from grid_cells.distance import EARTH_RADIUS_M

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ECONOMY = 1.8
"""Exponent on the length of a span: 1 gives straight rays, large values the shortest tree."""


@dataclass(frozen=True)
class Wires:
    """For each transformer: the number of its feeder, its parent, and how many hang below it.

    `parent` is -1 at the switchyard; `sizes` count the transformer itself; `order` lists parents
    before children.
    """

    feeders: list[Any]
    tree: Ints
    parent: Ints
    sizes: Ints
    order: Ints

    def nodes(self, tree: int) -> Ints:
        """Transformers of a feeder."""
        return np.flatnonzero(self.tree == tree)

    def below(self, node: int) -> Ints:
        """A transformer and all that hang below it."""
        inside = np.zeros(len(self.tree), dtype=bool)
        inside[node] = True
        own = self.order[self.tree[self.order] == self.tree[node]]
        for other in own.tolist():
            inside[other] |= self.parent[other] >= 0 and inside[self.parent[other]]
        return np.flatnonzero(inside)


def wire_feeders(network: pd.DataFrame, rng: np.random.Generator) -> Wires:
    """Trees over the transformers (transformer_id, feeder_id, lon, lat), one a feeder."""
    tree, feeders = pd.factorize(network["feeder_id"], sort=True)
    lon, lat = np.radians(network["lon"].to_numpy()), np.radians(network["lat"].to_numpy())
    points = EARTH_RADIUS_M * np.column_stack([lon * np.cos(lat.mean()), lat])
    parent = np.full(len(tree), -1, dtype=np.int64)
    order: list[int] = []
    for number in range(len(feeders)):
        own = np.flatnonzero(tree == number)
        before, reached = _wound(points[own], rng)
        parent[own] = np.where(before < 0, -1, own[before])
        order += own[np.argsort(reached, kind="stable")].tolist()
    sizes = np.ones(len(tree), dtype=np.int64)
    for node in reversed(order):
        if parent[node] >= 0:
            sizes[parent[node]] += sizes[node]
    return Wires(list(feeders), tree.astype(np.int64), parent, sizes, np.array(order, np.int64))


def _wound(points: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Parent of each point and how far it is from the root, which is the nearest to a station."""
    middle = points.mean(axis=0)
    spread = points.std(axis=0).max() + 1
    station = middle + rng.normal(0, spread, 2)
    root = int(np.hypot(*(points - station).T).argmin())
    spans = squareform(pdist(points)) + 1.0
    detours = np.triu(rng.uniform(0.75, 1.35, spans.shape), 1)
    costs = (spans * (detours + detours.T)) ** _ECONOMY
    reached, before = dijkstra(costs, indices=root, return_predecessors=True)
    return np.where(before < 0, -1, before).astype(np.int64), np.asarray(reached)
