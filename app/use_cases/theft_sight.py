"""What of a suspicion a role may see: reasons, days and energy of one home, losses of few."""

import json
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import theft_hotspots as store
from app.store.database import Database
from app.use_cases import privacy, small_cells
from app.use_cases.actors import Actor

_OF_A_HOME: Final = ("day", "days", "of", "before_rate", "after_rate")
"""Figures of a reason that tell when a home used energy, or the loss of a line of few homes."""
_OF_A_LINE: Final = ("loss_rate", "loss_kwh_day", "step_kwh_day")
_ENERGY: Final = ("lost_kwh_day", "expected_kwh", "link_slope", "since")
"""Read off one home's days: how much, and since when."""


def sees_days(actor: Actor) -> bool:
    """Whether the role may see the days of a household."""
    return privacy.sees(actor, "meter_readings", "energy_kwh")


def without_energy(actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, energy of single homes and since when it changed withheld by role."""
    if sees_days(actor):
        return rows
    told = rows.copy()
    for name in _ENERGY:
        if name in told:
            told[name] = pd.NaT if name == "since" else np.nan
    return told


def reasons_of(text: Any) -> list[dict[str, Any]]:
    """Reasons as a run keeps them: code and figures."""
    told = json.loads(text) if isinstance(text, str) and text else []
    return [one for one in told if isinstance(one, dict) and "code" in one]


def reasons_told(actor: Actor, text: Any) -> list[dict[str, Any]]:
    """The reasons; for who may not see a home's days `is_withheld`, without kWh and days."""
    told = reasons_of(text)
    return told if sees_days(actor) else [_without_use(one) for one in told]


def _without_use(reason: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: value for name, value in reason.items()
        if name not in _OF_A_HOME and not name.startswith("kwh")
    }  # fmt: skip
    return kept | {"is_withheld": True}


def days_told(db: Database, actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
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


def lines_told(db: Database, actor: Actor, run_id: int) -> pd.DataFrame:
    """The run's transformers, reasons as dicts; without a home's days as `days_told`."""
    rows = store.transformers(db.read(), run_id)
    told = pd.Series([reasons_told(actor, t) for t in rows["reasons"]], rows.index, dtype="object")
    rows = rows.assign(reasons=told)
    if sees_days(actor):
        return rows
    has_enough = _has_enough(db, rows)
    rate = rows["loss_rate"].astype(float).round(2).where(has_enough)
    told = told.where(has_enough, pd.Series([[] for _ in rows.index], rows.index, dtype="object"))
    kwh = {name: np.full(len(rows), np.nan) for name in _OF_A_LINE}
    return rows.assign(**kwh).assign(loss_rate=rate, reasons=told)
