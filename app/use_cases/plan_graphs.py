"""Which units of a plan touch, what each weighs, and where a border is welcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from app.store import basemap, drafts, meta, streets
from app.store.database import Connection, Database
from app.use_cases import cell_parts, unit_figures
from app.use_cases.actors import Actor
from app.use_cases.draft_origin import Basis
from app.use_cases.remember import remembered
from grid_cells.unit_graph import UnitGraph, barrier_price, graph_of_cells, graph_of_points

WEIGHTS: Final = ("customers", "hours", "energy_kwh", "faults")
BARRIER_PRICE: Final = 0.1
"""What a border costs along a river or an expressway, where it is welcome; elsewhere it is 1."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlanUnits:
    """Units of a plan: transformer ids or cell ids by `basis`, and what each weighs by."""

    basis: Basis
    ids: "pd.Index[Any]"
    weight: str = "customers"


def graph(db: Database, actor: Actor, units: PlanUnits, now: datetime) -> UnitGraph:
    """Units with their weight; cells touch by their sides, transformers as neighbouring points."""
    loads = weights(db, actor, units, now)
    shape = ("graph", db.whole.opened_as, units.basis, _stamp(db), _hash(units.ids))
    plain = remembered(shape, lambda: _shape(db.whole.read(), units.basis, units.ids, now))
    return UnitGraph(loads, plain.left, plain.right, plain.price, plain.x, plain.y)


def _stamp(db: Database) -> str:
    kinds = ("customers", "meters", "transformers", "streets", "water")
    return meta.versions(db.whole.read(), kinds)


def _hash(units: "pd.Index[Any]") -> int:
    return int(pd.util.hash_pandas_object(units.to_frame(), index=False).sum())


def _shape(
    connection: Connection, basis: Basis, units: "pd.Index[Any]", now: datetime
) -> UnitGraph:
    none = np.zeros(len(units))
    if basis == "cell":
        cells = units.to_numpy(dtype=np.int64)
        price = barrier_price(cells, _barriers(connection), price=BARRIER_PRICE)
        return graph_of_cells(cells, none, price=price)
    places = _places(connection, units, now)
    return graph_of_points(places["lon"].to_numpy(), places["lat"].to_numpy(), none)


def _barriers(connection: Connection) -> NDArray[np.object_]:
    """Water and expressways: whoever works on both sides goes round."""
    water = shapely.from_wkb(basemap.water(connection)["geometry"].to_numpy(dtype=object))
    roads = streets.expressways(connection)
    ends = roads[["from_lon", "from_lat", "to_lon", "to_lat"]].to_numpy().reshape(-1, 2, 2)
    return np.concatenate([np.asarray(water, dtype=object), shapely.linestrings(ends)])


def _places(connection: Connection, units: "pd.Index[Any]", now: datetime) -> pd.DataFrame:
    """The middle of each transformer's customers, else its own place, else the middle of all."""
    links = drafts.unit_links(connection, "transformer", now)
    placed = links[links["cell_id"] != 0]
    summed = placed.groupby("unit")[["customers", "lon", "lat"]].sum()
    middle = summed[["lon", "lat"]].div(summed["customers"], axis=0).reindex(units)
    own = drafts.transformer_places(connection, now).drop_duplicates("transformer_id")
    own = own.set_index("transformer_id")[["lon", "lat"]].reindex(units)
    filled = middle.fillna(own)
    return filled.fillna(filled.mean()).fillna(0.0)


def weights(db: Database, actor: Actor, units: PlanUnits, now: datetime) -> Floats:
    """What each unit weighs, by one of WEIGHTS."""
    if units.weight != "customers":
        figures = unit_figures.figures(db, actor, basis=units.basis, units=units.ids, now=now)
        return figures.units[units.weight].fillna(0).to_numpy(dtype=np.float64)
    if units.basis == "cell":
        counted = cell_parts.customers_of(db, units.ids).set_index("unit")["customers"]
    else:
        links = drafts.unit_links(db.read(), units.basis, now)
        counted = links.groupby("unit")["customers"].sum()
    return counted.reindex(units.ids).fillna(0).to_numpy(dtype=np.float64)
