"""Streets shortened for searches: crossings stay, the bends between two of them become one arc.

Three of four nodes of a street network only bend a street: they have two neighbours. A search
visits the crossings alone; the bends' minutes follow from the two ends of their chain. One-way
pieces and sources within a chain included, the minutes are those of the whole network.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_BEND_NEIGHBOURS = 2


@dataclass(frozen=True, eq=False)
class Chains:
    """A directed network of minutes as crossings, and bends that lie chain by chain.

    `crossings`, `bends`: their nodes; `crossing_of`, `bend_of`: by node, its place there, or -1.
    By bend, in two columns for before and after: `spans`, where its chain begins and ends among the
    bends; `ends`, the crossings at both ends, and the minutes `to_ends` and `from_ends`; the
    minutes `to_next` and `from_next` of the nodes next to it. Infinite against a one-way street.
    `arcs`: minutes from crossing to crossing.
    """

    crossings: Indices
    bends: Indices
    crossing_of: Indices
    bend_of: Indices
    spans: Indices
    ends: Indices
    to_ends: Floats
    from_ends: Floats
    to_next: Floats
    from_next: Floats
    arcs: csr_array


def quickest(rows: Indices, columns: Indices, minutes: Floats, nodes: int) -> csr_array:
    """Minutes as a sparse matrix; of parallel arcs the least, which a plain one would add up.

    Its indices are of 32 bits, as the search takes them without a copy.
    """
    order = np.lexsort((minutes, columns, rows))
    i, j = rows[order].astype(np.int32), columns[order].astype(np.int32)
    keep = np.ones(len(i), dtype=bool)
    keep[1:] = (i[1:] != i[:-1]) | (j[1:] != j[:-1])
    return csr_array((minutes[order][keep], (i[keep], j[keep])), shape=(nodes, nodes))


def shorten(minutes: csr_array) -> Chains:
    """The network of `minutes` (row to column, as from `quickest`) as crossings and bends."""
    near = _neighbours(minutes)
    is_bend = _is_bend(near)
    walks, sizes = _walks(near, is_bend)
    onward, back = _costs(minutes, walks[:-1], walks[1:]), _costs(minutes, walks[1:], walks[:-1])
    begin, walk_of = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sizes)), sizes)
    first = begin + 2 * np.arange(len(sizes))  # steps of all walks in a row: a walk's first, last
    last = first + sizes
    before = np.arange(len(walk_of)) + 2 * walk_of  # and the step before each bend
    after, start, stop = before + 1, first[walk_of], last[walk_of]
    crossing_of = np.where(is_bend, -1, np.cumsum(~is_bend) - 1)
    bend_of = np.full(len(is_bend), -1, dtype=np.int64)
    bend_of[walks[after]] = np.arange(len(after))
    outer = crossing_of[np.column_stack((walks[first], walks[last + 1]))]
    through = np.column_stack((_sums(onward, first, last), _sums(back, first, last)))
    return Chains(
        np.flatnonzero(~is_bend),
        walks[after],
        crossing_of,
        bend_of,
        spans=np.column_stack((begin, begin + sizes))[walk_of],
        ends=outer[walk_of],
        to_ends=np.column_stack((_sums(back, start, before), _sums(onward, after, stop))),
        from_ends=np.column_stack((_sums(onward, start, before), _sums(back, after, stop))),
        to_next=np.column_stack((back[before], onward[after])),
        from_next=np.column_stack((onward[before], back[after])),
        arcs=_arcs(minutes, crossing_of, outer, through),
    )


def turned(chains: Chains) -> Chains:
    """The same network with every direction turned round."""
    return replace(
        chains,
        to_ends=chains.from_ends,
        from_ends=chains.to_ends,
        to_next=chains.from_next,
        from_next=chains.to_next,
        arcs=csr_array(chains.arcs.T.tocsr()),
    )


def from_nearest(chains: Chains, nodes: Indices, start_min: Floats) -> tuple[Floats, Indices]:
    """Minutes to every node from the best of `nodes`, and which one: inf and -1 if none.

    `start_min`: minutes already spent at each of `nodes`.
    """
    count = chains.arcs.shape[0]
    which = np.full(len(chains.crossing_of), -1, dtype=np.int64)
    if len(nodes) == 0:
        return np.full(len(which), np.inf), which
    entered = _entered(chains, nodes, start_min)
    found, _, source = dijkstra(
        entered, indices=count + np.arange(len(nodes)), min_only=True, return_predecessors=True
    )
    ends, costs = chains.ends, chains.from_ends
    by_first, by_last = found[ends[:, 0]] + costs[:, 0], found[ends[:, 1]] + costs[:, 1]
    along = np.minimum(by_first, by_last)
    best = source[np.where(by_first <= by_last, ends[:, 0], ends[:, 1])]
    for number in np.flatnonzero(chains.bend_of[nodes] >= 0):
        begin, direct = _along(chains, int(chains.bend_of[nodes[number]]))
        part = slice(begin, begin + len(direct))
        better = start_min[number] + direct < along[part]
        along[part][better] = start_min[number] + direct[better]
        best[part][better] = count + number
    minutes = np.empty(len(which))
    minutes[chains.crossings], minutes[chains.bends] = found[:count], along
    which[chains.crossings], which[chains.bends] = source[:count], best
    return minutes, np.where(np.isfinite(minutes), which - count, -1)


def from_each(
    chains: Chains, nodes: Indices, start_min: Floats, targets: Indices, *, limit_min: float
) -> Floats:
    """Minutes from each of `nodes` (row) to each of `targets` (column), inf if none or beyond."""
    count = chains.arcs.shape[0]
    entered = _entered(chains, nodes, start_min)
    found = dijkstra(entered, indices=count + np.arange(len(nodes)), limit=limit_min)
    minutes = _beyond_crossings(chains, found[:, :count], targets)
    bends = chains.bend_of[targets]
    for row in np.flatnonzero(chains.bend_of[nodes] >= 0):
        begin, costs = _along(chains, int(chains.bend_of[nodes[row]]))
        here = np.flatnonzero((bends >= begin) & (bends < begin + len(costs)))
        direct = start_min[row] + costs[bends[here] - begin]
        minutes[row, here] = np.minimum(minutes[row, here], direct)
    return minutes


def _neighbours(minutes: csr_array) -> csr_array:
    """Which nodes an arc joins, in whatever direction."""
    i, j = minutes.tocoo().coords
    joined = i != j
    pair = np.append(i[joined], j[joined]), np.append(j[joined], i[joined])
    return csr_array((np.ones(len(pair[0]), dtype=np.int8), pair), shape=minutes.shape)


def _is_bend(near: csr_array) -> NDArray[np.bool_]:
    """Nodes of two neighbours, but for one of each ring that has no crossing."""
    bends = np.diff(near.indptr) == _BEND_NEIGHBOURS
    pieces, piece_of = connected_components(near, directed=False)
    with_crossing = np.zeros(pieces, dtype=bool)
    with_crossing[piece_of[~bends]] = True
    rings, at = np.unique(piece_of, return_index=True)
    bends[at[~with_crossing[rings]]] = False
    return np.asarray(bends, dtype=bool)


def _walks(near: csr_array, is_bend: NDArray[np.bool_]) -> tuple[Indices, Indices]:
    """All walks crossing, bends, crossing in one row of nodes, and the bends of each walk."""
    begin, heads, bend = near.indptr.tolist(), near.indices.tolist(), is_bend.tolist()
    seen = [not one for one in bend]
    walks: list[int] = []
    sizes: list[int] = []
    for crossing in np.flatnonzero(~is_bend).tolist():
        for node in heads[begin[crossing] : begin[crossing + 1]]:
            if seen[node]:
                continue
            former, at, start = crossing, node, len(walks)
            walks.append(crossing)
            while bend[at]:
                seen[at] = True
                walks.append(at)
                one, other = heads[begin[at]], heads[begin[at] + 1]
                former, at = at, other if one == former else one
            walks.append(at)
            sizes.append(len(walks) - start - 2)
    return np.array(walks, dtype=np.int64), np.array(sizes, dtype=np.int64)


def _costs(minutes: csr_array, start: Indices, end: Indices) -> Floats:
    """Minutes of the arc from each start to its end, infinite where there is none."""
    i, j = minutes.tocoo().coords
    keys, wanted = i.astype(np.int64) * minutes.shape[0] + j, start * minutes.shape[0] + end
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    if len(keys) == 0:
        return np.full(len(wanted), np.inf)
    return np.where(keys[at] == wanted, minutes.data[at], np.inf)


def _sums(costs: Floats, first: Indices, last: Indices) -> Floats:
    """Sum of the costs from `first` to `last`, both included; infinite if one is."""
    passable = np.isfinite(costs)
    run = np.append(0.0, np.cumsum(np.where(passable, costs, 0.0)))
    barred = np.append(0, np.cumsum(~passable))
    total = run[last + 1] - run[first]
    return np.where(barred[last + 1] == barred[first], total, np.inf)


def _arcs(minutes: csr_array, crossing_of: Indices, outer: Indices, through: Floats) -> csr_array:
    """Minutes between crossings: pieces that join two, and chains in both directions."""
    pieces = minutes.tocoo()
    i, j = (crossing_of[nodes] for nodes in pieces.coords)
    rows = np.concatenate((i, outer[:, 0], outer[:, 1]))
    columns = np.concatenate((j, outer[:, 1], outer[:, 0]))
    costs = np.concatenate((pieces.data, through[:, 0], through[:, 1]))
    kept = (rows >= 0) & (columns >= 0) & (rows != columns) & np.isfinite(costs)
    return quickest(rows[kept], columns[kept], costs[kept], int(crossing_of.max(initial=-1)) + 1)


def _entered(chains: Chains, nodes: Indices, start_min: Floats) -> csr_array:
    """The crossings and, after them, one more node for each source with arcs to where it enters.

    So the minutes at the start count in what is nearest, and two sources at one node stay apart.
    """
    arcs, bends = chains.arcs, chains.bend_of[nodes]
    heads = np.repeat(chains.crossing_of[nodes][:, None], 2, axis=1)
    costs = np.column_stack((start_min, np.full(len(nodes), np.inf)))
    on_bend = bends >= 0
    heads[on_bend] = chains.ends[bends[on_bend]]
    costs[on_bend] = start_min[on_bend, None] + chains.to_ends[bends[on_bend]]
    is_loop = on_bend & (heads[:, 0] == heads[:, 1])
    costs[is_loop] = np.column_stack((costs[is_loop].min(axis=1), np.full(is_loop.sum(), np.inf)))
    used = np.isfinite(costs)
    order = arcs.indptr[-1] + np.cumsum(used.sum(axis=1), dtype=np.int32)
    count = arcs.shape[0] + len(nodes)
    parts = np.append(arcs.data, costs[used]), np.append(arcs.indices, heads[used].astype(np.int32))
    return csr_array((*parts, np.append(arcs.indptr, order)), shape=(count, count))


def _beyond_crossings(chains: Chains, at_crossings: Floats, nodes: Indices) -> Floats:
    """Minutes at each node (column) from those at the crossings."""
    bends = chains.bend_of[nodes]
    on_bend = bends >= 0
    minutes = at_crossings[:, chains.crossing_of[nodes]]
    ends, costs = chains.ends[bends[on_bend]], chains.from_ends[bends[on_bend]]
    minutes[:, on_bend] = np.minimum(
        at_crossings[:, ends[:, 0]] + costs[:, 0], at_crossings[:, ends[:, 1]] + costs[:, 1]
    )
    return minutes


def _along(chains: Chains, bend: int) -> tuple[int, Floats]:
    """Where the bend's chain begins, and the minutes from the bend to each bend of the chain."""
    begin, end = chains.spans[bend].tolist()
    before = np.cumsum(chains.to_next[begin + 1 : bend + 1, 0][::-1])[::-1]
    after = np.cumsum(chains.to_next[bend : end - 1, 1])
    return begin, np.concatenate((before, [0.0], after))
