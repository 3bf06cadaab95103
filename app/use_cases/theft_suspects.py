"""Suspects for inspection with their evidence, and those whom evidence clears."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from app.store import audit
from app.store import customers as customer_store
from app.store import inspections as inspection_store
from app.store import theft_hotspots as store
from app.store.database import Database
from app.use_cases import inspection_rules, privacy, theft_days, theft_hotspots, theft_sight
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
LISTED: Final = "suspects_listed"


@dataclass(frozen=True)
class Part:
    """Whose list: everybody's, of cells (of the wish's resolution), of a transformer.

    kind: what it is called in the record, where also a proposal of visits stands.
    """

    kind: Literal["all", "hotspot", "cell", "transformer", "proposal"] = "all"
    cells: tuple[int, ...] | None = None
    transformer_id: str | None = None


ALL: Final = Part()


@dataclass(frozen=True, eq=False)
class Suspicion:
    """The evidence about one customer, as the actor may see it.

    customer: the archive's row with ref; score, transformer: rows of the run with reasons as dicts
    (no transformer: None); days: day, energy_kwh, source of the customer, none where is_withheld
    (the role may not see a household's days: then reasons tell no kWh and no days either, nor does
    the score); losses: the transformer's balance by day as `losses` tells it; visits, checks: the
    latest first; left_alone_until and why: a day and outcome, or None.
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
def listing(
    db: Database, actor: Actor, wish: HotspotWish | None = None, part: Part = ALL
) -> pd.DataFrame:
    """Suspects of a run in sight, the strongest first, then everybody with an innocent cause.

    At most MOST; each look at a list is on record. Columns: ref, customer_no, name, address,
    transformer_id, cell_id, score, cause, quality, lost_kwh_day, since (both withheld from who may
    not see a home's days), reason (the first, as a dict), left_alone_until (NaT: may be visited),
    left_alone_for, hotspot (-1 outside). Raises as `theft_hotspots.found`.
    """
    rows = listed(db, actor, wish, part)
    note_list(db, actor, wish or HotspotWish(), part.kind, len(rows))
    return theft_sight.without_energy(actor, rows)


@needs("see_suspicion")
def tally(
    db: Database, actor: Actor, wish: HotspotWish | None = None, part: Part = ALL
) -> dict[str, int]:
    """How many of each cause there are in sight, suspects from the wish's score on only."""
    asked = wish or HotspotWish()
    spots = theft_hotspots.found(db, actor, asked)
    where = _where(db, part, spots.resolution)
    return store.counted(db.read(), int(spots.run["run_id"]), asked.least, where)


def listed(
    db: Database, actor: Actor, wish: HotspotWish | None = None, part: Part = ALL
) -> pd.DataFrame:
    """As `listing`, for use cases that note the look themselves: with energy whatever the role."""
    asked = wish or HotspotWish()
    spots = theft_hotspots.found(db, actor, asked)
    run_id = int(spots.run["run_id"])
    rows = store.scored(db.read(), run_id, asked.least, MOST, _where(db, part, spots.resolution))
    rows = with_left_alone(db, rows)
    up = parents(rows["cell_id"].fillna(0).to_numpy(np.int64), spots.resolution)
    number = pd.Series(spots.cells["hotspot"].to_numpy(), spots.cells["cell_id"])
    rows = rows.assign(
        hotspot=pd.Series(up, rows.index).map(number).fillna(hotspots.OUTSIDE).astype(int),
        ref=[privacy.customer_ref(db, str(one)) for one in rows["customer_no"]],
        reason=pd.Series(
            [next(iter(theft_sight.reasons_told(actor, text)), None) for text in rows["reasons"]],
            rows.index,
            dtype="object",
        ),
    )
    return privacy.shown(actor, "customers", rows.drop(columns="reasons"))


def _where(db: Database, part: Part, resolution: int) -> store.Where:
    """The part as the store asks for it: cells of the store's own resolution."""
    if part.cells is None:
        return store.Where(None, part.transformer_id)
    held = np.array(list(store.customers_of_cells(db.read())), dtype=np.int64)
    own = held[np.isin(parents(held, resolution), np.array(part.cells, dtype=np.int64))]
    return store.Where([int(one) for one in own], part.transformer_id)


def note_list(db: Database, actor: Actor, wish: HotspotWish, kind: str, count: int) -> None:
    """A look at a list of names is on record: who, which filter, how many; no names, no places."""
    run = theft_hotspots.run_of(db, wish.run_id, clock_now(db))
    told = {
        "list": kind, "run": int(run["run_id"]), "least": wish.least, "figure": wish.figure,
        "cause": wish.cause, "resolution": wish.resolution, "count": count,
    }  # fmt: skip
    db.write(
        lambda connection: audit.record(connection, actor.id, LISTED, at=real_now(), detail=told)
    )


def with_left_alone(db: Database, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with left_alone_until (NaT where a visit is allowed) and left_alone_for."""
    now = clock_now(db)
    today = theft_hotspots.local_day(db, now)
    visits = inspection_store.known(db.whole.read(), now, today)
    alone = inspections.left_alone(visits, inspection_rules.outcome_rules(), today)
    held = alone.set_index("customer_no").reindex(rows["customer_no"]).set_axis(rows.index)
    return rows.assign(left_alone_until=held["until"], left_alone_for=held["outcome"])


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
    is_withheld = not theft_sight.sees_days(actor)
    days = store.customer_days(db.read(), customer_no, first, last, now)
    return Suspicion(
        shown, run, _score_told(actor, score), _transformer(db, actor, run, line),
        days.head(0) if is_withheld else days, is_withheld,
        theft_sight.days_told(db, actor, theft_days.losses(db, [str(line)], run)),
        privacy.shown(actor, "inspections", visits), privacy.shown(actor, "remote_checks", checks),
        None if pd.isna(until) else until.date(),
        None if pd.isna(until) else str(row["left_alone_for"]),
    )  # fmt: skip


def _score_told(actor: Actor, score: dict[str, Any]) -> dict[str, Any]:
    told = theft_sight.without_energy(actor, pd.DataFrame([score])).iloc[0].to_dict()
    row = {str(name): value for name, value in told.items()}
    return row | {"reasons": theft_sight.reasons_told(actor, score["reasons"])}


def _transformer(
    db: Database, actor: Actor, run: dict[str, Any], line: Any
) -> dict[str, Any] | None:
    frame = theft_sight.lines_told(db, actor, int(run["run_id"]))
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
    return theft_sight.lines_told(db, actor, int(run["run_id"]))


@needs("see_suspicion")
def losses(db: Database, actor: Actor, lines: list[str], run_id: int | None = None) -> pd.DataFrame:
    """The balance of these transformers by day of the run, as `loss_days` has it.

    Who may not see a home's days gets transformer_id, day, is_known and the rate rounded to a per
    cent, and nothing of transformers with few customers.
    """
    run = theft_hotspots.run_of(db, run_id, clock_now(db))
    return theft_sight.days_told(db, actor, theft_days.losses(db, lines, run))
