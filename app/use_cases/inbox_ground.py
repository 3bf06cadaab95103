"""The units of the plan in force as they stand by now: whose they are, where, who touches whom."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import plan_inbox as store
from app.store import plans
from app.store.database import Connection, Database
from app.use_cases.draft_origin import areas_held
from app.use_cases.plan_graphs import barriers
from grid_cells.cells import centres
from grid_cells.stray_units import Bools, Ground, crossing
from grid_cells.unit_graph import Ints, graph_of_cells, graph_of_points

NOBODY: Final = -1
SEVERAL: Final = -2


@dataclass(frozen=True)
class Scene:
    """Customers by unit, and the units' ids, areas and ground.

    people: as `plan_inbox.people` with `row`, the customer's unit (-1 none); begins: since when the
    plan is in force; claimants: of each unit that several areas claim, in sight or not.
    """

    basis: str
    ids: "pd.Index[Any]"
    people: pd.DataFrame
    ground: Ground
    areas: pd.DataFrame
    begins: datetime | None
    claimants: dict[int, tuple[str, ...]] = field(default_factory=dict)


def scene_of(seen: Database, plan: dict[str, Any], now: datetime) -> Scene:
    """The plan in force (as `plans.plan_at` has it) within a sight."""
    connection, plan_id, basis = seen.read(), int(plan["plan_id"]), str(plan["basis"])
    claims = plans.claims_at(connection, plan_id, now)
    areas = areas_held(connection, plan_id, claims).reset_index(drop=True)
    people = store.people(connection, now)
    unit = "transformer_id" if basis == "transformer" else "cell_id"
    ids = _ids(people[unit], claims[unit], is_cell=basis == "cell")
    people = people.assign(row=ids.get_indexer(pd.Index(people[unit])))
    label = _labels(claims, ids.get_indexer(pd.Index(claims[unit])), areas, len(ids))
    torn = people.loc[(people["rule"] == "conflict") & (people["row"] >= 0), "row"].unique()
    label[torn] = SEVERAL
    ground = _ground(connection, ids, people, label, areas)
    whole = plans.claims_at(seen.whole.read(), plan_id, now)
    claimants = _claimants(whole, ids.get_indexer(pd.Index(whole[unit])), label)
    return Scene(basis, ids, people, ground, areas, _begins(connection, plan, now), claimants)


def _begins(connection: Connection, plan: dict[str, Any], now: datetime) -> datetime | None:
    """Since when the plan is in force; the first of all, since it was entered if that is past."""
    row = plans.plan_row(connection, int(plan["plan_id"])) or {}
    made = row.get("created_at")
    begins: datetime | None = plan["valid_from"]
    return made if begins is None and made is not None and made <= now else begins


def _ids(lived: pd.Series, claimed: pd.Series, *, is_cell: bool) -> "pd.Index[Any]":
    every = pd.concat([lived, claimed]).dropna()
    found: pd.Index[Any]
    if is_cell:
        found = pd.Index(np.unique(every[every != 0].to_numpy(dtype=np.int64)))
    else:
        found = pd.Index(sorted(every.unique()), dtype="str")
    return found


def _labels(claims: pd.DataFrame, row: Ints, areas: pd.DataFrame, count: int) -> Ints:
    """Place of the area that claims each unit, below 0 where none or several do."""
    code = pd.Index(areas["area_id"]).get_indexer(pd.Index(claims["area_id"]))
    kept = (row >= 0) & (code >= 0)
    spans = pd.Series(code[kept]).groupby(row[kept]).agg(["min", "max"])
    label = np.full(count, NOBODY, dtype=np.int64)
    label[spans.index] = spans["min"].where(spans["min"] == spans["max"], SEVERAL)
    return label


def _ground(
    connection: Connection,
    ids: "pd.Index[Any]",
    people: pd.DataFrame,
    label: Ints,
    areas: pd.DataFrame,
) -> Ground:
    lived = people[people["row"] >= 0]
    sums = lived.groupby("row")[["customers", "placed", "lon", "lat"]].sum()
    sums = sums.reindex(range(len(ids)))
    weight = sums["customers"].fillna(0).to_numpy(dtype=np.float64)
    if ids.dtype == np.int64:
        cells = ids.to_numpy(dtype=np.int64)
        lon, lat = centres(cells)
        graph = graph_of_cells(cells, weight)
    else:
        lon, lat = ((sums[n] / sums["placed"]).to_numpy(np.float64) for n in ("lon", "lat"))
        graph = graph_of_points(lon, lat, weight)
    station, area_station = _stations(store.stations(connection), lived, areas, len(ids))
    open_areas: Bools = np.ones(len(areas), dtype=bool)
    across = crossing(lon, lat, barriers(connection))
    return Ground(graph, label, station, area_station, open_areas, across)


def _stations(
    kept: pd.DataFrame, people: pd.DataFrame, areas: pd.DataFrame, count: int
) -> tuple[Ints, Ints]:
    """The station that feeds most customers of each unit, and that of each area; -1 unknown."""
    known = pd.Index(pd.concat([kept["unit_id"], areas["unit_id"]]).dropna().unique())
    fed = people["transformer_id"].map(kept.set_index("transformer_id")["unit_id"])
    code = known.get_indexer(pd.Index(fed))
    votes = people.assign(code=code)[code >= 0].groupby(["row", "code"])["customers"].sum()
    most = votes.reset_index().sort_values(["customers", "code"], ascending=[False, True])
    most = most.drop_duplicates("row")
    station = np.full(count, -1, dtype=np.int64)
    station[most["row"].to_numpy(np.int64)] = most["code"].to_numpy(np.int64)
    return station, known.get_indexer(pd.Index(areas["unit_id"])).astype(np.int64)


def _claimants(claims: pd.DataFrame, row: Ints, label: Ints) -> dict[int, tuple[str, ...]]:
    """The areas that claim each unit which is claimed by several, in sight or not."""
    torn = np.append(label == SEVERAL, [False])[row]  # a unit out of sight reads the last
    by_row = claims[torn & claims["area_id"].notna().to_numpy()].groupby(row[torn])["area_id"]
    return {int(n): tuple(sorted(set(ids))) for n, ids in by_row}
