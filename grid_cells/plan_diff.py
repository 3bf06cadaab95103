"""How two service plans differ: who moves from which area to which, and which cells change."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NONE = ""
Numbers = NDArray[np.int64]
HIDDEN: Final = "…"
"""Stands for every area out of the reader's sight."""
AREAS: Final = ["old_area", "new_area"]


def moves(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers of each change of area: old_area, new_area (missing: none), customers; most first.

    `before`, `after`: customer_no, area_id, of the same customers.
    """
    return counted(changed_people(before, after), "customers")


def changed_people(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers whose area changes: customer_no, old_area, new_area (missing: none), by number."""
    return _changed(before, after, "customer_no")


def changed_cells(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Cells whose area changes: cell_id, old_area, new_area (missing: none), by cell.

    `before`, `after`: cell_id, area_id; a cell only one of them knows has none in the other.
    """
    return _changed(before, after, "cell_id")


def counted(changed: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows that go from area to area: old_area, new_area (missing: none), `name`; most first."""
    marked = changed.assign(**{one: changed[one].astype("str").fillna(NONE) for one in AREAS})
    found = marked.groupby(AREAS).size().rename(name).reset_index()
    ordered = found.sort_values([name, *AREAS], ascending=[False, True, True], ignore_index=True)
    return _unmarked(ordered)


def move_table(people: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Every way from area to area: old_area, new_area (missing: none), customers, cells.

    Most customers first. `people`, `cells`: old_area, new_area of whatever changes. Customers may
    move while their cell, which follows most of its customers, stays, and the other way round.
    """
    both = counted(people, "customers").merge(counted(cells, "cells"), on=AREAS, how="outer")
    both = both.fillna({"customers": 0, "cells": 0}).astype({"customers": int, "cells": int})
    order = both.assign(**{one: both[one].fillna(NONE) for one in AREAS}).sort_values(
        ["customers", "cells", *AREAS], ascending=[False, False, True, True]
    )
    return both.loc[order.index].reset_index(drop=True)


def both_sides(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Every cell that either plan knows: cell_id, old_area, new_area (missing: none), by cell."""
    return _unmarked(_joined(before, after, "cell_id")).sort_values("cell_id", ignore_index=True)


def pair_numbers(cells: pd.DataFrame) -> tuple[pd.DataFrame, Numbers]:
    """The different pairs of areas of `both_sides`, unchanged ones first, and each cell's pair.

    Pairs: old_area, new_area (missing: none), cells, is_changed. Cells in no area in both have -1.
    """
    marked = cells.assign(**{one: cells[one].fillna(NONE) for one in AREAS})
    marked["is_changed"] = marked["old_area"] != marked["new_area"]
    stated = marked[(marked["old_area"] != NONE) | (marked["new_area"] != NONE)]
    pairs = stated.groupby(["is_changed", *AREAS]).size().rename("cells").reset_index()
    keys = pd.MultiIndex.from_frame(pairs[AREAS])
    number = keys.get_indexer(pd.MultiIndex.from_frame(marked[AREAS]))
    return _unmarked(pairs), np.asarray(number, dtype=np.int64)


def gone_and_new(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """Areas that only the first plan has, and those that only the second has, in order."""
    old, new = set(before), set(after)
    return sorted(old - new), sorted(new - old)


def hidden(frame: pd.DataFrame, seen: frozenset[str] | None) -> pd.DataFrame:
    """The frame with HIDDEN for the area_id of every area out of sight; None = all are in sight."""
    if seen is None:
        return frame
    out = frame["area_id"].notna() & ~frame["area_id"].isin(seen)
    return frame.assign(area_id=frame["area_id"].mask(out, HIDDEN))


def _changed(before: pd.DataFrame, after: pd.DataFrame, key: str) -> pd.DataFrame:
    both = _joined(before, after, key)
    changed = both[both["old_area"] != both["new_area"]]
    return _unmarked(changed.sort_values(key, ignore_index=True))


def _joined(before: pd.DataFrame, after: pd.DataFrame, key: str) -> pd.DataFrame:
    """Both areas of each row, none marked by an empty text so that it can be grouped."""
    old = before[[key, "area_id"]].rename(columns={"area_id": "old_area"})
    new = after[[key, "area_id"]].rename(columns={"area_id": "new_area"})
    both = old.merge(new, on=key, how="outer")
    for name in AREAS:
        both[name] = both[name].astype("str").fillna(NONE)
    return both


def _unmarked(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].mask(frame[name] == NONE) for name in AREAS})
