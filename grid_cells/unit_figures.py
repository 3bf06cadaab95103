"""What each unit of a plan means for people and work: customers, energy, faults, hours, minutes.

Everything is worked out from atoms: customers who share transformer, cell and override, so that no
plan by transformers or by cells can part them but by their own override.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.cell_parts import counted_in, within
from grid_cells.cells import centres, points_to_cells, resolutions
from grid_cells.workload import work

KEY: Final = ["transformer_id", "cell_id", "is_pinned", "pinned_to"]
PART: Final = "part_cell"
"""With KEY where a plan's cells are finer than the store's: the finer cell, else the same."""
USE: Final = "customers_"
"""Before the name of a use type: the column of its customers; alone: those whose use is unknown."""
MONTH_DAYS: Final = 365.25 / 12
HISTORY_DAYS, LEAST_HISTORY_DAYS = 365.0, 30.0
ADDITIVE: Final = (
    "customers", "meters", "transformers", "prepaid", "energy_kwh", "faults", "visits", "hours",
    "travel", "beyond_promise",
)  # fmt: skip
"""Columns whose sum over units is the figure of an area, beside those of each use type."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class UnitFigures:
    """Figures of a plan's units, and the customers whose area no unit decides.

    units: one row a unit, in the order asked for: ADDITIVE, customers by use type (USE + type),
    crew_min (mean over its customers), promise_min (that of most of them), lon, lat (the middle of
    its customers' cells), cell_id of that middle (0 = unknown), upper_unit, halls, banks.
    cell_links: unit (row), cell_id, customers. transformer_links: unit (row), transformer_id,
    customers. place_links: kind, id, unit (row), customers of the unit in the place's cell.
    followers: by transformers, customers of no known transformer by cell_id: ADDITIVE, use types
    and crew_min; they belong where most of their cell do, as `assignment` has it.
    pinned: ADDITIVE and use types of the customers with an override, by area_id (missing: their
    overrides name several). unplaced: one row, the customers of no unit asked for.
    faults_unplaced: faults a month whose place is unknown, in no other figure.
    """

    units: pd.DataFrame
    cell_links: pd.DataFrame
    transformer_links: pd.DataFrame
    place_links: pd.DataFrame
    followers: pd.DataFrame
    pinned: pd.DataFrame
    unplaced: pd.DataFrame
    history_days: float | None = None
    faults_unplaced: float = 0.0


def key_of(frame: pd.DataFrame) -> list[str]:
    """KEY, and PART where the frame tells of it."""
    return [*KEY, PART] if PART in frame else KEY


def history_days(first_at: datetime | None, at: datetime) -> float | None:
    """Days by which faults are divided: since the first outage known, 30 to 365; None without one.

    A history of under 30 days counts as 30, so that one storm does not become a storm a month.
    """
    if first_at is None:
        return None
    known = (at - first_at).total_seconds() / 86_400
    return min(HISTORY_DAYS, max(LEAST_HISTORY_DAYS, known))


def gather(rows: pd.DataFrame) -> pd.DataFrame:
    """Atoms: KEY, customers, meters and customers by use type (USE + type), one row each.

    `rows`: KEY, use_type, customers, meters.
    """
    key = key_of(rows)
    grouped = rows.groupby(key, dropna=False, sort=False, observed=True)
    code = np.asarray(grouped.ngroup(), dtype=np.int64)
    first = rows[~pd.Series(code).duplicated().to_numpy()]
    atoms = first[key].reset_index(drop=True)
    count = rows["customers"].to_numpy()
    atoms["customers"] = _sum(code, count, len(atoms)).astype(np.int64)
    atoms["meters"] = _sum(code, rows["meters"].to_numpy(), len(atoms)).astype(np.int64)
    for use in sorted(rows["use_type"].unique()):
        here = (rows["use_type"] == use).to_numpy()
        of_use = _sum(code[here], count[here], len(atoms))
        atoms[USE + str(use)] = of_use.astype(np.int64)
    return atoms


def with_faults(atoms: pd.DataFrame, faults: pd.DataFrame, days: float | None) -> pd.DataFrame:
    """The atoms with `faults` a month; NaN where no outage was ever known (`days` None).

    `faults`: KEY, faults in the history; rows of no atom count nowhere.
    """
    if days is None:
        return atoms.assign(faults=np.nan)
    known = faults.assign(is_pinned=faults["is_pinned"].astype("bool"))
    key = key_of(atoms)
    found = atoms[key].merge(known, on=key, how="left")["faults"].fillna(0.0)
    return atoms.assign(faults=found.to_numpy(np.float64) * (MONTH_DAYS / days))


