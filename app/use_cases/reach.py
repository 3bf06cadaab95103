"""Reach: minutes from every cell to service, points and operators near, where there are none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import meta
from app.store.database import Database
from app.use_cases import (
    derive,
    hall_choice,
    payment_channels,
    reach_ground,
    reach_groups,
    reach_points,
    reach_wishes,
    service_map,
    small_cells,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.hall_choice import HallWish
from app.use_cases.reach_ground import ReachGround
from app.use_cases.reach_points import Changes
from app.use_cases.reach_wishes import RANKS, Layer, ReachWish
from app.use_cases.remember import fingerprint, remembered
from app.use_cases.service_map import NO_AREA
from grid_cells import coverage, payment_reach
from grid_cells import hall_choice as choice_rules
from grid_cells.coverage import Ints
from grid_cells.hall_choice import Floats
from grid_cells.payment_reach import Bools

MOST_PIECES: Final = 150
"""Pieces of gaps whose ways to each other are looked at; what is left stays by itself."""
_FACTS: Final = (
    "streets", "closures", "customers", "meters", "areas", "halls", "banks", "payments",
    "cell_facts", "visits", "hall_hours",
)  # fmt: skip


@dataclass(frozen=True)
class ReachFigures:
    """Of everybody placed in sight: customers; within the limit; beyond; payers beyond; mean_min.

    served_min: the mean of way and wait (of halls; NaN: of payment points, whose waits nobody
    knows). payers: who pay in person, a month (NaN: no payments known). single: customers all of
    whose points within the limit are of one operator. open_points, points: of those in force.
    """

    customers: float
    within: float
    beyond: float
    payers_beyond: float
    single: float
    mean_min: float
    served_min: float
    open_points: int
    points: int


@dataclass(frozen=True)
class Reach:
    """What a wish came to.

    cells: cell_id, area_id, area_index, customers, payers, group_share (per cent) and group_people
    of the age group that gaps are ranked by, else of the old (NaN unknown; of few as their group is
    told), minutes and before (with and without what is assumed; NaN: none), served and
    served_before (with the wait; NaN: of payment points), which (row of points, -1), points_near,
    operators_near, gap. points: see `reach_points.COLUMNS`, with is_open (None unknown). gaps: see
    `payment_reach.gaps`, with is_few. before: figures without what is assumed, None where nothing
    is.
    """

    wish: ReachWish
    at: datetime
    cells: pd.DataFrame
    points: pd.DataFrame
    gaps: pd.DataFrame
    figures: ReachFigures
    before: ReachFigures | None


@dataclass(frozen=True)
class Ways:
    """Minutes of a wish: of `ground.cells` (rows) to `points` (columns), and which count.

    there_before, open_before: without what is assumed.
    """

    ground: ReachGround
    points: pd.DataFrame
    minutes: Floats
    there_before: Bools
    open_now: Bools
    open_before: Bools


@needs("see_reach")
def reach(db: Database, actor: Actor, wish: ReachWish) -> Reach:
    """How far everybody in sight is from service at the wish's moment.

    Points lie beyond the actor's sight as well: any of them serves anyone. Raises UserError
    `reach_wish_unreadable`, `reach_moment_unreadable`, `matter_unknown`, `reach_group_unknown`.
    """
    reach_wishes.check(wish)
    hall_choice.check_matter(wish.matter)
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    at = reach_ground.moment_of(db, wish.moment, now)
    key = ("reach", *stamp(db), wish, at, now, small_cells.hidden_from(actor))
    return remembered(key, lambda: _reach(db, actor, wish, at, now))


def stamp(db: Database) -> tuple[object, ...]:
    """What answers about reach depend on beside the wish and the moment."""
    return (
        db.whole.opened_as, db.seen_as, meta.versions(db.whole.read(), _FACTS),
        meta.read_value(db.whole.read(), "derived:areas"), *small_cells.stamp(db),
    )  # fmt: skip


def _reach(db: Database, actor: Actor, wish: ReachWish, at: datetime, now: datetime) -> Reach:
    ways = ways_of(db, wish, at)
    told, row = people(db, actor, ways.ground, now, wish.rank)
    minutes, which, served = _minutes(db, wish, at, ways)
    before, served_before = _before(db, wish, at, ways, (minutes, served))
    there = ways.points["is_there"].to_numpy(dtype=bool)
    limit = wish.limit_min
    told = told.assign(
        minutes=minutes[row], which=which[row], before=before[row], served=served[row],
        served_before=served_before[row],
        points_near=payment_reach.overlap(ways.minutes, there, limit)[row],
        operators_near=payment_reach.operators(
            ways.minutes, there, ways.points["operator"], limit
        )[row],
    )  # fmt: skip
    told["gap"] = _gap_of(ways.ground, told, limit)
    return Reach(
        wish, at, told, ways.points, _gaps(db, actor, told, wish.rank),
        _figures(told, "minutes", ways, limit),
        _figures(told, "before", ways, limit) if wish.closed or wish.added else None,
    )  # fmt: skip


def ways_of(db: Database, wish: ReachWish, at: datetime) -> Ways:
    """The points of a wish at a moment, with the minutes to them."""
    ground = ReachGround(db, at, wish.mode)
    points = (
        reach_points.payment_points(db, wish, at) if wish.target == "pay"
        else reach_points.hall_points(db, wish.matter, Changes(wish.closed, wish.added))
    )  # fmt: skip
    spans = reach_points.spans(db, points, at)
    is_open = [choice_rules.is_open(one) for one in spans]
    points = points.assign(
        is_open=pd.Series(is_open, dtype=object), spans=pd.Series(spans, dtype=object)
    )
    opened = np.array([one is True for one in is_open], dtype=bool)
    there = points["is_there"].to_numpy(dtype=bool)
    held = there | points["point_id"].isin(wish.closed).to_numpy(dtype=bool)
    before = held & ~points["is_assumed"].to_numpy(dtype=bool)
    return Ways(
        ground, points, ground.minutes_to(points), before, opened & there, opened & before
    )  # fmt: skip


def _minutes(
    db: Database, wish: ReachWish, at: datetime, ways: Ways
) -> tuple[Floats, Ints, Floats]:
    """Minutes of each cell, its point (the nearest open, or the best hall), and with the wait."""
    if wish.target == "pay":
        minutes, nearest = payment_reach.nearest(ways.minutes, ways.open_now)
        return minutes, nearest, np.full(len(minutes), np.nan)
    asked = HallWish(wish.matter, at, wish.mode, changes=Changes(wish.closed, wish.added))
    found, halls = hall_choice.by_cell(db, asked, at, count=1)
    column = pd.Index(ways.points["point_id"]).get_indexer(pd.Index(halls["point_id"]))
    which = found.which[:, 0]
    chosen = np.where(which >= 0, column[np.maximum(which, 0)] if len(column) else -1, -1)
    return found.ready_min[:, 0], chosen.astype(np.int64), _served(db, found, at)


def _served(db: Database, found: choice_rules.Best, at: datetime) -> Floats:
    unknown = np.nan_to_num(hall_choice.usual_waits(db, at)["hall"])
    return choice_rules.first_total(found, float(unknown))


def _before(
    db: Database, wish: ReachWish, at: datetime, ways: Ways, now: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Minutes without what is assumed, and with the wait; `now`: with it."""
    if not (wish.closed or wish.added):
        return now
    if wish.target == "hall":
        found, _ = hall_choice.by_cell(db, HallWish(wish.matter, at, wish.mode), at, count=1)
        return found.ready_min[:, 0], _served(db, found, at)
    return payment_reach.nearest(ways.minutes, ways.open_before)[0], now[1]


