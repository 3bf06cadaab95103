"""Figures about people in cells with few customers: rolled up so that no difference tells them.

One partition of the cells serves every view. It is made from all customers and the service areas
alone, never from a measure, a filter or a person's scope. What is published about any set of
cells is a function of the totals of whole groups; each group holds enough customers and groups
share no customer. So a total, a difference or any other combination of published figures tells
the sum over a set of customers only if that set is made of whole groups.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.cells import centres, parents, points_to_cells, resolutions

ALONE = 0
WHOLE_AREA = -1
"""In place of a resolution: the cell stands alone; it is published with its whole area."""

FINER = 2
"""How many resolutions finer than the cells the middle of their customers is told."""
FINEST = 15

COLUMNS = ("cell_id", "group", "customers", "group_customers", "rolled_up_to")


def partition(cells: pd.DataFrame, least: int, *, is_lived: bool = True) -> pd.DataFrame:
    """Groups of cells to be published together: COLUMNS, one row a cell with customers.

    With `is_lived` off cells without customers are grouped too, for figures about things in them.

    `cells`: cell_id, area (any label, missing is a label of its own), customers. A cell with
    `least` customers or more stands alone. Those with fewer are one group with the others of their
    parent and area; where these have too few together the sibling with the fewest customers joins
    them, and where there is none they climb on to the next parent, in the end to the whole area.
    A group that still has fewer customers (`group_customers` < `least`) must not be published.
    `rolled_up_to` is the resolution of the parent within which the group lies.
    """
    lived = cells[cells["customers"] > 0] if is_lived else cells
    cell_id = lived["cell_id"].to_numpy(dtype=np.int64)
    count = lived["customers"].to_numpy(dtype=np.int64)
    area = pd.factorize(lived["area"], use_na_sentinel=False)[0]
    group, level = np.arange(len(lived)), np.zeros(len(lived), dtype=np.int64)
    finest = int(resolutions(cell_id).min()) if len(lived) else 0
    for resolution in [*range(finest - 1, 0, -1), WHOLE_AREA]:
        total = _totals(group, count)
        if not (total < least).any():
            break
        above = np.zeros_like(cell_id) if resolution < 0 else parents(cell_id, resolution)
        family = _family(area, above)
        family_of = np.zeros(len(total), dtype=np.int64)
        family_of[group] = family
        joins = _joining(total, family_of, least)[group]
        group = pd.factorize(np.where(joins, len(total) + family, group))[0]
        level = np.where(joins, resolution, level)
    columns = (cell_id, group, count, _totals(group, count)[group], level)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), index=lived.index)


def cells_to_tell(cell_id: int, groups: pd.DataFrame, least: int) -> list[int]:
    """The cells by which a place may be told: its group's, else a parent with enough customers.

    `groups` as from `partition`. Empty where no parent has `least` customers in it.
    """
    own = groups[groups["cell_id"] == cell_id]
    if len(own) and int(own["group_customers"].iloc[0]) >= least:
        together = groups.loc[groups["group"] == own["group"].iloc[0], "cell_id"]
        return [int(one) for one in together]
    lived = groups["cell_id"].to_numpy(dtype=np.int64)
    count = groups["customers"].to_numpy(dtype=np.int64)
    given = np.array([cell_id], dtype=np.int64)
    for resolution in range(int(resolutions(given)[0]) - 1, -1, -1) if cell_id else ():
        parent = int(parents(given, resolution)[0])
        within = resolutions(lived) >= resolution
        inside = parents(lived[within], resolution) == parent
        if count[within][inside].sum() >= least:
            return [parent]
    return []


def publish_sum(values: pd.DataFrame, groups: pd.DataFrame, least: int) -> pd.DataFrame:
    """Each cell's part of its group's total by its customers: cell_id, value, rolled_up_to.

    `values`: cell_id, value; `groups` as from `partition`. Only cells with customers and a known
    value take part; where those have fewer than `least` customers together the value is NaN.
    """
    known = _known(values, groups)
    total, people = _by_group(known, known["value"]), _by_group(known, known["customers"])
    shared = total * (known["customers"] / people)
    return _shown(known, shared.where(people >= least))


def publish_mean(values: pd.DataFrame, groups: pd.DataFrame, least: int) -> pd.DataFrame:
    """As `publish_sum`, for means: every cell of a group carries the mean over its customers."""
    known = _known(values, groups)
    people = _by_group(known, known["customers"])
    weighed = _by_group(known, known["value"] * (known["customers"] / people))
    alone = known["customers"] == people
    mean = known["value"].where(alone, weighed)
    return _shown(known, mean.where(people >= least))


def apart(behind: pd.DataFrame, groups: pd.DataFrame) -> "pd.Series[int]":
    """Customers by which each transformer differs at least from any union of groups.

    A sum over a transformer's customers less published totals of groups tells of no fewer than
    these. `behind`: transformer_id, cell_id, customers; `groups` as from `partition`. Of each
    group either its customers on the transformer or those elsewhere remain, whichever are fewer;
    customers in no cell of a group always do.
    """
    found = behind.merge(groups[["cell_id", "group", "group_customers"]], on="cell_id", how="left")
    homeless = found["group"].isna()
    alone = found[homeless].groupby("transformer_id")["customers"].sum()
    shared = (
        found[~homeless]
        .groupby(["transformer_id", "group"], as_index=False)
        .agg(inside=("customers", "sum"), whole=("group_customers", "first"))
    )
    rest = (shared["whole"] - shared["inside"]).clip(lower=0)
    fewer = shared["inside"].where(shared["inside"] <= rest, rest)
    fewest = fewer.groupby(shared["transformer_id"]).sum()
    counted: pd.Series[int] = fewest.add(alone, fill_value=0).astype("int64")
    return counted


def middles(cells: pd.DataFrame, least: int) -> pd.DataFrame:
    """Where the customers of cells may be said to be in the middle: cell_id, lon, lat.

    `cells`: cell_id (one resolution), customers, lon, lat (the mean of their homes). Of fewer than
    `least` it is the cell's own middle. Of more it is the middle of a finer cell: the exact means
    before and after one more customer would tell where that one lives.
    """
    cell_id = cells["cell_id"].to_numpy(dtype=np.int64)
    if len(cell_id) == 0:
        return cells[["cell_id", "lon", "lat"]]
    finer = min(int(resolutions(cell_id).max()) + FINER, FINEST)
    near = points_to_cells(cells["lon"].to_numpy(), cells["lat"].to_numpy(), finer)
    is_told = (cells["customers"].to_numpy() >= least) & (near != 0)
    lon, lat = centres(np.where(is_told, near, cell_id))
    return cells[["cell_id"]].assign(lon=lon, lat=lat)


def load_step(
    capacity_kva: "pd.Series[float]", *, least: int, kwh_a_customer: float, kwh_a_kva: float
) -> "pd.Series[float]":
    """Share of capacity to which a load is rounded: a whole per cent, or more where that is finer
    than `least` customers' usual day. `kwh_a_kva`: a day's energy of one kVA at full load.
    """  # noqa: D205
    day = capacity_kva.astype("float64") * kwh_a_kva
    wide = (100 * least * kwh_a_customer / day.where(day > 0)).apply(np.ceil)
    return wide.clip(lower=1.0).fillna(1.0) / 100


def _totals(group: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Customers of each group."""
    return np.bincount(group, weights=count).astype(np.int64)


