"""One customer's card: archive, meters, transformer, area and people, outage, readings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from app.store import cells, customers
from app.store.database import Database
from app.use_cases import whose as whose_case
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.whose import Whose
from grid_cells.errors import UserError

READING_DAYS = 90


@dataclass(frozen=True)
class CustomerCard:
    """Everything known of one customer on one moment."""

    archive: dict[str, Any]
    meters: pd.DataFrame
    transformer: dict[str, Any] | None
    whose: Whose
    outage: dict[str, Any] | None
    readings: pd.DataFrame
    lon: float | None
    lat: float | None
    loaded_at: datetime | None


@needs("see_customers")
def card(db: Database, actor: Actor, customer_no: str, now: datetime) -> CustomerCard:
    """The card of one customer as of `now`."""
    row = customers.one(db.read(), customer_no)
    if row is None:
        raise UserError("customer_unknown", customer=customer_no)
    answer = whose_case.whose(db, actor, customer=customer_no, on=now)
    transformer = customers.transformer(db, answer.transformer) if answer.transformer else None
    return CustomerCard(
        archive={k: v for k, v in row.items() if k not in ("batch_id", "cell_id")},
        meters=customers.meters_of(db, customer_no),
        transformer=transformer,
        whose=answer,
        outage=cells.outage_of(db.read(), customer_no, now),
        readings=customers.readings_of(db, customer_no, READING_DAYS),
        lon=row["lon"],
        lat=row["lat"],
        loaded_at=customers.loaded_at(db.read(), row["batch_id"]),
    )
