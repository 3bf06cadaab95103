"""Where the visitors of a hall could go instead: the other halls by their way and their wait."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import meta, places
from app.store.database import Database
from app.use_cases import derive, hall_load
from app.use_cases.hall_waits import present_waits
from app.use_cases.remember import remembered
from grid_cells import travel_time
from grid_cells.opening_hours import is_open

Floats = NDArray[np.float64]


def neighbours(db: Database, hall_id: str, at: datetime) -> pd.DataFrame:
    """The other halls in sight, quickest first: way and wait together, unknown waits last.

    hall_id, name, travel_min (by car over the streets as they are open, else by the straight
    line), wait_min, source, is_open (None: unknown), capabilities. Closed ones are left out.
    """
    whole = db.whole  # any hall serves anyone, also beyond the border of one's own branch
    halls = places.listing(whole, "hall").dropna(subset=["lon", "lat"])
    own = halls[halls["hall_id"] == hall_id]
    others = halls[halls["hall_id"] != hall_id].reset_index(drop=True)
    columns = ["hall_id", "name", "capabilities"]
    if own.empty or others.empty:
        return others.iloc[:0][columns].assign(
            travel_min=0.0, wait_min=0.0, source="", is_open=None
        )
    minutes = _ways(whole, own, others, at)
    waits = present_waits(whole, at)[["hall_id", "wait_min", "source"]]
    found = others[columns].assign(travel_min=minutes).merge(waits, on="hall_id", how="left")
    zone = hall_load.zone_of(db)
    hours = zip(others["opens"], others["opening_exceptions"], strict=True)
    found["is_open"] = [is_open(_text(a), at, zone, exceptions=_text(b)) for a, b in hours]
    found = found[found["is_open"].ne(False)]
    together = found["travel_min"] + found["wait_min"].fillna(np.inf)
    order = together.sort_values(kind="stable").index
    return found.loc[order].reset_index(drop=True)


def _ways(whole: Database, own: pd.DataFrame, others: pd.DataFrame, at: datetime) -> Floats:
    """Minutes from one hall to the others, worked out once an hour while nothing is rebuilt."""
    connection = whole.read()
    hour = at.replace(minute=0, second=0, microsecond=0)
    facts = meta.versions(connection, ("halls", "streets", "closures"))
    key = ("hall_ways", whole.opened_as, facts, str(own["hall_id"].iloc[0]), hour)

    def work() -> Floats:
        graph = derive.graph_at(connection, at)
        if graph is None:
            found = travel_time.straight_line_matrix(own, others)
        else:
            found = travel_time.matrix(graph, own, others, derive.DIRECTIONS["hall"])
        return np.asarray(found[0])

    return remembered(key, work)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
