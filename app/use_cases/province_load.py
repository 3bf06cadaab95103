"""Cell facts come back: checked whole, then written a day at a time, each day a load of its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.store import audit, batches, meta
from app.store import province as province_store
from app.store import province_load as store
from app.store.database import Connection, Database
from app.use_cases import small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells import province_groups as rules
from grid_cells.errors import FileRejected, UserError
from loaders import province as files
from loaders.province import FactsDay

Progress = Callable[[float], None]
_CHECKED: Final = 0.35
_GROUPED: Final = 0.4
"""Shares of the work after which everything is checked, and after which it is grouped."""


@dataclass(frozen=True)
class ProvinceOutcome:
    """What a load of cell facts did: days in the folder, those held already, rows written.

    skipped: days left out since they are not sound, each with what was wrong with it.
    """

    days: int
    unchanged: int
    cells: int
    rows: int
    batches: tuple[int, ...]
    seconds: float
    skipped: tuple[tuple[date, FileRejected], ...] = ()


@dataclass(frozen=True)
class FactsFolder:
    """What lies in a folder of facts: its days, and those of them that are not held."""

    days: list[date]
    missing: list[date]


@needs("load_data", whole=True)
def look(db: Database, actor: Actor, folder: Path) -> FactsFolder:  # noqa: ARG001 - asked above
    """The days in a folder; raises UserError as `load` for one that is none."""
    found = [day for day, _ in files.days_in(folder)]
    held = set(province_store.days(db.read(), small_cells.least(db))["day"])
    return FactsFolder(found, [day for day in found if day not in held])


@needs("load_data", whole=True)
def load(
    db: Database, actor: Actor, folder: Path, *,
    skip_unsound: bool = False, progress: Progress | None = None,
) -> ProvinceOutcome:  # fmt: skip
    """Write the days of a folder that are new or differ from what is held; others stay.

    All are checked before the first is written; then each is a transaction and a batch of its own,
    so that work stopped in the middle leaves whole days. skip_unsound: a day that is not sound is
    left out whole and told at the end, instead of ending the load. Raises UserError of
    `loaders.province`, `province_resolutions` and `province_facts_changed`.
    """
    started = time.perf_counter()
    least = small_cells.least(db)
    found = files.days_in(folder)
    fresh = _fresh(db, found, least)
    checked, skipped = _checked(fresh, skip_unsound=skip_unsound, progress=progress)
    _check_sizes(db, checked)
    _tell(progress, _CHECKED)
    groups = db.write(lambda held: _grouped(held, checked, least))
    written = []
    for number, one in enumerate(checked):
        _tell(progress, _GROUPED + (1 - _GROUPED) * number / len(checked))
        written.append(db.write(_writing(actor, one, groups, least)))
    return ProvinceOutcome(
        len(found), len(found) - len(fresh), max((one.cells for one in checked), default=0),
        sum(one.cells for one in checked), tuple(written), time.perf_counter() - started,
        tuple(skipped),
    )  # fmt: skip


def _checked(
    fresh: Sequence[tuple[date, tuple[Path, ...]]], *,
    skip_unsound: bool, progress: Progress | None,
) -> tuple[list[FactsDay], list[tuple[date, FileRejected]]]:  # fmt: skip
    """The days that are sound, and those that are not with the reason."""
    checked, skipped = [], []
    for number, (day, paths) in enumerate(fresh):
        _tell(progress, _CHECKED * number / len(fresh))
        try:
            checked.append(files.read_day(day, paths))
        except FileRejected as error:
            if not skip_unsound:
                raise
            skipped.append((day, error))
    return checked, skipped


def _fresh(
    db: Database, found: list[tuple[date, tuple[Path, ...]]], least: int
) -> list[tuple[date, tuple[Path, ...]]]:
    """The days whose files are not those the store holds, or were told under another limit."""
    fresh = []
    for day, paths in found:
        held = store.held(db.read(), day)
        if held is None or held != (files.fingerprint(paths), least):
            fresh.append((day, paths))
    return fresh


def _check_sizes(db: Database, checked: Sequence[FactsDay]) -> None:
    """All days have cells of one size: the province is one tree of cells."""
    sizes = {one.resolution for one in checked}
    held = store.resolution(db.read(), [one.day for one in checked])
    if checked and len(sizes | ({held} - {None})) > 1:
        told = sorted({int(size) for size in (*sizes, held) if size is not None})
        raise UserError("province_resolutions", resolutions=", ".join(map(str, told)))


def _grouped(
    connection: Connection, checked: Sequence[FactsDay], least: int
) -> dict[str, pd.DataFrame]:
    """Cells that are told together from now on, of energy and of losses: cell_id, group.

    By the fewest people a cell has on any day so far, so that no group is smaller on any; what was
    told together once stays together, so that a day loaded again tells nothing by the difference.
    """
    if not checked:
        return {}
    size, told = checked[0].resolution, {}
    for of, fewest in (
        (store.ENERGY, files.fewest_people(checked)), (store.LOSS, files.fewest_balanced(checked)),
    ):  # fmt: skip
        held = store.groups(connection, of, size)
        found = rules.coarsened(held, fewest, least)
        if not found.equals(held):
            store.keep_groups(connection, of, size, found)
        told[of] = found.loc[found["group"].duplicated(keep=False), ["cell_id", "group"]]
    return told


def _writing(
    actor: Actor, one: FactsDay, groups: Mapping[str, pd.DataFrame], least: int
) -> Callable[[Connection], int]:
    """The transaction that writes a day; its batch's number."""
    given = store.DayFiles(
        one.day, [str(file) for file in one.files], one.resolution, one.cells, one.sha256,
        one.optional,
    )  # fmt: skip

    def change(connection: Connection) -> int:
        batch_id = batches.next_batch_id(connection)
        was_held = store.held(connection, one.day) is not None
        store.replace_day(connection, given, groups, least, batch_id)
        if files.fingerprint(one.files) != one.sha256:  # a roll-up came between
            raise UserError("province_facts_changed", day=one.day)
        batches.save_batch(connection, _batch(actor, one, batch_id, was_held=was_held))
        version = f"version:{province_store.KIND}"
        meta.set_value(connection, version, str(int(meta.read_value(connection, version, "0")) + 1))
        counts = {"kind": province_store.KIND, "rows": one.cells, "loaded": one.cells,
                  "rejected": 0, "unchanged": 0}  # fmt: skip
        audit.record(
            connection, actor.id, "file_loaded", at=real_now(), subject=f"batch:{batch_id}",
            detail=counts,
        )  # fmt: skip
        return batch_id

    return change


def _batch(actor: Actor, one: FactsDay, batch_id: int, *, was_held: bool) -> dict[str, Any]:
    return {
        "batch_id": batch_id, "kind": province_store.KIND,
        "files": [f"{file.parent.name}/{file.name}" for file in one.files],
        "sha256": [one.sha256], "actor": actor.id, "loaded_at": real_now(), "datum": None,
        "mapping": "{}", "rows": one.cells, "loaded": one.cells, "corrected": 0, "rejected": 0,
        "unchanged": 0, "new_rows": 0 if was_held else one.cells,
        "changed_rows": one.cells if was_held else 0, "status": "loaded",
    }  # fmt: skip


def _tell(progress: Progress | None, done: float) -> None:
    if progress is not None:
        progress(done)
