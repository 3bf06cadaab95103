"""What if a hall, a payment point or a crew base were added, moved or closed."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.cells import points_to_cells
from grid_cells.distance import distance_m
from grid_cells.errors import UserError

Kind = Literal["hall", "bank", "crew"]
Deed = Literal["added", "moved", "closed"]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

KINDS: Final[tuple[Kind, ...]] = ("hall", "bank", "crew")
DEEDS: Final[tuple[Deed, ...]] = ("added", "moved", "closed")
SAME_PLACE_M: Final = 100.0
"""A loaded place so near to where one was assumed is the one that was assumed."""
LEAST_CHANGE_MIN: Final = 1.0
"""Whose way changes by less neither gains nor loses: streets are not known to the second."""
FAR_MIN: Final = 30.0
COLUMNS: Final = ["id", "name", "lon", "lat", "cell_id"]


@dataclass(frozen=True)
class Assumption:
    """A place as a plan assumes it; lon, lat (WGS-84) are where it would be, None where closed."""

    kind: Kind
    place_id: str
    deed: Deed
    name: str
    lon: float | None = None
    lat: float | None = None


def check(held: Collection[Assumption], new: Assumption, real: pd.DataFrame) -> None:
    """Raise UserError where a plan that assumes `held` cannot assume `new` as well.

    `real`: the places of its kind (id, lon, lat). `what_if_twice` for a place that is assumed
    already, `what_if_place_unknown` for one that is to be moved or closed and does not exist,
    `what_if_there_already` for one that would be where it, or another, is.
    """
    if any((one.kind, one.place_id) == (new.kind, new.place_id) for one in held):
        raise UserError("what_if_twice", place=new.name)
    if new.deed != "added" and new.place_id not in set(real["id"]):
        raise UserError("what_if_place_unknown", place=new.place_id)
    if new.deed != "closed" and is_real(new, real, held):
        raise UserError("what_if_there_already", place=new.name)


def free_place_id(taken: Collection[str]) -> str:
    """A code (NEW-1 …) that no place has."""
    return next(code for n in itertools.count(1) if (code := f"NEW-{n}") not in taken)


def with_assumed(
    places: pd.DataFrame, assumed: Sequence[Assumption], resolution: int
) -> pd.DataFrame:
    """The places of one kind as they would be: COLUMNS, those that stay first.

    `places`: COLUMNS at least; `assumed`: of the same kind. A place that is closed and not among
    `places` changes nothing; one that is moved is there at its new place, whether or not it was.
    """
    gone = {one.place_id for one in assumed if one.deed != "added"}
    stay = places.loc[~places["id"].isin(gone), COLUMNS]
    new = [one for one in assumed if one.deed != "closed"]
    if not new:
        return stay.reset_index(drop=True)
    rows = pd.DataFrame([(one.place_id, one.name, one.lon, one.lat) for one in new],
                        columns=COLUMNS[:-1])  # fmt: skip
    rows["cell_id"] = points_to_cells(rows["lon"], rows["lat"], resolution)
    return pd.concat([stay, rows], ignore_index=True) if len(stay) else rows


def is_real(one: Assumption, places: pd.DataFrame, assumed: Collection[Assumption] = ()) -> bool:
    """Whether the loaded places of its kind (id, lon, lat) have come to be as assumed.

    A closed place is gone; a moved one lies within SAME_PLACE_M of where it would be, and where
    one was added there lies another that the plan (`assumed`) neither moves nor closes.
    """
    if one.deed == "closed":
        return one.place_id not in set(places["id"])
    if one.deed == "moved":
        return has_near(places[places["id"] == one.place_id], one)
    gone = [other.place_id for other in assumed if other.kind == one.kind]
    return has_near(places[~places["id"].isin(gone)], one)


def has_near(places: pd.DataFrame, one: Assumption) -> bool:
    """Whether any of the places (lon, lat) lies where that one would be."""
    here = np.array([one.lon, one.lat], dtype=np.float64)
    lon, lat = (places[axis].to_numpy(np.float64) for axis in ("lon", "lat"))
    return bool((distance_m(lon, lat, *here) <= SAME_PLACE_M).any())


def reach(minutes: Floats, customers: Floats) -> dict[str, float]:
    """Minutes within which half of the customers are there (median) and 95 of 100 (p95), and far.

    NaN minutes are nobody's way: left out of both, and counted with those over FAR_MIN in `far`.
    """
    known = np.flatnonzero(~np.isnan(minutes) & (customers > 0))
    far = float(customers[~(minutes <= FAR_MIN)].sum())
    if not len(known):
        return {"median": np.nan, "p95": np.nan, "far": far}
    order = known[np.argsort(minutes[known], kind="stable")]
    reached = np.cumsum(customers[order])
    at = np.searchsorted(reached, np.array([0.5, 0.95]) * reached[-1] - 1e-6)
    median, p95 = minutes[order][at]
    return {"median": float(median), "p95": float(p95), "far": far}


def gains(before: Floats, after: Floats, customers: Floats) -> tuple[Floats, Floats]:
    """Customers of each row who gain, and who lose, by LEAST_CHANGE_MIN or more.

    To be reached at all is a gain, to be reached no longer a loss.
    """
    old, new = (np.where(np.isnan(one), np.inf, one) for one in (before, after))
    saved = np.zeros(len(old))
    np.subtract(old, new, out=saved, where=~(np.isinf(old) & np.isinf(new)))
    shorter, longer = saved >= LEAST_CHANGE_MIN, saved <= -LEAST_CHANGE_MIN
    return np.where(shorter, customers, 0.0), np.where(longer, customers, 0.0)


def reach_by_area(
    slots: tuple[Codes, Codes], minutes: tuple[Floats, Floats], customers: Floats, size: int
) -> pd.DataFrame:
    """Of each area (slots 0 to size − 1) and, in the last row, of all: old against new.

    `slots`, `minutes`: of each row before and after. Columns customers, median_, p95_ and far_
    before and after, gained, lost; who gains or loses is told by the area of after.
    """
    found = pd.DataFrame(index=range(size + 1))
    for side, slot, given in zip(("before", "after"), slots, minutes, strict=True):
        inside = [*(slot == n for n in range(size)), np.ones(len(slot), dtype=bool)]
        told = [reach(given[mine], customers[mine]) for mine in inside]
        found = found.join(pd.DataFrame(told).add_suffix(f"_{side}"))
    for name, counted in zip(("gained", "lost"), gains(*minutes, customers), strict=True):
        sums = np.bincount(slots[1], weights=counted, minlength=size)[:size]
        found[name] = np.append(sums, counted.sum())
    people = np.bincount(slots[1], weights=customers, minlength=size)[:size]
    return found.assign(customers=np.append(people, customers.sum()))
