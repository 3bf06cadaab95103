"""How people pay: by channel and month, and who pays in person where."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import payments as store
from app.store.database import Database
from app.use_cases import reach_ground, reference, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from grid_cells import payment_channels as rules


@dataclass(frozen=True)
class Channels:
    """months: see `rules.by_month`; channels: see `rules.by_channel`; empty without payments."""

    months: pd.DataFrame
    channels: pd.DataFrame


@needs("see_reach")
def channels(db: Database, actor: Actor) -> Channels:  # noqa: ARG001
    """Payments of everybody by month and channel, as far as months have begun.

    Of the whole company: a scope's own sums could come down to a household.
    """
    paid = store.by_channel(db.whole.read(), _today(db, clock_now(db)))
    table = reference.table("payment_channels")
    return Channels(rules.by_month(paid, table), rules.by_channel(paid))


def in_person_by_cell(db: Database, actor: Actor, now: datetime) -> "pd.Series[float] | None":
    """Payments in person a month by cell, over the last three months told; None where none are.

    Of few as their group is told to those who must not see households.
    """
    whole, today = db.whole.read(), _today(db, now)
    last = store.last_month(whole, today)
    if last is None:
        return None
    months = pd.Series(
        pd.date_range(end=pd.Timestamp(last), periods=rules.RECENT_MONTHS, freq="MS")
    )
    first = months.iloc[0].date()
    table = reference.table("payment_channels")
    names = table.loc[table["in_person"] == 1, "channel"].astype(str).tolist()
    counted = store.by_cell(whole, names, first, last)
    known = max(1, store.months(whole, first, last))
    counted = counted.assign(value=counted["value"].astype("float64") / known)
    if small_cells.hidden_from(actor):
        counted = small_cells.published(db, counted).drop_duplicates("cell_id")
    return counted.set_index("cell_id")["value"].astype("float64")


def order() -> list[str]:
    """Channels as they are told of: online ones first, what belongs to neither last."""
    return [*reference.table("payment_channels")["channel"].astype(str), "other"]


def _today(db: Database, now: datetime) -> date:
    return now.astimezone(ZoneInfo(reach_ground.zone_of(db))).date()
