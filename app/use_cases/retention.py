"""How long each kind of row is kept, and the daily work that honours it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pandas as pd

from app.store import audit, meta
from app.store import retention as store
from app.store.database import Connection, Database
from app.store.retention import Kept
from app.use_cases import reference
from app.use_cases.access import needs
from app.use_cases.actors import ADMIN, Actor
from app.use_cases.clock import is_sample, real_now
from grid_cells.errors import UserError

PROGRAM = Actor(id="system", name="", role=ADMIN)
"""Who does the daily work."""
_LOG = logging.getLogger("gridcells")
_DAY_S = 86_400.0
_FIRST_WAIT_S = 60.0
_VERSIONED = {"meter_readings": "readings", "outages": "outages"}
"""Kinds of facts from which others are derived."""


@dataclass(frozen=True)
class Rule:
    """How many days rows are kept, the least and the most that may be set, and why.

    Rules that count from the fact itself (a day read, an outage) do not touch the sample city:
    its facts are made up, and its own clock stands still.
    """

    kept: Kept
    days: int
    least: int
    most: int
    counts_from: str
    why: str
    source: str


@needs("manage_store", whole=True)
def list_rules(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    *,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Every rule whose table is there.

    Columns table, deed (delete or blank), columns, days in force, usual_days, least_days,
    most_days, oldest (the moment of the oldest row held), due (rows), why, source.
    """
    now, rows = now or real_now(), []
    for rule in _in_force(db):
        days = days_of(db.read(), rule)
        oldest, due = store.held(db.read(), rule.kept, now - timedelta(days=days))
        rows.append(
            {
                "table": rule.kept.table, "deed": "blank" if rule.kept.columns else "delete",
                "columns": " ".join(rule.kept.columns), "days": days, "usual_days": rule.days,
                "least_days": rule.least, "most_days": rule.most, "oldest": oldest,
                "due": due if _applies(db, rule) else 0, "why": rule.why, "source": rule.source,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


@needs("manage_store", whole=True)
def set_days(db: Database, actor: Actor, table: str, days: int) -> None:
    """Keep the rows of a table for so many days from now on; recorded.

    Raises retention_unknown, retention_out_of_range.
    """
    rule = next((one for one in _in_force(db) if one.kept.table == table), None)
    if rule is None:
        raise UserError("retention_unknown", table=table)
    if not rule.least <= days <= rule.most:
        raise UserError(
            "retention_out_of_range", table=table, days=days, least=rule.least, most=rule.most
        )

    def change(connection: Connection) -> None:
        before = days_of(connection, rule)
        meta.set_value(connection, _setting(rule), str(days))
        audit.record(
            connection, actor.id, "retention_changed", at=real_now(), subject=f"table:{table}",
            detail={"days": days, "before": before},
        )  # fmt: skip

    db.write(change)


@needs("manage_store", whole=True)
def run(db: Database, actor: Actor, now: datetime) -> dict[str, int]:
    """Rows deleted or emptied by table; each rule in a transaction of its own, counts recorded."""
    done: dict[str, int] = {}
    for rule in _in_force(db):
        if _applies(db, rule):
            done |= db.write(partial(_expire, actor=actor, rule=rule, now=now))
    return done


def days_of(connection: Connection, rule: Rule) -> int:
    """The days in force: the database's own setting within the rule's limits, else the usual."""
    held = meta.read_value(connection, _setting(rule))
    return min(max(int(held), rule.least), rule.most) if held.isdecimal() else rule.days


def days_kept(connection: Connection, table: str) -> int:
    """For how many days rows of the table are kept; KeyError where no rule holds for it."""
    return days_of(connection, {rule.kept.table: rule for rule in _rules()}[table])


class Daily:
    """Honours the rules a minute after it began and then once a day, until told to stop."""

    def __init__(self, db: Database, *, first_s: float, every_s: float) -> None:
        self._db, self._first_s, self._every_s = db, first_s, every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let what is under way end, then do nothing more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s = self._first_s
        while not self._stopped.wait(wait_s):
            wait_s = self._every_s
            try:
                run(self._db, PROGRAM, real_now())
            except Exception:  # tomorrow is another day; the log has the trace
                _LOG.exception("what was kept too long could not be removed")


def start_daily(
    db: Database, *, first_s: float = _FIRST_WAIT_S, every_s: float = _DAY_S
) -> Callable[[], None]:
    """Start the daily work; what is given back stops it, to be called before the store closes."""
    return Daily(db, first_s=first_s, every_s=every_s).stop


def _expire(connection: Connection, *, actor: Actor, rule: Rule, now: datetime) -> dict[str, int]:
    days = days_of(connection, rule)
    done = store.expire(connection, rule.kept, now - timedelta(days=days))
    if done:
        kind = _VERSIONED.get(rule.kept.table)
        if kind is not None:
            meta.touch_facts(connection, kind)
        audit.record(
            connection, actor.id, "rows_expired", at=now, subject=f"table:{rule.kept.table}",
            detail={"days": days, "rows": done},
        )  # fmt: skip
    return done


def _in_force(db: Database) -> list[Rule]:
    return [rule for rule in _rules() if store.tables_of(db.read(), rule.kept)]


def _applies(db: Database, rule: Rule) -> bool:
    return rule.counts_from == "record" or not is_sample(db)


def _setting(rule: Rule) -> str:
    return f"retention:{rule.kept.table}"


def _rules() -> list[Rule]:
    rows = reference.table("retention").fillna("").to_dict("records")
    return [
        Rule(
            Kept(row["table"], tuple(row["moment"].split()), tuple(row["columns"].split())),
            int(row["days"]), int(row["least_days"]), int(row["most_days"]), row["counts_from"],
            row["why"], row["source"],
        )
        for row in rows
    ]  # fmt: skip
