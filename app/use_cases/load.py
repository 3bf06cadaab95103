"""Files become facts: read, check, compare with what is held, write in one transaction."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn

import pandas as pd

from app.store import (
    audit,
    batches,
    customers,
    derived,
    meta,
    outage_book,
    places,
    streets,
    units,
)
from app.store.database import Connection, Database
from app.use_cases import (
    area_files,
    derive,
    fault_groups,
    hall_visit_files,
    live_sessions,
    loaded_rows,
    reading_files,
    reference,
    sample_accounts,
    work_order_files,
)
from app.use_cases.access import check, may, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.roles import EVERYBODY
from app.use_cases.targets import targets_of
from grid_cells.errors import UserError
from grid_cells.vocabulary import KINDS
from loaders.contract import ColumnMap, Loaded, LoadOptions, Report
from loaders.registry import LOADERS

_AREAS: Final = "areas"
_OF_HALLS: Final = (*hall_visit_files.KINDS, "payments")
"""What those who run halls bring: visits and hours, devices, who pays how."""
Progress = Callable[[float], None]
ASSIGNING_KINDS = ("customers", "meters", "areas")
HEAD_ROWS = 500
_SUMMED: Final = (
    "rows", "loaded", "corrected", "rejected", "unchanged", "seconds", "new", "changed",
)  # fmt: skip


@dataclass(frozen=True)
class LoadChoice:
    """What the person says about a file: its datum, its column mapping, its encoding."""

    datum: str | None = None
    mapping: ColumnMap = field(default_factory=ColumnMap)
    encoding: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a load did or, as a preview, would do; rows = loaded + unchanged + rejected."""

    kind: str
    rows: int
    loaded: int
    corrected: int
    rejected: int
    unchanged: int
    batch_id: int | None
    seconds: float
    new: int
    changed: int
    would_change_cell: int | None
    would_change_area: int | None
    warnings: tuple[tuple[str, dict[str, Any]], ...]
    matched: dict[str, str]
    unmatched: tuple[str, ...]
    rejects: pd.DataFrame
    reports: tuple[Report, ...]
    head: pd.DataFrame


