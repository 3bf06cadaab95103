"""A scoring of everybody: read, balance, explain, join the live model, and keep the run whole."""

import json
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
from app.use_cases import theft_days, theft_frames, theft_live
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.theft_ground import ground
from app.use_cases.theft_live import Live
from app.use_cases.theft_rules import figure as rule
from grid_cells.errors import UserError
from grid_cells.theft_findings import find

METHOD: Final = "unlabelled"
BY_MODEL: Final = "model"
_VERSION: Final = "3"
"""Of the method: another one makes new runs from the same facts."""
_FACTS: Final = ("readings", "meters", "customers", "transformers")
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Run:
    """A kept run: its number, and its scores of customers and transformers as in the tables."""

    run_id: int
    scores: pd.DataFrame
    transformers: pd.DataFrame


def run(db: Database, actor: Actor, progress: Progress, *, by_model: bool = False) -> Run:
    """The run of the facts as they are now: made anew only where none was made from the same.

    `by_model`: scored by the live model too, where one is that reads the store's customers; by
    the rules alone without. Raises UserError `theft_few_days` with too few days of readings.
    """
    now = clock_now(db)
    span = _span(db, now)
    live = theft_live.live(db, now) if by_model else None
    version = "|".join(
        (_VERSION, str(span.first), str(span.last), str(span.heard_us),
         meta.versions(db.read(), _FACTS), reading_reviews.stamp(db.read(), now))
    )  # fmt: skip
    facts = version if live is None else f"{version}{theft_days.BY_MODEL}{live.model_id}"
    method = METHOD if live is None else BY_MODEL
    held = store.same(db.read(), method, facts, now)
    if held is not None:
        _balance(db, span, version)
        number = int(held["run_id"])
    else:
        number = _make(db, actor, _Wanted(span, version, facts, live), progress)
    return Run(number, store.scores(db.read(), number), store.transformer_scores(db.read(), number))


@dataclass(frozen=True, eq=False)
class _Wanted:
    """What a run is made of: `version` names the balances, `facts` the scores; the live model."""

    span: Span
    version: str
    facts: str
    live: Live | None


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
    if meta.read_value(db.read(), theft_readings.LOSS_DAYS) == version:
        return
    days = theft_days.feeders_of(db, span)

    def change(connection: Connection) -> None:
        theft_readings.rebuild_loss_days(connection, span, rule("least_measured"), version)
        feeder_days.replace(connection, days)

    db.write(change)


def _by_model(
    db: Database, live: Live, span: Span, scores: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Any], Live | None]:
    """Scores with the model's, its drift, and the model; the rules' and None where it cannot."""
    try:
        found, drift = theft_live.scored(db, live, span, scores)
    except UserError:
        return scores, {}, None
    return found, drift, live


def _make(db: Database, actor: Actor, wanted: _Wanted, progress: Progress) -> int:
    span, live = wanted.span, wanted.live
    balances = theft_readings.balance(db.read(), span, rule("least_measured"))
    feeders = theft_days.feeders_of(db, span)
    progress(0.1)
    held = ground(db.read(), span)
    progress(0.25)
    if held.rows.empty:
        raise UserError("theft_no_masters")
    found = find(
        held.panel, suspect_from=rule("suspect_from"), makers=held.makers,
        progress=lambda d: progress(0.25 + 0.6 * d),
    )  # fmt: skip
    scores = theft_frames.customers(held, found)
    grades = theft_frames.Grades.of(db.read(), balances, rule)
    places = theft_frames.transformers(held, found, grades)
    progress(0.88)
    drift: dict[str, Any] = {}
    if live is not None:
        scores, drift, live = _by_model(db, live, span, scores)
        progress(0.97)
    row = {
        "made_at": span.now, "made_by": actor.id, "method": METHOD if live is None else BY_MODEL,
        "model_id": None if live is None else live.model_id, "first_day": span.first,
        "last_day": span.last, "customers": len(scores), "transformers": len(places),
        "data_version": wanted.version if live is None else wanted.facts,
        "drift": json.dumps(drift) if drift else None,
    }  # fmt: skip

    def keep(connection: Connection) -> int:
        """All or nothing: whoever stops or breaks before leaves the balances of the last run."""
        theft_readings.keep_loss_days(connection, balances, wanted.version)
        feeder_days.replace(connection, feeders)
        return _keep(connection, actor, row, scores, places)

    # no stop from here on: what is kept is done
    return db.write(keep)


def _keep(
    connection: Connection, actor: Actor, row: dict[str, Any], scores: pd.DataFrame,
    places: pd.DataFrame,
) -> int:  # fmt: skip
    number = store.add(connection, row, scores, places)
    told = {
        "run": number, "method": row["method"], "model": row["model_id"],
        "customers": len(scores), "transformers": len(places),
    }  # fmt: skip
    audit.record(connection, actor.id, "theft_scored", at=real_now(), detail=told)
    return number
