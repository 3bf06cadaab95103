"""A model taught by the store's own inspections: what it learns from, and its training."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from app.store import audit, units
from app.store import theft_learning as store
from app.store import theft_models as model_store
from app.store.database import Connection, Database
from app.use_cases import inspection_rules, theft_process, theft_rules
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.theft_cards import with_card
from grid_cells import theft_visits
from grid_cells.errors import UserError
from grid_cells.inspections import NOBODY_THERE
from grid_cells.theft_features import TheftTable
from grid_cells.theft_folds import later_part
from grid_cells.theft_model_file import digest, pack
from grid_cells.theft_models import TheftModel

TRAINED: Final = "theft_model_trained"
STORE: Final = "store"
"""In a card's data: the model reads the store's own customers."""
_LEARNT: Final = ("zone",)
"""Attributes that no visit changes: tariff and use type may have been set right by the very find,
and what stood there before is deleted after a while; a model would learn what followed."""
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Trained:
    """The model now waiting for approval: its number, and what stands on its card."""

    number: int
    card: dict[str, Any]


@needs("run_theft", whole=True)
def train(db: Database, actor: Actor, tell: Tell = lambda _: None, seed: int = 0) -> Trained:
    """Train on the inspections known now, in a process of its own; the model waits for approval.

    Raises UserError `theft_inspections_few` (finds, others, least, unread, weeks),
    `theft_inspections_late`, `theft_training_stopped`, and what `tell` raises: nothing is kept.
    """
    now = clock_now(db)
    table, unread = visits_table(db, now)
    check_enough(table, unread)
    tell(0.2)
    model = theft_process.train(table, seed, lambda done: tell(0.2 + 0.7 * done))
    source = {"table": STORE, "visits": len(table), "without_readings": unread}
    carded = with_card(model, table, source, now)
    card = {**carded.card, "mapping": "", "trained_by": actor.id, "seed": seed}
    content = pack(replace(carded, card=card))
    at = real_now()
    row = {
        "name": f"store {now:%Y-%m-%d}", "trained_at": at, "trained_by": actor.id,
        "card": json.dumps(card, ensure_ascii=False), "content": content, "sha256": digest(content),
    }  # fmt: skip
    told = {name: card["data"][name] for name in ("rows", "confirmed", "first_day", "last_day")}

    def change(connection: Connection) -> int:
        number = model_store.add(connection, row)
        subject = f"theft_model:{number}"
        audit.record(connection, actor.id, TRAINED, at=at, subject=subject, detail=told)
        return number

    return Trained(db.write(change), card)


def check_enough(table: TheftTable, unread: int) -> None:
    """Raise UserError where too few visits can teach, or too few finds lie late enough to judge."""
    finds = int(np.nansum(table.confirmed))
    others = len(table) - finds
    least = int(theft_rules.figure("learn_least"))
    if min(finds, others) < least:
        raise UserError(
            "theft_inspections_few", finds=finds, others=others, least=least, unread=unread,
            weeks=int(theft_rules.figure("learn_least_weeks")),
        )  # fmt: skip
    if later_part(table) is None:
        raise UserError("theft_inspections_late", finds=finds)


def visits_table(db: Database, now: datetime) -> tuple[TheftTable, int]:
    """A row for each settled visit with what was known on its eve; visits without enough weeks."""
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    today = now.astimezone(zone).date()
    visits = store.known_visits(db.read(), now, today)
    visits = visits[visits["outcome"] != NOBODY_THERE].reset_index(drop=True)
    hits = inspection_rules.outcome_rules().hits
    days = [day.date() for day in visits["day"]]
    asked = _asked(visits["customer_no"], days, [_midnight(day, zone) for day in days])
    table = _table(db, asked, visits["inspection_id"].to_numpy(object))
    found = np.asarray(visits["outcome"].isin(hits), dtype=np.float64)
    days_of = visits["day"].to_numpy("datetime64[D]")
    then = table.attributes[list(_LEARNT)]
    table = replace(
        table, attributes=then, visited=days_of, confirmed=found, id_name="inspection_id"
    )
    is_told = theft_visits.known_weeks(table.energy) >= theft_rules.figure("learn_least_weeks")
    return table.rows(is_told), int((~is_told).sum())


def customers_table(db: Database, customers: list[str], day: date, now: datetime) -> TheftTable:
    """A row for each customer with what is known now of the time before a day."""
    numbers = pd.Series(customers, dtype="str")
    asked = _asked(numbers, [day] * len(numbers), [now] * len(numbers))
    return _table(db, asked, numbers.to_numpy(object))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _asked(numbers: "pd.Series[str]", days: list[date], heard: list[datetime]) -> pa.Table:
    return pa.table(
        {
            "row": pa.array(range(len(numbers)), pa.int32()),
            "customer_no": pa.array(numbers.tolist(), pa.string()),
            "day": pa.array(days, pa.date32()),
            "heard": pa.array(heard, pa.timestamp("us", "UTC")),
        }
    )


def _table(db: Database, asked: pa.Table, ids: Any) -> TheftTable:
    """What the store knows of the customers asked for, as the features read it."""
    connection, rows = db.read(), len(asked)
    weeks = int(theft_rules.figure("learn_weeks"))
    known = store.weeks(connection, asked, 7 * weeks)
    figures = store.loss_figures(
        connection, asked, 7 * weeks, theft_rules.figure("least_measured"), theft_visits.RECENT_DAYS
    )
    return TheftTable(
        ids=ids, energy=theft_visits.by_week(known, rows, weeks),
        attributes=theft_visits.attributes(store.attributes(connection, asked)),
        figures=figures.drop(columns=["row", "loss_days"]).astype(np.float64),
        visited=np.full(rows, np.datetime64("NaT", "D")), confirmed=np.full(rows, np.nan),
        periods=tuple(f"week_{back:02d}" for back in range(weeks, 0, -1)),
    )  # fmt: skip


def can_read_store(model: TheftModel) -> bool:
    """Whether the model was taught by the store's own inspections."""
    data = model.card.get("data")
    return isinstance(data, dict) and data.get("table") == STORE
