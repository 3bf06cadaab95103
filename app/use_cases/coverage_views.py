"""Coverage on the map, cell by cell, and hour by hour."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import coverage as store
from app.store import places, streets, units
from app.store.database import Database
from app.use_cases import coverage_moment, coverage_side, derive
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.coverage import coverage
from app.use_cases.coverage_moment import Crews, Ground, Roster
from app.use_cases.coverage_wishes import A_YEAR, MOMENTS, CoverageWish, Layer
from app.use_cases.remember import fingerprint, remembered
from grid_cells import coverage as rules
from grid_cells.coverage import Bools, Floats


@dataclass(frozen=True)
class CoverageCells:
    """Cells of a layer as the map has them: cell_id, area_index, value; and their version."""

    cells: pd.DataFrame
    version: str


@needs("see_crews")
def cells(db: Database, actor: Actor, wish: CoverageWish, layer: Layer) -> CoverageCells:
    """Every cell in sight in the figure of the layer (NaN: nobody gets there).

    minutes, second: of the nearest crew and the one after; depth: crews within the limit; change:
    minutes more than in the moment compared with, or saved (below 0) by the posts; posts: minutes
    with the posts.
    """
    found = coverage(db, actor, wish).cells
    frame = found[["cell_id", "area_index"]].assign(value=layer_values(found, wish, layer))
    frame = frame.astype({"value": "float32"}).reset_index(drop=True)
    return CoverageCells(frame, fingerprint(frame).hex()[:20])


def layer_values(found: pd.DataFrame, wish: CoverageWish, layer: Layer) -> pd.Series:
    """The figure of a layer by cell."""
    if layer == "change":
        return (
            found["posts"] - found["minutes"] if wish.posts else found["minutes"] - found["before"]
        )
    return found[layer]


@dataclass(frozen=True)
class Choices:
    """What a wish may be made of: skills; crews in sight that count at its moment (id to name)."""

    skills: list[str]
    crews: dict[str, str]
    has_faults: bool
    moments: dict[str, datetime]


@needs("see_crews")
def choices(db: Database, actor: Actor, wish: CoverageWish) -> Choices:  # noqa: ARG001
    """Skills, crews that could be moved, whether faults can weigh, when the named moments are."""
    now = clock_now(db).replace(second=0, microsecond=0)
    at = coverage_side.moment_of(db, wish.moment, now)
    side = coverage_moment.crews_at(db, at, now, wish)
    counted = set(side.table.loc[side.counted(free_only=wish.free_only), "crew_id"])
    seen = places.listing(db, "crew")
    mine = seen[seen["crew_id"].isin(counted)]
    return Choices(
        coverage_moment.skills_of(places.listing(db.whole, "crew")),
        dict(zip(mine["crew_id"].astype(str), mine["name"].astype(str), strict=True)),
        not store.faults(db.read(), now - A_YEAR, now).empty,
        {word: coverage_side.moment_of(db, word, now) for word in MOMENTS},
    )


@needs("see_crews")
def hours(
    db: Database,
    actor: Actor,  # noqa: ARG001
    wish: CoverageWish,
    days: int,
) -> pd.DataFrame:
    """Customers beyond the limit at every full hour of so many days: at, beyond, crews.

    From midnight of the day of the wish's moment. Who has an order is not known of hours to come:
    all crews on shift count.
    """
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    first = coverage_side.moment_of(db, wish.moment, now).astimezone(zone).replace(hour=0, minute=0)
    plain = replace(wish, free_only=False, posts=(), moved="", against="")
    key = ("coverage_hours", *coverage_side.stamp(db), plain, first, days)
    return remembered(key, lambda: _hours(db, plain, first, days))


def _hours(db: Database, wish: CoverageWish, first: datetime, days: int) -> pd.DataFrame:
    people = cell_store.customers(db.read()).set_index("cell_id")["value"]
    limit = coverage_side.limits(db, wish, people.index.to_numpy(dtype=np.int64))
    roster = Roster(db, first, first + timedelta(days=days))
    shut = streets.closures_between(db.whole.read(), first, first + timedelta(days=days))
    held: dict[object, float] = {}
    rows = []
    for hour in range(24 * days):
        at = first + timedelta(hours=hour)
        crews, closed = roster.at(at, wish.skill), in_force(shut, at) & (not wish.as_open)
        chosen = crews.counted(free_only=False)
        key = (id(crews), closed.to_numpy().tobytes())  # alike moments have the same crews
        if key not in held:
            ground = Ground(db, shut[closed])
            held[key] = _beyond(ground, crews, chosen, (people, limit))
        rows.append((at, held[key], int(chosen.sum())))
    return pd.DataFrame(rows, columns=["at", "beyond", "crews"])


def in_force(closures: pd.DataFrame, at: datetime) -> "pd.Series[bool]":
    """Which of the closures hold at the moment."""
    begun = closures["valid_from"].isna() | (closures["valid_from"] <= at)
    return begun & (closures["valid_to"].isna() | (closures["valid_to"] > at))


def _beyond(
    ground: Ground, crews: Crews, chosen: Bools, living: "tuple[pd.Series[float], Floats]"
) -> float:
    people, limit = living
    took = rules.nearest(crews.columns(ground.minutes_from(crews.spots), chosen))[0]
    of_cell = pd.Series(took, index=ground.cells["cell_id"].to_numpy()).reindex(people.index)
    late = rules.beyond(np.asarray(of_cell, dtype=np.float64), limit)
    return float(people.to_numpy(dtype=np.float64)[late].sum())