class _RollBackError(Exception):
    """Carries a preview's outcome out of the transaction that must not be kept."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@needs(EVERYBODY)
def load(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    kind: str,
    files: Sequence[Path],
    choice: LoadChoice,
    *,
    progress: Progress | None = None,
    is_sample: bool = False,
) -> Outcome:
    """Write the files' rows, each file in a transaction of its own.

    Areas may be brought by planners, within their scope; what queue machines tell by those who run
    the halls; all else by those who keep the whole.
    """
    _check_right(db, actor, kind)
    if not is_sample:
        sample_accounts.check_end(db, actor)
    if (kind == "areas" and db.whole is not db) or kind in ("fault_reports", "work_orders"):
        derive.refresh(db, clock_now(db))  # what is in scope follows from the facts of now
    share = 1 / max(len(files), 1)
    outcomes = []
    for number, path in enumerate(files):
        inner = _part(progress, number * share, share)
        one = _load_file(db, actor, kind, path, choice, progress=inner, is_sample=is_sample)
        outcomes.append(one)
    return _sum(outcomes)


@needs(EVERYBODY)
def preview(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    kind: str,
    files: Sequence[Path],
    choice: LoadChoice,
    *,
    progress: Progress | None = None,
) -> Outcome:
    """What loading the files would do, and to whose cell or area; nothing is kept."""
    _check_right(db, actor, kind)
    derive.refresh(db, clock_now(db))
    outcomes = []
    for path in files:
        try:
            _load_file(db, actor, kind, path, choice, progress=progress, is_preview=True)
        except _RollBackError as dry:
            outcomes.append(dry.outcome)
    return _sum(outcomes)


def right_to(kind: str) -> str:
    """The permission that bringing a kind of file asks for."""
    if kind == _AREAS:
        return "load_areas"
    return "run_halls" if kind in _OF_HALLS else "load_data"


@needs(EVERYBODY)
def kinds_for(db: Database, actor: Actor) -> list[str]:
    """The kinds of file that the actor may bring; of a part of the company only areas."""
    return [
        kind for kind in KINDS
        if kind in LOADERS and may(actor, right_to(kind)) and (kind == _AREAS or db.whole is db)
    ]  # fmt: skip


def _check_right(db: Database, actor: Actor, kind: str) -> None:
    """Refuse, before anything is read, a person who may not bring this kind of file."""
    needed = right_to(kind)
    check(db, actor, needed, asked=f"load.load {kind}")
    if kind != _AREAS and db.whole is not db:
        refuse(db, actor, "access_whole_only", asked=f"load.load {kind}", permission=needed)


def options_for(
    db: Database, kind: str, choice: LoadChoice, progress: Progress | None = None
) -> LoadOptions:
    """The loader's options: the person's choice with what is already known."""
    connection = db.read()
    zone = choice.mapping.timezone or units.timezone(connection) or "UTC"
    return LoadOptions(
        datum=choice.datum,
        mapping=choice.mapping,
        encoding=choice.encoding,
        timezone=zone,
        now=clock_now(db),
        resolution=meta.resolution(connection),
        known=_known(connection, kind),
        progress=_part(progress, 0.0, 0.6),
    )


def _known(connection: Connection, kind: str) -> dict[str, pd.DataFrame]:
    if kind in hall_visit_files.KINDS:
        return hall_visit_files.known(connection)
    if not KINDS[kind].has_place:
        return {}
    return {
        "transformers": places.transformer_points(connection),
        "streets": streets.sample_points(connection, 60_000),
        "matters": reference.table("matters"),
        "halls": places.points(connection, "hall"),
        "fault_classes": reference.table("fault_classes"),
        "order_tasks": reference.table("order_tasks"),
        "unrated_reasons": reference.table("order_codes").query("family == 'unrated'"),
    }


def _load_file(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    kind: str,
    path: Path,
    choice: LoadChoice,
    *,
    progress: Progress | None,
    is_preview: bool = False,
    is_sample: bool = False,
) -> Outcome:
    if kind not in LOADERS:
        raise UserError("kind_unknown", kind=kind, known=", ".join(sorted(LOADERS)))
    if not path.exists() and not str(path).startswith("place:"):
        raise UserError("file_missing", file=str(path))
    started = time.perf_counter()
    loaded = LOADERS[kind](path, options_for(db, kind, choice, progress))
    _tell(progress, 0.6)

    ended: set[str] = set()

    def change(connection: Connection) -> Outcome:
        inner = _part(progress, 0.6, 0.3) or (lambda _: None)
        rows = loaded_rows.completed(connection, db, kind, loaded, inner)
        outcome = _save(connection, actor, path, choice, kind=kind, loaded=rows)
        _keep_to_scope(connection, db, outcome)
        outcome = replace(outcome, seconds=time.perf_counter() - started)
        if is_preview:
            raise _RollBackError(_with_consequences(connection, db, outcome))
        _record(connection, actor, outcome)
        if outcome.rows > outcome.rejected and not is_sample:
            ended.update(_end_sample(connection, actor))
        _tell(progress, 0.95)  # the last moment to stop: after it the rows are facts
        return outcome

    try:
        outcome = db.write(change)
    except area_files.BeyondScopeError as beyond:
        _refuse_beyond(db, actor, beyond)
    live_sessions.tell_ended(ended)
    if kind == "fault_reports" and not is_sample:
        fault_groups.regroup_kindly(db)  # the file is stored, whatever becomes of the groups
    return replace(outcome, seconds=time.perf_counter() - started)


def _keep_to_scope(connection: Connection, db: Database, outcome: Outcome) -> None:
    """Roll everything back where areas outside the person's scope would have changed."""
    if outcome.kind == "areas" and outcome.batch_id is not None and db.whole is not db:
        at = read_on(connection, real_now()).now
        area_files.check_scope(connection, db, outcome.batch_id, at)


def _refuse_beyond(db: Database, actor: Actor, beyond: area_files.BeyondScopeError) -> NoReturn:
    """Refuse the file, naming what of it is out of scope: the person wrote it there."""
    named = "_row" if beyond.row else "_unit" if ":" in beyond.about else ""
    unit = beyond.about.partition(":")[2]
    refuse(
        db, actor, f"access_out_of_scope{named}", asked="load.load areas", about=beyond.about,
        row=beyond.row, unit=unit,
    )  # fmt: skip


def _save(  # noqa: PLR0913
    connection: Connection,
    actor: Actor,
    path: Path,
    choice: LoadChoice,
    *,
    kind: str,
    loaded: Loaded,
) -> Outcome:
    batch_id = batches.next_batch_id(connection)
    if kind == "readings":
        loaded = reading_files.complete(connection, loaded, str(path.name))
    frame = loaded_rows.present(kind, loaded)
    if kind == "areas":
        merged = area_files.save(
            connection, frame, batch_id, actor=actor, at=read_on(connection, real_now()).now
        )
    else:
        merged = batches.merge(connection, targets_of(kind)[0], frame, batch_id)
    if kind == "outages" and merged.fresh_rows:
        told_at = read_on(connection, real_now()).now
        outage_book.keep_told_estimates(connection, batch_id, actor.id, told_at)
    if kind == "customers" and merged.fresh_rows:
        area_files.settle(connection, batch_id, read_on(connection, real_now()).now)
    outcome = _outcome(kind, loaded, merged, batch_id)
    batches.save_batch(connection, _batch_record(actor, path, choice, outcome))
    batches.save_rejects(connection, batch_id, loaded.report.rejected, loaded.report.rejected_rows)
    if kind == "work_orders":
        work_order_files.settle(connection, loaded.frame)
    if merged.fresh_rows:
        meta.touch_facts(connection, kind)
    return outcome