def _joining(total: NDArray[np.int64], family: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Which groups become one with others of their family: the small ones, and whom they need."""
    joins = total < least
    few = np.bincount(family, weights=np.where(joins, total, 0))
    lacking = (np.bincount(family, weights=joins) > 0) & (few < least)
    helpers = np.flatnonzero(~joins & lacking[family])
    ordered = helpers[np.argsort(total[helpers], kind="stable")]
    joins[ordered[np.unique(family[ordered], return_index=True)[1]]] = True
    return joins


def _family(area: NDArray[np.int64], above: NDArray[np.int64]) -> NDArray[np.int64]:
    pairs = pd.MultiIndex.from_arrays([area, above])
    return np.asarray(pairs.factorize()[0], dtype=np.int64)


def _known(values: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    rows = values[["cell_id", "value"]].dropna().drop_duplicates("cell_id")
    found = rows.merge(groups, on="cell_id")
    return found.assign(value=found["value"].astype("float64"))


def _by_group(known: pd.DataFrame, column: "pd.Series[float]") -> "pd.Series[float]":
    return column.groupby(known["group"]).transform("sum")


def _shown(rows: pd.DataFrame, value: "pd.Series[float]") -> pd.DataFrame:
    return rows[["cell_id"]].assign(value=value, rolled_up_to=rows["rolled_up_to"].to_numpy())
