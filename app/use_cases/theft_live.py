"""The live model in a run of scores: the surer of it and the rules counts, and says which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from app.store import theft_models as store
from app.store.database import Database
from app.store.theft_readings import Span
from app.use_cases import theft_learning, theft_rules
from app.use_cases.theft_cards import drift_of
from grid_cells import theft_model_reasons, theft_visits
from grid_cells.errors import UserError
from grid_cells.theft_model_file import unpack
from grid_cells.theft_models import TheftModel, score


@dataclass(frozen=True, eq=False)
class Live:
    """The model that is live and reads the store's customers."""

    model_id: int
    model: TheftModel


def live(db: Database, now: datetime) -> Live | None:
    """The live model; None (rules alone) where none is, or where it cannot score what is known now.

    It cannot where it reads another kind of table or another number of weeks than the rule asks,
    or was taught later than `now`.
    """
    held = store.live(db.whole.read())
    if held is None:
        return None
    try:
        model = unpack(held[1], f"model {held[0]}")
    except UserError:
        return None
    can = theft_learning.can_read_store(model) and _is_made_by(model.card, now)
    weeks = int(theft_rules.figure("learn_weeks"))
    return Live(held[0], model) if can and model.recipe.periods == weeks else None


def _is_made_by(card: Mapping[str, Any], now: datetime) -> bool:
    """Whether the model was known at the moment; one that does not say when was not."""
    try:
        return datetime.fromisoformat(str(card.get("made_at"))) <= now
    except (ValueError, TypeError):
        return False


def scored(
    db: Database, one: Live, span: Span, rows: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The rows of a run by rules with the model's scores joined, and the model's drift.

    score and cause are the surer's; rule_score, model_score (missing where too few weeks are
    known), scored_by and reasons tell which.
    """
    day = span.last + timedelta(days=1)
    table = theft_learning.customers_table(db, rows["customer_no"].tolist(), day, span.now)
    made, matrix = score(one.model, table)
    can = theft_visits.known_weeks(table.energy) >= theft_rules.figure("learn_least_weeks")
    drift = drift_of(one.model, matrix[can], made[can]) if can.any() else {}
    model = np.where(can, made * rows["quality"].fillna(1).to_numpy(float), np.nan)
    rules = rows["score"].to_numpy(float)
    cause = rows["cause"].to_numpy(object)
    suspect_from = theft_rules.figure("suspect_from")
    joint = theft_visits.joined(rules, cause, model, suspect_from)
    told = np.flatnonzero(joint.by_model & (joint.score >= suspect_from))
    reasons = rows["reasons"].tolist()
    found = theft_model_reasons.of_rows(one.model, table, matrix, made, told)
    for row, own in zip(told, found, strict=True):
        named = [{**reason, "model": one.model_id} for reason in own[:1]] + own[1:]
        reasons[row] = json.dumps([*named, *json.loads(reasons[row])], ensure_ascii=False)
    return rows.assign(
        score=joint.score, cause=joint.cause.astype(str), model_score=model, reasons=reasons,
        scored_by=np.where(joint.by_model, "model", "rules"),
    ), drift  # fmt: skip