def people(
    db: Database, actor: Actor, ground: ReachGround, now: datetime, rank: str = RANKS[0]
) -> tuple[pd.DataFrame, Ints]:
    """Cells in sight with their people, and the row of each among the ground's cells.

    `rank` names the age group, as in the wish; UserError `reach_group_unknown`.
    """
    connection = db.read()
    lived = cell_store.customers(connection)[["cell_id"]]
    drawn = cell_store.frame_cells(connection)[["cell_id", "area_id"]]
    held = pd.concat([drawn, lived], ignore_index=True).drop_duplicates("cell_id")
    row = pd.Index(ground.cells["cell_id"]).get_indexer(pd.Index(held["cell_id"]))
    held, row = held[row >= 0].reset_index(drop=True), row[row >= 0]
    index = service_map.areas(db, actor, now).set_index("area_id")["area_index"]
    counts = customers(db, actor)
    payers = payment_channels.in_person_by_cell(db, actor, now)
    frame = held.assign(
        area_index=held["area_id"].map(index).fillna(NO_AREA).astype("int64"),
        customers=held["cell_id"].map(counts).fillna(0.0).astype("float64"),
        payers=np.nan if payers is None else held["cell_id"].map(payers).fillna(0.0),
    )
    frame = reach_groups.people_of(db, actor, reach_groups.chosen(db, actor, rank), frame)
    return frame, row.astype(np.int64)


