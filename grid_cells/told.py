"""What may be told anew of people, once something of the same was told before.

Two tellings of a figure differ by what changed in between, so a figure is told anew only when
values of enough customers stand behind it that stood behind none told before. Then the newest
figure in any combination of those told brings that many customers' values of its own along: no
combination, and so no difference of two, comes down to fewer.

The values behind a figure of energy are not kept a second time, only a mark: a customer has a
slot, a slot has a byte that the values of its customers give. A slot whose byte differs holds a
customer whose value differs, so slots count customers from below.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.small_cells import publish_mean

SLOTS = 16
MARKS = ["mark_low", "mark_high"]
_KEY = ["group", "day"]
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))
"""Shifts and factors of splitmix64 (Steele, Lea and Flood 2014)."""
_POSITIVE = np.uint64(0x7FFF_FFFF_FFFF_FFFF)


def name_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """The groups (cell_id, group, …) named by their cells: the same cells, the same name."""
    mixed = groups["cell_id"].to_numpy(dtype=np.int64).view(np.uint64)
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    code, _ = pd.factorize(groups["group"])
    names = np.zeros(len(groups), dtype=np.uint64)
    np.add.at(names, code, mixed)
    return groups.assign(group=(names[code] & _POSITIVE).astype(np.int64))


def slots_of(marks: pd.DataFrame) -> NDArray[np.uint8]:
    """The bytes of the slots, a row a figure: shape (figures, SLOTS); 0 where nobody was read."""
    words = np.ascontiguousarray(marks[MARKS].to_numpy(dtype="<u8"))
    return words.view(np.uint8).reshape(len(marks), SLOTS)


def tell_days(now: pd.DataFrame, told: pd.DataFrame, least: int) -> pd.DataFrame:
    """The telling of each group's day to be shown: group, day, telling, energy_kwh, MARKS, is_new.

    `now`: group, day, energy_kwh, people (at least so many customers were read), MARKS; one row a
    group and day. `told`: group, day, telling, energy_kwh, MARKS; every telling of these so far.
    A first telling needs `least` people. A new one needs as many slots with a byte that no earlier
    telling has; else the earlier telling that differs least from now is shown, of equals the last.
    """
    now = now.reset_index(drop=True)
    pairs = now[_KEY].assign(row=now.index).merge(told, on=_KEY)
    row = pairs["row"].to_numpy(dtype=np.int64)
    here = slots_of(now)
    is_same = here[row] == slots_of(pairs)
    is_known = np.zeros(here.shape, dtype=bool)
    np.logical_or.at(is_known, row, is_same)
    fresh = ((here != 0) & ~is_known).sum(axis=1)
    last = pairs.groupby("row")["telling"].max().reindex(now.index)
    enough = np.where(last.isna(), now["people"], fresh) >= least
    new = now[enough].assign(telling=last[enough].fillna(0).astype("int64") + 1, is_new=True)
    ranked = pairs.assign(differs=(~is_same).sum(axis=1), is_new=False)[~enough[row]]
    ranked = ranked.sort_values(["row", "differs", "telling"], ascending=[True, True, False])
    columns = [*_KEY, "telling", "energy_kwh", *MARKS, "is_new"]
    parts = [new[columns], ranked.drop_duplicates("row")[columns]]
    shown: pd.DataFrame = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return shown


def tell_means(
    values: pd.DataFrame, groups: pd.DataFrame, told: pd.DataFrame, least: int
) -> pd.DataFrame:
    """Means to be told of groups for the first time or anew: cell_id, behind, shown, customers.

    `values`: cell_id, value; `groups` as from `partition`; `told`: cell_id, behind; every value of
    a cell that stood behind a mean told so far. A group's mean is told where cells of `least`
    customers together have values that stood behind none. `customers`: all behind the mean.
    """
    known = values[["cell_id", "value"]].dropna().drop_duplicates("cell_id").merge(groups)
    before = pd.MultiIndex.from_frame(told[["cell_id", "behind"]])
    is_fresh = ~pd.MultiIndex.from_frame(known[["cell_id", "value"]]).isin(before)
    fresh = known["customers"].where(is_fresh, 0).groupby(known["group"]).transform("sum")
    new = known[fresh >= least]
    shown = publish_mean(new[["cell_id", "value"]], groups, least)
    people = new["customers"].groupby(new["group"]).transform("sum")
    found = new[["cell_id"]].assign(behind=new["value"], customers=people)
    return found.merge(shown.rename(columns={"value": "shown"})[["cell_id", "shown"]])