def _outcome(kind: str, loaded: Loaded, merged: batches.Merge, batch_id: int) -> Outcome:
    report = loaded.report
    rejected = int(report.rejected[["file", "row"]].drop_duplicates().shape[0])
    corrected = int(report.corrected[["file", "row"]].drop_duplicates().shape[0])
    good = report.rows - rejected
    fresh = min(merged.fresh_rows, good)
    return Outcome(
        kind=kind, rows=report.rows, loaded=fresh, corrected=corrected, rejected=rejected,
        unchanged=good - fresh, batch_id=batch_id, seconds=0.0, new=merged.new,
        changed=merged.changed, would_change_cell=None, would_change_area=None,
        warnings=tuple((code, dict(values)) for code, values in report.warnings),
        matched=dict(report.matched), unmatched=tuple(report.unmatched), rejects=report.rejected,
        reports=(report,), head=loaded.frame.head(HEAD_ROWS),
    )  # fmt: skip


def _batch_record(actor: Actor, path: Path, choice: LoadChoice, outcome: Outcome) -> dict[str, Any]:
    status = "loaded" if outcome.loaded else "unchanged" if outcome.unchanged else "rejected"
    return {
        "batch_id": outcome.batch_id, "kind": outcome.kind, "files": [path.name],
        "sha256": [_sha256(path)], "actor": actor.id, "loaded_at": real_now(),
        "datum": choice.datum, "mapping": json.dumps(asdict(choice.mapping), default=dict),
        "rows": outcome.rows, "loaded": outcome.loaded, "corrected": outcome.corrected,
        "rejected": outcome.rejected, "unchanged": outcome.unchanged, "new_rows": outcome.new,
        "changed_rows": outcome.changed, "status": status,
    }  # fmt: skip


def _record(connection: Connection, actor: Actor, outcome: Outcome) -> None:
    counts = {n: getattr(outcome, n) for n in ("kind", "rows", "loaded", "rejected", "unchanged")}
    event = "file_loaded" if outcome.loaded else "file_left_unchanged"
    audit.record(
        connection,
        actor.id,
        event,
        at=real_now(),
        subject=f"batch:{outcome.batch_id}",
        detail=counts,
    )


def _end_sample(connection: Connection, actor: Actor) -> set[str]:
    """The first data of one's own end the sample; ids of the sessions that end with it."""
    was_sample = meta.read_value(connection, "origin") == "sample"
    meta.set_value(connection, "origin", "own")
    return sample_accounts.end(connection, actor.id) if was_sample else set()


def _with_consequences(connection: Connection, db: Database, outcome: Outcome) -> Outcome:
    cells = areas = None
    if outcome.kind == "customers" and outcome.batch_id is not None:
        cells = customers.moved_cells(connection, outcome.batch_id)
    if outcome.kind in ASSIGNING_KINDS:
        assigned, _ = derive.assign(connection, clock_now(db))
        areas = derived.customer_areas_changed(connection, assigned)
    return replace(outcome, batch_id=None, would_change_cell=cells, would_change_area=areas)


def _sum(outcomes: list[Outcome]) -> Outcome:
    total = outcomes[-1]
    if len(outcomes) == 1:
        return total
    counts = {name: sum(getattr(o, name) for o in outcomes) for name in _SUMMED}
    rejects = pd.concat([o.rejects for o in outcomes], ignore_index=True)
    reports = tuple(report for o in outcomes for report in o.reports)
    for name in ("would_change_cell", "would_change_area"):
        known = [getattr(o, name) for o in outcomes if getattr(o, name) is not None]
        counts[name] = sum(known) if known else None
    warnings = tuple(warning for o in outcomes for warning in o.warnings)
    return replace(total, **counts, rejects=rejects, reports=reports, warnings=warnings)


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _part(progress: Progress | None, start: float, share: float) -> Progress | None:
    if progress is None:
        return None
    return lambda done: progress(start + share * done)


def _tell(progress: Progress | None, done: float) -> None:
    if progress is not None:
        progress(done)
