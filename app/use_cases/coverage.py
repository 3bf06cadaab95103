"""Coverage: customers whom a crew on duty reaches in time, and the gaps with what they are for."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import coverage as store
from app.store import places
from app.store.database import Database
from app.use_cases import (
    coverage_moment,
    coverage_side,
    coverage_wishes,
    derive,
    post_places,
    privacy,
    service_map,
    small_cells,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.coverage_side import Side, side
from app.use_cases.coverage_wishes import OPEN, CoverageWish
from app.use_cases.remember import remembered
from app.use_cases.service_map import NO_AREA
from grid_cells import coverage as rules
from grid_cells.coverage import Bools, Floats, Ints

MOST_PIECES = 150
"""Pieces of gaps whose ways to each other are looked at; what is left stays by itself."""


@dataclass(frozen=True)
class Figures:
    """Customers in sight at a moment: placed, within each bracket, beyond the limit, and so on.

    important: of those beyond, None where the actor may not know; single: in time by one crew
    alone; mean_min: over those reached; crews: that count; on_shift: whatever they can or do.
    """

    customers: float
    reached: dict[float, float]
    beyond: float
    important: int | None
    single: float
    mean_min: float
    crews: int
    on_shift: int


@dataclass(frozen=True)
class Coverage:
    """What a wish came to.

    cells: cell_id, area_id, area_index (65535 none), customers, important (0 where the actor may
    not know), limit_min (NaN none), minutes, second, posts (with the posts assumed), before (of the
    moment compared with, NaN without one): minutes or NaN, depth (crews in time), crew_id (the
    nearest, None beyond sight), gap (-1 none). gaps: see `grid_cells.coverage.gaps`, with is_few
    (customers NaN: fewer than may be told) and area_id (of cell_id). before, after: figures of the
    moment compared with, and with the posts. unplaced: customers whose place nobody knows.
    knows_orders: the moment is not to come, so that it is known who has an order.
    """

    wish: CoverageWish
    at: datetime
    cells: pd.DataFrame
    gaps: pd.DataFrame
    figures: Figures
    before: Figures | None
    after: Figures | None
    unplaced: int
    knows_orders: bool


@needs("see_crews")
def coverage(db: Database, actor: Actor, wish: CoverageWish) -> Coverage:
    """Whom crews on duty reach at the moment asked for, the gaps and what they are for.

    The nearest crew may come from beyond the actor's sight, the customers are those in sight.
    Raises UserError `coverage_wish_unreadable`, `coverage_moment_unreadable` or
    `coverage_site_unknown`.
    """
    coverage_wishes.check(wish)
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    at = coverage_side.moment_of(db, wish.moment, now)
    key = (
        "coverage",
        *coverage_side.stamp(db),
        wish,
        at,
        now,
        knows_important(actor),
        small_cells.least(db),
        small_cells.hidden_from(actor),
    )
    return remembered(key, lambda: _Asker(db, actor, wish, at, now).answer())


def knows_important(actor: Actor) -> bool:
    """Whether the actor may know who is important, or lives by a device."""
    return all(
        privacy.sees(actor, "customers", name) for name in ("importance_code", "life_support")
    )


@dataclass(frozen=True)
class _Asker:
    """One wish at one moment."""

    db: Database
    actor: Actor
    wish: CoverageWish
    at: datetime
    now: datetime

    def answer(self) -> Coverage:
        wish, side_now = self.wish, side(self.db, self.wish, self.at, self.now)
        every = side_now.ground.cells["cell_id"].to_numpy(dtype=np.int64)
        frame, row = self._frame(every)
        limit = frame["limit_min"].to_numpy()
        told = frame.assign(
            minutes=side_now.minutes[row], second=side_now.second[row],
            depth=rules.depth(side_now.matrix[row], limit), crew_id=self._names(side_now, row),
        )  # fmt: skip
        before = self._before()
        was = None if before is None else before.minutes[row]
        told["before"] = np.nan if was is None else was
        told["posts"] = self._with_posts(side_now, row)
        group = self._groups(side_now, told)
        told["gap"] = group
        gaps = self._gaps(side_now, told, row, was)
        return Coverage(
            wish=wish, at=self.at, cells=told, gaps=gaps,
            figures=self._figures(told, side_now, "minutes", side_now.matrix[row]),
            before=None if before is None
            else self._figures(told, before, "before", before.matrix[row]),
            after=self._after(told, side_now, row),
            unplaced=store.unplaced(self.db.read()), knows_orders=self.at <= self.now,
        )  # fmt: skip

    def _frame(self, every: Ints) -> tuple[pd.DataFrame, Ints]:
        """Cells in sight with people and limit, and the row of each in the minutes of everybody."""
        connection = self.db.read()
        people = cell_store.customers(connection)
        drawn = [cell_store.frame_cells(connection)[["cell_id", "area_id"]], people[["cell_id"]]]
        held = pd.concat(drawn, ignore_index=True).drop_duplicates("cell_id")
        row = pd.Index(every).get_indexer(pd.Index(held["cell_id"]))
        held, row = held[row >= 0], row[row >= 0]
        index = service_map.areas(self.db, self.actor, self.now).set_index("area_id")["area_index"]
        area = held["area_id"].map(index).fillna(NO_AREA).astype("int64")
        cells = held["cell_id"].to_numpy(dtype=np.int64)
        lived = people.set_index("cell_id")["value"]
        marked = store.important_customers(connection).set_index("cell_id")["value"]
        known = marked if knows_important(self.actor) else marked.iloc[:0]
        frame = held.assign(
            area_index=area,
            customers=lived.reindex(cells).fillna(0).to_numpy(dtype=np.float64),
            important=known.reindex(cells).fillna(0).to_numpy(dtype=np.int64),
            limit_min=coverage_side.limits(self.db, self.wish, cells),
        )
        return frame.reset_index(drop=True), row.astype(np.int64)

    def _names(self, found: Side, row: Ints) -> "pd.Series[str]":
        ids = found.crews.table.loc[found.chosen, "crew_id"].reset_index(drop=True)
        seen = ids.where(ids.isin(places.points(self.db.read(), "crew")["id"]))
        return seen.reindex(found.which[row]).reset_index(drop=True)  # -1: nobody

    def _before(self) -> Side | None:
        against = self.wish.against
        if not against:
            return None
        if against == OPEN:
            return side(self.db, replace(self.wish, as_open=True), self.at, self.now)
        then = coverage_side.moment_of(self.db, against, self.now)
        return side(self.db, self.wish, then, self.now)

    def _with_posts(self, found: Side, row: Ints) -> Floats:
        if not self.wish.posts:
            return found.minutes[row]
        spots = post_places.points(self.db, self.wish.posts)
        more = found.ground.minutes_from(spots)[row]
        stays = rules.nearest(found.staying(self.wish.moved))[0]
        return np.asarray(np.fmin(stays[row], np.fmin.reduce(more, axis=1)), dtype=np.float64)

    def _groups(self, found: Side, told: pd.DataFrame) -> Ints:
        """The gap of each cell: pieces that touch, and those near each other by the streets."""
        late = rules.beyond(told["minutes"].to_numpy(), told["limit_min"].to_numpy())
        piece = rules.pieces(told["cell_id"].to_numpy(), late)
        middle = rules.middles(told, piece)
        lived = told["customers"].to_numpy()[middle["row"]]
        size = len(middle)
        near = np.full((size, size), np.nan)
        heavy = np.argsort(-lived, kind="stable")[:MOST_PIECES]
        heavy = heavy[lived[heavy] > 0]
        if len(heavy) > 1:
            at = found.ground.cells.set_index("cell_id")[["lon", "lat"]]
            spots = at.loc[told["cell_id"].to_numpy()[middle["row"].to_numpy()[heavy]]]
            near[np.ix_(heavy, heavy)] = found.ground.between(spots.reset_index(drop=True))
        return rules.joined(piece, near)

    def _gaps(self, found: Side, told: pd.DataFrame, row: Ints, was: Floats | None) -> pd.DataFrame:
        limit = told["limit_min"].to_numpy()
        late = rules.beyond(told["minutes"].to_numpy(), limit)
        was_late = late if was is None else rules.beyond(was, limit)
        cells = told[["cell_id", "customers", "important", "minutes"]].assign(
            before_min=told["before"], was_beyond=was_late
        )
        gaps = rules.gaps(cells, told["gap"].to_numpy(), self._remedies(found, row, limit))
        if not found.crews.counted(free_only=False).any():
            gaps["cause"] = "nobody"
        few = gaps["customers"].astype("float64") < small_cells.least(self.db)
        is_few = few & small_cells.hidden_from(self.actor)
        hidden = {
            name: gaps[name].astype("float64").mask(is_few)
            for name in ("customers", "new", "unreached")
        }
        areas = told.set_index("cell_id")["area_id"]
        return gaps.assign(**hidden, is_few=is_few, area_id=gaps["cell_id"].map(areas))

    def _remedies(self, found: Side, row: Ints, limit: Floats) -> dict[str, Bools]:
        """Cells that would be in time if no street were closed, everybody were free, and so on."""
        crews, table = found.crews, found.crews.table
        placed = table["spot"] >= 0
        here = found.ground.minutes_from(crews.spots)
        opened = coverage_moment.ground_at(self.db, self.at, as_open=True)
        others = {
            "closure": (opened.minutes_from(crews.spots), found.chosen),
            "busy": (here, crews.counted(free_only=False)),
            "shift": (here, (placed & table["is_able"]).to_numpy(dtype=bool)),
            "skill": (here, (placed & table["is_on"]).to_numpy(dtype=bool)),
        }  # fmt: skip
        return {
            code: rules.nearest(crews.columns(minutes, chosen)[row])[0] <= limit
            for code, (minutes, chosen) in others.items()
        }

    def _figures(self, told: pd.DataFrame, found: Side, column: str, matrix: Floats) -> Figures:
        people, limit = told["customers"].to_numpy(), told["limit_min"].to_numpy()
        took = told[column].to_numpy(dtype=np.float64)
        late = rules.beyond(took, limit)
        return Figures(
            customers=float(people.sum()), reached=rules.reached(took, people),
            beyond=float(people[late].sum()),
            important=int(told["important"][late].sum()) if knows_important(self.actor) else None,
            single=float(people[rules.depth(matrix, limit) == 1].sum()),
            mean_min=rules.mean(took, people), crews=matrix.shape[1],
            on_shift=int(found.crews.table["is_on"].sum()),
        )  # fmt: skip

    def _after(self, told: pd.DataFrame, found: Side, row: Ints) -> Figures | None:
        if not self.wish.posts:
            return None
        spots = post_places.points(self.db, self.wish.posts)
        stays = found.staying(self.wish.moved)
        matrix = np.column_stack([stays, found.ground.minutes_from(spots)])[row]
        return self._figures(told, found, "posts", matrix)
