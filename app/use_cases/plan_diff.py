"""Two plans side by side: which cells change, and how many customers move from where to where."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from app.store import plans
from app.store.database import Database
from app.use_cases import drawn_plans
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from grid_cells import plan_diff
from grid_cells.errors import UserError


@dataclass(frozen=True)
class Difference:
    """How the plan `after` differs from `before`.

    moves: old_area, new_area, customers; cells: cell_id, old_area, new_area; names: area_id → name.
    """

    before: int
    after: int
    moves: pd.DataFrame
    cells: pd.DataFrame
    names: dict[str, str]

    @property
    def moved_customers(self) -> int:
        """Customers who would be in another area."""
        return int(self.moves["customers"].sum())


@needs("see_plans")
def compare(
    db: Database,
    actor: Actor,  # noqa: ARG001
    after: int,
    before: int | None = None,
) -> Difference:
    """How a plan differs from another, or from the one in force.

    Raises UserError `plan_unknown`, and `plan_none_in_force` where there is none to compare with.
    """
    now = clock_now(db)
    other = before if before is not None else in_force(db, now)
    if other is None:
        raise UserError("plan_none_in_force")
    drawn = [drawn_plans.of_plan(db, one, now) for one in (other, after)]
    old, new = (drawn_plans.assigned(db, one, now) for one in drawn)
    return Difference(
        other, after, plan_diff.moves(old.people, new.people),
        plan_diff.changed_cells(old.cells, new.cells), drawn[0].names() | drawn[1].names(),
    )  # fmt: skip


def in_force(db: Database, at: datetime) -> int | None:
    """Number of the plan in force at that moment, None without one."""
    plan = plans.plan_at(db.whole.read(), at)
    return None if plan is None else int(plan["plan_id"])
