"""The best places for further points: least way, shortest longest way, most people, fewest.

Of halls people choose by way and wait, so that the wait is part of the way; a limit is of the
way alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

import numpy as np
import pandas as pd

from app.store.database import Database
from app.use_cases import (
    derive,
    hall_choice,
    post_places,
    reach,
    reach_ground,
    small_cells,
    solver_process,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.reach import Reach, ReachFigures
from app.use_cases.reach_wishes import ADDED, ADDED_HALL, MOST_CHANGES, ReachWish
from app.use_cases.remember import remembered
from grid_cells.errors import UserError
from grid_cells.hall_choice import Floats
from grid_cells.payment_reach import Bools
from grid_cells.siting import GOALS, Goal, Task

Weight = Literal["customers", "payers"]
SiteKind = Literal["machine", "hall"]
Tell = Callable[[float], None]

OF_LIMIT: Final[tuple[Goal, ...]] = ("cover", "fewest")
SITE_KINDS: Final[tuple[SiteKind, ...]] = ("machine", "hall")
WEIGHTS: Final[tuple[Weight, ...]] = ("customers", "payers")
MOST_SITES: Final = MOST_CHANGES
QUICK: Final = 60_000
"""Pairs of a cell and a site that are solved while people wait; more are left to a job."""
_LEAST_SAVED_MIN: Final = 1.0


@dataclass(frozen=True)
class SiteWish:
    """How many further points, of which goal, weighed by whom; of "fewest" it is the most.

    kind: machines open day and night (zones of halls, where it is halls that are asked about), or
    halls of the usual hours.
    """

    count: int = 1
    goal: Goal = "median"
    weight: Weight = "customers"
    kind: SiteKind = "machine"


@dataclass(frozen=True)
class Sites:
    """The answer: chosen (site_id, kind, name, lon, lat), the wish with them, figures.

    is_proven: nothing serves the goal better. left: customers beyond the limit whom no site in
    sight would bring within it.
    """

    wish: ReachWish
    chosen: pd.DataFrame
    before: ReachFigures
    after: ReachFigures
    left: float
    is_proven: bool
    seconds: float


def _unheard(_done: float) -> None:
    pass


def check(sites: SiteWish) -> None:
    """Raise UserError `reach_wish_unreadable` for what cannot be asked."""
    is_read = 1 <= sites.count <= MOST_SITES and sites.goal in GOALS and sites.weight in WEIGHTS
    if not (is_read and sites.kind in SITE_KINDS):
        raise UserError("reach_wish_unreadable")


@needs("see_reach")
def is_large(db: Database, actor: Actor, wish: ReachWish) -> bool:
    """Whether the search may take longer than people wait."""
    found = reach.reach(db, actor, replace(wish, added=()))
    return len(found.cells) * len(_candidates(db)) > QUICK


@needs("see_reach")
def propose(
    db: Database, actor: Actor, wish: ReachWish, sites: SiteWish, *, tell: Tell = _unheard
) -> Sites:
    """The best places for machines or halls beside the points there are.

    `tell` hears how far it is (0 to 1) and may stop it. Raises UserError `reach_no_sites` where
    there is nothing to choose from or to better, `siting_infeasible` where the goal cannot be met,
    `reach_site_shut` where such a point would serve nobody at that moment for that matter.
    """
    check(sites)
    plain = replace(wish, added=())
    found = reach.reach(db, actor, plain)
    key = (
        "reach_sites", *reach.stamp(db), plain, found.at, sites, actor.role,
        small_cells.hidden_from(actor),
    )  # fmt: skip
    return remembered(key, lambda: _propose(db, actor, plain, sites, tell))


def _candidates(db: Database) -> pd.DataFrame:
    """Our buildings in sight, and the fullest cells."""
    return post_places.candidates(db, "anywhere")


def _propose(db: Database, actor: Actor, wish: ReachWish, sites: SiteWish, tell: Tell) -> Sites:
    started = time.perf_counter()
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    found = reach.reach(db, actor, wish)
    places = _candidates(db)
    ways = reach.ways_of(db, wish, reach_ground.moment_of(db, wish.moment, now))
    cells, row = reach.people(db, actor, ways.ground, now)
    heavy = cells[sites.weight].fillna(0.0).to_numpy(dtype=np.float64)
    if places.empty or not heavy.sum():
        raise UserError("reach_no_sites")
    _check_open(db, wish, found.at, sites.kind, places)
    minutes = ways.ground.minutes_to(places)[row]
    tell(0.2)
    problem = _Problem.of(_now(db, found, sites.kind), minutes, heavy, wish.limit_min, sites)
    answer = solver_process.best_sites(problem.task, tell)
    chosen = places.iloc[[one - 1 for one in answer.chosen if one > 0]].reset_index(drop=True)
    prefix = ADDED_HALL if sites.kind == "hall" else ADDED
    added = tuple(
        f"{prefix}{lon:.6f},{lat:.6f}"
        for lon, lat in zip(chosen["lon"], chosen["lat"], strict=True)
    )
    told = replace(wish, added=added[: MOST_CHANGES - len(wish.closed)])
    after = reach.reach(db, actor, told).figures
    tell(1.0)
    lost = cells["customers"].to_numpy(dtype=np.float64)[problem.left].sum()
    return Sites(
        told, chosen, found.figures, after, float(lost), answer.is_proven,
        time.perf_counter() - started,
    )  # fmt: skip


def _check_open(
    db: Database, wish: ReachWish, at: datetime, kind: SiteKind, places: pd.DataFrame
) -> None:
    """Raise UserError `reach_site_shut` where a point of the kind is no help at the moment."""
    prefix = ADDED_HALL if kind == "hall" else ADDED
    spot = f"{prefix}{places['lon'].iloc[0]:.6f},{places['lat'].iloc[0]:.6f}"
    ways = reach.ways_of(db, replace(wish, added=(spot,)), at)
    mine = (ways.points["point_id"] == spot).to_numpy(dtype=bool)
    if not (ways.open_now & mine).any():
        raise UserError("reach_site_shut")


@dataclass(frozen=True)
class _Now:
    """Minutes of cells to where they go now, with the wait, and the wait at a further point."""

    way: Floats
    served: Floats
    wait: float


def _now(db: Database, found: Reach, kind: SiteKind) -> _Now:
    way = found.cells["minutes"].to_numpy(dtype=np.float64)
    if found.wish.target == "pay":
        return _Now(way, way, 0.0)
    wait = np.nan_to_num(hall_choice.usual_waits(db, found.at)[kind])
    return _Now(way, found.cells["served"].to_numpy(dtype=np.float64), float(wait))


@dataclass(frozen=True)
class _Problem:
    """Cells by sites, the first site standing for all points there are; left: nobody helps them."""

    task: Task
    left: Bools

    @classmethod
    def of(
        cls, now: _Now, minutes: Floats, weight: Floats, limit_min: float, sites: SiteWish
    ) -> "_Problem":
        """Only cells whom some site serves a minute earlier stay: others go where they go."""
        served = minutes + now.wait
        sooner = now.served[:, None] - served >= _LEAST_SAVED_MIN
        helps = np.isfinite(minutes) & (sooner | np.isnan(now.served)[:, None])
        late = ~(now.way <= limit_min) & (weight > 0)
        left = late & ~(helps & (minutes <= limit_min)).any(axis=1)
        used = helps.any(axis=1) & (weight > 0)
        if sites.goal == "fewest":
            used &= late & ~left
        if not used.any():
            raise UserError("reach_no_sites")
        here, there = (now.way, minutes) if sites.goal in OF_LIMIT else (now.served, served)
        table = np.column_stack([here, np.where(helps, there, np.nan)])[used]
        return cls(Task(sites.goal, table, weight[used], sites.count + 1, limit_min), left)
