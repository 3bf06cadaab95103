"""Minutes to and from places as a plan assumes them, over the streets of now."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import meta, places
from app.store import what_if as store
from app.store.database import Connection, Database
from app.use_cases import derive, privacy
from app.use_cases.remember import remembered
from grid_cells import travel_time
from grid_cells.what_if import Assumption, Deed, Kind, with_assumed

Assumed = tuple[Assumption, ...]


def of_plan(db: Database, plan_id: int) -> Assumed:
    """Everything a plan assumes, in sight or not, oldest first."""
    rows = store.assumed(db.whole.read(), plan_id).to_dict("records")
    return tuple(
        Assumption(
            cast("Kind", row["kind"]), str(row["place_id"]), cast("Deed", row["deed"]),
            str(row["name"]), _known(row["lon"]), _known(row["lat"]),
        )
        for row in rows
    )  # fmt: skip


def _known(value: object) -> float | None:
    return None if pd.isna(value) else float(cast("float", value))  # type: ignore[call-overload]


def points(connection: Connection, kind: Kind, assumed: Sequence[Assumption]) -> pd.DataFrame:
    """Placed halls, banks or crew bases as they would be: id, name, lon, lat, cell_id."""
    resolution = meta.resolution(connection)
    mine = [one for one in assumed if one.kind == kind]
    return with_assumed(places.points(connection, kind), mine, resolution)


def minutes(db: Database, kind: Kind, assumed: Assumed, now: datetime) -> pd.DataFrame:
    """Minutes by cell to the nearest place of a kind, as they would be: cell_id, value.

    NaN where none is reached. Without an assumption about that kind those of the derived table.
    """
    whole = db.whole
    mine = tuple(one for one in assumed if one.kind == kind)
    if not mine:
        return cell_store.minutes(whole.read(), kind)
    key = ("assumed_minutes", kind, mine, *_stamp(whole))
    return remembered(key, lambda: _minutes(whole.read(), kind, mine, now))


def _minutes(connection: Connection, kind: Kind, mine: Assumed, now: datetime) -> pd.DataFrame:
    origins, sources = derive.travel_origins(connection), points(connection, kind, mine)
    took = pd.Series(np.nan, index=origins.index)
    if len(sources):
        graph = derive.graph_at(connection, now)
        found = travel_time.nearest(graph, origins, sources, derive.DIRECTIONS[kind])
        took = found["travel_time_min"]
    return pd.DataFrame({"cell_id": origins["cell_id"], "value": took.to_numpy(np.float64)})


def by_crew(db: Database, assumed: Assumed, now: datetime) -> dict[str, pd.DataFrame]:
    """Minutes by cell (cell_id, value) from the base of each crew that any repair duty names."""
    connection = db.whole.read()
    duties = places.all_duties(connection)
    named = set(duties.loc[duties["duty"] == "repair", "crew_id"].dropna())
    bases = points(connection, "crew", assumed)
    bases = bases[bases["id"].isin(named)].sort_values("id", ignore_index=True)
    key = ("minutes_by_crew", *_stamp(db.whole))
    at = tuple(bases[["id", "lon", "lat"]].itertuples(index=False, name=None))
    return remembered((*key, at), lambda: _by_crew(connection, bases, now))


def _by_crew(connection: Connection, bases: pd.DataFrame, now: datetime) -> dict[str, pd.DataFrame]:
    origins, graph = derive.travel_origins(connection), derive.graph_at(connection, now)
    if graph is None:
        took = travel_time.straight_line_matrix(origins, bases)
    else:
        took = travel_time.matrix(graph, origins, bases, derive.DIRECTIONS["crew"])
    return {
        str(crew): pd.DataFrame({"cell_id": origins["cell_id"], "value": took[:, n]})
        for n, crew in enumerate(bases["id"])
    }


def _stamp(whole: Database) -> tuple[object, ...]:
    """What travel times depend on beside the places assumed."""
    connection = whole.read()
    limit = privacy.limit(connection, "small_cell")
    return whole.opened_as, meta.read_value(connection, "derived:travel", "never"), limit
