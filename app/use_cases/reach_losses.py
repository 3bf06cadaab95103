"""Branches that closed, or would close: who loses reach, and how many operators are left."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from app.store import payments as store
from app.store.database import Database
from app.use_cases import derive, reach, reach_ground, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.reach import Ways
from app.use_cases.reach_wishes import Mode, ReachWish
from app.use_cases.remember import remembered
from grid_cells import payment_reach
from grid_cells.errors import UserError
from grid_cells.payment_reach import Bools, Loss

LATELY: Final = timedelta(days=90)
_BANK: Final = "bank:"


@dataclass(frozen=True)
class BranchLoss:
    """What the closing of one point costs; closed_at None: only assumed.

    loss: counted over the hours of a usual working day, whatever the hour now. is_few: fewer
    customers than may be told lose by it (their figures are NaN). cell_ids: who they are.
    """

    point_id: str
    name: str
    operator: str | None
    closed_at: datetime | None
    loss: Loss
    is_few: bool
    cell_ids: tuple[int, ...]


@needs("see_reach")
def closed_lately(db: Database, actor: Actor, mode: Mode = "drive") -> list[BranchLoss]:
    """Branches that closed within the last 90 days with what it cost, the worst first."""
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    key = ("branches_closed", *reach.stamp(db), mode, now, small_cells.hidden_from(actor))
    return remembered(key, lambda: _closed_lately(db, actor, mode, now))


def _closed_lately(db: Database, actor: Actor, mode: Mode, now: datetime) -> list[BranchLoss]:
    rows = store.closed_lately(db.whole.read(), now - LATELY, now)
    asker = _Asker.at(db, actor, mode, now) if len(rows) else None
    if asker is None:
        return []
    paid_at = set(asker.ways.points["point_id"])  # a bank that took no payments is none of them
    found = [
        asker.of(f"{_BANK}{row['id']}", pd.Timestamp(row["closed_at"]).to_pydatetime())
        for row in rows.to_dict("records")
        if f"{_BANK}{row['id']}" in paid_at
    ]
    worse = [one for one in found if len(one.loss.cells)]
    return sorted(worse, key=lambda one: -np.nan_to_num(one.loss.customers))


@needs("see_reach")
def if_closed(db: Database, actor: Actor, point_id: str, mode: Mode = "drive") -> BranchLoss:
    """What the closing of a point in force would cost; raises UserError `reach_point_unknown`."""
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    asker = _Asker.at(db, actor, mode, now)
    points = asker.ways.points
    if point_id not in set(points.loc[points["is_there"], "point_id"]):
        raise UserError("reach_point_unknown")
    return asker.of(point_id, None)


@dataclass(frozen=True)
class _Asker:
    """All points of the present with the people in sight."""

    db: Database
    actor: Actor
    ways: Ways
    cells: pd.DataFrame
    row: payment_reach.Ints

    @classmethod
    def at(cls, db: Database, actor: Actor, mode: Mode, now: datetime) -> "_Asker":
        at = reach_ground.moment_of(db, "now", now)
        ways = reach.ways_of(db, ReachWish(mode=mode), at)
        cells, row = reach.people(db, actor, ways.ground, now)
        return cls(db, actor, ways, cells, row)

    def of(self, point_id: str, closed_at: datetime | None) -> BranchLoss:
        points = self.ways.points
        mine = (points["point_id"] == point_id).to_numpy(dtype=bool)
        there = points["is_there"].to_numpy(dtype=bool)
        before: Bools = there | mine
        found = payment_reach.loss(
            self.ways.minutes[self.row], before, before & ~mine, self.cells, points
        )
        row = points[mine].iloc[0]
        few = bool(found.customers < small_cells.least(self.db)) and small_cells.hidden_from(
            self.actor
        )
        unknown = float("nan")
        told = replace(
            found, customers=unknown, payers=unknown, elderly=unknown, stranded=unknown
        ) if few else found  # fmt: skip
        operator = None if pd.isna(row["operator"]) else str(row["operator"])
        ids = tuple(int(one) for one in self.cells["cell_id"].to_numpy()[found.cells])
        return BranchLoss(point_id, str(row["name"]), operator, closed_at, told, few, ids)
