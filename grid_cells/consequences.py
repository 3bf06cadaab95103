"""What redrawing a plan does to its areas: every figure before and after, and who moves.

Runs after every stroke: what does not change with the labels is prepared once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.drafts import NO_AREA, Places
from grid_cells.own_bases import OwnBases
from grid_cells.unit_figures import UnitFigures, additive

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

QUANTILES: Final = {"crew_min_median": 0.5, "crew_min_p95": 0.95}
PLACES: Final = ("halls", "banks")
MOVING: Final = ("customers", "energy_kwh", "hours")
OUTSIDE: Final = 2
"""Slots after those of the areas: units in no area, then units in two."""


@dataclass(frozen=True)
class Prepared:
    """Figures of units as arrays, for any labels of the same units.

    Rows are the `units` units, then the followers. sums: additive columns × rows, unknown as 0;
    known: which values are known, by column that has unknown ones. people: customers of each row;
    by_minutes: rows with customers and known minutes, the nearest first, with their minutes.
    cut_*: unit, number and customers of each transformer's links, by transformer. follow_*,
    place_*: the same of followers and of halls and banks; place_kind: the kind of each number.
    bases: minutes from single crews' bases, for areas that have a crew of their own.
    """

    figures: UnitFigures
    units: int
    columns: list[str]
    sums: Floats
    known: dict[str, NDArray[np.bool_]]
    by_minutes: Codes
    minutes: Floats
    people: Floats
    cut_unit: Codes
    cut_number: Codes
    cut_people: Floats
    cut_starts: Codes
    follow_unit: Codes
    follow_number: Codes
    follow_people: Floats
    place_unit: Codes
    place_number: Codes
    place_people: Floats
    place_kind: NDArray[np.object_]
    bases: OwnBases | None = None


@dataclass(frozen=True)
class Consequences:
    """Old against new.

    before, after: one row an area, on its id, in the order of the places: units, the additive
    columns of `UnitFigures` (customers by use type among them; pinned customers counted with the
    area of their override, followers with that of most of their cell), crew_min_median and
    crew_min_p95 (minutes from the base of the area's own crew, else from the nearest, weighted by
    customers, NaN where nobody is reached; pinned customers left out), halls, banks,
    transformers_cut. moved: one row an area: units_in, units_out and customers_, energy_kwh_,
    hours_ in and out. plan: rows before and after: the
    same over all areas, and units and customers in no_area and two_areas, unplaced_customers,
    units_moved, customers_moved.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    moved: pd.DataFrame
    plan: pd.DataFrame


def prepare(figures: UnitFigures, bases: OwnBases | None = None) -> Prepared:
    """What `consequences` needs of the figures, worked out once."""
    columns = additive(figures.units)
    frames = [one[columns] for one in (figures.units, figures.followers)]
    values = np.concatenate([one.to_numpy(np.float64) for one in frames]).T
    unknown, people = np.isnan(values), values[columns.index("customers")]
    minutes = nearest_base(figures)
    order = _by_minutes(minutes, people)
    at = pd.Index(figures.followers.index).get_indexer(pd.Index(figures.cell_links["cell_id"]))
    follow = figures.cell_links.assign(number=at)[at >= 0]
    cut = _numbered(figures.transformer_links, "transformer_id")
    place = _numbered(figures.place_links, "id")
    return Prepared(
        figures=figures,
        units=len(figures.units),
        columns=columns,
        sums=np.ascontiguousarray(np.nan_to_num(values)),
        known={n: ~unknown[k] for k, n in enumerate(columns) if unknown[k].any()},
        by_minutes=order,
        minutes=minutes[order],
        people=people,
        bases=bases,
        cut_unit=cut["unit"].to_numpy(np.int64),
        cut_number=cut["number"].to_numpy(np.int64),
        cut_people=cut["customers"].to_numpy(np.float64),
        cut_starts=np.flatnonzero(~cut["number"].duplicated()),
        follow_unit=follow["unit"].to_numpy(np.int64),
        follow_number=follow["number"].to_numpy(np.int64),
        follow_people=follow["customers"].to_numpy(np.float64),
        place_unit=place["unit"].to_numpy(np.int64),
        place_number=place["number"].to_numpy(np.int64),
        place_people=place["customers"].to_numpy(np.float64),
        place_kind=place.drop_duplicates("number")["kind"].to_numpy(object),
    )


