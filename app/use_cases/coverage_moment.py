"""Crews and streets of one moment: who would set out from where, how long to every cell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from app.store import crew_shifts, meta, promises, streets
from app.store.database import Database
from app.use_cases import crew_spots, derive, privacy, shifts
from app.use_cases.coverage_wishes import CoverageWish
from app.use_cases.remember import remembered
from grid_cells import order_crews, travel_time
from grid_cells import shifts as rules
from grid_cells.coverage import Bools, Floats

_LONG = timedelta(days=2)
"""So long before and after a day its shifts may reach."""
Spot = tuple[float, float]
_FACTS = ("streets", "closures", "customers", "meters", "areas")


@dataclass(frozen=True)
class Ground:
    """The streets of a moment, over which minutes are asked; shut: the closures that count."""

    db: Database
    shut: pd.DataFrame

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Where each cell's minutes are asked: cell_id, lon, lat."""
        return derive.travel_origins(self.db.whole.read()).drop_duplicates("cell_id")

    @property
    def key(self) -> tuple[object, ...]:
        """What minutes over these streets depend on beside where one sets out."""
        whole = self.db.whole.read()
        limit = privacy.limit(whole, "small_cell")
        return self.db.whole.opened_as, meta.versions(whole, _FACTS), self.closed, limit

    @property
    def closed(self) -> tuple[tuple[str, str], ...]:
        """What is closed, in a word."""
        streets_shut, since = self.shut["street"].astype(str), self.shut["valid_from"].astype(str)
        return tuple(zip(streets_shut, since, strict=True))

    def minutes_from(self, spots: pd.DataFrame) -> Floats:
        """Minutes from each place (lon, lat: columns) to each cell (rows), NaN without a way."""
        at = tuple(spots[["lon", "lat"]].itertuples(index=False, name=None))
        return remembered(
            ("minutes_from", *self.key, at), lambda: _minutes(self, self.cells, spots, "crew")
        )

    def between(self, spots: pd.DataFrame) -> Floats:
        """Minutes between places (lon, lat), either way the shorter."""
        there = _minutes(self, spots, spots, "crew")
        return np.asarray(np.fmin(there, there.T))


def ground_at(db: Database, at: datetime, *, as_open: bool = False) -> Ground:
    """The streets of the moment, as they are or as if none were closed."""
    shut = streets.closures_at(db.whole.read(), at)
    return Ground(db, shut.iloc[:0] if as_open else shut)


def _minutes(ground: Ground, cells: pd.DataFrame, spots: pd.DataFrame, target: str) -> Floats:
    graph = derive.graph_with(ground.db.whole.read(), ground.shut)
    if graph is None:
        return travel_time.straight_line_matrix(cells, spots)
    return travel_time.matrix(graph, cells, spots, derive.DIRECTIONS[target])


@dataclass(frozen=True)
class Crews:
    """Every crew with where it starts from at a moment, by crew_id in order.

    table: crew_id, lon, lat of its base, spot where it starts (row of spots; -1 unknown: it counts
    nowhere), is_on, is_free, is_able.
    """

    table: pd.DataFrame
    spots: pd.DataFrame

    def counted(self, *, free_only: bool) -> Bools:
        """Crews that are on shift, can do it and, if only those count, have no order."""
        told = self.table["is_on"] & self.table["is_able"] & (self.table["spot"] >= 0)
        found = told & self.table["is_free"] if free_only else told
        return found.to_numpy(dtype=bool)

    def columns(self, minutes: Floats, chosen: Bools) -> Floats:
        """Minutes from the chosen crews (columns), of minutes from all spots."""
        return minutes[:, self.table.loc[chosen, "spot"].to_numpy(dtype=np.int64)]


def crews_at(db: Database, at: datetime, now: datetime, wish: CoverageWish) -> Crews:
    """All crews at a moment; who has an order, where it matters, is only known up to `now`."""
    roster = Roster(db, at, at)
    if not wish.free_only or at > now:
        return roster.at(at, wish.skill)
    whole = db.whole.read()
    of_calls = promises.busy_crews(whole, at)["crew_id"].astype(str)
    of_orders = crew_spots.under_way(whole, at).index.astype(str)
    return roster.at(at, wish.skill, frozenset(of_calls) | frozenset(of_orders))


