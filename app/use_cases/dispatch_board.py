"""The dispatcher's board: what waits, with a crew suggested for each; what every crew has to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import meta
from app.store.database import Database
from app.use_cases import (
    crew_positions,
    crew_spots,
    dispatch_ground,
    dispatch_plans,
    dispatch_staleness,
    grab_answers,
    work_order_moves,
    work_order_sight,
    work_orders,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.dispatch_plans import DispatchRun
from app.use_cases.remember import newest
from app.use_cases.work_order_moves import Moved, Step
from app.use_cases.work_orders import OrderFilter
from grid_cells import dispatch_timeline
from grid_cells.dispatch_lines import TELL
from grid_cells.errors import UserError

SOLVER, RULE = "solver", "rule"
SAME_S: Final = 20
_WRITTEN: Final = (
    "facts_version", "version:work_orders", "version:reports_taken", "version:outages",
    "order_deeds",
)  # fmt: skip
MOST_SUGGESTED: Final = 40
"""Orders that wait, the most urgent first, for which a crew is looked for without a plan."""


@dataclass(frozen=True)
class Suggestion:
    """A crew for an order: found by the solver's plan, else the preferred of all by the rules.

    `extra_min`: travel that it adds to the crew's day (solver) or minutes of travel (rule);
    `second_*`: the next best crew.
    """

    crew_id: str
    arrive_at: datetime
    source: str
    code: str
    extra_min: float | None
    run_id: int | None = None
    second_crew: str | None = None
    second_min: float | None = None


@dataclass(frozen=True)
class Board:
    """The moment's board. Frames are as the actor may see them.

    `orders`: open ones as `work_orders.listing`; `crews`: crew_id, name, skills, lon, lat, spot,
    open_orders, held_min, free_in_min, is_working; `bars` as `dispatch_timeline.bars`, with
    what the plan suggests; `suggestions` by order; `run`: the actor's last plan, if it is of today.
    """

    now: datetime
    orders: pd.DataFrame
    crews: pd.DataFrame
    bars: pd.DataFrame
    suggestions: dict[str, Suggestion]
    run: DispatchRun | None

    @property
    def waiting(self) -> pd.DataFrame:
        """Orders without a crew, what is due first first."""
        return self.orders[self.orders["state"] == "registered"]


@needs("dispatch_orders")
def board(db: Database, actor: Actor) -> Board:
    """Everything on the board as of now; the same for a little while unless something is done."""
    now = clock_now(db)
    run = _fresh(dispatch_plans.latest(db, actor), now)
    facts = tuple(meta.read_value(db.whole.read(), name) for name in _WRITTEN)
    known = None if run is None else (run.run_id, len(run.taken))
    stamp = (facts, known, int(now.timestamp() // SAME_S), actor)
    key = ("dispatch board", db.whole.opened_as, actor.id)
    return newest(key, stamp, lambda: _board(db, actor, now, run))


def _board(db: Database, actor: Actor, now: datetime, run: DispatchRun | None) -> Board:
    orders = work_orders.listing(db, actor, OrderFilter(open_only=True))
    held = crew_spots.open_holdings(db.whole.read(), now)
    crews, _ = dispatch_ground.crews_at(db, now, held)
    lines = _lines(db, run, orders, now)
    bars = _bars(db, orders, crews, held, now)
    due = dict(zip(orders["order_id"], orders["due_at"], strict=True))
    more = dispatch_timeline.suggested(lines.values(), due)
    bars = pd.concat([bars, more], ignore_index=True) if len(more) else bars
    suggestions = {**_by_rule(db, orders, now), **_by_solver(run, lines)}
    return Board(now, orders, _shown(db, actor, crews), bars, suggestions, run)


def _fresh(run: DispatchRun | None, now: datetime) -> DispatchRun | None:
    return None if run is None or now - run.planned_for > timedelta(hours=12) else run


def _lines(
    db: Database, run: DispatchRun | None, orders: pd.DataFrame, now: datetime
) -> dict[str, dict[str, Any]]:
    """The plan's lines that can still be taken: not stale, their orders wait outside the pool."""
    if run is None:
        return {}
    free = (orders["state"] == "registered") & ~orders["is_in_pool"].astype(bool)
    waits = set(orders.loc[free, "order_id"])
    waits -= dispatch_staleness.stale(db.whole.read(), run.lines, run.detail, now)
    return {
        line["order"]: line for line in run.lines
        if line["order"] in waits and line["action"] == TELL and line["order"] not in run.taken
    }  # fmt: skip


def _by_solver(
    run: DispatchRun | None, lines: Mapping[str, dict[str, Any]]
) -> dict[str, Suggestion]:
    found = {}
    for order, line in lines.items():
        second = next((one for one in line["others"] if one["code"] == "could"), None)
        found[order] = Suggestion(
            line["crew"], datetime.fromisoformat(line["arrive_at"]), SOLVER, line["code"],
            line["extra_min"], None if run is None else run.run_id,
            None if second is None else second["crew"],
            None if second is None else second["extra_min"],
        )  # fmt: skip
    return found