def nearest_base(figures: UnitFigures) -> Floats:
    """Minutes from the nearest crew base of each unit, then of each follower."""
    sides = (figures.units, figures.followers)
    return np.concatenate([one["crew_min"].to_numpy(np.float64) for one in sides])


def _by_minutes(minutes: Floats, people: Floats) -> Codes:
    """Rows with customers and known minutes, the nearest first."""
    reached = np.flatnonzero((people > 0) & ~np.isnan(minutes))
    return reached[np.argsort(minutes[reached], kind="stable")]


def consequences(  # noqa: PLR0913 - two drawings, and what holds in each
    prepared: Prepared,
    before: Places,
    after: Places,
    area_ids: Sequence[str],
    *,
    crews: Mapping[int, str] | None = None,
    assumed: Prepared | None = None,
) -> Consequences:
    """Every area and the plan under both labels (a place in `area_ids` a unit, or below 0).

    crews: the repair crew of each area, by its place; assumed: the figures of the same units where
    halls, banks and crew bases are as the draft assumes them, which then hold for `after`.
    """
    ids: pd.Index[str] = pd.Index(list(area_ids), dtype="str")
    labels = [row_slots(prepared, one, len(ids)) for one in (before, after)]
    sides = [
        _side(_served(held, slot, ids, crews or {}), slot, ids)
        for held, slot in zip((prepared, assumed or prepared), labels, strict=True)
    ]
    plan = pd.DataFrame([one[1] for one in sides], index=["before", "after"])
    changed = labels[0] != labels[1]
    plan["units_moved"] = [0, int(changed[: prepared.units].sum())]
    plan["customers_moved"] = [0, int(_column(prepared, "customers")[changed].sum())]
    return Consequences(sides[0][0], sides[1][0], _moved(prepared, labels[0], labels[1], ids), plan)


