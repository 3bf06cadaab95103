"""Past loads: list them, take one back, get its rejects as a file.

Each for who may bring files of that kind: a manager has those of halls, a planner those of areas.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from app.store import audit, batches, fault_reports, meta, outage_book, retention
from app.store import work_order_files as work_order_store
from app.store.database import Connection, Database
from app.use_cases import fault_groups, file_privacy, work_order_files
from app.use_cases.access import check, may, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.export import kept_purpose, stamp_of
from app.use_cases.load import right_to
from app.use_cases.targets import targets_of
from grid_cells.errors import UserError
from loaders.contract import CORRECTION_COLUMNS, REJECT_COLUMNS, Report
from loaders.rejects import rejects_csv

CONFLICTS_SHOWN = 200
MENDING: Final = "data_check"
"""What a file of rejects is for, unless somebody says otherwise."""


@dataclass(frozen=True)
class UndoResult:
    """Rows taken away and rows put back."""

    batch_id: int
    removed: int
    restored: int


@needs("bring_files")
def list_batches(db: Database, actor: Actor) -> pd.DataFrame:
    """Loads of the kinds that the actor may bring, newest first; of a part of the company none."""
    every = batches.list_batches(db.whole)
    own = [db.whole is db and may(actor, right_to(kind)) for kind in every["kind"]]
    return every.loc[own].reset_index(drop=True)


def _check_kind(db: Database, actor: Actor, kind: str, asked: str) -> None:
    """Refuse who may not bring files of the kind, or sees only a part of the company."""
    needed = right_to(kind)
    check(db, actor, needed, asked=asked)
    if db.whole is not db:
        refuse(db, actor, "access_whole_only", asked=asked, permission=needed)


def _batch(db: Database, actor: Actor, batch_id: int, asked: str) -> dict[str, Any]:
    """The load, for who may act on it; others do not hear whether there is one of the number.

    Raises UserError `batch_unknown`.
    """
    held = batches.batch(db.whole.read(), batch_id)
    _check_kind(db, actor, held["kind"] if held else "", asked)
    if held is None:
        raise UserError("batch_unknown", batch=batch_id)
    return held


@needs("bring_files")
def undo(db: Database, actor: Actor, batch_id: int) -> UndoResult:
    """Put everything back as it was before the batch; refused where a later batch touched a row."""
    _batch(db, actor, batch_id, "batches.undo")

    def change(connection: Connection) -> UndoResult:
        held = batches.batch(connection, batch_id)
        if held is None or held["status"] == "undone":
            raise UserError("batch_undone_already", batch=batch_id)
        retention.check_undo(connection, batch_id)
        targets = targets_of(held["kind"])
        touched = batches.touched_later(connection, targets, batch_id, CONFLICTS_SHOWN)
        if touched:
            raise UserError("undo_touched_later", batch=batch_id, **_conflicts(touched))
        reports = _reports_to_go(connection, held)
        orders = work_order_files.to_go(connection, held)
        removed, restored = batches.take_back(connection, targets, batch_id)
        work_order_store.forget(connection, orders)
        if reports:
            fault_reports.forget_events(connection, reports)
            fault_groups.cancel_empty(connection)
        outage_book.forget_told_estimates(connection, batch_id)
        batches.mark_undone(connection, batch_id, actor.id, real_now())
        meta.touch_facts(connection, held["kind"])
        audit.record(
            connection, actor.id, "batch_undone", at=real_now(), subject=f"batch:{batch_id}",
            detail={"removed": removed, "restored": restored},
        )  # fmt: skip
        return UndoResult(batch_id, removed, restored)

    return db.write(change)


def _reports_to_go(connection: Connection, held: dict[str, Any]) -> list[str]:
    """Fault reports that undoing takes away or puts back; refused where somebody acted on one."""
    if held["kind"] != "fault_reports":
        return []
    batch_id = int(held["batch_id"])
    acted = fault_reports.acted_on_since(connection, batch_id, held["loaded_at"])
    if acted:
        examples = "; ".join(acted[:5])
        raise UserError(
            "undo_reports_acted_on", batch=batch_id, count=len(acted), examples=examples
        )
    return fault_reports.ids_of(connection, batch_id)


def _conflicts(touched: list[dict[str, Any]]) -> dict[str, Any]:
    examples = [" ".join(str(v) for v in row["key"].values()) for row in touched[:5]]
    later = sorted({str(row["batch"]) for row in touched}, key=int, reverse=True)
    return {
        "count": len(touched), "rows": touched, "later": ", ".join(later),
        "examples": "; ".join(examples),
    }  # fmt: skip


@needs("bring_files")
def rejects_file(db: Database, actor: Actor, batch_id: int, purpose: str = MENDING) -> bytes:
    """The batch's rejected rows as CSV, to mend and load again; who took them, when and what for.

    Whole for the person who brought the file, with what is personal masked for others. `purpose`:
    a code of `privacy.export_purposes` or a few words. Raises UserError batch_unknown,
    export_purpose_needed, export_purpose_long. Ask when somebody wants the file: it is recorded.
    """
    held = _batch(db, actor, batch_id, "batches.rejects_file")
    report = _report(batches.rejects(db, batch_id))
    is_own = held["actor"] == actor.id
    stamp = stamp_of(actor, purpose, personal=is_own)
    db.write(
        lambda connection: audit.record(
            connection, actor.id, "rejects_exported", at=real_now(), subject=f"batch:{batch_id}",
            detail={"rows": report.rows, "whole": is_own, "purpose": kept_purpose(purpose)},
        )
    )  # fmt: skip
    shown = report if is_own else file_privacy.shown_report(actor, held["kind"], report)
    told = {f"_{name}": value for name, value in asdict(stamp).items()}
    return rejects_csv([shown], told)


def _report(held: pd.DataFrame) -> Report:
    """The stored problems and original rows in the form in which a loader reports them."""
    first = held.dropna(subset=["original"]).drop_duplicates(["file", "row"])
    index = pd.MultiIndex.from_frame(first[["file", "row"]])
    originals = pd.DataFrame([json.loads(text) for text in first["original"]], index=index)
    return Report(
        rows=len(first),
        corrected=pd.DataFrame(columns=list(CORRECTION_COLUMNS)),
        rejected=held[list(REJECT_COLUMNS)],
        rejected_rows=originals,
    )