def with_shares(atoms: pd.DataFrame, by_cell: pd.DataFrame) -> pd.DataFrame:
    """The atoms with their part of their cell's energy_kwh a month and prepaid customers.

    `by_cell`: cell_id, customers, energy_a_day (kWh), prepaid, of the whole cell. Each customer
    has the same part: an atom tells no more than its cell does. NaN where the cell is unknown.
    """
    held = by_cell.drop_duplicates("cell_id").set_index("cell_id")
    here = held.reindex(atoms["cell_id"])
    share = atoms["customers"].to_numpy() / here["customers"].to_numpy(np.float64)
    return atoms.assign(
        energy_kwh=here["energy_a_day"].to_numpy(np.float64) * share * MONTH_DAYS,
        prepaid=here["prepaid"].to_numpy(np.float64) * share,
    )


def with_network(atoms: pd.DataFrame, transformers: pd.DataFrame) -> pd.DataFrame:
    """The atoms with their part of their public transformer and the upper unit of its feeder.

    `transformers`: transformer_id, is_public, unit_id. A transformer counts as one over all its
    customers: `transformers` is each atom's part of it.
    """
    held = transformers.set_index("transformer_id")
    here = held[["is_public", "unit_id"]].reindex(atoms["transformer_id"])
    of_all = atoms.groupby("transformer_id")["customers"].transform("sum").to_numpy(np.float64)
    is_public = here["is_public"].eq(True).to_numpy()
    share = np.where(is_public, atoms["customers"].to_numpy() / of_all, 0.0)
    return atoms.assign(transformers=np.nan_to_num(share), upper_unit=here["unit_id"].to_numpy())


def with_reach(atoms: pd.DataFrame, minutes: pd.DataFrame, promised: pd.DataFrame) -> pd.DataFrame:
    """The atoms with crew_min (NaN unknown or unreachable), beyond_promise and promise_min.

    `minutes`: cell_id, value (NaN: no crew comes there). `promised`: KEY, promise_min, customers
    with that promise. Beyond is who is reached later than promised, or not at all; who has no
    promise or whose minutes nobody knows is not counted.
    """
    kept = promises(atoms, promised)
    crew_min, beyond = reached(atoms, minutes, kept)
    most = _most(kept.atom, kept.within_min, kept.customers, len(atoms))
    return atoms.assign(crew_min=crew_min, beyond_promise=beyond, promise_min=most)


@dataclass(frozen=True)
class Promises:
    """Customers by what they are promised: atom (row), within_min (NaN: nothing), customers."""

    atom: Codes
    within_min: NDArray[np.float64]
    customers: NDArray[np.float64]


def promises(atoms: pd.DataFrame, promised: pd.DataFrame) -> Promises:
    """The rows of `promised` (KEY, promise_min, customers) by the atom they are about."""
    key = key_of(atoms)
    at = atoms[key].assign(atom=np.arange(len(atoms)))
    rows = promised.merge(at, on=key)
    return Promises(
        rows["atom"].to_numpy(np.int64), rows["promise_min"].to_numpy(np.float64),
        rows["customers"].to_numpy(np.float64),
    )  # fmt: skip


