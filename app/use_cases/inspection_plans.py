"""Visits within a budget: proposed by expected energy and travel, a person decides each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import audit
from app.store import inspections as store
from app.store import theft_hotspots as score_store
from app.store.database import Connection, Database
from app.use_cases import (
    crew_spots,
    derive,
    inspection_rules,
    inspections,
    privacy,
    small_cells,
    theft_hotspots,
    theft_sight,
    theft_suspects,
    work_order_sight,
    work_order_steps,
    work_order_wishes,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.theft_hotspots import HotspotWish
from app.use_cases.work_order_steps import Act
from app.use_cases.work_order_wishes import OrderWish
from grid_cells import inspection_plan
from grid_cells import inspections as rules
from grid_cells.cells import centres
from grid_cells.errors import UserError
from grid_cells.inspection_plan import Budget
from grid_cells.inspections import Lift

TASK: Final = "check_wiring"
CHOSEN: Final = "inspection_visits_chosen"
TAKEN_BACK: Final = "inspection_visits_taken_back"
LOOKED_AT: Final = 400
"""Suspects among which visits are chosen, those with the most expected energy first."""
MOST_TOURS, MOST_HOURS = 20, 12.0
Minutes = NDArray[np.float64]


@dataclass(frozen=True)
class BudgetWish:
    """What may be spent: visits at most, tours (one a team and day) of so many hours each.

    None: no limit. hotspot: visits within that one alone.
    """

    visits: int | None = 20
    tours: int = 1
    hours: float | None = None
    hotspot: int | None = None


@dataclass(frozen=True, eq=False)
class Proposal:
    """Visits that a budget buys, and what they promise against other ways of choosing.

    visits, tour by tour: ref, customer_no, name, address (masked by role), transformer_id, cell_id,
    score, lost_kwh_day, expected_kwh (withheld as in a list), tour, stop; minutes of each tour with
    travel; expected_kwh: None where it is withheld; left_alone:
    suspects not proposed because they were visited lately; ordered: because a visit waits already;
    unreached: because no place or no way there is known, of those looked at.
    """

    run_id: int
    visits: pd.DataFrame
    minutes: tuple[float, ...]
    lift: Lift
    expected_kwh: float | None
    left_alone: int
    ordered: int
    unreached: int = 0


@needs("run_inspections")
def propose(
    db: Database, actor: Actor, budget: BudgetWish, wish: HotspotWish | None = None
) -> Proposal:
    """What the budget buys; nothing is ordered by it.

    Raises UserError `inspection_budget` where the budget is none, and as `theft_suspects.listing`.
    """
    _check(budget)
    now = clock_now(db)
    listed = theft_suspects.listed(db, actor, wish)
    spots = theft_hotspots.found(db, actor, wish)
    run_id = int(spots.run["run_id"])
    suspects = listed[listed["cause"] == "suspect"]
    if budget.hotspot is not None:
        suspects = suspects[suspects["hotspot"] == budget.hotspot]
    waiting = _waiting(db.whole.read(), now)
    is_alone = suspects["left_alone_until"].notna()
    is_ordered = suspects["ref"].isin([privacy.customer_ref(db, one) for one in waiting])
    worth = inspection_plan.expected_kwh(
        suspects["score"].to_numpy(float), suspects["lost_kwh_day"].to_numpy(float),
        inspection_rules.figure("plan", "horizon_days"),
    )  # fmt: skip
    open_ones = suspects.assign(expected_kwh=worth)[~is_alone & ~is_ordered]
    candidates = open_ones.nlargest(LOOKED_AT, "expected_kwh").reset_index(drop=True)
    travel = _minutes(db, candidates, now) if len(candidates) else np.zeros((1, 1))
    planned, minutes = _planned(candidates, travel, budget)
    scores = score_store.all_scores(db.read(), run_id)["score"]
    past = inspections.standing(db, actor).hit_rate if len(planned) else None
    theft_suspects.note_list(db, actor, wish or HotspotWish(), "proposal", len(planned))
    return Proposal(
        run_id, theft_sight.without_energy(actor, planned), minutes,
        rules.expected(planned["score"], scores, past),
        _energy_told(db, actor, planned), int(is_alone.sum()),
        int((is_ordered & ~is_alone).sum()), _unreached(travel),
    )  # fmt: skip


def _energy_told(db: Database, actor: Actor, planned: pd.DataFrame) -> float | None:
    """The sum of what is expected.

    Who may not see a home's days gets it in thousands, so that a visit more tells of nobody, and
    None for a few homes.
    """
    total = float(planned["expected_kwh"].sum())
    if theft_sight.sees_days(actor) or planned.empty:
        return total
    return None if len(planned) < small_cells.least(db) else float(round(total, -3))


def _check(budget: BudgetWish) -> None:
    most = int(inspection_rules.figure("plan", "most_visits"))
    fits = (
        (budget.visits is None or 0 < budget.visits <= most)
        and 0 < budget.tours <= MOST_TOURS
        and (budget.hours is None or 0 < budget.hours <= MOST_HOURS)
        and not (budget.visits is None and budget.hours is None)
    )
    if not fits:
        raise UserError("inspection_budget", most=most, tours=MOST_TOURS, hours=MOST_HOURS)


def _waiting(connection: Connection, now: datetime) -> list[str]:
    """Customers for whom a visit is chosen, still to be made and without a result."""
    visits = store.visits(connection, now)
    return visits.loc[visits["waiting"].astype(bool), "customer_no"].astype(str).tolist()


def _unreached(travel: Minutes) -> int:
    """Candidates to whom, or back from whom, there is no way; without a place there is none."""
    start = inspection_plan.START
    both = travel[start, start + 1 :] + travel[start + 1 :, start]
    return int((~np.isfinite(both)).sum())


def _planned(
    candidates: pd.DataFrame, travel: Minutes, budget: BudgetWish
) -> tuple[pd.DataFrame, tuple[float, ...]]:
    if candidates.empty:
        return candidates.assign(tour=[], stop=[]), ()
    limit = None if budget.hours is None else budget.hours * 60
    whole = Budget(budget.visits, budget.tours, limit)
    visit_min = inspection_rules.figure("plan", "visit_min")
    plan = inspection_plan.plan_visits(
        candidates["expected_kwh"].to_numpy(float), visit_min, travel, whole
    )
    rows = candidates.iloc[list(plan.chosen)].reset_index(drop=True)
    tour = [number for number, stops in enumerate(plan.tours, 1) for _ in stops]
    stop = [place for stops in plan.tours for place in range(1, len(stops) + 1)]
    return rows.assign(tour=tour, stop=stop), plan.minutes


def _minutes(db: Database, candidates: pd.DataFrame, now: datetime) -> Minutes:
    """Travel between the start (the crew base nearest to the best suspect) and the suspects.

    Places are the middles of cells where the role does not see addresses.
    """
    derive.refresh(db, now)
    lon, lat = centres(candidates["cell_id"].fillna(0).astype("int64"))
    middle = pd.DataFrame({"lon": lon, "lat": lat}, candidates.index)
    points = candidates[["lon", "lat"]].astype(float).fillna(middle)
    bases = crew_spots.bases(db.whole)[["lon", "lat"]].dropna()
    best = points.dropna().head(1)
    if best.empty:
        return np.full((len(points) + 1,) * 2, np.nan)
    start = best
    if len(bases):
        gap = (bases - best.iloc[0]).pow(2).sum(axis=1)
        start = bases.loc[[gap.idxmin()]]
    stops = pd.concat([start, points], ignore_index=True)
    took = np.asarray(crew_spots.minutes(db, now, stops, stops), dtype=np.float64)
    np.fill_diagonal(took, 0.0)
    return took


@needs("run_inspections")
def order(db: Database, actor: Actor, run_id: int, refs: list[str]) -> tuple[int, list[str]]:
    """The number of the plan and of its work orders: one for each customer that a person ticked.

    Raises UserError `inspection_none_ticked`, `inspection_too_many`, `inspection_left_alone`,
    `inspection_ordered`, `inspection_no_suspect`, `theft_not_scored`, `customer_ref_unknown`.
    """
    now = clock_now(db)
    today = theft_hotspots.local_day(db, now)
    numbers = list(dict.fromkeys(privacy.customer_no_of(db, one) for one in refs))
    rows = _ticked(db, actor, run_id, numbers, now)
    wishes = [OrderWish(TASK, customer_no=str(one)) for one in rows["customer_no"]]
    placed = [work_order_wishes.placed(db, actor, one, now) for one in wishes]

    def change(connection: Connection) -> tuple[int, list[str]]:
        at = read_on(connection, real_now()).now
        _check_free(connection, rows["customer_no"].astype(str).tolist(), at, today)
        plan_id, orders = store.next_plan(connection), []
        for wish, row, one in zip(wishes, placed, rows.to_dict("records"), strict=True):
            order_id = work_order_wishes.made(connection, actor, wish, row)
            kept = {"plan_id": plan_id, "order_id": order_id, "run_id": run_id, "chosen_at": at,
                    "chosen_by": actor.id}  # fmt: skip
            store.add_visit(connection, {str(k): v for k, v in one.items()} | kept)
            orders.append(order_id)
        told = {"plan": plan_id, "run": run_id, "visits": len(orders)}
        audit.record(
            connection,
            actor.id,
            CHOSEN,
            at=real_now(),
            subject=f"inspection_plan:{plan_id}",
            detail=told,
        )
        return plan_id, orders

    return db.write(change)


def _ticked(
    db: Database, actor: Actor, run_id: int, numbers: list[str], now: datetime
) -> pd.DataFrame:
    """customer_no, score, expected_kwh of the customers ticked, all in sight and suspects."""
    most = int(inspection_rules.figure("plan", "most_visits"))
    if not numbers:
        raise UserError("inspection_none_ticked")
    if len(numbers) > most:
        raise UserError("inspection_too_many", most=most)
    theft_hotspots.run_of(db, run_id, now)
    held = [score_store.score_of(db.read(), run_id, one) for one in numbers]
    for number, one in zip(numbers, held, strict=True):
        if one is None:
            privacy.note_unseen(db, actor, number, asked="inspection_plans.order")
            raise UserError("theft_not_scored")
    rows = pd.DataFrame([one for one in held if one is not None])
    if (rows["cause"] != "suspect").any():
        raise UserError("inspection_no_suspect")
    worth = inspection_plan.expected_kwh(
        rows["score"].to_numpy(float), rows["lost_kwh_day"].to_numpy(float),
        inspection_rules.figure("plan", "horizon_days"),
    )  # fmt: skip
    return rows[["customer_no", "score"]].assign(expected_kwh=worth)


def _check_free(connection: Connection, numbers: list[str], at: datetime, today: date) -> None:
    """Refuse whom somebody visited or ordered a visit to, perhaps a moment ago."""
    visits = store.known(connection, at, today)
    alone = rules.left_alone(visits, inspection_rules.outcome_rules(), today)
    if set(numbers) & set(alone["customer_no"]):
        raise UserError("inspection_left_alone")
    if set(numbers) & set(_waiting(connection, at)):
        raise UserError("inspection_ordered")


@needs("run_inspections")
def undo(db: Database, actor: Actor, plan_id: int) -> int:
    """Call off those of a plan's visits in sight, to none of which anybody went yet; how many.

    Raises UserError `inspection_plan_unknown`, `inspection_plan_begun` (a result is there, or
    a crew is on its way).
    """
    visits = store.visits(db.read(), clock_now(db))
    seen = visits.loc[visits["plan_id"] == plan_id, "order_id"].astype(str).tolist()

    def change(connection: Connection) -> int:
        at = read_on(connection, real_now()).now
        called_off = _call_off(connection, actor, plan_id, seen, at)
        told = {"plan": plan_id, "visits": called_off}
        audit.record(
            connection,
            actor.id,
            TAKEN_BACK,
            at=real_now(),
            subject=f"inspection_plan:{plan_id}",
            detail=told,
        )
        return called_off

    return db.write(change)


def _call_off(
    connection: Connection, actor: Actor, plan_id: int, seen: list[str], at: datetime
) -> int:
    """Cancel the orders of these visits but those cancelled already; how many."""
    visits = store.visits(connection, at)
    mine = visits[(visits["plan_id"] == plan_id) & visits["order_id"].isin(seen)]
    if mine.empty:
        raise UserError("inspection_plan_unknown", plan=plan_id)
    living = mine[mine["state"] != "cancelled"]
    if mine["inspected"].astype(bool).any() or (living["state"] != "registered").any():
        raise UserError("inspection_plan_begun", plan=plan_id)
    act = Act("cancelled", "cancelled", reason_code="not_needed")
    for order_id in living["order_id"].astype(str):
        held = work_order_sight.row_of(connection, order_id, at)
        work_order_steps.carry_out(connection, actor, held, act, at)
    store.undo_visits(connection, mine["order_id"].astype(str).tolist(), at, actor.id)
    return len(living)


@needs("see_suspicion")
def chosen(db: Database, actor: Actor) -> pd.DataFrame:
    """Visits chosen and not taken back, the latest plan first, masked by role, with ref."""
    rows = store.visits(db.read(), clock_now(db))
    refs = [privacy.customer_ref(db, str(one)) for one in rows["customer_no"]]
    return privacy.shown(actor, "inspection_visits", rows.assign(ref=refs))
