"""Scores taken along as a file: for those who may see suspicions, on record."""

from pathlib import Path
from typing import Final

import pandas as pd

from app.store import audit
from app.store.database import Database
from app.use_cases import export
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from loaders.theft_model_files import write_scores

TAKEN: Final = "scores_exported"


@needs("run_theft", whole=True)
def check_may(db: Database, actor: Actor) -> None:
    """Refuse who may not see suspicions; the person at the machine holds the whole file anyway."""
    if not actor.is_machine:
        check(db, actor, "see_suspicion", asked="theft_exports.check_may")


@needs("run_theft", whole=True)
def write(db: Database, actor: Actor, scores: pd.DataFrame, target: Path, layer: str) -> None:
    """Write the scores as CSV; who took how many of what (`layer`) is on record, before the file.

    Raises UserError `theft_file_not_written`.
    """
    check_may(db, actor)
    note(db, actor, layer, len(scores))
    write_scores(scores, target)


@needs("run_theft", whole=True)
def note(db: Database, actor: Actor, layer: str, rows: int) -> None:
    """Put on record that scores were taken along."""
    detail = {
        "layer": layer, "form": "csv", "rows": rows, "purpose": export.COMMAND_LINE,
        "classification": export.PERSONAL,
    }  # fmt: skip
    db.write(
        lambda connection: audit.record(connection, actor.id, TAKEN, at=real_now(), detail=detail)
    )
