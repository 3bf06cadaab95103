"""Training a model in a process of its own, which gets arrays, never the database."""

import atexit
from collections.abc import Callable
from typing import Final

from app.use_cases.solver_process import SolverWorker
from grid_cells.errors import UserError
from grid_cells.theft_features import TheftTable
from grid_cells.theft_models import OF_A_STORE, TheftModel, fit

Tell = Callable[[float], None]
_BEGUN: Final = 0.1


def train(table: TheftTable, seed: int, tell: Tell) -> TheftModel:
    """The model that a table of the store's visits teaches; a `tell` that raises ends the process.

    Raises UserError `theft_training_stopped` where the process dies, and as `fit`.
    """
    try:
        model: TheftModel = _WORKER.ask(_fit, (table, seed), tell)
    except UserError as error:
        if error.code == "dispatch_solver_stopped":
            raise UserError("theft_training_stopped") from error
        raise
    finally:
        _WORKER.kill()  # trained seldom: nothing is gained by keeping it
    return model


def _fit(table: TheftTable, seed: int, tell: Tell) -> TheftModel:
    tell(_BEGUN)
    return fit(table, seed=seed, plans=OF_A_STORE)


_WORKER: Final = SolverWorker()
atexit.register(_WORKER.kill)
