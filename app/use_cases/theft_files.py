"""Models of suspicion from tables in files, without the store: train, judge, score."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.use_cases.theft_cards import drift_of, with_card
from grid_cells.errors import UserError
from grid_cells.theft_evaluation import Protocol, evaluate
from grid_cells.theft_features import TheftTable
from grid_cells.theft_measures import measured
from grid_cells.theft_models import TheftModel, fit, labelled, score
from loaders.contract import ColumnMap
from loaders.mapping import mapping_text, parse_mapping, read_mapping
from loaders.theft_model_files import read_model, sha256_of, write_model, write_scores
from loaders.theft_tables import load_theft_table

Tell = Callable[[float], None]
KEYS = (
    "base_rate", "auc", "average_precision", "precision_at_100", "precision_top_tenth",
    "recall_top_tenth",
)  # fmt: skip


@dataclass(frozen=True)
class TableFile:
    """A table and the file that tells how it reads."""

    table: Path
    mapping: Path | None = None


@dataclass(frozen=True)
class Training:
    """When and by whom a model is trained, the seed, and where progress is told."""

    at: datetime
    by: str
    seed: int = 0
    tell: Tell = lambda _: None


def _read(given: TableFile, mapping: ColumnMap) -> TheftTable:
    return load_theft_table(given.table, mapping)


def _mapping(given: TableFile) -> ColumnMap:
    if given.mapping is None:
        raise UserError("theft_map_needed")
    return read_mapping(given.mapping)


def evaluate_file(given: TableFile, protocol: Protocol, tell: Tell) -> dict[str, Any]:
    """The measures of models on rows they have not seen: the main ones and each block's."""
    started = time.perf_counter()
    table = _read(given, _mapping(given))
    found = evaluate(table, protocol, tell)
    main = found[protocol.blocks[0]]
    split = protocol.split_at
    return {
        "rows": len(labelled(table)),
        **{name: main[name] for name in KEYS},
        "intervals": main["intervals"],
        "protocol": f"split_at {split}" if split else f"stratified folds: {protocol.folds}",
        "fit_seconds": main["fit_seconds"],
        "score_seconds": main["score_seconds"],
        "blocks": found,
        "seconds": round(time.perf_counter() - started, 3),
    }


def train_file(given: TableFile, target: Path, training: Training) -> dict[str, Any]:
    """Write the model that a table teaches; its figures are those of rows held out."""
    started = time.perf_counter()
    mapping = _mapping(given)
    table = _read(given, mapping)
    training.tell(0.1)
    source = {"file": given.table.name, "sha256": sha256_of(given.table)}
    model = with_card(fit(table, seed=training.seed), table, source, training.at)
    card = {
        **model.card, "trained_by": training.by, "mapping": mapping_text(mapping),
        "seed": training.seed,
    }  # fmt: skip
    write_model(TheftModel(**{**vars(model), "card": card}), target)
    training.tell(1.0)
    return {
        "rows": card["data"]["rows"],
        "base_rate": card["data"]["base_rate"],
        **card["figures"],
        "intervals": card["intervals"],
        "protocol": card["protocol"],
        "model": target.name,
        "seconds": round(time.perf_counter() - started, 3),
    }


def score_file(
    model_file: Path, given: TableFile, target: Path | None, tell: Tell
) -> dict[str, Any]:
    """Write the score of each row; tell the drift, and the measures where outcomes are known.

    Without a mapping of its own the table is read by the one that the model was trained with.
    """
    started = time.perf_counter()
    model = read_model(model_file)
    mapping = _mapping(given) if given.mapping else parse_mapping(str(model.card["mapping"]))
    table = _read(given, mapping)
    tell(0.3)
    scores, matrix = score(model, table)
    if target is not None:
        write_scores(scores_of(table, scores), target)
    tell(1.0)
    return {
        "rows": len(table),
        **_measures(table, scores),
        "drift": drift_of(model, matrix, scores),
        "seconds": round(time.perf_counter() - started, 3),
    }


def scores_of(table: TheftTable, scores: Any) -> pd.DataFrame:
    """inspection_id and score, and the id once more under the file's own heading for it."""
    frame = pd.DataFrame({"inspection_id": table.ids, "score": scores})
    heading = table.id_heading
    return frame.assign(**{heading: table.ids}) if heading and heading not in frame else frame


def _measures(table: TheftTable, scores: Any) -> dict[str, Any]:
    known = ~np.isnan(table.confirmed)
    if not known.any():
        return dict.fromkeys(KEYS)
    confirmed = table.confirmed[known]
    return {"base_rate": float(confirmed.mean()), **asdict(measured(confirmed, scores[known]))}