def customers(db: Database, actor: Actor) -> "pd.Series[float]":
    """Customers by cell; of few as their group is told to those who must not see households."""
    counted = cell_store.customers(db.whole.read())
    if small_cells.hidden_from(actor):
        counted = small_cells.published(db, counted).drop_duplicates("cell_id")
    return counted.set_index("cell_id")["value"].astype("float64")


def _gap_of(ground: ReachGround, told: pd.DataFrame, limit_min: float) -> Ints:
    """The gap of each cell beyond the limit, -1 of the others; one point could serve all of it."""
    late = ~(told["minutes"].to_numpy(dtype=np.float64) <= limit_min)
    piece = coverage.pieces(told["cell_id"].to_numpy(dtype=np.int64), late)
    middle = coverage.middles(told, piece)["row"].to_numpy(dtype=np.int64)
    lived = told["customers"].to_numpy()[middle]
    near = np.full((len(middle), len(middle)), np.nan)
    heavy = np.argsort(-lived, kind="stable")[:MOST_PIECES]
    heavy = heavy[lived[heavy] > 0]
    if len(heavy) > 1:
        at = ground.cells.set_index("cell_id")[["lon", "lat"]]
        spots = at.loc[told["cell_id"].to_numpy()[middle[heavy]]].reset_index(drop=True)
        near[np.ix_(heavy, heavy)] = ground.between(spots)
    return coverage.joined(piece, near)


def _gaps(db: Database, actor: Actor, told: pd.DataFrame, rank: str) -> pd.DataFrame:
    by = rank if rank in RANKS else "group_people"
    table = payment_reach.gaps(told, told["gap"].to_numpy(), by)
    is_few = table["customers"].astype("float64") < small_cells.least(db)
    few = is_few & small_cells.hidden_from(actor)
    hidden = {
        name: table[name].astype("float64").mask(few)
        for name in ("customers", "payers", "group_share", "group_people", "unreached")
    }
    areas = told.set_index("cell_id")["area_id"]
    return table.assign(**hidden, is_few=few, area_id=table["cell_id"].map(areas))


def _figures(told: pd.DataFrame, column: str, ways: Ways, limit_min: float) -> ReachFigures:
    lived, took = told["customers"].to_numpy(), told[column].to_numpy(dtype=np.float64)
    served = told["served" if column == "minutes" else "served_before"]
    late = ~(took <= limit_min)
    payers = told["payers"].to_numpy(dtype=np.float64)
    there, opened = (
        (ways.points["is_there"].to_numpy(dtype=bool), ways.open_now) if column == "minutes"
        else (ways.there_before, ways.open_before)
    )  # fmt: skip
    return ReachFigures(
        customers=float(lived.sum()), within=float(lived[~late].sum()),
        beyond=float(lived[late].sum()),
        payers_beyond=float(payers[late].sum()) if np.isfinite(payers).any() else float("nan"),
        single=float(lived[(told["operators_near"] == 1).to_numpy()].sum()),
        mean_min=coverage.mean(took, lived),
        served_min=coverage.mean(served, lived),
        open_points=int(opened.sum()),
        points=int(there.sum()),
    )  # fmt: skip


@dataclass(frozen=True)
class ReachCells:
    """Cells of a layer as the map has them: cell_id, area_index, value; and their version."""

    cells: pd.DataFrame
    version: str


@needs("see_reach")
def cells(db: Database, actor: Actor, wish: ReachWish, layer: Layer) -> ReachCells:
    """Every cell in sight in the layer's figure.

    minutes (NaN: none open in reach); change: minutes more than without what is assumed; points,
    operators: how many within the limit, at whatever hour.
    """
    found = reach(db, actor, wish).cells
    values = {
        "minutes": found["minutes"], "change": found["minutes"] - found["before"],
        "points": found["points_near"], "operators": found["operators_near"],
    }  # fmt: skip
    frame = found[["cell_id", "area_index"]].assign(value=values[layer].astype("float32"))
    frame = frame.reset_index(drop=True)
    return ReachCells(frame, fingerprint(frame).hex()[:20])
