"""Who may see which personal value; the reference that stands for an account number; unmasking."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final

import pandas as pd
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from app.store import audit, customers, meta
from app.store import privacy as privacy_store
from app.store.database import Connection, Database
from app.store.subjects import UNKNOWN
from app.use_cases import reference
from app.use_cases.access import may, needs, note_refusal, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.privacy import MASKS, gives_away, mask_account, masked, masked_column

PURPOSE: Final = "customer"
UNMASKED: Final = "value_unmasked"
LONGEST_TICKET: Final = 20
TICKET_HEX: Final = 16
LONGEST_PURPOSE: Final = 60
_TICKET = re.compile(r"[A-Za-z0-9-]+")
_CUSTOMER_PART = re.compile(r"(customer:)([^;]+)")


@dataclass(frozen=True)
class PersonalColumn:
    """A column with something personal in it: who sees it, how others see it, who may ask."""

    table: str
    column: str
    permission: str
    mask: str
    may_unmask: bool


@cache
def personal_columns() -> dict[tuple[str, str], PersonalColumn]:
    """Every personal column by table and name, from `data/reference/personal_columns.csv`."""
    rows = reference.table("personal_columns").to_dict("records")
    found = [
        PersonalColumn(
            str(row["table"]), str(row["column"]), str(row["permission"]), str(row["mask"]),
            bool(row["may_unmask"]),
        )
        for row in rows
    ]  # fmt: skip
    return {(one.table, one.column): one for one in found}


def sees(actor: Actor, table: str, column: str) -> bool:
    """Whether the actor's role sees the column in the clear."""
    personal = personal_columns().get((table, column))
    return personal is None or may(actor, personal.permission)


def masked_columns(actor: Actor, table: str) -> frozenset[str]:
    """The table's columns that the actor's role only sees masked."""
    named = personal_columns()
    return frozenset(
        column for held, column in named if held == table and not sees(actor, held, column)
    )


def shown_value(actor: Actor, table: str, column: str, value: Any) -> Any:
    """One value as the actor may see it."""
    return value if sees(actor, table, column) else _under(personal_columns()[table, column], value)


