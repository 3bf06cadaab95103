"""Ground divided into compact parts of stated weights, as transformers, feeders and areas are."""

import numpy as np

from grid_cells.sample_city.ground import Floats, Ints


def split_compact(x: Floats, y: Floats, weight: Floats, shares: Floats) -> Ints:
    """Part (0 to len(shares) - 1) of each point, each part about its share of the whole weight.

    Cuts across the longer way of the points again and again; every part gets at least one point.
    Raises ValueError with fewer points than shares.
    """
    if len(x) < len(shares):
        raise ValueError(f"{len(x)} points cannot fill {len(shares)} parts")
    label = np.zeros(len(x), dtype=np.int64)
    todo = [(np.arange(len(x)), 0, len(shares))]
    while todo:
        points, first, last = todo.pop()
        if last - first == 1:
            label[points] = first
            continue
        middle = (first + last) // 2
        ratio = shares[first:middle].sum() / shares[first:last].sum()
        order = points[_lengthwise(x[points], y[points])]
        cut = _cut(weight[order], ratio, middle - first, last - middle)
        todo += [(order[:cut], first, middle), (order[cut:], middle, last)]
    return label


def _lengthwise(x: Floats, y: Floats) -> Ints:
    """Order of points along the axis in which they spread most."""
    dx, dy = x - x.mean(), y - y.mean()
    angle = 0.5 * np.arctan2(2 * (dx * dy).sum(), (dx * dx).sum() - (dy * dy).sum())
    along = np.round(dx * np.cos(angle) + dy * np.sin(angle), 3)
    return np.asarray(np.argsort(along, kind="stable"))


def _cut(weight: Floats, ratio: float, least_left: int, least_right: int) -> int:
    total = np.cumsum(weight)
    cut = int(np.searchsorted(total, ratio * total[-1], side="left")) + 1
    return int(np.clip(cut, least_left, len(weight) - least_right))


def apportion(total: int, weight: Floats, least: Ints, most: Ints) -> Ints:
    """Whole numbers near `total` in proportion to `weight`, each within `least` and `most`.

    Largest remainders (Hamilton) on what is left after the least; sums to `total` where the
    bounds allow it.
    """
    given = least.astype(np.int64).copy()
    while given.sum() < total:
        open_ = given < most
        if not open_.any():
            break
        want = np.where(open_, weight, 0.0)
        extra = want / want.sum() * (total - given.sum())
        step = np.minimum(np.floor(extra).astype(np.int64), most - given)
        if step.sum() == 0:
            order = np.argsort(-extra, kind="stable")[: total - int(given.sum())]
            step = np.zeros_like(given)
            step[order[open_[order]]] = 1
        given = given + step
    return given


def subset_with_sum(weights: Ints, target: int) -> Ints:
    """Positions whose weights add up to the sum nearest to `target` from below, exact if any do.

    Earlier positions are preferred; the classic reachable-sums table.
    """
    last = np.full(target + 1, -1, dtype=np.int64)
    reach = np.zeros(target + 1, dtype=bool)
    reach[0] = True
    for position, weight in enumerate(weights.tolist()):
        if weight > target or weight <= 0:
            continue
        fresh = np.zeros_like(reach)
        fresh[weight:] = reach[: target + 1 - weight]
        fresh &= ~reach
        last[fresh] = position
        reach |= fresh
    chosen, left = [], int(np.flatnonzero(reach)[-1])
    while left > 0:
        chosen.append(int(last[left]))
        left -= int(weights[chosen[-1]])
    return np.array(sorted(chosen), dtype=np.int64)
