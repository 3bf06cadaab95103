"""The lines of Today about coverage: whom no crew reaches in time, and whom a closure cuts off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import coverage as store
from app.use_cases import coverage, coverage_side, derive, small_cells
from app.use_cases.access import may
from app.use_cases.coverage_wishes import OPEN, PROMISE, USUAL_LIMIT, CoverageWish
from app.use_cases.remember import remembered
from app.use_cases.today_scene import Scene, TodayLine
from grid_cells import coverage as rules

_PAGE: Final = {"page": "crews", "part": "coverage"}


@dataclass(frozen=True)
class _Late:
    """Customers in sight beyond a limit: customers, important among them, the cell of most."""

    customers: int
    important: int
    cell_id: int | None


def _late(scene: Scene, wish: CoverageWish) -> _Late:
    """Whom the crews on shift do not reach within the wish's limit, by the streets of now."""
    now = scene.now.replace(second=0, microsecond=0)
    key = ("late_now", *coverage_side.stamp(scene.db), wish, now)
    return remembered(key, lambda: _worked_out(scene, wish))


def _worked_out(scene: Scene, wish: CoverageWish) -> _Late:
    now = scene.now.replace(second=0, microsecond=0)
    found = coverage_side.side(scene.db, wish, now, now)
    people = cell_store.customers(scene.connection).set_index("cell_id")["value"]
    took = pd.Series(found.minutes, index=found.ground.cells["cell_id"].to_numpy())
    limit = coverage_side.limits(scene.db, wish, people.index.to_numpy(dtype=np.int64))
    minutes = np.asarray(took.reindex(people.index), dtype=np.float64)
    late = people[pd.Series(rules.beyond(minutes, limit), index=people.index)]
    marked = store.important_customers(scene.connection).set_index("cell_id")["value"]
    where = None if late.empty else int(str(late.idxmax()))
    return _Late(int(late.sum()), int(marked.reindex(late.index).fillna(0).sum()), where)


def _out_of_reach(scene: Scene) -> list[TodayLine]:
    """Customers whose promise no crew on shift can keep, important ones named to who may know."""
    if not may(scene.actor, "see_crews"):
        return []
    found = _late(scene, CoverageWish(limit=PROMISE))
    if found.customers < small_cells.least(scene.db):
        return []
    link = {**_PAGE, "limit": PROMISE}
    if coverage.knows_important(scene.actor) and found.important:
        values = {"customers": found.customers, "important": found.important}
        return [TodayLine("today_no_crew_important", "red", values, None, None, link)]
    values = {"customers": found.customers}
    return [TodayLine("today_no_crew", "red", values, None, None, link)]


def _cut_off(scene: Scene) -> list[TodayLine]:
    """Customers who would be reached in time if no street were closed."""
    if not may(scene.actor, "see_crews"):
        return []
    shut = derive.closures_at(scene.db.whole.read(), scene.now)
    if shut.empty:
        return []
    wish = CoverageWish(limit=USUAL_LIMIT)
    now, free = _late(scene, wish), _late(scene, CoverageWish(limit=USUAL_LIMIT, as_open=True))
    more = now.customers - free.customers
    if more < small_cells.least(scene.db):
        return []
    began = shut["valid_from"].min()
    since = None if pd.isna(began) else began.to_pydatetime()
    values = {"customers": more, "minutes": int(USUAL_LIMIT)}
    link = {**_PAGE, "against": OPEN}
    return [TodayLine("today_cut_off", "amber", values, since, None, link)]


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_out_of_reach, _cut_off)
