"""The store as a lake of Parquet files, for jobs beyond this machine."""

import filecmp
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import audit, plans, reliability
from app.store.database import Connection, Database
from app.store.lake import export as store
from app.use_cases import derive, export, units
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.interruption_days import by_day
from grid_cells.interruptions import merged
from grid_cells.lake import FOLDERS

Tell = Callable[[float], None]
UTC: Final = "UTC"
_LONG_AGO: Final = datetime.fromisoformat("1900-01-01T00:00:00+00:00")
_STAGED: Final = "_staged"
_NOTE: Final = "_lake.txt"
"""Lists what an export wrote, so that the next one takes away nothing else."""
_FILE: Final = "part-0.parquet"


@needs("manage_store", whole=True)
def export_lake(
    db: Database, actor: Actor, folder: Path, tell: Tell = lambda _: None, *,
    purpose: str = export.COMMAND_LINE,
) -> dict[str, int]:  # fmt: skip
    """Files written or found unchanged by folder of the lake; on record.

    Readings, visits and interruptions lie by day; days of interruptions and visits are those of
    the company's zone. A file whose content would not change is left as it is, so that a roll-up
    makes only what is new. Raises UserError `lake_folder_taken`.
    """
    before = _listed(folder)
    now = clock_now(db)
    derive.refresh(db, now)
    moment = store.Moment(now, units.timezone(db) or UTC)
    counted = _written(db, folder, moment, before, tell)
    detail = {"purpose": export.kept_purpose(purpose), **counted}
    db.write(
        lambda connection: audit.record(
            connection,
            actor.id,
            "lake_exported",
            at=real_now(),
            subject="layer:lake",
            detail=detail,
        )
    )
    return counted


def _listed(folder: Path) -> set[Path]:
    """Files that an earlier export wrote; none where there was none.

    Raises UserError `lake_folder_taken` for a folder with anything in it that no export has begun.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError("lake_folder_taken", folder=str(folder))
    note = folder / _NOTE
    if note.exists():
        return {folder / name for name in note.read_text(encoding="utf-8").splitlines()}
    if folder.exists() and any(folder.iterdir()):
        raise UserError("lake_folder_taken", folder=str(folder))
    return set()


def _written(
    db: Database, folder: Path, moment: store.Moment, before: set[Path], tell: Tell
) -> dict[str, int]:
    """Files of each folder, written from one state of the store."""
    with store.at_one_moment(db.read()) as connection:
        steps = [*_standing(connection, moment), *_daily(connection, moment)]
        kept = {folder / inner for _, inner, _ in steps}
        _keep_note(folder, before | kept)
        shutil.rmtree(folder / _STAGED, ignore_errors=True)
        for number, (_, inner, write) in enumerate(steps):
            write(folder / _STAGED / inner)
            _put(folder / _STAGED / inner, folder / inner)
            tell((number + 1) / len(steps))
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    for gone in before - kept:  # days that the store knows no more; what others put here stays
        gone.unlink(missing_ok=True)
    _keep_note(folder, kept)
    return {name: sum(of == name for of, _, _ in steps) for name in FOLDERS}


def _keep_note(folder: Path, files: set[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = "".join(f"{path.relative_to(folder)}\n" for path in sorted(files))
    (folder / _NOTE).write_text(told, encoding="utf-8")


Step = tuple[str, Path, Callable[[Path], None]]


def _standing(connection: Connection, moment: store.Moment) -> Iterator[Step]:
    for name in store.STANDING:
        yield name, Path(name) / _FILE, partial(store.write_standing, connection, name)
    claims = _claims(connection, moment.now)
    yield "areas", Path("areas") / _FILE, partial(store.write_areas, connection, claims)


def _claims(connection: Connection, now: datetime) -> pd.DataFrame:
    plan = plans.plan_at(connection, now)
    if plan is None:
        return pd.DataFrame({"transformer_id": [], "cell_id": [], "area_id": []}, dtype=object)
    return plans.claims_at(connection, plan["plan_id"], now)


def _daily(connection: Connection, moment: store.Moment) -> Iterator[Step]:
    for day in store.reading_days(connection, moment):
        yield (
            "readings",
            _day_file("readings", day),
            partial(store.write_readings, connection, moment, day),
        )
    for day in store.visit_days(connection, moment):
        yield (
            "visits",
            _day_file("visits", day),
            partial(store.write_visits, connection, moment, day),
        )
    for day, rows in _interruptions(connection, moment):
        write = partial(store.write_frame, connection, rows)
        yield "interruptions", _day_file("interruptions", day), write


def _day_file(name: str, day: date) -> Path:
    return Path(name) / f"day={day}" / _FILE


def _interruptions(
    connection: Connection, moment: store.Moment
) -> Iterator[tuple[date, pd.DataFrame]]:
    """Who was without supply, by day; those whom an outage only counts are nobody here."""
    spans = reliability.customer_spans(connection, _LONG_AGO, moment.now, moment.now)
    named = spans[spans["who"].notna()]
    if named.empty:
        return
    named = merged(named).rename(columns={"who": "customer_no"})
    cut = by_day(named, ZoneInfo(moment.zone), moment.now).sort_values(
        ["day", "customer_no", "seconds"]
    )
    for day, rows in cut.groupby("day", sort=True):
        yield _day(day), rows[["customer_no", "seconds", "is_first_day"]].reset_index(drop=True)


def _day(told: Any) -> date:
    return date(told.year, told.month, told.day)


def _put(fresh: Path, target: Path) -> None:
    """Put a file in place at once, unless the same stands there."""
    if target.exists() and filecmp.cmp(fresh, target, shallow=False):
        fresh.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh.replace(target)
