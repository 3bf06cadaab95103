"""Who serves whom: customers and cells to service areas by a plan's claims and overrides."""

import itertools
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grid_cells.cell_parts import below, counted_in, within
from grid_cells.cells import parents, resolutions

Basis = Literal["transformer", "cell"]
Codes = NDArray[np.int64]

RULES = ("none", "conflict", "customer", "transformer", "cell")
_NONE, _CONFLICT, _CUSTOMER, _TRANSFORMER, _CELL = range(len(RULES))
_NO_AREA, _TWO_AREAS = -1, -2
_CHUNK = 1 << 18
"""Customers looked up at a time: what lies between stays in memory that is used again."""


def assign_customers(
    customers: pd.DataFrame,
    *,
    basis: Basis | str,
    claims: pd.DataFrame,
    overrides: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Each customer's service area and the rule that gave it: customer_no, area_id, rule.

    `customers`: customer_no, transformer_id, cell_id (empty or 0: unknown), and lon, lat where
    claims are finer than these cells: the finest claim that holds a customer counts, see
    `cell_parts.counted_in`. `claims`: transformer_id or cell_id, area_id. `overrides`:
    transformer_id or customer_no, area_id. All as of one moment. The customer's override comes
    first, then the transformer's, then the plan's basis: "transformer" its claim, else a claim on
    its cell, else, where no transformer is known, the area most of the cell's customers have;
    "cell" the cell's claim. A unit that two areas claim gives rule "conflict" and no area; nothing
    found gives "none". Raises ValueError on another basis.
    """
    if basis not in ("transformer", "cell"):
        raise ValueError(f"unknown basis {basis!r}")
    stated = [claims] if overrides is None else [claims, overrides]
    names = _area_names(*stated)
    area, rule = _decide(customers, names, basis, claims, overrides)
    columns = {
        "customer_no": customers["customer_no"].array,
        "area_id": _taken(names, area).array,
        "rule": _taken(pd.Index(RULES), rule).array,
    }
    return pd.DataFrame(columns, index=customers.index)


def cell_areas(
    customers: pd.DataFrame, assigned: pd.DataFrame, *, basis: Basis | str, claims: pd.DataFrame
) -> pd.DataFrame:
    """Each cell's service area: cell_id, area_id, rule, is_mixed, areas (all concerned, sorted).

    `customers`: cell_id, transformer_id; `assigned` as from `assign_customers`, in the same
    order. Under basis "cell" the area is the one that claims the cell or a coarser one around it;
    under "transformer", and where finer cells within are claimed, the one most of its customers
    have, a claim standing in where nobody has any. Rule is cell, conflict or none. `is_mixed`: its
    customers or the finer cells within are of several areas.
    """
    names = _area_names(claims, assigned)
    claims, finer = _on_ground(customers, claims)
    cells, area = _cells(customers), _codes(names, assigned)
    in_conflict = (assigned["rule"] == "conflict").to_numpy()
    people = pd.DataFrame({"cell_id": cells, "area": area})
    lived = people[(cells != 0) & (area >= 0)].drop_duplicates()
    torn = _claimants(customers[in_conflict], claims, names)
    inner = _claims_on_cells(finer, names)
    on_cells = _claims_on_cells(claims, names)
    concerned = pd.concat([lived, on_cells, inner, torn]).drop_duplicates()
    found, lists = _lists_by_cell(concerned, names)
    own = _claimed(claims, names, found)
    by_people = np.isin(found, inner["cell_id"]) | (basis == "transformer")
    if by_people.any():
        most = _majority_of(cells, np.where(in_conflict, _TWO_AREAS, area), found)
        kids = _majority_of(inner["cell_id"].to_numpy(), inner["area"].to_numpy(), found)
        most = np.where(most == _NO_AREA, kids, most)
        own = np.where(by_people & (most != _NO_AREA), most, own)
    several = pd.concat([lived, inner]).drop_duplicates()["cell_id"].value_counts()
    rule = np.select([own >= 0, own == _TWO_AREAS], [_CELL, _CONFLICT], _NONE)
    return pd.DataFrame(
        {
            "cell_id": found,
            "area_id": _taken(names, own),
            "rule": _taken(pd.Index(RULES), rule),
            "is_mixed": several.reindex(found).fillna(0).to_numpy() > 1,
            "areas": lists,
        }
    )


def _on_ground(customers: pd.DataFrame, claims: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The claims by cells of the customers' resolution, and those on finer cells by their ancestor.

    A coarser claim covers every cell in it that no finer claim stands for.
    """
    cells, homes = _cells(claims), _cells(customers)
    level = resolutions(homes[homes != 0][:1])
    uneven = np.flatnonzero((cells != 0) & (resolutions(cells) != (level[0] if len(level) else 0)))
    if not len(level) or not len(uneven):
        return claims, claims.iloc[:0]
    store = int(level[0])
    is_fine = resolutions(cells[uneven]) > store
    fine = uneven[is_fine]
    finer = claims.iloc[fine].assign(cell_id=parents(cells[fine], store))
    even = np.setdiff1d(np.arange(len(claims)), uneven)
    coarse = uneven[~is_fine]
    coarse = coarse[np.argsort(-resolutions(cells[coarse]), kind="stable")]
    row, ground = below(cells[coarse], store)
    spread = claims.iloc[coarse[row]].assign(cell_id=ground)
    covered = np.isin(ground, np.concatenate([cells[even], finer["cell_id"].to_numpy()]))
    covered |= within(ground, cells[coarse]) != cells[coarse[row]]
    return pd.concat([claims.iloc[even], spread[~covered]], ignore_index=True), finer


def assign_places(places: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The service area in whose cell each hall, bank or crew lies: area_id and rule.

    `places`: cell_id (empty or 0: unknown); `cells` as from `cell_areas`. Rule is cell, conflict
    or none; the index is that of `places`.
    """
    held = cells.set_index("cell_id")[["area_id", "rule"]].reindex(_cells(places))
    return held.fillna({"rule": RULES[_NONE]}).set_axis(places.index)


def _decide(
    customers: pd.DataFrame,
    names: "pd.Index[str]",
    basis: str,
    claims: pd.DataFrame,
    overrides: pd.DataFrame | None,
) -> tuple[Codes, NDArray[np.int8]]:
    """Area and rule of each customer, as codes: the first step that says anything counts."""
    cells = _cells(customers)
    area = np.full(len(customers), _NO_AREA, dtype=np.int64)
    rule = np.full(len(customers), _NONE, dtype=np.int8)

    def settle(name: int, found: Codes | None) -> None:
        if found is not None:
            new = (area == _NO_AREA) & (found != _NO_AREA)
            np.copyto(area, found, where=new)
            np.copyto(rule, name, where=new)

    if overrides is not None:
        settle(_CUSTOMER, _look_up(overrides, names, "customer_no", customers))
        settle(_TRANSFORMER, _look_up(overrides, names, "transformer_id", customers))
    if basis == "transformer":
        settle(_TRANSFORMER, _look_up(claims, names, "transformer_id", customers))
    settle(_CELL, _claimed(claims, names, _claimed_cells(customers, claims)))
    if basis == "transformer":
        # A transformer that no area claims waits for the planner: its neighbours do not decide.
        bound = (cells == 0) | customers["transformer_id"].notna().to_numpy()
        settle(_CELL, np.where(bound, _NO_AREA, _majority_of(cells, area, cells)))
    rule[area == _TWO_AREAS] = _CONFLICT
    return area, rule


def _claimed_cells(customers: pd.DataFrame, claims: pd.DataFrame) -> Codes:
    """The claimed cell in which each customer counts, else their own."""
    cells, stated = _cells(customers), _cells(claims[claims["area_id"].notna()])
    unknown = np.full(len(cells), np.nan) if "lon" not in customers else None
    lon, lat = (customers[axis] if unknown is None else unknown for axis in ("lon", "lat"))
    return counted_in(cells, lon, lat, stated[stated != 0])


def _area_names(*frames: pd.DataFrame) -> "pd.Index[str]":
    """All areas by name, so that the lower code is the first by name."""
    names = pd.concat([frame["area_id"].astype("str") for frame in frames]).dropna().unique()
    ordered: pd.Index[str] = pd.Index(np.sort(np.asarray(names, dtype=object)), dtype="str")
    return ordered


def _codes(names: "pd.Index[str]", frame: pd.DataFrame) -> Codes:
    return _positions(frame["area_id"], names)


def _positions(texts: "pd.Series[str]", among: "pd.Index[str]") -> Codes:
    """Where each text stands in `among`, -1 for nowhere; by Arrow, which makes no objects."""
    wanted = pa.array(texts.astype("str"), pa.large_string())
    found = pc.index_in(wanted, pa.array(among, pa.large_string()), skip_nulls=True)
    return np.asarray(found.fill_null(-1), dtype=np.int64)


def _taken(texts: "pd.Index[str]", codes: NDArray[Any]) -> "pd.Series[str]":
    """The text at each code, missing below 0."""
    at = pa.array(np.maximum(codes, 0), mask=codes < 0)
    return pd.Series(pd.array(pa.array(texts, pa.large_string()).take(at), dtype="str"))


def _cells(frame: pd.DataFrame) -> Codes:
    cells = frame["cell_id"]
    known = cells if cells.dtype == np.int64 else cells.astype("Int64").fillna(0)
    return np.asarray(known, dtype=np.int64)


def _unit_areas(units: "pd.Series[str]", areas: Codes) -> "pd.Series[int]":
    """Area by unit, _TWO_AREAS where different ones claim it."""
    spans = pd.Series(areas).groupby(units.to_numpy()).agg(["min", "max"])
    return spans["min"].where(spans["min"] == spans["max"], _TWO_AREAS)


def _look_up(
    claims: pd.DataFrame, names: "pd.Index[str]", unit: str, customers: pd.DataFrame
) -> Codes | None:
    """Area of each customer by the claims on its `unit` (a text column), None without claims."""
    stated = claims[claims[unit].notna() & claims["area_id"].notna()]
    if stated.empty:
        return None
    by_unit = _unit_areas(stated[unit].astype("str"), _codes(names, stated))
    at = _positions(customers[unit], by_unit.index)
    return np.where(at >= 0, by_unit.to_numpy()[at], _NO_AREA)


def _claims_on_cells(claims: pd.DataFrame, names: "pd.Index[str]") -> pd.DataFrame:
    frame = pd.DataFrame({"cell_id": _cells(claims), "area": _codes(names, claims)})
    return frame[(frame["cell_id"] != 0) & (frame["area"] >= 0)]


def _claimants(
    customers: pd.DataFrame, claims: pd.DataFrame, names: "pd.Index[str]"
) -> pd.DataFrame:
    """The areas that claim the transformers of these customers, by the customers' cells."""
    stated = claims[claims["transformer_id"].notna()]
    by_unit = pd.DataFrame(
        {"unit": stated["transformer_id"].astype("str"), "area": _codes(names, stated)}
    )
    here = pd.DataFrame(
        {"unit": customers["transformer_id"].astype("str"), "cell_id": _cells(customers)}
    )
    here = here[here["cell_id"] != 0].drop_duplicates()
    return here.merge(by_unit[by_unit["area"] >= 0], on="unit")[["cell_id", "area"]]


def _claimed(claims: pd.DataFrame, names: "pd.Index[str]", cells: Codes) -> Codes:
    """Area that claims each of `cells`."""
    stated = _claims_on_cells(claims, names)
    if stated.empty:
        return np.full(len(cells), _NO_AREA, dtype=np.int64)
    by_cell = _unit_areas(stated["cell_id"], stated["area"].to_numpy())
    index, areas = pd.Index(by_cell.index), by_cell.to_numpy()
    found = np.empty(len(cells), dtype=np.int64)
    for start in range(0, len(cells), _CHUNK):
        at = index.get_indexer(cells[start : start + _CHUNK])
        found[start : start + _CHUNK] = np.where(at >= 0, areas[at], _NO_AREA)
    return found


def _lists_by_cell(pairs: pd.DataFrame, names: "pd.Index[str]") -> tuple[Codes, list[list[str]]]:
    """The cells in order, and the sorted names of each one's areas."""
    order = np.lexsort((pairs["area"], pairs["cell_id"]))
    cells, starts = np.unique(pairs["cell_id"].to_numpy()[order], return_index=True)
    words = _taken(names, pairs["area"].to_numpy()[order]).to_list()
    bounds = [*starts, len(words)]
    return cells, [words[start:end] for start, end in itertools.pairwise(bounds)]


def _majority_of(cells: Codes, areas: Codes, wanted: Codes) -> Codes:
    """Area that most assigned customers of each wanted cell have; of equals the first by name.

    Customers in conflict count as a candidate of their own, so that a cell they dominate is one.
    """
    known = (areas != _NO_AREA) & (cells != 0)
    frame = pd.DataFrame({"cell_id": cells[known], "area": areas[known]})
    counts = frame.groupby(["cell_id", "area"]).size().rename("customers").reset_index()
    order = counts.sort_values(["customers", "area"], ascending=[False, True])
    most = order.drop_duplicates("cell_id").set_index("cell_id")["area"]
    return most.reindex(wanted).fillna(_NO_AREA).to_numpy(dtype=np.int64)