def shown_row(actor: Actor, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the actor may see it."""
    return {name: shown_value(actor, table, name, value) for name, value in row.items()}


def shown(actor: Actor, table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of a table's rows as the actor may see it."""
    hidden = [name for name in frame.columns if name in masked_columns(actor, table)]
    return hide_columns(table, frame, hidden)


def hide_columns(table: str, frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The frame with those personal columns masked."""
    columns = {}
    for name in names:
        mask = personal_columns()[table, name].mask
        if mask in MASKS:
            columns[name] = masked_column(frame[name], mask)
        else:
            columns[name] = frame[name].map(lambda one, m=mask: _special(m, one))
    return frame.assign(**columns)


def customer_ref(db: Database, customer_no: str) -> str:
    """What stands for an account number in addresses, sessions, logs and the audit.

    The same number has the same reference in one database; only its key leads back.
    """
    sealed = _cipher(db).encrypt(customer_no.encode(), None)
    return base64.b32encode(sealed).decode().rstrip("=").lower()


def customer_no_of(db: Database, ref: str) -> str:
    """The account number behind a reference; a foreign or altered one is a user's error."""
    try:
        sealed = base64.b32decode(ref.upper() + "=" * (-len(ref) % 8))
        return _cipher(db).decrypt(sealed, None).decode()
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise UserError("customer_ref_unknown") from error


def subject_of(db: Database, customer_no: str) -> str:
    """A customer as the subject of an audit row; a number nobody has may be anything typed."""
    is_known = customers.is_known(db.whole.read(), customer_no)
    ref = customer_ref(db, customer_no)
    return f"customer:{ref if is_known else UNKNOWN}"


def note_unseen(db: Database, actor: Actor, customer_no: str, *, asked: str) -> None:
    """Record that somebody asked for a customer out of their sight, or for one nobody knows.

    The two are told apart in the audit alone: whoever asks gets the same answer as late.
    """
    if db is not db.whole:
        about = subject_of(db, customer_no)
        note_refusal(db, actor, "access_out_of_scope", asked=asked, about=about)


def ticket_ref(db: Database, ticket: str) -> str:
    """What the audit keeps of a ticket: the same for the same ticket, and no way back to it."""
    key = db.keys.derive("ticket")
    return hmac.digest(key, ticket.strip().upper().encode(), hashlib.sha256).hex()[:TICKET_HEX]


def unmask_reasons() -> tuple[str, ...]:
    """Codes of the reasons for which a masked value may be asked for."""
    return tuple(reference.table("unmask_reasons")["reason"])


def export_purposes() -> tuple[str, ...]:
    """Codes of what something may be taken along for."""
    return tuple(reference.table("export_purposes")["purpose"])


def limit(connection: Connection, name: str) -> int:
    """A limit of privacy: the database's own setting, else the table of `privacy_limits`."""
    usual = reference.table("privacy_limits").set_index("name")["value"]
    held = meta.read_value(connection, name)
    return int(held) if held.isdecimal() and int(held) > 0 else int(usual[name])


def may_unmask(actor: Actor, table: str, column: str) -> bool:
    """Whether the actor may ask for this masked value, with a reason."""
    personal = personal_columns().get((table, column))
    return personal is not None and personal.may_unmask and may(actor, "unmask")


@needs("unmask")
def unmask(  # noqa: PLR0913, PLR0917
    db: Database,
    actor: Actor,
    customer_no: str,
    column: str,
    reason: str,
    ticket: str | None = None,
) -> str:
    """One value of one customer in the clear; who, when, which and why is kept in the audit."""
    ref = customer_ref(db, customer_no)
    if not may_unmask(actor, "customers", column):
        raise UserError("unmask_column_unknown", column=column)
    _check_reason(reason, ticket)
    row = customers.one(db.read(), customer_no)
    if row is None:
        about = subject_of(db, customer_no)
        refuse(db, actor, "access_out_of_scope", asked="privacy.unmask", about=about)
    _check_ticket(ticket, row)
    kept = ticket_ref(db, ticket) if ticket else None
    detail = {"column": column, "reason": reason, "ticket": kept}
    most = limit(db.read(), "unmask_a_day")

    def change(connection: Connection) -> None:
        at = real_now()
        since = at - timedelta(days=1)
        if privacy_store.times_recorded(connection, actor.id, UNMASKED, since) >= most:
            raise UserError("unmask_too_many", limit=most)
        audit.record(
            connection, actor.id, UNMASKED, at=at, subject=f"customer:{ref}", detail=detail
        )

    db.write(change)
    return "" if row[column] is None else str(row[column])


def _check_reason(reason: str, ticket: str | None) -> None:
    rows = reference.table("unmask_reasons").set_index("reason")["needs_ticket"]
    if reason not in rows.index:
        raise UserError("unmask_reason_unknown")
    if bool(rows[reason]) and not ticket:
        raise UserError("unmask_ticket_needed")


def _check_ticket(ticket: str | None, row: Mapping[str, Any]) -> None:
    """Refuse a ticket that is no ticket; one made of the customer's own data proves no order."""
    if not ticket:
        return
    if len(ticket) > LONGEST_TICKET or not _TICKET.fullmatch(ticket):
        raise UserError("unmask_ticket_unreadable", longest=LONGEST_TICKET)
    secrets = [row[name] for name in ("name", "phone", "address", "customer_no")]
    if any(value is not None and gives_away(ticket, str(value)) for value in secrets):
        raise UserError("unmask_ticket_tells")


def _under(personal: PersonalColumn, value: Any) -> Any:
    if personal.mask in MASKS:
        return masked(value, personal.mask)
    return _special(personal.mask, value)


def _special(mask: str, value: Any) -> Any:
    """A place or a withheld figure is gone; of an outage's scope only customers are masked."""
    if mask == "scope" and isinstance(value, str):
        return _CUSTOMER_PART.sub(lambda part: part.group(1) + mask_account(part.group(2)), value)
    return None


def _cipher(db: Database) -> AESSIV:
    return AESSIV(db.keys.derive(PURPOSE))