def _side(
    prepared: Prepared, slot: Codes, ids: "pd.Index[str]"
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Areas and plan under one drawing."""
    numbers, cut = _cut(prepared, slot, len(ids))
    areas = _areas(prepared, slot, ids, cut)
    return areas, _plan(prepared, slot, areas, numbers)


def _served(
    prepared: Prepared, slot: Codes, ids: "pd.Index[str]", crews: Mapping[int, str]
) -> Prepared:
    """The figures where each area that has a crew of its own is reached from that crew's base."""
    bases = prepared.bases
    if bases is None or not crews:
        return prepared
    own = bases.columns(crews, len(ids) + OUTSIDE)
    column, figures = own[slot], prepared.figures
    rows = np.flatnonzero(column >= 0)
    minutes, sums = nearest_base(figures), prepared.sums.copy()
    minutes[rows] = bases.minutes[rows, column[rows]]
    sums[prepared.columns.index("beyond_promise"), rows] = bases.beyond[rows, column[rows]]
    order = _by_minutes(minutes, prepared.people)
    area = ids.get_indexer(figures.pinned.index)
    held = np.flatnonzero((area >= 0) & (own[area] >= 0))
    beyond = figures.pinned["beyond_promise"].to_numpy(np.float64, copy=True)
    beyond[held] = bases.pinned[held, own[area[held]]]
    pinned = figures.pinned.assign(beyond_promise=beyond)
    return replace(
        prepared, figures=replace(figures, pinned=pinned), sums=sums, by_minutes=order,
        minutes=minutes[order],
    )  # fmt: skip


def row_slots(prepared: Prepared, labels: Places, areas: int) -> Codes:
    """Where each row counts, units and then followers: see `slots`."""
    return _with_followers(prepared, slots(labels, areas), areas)


def slots(labels: Places, areas: int) -> Codes:
    """Where each unit counts: the place of its area, else one of the OUTSIDE slots after them."""
    given = np.asarray(labels, dtype=np.int64)
    return np.where(given >= 0, given, areas + NO_AREA - given)


def totals(slot: Codes, values: Floats, size: int) -> Floats:
    """Sum of the values in each slot."""
    return np.bincount(slot, weights=values, minlength=size).astype(np.float64)


def _with_followers(prepared: Prepared, slot: Codes, size: int) -> Codes:
    """Where each row counts: followers where most customers of their cell do."""
    if len(prepared.figures.followers) == 0:
        return slot
    held = slot[prepared.follow_unit]
    led = _most(prepared.follow_number, held, prepared.follow_people, size)
    chosen = np.full(len(prepared.figures.followers), size, dtype=np.int64)
    chosen[led[0]] = led[1]
    return np.concatenate([slot, chosen])


def _most(number: Codes, slot: Codes, people: Floats, size: int) -> tuple[Codes, Codes]:
    """Each number with the slot of most of its people; of equals the first; "no area" is none."""
    width, known = size + OUTSIDE, slot != size
    keys, pair = np.unique(number[known] * width + slot[known], return_inverse=True)
    votes = totals(pair, people[known], len(keys))
    best = keys[np.lexsort((keys % width, -votes, keys // width))]
    first = np.flatnonzero(np.diff(best // width, prepend=-1))
    return best[first] // width, best[first] % width


def cut_links(prepared: Prepared, slot: Codes, size: int) -> Codes:
    """Rows of the transformers' links that lie in one of several areas of their transformer."""
    if len(prepared.cut_unit) == 0:
        return np.empty(0, np.int64)
    mine = slot[prepared.cut_unit]
    inside = mine < size
    low = np.minimum.reduceat(np.where(inside, mine, size), prepared.cut_starts)
    high = np.maximum.reduceat(np.where(inside, mine, -1), prepared.cut_starts)
    return np.flatnonzero((low < high)[prepared.cut_number] & inside)


def distinct_pairs(number: Codes, area: Codes, size: int) -> tuple[Codes, Codes]:
    """Each pair of a number and an area once, by number."""
    pairs = np.sort(number * size + area)
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    return pairs // size, pairs % size


def _cut(prepared: Prepared, slot: Codes, size: int) -> tuple[Codes, Codes]:
    """Transformers with customers in several areas: number and area of each, once a pair."""
    rows = cut_links(prepared, slot, size)
    return distinct_pairs(prepared.cut_number[rows], slot[prepared.cut_unit[rows]], size)


def _numbered(links: pd.DataFrame, column: str) -> pd.DataFrame:
    """The links in order of what they link, which gets a number."""
    number = pd.factorize(links[column])[0]
    return links.assign(number=number).sort_values(["number", "unit"], ignore_index=True)


def _column(prepared: Prepared, name: str) -> Floats:
    row: Floats = prepared.sums[prepared.columns.index(name)]
    return row


def _areas(prepared: Prepared, slot: Codes, ids: "pd.Index[str]", cut: Codes) -> pd.DataFrame:
    size = len(ids)
    count = np.bincount(slot[: prepared.units], minlength=size)[:size]
    found: dict[str, NDArray[Any]] = {"units": count}
    found |= _with_pinned(prepared, slot, ids)
    found |= _reach(prepared, slot, size)
    found |= _places(prepared, slot, size)
    found["transformers_cut"] = np.bincount(cut, minlength=size)
    return pd.DataFrame(found, index=ids)


def _with_pinned(prepared: Prepared, slot: Codes, ids: "pd.Index[str]") -> dict[str, Floats]:
    """The additive columns by area; NaN where there are units and of none the value is known."""
    size, at = len(ids), ids.get_indexer(prepared.figures.pinned.index)
    here, found = at >= 0, {}
    for row, name in enumerate(prepared.columns):
        total = totals(slot, prepared.sums[row], size)[:size]
        if name in prepared.known:
            known = prepared.known[name] & (prepared.people > 0)
            some = np.bincount(slot[known], minlength=size)[:size] > 0
            any_one = np.bincount(slot[prepared.people > 0], minlength=size)[:size] > 0
            total = np.where(any_one & ~some, np.nan, total)
        if here.any():
            pinned = np.nan_to_num(prepared.figures.pinned[name].to_numpy(np.float64)[here])
            total = total + totals(at[here], pinned, size)
        found[name] = total
    return found


def _reach(prepared: Prepared, slot: Codes, size: int) -> dict[str, Floats]:
    """Minutes within which half of each slot's customers are reached, and 95 in 100."""
    mine = slot[prepared.by_minutes]
    # 16 bits are sorted by radix, which keeps the order of the minutes and is quick
    small = size + OUTSIDE < np.iinfo(np.uint16).max
    order = np.argsort(mine.astype(np.uint16) if small else mine, kind="stable")
    minutes = prepared.minutes[order]
    reached = np.cumsum(prepared.people[prepared.by_minutes[order]])
    total = totals(mine, prepared.people[prepared.by_minutes], size + OUTSIDE)
    begun, found = np.cumsum(total) - total, {}
    for name, share in QUANTILES.items():
        # of the first slot with customers at least one is asked for, less what rounding may add
        at = np.searchsorted(reached, begun + np.maximum(share * total, 1.0) - 1e-6)
        value = np.append(minutes, np.nan)[np.minimum(at, len(minutes))]
        found[name] = np.where(total > 0, value, np.nan)[:size]
    return found


def _places(prepared: Prepared, slot: Codes, size: int) -> dict[str, Codes]:
    """Halls and banks of each area: that of most customers in their cell; of equals the first."""
    number, chosen = _most(
        prepared.place_number, slot[prepared.place_unit], prepared.place_people, size
    )
    inside = chosen < size
    kind, area = prepared.place_kind[number[inside]], chosen[inside]
    return {one: np.bincount(area[kind == one], minlength=size) for one in PLACES}


def _moved(prepared: Prepared, old: Codes, new: Codes, ids: "pd.Index[str]") -> pd.DataFrame:
    changed, size = np.flatnonzero(old != new), len(ids)
    found: dict[str, NDArray[Any]] = {}
    for way, slot in (("in", new[changed]), ("out", old[changed])):
        units = slot[changed < prepared.units]
        found[f"units_{way}"] = np.bincount(units, minlength=size)[:size]
        for name in MOVING:
            values = _column(prepared, name)[changed]
            found[f"{name}_{way}"] = totals(slot, values, size)[:size]
    return pd.DataFrame(found, index=ids)


def _plan(prepared: Prepared, slot: Codes, areas: pd.DataFrame, cut: Codes) -> dict[str, float]:
    """The figures of all areas together, and of what is in none."""
    size = len(areas)
    lost_units = np.bincount(slot[: prepared.units], minlength=size + OUTSIDE)[size:]
    lost = totals(slot, _column(prepared, "customers"), size + OUTSIDE)[size:]
    summed = areas.drop(columns=[*QUANTILES, "transformers_cut"]).sum(min_count=1)
    reach = _reach(prepared, np.where(slot < size, 0, 1), 1)
    return {
        **{str(name): float(value) for name, value in summed.items()},
        **{name: float(value[0]) for name, value in reach.items()},
        "transformers_cut": int((np.diff(cut, prepend=-1) > 0).sum()),
        "no_area_units": int(lost_units[0]), "no_area_customers": int(lost[0]),
        "two_areas_units": int(lost_units[1]), "two_areas_customers": int(lost[1]),
        "unplaced_customers": int(prepared.figures.unplaced["customers"].sum()),
    }  # fmt: skip
