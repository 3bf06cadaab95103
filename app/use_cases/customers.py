"""One customer's card: archive, meters, transformer, area and people, outage, readings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from app.store import cells, customers
from app.store.database import Database
from app.use_cases import privacy
from app.use_cases import whose as whose_case
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.theft_hotspots import local_day
from app.use_cases.whose import Whose
from grid_cells.cells import centres
from grid_cells.errors import UserError

READING_DAYS = 90


@dataclass(frozen=True)
class CustomerCard:
    """What the actor may see of one customer on one moment.

    `ref` stands for the account number wherever it would be kept. `masked`: the archive's columns
    that are masked, each with whether the actor may ask for the value. `is_place_rough`: lon, lat
    are the middle of the cell. `readings_withheld`: readings are empty because the days of one
    household are for those alone who deal with single households.
    """

    archive: dict[str, Any]
    meters: pd.DataFrame
    transformer: dict[str, Any] | None
    whose: Whose
    outage: dict[str, Any] | None
    readings: pd.DataFrame
    lon: float | None
    lat: float | None
    loaded_at: datetime | None
    ref: str = ""
    masked: dict[str, bool] | None = None
    is_place_rough: bool = False
    readings_withheld: bool = False


@needs("see_customers")
def card(db: Database, actor: Actor, customer_no: str, now: datetime) -> CustomerCard:
    """The card of one customer as of `now`; one out of sight is as unknown as a wrong one."""
    row = customers.one(db.read(), customer_no)
    if row is None:  # a reference must not be turned back into a number by asking
        privacy.note_unseen(db, actor, customer_no, asked="customers.card")
        shown = privacy.shown_value(actor, "customers", "customer_no", customer_no)
        raise UserError("customer_unknown", customer=shown)
    answer = whose_case.whose(db, actor, customer=customer_no, on=now)
    transformer = customers.transformer(db, answer.transformer) if answer.transformer else None
    lon, lat, is_rough = place(actor, row)
    held = {name: value for name, value in row.items() if name not in ("batch_id", "cell_id")}
    is_withheld = not privacy.sees(actor, "meter_readings", "energy_kwh")
    readings = customers.readings_of(db, customer_no, READING_DAYS, now, local_day(db, now))
    return CustomerCard(
        archive=_archive(actor, held) | {"lon": lon, "lat": lat},
        meters=privacy.shown(actor, "meters", customers.meters_of(db, customer_no)),
        transformer=transformer,
        whose=answer,
        outage=cells.outage_of(db.read(), customer_no, now),
        readings=readings.iloc[:0] if is_withheld else readings,
        lon=lon,
        lat=lat,
        loaded_at=customers.loaded_at(db.read(), row["batch_id"]),
        ref=privacy.customer_ref(db, customer_no),
        masked=_masked(actor, held),
        is_place_rough=is_rough,
        readings_withheld=is_withheld,
    )


def place(actor: Actor, row: dict[str, Any]) -> tuple[float | None, float | None, bool]:
    """Longitude and latitude of a customer (lon, lat, cell_id); whether only the cell's middle."""
    lon, lat = _number(row["lon"]), _number(row["lat"])
    if lon is None or privacy.sees(actor, "customers", "lon"):
        return lon, lat, False
    middle = centres(np.array([int(row["cell_id"] or 0)]))
    return _number(float(middle[0][0])), _number(float(middle[1][0])), True


def _archive(actor: Actor, held: dict[str, Any]) -> dict[str, Any]:
    shown = privacy.shown_row(actor, "customers", held)
    return {name: None if _is_missing(value) else value for name, value in shown.items()}


def _masked(actor: Actor, held: dict[str, Any]) -> dict[str, bool]:
    """Columns of the archive that hold something this actor only sees masked."""
    hidden = privacy.masked_columns(actor, "customers")
    return {
        name: privacy.may_unmask(actor, "customers", name)
        for name, value in held.items()
        if name in hidden and not _is_missing(value)
    }


def _is_missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, float) and not np.isnan(value) else None
