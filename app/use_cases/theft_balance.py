"""Energy lost by transformer and day, and which transformers lose more than records explain."""

from dataclasses import dataclass

import pandas as pd

from app.store import theft_runs as store
from app.store.database import Database
from app.use_cases import theft_runs
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.theft_runs import Progress


@dataclass(frozen=True, eq=False)
class Balance:
    """Transformers with score, cause, loss, grade and step, the highest score first; known days of all."""

    run_id: int
    scores: pd.DataFrame
    days_known: int


@needs("run_theft", whole=True)
def balance(db: Database, actor: Actor, progress: Progress = lambda _: None) -> Balance:
    """Balance every public transformer with a master meter; the run is kept.

    Raises UserError `theft_few_days`, `theft_no_masters`.
    """
    run = theft_runs.run(db, actor, progress)
    return Balance(run.run_id, run.transformers, store.days_known(db.read()))
