"""Results of inspections: two people, seals, a signature; energy and money apart; undo."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import audit
from app.store import customers as customer_store
from app.store import inspections as store
from app.store import theft_hotspots as score_store
from app.store.database import Connection, Database
from app.use_cases import inspection_rules, privacy, theft_hotspots, work_order_sight
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells import inspections
from grid_cells.errors import UserError
from grid_cells.inspections import LONGEST_SEALS, NOBODY_THERE

RECORDED: Final = "inspection_recorded"
TAKEN_BACK: Final = "inspection_taken_back"
HAS_RESULT: Final = "inspection_has_result"
LONGEST_NOTE: Final = 1000


@dataclass(frozen=True)
class ResultWish:
    """What the inspectors found.

    `inspectors` are staff ids; `signature` what was signed with, drawn (a picture) or typed.
    """

    outcome: str
    inspected_on: date
    inspectors: tuple[str, ...] = ()
    seals: str = ""
    signature: bytes = field(default=b"", repr=False)
    recovered_kwh: float = 0.0
    penalty_amount: float = 0.0
    order_id: str | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False)
class Record:
    """How inspections went: visits (settled, of a year), hits, hit_rate (None: nobody was visited),
    recovered_kwh, penalty_amount, by_outcome; gains as from `grid_cells.inspections.gains` where at
    least one visit was found and scored, else None; `is_scored_after`: scores are of a later run.
    """  # noqa: D205

    visits: int
    hits: int
    hit_rate: float | None
    recovered_kwh: float
    penalty_amount: float
    by_outcome: dict[str, int]
    gains: pd.DataFrame | None
    is_scored_after: bool


@needs("run_inspections")
def enter(db: Database, actor: Actor, ref: str, wish: ResultWish) -> str:
    """The number of the inspection now on record.

    Raises UserError `inspection_…` as `grid_cells.inspections.check_result`, and
    `inspection_inspector_unknown`, `inspection_in_future`, `inspection_long` (field, most),
    `inspection_unsigned`, `customer_ref_unknown`, `inspection_other_customer` (the order is of
    somebody else), `inspection_has_result` (the order's visit has one), `work_order_unknown`.
    """
    now = clock_now(db)
    customer_no = privacy.customer_no_of(db, ref)
    if not customer_store.is_known(db.read(), customer_no):
        privacy.note_unseen(db, actor, customer_no, asked="inspections.enter")
        raise UserError("customer_ref_unknown")
    _check(db, wish, theft_hotspots.local_day(db, now))
    if wish.order_id is not None:
        _check_order(db, actor, wish.order_id, customer_no)
    chosen = _chosen(db, customer_no, wish.order_id)
    signature = hashlib.sha256(wish.signature).hexdigest() if wish.signature else None
    row = {
        "customer_no": customer_no, "inspected_on": wish.inspected_on, "outcome": wish.outcome,
        "recovered_kwh": wish.recovered_kwh, "penalty_amount": wish.penalty_amount,
        "order_id": wish.order_id, **chosen, "inspectors": ";".join(dict.fromkeys(wish.inspectors)),
        "seals": wish.seals or None, "signature_sha256": signature, "note": wish.note or None,
        "entered_at": now, "entered_by": actor.id,
    }  # fmt: skip
    subject = privacy.subject_of(db, customer_no)

    def change(connection: Connection) -> str:
        if wish.order_id is not None and store.has_result(connection, wish.order_id):
            raise UserError(HAS_RESULT, order=wish.order_id)
        number = store.next_id(connection)
        store.add(connection, row | {"inspection_id": number})
        told = {"inspection": number, "outcome": wish.outcome, "order": wish.order_id}
        audit.record(connection, actor.id, RECORDED, at=real_now(), subject=subject, detail=told)
        return number

    return db.write(change)


def _check_order(db: Database, actor: Actor, order_id: str, customer_no: str) -> None:
    """Check that the order is in sight and is this customer's."""
    now = clock_now(db)
    seen = work_order_sight.seen(db, actor, order_id, now, asked="inspections.enter")
    if work_order_sight.row_of(seen, order_id, now)["customer_no"] != customer_no:
        raise UserError("inspection_other_customer", order=order_id[:40])


def _check(db: Database, wish: ResultWish, today: date) -> None:
    inspections.check_result(wish.outcome, wish.inspectors, wish.recovered_kwh, wish.penalty_amount)
    if wish.inspected_on > today:
        raise UserError("inspection_in_future", day=today)
    for name, most in (("seals", LONGEST_SEALS), ("note", LONGEST_NOTE)):
        if len(getattr(wish, name)) > most:
            raise UserError("inspection_long", field=name, most=most)
    unknown = set(wish.inspectors) - store.staff(db.whole.read(), wish.inspectors)
    if unknown:
        raise UserError("inspection_inspector_unknown", staff=min(unknown)[:40])
    if wish.outcome != NOBODY_THERE and not wish.signature:
        raise UserError("inspection_unsigned")


def _chosen(db: Database, customer_no: str, order_id: str | None) -> dict[str, Any]:
    """The run and the score by which the visit was chosen, else those of the latest run."""
    now = clock_now(db)
    visits = store.visits(db.whole.read(), now)
    mine = visits[(visits["order_id"] == order_id) & (visits["customer_no"] == customer_no)]
    if len(mine):
        return {"run_id": int(mine["run_id"].iloc[0]), "score": float(mine["score"].iloc[0])}
    runs = score_store.runs(db.whole.read(), now)
    if runs.empty:
        return {"run_id": None, "score": None}
    run_id = int(runs["run_id"].iloc[0])
    held = score_store.score_of(db.whole.read(), run_id, customer_no)
    return {"run_id": run_id if held else None, "score": held["score"] if held else None}


@needs("run_inspections")
def take_back(db: Database, actor: Actor, inspection_id: str) -> None:
    """Take back a result entered here.

    Raises UserError `inspection_unknown`, `inspection_from_file`.
    """
    held = store.one(db.read(), inspection_id)
    if held is None:
        raise UserError("inspection_unknown", inspection=inspection_id[:40])
    if not pd.isna(held["batch_id"]):
        raise UserError("inspection_from_file", inspection=inspection_id, batch=held["batch_id"])
    subject = privacy.subject_of(db, str(held["customer_no"]))

    def change(connection: Connection) -> None:
        if store.one(connection, inspection_id) is None:
            raise UserError("inspection_unknown", inspection=inspection_id[:40])
        store.remove(connection, inspection_id)
        told = {"inspection": inspection_id, "outcome": held["outcome"]}
        audit.record(connection, actor.id, TAKEN_BACK, at=real_now(), subject=subject, detail=told)

    db.write(change)


@needs("see_suspicion")
def history(db: Database, actor: Actor) -> pd.DataFrame:
    """Inspections in sight, the latest first, masked by role, with ref of the customer."""
    now = clock_now(db)
    rows = store.known(db.read(), now, theft_hotspots.local_day(db, now)).iloc[::-1]
    refs = [privacy.customer_ref(db, str(one)) for one in rows["customer_no"]]
    return privacy.shown(actor, "inspections", rows.assign(ref=refs).reset_index(drop=True))


@needs("see_suspicion")
def inspectors(db: Database, actor: Actor) -> dict[str, str]:  # noqa: ARG001 - colleagues are known
    """Members of staff by id, who may stand in a result."""
    return store.staff_names(db.whole.read())


@needs("see_suspicion")
def standing(db: Database, actor: Actor) -> Record:  # noqa: ARG001 - the sight is the actor's
    """How the inspections of a year in sight went, and how a choice by score would have done."""
    now, rules = clock_now(db), inspection_rules.outcome_rules()
    visits = theft_hotspots.visits_of_year(db, now)
    settled = visits[visits["outcome"] != NOBODY_THERE]
    hit = settled["outcome"].isin(rules.hits)
    gains, is_after = _gains(db, settled.assign(hit=hit))
    money = float(visits["penalty_amount"].fillna(0).sum())
    return Record(
        len(settled), int(hit.sum()), inspections.rate(float(hit.sum()), float(len(settled))),
        float(visits["recovered_kwh"].fillna(0).sum()), money,
        {str(k): int(v) for k, v in visits["outcome"].value_counts().items()}, gains, is_after,
    )  # fmt: skip


def _gains(db: Database, settled: pd.DataFrame) -> tuple[pd.DataFrame | None, bool]:
    """Finds by the score that each visit was chosen by, else by the latest run's."""
    runs = score_store.runs(db.whole.read(), clock_now(db))
    scores = settled["score"].astype("float64")
    is_after = bool(scores.isna().any()) and len(runs) > 0
    if is_after:
        held = score_store.all_scores(db.read(), int(runs["run_id"].iloc[0]))
        later = settled["customer_no"].map(held.set_index("customer_no")["score"])
        scores = scores.fillna(later)
    known = scores.notna().to_numpy()
    if not known.any() or not settled["hit"].to_numpy()[known].any():
        return None, is_after
    return inspections.gains(settled["hit"].to_numpy(np.float64)[known], scores[known]), is_after
