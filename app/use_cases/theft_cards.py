"""What is told of a model: its data, features, parameters, figures, versions, and its drift."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from grid_cells.theft_drift import drift, grade, stability
from grid_cells.theft_features import TheftTable
from grid_cells.theft_models import TheftModel, plans_for

_LIBRARIES = ("lightgbm", "numpy", "pandas")


def with_card(
    model: TheftModel, table: TheftTable, source: Mapping[str, Any], at: datetime
) -> TheftModel:
    """The model with its card; `source` tells where the table came from (file and sha256)."""
    plans = plans_for(model.recipe)
    card = {
        **model.card,
        "made_at": at.isoformat(),
        "data": {**source, **_data(table)},
        "features": list(model.recipe.names),
        "parameters": [{**asdict(plan), "parameters": dict(plan.parameters)} for plan in plans],
        "calibration": {"kind": "platt", "slope": model.slope, "offset": model.offset},
        "versions": {name: version(name) for name in _LIBRARIES},
    }
    return replace(model, card=card)


def _data(table: TheftTable) -> dict[str, Any]:
    known = ~np.isnan(table.confirmed)
    days = table.visited[~np.isnat(table.visited)]
    return {
        "rows": int(known.sum()),
        "without_outcome": int((~known).sum()),
        "confirmed": int(table.confirmed[known].sum()),
        "base_rate": float(table.confirmed[known].mean()) if known.any() else None,
        "first_day": str(days.min()) if len(days) else None,
        "last_day": str(days.max()) if len(days) else None,
        "first_period": table.periods[0],
        "last_period": table.periods[-1],
    }


def drift_of(model: TheftModel, matrix: Any, scores: Any) -> dict[str, Any]:
    """How far what is scored has moved from training: PSI of the score and of each feature."""
    found = drift(model.spreads, matrix, model.recipe.names)
    score = stability(model.score_spread, scores)
    return {
        "score": round(score, 4),
        "grade": grade(score),
        "large": sum(grade(index) == "large" for index in found.values()),
        "features": {name: round(index, 4) for name, index in found.items()},
    }
