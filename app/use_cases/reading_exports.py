"""Figures about readings taken along as a file: on record, as every other file."""

from pathlib import Path
from typing import Final

import pandas as pd

from app.store import audit
from app.store.database import Database
from app.use_cases import export
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.reading_checks import RIGHT
from loaders.theft_model_files import write_scores

TAKEN: Final = "quality_exported"


@needs(RIGHT)
def write(db: Database, actor: Actor, figures: pd.DataFrame, target: Path, by: str) -> None:
    """Write the figures as CSV; who took how many rows (`by` what) is on record before.

    Raises UserError `theft_file_not_written`.
    """
    check(db, actor, "export_data", asked="reading_exports.write")
    detail = {
        "layer": "reading_quality", "by": by, "form": "csv", "rows": len(figures),
        "purpose": export.COMMAND_LINE, "classification": export.INTERNAL,
    }  # fmt: skip
    db.write(
        lambda connection: audit.record(connection, actor.id, TAKEN, at=real_now(), detail=detail)
    )
    write_scores(figures, target)
