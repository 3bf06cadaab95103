"""Suspects for inspection with their evidence, and those whom evidence clears."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import audit
from app.store import customers as customer_store
from app.store import inspections as inspection_store
from app.store import theft_hotspots as store
from app.store.database import Database
from app.use_cases import inspection_rules, privacy, small_cells, theft_hotspots
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.theft_hotspots import HotspotWish
from grid_cells import hotspots, inspections
from grid_cells.cells import parents
from grid_cells.errors import UserError

MOST: Final = 2000
SEEN: Final = "suspicion_seen"
_OF_A_HOME: Final = ("day", "days", "of")
"""Figures of a reason that tell when a home used energy."""
_OF_A_LINE: Final = ("loss_rate", "loss_kwh_day", "step_kwh_day")


@dataclass(frozen=True, eq=False)
class Suspicion:
    """The evidence about one customer, as the actor may see it.

    customer: the archive's row with ref; score, transformer: rows of the run with reasons as dicts
    (no transformer: None); days: day, energy_kwh of the customer, none where is_withheld (the role
    may not see a household's days: then reasons tell no kWh and no days either); losses: the
    transformer's balance by day as `losses` tells it; visits, checks: the latest first;
    left_alone_until and why: a day and outcome, or None.
    """

    customer: dict[str, Any]
    run: dict[str, Any]
    score: dict[str, Any]
    transformer: dict[str, Any] | None
    days: pd.DataFrame
    is_withheld: bool
    losses: pd.DataFrame
    visits: pd.DataFrame
    checks: pd.DataFrame
    left_alone_until: date | None
    left_alone_for: str | None


@needs("see_suspicion")
def listing(db: Database, actor: Actor, wish: HotspotWish | None = None) -> pd.DataFrame:
    """Suspects of a run in sight, the strongest first, then everybody with an innocent cause.

    Columns: ref, customer_no, name, address, transformer_id, cell_id, score, cause, quality,
    lost_kwh_day, since, reason (the first, as a dict), left_alone_until (NaT: may be visited),
    left_alone_for, hotspot (-1 outside). Raises as `theft_hotspots.found`.
    """
    asked = wish or HotspotWish()
    spots = theft_hotspots.found(db, actor, asked)
    run_id = int(spots.run["run_id"])
    rows = store.scored(db.read(), run_id, asked.least, MOST)
    rows = with_left_alone(db, rows)
    up = parents(rows["cell_id"].fillna(0).to_numpy(np.int64), spots.resolution)
    number = pd.Series(spots.cells["hotspot"].to_numpy(), spots.cells["cell_id"])
    rows = rows.assign(
        hotspot=pd.Series(up, rows.index).map(number).fillna(hotspots.OUTSIDE).astype(int),
        ref=[privacy.customer_ref(db, str(one)) for one in rows["customer_no"]],
        reason=pd.Series(
            [next(iter(_reasons_told(actor, text)), None) for text in rows["reasons"]],
            rows.index,
            dtype="object",
        ),
    )
    return privacy.shown(actor, "customers", rows.drop(columns="reasons"))


def with_left_alone(db: Database, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with left_alone_until (NaT where a visit is allowed) and left_alone_for."""
    now = clock_now(db)
    today = theft_hotspots.local_day(db, now)
    visits = inspection_store.known(db.whole.read(), now, today)
    alone = inspections.left_alone(visits, inspection_rules.outcome_rules(), today)
    held = alone.set_index("customer_no").reindex(rows["customer_no"]).set_axis(rows.index)
    return rows.assign(left_alone_until=held["until"], left_alone_for=held["outcome"])


def reasons_of(text: Any) -> list[dict[str, Any]]:
    """Reasons as a run keeps them: code and figures."""
    told = json.loads(text) if isinstance(text, str) and text else []
    return [one for one in told if isinstance(one, dict) and "code" in one]


def sees_days(actor: Actor) -> bool:
    """Whether the actor may see the days of a single home."""
    return privacy.sees(actor, "meter_readings", "energy_kwh")


def _reasons_told(actor: Actor, text: Any) -> list[dict[str, Any]]:
    """The reasons; for who may not see a home's days `is_withheld`, without kWh and days."""
    told = reasons_of(text)
    return told if sees_days(actor) else [_without_use(one) for one in told]


def _without_use(reason: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: value for name, value in reason.items()
        if name not in _OF_A_HOME and not name.startswith("kwh")
    }  # fmt: skip
    return kept | {"is_withheld": True}


def _days_told(db: Database, actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    """Days of balances; for who may not see a home's days the rate alone, where enough live."""
    if sees_days(actor):
        return rows
    is_told = _has_enough(db, rows) & (rows["meters"].fillna(0) >= small_cells.least(db))
    told = rows.loc[is_told, ["transformer_id", "day", "is_known", "loss_rate"]]
    return told.assign(loss_rate=told["loss_rate"].astype(float).round(2)).reset_index(drop=True)


def _has_enough(db: Database, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether enough customers lie behind each transformer that its loss tells of no single one."""
    homes = store.customers_of_transformers(db.whole.read())
    count = homes.groupby("transformer_id")["customers"].sum()
    return rows["transformer_id"].map(count).fillna(0) >= small_cells.least(db)


def _lines_told(db: Database, actor: Actor, run_id: int) -> pd.DataFrame:
    """The run's transformers, reasons as dicts; without a home's days as `_days_told`."""
    rows = store.transformers(db.read(), run_id)
    told = pd.Series([_reasons_told(actor, t) for t in rows["reasons"]], rows.index, dtype="object")
    rows = rows.assign(reasons=told)
    if sees_days(actor):
        return rows
    has_enough = _has_enough(db, rows)
    rate = rows["loss_rate"].astype(float).round(2).where(has_enough)
    told = told.where(has_enough, pd.Series([[] for _ in rows.index], rows.index, dtype="object"))
    kwh = {name: np.full(len(rows), np.nan) for name in _OF_A_LINE}
    return rows.assign(**kwh).assign(loss_rate=rate, reasons=told)


@needs("see_suspicion")
def story(db: Database, actor: Actor, ref: str, run_id: int | None = None) -> Suspicion:
    """All evidence about one customer; the look is on record.

    Raises UserError `customer_ref_unknown`, `theft_no_run`, `theft_not_scored`.
    """
    now = clock_now(db)
    customer_no = privacy.customer_no_of(db, ref)
    held = customer_store.one(db.read(), customer_no)
    run = theft_hotspots.run_of(db, run_id, now)
    score = store.score_of(db.read(), int(run["run_id"]), customer_no)
    if held is None or score is None:
        privacy.note_unseen(db, actor, customer_no, asked="theft_suspects.story")
        raise UserError("theft_not_scored")
    _note(db, actor, customer_no, int(run["run_id"]))
    first, last = run["first_day"].date(), run["last_day"].date()
    line = score["transformer_id"] or held["transformer_id"]
    row = with_left_alone(db, pd.DataFrame({"customer_no": [customer_no]})).iloc[0]
    until = row["left_alone_until"]
    today = theft_hotspots.local_day(db, now)
    visits = inspection_store.of_customer(db.read(), customer_no, now, today)
    checks = inspection_store.checks(db.read(), customer_no, now)
    shown = privacy.shown_row(actor, "customers", held) | {"ref": ref}
    is_withheld = not sees_days(actor)
    days = store.customer_days(db.read(), customer_no, first, last, now)
    days = days.head(0) if is_withheld else days
    return Suspicion(
        shown, run, {**score, "reasons": _reasons_told(actor, score["reasons"])},
        _transformer(db, actor, run, line),
        days, is_withheld,
        _days_told(db, actor, store.loss_days(db.read(), [str(line)], first, last)),
        privacy.shown(actor, "inspections", visits), privacy.shown(actor, "remote_checks", checks),
        None if pd.isna(until) else until.date(),
        None if pd.isna(until) else str(row["left_alone_for"]),
    )  # fmt: skip


def _transformer(
    db: Database, actor: Actor, run: dict[str, Any], line: Any
) -> dict[str, Any] | None:
    frame = _lines_told(db, actor, int(run["run_id"]))
    found = frame[frame["transformer_id"] == line]
    if found.empty:
        return None
    return {str(name): value for name, value in found.iloc[0].to_dict().items()}


def _note(db: Database, actor: Actor, customer_no: str, run_id: int) -> None:
    """A look at the evidence about one customer is on record, each anew."""
    subject = privacy.subject_of(db, customer_no)
    db.write(
        lambda connection: audit.record(
            connection, actor.id, SEEN, at=real_now(), subject=subject, detail={"run": run_id}
        )
    )


@needs("see_suspicion")
def transformers(db: Database, actor: Actor, run_id: int | None = None) -> pd.DataFrame:
    """Transformers in sight as the run scored them, the strongest first, reasons as dicts.

    Who may not see a home's days gets no kWh, and no loss of transformers with few customers.
    """
    run = theft_hotspots.run_of(db, run_id, clock_now(db))
    return _lines_told(db, actor, int(run["run_id"]))


@needs("see_suspicion")
def losses(db: Database, actor: Actor, lines: list[str], run_id: int | None = None) -> pd.DataFrame:
    """The balance of these transformers by day of the run, as `loss_days` has it.

    Who may not see a home's days gets transformer_id, day, is_known and the rate rounded to a per
    cent, and nothing of transformers with few customers.
    """
    run = theft_hotspots.run_of(db, run_id, clock_now(db))
    first, last = run["first_day"].date(), run["last_day"].date()
    return _days_told(db, actor, store.loss_days(db.read(), lines, first, last))
