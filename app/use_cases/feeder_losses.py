"""Energy lost by feeder and day, dedicated transformers included."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.store.database import Database
from app.use_cases import small_cells, theft_days, theft_runs
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.theft_runs import Progress
from app.use_cases.theft_sight import sees_days
from grid_cells.feeder_loss import by_feeder


@dataclass(frozen=True, eq=False)
class FeederBalance:
    """The run, one row a feeder (as `feeder_loss.by_feeder`, with name), one a feeder and day."""

    run_id: int | None
    feeders: pd.DataFrame
    days: pd.DataFrame


@needs("run_theft", whole=True)
def balance(db: Database, actor: Actor, progress: Progress = lambda _: None) -> FeederBalance:
    """Balance every feeder; the run of transformers behind it is made where it is missing.

    Raises UserError `theft_few_days`, `theft_no_masters`.
    """
    run = theft_runs.run(db, actor, progress)
    return _told(db, actor, run.run_id)


@needs("see_suspicion")
def held(db: Database, actor: Actor) -> FeederBalance:
    """The balance of the feeders in sight as the last run by now knew it; empty before the first.

    Who may not see a home's days gets no kWh, rates rounded to a per cent, and no rate of feeders
    with few meters: what a dedicated transformer takes could be read off them.
    """
    return _told(db, actor, None)


def _told(db: Database, actor: Actor, run_id: int | None) -> FeederBalance:
    days = theft_days.feeders(db)
    names = days.drop_duplicates("feeder_id").set_index("feeder_id")["name"]
    rows = by_feeder(days)
    rows.insert(1, "name", rows["feeder_id"].map(names))
    days = days.drop(columns="name")
    if sees_days(actor) or actor.is_machine:
        return FeederBalance(run_id, rows, days)
    most = days.groupby("feeder_id")["meters"].max()
    few = set(most.index[most < small_cells.least(db)])
    return FeederBalance(run_id, _rounded(rows, few), _rounded(days, few))


def _rounded(frame: pd.DataFrame, few: set[str]) -> pd.DataFrame:
    """Without kWh, rates to a per cent, none of feeders with few meters."""
    kwh = [name for name in frame.columns if "kwh" in str(name)]
    rate = frame["loss_rate"].astype(float).round(2).where(~frame["feeder_id"].isin(few))
    return frame.assign(**dict.fromkeys(kwh, np.nan)).assign(loss_rate=rate)
