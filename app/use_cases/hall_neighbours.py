"""Where the visitors of a hall could go instead: the other halls by their way and their wait."""

from datetime import datetime

import numpy as np
import pandas as pd

from app.store import places
from app.store.database import Database
from app.use_cases import derive, hall_load
from app.use_cases.hall_waits import present_waits
from grid_cells import travel_time
from grid_cells.opening_hours import is_open


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
    graph = derive.graph_at(whole.read(), at)
    minutes = (
        travel_time.straight_line_matrix(own, others)
        if graph is None
        else travel_time.matrix(graph, own, others, derive.DIRECTIONS["hall"])
    )[0]
    waits = present_waits(whole, at)[["hall_id", "wait_min", "source"]]
    found = others[columns].assign(travel_min=minutes).merge(waits, on="hall_id", how="left")
    zone = hall_load.zone_of(db)
    hours = zip(others["opens"], others["opening_exceptions"], strict=True)
    found["is_open"] = [is_open(_text(a), at, zone, exceptions=_text(b)) for a, b in hours]
    found = found[found["is_open"].ne(False)]
    together = found["travel_min"] + found["wait_min"].fillna(np.inf)
    order = together.sort_values(kind="stable").index
    return found.loc[order].reset_index(drop=True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
