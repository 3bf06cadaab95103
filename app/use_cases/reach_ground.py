"""Minutes from cells to points over the streets of a moment, by car or on foot."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import meta, streets, units
from app.store.database import Database
from app.use_cases import derive, privacy
from app.use_cases.reach_wishes import NOW, Mode, is_hour
from app.use_cases.remember import remembered
from grid_cells import travel_time
from grid_cells.errors import UserError
from grid_cells.hall_choice import Floats
from grid_cells.streets import StreetGraph, build_graph
from grid_cells.travel_time import STRAIGHT_LINE_KMH, WALK_KMH
from grid_cells.walking import on_foot

_FACTS: Final = ("streets", "closures", "customers", "meters", "areas")
_SHOWN: Final = 100


@dataclass(frozen=True)
class ReachGround:
    """The streets of a moment, on which people travel to a point."""

    db: Database
    at: datetime
    mode: Mode

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Where each cell's minutes are asked: cell_id, lon, lat."""
        return derive.travel_origins(self.db.whole.read()).drop_duplicates("cell_id")

    @cached_property
    def shut(self) -> pd.DataFrame:
        """The closures in force for who travels so: people on foot pass where cars may not."""
        found = streets.closures_at(self.db.whole.read(), self.at)
        return found.iloc[:0] if self.mode == "walk" else found

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What minutes depend on beside the points."""
        whole = self.db.whole.read()
        closed = tuple(
            zip(self.shut["street"].astype(str), self.shut["valid_from"].astype(str), strict=True)
        )
        limit = privacy.limit(whole, "small_cell")
        return self.db.whole.opened_as, meta.versions(whole, _FACTS), closed, self.mode, limit

    @cached_property
    def graph(self) -> StreetGraph | None:
        """The street graph; None where no streets are loaded."""
        whole = self.db.whole.read()
        if self.mode == "drive":
            return derive.graph_with(whole, self.shut)
        if streets.count(whole) == 0:
            return None
        edges = ("streets_on_foot", *self.key)
        return remembered(edges, lambda: build_graph(on_foot(streets.edges(whole))), is_large=True)

    def minutes_to(self, points: pd.DataFrame) -> Floats:
        """Minutes from each cell (rows) to each point (lon, lat: columns), NaN without a way."""
        at = tuple(points[["lon", "lat"]].itertuples(index=False, name=None))
        key = ("reach_minutes", *self.key, at)
        return remembered(key, lambda: self._between(self.cells, points), is_large=True)

    def minutes_from(self, spot: pd.DataFrame, points: pd.DataFrame) -> Floats:
        """Minutes from one place (lon, lat) to each point: one search, out of the place."""
        if self.graph is None:
            return np.asarray(self._straight(spot, points)[0], dtype=np.float64)
        found = travel_time.matrix(self.graph, points, spot, "from_source")
        return np.asarray(found[:, 0], dtype=np.float64)

    def between(self, spots: pd.DataFrame) -> Floats:
        """Minutes between places (lon, lat), either way the shorter."""
        there = self._between(spots, spots)
        return np.asarray(np.fmin(there, there.T), dtype=np.float64)

    def _between(self, places: pd.DataFrame, points: pd.DataFrame) -> Floats:
        if self.graph is None:
            return self._straight(places, points)
        return travel_time.matrix(self.graph, places, points, "to_source")

    def _straight(self, places: pd.DataFrame, points: pd.DataFrame) -> Floats:
        driven = travel_time.straight_line_matrix(places, points)
        return driven * (STRAIGHT_LINE_KMH / WALK_KMH) if self.mode == "walk" else driven


def zone_of(db: Database) -> str:
    """The clocks by which doors open: the company's IANA zone."""
    return units.timezone(db.whole.read()) or "UTC"


def moment_of(db: Database, word: str, now: datetime) -> datetime:
    """The moment that a wish's word stands for, to the minute.

    A weekday and hour are the next to come by the company's clocks, this hour included. Raises
    UserError `reach_moment_unreadable`.
    """
    if word == NOW:
        return now.astimezone(UTC).replace(second=0, microsecond=0)
    if is_hour(word):
        day, hour = (int(part) for part in word.split("."))
        here = now.astimezone(ZoneInfo(zone_of(db)))
        date = here.date() + timedelta(days=(day - here.isoweekday()) % 7)
        found = datetime.combine(date, time(hour), here.tzinfo)
        if found < here.replace(minute=0, second=0, microsecond=0):
            found = datetime.combine(date + timedelta(days=7), time(hour), here.tzinfo)
        return found.astimezone(UTC)
    try:
        told = datetime.fromisoformat(word)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise UserError("reach_moment_unreadable", time=word[:_SHOWN])
    return told.astimezone(UTC).replace(second=0, microsecond=0)