def _by_rule(db: Database, orders: pd.DataFrame, now: datetime) -> dict[str, Suggestion]:
    rows = orders[(orders["state"] == "registered") & orders["lon"].notna()].head(MOST_SUGGESTED)
    found, seen = {}, dispatch_ground.crews_seen(db)
    for order, answers in _answers(db, rows, now).items():
        able = answers[answers["may"]]
        able = able[able["crew_id"].isin(seen)]
        if able.empty:
            continue
        best, second = able.iloc[0], able.iloc[1] if len(able) > 1 else None
        found[order] = Suggestion(
            str(best["crew_id"]), now + timedelta(minutes=float(best["arrive_in_min"])), RULE,
            str(best["place"]), float(best["travel_min"]),
            second_crew=None if second is None else str(second["crew_id"]),
            second_min=None if second is None else float(second["travel_min"]),
        )  # fmt: skip
    return found


def _answers(db: Database, rows: pd.DataFrame, now: datetime) -> dict[str, pd.DataFrame]:
    """Every crew's answer for these orders, worked out anew when orders or the minute change."""
    if rows.empty:
        return {}
    whole = db.whole.read()
    minute = now.replace(second=0, microsecond=0)
    stamp = (meta.read_value(whole, "version:work_orders"), minute, tuple(rows["order_id"]))

    def work() -> dict[str, pd.DataFrame]:
        return grab_answers.answers(whole, grab_answers.ground(db, rows, now))

    return newest(("board answers", db.whole.opened_as, db.seen_as), stamp, work)


def _bars(
    db: Database, orders: pd.DataFrame, crews: pd.DataFrame, held: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """Bars of what the crews in sight hold, orders out of sight without their promise."""
    mine = held[held["crew_id"].isin(crews["crew_id"])].reset_index(drop=True)
    due = orders.set_index("order_id")["due_at"]
    travel = np.full(len(mine), np.nan)
    placed = mine[mine["lon"].notna()]
    if len(placed):
        minutes = crew_spots.minutes(db, now, crews, placed)
        row = pd.Index(crews["crew_id"]).get_indexer(pd.Index(placed["crew_id"]))
        travel[placed.index.to_numpy()] = minutes[row, np.arange(len(placed))]
    promised = pd.to_datetime(due.reindex(mine["order_id"]), utc=True)
    return dispatch_timeline.bars(
        mine.assign(due_at=promised.set_axis(mine.index), travel_min=travel), now
    )


def _shown(db: Database, actor: Actor, crews: pd.DataFrame) -> pd.DataFrame:
    """Crews where the actor may know them to be: at their base for who may not see positions."""
    names = [
        "crew_id", "name", "skills", "lon", "lat", "spot", "open_orders", "held_min",
        "free_in_min", "is_working", "is_on_shift",
    ]  # fmt: skip
    found = crews[names]
    if crew_positions.may_see(actor):
        return found
    bases = crew_spots.bases(db).reindex(found["crew_id"])
    lon, lat = (bases[name].to_numpy() for name in ("lon", "lat"))
    return found.assign(lon=lon, lat=lat, spot=crew_spots.BASE)


@needs("dispatch_orders")
def candidates(db: Database, actor: Actor, order_id: str) -> pd.DataFrame:
    """Crews in sight for an order, the preferred first, as `grab.judged` with their names.

    Who may not grab it can still be sent: why says what speaks against it. Empty where nobody
    knows where the order is.
    """
    now = clock_now(db)
    work_order_sight.seen(db, actor, order_id, now, asked="dispatch_board.candidates")
    rows = work_orders.listing(db, actor, OrderFilter(open_only=True))
    rows = rows[(rows["order_id"] == order_id) & rows["lon"].notna()]
    if rows.empty:
        return pd.DataFrame(columns=["crew_id", "name", "may", "why", "arrive_in_min", "rank"])
    whole = db.whole.read()
    found = grab_answers.answers(whole, grab_answers.ground(db, rows, now))[order_id]
    seen = set(
        dispatch_ground.crews_at(db, now, crew_spots.open_holdings(whole, now))[0]["crew_id"]
    )
    return found[found["crew_id"].isin(seen)].reset_index(drop=True)


@needs("dispatch_orders")
def send(db: Database, actor: Actor, order_id: str, crew_id: str) -> Moved:
    """Send a crew by hand, or another one instead; the figures of the moment are kept as reason.

    Raises UserError `dispatch_crew_unseen` and what `work_order_moves.move` does.
    """
    found = candidates(db, actor, order_id).set_index("crew_id")
    now = clock_now(db)
    if crew_id not in dispatch_ground.crews_seen(db) or (len(found) and crew_id not in found.index):
        raise UserError("dispatch_crew_unseen", crew=crew_id[:40])
    detail: dict[str, Any] = {"how": "manual"}
    if len(found):
        answer = found.loc[crew_id].to_dict()
        detail["reason"] = json.dumps(grab_answers.figures(answer))
        if pd.notna(answer["arrive_in_min"]):
            arrive = now + timedelta(minutes=float(answer["arrive_in_min"]))
            detail["planned_arrive_at"] = arrive
    order = work_orders.story(db, actor, order_id).order
    name = "told" if order["state"] == "registered" else "reassigned"
    return work_order_moves.move(db, actor, order_id, Step(name, crew_id=crew_id, detail=detail))