def reached(
    atoms: pd.DataFrame, minutes: pd.DataFrame, promised: Promises
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minutes to each atom, and its customers beyond their promise: see `with_reach`."""
    held = minutes.drop_duplicates("cell_id").set_index("cell_id")["value"]
    known = atoms["cell_id"].isin(held.index).to_numpy()
    crew_min = held.reindex(atoms["cell_id"]).to_numpy(np.float64)
    atom, least = promised.atom, promised.within_min
    late = known[atom] & ~np.isnan(least) & ~(crew_min[atom] <= least)
    return crew_min, _sum(atom[late], promised.customers[late], len(atoms))


def with_work(atoms: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """The atoms with visits, hours and travel (hours of these) a month, see `workload.work`."""
    return atoms.join(work(atoms, tasks))


def by_unit(  # noqa: PLR0913 - the three frames a unit may meet
    atoms: pd.DataFrame,
    *,
    basis: str,
    units: "pd.Index[Any]",
    transformers: pd.DataFrame,
    places: pd.DataFrame,
    resolution: int,
    days: float | None = None,
    faults_unplaced: float = 0.0,
) -> UnitFigures:
    """Figures of the units, by an atom's transformer or cell; every atom counts exactly once.

    `atoms` as after `with_work`; `transformers`: transformer_id, lon, lat, cell_id, unit_id;
    `places`: kind (halls or banks), id, cell_id. Raises ValueError on another basis.
    """
    if basis not in ("transformer", "cell"):
        raise ValueError(f"unknown basis {basis!r}")
    code, pinned, follows = placing(atoms, basis, units)
    columns = additive(atoms)
    lived = atoms[code >= 0].assign(unit=code[code >= 0])
    frame = _summed(lived, columns, units)
    frame = frame.join(_middles(lived, units, basis, transformers, resolution))
    frame["crew_min"] = _mean(lived, "crew_min", len(units))
    frame["promise_min"] = _most_of(lived, "promise_min", len(units))
    frame["upper_unit"] = _upper_units(lived, units, basis, transformers)
    cell_links, place_links = _cell_links(lived), _place_links(lived, units, basis, places)
    for kind in ("halls", "banks"):
        frame[kind] = _places_held(place_links[place_links["kind"] == kind], len(units))
    return UnitFigures(
        units=frame,
        cell_links=cell_links,
        transformer_links=_links(lived[lived["transformer_id"].notna()], "transformer_id"),
        place_links=place_links,
        followers=_followers(atoms[follows], columns),
        pinned=_pinned(atoms[pinned], columns),
        unplaced=_summed(
            atoms[~pinned & ~follows & (code < 0)].assign(unit=0), columns, pd.RangeIndex(1)
        ),
        history_days=days,
        faults_unplaced=faults_unplaced,
    )  # fmt: skip


def placing(
    atoms: pd.DataFrame, basis: str, units: "pd.Index[Any]"
) -> tuple[Codes, NDArray[np.bool_], NDArray[np.bool_]]:
    """Row of the unit each atom belongs to (-1 none), and whether it is pinned, or follows."""
    named = atoms["transformer_id"] if basis == "transformer" else _unit_cells(atoms, units)
    pinned = atoms["is_pinned"].to_numpy(np.bool_)
    code = np.where(pinned, -1, units.get_indexer(pd.Index(named)))
    near = atoms["cell_id"].isin(atoms.loc[(code >= 0) & (atoms["cell_id"] != 0), "cell_id"])
    follows = (code < 0) & ~pinned & near.to_numpy() & atoms["transformer_id"].isna().to_numpy()
    return code, pinned, follows & (basis == "transformer")


def _unit_cells(atoms: pd.DataFrame, units: "pd.Index[Any]") -> Codes:
    """The unit of a plan by cells that holds each atom, else its own cell."""
    own = atoms[PART if PART in atoms else "cell_id"].to_numpy(np.int64)
    return within(own, units.to_numpy(np.int64))


def additive(frame: pd.DataFrame) -> list[str]:
    """The columns of a frame of units or atoms that add up: ADDITIVE and the use types'."""
    return [*ADDITIVE, *(name for name in frame.columns if name.startswith(USE))]


def _summed(rows: pd.DataFrame, columns: list[str], index: "pd.Index[Any]") -> pd.DataFrame:
    unit = rows["unit"].to_numpy(np.int64)
    sums = {name: _sum_known(unit, rows[name], len(index)) for name in columns}
    frame = pd.DataFrame(sums, index=index)
    whole = [name for name in columns if pd.api.types.is_integer_dtype(rows[name].dtype)]
    return frame.astype(dict.fromkeys(whole, np.int64))


def _sum(code: Codes, values: Any, size: int) -> NDArray[np.float64]:
    return np.bincount(code, weights=values, minlength=size).astype(np.float64)


def _sum_known(code: Codes, values: "pd.Series[Any]", size: int) -> NDArray[np.float64]:
    """Sum of the known values; NaN where there are values and none is known."""
    given = values.to_numpy(np.float64)
    known = ~np.isnan(given)
    if known.all():
        return _sum(code, given, size)
    total = _sum(code[known], given[known], size)
    blind = (np.bincount(code, minlength=size) > 0) & (
        np.bincount(code[known], minlength=size) == 0
    )
    return np.where(blind, np.nan, total)


def _mean(rows: pd.DataFrame, column: str, size: int) -> NDArray[np.float64]:
    """Mean over the customers of each unit for whom the value is known, NaN without any."""
    known = rows[rows[column].notna()]
    unit, count = known["unit"].to_numpy(np.int64), known["customers"].to_numpy(np.float64)
    total, people = _sum(unit, known[column].to_numpy() * count, size), _sum(unit, count, size)
    mean: NDArray[np.float64] = np.full(size, np.nan)
    return np.divide(total, people, out=mean, where=people > 0)


def _most(
    code: Codes, values: NDArray[np.float64], count: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """The value that most customers of each code have, of equals the smallest; NaN without any."""
    rows = pd.DataFrame({"code": code, "value": values, "count": count}).dropna()
    totals = rows.groupby(["code", "value"])["count"].sum().reset_index()
    order = totals.sort_values(["count", "value"], ascending=[False, True])
    first = order.drop_duplicates("code").set_index("code")["value"]
    return np.asarray(first.reindex(range(size)), dtype=np.float64)


def _most_of(rows: pd.DataFrame, column: str, size: int) -> NDArray[np.float64]:
    given = (rows[name].to_numpy() for name in ("unit", column, "customers"))
    unit, values, count = given
    return _most(unit.astype(np.int64), values.astype(np.float64), count.astype(np.float64), size)


def _middles(
    rows: pd.DataFrame,
    units: "pd.Index[Any]",
    basis: str,
    transformers: pd.DataFrame,
    resolution: int,
) -> pd.DataFrame:
    """lon, lat, cell_id: the middle of a unit's customers, by their cells; else its own place."""
    if basis == "cell":
        lon, lat = centres(units.to_numpy(np.int64))
        own_size = resolutions(units.to_numpy(np.int64)) == resolution
        cells = np.where(own_size, units, points_to_cells(lon, lat, resolution))
        return pd.DataFrame({"lon": lon, "lat": lat, "cell_id": cells}, index=units)
    at = dict(zip(("lon", "lat"), centres(rows["cell_id"].to_numpy()), strict=True))
    placed = rows.assign(**at)
    own = transformers.set_index("transformer_id").reindex(units)
    found = {}
    for name in ("lon", "lat"):
        mean = _mean(placed, name, len(units))
        found[name] = np.where(np.isnan(mean), own[name].to_numpy(np.float64), mean)
    cells = points_to_cells(found["lon"], found["lat"], resolution)
    return pd.DataFrame(found | {"cell_id": cells}, index=units)


def _upper_units(
    rows: pd.DataFrame, units: "pd.Index[Any]", basis: str, transformers: pd.DataFrame
) -> Any:
    """The organisation's unit that keeps the feeder of most customers of each unit."""
    codes, names = pd.factorize(rows["upper_unit"])
    most = _most_of(rows.assign(code=np.where(codes < 0, np.nan, codes)), "code", len(units))
    found = pd.Series(names.take(np.nan_to_num(most).astype(np.int64)) if len(names) else None,
                      index=units, dtype="str").where(~np.isnan(most))  # fmt: skip
    if basis == "transformer":
        own = transformers.set_index("transformer_id")["unit_id"].reindex(units)
        found = found.fillna(own.astype("str"))
    return found


def _cell_links(rows: pd.DataFrame) -> pd.DataFrame:
    return _links(rows[rows["cell_id"] != 0], "cell_id")


def _links(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    found = rows.groupby(["unit", column])["customers"].sum().reset_index()
    return found[["unit", column, "customers"]]


def _place_links(
    rows: pd.DataFrame, units: "pd.Index[Any]", basis: str, places: pd.DataFrame
) -> pd.DataFrame:
    """The units with customers in the cell of each place; by cells the cell itself."""
    if basis == "cell":
        unknown = np.full(len(places), np.nan)
        lon, lat = (places.get(name, unknown) for name in ("lon", "lat"))
        cells = counted_in(places["cell_id"], lon, lat, units.to_numpy(np.int64))
        unit = units.get_indexer(pd.Index(cells))
        found = places[["kind", "id"]].assign(unit=unit, customers=1)
        return found[found["unit"] >= 0].reset_index(drop=True)
    near = rows[rows["cell_id"].isin(places["cell_id"])]
    return places.merge(_links(near, "cell_id"), on="cell_id")[["kind", "id", "unit", "customers"]]


def _places_held(links: pd.DataFrame, size: int) -> Codes:
    """Places of each unit: a place counts for the unit with most customers in its cell."""
    order = links.sort_values(["customers", "unit"], ascending=[False, True])
    first = order.drop_duplicates("id")["unit"].to_numpy(np.int64)
    return np.bincount(first, minlength=size).astype(np.int64)


def _pinned(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    codes, names = pd.factorize(rows["pinned_to"].astype("str"), use_na_sentinel=False)
    return _summed(rows.assign(unit=codes), columns, pd.Index(names, dtype="str", name="area_id"))


def _followers(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    codes, cells = pd.factorize(rows["cell_id"])
    here = rows.assign(unit=codes)
    index = pd.Index(cells, dtype="int64", name="cell_id")
    return _summed(here, columns, index).assign(crew_min=_mean(here, "crew_min", len(index)))
