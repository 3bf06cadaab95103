"""A backup put back in the place of a database, once its audit log is proved."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.store import audit, audit_file, audit_seal, backup
from app.store.database import Connection, Database
from app.store.keys import key_path
from app.use_cases.actors import Actor
from app.use_cases.audit import Verdict, head_beside, head_inside
from app.use_cases.audit_file import verify_file
from app.use_cases.clock import real_now
from grid_cells.errors import UserError

_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Restoring:
    """What to put back where: the backup, the database's place, the backup's key.

    `replaces` allows to put an existing database aside, `despite_problems` to take a backup
    whose audit log is not proved.
    """

    backup: Path
    target: Path
    key_file: Path | None = None
    replaces: bool = False
    despite_problems: bool = False


@dataclass(frozen=True)
class Restored:
    """Audit rows and problems of the backup, and where the database that was there lies now."""

    rows: int
    problems: int
    kept_aside: Path | None


def restore(wish: Restoring, actor: Actor) -> Restored:
    """What was put back; nothing is touched before the backup's audit log is proved.

    Raises restore_exists, restore_unproven, store_in_use. Everybody has to sign in again: who
    was signed out since the backup was made must not be signed in by it.
    """
    if wish.target.exists() and not wish.replaces:
        raise UserError("restore_exists", path=str(wish.target))
    key_file = _key_of(wish)
    verdict = _proved(wish, key_file)
    now = real_now()
    replaced = _last_event(wish.target)
    head = _head_of(wish.backup)
    part = wish.target.with_name(f"{wish.target.name}.restoring")
    wish.target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(wish.backup, part)
    part.chmod(_OWNER_ONLY)
    aside = _put_aside(wish.target, now)
    part.replace(wish.target)
    if head is not None:
        audit_seal.write_head(audit_seal.head_path(wish.target), head)
    _bring_key(key_file, key_path(wish.target))
    detail = {
        "rows": verdict.rows, "problems": len(verdict.problems), "replaced_last_event": replaced,
    }  # fmt: skip
    with Database(wish.target) as db:
        db.write(lambda connection: _settle(connection, actor, now, detail))
    return Restored(verdict.rows, len(verdict.problems), aside)


def _key_of(wish: Restoring) -> Path | None:
    """The key named, else that of the database to be replaced, else the one beside the backup."""
    places = (key_path(wish.target), key_path(wish.backup))
    return wish.key_file or next((place for place in places if place.exists()), None)


def _proved(wish: Restoring, key_file: Path | None) -> Verdict:
    verdict = verify_file(wish.backup, key_file=key_file)
    if verdict.problems and not wish.despite_problems:
        raise UserError(
            "restore_unproven", file=wish.backup.name, count=len(verdict.problems),
            first=verdict.problems[0].code,
        )  # fmt: skip
    return verdict


def _head_of(path: Path) -> str | None:
    with audit_file.open_to_read(path) as connection:
        return head_beside(path) or head_inside(connection)


def _last_event(path: Path) -> int | None:
    """The last audit row of the database to be replaced; refuses one that a process holds."""
    if not path.exists():
        return None
    try:
        with audit_file.open_to_read(path) as connection:
            return backup.last_event(connection)
    except UserError as error:
        if error.code == "store_unreadable":  # that is why it is replaced
            return None
        raise


def _put_aside(target: Path, now: datetime) -> Path | None:
    if not target.exists():
        return None
    aside = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%S}")
    for ending in ("", ".wal", ".audit.head"):
        old = target.with_name(f"{target.name}{ending}")
        if old.exists():
            old.replace(aside.with_name(f"{aside.name}{ending}"))
    audit_seal.put_anchors_aside(target, aside.name.removeprefix(target.name))
    return aside


def _bring_key(key_file: Path | None, place: Path) -> None:
    if key_file is not None and not place.exists():
        shutil.copyfile(key_file, place)
        place.chmod(_OWNER_ONLY)


def _settle(connection: Connection, actor: Actor, now: datetime, detail: dict[str, Any]) -> None:
    backup.settle_restored(connection, now)
    audit.record(
        connection, actor.id, "database_restored", at=now, subject="database", detail=detail
    )
