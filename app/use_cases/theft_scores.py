"""Scores of customers without any label: who is worth a visit, and what else explains it."""

import pandas as pd

from app.store.database import Database
from app.use_cases import privacy, theft_runs
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.theft_runs import Progress


@needs("run_theft", whole=True)
def score(db: Database, actor: Actor, progress: Progress = lambda _: None) -> pd.DataFrame:
    """Every customer behind a public transformer with score, cause and reasons; the run is kept.

    Customers are told as the actor may see them. Raises UserError as `theft_balance.balance`.
    """
    run = theft_runs.run(db, actor, progress)
    return privacy.shown(actor, "customers", run.scores)
