"""The seal of the audit log: chains what the one writer records and keeps the head in a file."""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from app.store.keys import Keys
from grid_cells.audit_chain import (
    START,
    AuditRow,
    Head,
    head_mismatch,
    head_problem,
    head_text,
    microseconds,
    parse_head,
    sealed,
    signed,
)

ACTOR = "system"
"""Who opens a log."""
PURPOSE = "audit"
ANCHOR = "GRIDCELLS_AUDIT_ANCHOR"
"""A folder elsewhere, on another disk or machine, that takes the head of every deed too."""
_CHUNK = 20_000
_OPENINGS = ("audit_key_started", "audit_break_found")
_LOG = logging.getLogger("gridcells")
_ROWS = (
    "SELECT event_id, epoch_us(happened_at), actor, event, subject, detail, key_id, mac"
    " FROM audit_log ORDER BY event_id"
)


@dataclass(frozen=True)
class _End:
    """Where the log ends: the last row's number and seal, and how many rows there are."""

    event_id: int = 0
    mac: str = START
    rows: int = 0


def rows_in_order(connection: duckdb.DuckDBPyConnection) -> Iterator[list[AuditRow]]:
    """The whole log in the order of its rows, in portions."""
    held = connection.execute(_ROWS)
    while portion := held.fetchmany(_CHUNK):
        yield [AuditRow(*values) for values in portion]


def found_at_opening(row: AuditRow) -> str | None:
    """What was wrong with the log when it was opened and this row written, None on any other."""
    if row.actor != ACTOR or row.event not in _OPENINGS:
        return None
    with suppress(ValueError, AttributeError):
        trouble = json.loads(row.detail or "{}").get("trouble")
        return None if trouble is None else str(trouble)
    return None


def head_path(db_path: Path) -> Path:
    """The file beside a database that says where its audit log ends."""
    return db_path.with_name(f"{db_path.name}.audit.head")


def anchor_path(db_path: Path, key_id: str) -> Path | None:
    """The second place of a database's head, in `$GRIDCELLS_AUDIT_ANCHOR`; None where it is not set.

    That folder belongs out of reach of whoever can change the database's own: an older head put
    back there with the rows cut to fit proves itself, one that must fit the anchor does not.
    """
    folder = os.environ.get(ANCHOR)
    return Path(folder) / f"{_place_of(db_path)}-{key_id}.audit.head" if folder else None


def put_anchors_aside(db_path: Path, ending: str) -> None:
    """A backup is put back in the place of the database: its anchors get another ending."""
    folder = Path(os.environ.get(ANCHOR) or os.devnull)
    for file in folder.glob(f"{_place_of(db_path)}-*.audit.head"):
        file.replace(file.with_name(f"{file.name}{ending}"))


def _place_of(db_path: Path) -> str:
    """A short name of where the database lies: copies elsewhere must not move its anchor."""
    return hashlib.sha256(str(db_path.absolute()).encode()).hexdigest()[:12]


def read_head(path: Path) -> tuple[Head | None, bool]:
    """The head in a file, None where it cannot be read; and whether there is a file."""
    try:
        return parse_head(path.read_text(encoding="utf-8", errors="replace")), True
    except FileNotFoundError:
        return None, False


