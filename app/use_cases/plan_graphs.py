"""Which units of a plan touch, what each weighs, and where a border is welcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from app.store import basemap, drafts, meta, streets
from app.store import unit_figures as links
from app.store.database import Connection, Database
from app.use_cases import cell_parts, unit_figures
from app.use_cases.actors import Actor
from app.use_cases.draft_origin import Basis
from app.use_cases.remember import fingerprint, remembered
from grid_cells.cells import centres
from grid_cells.errors import UserError
from grid_cells.unit_graph import UnitGraph, barrier_price, graph_of_cells, graph_of_points
from grid_cells.weight_mix import mixed, read_mix

WEIGHTS: Final = ("customers", "hours", "energy_kwh", "faults", "travel")
PEOPLE: Final = "customers"
BARRIER_PRICE: Final = 0.1
"""What a border costs along a river or an expressway, where it is welcome; elsewhere it is 1."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlanUnits:
    """Units of a plan: transformer ids or cell ids by `basis`, and what each weighs by.

    weight: one of WEIGHTS, or a mix of them with their shares, as "customers=0.7,faults=0.3".
    """

    basis: Basis
    ids: "pd.Index[Any]"
    weight: str = "customers"


def graph(
    db: Database, actor: Actor, units: PlanUnits, now: datetime, *, strict: bool = False
) -> UnitGraph:
    """Units with their weight; cells touch by their sides, transformers as neighbouring points.

    Raises UserError `plan_weight_unknown`, `plan_mix_unreadable`, `plan_mix_share` and, where
    `strict`, `plan_weight_empty` for a weight of which nothing is known.
    """
    loads = weights(db, actor, units, now, strict=strict)
    shape = (
        "graph",
        db.whole.opened_as,
        units.basis,
        _stamp(db),
        fingerprint(units.ids.to_frame()),
    )
    plain = remembered(shape, lambda: _shape(db.whole.read(), units.basis, units.ids, now))
    return UnitGraph(loads, plain.left, plain.right, plain.price, plain.x, plain.y)


def _stamp(db: Database) -> str:
    kinds = ("customers", "meters", "transformers", "streets", "water")
    return meta.versions(db.whole.read(), kinds)


def _shape(
    connection: Connection, basis: Basis, units: "pd.Index[Any]", now: datetime
) -> UnitGraph:
    none = np.zeros(len(units))
    if basis == "cell":
        cells = units.to_numpy(dtype=np.int64)
        price = barrier_price(cells, barriers(connection), price=BARRIER_PRICE)
        return graph_of_cells(cells, none, price=price)
    places = _places(connection, units, now)
    return graph_of_points(places["lon"].to_numpy(), places["lat"].to_numpy(), none)


def barriers(connection: Connection) -> NDArray[np.object_]:
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


def positions(
    db: Database, units: PlanUnits, now: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of the middle of each unit."""
    if units.basis == "cell":
        return centres(units.ids.to_numpy(dtype=np.int64))
    places = _places(db.whole.read(), units.ids, now)
    return places["lon"].to_numpy(dtype=np.float64), places["lat"].to_numpy(dtype=np.float64)


def weights(
    db: Database, actor: Actor, units: PlanUnits, now: datetime, *, strict: bool = False
) -> Floats:
    """What each unit weighs; a mix adds up to as much as there are customers.

    Raises what `graph` raises.
    """
    shares = read_mix(units.weight)
    if strangers := [name for name in shares if name not in WEIGHTS]:
        raise UserError("plan_weight_unknown", weight=strangers[0], known=", ".join(WEIGHTS))
    parts = {name: _weight(db, actor, units, (name, now)) for name in shares}
    empty = [name for name, part in parts.items() if not part.any()]
    if strict and empty:
        raise UserError("plan_weight_empty", weight=empty[0])
    if len(shares) == 1:
        return next(iter(parts.values()))
    people = _weight(db, actor, units, (PEOPLE, now))
    return mixed(parts, shares, total=float(people.sum()))


def _weight(
    db: Database, actor: Actor, units: PlanUnits, name_and_now: tuple[str, datetime]
) -> Floats:
    name, now = name_and_now
    if name != PEOPLE:
        figures = unit_figures.figures(db, actor, basis=units.basis, units=units.ids, now=now)
        return figures.units[name].fillna(0).to_numpy(dtype=np.float64)
    moment = (_stamp(db), links.links_stamp(db.read(), now))
    key = (
        "people",
        db.whole.opened_as,
        db.seen_as,
        units.basis,
        fingerprint(units.ids.to_frame()),
        moment,
    )
    return remembered(key, lambda: _people(db, units, now))


def _people(db: Database, units: PlanUnits, now: datetime) -> Floats:
    if units.basis == "cell":
        counted = cell_parts.customers_of(db, units.ids).set_index("unit")["customers"]
    else:
        found = drafts.unit_links(db.read(), units.basis, now)
        counted = found.groupby("unit")["customers"].sum()
    return counted.reindex(units.ids).fillna(0).to_numpy(dtype=np.float64)
