"""The chain that seals an audit log: every row is bound to its own words and to the row before it.

The key lies elsewhere, so whoever can write the log cannot seal it. A head, kept elsewhere too,
says where the log ended.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

START = ""
"""What the first row is chained to."""
MAC_HEX = 64
MAX_PROBLEMS = 10_000
_HALF = 32
_FORM = b"gridcells-audit-1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the log; `happened_us` counts microseconds since 1970 in UTC."""

    event_id: int
    happened_us: int
    actor: str
    event: str
    subject: str | None
    detail: str | None
    key_id: str | None = None
    mac: str | None = None


@dataclass(frozen=True)
class Head:
    """Where a log ended: its last row, how many rows it had, when, signed with the key named."""

    event_id: int
    mac: str
    rows: int
    at: str
    key_id: str
    signature: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong, and at which row; no row where it concerns the log as a whole."""

    event_id: int | None
    code: str


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC; ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        message = "an audit row needs a moment with a zone"
        raise ValueError(message)
    return (moment - _EPOCH) // _MICROSECOND


def canonical(row: AuditRow) -> bytes:
    """The bytes of a row: every field with its length, so that no two rows share them."""
    fields = (
        row.event_id, row.happened_us, row.actor, row.event, row.subject, row.detail, row.key_id,
    )  # fmt: skip
    return _FORM + b"".join(_framed(None if field is None else str(field)) for field in fields)


def _framed(text: str | None) -> bytes:
    if text is None:
        return b"-"
    data = text.encode()
    return b"%d:%s" % (len(data), data)


def row_mac(key: bytes, previous_mac: str, row: AuditRow) -> str:
    """The row's seal in 64 hex digits: 32 over its own words, 32 over these and the row before.

    Each half is an HMAC-SHA-256 cut to 128 bits (RFC 4868). Two halves tell a changed row from
    a missing one.
    """
    own = _own(key, row)
    return own + _link(key, previous_mac, own)


def _own(key: bytes, row: AuditRow) -> str:
    return hmac.digest(key, canonical(row), hashlib.sha256).hex()[:_HALF]


def _link(key: bytes, previous_mac: str, own: str) -> str:
    words = _framed(previous_mac) + _framed(own)
    return hmac.digest(key, words, hashlib.sha256).hex()[:_HALF]


def sealed(key: bytes, key_id: str, previous_mac: str, row: AuditRow) -> AuditRow:
    """The row with its key's name and its seal."""
    named = replace(row, key_id=key_id, mac=None)
    return replace(named, mac=row_mac(key, previous_mac, named))


def signed(key: bytes, head: Head) -> Head:
    """The head with the signature that cannot be made without the key."""
    return replace(head, signature=_signature(key, head))


def _signature(key: bytes, head: Head) -> str:
    fields = (head.event_id, head.mac, head.rows, head.at, head.key_id)
    words = b"head" + b"".join(_framed(str(field)) for field in fields)
    return hmac.digest(key, words, hashlib.sha256).hex()


def head_text(head: Head) -> str:
    """The head as JSON."""
    return json.dumps(asdict(head), sort_keys=True)


def parse_head(text: str) -> Head | None:
    """The head in a JSON text, None where the text is no head."""
    try:
        held = json.loads(text)
        return Head(
            int(held["event_id"]), str(held["mac"]), int(held["rows"]), str(held["at"]),
            str(held["key_id"]), str(held["signature"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None


def head_problem(head: Head | None, keys: Mapping[str, bytes]) -> str | None:
    """Why the head cannot be believed: `head_key_unknown` or `head_forged`; None where it can."""
    if head is None:
        return "head_forged"
    key = keys.get(head.key_id)
    if key is None:
        return "head_key_unknown"
    good = hmac.compare_digest(_signature(key, head).encode(), head.signature.encode())
    return None if good else "head_forged"


def head_mismatch(head: Head, *, place: int | None, mac: str | None, last: int) -> str | None:
    """How a log belies its head, None where it does not; it may go on behind its head.

    `place` counts the rows up to the head's row, None where that row is not there; `mac` is that
    row's seal, `last` the number of the log's last row.
    """
    if place is None:
        return "tail_cut" if last < head.event_id else "row_missing"
    if mac != head.mac:
        return "head_differs"
    if place == head.rows:
        return None
    return "rows_missing" if place < head.rows else "rows_inserted"


class Checker:
    """Reads a log in portions, in the order of its rows, and collects what is wrong with it."""

    def __init__(self, keys: Mapping[str, bytes], heads: Iterable[Head] = ()) -> None:
        self._keys = keys
        self._heads = tuple(heads)
        self._seen: dict[int, tuple[int, str | None]] = {}
        self._wanted = {head.event_id for head in self._heads}
        self._previous: AuditRow | None = None
        self._last_code: str | None = None
        self.problems: list[Problem] = []
        self.rows = self.verified = 0

    def take(self, rows: Iterable[AuditRow]) -> None:
        """Check the next rows."""
        for row in rows:
            self.rows += 1
            code = self._code(row)
            if code is None:
                self.verified += 1
            else:
                self._note(row.event_id, code)
            if row.event_id in self._wanted and row.event_id not in self._seen:
                self._seen[row.event_id] = (self.rows, row.mac)
            self._previous, self._last_code = row, code

    @property
    def last_event(self) -> int:
        """The number of the last row read, 0 before any."""
        return 0 if self._previous is None else self._previous.event_id

    def end(self) -> tuple[Problem, ...]:
        """Every problem, once the log is read, those of its end last."""
        for head in self._heads:
            self._compare(head)
        return tuple(self.problems)

    def _note(self, event_id: int, code: str) -> None:
        """Keep a problem; of rows in a run without seal or key, the first stands for all."""
        goes_on = code == self._last_code and code in ("row_unsealed", "key_unknown")
        if not goes_on and len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(event_id, code))

    def _code(self, row: AuditRow) -> str | None:
        before = self._previous
        if before is not None and row.event_id <= before.event_id:
            return "row_out_of_order"
        if row.mac is None or row.key_id is None:
            return "row_unsealed"
        key = self._keys.get(row.key_id)
        if key is None:
            return "key_unknown"
        own = _own(key, row)
        if row.mac[:_HALF] != own:
            return "row_changed"
        previous_mac = START if before is None else before.mac or START
        if row.mac[_HALF:] == _link(key, previous_mac, own):
            return None
        return "row_changed" if self._is_next_to(before, row) else "row_missing_before"

    def _is_next_to(self, before: AuditRow | None, row: AuditRow) -> bool:
        """Whether no number is missing between two rows that do not fit together."""
        return before is not None and before.event_id + 1 == row.event_id

    def _compare(self, head: Head) -> None:
        place, mac = self._seen.get(head.event_id, (None, None))
        code = head_mismatch(head, place=place, mac=mac, last=self.last_event)
        if code is not None:
            self.problems.append(Problem(head.event_id, code))


def check_chain(
    rows: Iterable[AuditRow], keys: Mapping[str, bytes], head: Head | None
) -> list[Problem]:
    """What is wrong with a log; empty where it is whole and ends where its head says.

    Codes: row_changed, row_missing_before, row_out_of_order, row_unsealed, key_unknown; tail_cut,
    row_missing, rows_missing, rows_inserted, head_differs against the head; head_missing,
    head_forged, head_key_unknown for the head itself.
    """
    trouble = "head_missing" if head is None else head_problem(head, keys)
    checker = Checker(keys, () if head is None or trouble else (head,))
    checker.take(rows)
    found = list(checker.end())
    return [Problem(None, trouble), *found] if trouble else found
