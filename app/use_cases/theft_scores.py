"""Scores of customers: who is worth a visit, and what else explains it."""

from typing import Final

import pandas as pd

from app.store.database import Database
from app.use_cases import privacy, theft_runs, theft_sight
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.theft_runs import Progress

_TOLD: Final = (
    "customer_no", "transformer_id", "score", "cause", "quality", "scored_by", "rule_score",
    "model_score", "link", "link_slope", "lost_kwh_day", "since",
)  # fmt: skip


@needs("run_theft", whole=True)
def score(
    db: Database, actor: Actor, progress: Progress = lambda _: None, *, by_model: bool = False
) -> pd.DataFrame:
    """Every customer behind a public transformer with score and cause; the run is kept.

    `by_model`: the live model counts where it is surer than the rules. Customers are told as the
    actor may see them, without energy and days where those are withheld; reasons stand in the
    evidence about each. Raises UserError as `theft_balance.balance`.
    """
    run = theft_runs.run(db, actor, progress, by_model=by_model)
    shown = privacy.shown(actor, "customers", run.scores[list(_TOLD)])
    return theft_sight.without_energy(actor, shown)