def write_head(path: Path, text: str) -> None:
    """Put the head in place of the one before, never half of it."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


class Sealer:
    """Knows where the log ends: as committed, and within the transaction under way."""

    def __init__(self, db_path: Path, keys: Keys) -> None:
        self._key, self._key_id = keys.derive(PURPOSE), keys.key_id(PURPOSE)
        self._path = head_path(db_path)
        self._anchor = anchor_path(db_path, self._key_id)
        self._kept = self._now = _End()

    def append(  # noqa: PLR0913
        self,
        connection: duckdb.DuckDBPyConnection,
        actor: str,
        event: str,
        *,
        at: datetime,
        subject: str,
        detail: Mapping[str, Any] | None,
    ) -> int:
        """Number of the row written, sealed to the one before it."""
        text = json.dumps(detail or {}, ensure_ascii=False, default=str)
        number = self._now.event_id + 1
        bare = AuditRow(number, microseconds(at), actor, event, subject, text)
        row = sealed(self._key, self._key_id, self._now.mac, bare)
        connection.execute(
            "INSERT INTO audit_log (event_id, happened_at, actor, event, subject, detail, key_id, mac)"
            " VALUES (?, make_timestamptz(?), ?, ?, ?, ?, ?, ?)",
            [number, row.happened_us, actor, event, subject, text, row.key_id, row.mac],
        )
        self._now = _End(number, row.mac or START, self._now.rows + 1)
        return number

    def keep(self) -> None:
        """The transaction is committed: what it recorded is now the log's end."""
        if self._now is self._kept:
            return
        self._kept = self._now
        head = self.head()
        for path in (self._path, self._anchor):
            try:
                if path is not None:
                    write_head(path, head)
            except OSError:  # the deed is done; the head stays behind until the next one
                _LOG.exception("the audit head could not be written")

    def drop(self) -> None:
        """The transaction was rolled back: so is what it recorded."""
        self._now = self._kept

    def head(self) -> str:
        """The committed end of the log, signed, as JSON."""
        end, at = self._kept, datetime.now(UTC).isoformat()
        return head_text(signed(self._key, Head(end.event_id, end.mac, end.rows, at, self._key_id)))

    def begin(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Start the chain, within the migration that makes room for it.

        Rows from before there were seals are sealed here, once and for all: nothing else ever
        changes a row. The head comes first, so that a fall between the two does not look like a
        lost head.
        """
        self._seal_old_rows(connection)
        self._record_opening(connection, "audit_key_started", {"rows_before": self._now.rows})
        self._kept = self._now
        write_head(self._path, self.head())

    def _seal_old_rows(self, connection: duckdb.DuckDBPyConnection) -> None:
        last, numbers, seals = START, [], []
        for bare in chain.from_iterable(rows_in_order(connection)):
            row = sealed(self._key, self._key_id, last, bare)
            last = row.mac or START
            numbers.append(row.event_id)
            seals.append(last)
        if seals:
            connection.register("seals", pa.table({"event_id": numbers, "mac": seals}))
            connection.execute(
                "UPDATE audit_log SET key_id = ?, mac = s.mac FROM seals s WHERE audit_log.event_id = s.event_id",
                [self._key_id],
            )
            connection.unregister("seals")
            self._now = _End(numbers[-1], last, len(seals))

    def open(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take up the log where it ends; a new key and an end that belies the head are recorded.

        Recorded, because the next head would wipe out the last trace of a tail that was cut.
        """
        self._kept = self._now = end = _end_of(connection)
        head, has_head = read_head(self._path)
        trouble = self._trouble(connection, head, has_head=has_head)
        anchor, has_anchor = (None, False) if self._anchor is None else read_head(self._anchor)
        if has_anchor and trouble is None:
            trouble = self._trouble(connection, anchor, has_head=True)
            head = anchor if trouble is not None else head
        key_before = _last_key(connection)
        if trouble is None and key_before == self._key_id:
            if (
                head is not None and head.event_id < end.event_id
            ):  # fell before the head was written
                write_head(self._path, self.head())
            if self._anchor is not None and (anchor is None or anchor.event_id < end.event_id):
                write_head(self._anchor, self.head())
            return
        if head is not None and self._is_ours(head):
            # numbers of rows that were cut off are not given again
            self._kept = self._now = _End(max(end.event_id, head.event_id), end.mac, end.rows)
        event = "audit_break_found" if key_before == self._key_id else "audit_key_started"
        detail = {
            "key_before": key_before, "rows_before": end.rows, "trouble": trouble,
            "head_event": head.event_id if head else None,
        }  # fmt: skip
        connection.execute("BEGIN")
        self._record_opening(connection, event, detail)
        connection.execute("COMMIT")
        self.keep()

    def _is_ours(self, head: Head | None) -> bool:
        return head_problem(head, {self._key_id: self._key}) is None

    def _trouble(
        self, connection: duckdb.DuckDBPyConnection, head: Head | None, *, has_head: bool
    ) -> str | None:
        if not has_head:
            return "head_missing"
        if head is None or head_problem(head, {self._key_id: self._key}) == "head_forged":
            return "head_forged"
        place, mac = _row_at(connection, head.event_id)
        return head_mismatch(head, place=place, mac=mac, last=self._now.event_id)

    def _record_opening(
        self, connection: duckdb.DuckDBPyConnection, event: str, detail: Mapping[str, Any]
    ) -> None:
        now, named = datetime.now(UTC), {"key": self._key_id, **detail}
        self.append(connection, ACTOR, event, at=now, subject="audit_log", detail=named)


def _end_of(connection: duckdb.DuckDBPyConnection) -> _End:
    row = connection.execute(
        "SELECT event_id, mac, (SELECT count(*) FROM audit_log) FROM audit_log ORDER BY event_id DESC LIMIT 1"
    ).fetchone()
    return _End() if row is None else _End(int(row[0]), row[1] or START, int(row[2]))


def _last_key(connection: duckdb.DuckDBPyConnection) -> str | None:
    row = connection.execute(
        "SELECT key_id FROM audit_log WHERE key_id IS NOT NULL ORDER BY event_id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else str(row[0])


def _row_at(connection: duckdb.DuckDBPyConnection, event_id: int) -> tuple[int | None, str | None]:
    """How many rows there are up to that one, None where it is not there; and its seal."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM audit_log WHERE event_id <= a.event_id), mac"
        " FROM audit_log a WHERE event_id = ?",
        [event_id],
    ).fetchone()
    return (None, None) if row is None else (int(row[0]), row[1])


_sealers: dict[int, Sealer] = {}


@contextmanager
def sealing(connection: duckdb.DuckDBPyConnection, sealer: Sealer) -> Iterator[None]:
    """While it lasts, what is recorded on this connection is chained by that sealer."""
    _sealers[id(connection)] = sealer
    try:
        yield
    finally:
        with suppress(KeyError):
            del _sealers[id(connection)]


def sealer_of(connection: duckdb.DuckDBPyConnection) -> Sealer:
    """The sealer of the writer's connection; RuntimeError on any other."""
    sealer = _sealers.get(id(connection))
    if sealer is None:
        message = "an audit row is written inside Database.write, in the transaction of the deed"
        raise RuntimeError(message)
    return sealer
