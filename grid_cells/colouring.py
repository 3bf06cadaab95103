"""Colours for areas such that neighbours always differ, with few hues."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from grid_cells.cells import neighbour_pairs

HUES = 4
"""What a map in the plane needs at most; areas in several pieces may need more."""


def neighbouring_areas(cells: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of areas with cells that touch, each once, in order; `cells`: cell_id, area_id."""
    owned = cells[cells["area_id"].notna() & (cells["cell_id"] != 0)].drop_duplicates("cell_id")
    codes, names = pd.factorize(owned["area_id"], sort=True)
    i, j = neighbour_pairs(owned["cell_id"].to_numpy(dtype=np.int64))
    low, high = np.minimum(codes[i], codes[j]), np.maximum(codes[i], codes[j])
    distinct = np.unique(np.column_stack((low, high))[low != high], axis=0)
    return [(str(names[a]), str(names[b])) for a, b in distinct]


def colour_areas(pairs: Iterable[tuple[str, str]], areas: Sequence[str]) -> dict[str, int]:
    """Colour index (from 0) of each of `areas`; the two areas of any pair differ.

    Brélaz' DSATUR (Communications of the ACM 22, 1979: always next the area whose neighbours
    show most colours), mended by Kempe's chain swaps where it would need a fifth hue. The same
    input gives the same colours. Pairs that name an area not in `areas` are left out.
    """
    near: dict[str, set[str]] = {area: set() for area in areas}
    for a, b in pairs:
        if a != b and a in near and b in near:
            near[a].add(b)
            near[b].add(a)
    colours: dict[str, int] = {}
    waiting = dict.fromkeys(areas)
    while waiting:
        area = max(waiting, key=lambda one: (len(_seen(one, near, colours)), len(near[one])))
        del waiting[area]
        colours[area] = _colour(area, near, colours)
    return {area: colours[area] for area in areas}


def colour_around(
    pairs: Iterable[tuple[str, str]],
    areas: Sequence[str],
    chosen: Mapping[str, int],
    kept: Mapping[str, int],
) -> dict[str, int]:
    """Colour of each area: the one chosen, else the one kept where no neighbour has it, else free.

    Neighbours differ unless both were chosen. Without any kept ones as `colour_areas` would; so
    colours stay while a plan is drawn, and only a clash changes one.
    """
    known = list(pairs)
    first = kept or colour_areas(known, areas)
    colours = {area: chosen.get(area, first.get(area, -1)) for area in areas}
    near: dict[str, set[str]] = {area: set() for area in areas}
    for a, b in known:
        if a != b and a in near and b in near:
            near[a].add(b)
            near[b].add(a)
    for area in areas:
        taken = {colours[other] for other in near[area]}
        if area not in chosen and (colours[area] < 0 or colours[area] in taken):
            colours[area] = min(set(range(len(taken) + 1)) - taken)
    return colours


def _seen(area: str, near: dict[str, set[str]], colours: dict[str, int]) -> set[int]:
    return {colours[other] for other in near[area] if other in colours}


def _colour(area: str, near: dict[str, set[str]], colours: dict[str, int]) -> int:
    """The lowest colour no neighbour has, after a chain swap if that spares a hue."""
    seen = _seen(area, near, colours)
    lowest = min(set(range(len(seen) + 1)) - seen)
    if lowest < HUES:
        return lowest
    for old in range(HUES):
        for new in range(HUES):
            chain = _chain(area, (old, new), near, colours)
            if old != new and not any(colours[one] == new for one in chain & near[area]):
                colours.update({one: new if colours[one] == old else old for one in chain})
                return old
    return lowest


def _chain(
    area: str, hues: tuple[int, int], near: dict[str, set[str]], colours: dict[str, int]
) -> set[str]:
    """All areas tied to the neighbours of the first hue by areas of the two hues."""
    open_ = [one for one in near[area] if colours.get(one) == hues[0]]
    chain = set(open_)
    while open_:
        fresh = {one for one in near[open_.pop()] if colours.get(one) in hues} - chain
        chain |= fresh
        open_ += sorted(fresh)
    return chain
