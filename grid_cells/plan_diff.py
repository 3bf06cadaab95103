"""How two service plans differ: who moves from which area to which, and which cells change."""

import pandas as pd

NONE = ""


def moves(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers of each change of area: old_area, new_area (missing: none), customers; most first.

    `before`, `after`: customer_no, area_id, of the same customers.
    """
    both = _joined(before, after, "customer_no")
    counted = both.groupby(["old_area", "new_area"]).size().rename("customers").reset_index()
    ordered = counted.sort_values(
        ["customers", "old_area", "new_area"], ascending=[False, True, True], ignore_index=True
    )
    return _unmarked(ordered)


def changed_cells(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Cells whose area changes: cell_id, old_area, new_area (missing: none), by cell.

    `before`, `after`: cell_id, area_id; a cell only one of them knows has none in the other.
    """
    both = _joined(before, after, "cell_id")
    return _unmarked(both.sort_values("cell_id", ignore_index=True))


def _joined(before: pd.DataFrame, after: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows of which the area differs, none marked by an empty text so that it can be grouped."""
    old = before[[key, "area_id"]].rename(columns={"area_id": "old_area"})
    new = after[[key, "area_id"]].rename(columns={"area_id": "new_area"})
    both = old.merge(new, on=key, how="outer")
    for name in ("old_area", "new_area"):
        both[name] = both[name].astype("str").fillna(NONE)
    return both[both["old_area"] != both["new_area"]]


def _unmarked(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        **{name: frame[name].mask(frame[name] == NONE) for name in ("old_area", "new_area")}
    )
