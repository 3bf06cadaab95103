"""Who did what: looked up, taken along as a file, and proved whole."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from app.store import audit as store
from app.store import audit_seal, backup, meta
from app.store import scope as scope_store
from app.store.audit import Wanted
from app.store.database import Connection, Database
from app.store.keys import Keys
from app.use_cases import privacy
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.audit_chain import Checker, Head, Problem, head_problem, parse_head
from grid_cells.errors import UserError
from loaders.writing import write_table

FORMS = ("csv", "xlsx", "parquet")
_PURPOSE_LENGTH = 3
_EXPORTED = ("event_id", "happened_at", "actor", "event", "subject", "detail", "key_id", "mac")


@dataclass(frozen=True)
class AuditQuery:
    """What is looked for; empty asks for everything. `subject` may be a customer number."""

    start: datetime | None = None
    end: datetime | None = None
    actor: str = ""
    event: str = ""
    subject: str = ""
    text: str = ""
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True)
class Verdict:
    """How many rows the log has, how many are proved by their seals, and what is wrong."""

    rows: int
    verified: int
    problems: tuple[Problem, ...]


@needs("see_audit")
def search(db: Database, actor: Actor, query: AuditQuery) -> pd.DataFrame:  # noqa: ARG001
    """Rows of one page, newest first.

    Columns event_id, happened_at, actor, actor_name, event, subject, subject_name, detail (JSON
    text). With a limited scope only what users of that scope did. Looking is not recorded: it
    takes nothing away.
    """
    found = store.search(db.whole, _wanted(db, query), limit=query.limit, offset=query.offset)
    return found.drop(columns=["key_id", "mac"])


@needs("see_audit")
def count(db: Database, actor: Actor, query: AuditQuery) -> int:  # noqa: ARG001
    """How many rows the query finds on all of its pages."""
    return store.count(db.whole, _wanted(db, query))


@needs("see_audit")
def choices(db: Database, actor: Actor, column: str) -> list[str]:  # noqa: ARG001
    """The actors (`actor`) or kinds of event (`event`) there are to choose from."""
    return store.choices(db.whole, _wanted(db, AuditQuery()), column)


@needs("see_audit")
def export(
    db: Database, actor: Actor, query: AuditQuery, purpose: str, *, form: str = "csv"
) -> tuple[bytes, str]:
    """Bytes and name of a file with every row found, who took it, when and what for; recorded.

    The first row carries the log's head, against which a later check can hold the log.
    """
    purpose = " ".join(purpose.split())
    if len(purpose) < _PURPOSE_LENGTH:
        raise UserError("audit_purpose_missing")
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    now = real_now()
    frame = store.search(db.whole, _wanted(db, query), limit=None)[list(_EXPORTED)]
    heads = [""] * len(frame)
    if db is db.whole and heads:
        heads[0] = head_beside(db.path) or ""
    frame = frame.assign(
        exported_by=actor.id, exported_at=now.isoformat(timespec="seconds"), exported_for=purpose,
        audit_head=pd.Series(heads, dtype="str", index=frame.index),
    )  # fmt: skip
    db.write(
        lambda connection: store.record(
            connection, actor.id, "audit_exported", at=now, subject="audit_log",
            detail={"rows": len(frame), "form": form, "purpose": _purpose_code(purpose)},
        )
    )  # fmt: skip
    return _bytes_of(frame, form), f"audit-{now:%Y%m%d-%H%M}.{form}"


@needs("see_audit", whole=True)
def verify(db: Database, actor: Actor, *, head: str | None = None) -> Verdict:
    """Whether the log is whole, and ends where its head says and the `head` given; recorded."""
    heads = [head_beside(db.path), *([] if head is None else [head])]
    with db.cursor() as connection:
        verdict = check(connection, db.keys, heads)
    detail = {
        "rows": verdict.rows, "verified": verdict.verified, "problems": len(verdict.problems),
    }  # fmt: skip
    db.write(
        lambda connection: store.record(
            connection, actor.id, "audit_verified", at=real_now(), subject="audit_log",
            detail=detail,
        )
    )  # fmt: skip
    return verdict


def check(connection: Connection, keys: Keys | None, heads: Sequence[str | None]) -> Verdict:
    """The verdict on the log of one open database; a head of None is one that is missing."""
    known = {} if keys is None else {keys.key_id(audit_seal.PURPOSE): keys.derive("audit")}
    good: list[Head] = []
    problems: list[Problem] = []
    for text in heads:
        head = None if text is None else parse_head(text)
        trouble = "head_missing" if text is None else head_problem(head, known)
        if head is not None and trouble is None:
            good.append(head)
        elif trouble is not None:
            problems.append(Problem(None, trouble))
    checker = Checker(known, good)
    for rows in store.scan(connection):
        checker.take(rows)
        openings = ((row.event_id, audit_seal.found_at_opening(row)) for row in rows)
        problems += [Problem(number, code) for number, code in openings if code is not None]
    problems += checker.end()
    return Verdict(checker.rows, checker.verified, tuple(dict.fromkeys(problems)))


def head_beside(path: Path) -> str | None:
    """The head in the file beside a database, None where there is none."""
    file = audit_seal.head_path(path)
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else None


def head_inside(connection: Connection) -> str | None:
    """The head that a backup carries inside, None where there is none."""
    return meta.read_value(connection, backup.HEAD) or None


def _wanted(db: Database, query: AuditQuery) -> Wanted:
    return Wanted(
        query.start, query.end, query.actor.strip(), query.event.strip(),
        _subject(db, query.subject.strip()), query.text.strip(), _people(db),
    )  # fmt: skip


def _people(db: Database) -> list[str] | None:
    """The actors a limited scope may read about, None where the scope is the whole."""
    if db is db.whole:
        return None
    units = [unit for unit, _ in scope_store.units_of(db.read())]
    scope = getattr(db, "scope", None)
    return store.people_of(db.whole, units, scope.area_id if scope is not None else None)


def _subject(db: Database, typed: str) -> str:
    """The subject as the log names it: a customer number stands there as its reference only."""
    if ":" in typed or not any(letter.isdigit() for letter in typed):
        return typed
    return f"customer:{privacy.customer_ref(db.whole, typed)}"


def _purpose_code(purpose: str) -> str:
    """The purpose as the log may hold it: free words stay in the file."""
    return purpose if purpose in privacy.export_purposes() else "in_words"


def _bytes_of(frame: pd.DataFrame, form: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"audit.{form}"
        write_table(frame, path)
        return path.read_bytes()
