"""A scoring without any label: read, balance, explain, and keep the run whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import audit, feeder_days, meta, reading_reviews, theft_readings, units
from app.store import theft_runs as store
from app.store.database import Connection, Database
from app.store.theft_readings import Span
from app.use_cases import reference, theft_frames
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.theft_ground import ground
from grid_cells import feeder_loss
from grid_cells.errors import UserError
from grid_cells.theft_findings import find

METHOD: Final = "unlabelled"
_VERSION: Final = "2"
"""Of the method: another one makes new runs from the same facts."""
_FACTS: Final = ("readings", "meters", "customers", "transformers")
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Run:
    """A kept run: its number, and its scores of customers and transformers as in the tables."""

    run_id: int
    scores: pd.DataFrame
    transformers: pd.DataFrame


def rule(name: str) -> float:
    """One figure of the table of rules about suspicion."""
    rows = reference.table("theft_rules").set_index("name")
    return float(rows.loc[name, "value"])  # type: ignore[arg-type]


def run(db: Database, actor: Actor, progress: Progress) -> Run:
    """The run of the facts as they are now: made anew only where none was made from the same.

    Raises UserError `theft_few_days` with too few days of readings.
    """
    now = clock_now(db)
    span = _span(db, now)
    version = "|".join(
        (_VERSION, str(span.first), str(span.last), str(span.heard_us),
         meta.versions(db.read(), _FACTS), reading_reviews.stamp(db.read(), now))
    )  # fmt: skip
    held = store.same(db.read(), METHOD, version, now)
    if held is not None:
        _balance(db, span, version)
    number = _make(db, actor, span, version, progress) if held is None else int(held["run_id"])
    return Run(number, store.scores(db.read(), number), store.transformer_scores(db.read(), number))


def _span(db: Database, now: datetime) -> Span:
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    today = now.astimezone(zone).date()
    span = theft_readings.span(db.read(), now, today, int(rule("window_days")))
    least = int(rule("least_days"))
    if span is None or span.days < least:
        raise UserError("theft_few_days", days=0 if span is None else span.days, least=least)
    return span


def _balance(db: Database, span: Span, version: str) -> None:
    """Let the daily balances be those of the run: another one may have made its own since."""
    if meta.read_value(db.read(), theft_readings.LOSS_DAYS) != version:
        least = rule("least_measured")
        days = feeder_loss.feeder_losses(feeder_days.sums(db.read(), span), least_measured=least)

        def change(connection: Connection) -> None:
            theft_readings.rebuild_loss_days(connection, span, least, version)
            feeder_days.replace(connection, days)

        db.write(change)


def _make(db: Database, actor: Actor, span: Span, version: str, progress: Progress) -> int:
    _balance(db, span, version)
    progress(0.1)
    held = ground(db.read(), span)
    progress(0.25)
    if held.rows.empty:
        raise UserError("theft_no_masters")
    found = find(
        held.panel, suspect_from=rule("suspect_from"), makers=held.makers,
        progress=lambda d: progress(0.25 + 0.65 * d),
    )  # fmt: skip
    scores = theft_frames.customers(held, found)
    places = theft_frames.transformers(held, found, theft_frames.Grades.of(db.read(), rule))
    row = {
        "made_at": span.now, "made_by": actor.id, "method": METHOD, "model_id": None,
        "first_day": span.first, "last_day": span.last, "customers": len(scores),
        "transformers": len(places), "data_version": version,
    }  # fmt: skip
    # no stop from here on: what is kept is done
    return db.write(lambda connection: _keep(connection, actor, row, scores, places))


def _keep(
    connection: Connection, actor: Actor, row: dict[str, Any], scores: pd.DataFrame,
    places: pd.DataFrame,
) -> int:  # fmt: skip
    number = store.add(connection, row, scores, places)
    told = {"run": number, "method": METHOD, "customers": len(scores), "transformers": len(places)}
    audit.record(connection, actor.id, "theft_scored", at=real_now(), detail=told)
    return number
