"""Who did what: looked up, taken along as a file, and proved whole."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

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
HEAD_BEHIND: Final = "head_behind"
HEAD_BEFORE_COPY: Final = "head_before_backup"
_PURPOSE_LENGTH = 3
_TICKET = "ticket:"
_EXPORTED = ("event_id", "happened_at", "actor", "event", "subject", "detail", "key_id", "mac")


@dataclass(frozen=True)
class AuditQuery:
    """What is looked for; empty asks for everything.

    `subject` may be a customer number, or `ticket:` and a ticket: the log holds neither itself.
    """

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
    """How many rows the log has, how many are proved by their seals, and what is wrong.

    `head_at`, `head_rows`: when the head was signed and after how many rows, None without a good
    one. `warnings`: what is no proof of harm but wants a look, codes of the catalogues.
    """

    rows: int
    verified: int
    problems: tuple[Problem, ...]
    head_at: str | None = None
    head_rows: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A head that a log must not belie; text None = it is not where it should be."""

    text: str | None
    missing: str = "head_missing"


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
    claims = [Claim(head_beside(db.path)), *anchored(db.path, db.keys), *given(head)]
    with db.cursor() as connection:
        verdict = check(connection, db.keys, claims)
    verdict = _without_haste(verdict, head_beside(db.path))
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


def given(head: str | None) -> list[Claim]:
    """A head that somebody brought along, where they did."""
    return [] if head is None else [Claim(head)]


def anchored(path: Path, keys: Keys | None) -> list[Claim]:
    """The head in the folder for anchors, where there is such a folder."""
    if keys is None:
        return []
    file = audit_seal.anchor_path(path, keys.key_id(audit_seal.PURPOSE))
    return [] if file is None else [Claim(_text_of(file), "anchor_missing")]


def _without_haste(verdict: Verdict, later: str | None) -> Verdict:
    """The verdict on a living log, whose head of a moment later may have caught up."""
    head = None if later is None else parse_head(later)
    if head is None or head.rows < verdict.rows:
        return verdict
    return replace(verdict, warnings=tuple(w for w in verdict.warnings if w != HEAD_BEHIND))


def check(connection: Connection, keys: Keys | None, claims: Sequence[Claim]) -> Verdict:
    """The verdict on the log of one open database; the first claim is its own head's."""
    known = {} if keys is None else {keys.key_id(audit_seal.PURPOSE): keys.derive("audit")}
    last_copy = meta.read_value(connection, backup.LAST_HEAD) or None
    heads = [_believed(claim, known) for claim in [*claims, *given(last_copy)]]
    problems = [Problem(None, one) for one in heads if isinstance(one, str)]
    checker = Checker(known, [one for one in heads if isinstance(one, Head)])
    for rows in store.scan(connection):
        checker.take(rows)
        openings = ((row.event_id, audit_seal.found_at_opening(row)) for row in rows)
        problems += [Problem(number, code) for number, code in openings if code is not None]
    problems += checker.end()
    verdict = Verdict(checker.rows, checker.verified, tuple(dict.fromkeys(problems)))
    own = next(iter(heads), None)
    if not isinstance(own, Head):
        return verdict
    copied = heads[-1] if last_copy is not None else None
    is_older = isinstance(copied, Head) and own.event_id < copied.event_id
    warned = [
        *([HEAD_BEHIND] if own.event_id < checker.last_event else []),
        *([HEAD_BEFORE_COPY] if is_older else []),
    ]
    return replace(verdict, head_at=own.at, head_rows=own.rows, warnings=tuple(warned))


def _believed(claim: Claim, known: Mapping[str, bytes]) -> Head | str:
    """The head, or the code of what is wrong with it."""
    if claim.text is None:
        return claim.missing
    head = parse_head(claim.text)
    trouble = head_problem(head, known)
    return head if head is not None and trouble is None else trouble or "head_forged"


def head_beside(path: Path) -> str | None:
    """The head in the file beside a database, None where there is none."""
    return _text_of(audit_seal.head_path(path))


def _text_of(file: Path) -> str | None:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else None


def head_inside(connection: Connection) -> str | None:
    """The head that a backup carries inside, None where there is none."""
    return meta.read_value(connection, backup.HEAD) or None


def _wanted(db: Database, query: AuditQuery) -> Wanted:
    subject, text = query.subject.strip(), query.text.strip()
    if subject.startswith(_TICKET):
        subject, text = "", privacy.ticket_ref(db.whole, subject.removeprefix(_TICKET))
    return Wanted(
        query.start, query.end, query.actor.strip(), query.event.strip(),
        _subject(db, subject), text, _people(db),
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
