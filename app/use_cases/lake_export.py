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
from grid_cells.lake import FOLDERS

Tell = Callable[[float], None]
UTC: Final = "UTC"
_LONG_AGO: Final = datetime.fromisoformat("1900-01-01T00:00:00+00:00")
_STAGED: Final = "_staged"
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
    _refuse_taken(folder)
    now = clock_now(db)
    derive.refresh(db, now)
    moment = store.Moment(now, units.timezone(db) or UTC)
    counted = _written(db, folder, moment, tell)
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


def _refuse_taken(folder: Path) -> None:
    """What is no lake's must not be mixed with one."""
    if folder.exists() and not folder.is_dir():
        raise UserError("lake_folder_taken", folder=str(folder))
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if there - set(FOLDERS) - {_STAGED}:
        raise UserError("lake_folder_taken", folder=str(folder))


def _written(db: Database, folder: Path, moment: store.Moment, tell: Tell) -> dict[str, int]:
    connection = db.read()
    staged = folder / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    steps = [*_standing(connection, moment), *_daily(connection, moment)]
    kept: dict[str, set[Path]] = {name: set() for name in FOLDERS}
    for number, (name, inner, write) in enumerate(steps):
        write(staged / inner)
        _put(staged / inner, folder / inner)
        kept[name].add(folder / inner)
        tell((number + 1) / len(steps))
    shutil.rmtree(staged, ignore_errors=True)
    for name, files in kept.items():
        _drop_others(folder / name, files)
    return {name: len(files) for name, files in kept.items()}


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
    named = spans[spans["who"].notna()].rename(columns={"who": "customer_no"})
    if named.empty:
        return
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


def _drop_others(folder: Path, kept: set[Path]) -> None:
    """Days that the store knows no more."""
    for path in folder.rglob("*.parquet"):
        if path not in kept:
            path.unlink()
