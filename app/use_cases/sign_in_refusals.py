"""Refused sign-ins as the audit keeps them: each while they are few, counted in a flood."""

import threading
from collections import OrderedDict
from datetime import datetime
from time import monotonic
from typing import Final

from app.store import audit
from app.store.database import Connection, Database
from app.use_cases.refusal_budgets import NOBODY, SEVERAL, Budgets, Refusal

_KEPT: Final = 16
_held: OrderedDict[int, Budgets] = OrderedDict()
_lock = threading.Lock()


def note(  # noqa: PLR0913, PLR0917
    db: Database, connection: Connection, subject: str, code: str, place: str, at: datetime
) -> None:
    """Record the refusal within the caller's transaction, or count it where there are too many.

    What was typed is in no row: people type passwords into login fields. `place` stands for where
    the try came from and is in no row either.
    """
    with _lock:
        left_out = _of(db).take(Refusal(code, subject), place)
    if left_out is not None:
        _write(connection, subject, code, left_out, at)


def write_counted(db: Database, at: datetime) -> None:
    """Write what was only counted so far, a row for each reason."""
    with _lock:
        counted = _of(db).counted()

    def write(connection: Connection) -> None:
        for one in counted:
            subject = "" if one.asked == SEVERAL else one.asked
            _write(connection, subject, one.code, one.count, at)

    if not counted:
        return
    try:
        db.whole.write(write)
    except Exception:
        with _lock:
            _of(db).put_back(counted)
        raise


def _write(connection: Connection, subject: str, code: str, repeated: int, at: datetime) -> None:
    detail = {"code": code} | ({"repeated": str(repeated)} if repeated else {})
    audit.record(connection, NOBODY, "sign_in_refused", at=at, subject=subject, detail=detail)


def _of(db: Database) -> Budgets:
    """The budgets of a database while it is open."""
    found = _held.setdefault(db.whole.opened_as, Budgets(monotonic))
    while len(_held) > _KEPT:
        _held.popitem(last=False)
    return found
