"""Who could be at an order in time: crews on shift, their way over the streets of the moment."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from app.store import meta, places
from app.store import promises as store
from app.store.database import Connection, Database
from app.use_cases import derive, privacy, shifts
from app.use_cases.remember import remembered
from grid_cells import order_crews, travel_time


def minutes_from_bases(db: Database, at: datetime) -> pd.DataFrame:
    """Minutes from each crew's base (columns) to each cell (index), by the closures of `at`.

    NaN where a crew cannot get there. For everybody: the nearest crew may come from beyond.
    """
    whole = db.whole.read()
    shut = derive.closures_at(whole, at)
    closed = tuple(zip(shut["street"], shut["valid_from"].astype(str), strict=True))
    facts = ("streets", "closures", "crews", "customers", "meters", "areas")
    limit = privacy.limit(whole, "small_cell")
    key = ("minutes_from_bases", db.whole.opened_as, meta.versions(whole, facts), closed, limit)
    return remembered(key, lambda: _minutes(whole, at))


def _minutes(whole: Connection, at: datetime) -> pd.DataFrame:
    origins = derive.travel_origins(whole).drop_duplicates("cell_id")
    bases = places.points(whole, "crew").sort_values("id", ignore_index=True)
    # crews of one station start from one place: asked once
    spots = bases.drop_duplicates(["lon", "lat"])[["lon", "lat"]].reset_index(drop=True)
    graph = derive.graph_at(whole, at)
    if graph is None:
        took = travel_time.straight_line_matrix(origins, spots)
    else:
        took = travel_time.matrix(graph, origins, spots, derive.DIRECTIONS["crew"])
    which = bases.merge(spots.assign(spot=spots.index), on=["lon", "lat"])["spot"]
    columns = pd.Index(bases["id"], name="crew_id")
    return pd.DataFrame(took[:, which], index=origins["cell_id"].to_numpy(), columns=columns)


def on_shift(db: Database, at: datetime) -> pd.DataFrame:
    """Crews in sight that work at that moment: name, skills, by crew_id."""
    return shifts.on_shift(db, at)[["name", "skills"]]


def with_travel(db: Database, calls: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """The calls with crew_min and travel_left_min: of the crew sent, else of the nearest able one.

    A crew that accepted has been on its way since then. NaN where nobody gets there.
    """
    minutes, crews = minutes_from_bases(db, at), on_shift(db.whole, at)
    levels = calls["fault_class"].map(order_crews.fault_level)
    drive = np.full(len(calls), np.nan)
    for level in ("lv", "hv"):
        able = [crew for crew, one in crews["skills"].items() if order_crews.is_skilled(one, level)]
        held = minutes.reindex(columns=pd.Index(able)).min(axis=1)
        drive = np.where(levels == level, held.reindex(calls["cell_id"].fillna(0)), drive)
    own = _own(minutes, calls)
    sent = calls["told_at"].notna() & np.isfinite(own)
    drive = np.where(sent, own, drive)
    gone = ((pd.Timestamp(at) - calls["accepted_at"]).dt.total_seconds() / 60).fillna(0)
    left = (pd.Series(drive, index=calls.index) - gone).clip(lower=0)
    return calls.assign(crew_min=drive, travel_left_min=left)


def _own(minutes: pd.DataFrame, calls: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Minutes of each call's own crew to its cell."""
    row = minutes.index.get_indexer(pd.Index(calls["cell_id"].fillna(0).astype("int64")))
    column = minutes.columns.get_indexer(pd.Index(calls["crew_id"].astype("object")))
    found = minutes.to_numpy()[row, column] if minutes.size else np.full(len(calls), np.nan)
    return np.where((row >= 0) & (column >= 0), found, np.nan)


def busy(db: Database, at: datetime) -> pd.DataFrame:
    """Crews with an unfinished order: busy_since, busy_with (None where it is out of sight)."""
    found = store.busy_crews(db.whole.read(), at).set_index("crew_id")
    seen = store.calls(db.read(), at)["report_id"]
    return found.assign(busy_with=found["report_id"].where(found["report_id"].isin(seen))).drop(
        columns="report_id"
    )