class Roster:
    """The crews with their bases and shifts, read once for any number of moments of a span."""

    def __init__(self, db: Database, first: datetime, last: datetime) -> None:
        whole = db.whole.read()
        self.crews = shifts.crews(whole)
        self.shifts = crew_shifts.between(whole, first - _LONG, last + _LONG)
        held = (self.crews, self.shifts)
        spots = pd.concat([one.loc[one["lon"].notna(), ["lon", "lat"]] for one in held])
        self.spots = spots.astype("float64").drop_duplicates(ignore_index=True)
        self.place = {at: n for n, at in enumerate(self.spots.itertuples(index=False, name=None))}
        entered = self.crews["crew_id"].isin(self.shifts["crew_id"])
        self._entered, bare = self.crews[entered], self.crews[~entered]
        self._bare = list(zip(bare["crew_id"], bare["shift"], bare["timezone"], strict=True))
        with_place = self.shifts["lon"].notna() & (self.shifts["kind"] != "leave")
        self._placed = self.shifts[with_place]
        self._made: dict[object, Crews] = {}

    def at(self, at: datetime, skill: str, taken: frozenset[str] = frozenset()) -> Crews:
        """Everybody at the moment, those of `taken` with an order; alike moments give the same.

        A crew sets out from the place of the shift that runs, else from its base.
        """
        on, starts = self._on_shift(at), self._starts(at)
        key = (on, tuple(starts.items()), skill, taken)
        if key not in self._made:
            self._made[key] = self._crews(on, starts, skill, taken)
        return self._made[key]

    def _crews(
        self, on: frozenset[str], starts: dict[str, Spot], skill: str, taken: frozenset[str]
    ) -> Crews:
        told = self.crews[["crew_id", "lon", "lat"]]
        bases = zip(told["crew_id"], zip(told["lon"], told["lat"], strict=True), strict=True)
        table = told.assign(
            spot=[self.place.get(starts.get(crew, base), -1) for crew, base in bases],
            is_on=told["crew_id"].isin(on),
            is_free=~told["crew_id"].isin(taken),
            is_able=[is_able(one, skill) for one in self.crews["skills"]],
        )
        return Crews(table, self.spots)

    def _on_shift(self, at: datetime) -> frozenset[str]:
        """Who works at the moment; crews without any shift entered go by the text alone."""
        on = {c for c, text, zone in self._bare if order_crews.is_on_shift(text, at, zone)}
        if self._entered.empty:
            return frozenset(on)
        found = rules.on_shift(self._entered, self.shifts, at)
        return frozenset(on | set(found.index[found]))

    def _starts(self, at: datetime) -> dict[str, Spot]:
        """Where the crews start whose shift says so."""
        if self._placed.empty:
            return {}
        running = (self._placed["starts_at"] <= at) & (self._placed["ends_at"] > at)
        own = self._placed[running].drop_duplicates("crew_id")
        places = zip(own["lon"].astype(float), own["lat"].astype(float), strict=True)
        return dict(zip(own["crew_id"], places, strict=True))


def is_able(skills: object, skill: str) -> bool:
    """Whether a crew can do work of that skill (empty: any)."""
    if not skill:
        return True
    if skill in order_crews.SKILLS:
        return order_crews.is_skilled(skills, skill)
    return skill in words_of(skills)


def words_of(skills: object) -> list[str]:
    """The single skills of a crew."""
    if not isinstance(skills, str):
        return []
    told = skills.replace("；", ";").replace(",", ";").split(";")
    return [one.strip().lower() for one in told if one.strip()]


def skills_of(crews: pd.DataFrame) -> list[str]:
    """Skills to choose from: both levels of faults, then what else the crews can do."""
    told = {word for one in crews["skills"] for word in words_of(one)}
    levels = frozenset().union(*order_crews.SKILLS.values())
    return [*order_crews.SKILLS, *sorted(told - levels)]
