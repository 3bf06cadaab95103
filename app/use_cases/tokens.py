"""Tokens: sessions that an administrator begins for a program, with an end of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.store import audit
from app.store.database import Connection, Database
from app.use_cases import roles
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.live_sessions import begin_token
from app.use_cases.user_scope import managed
from grid_cells.errors import UserError

MACHINE: Final = "machine"
USUAL_DAYS: Final = 365
MOST_DAYS: Final = 1095


@dataclass(frozen=True)
class Token:
    """A token, told this once; the store keeps its hash alone."""

    token: str
    session_id: str
    expires_at: datetime


@needs("manage_users")
def issue(db: Database, actor: Actor, user_id: str, *, days: int = USUAL_DAYS) -> Token:
    """A token for an account of a program; it can be ended like any session.

    Raises UserError `user_unknown`, `user_token_role` for people's accounts, `user_token_days`.
    """
    user = managed(db, actor, user_id, asked="tokens.issue")
    if not user.is_active:
        raise UserError("user_unknown", user=user.login)
    if roles.family_of(user.role) != MACHINE:
        raise UserError("user_token_role", login=user.login, role=user.role)
    if not 1 <= days <= MOST_DAYS:
        raise UserError("user_token_days", most=MOST_DAYS)
    at = real_now()
    until = at + timedelta(days=days)

    def change(connection: Connection) -> Token:
        opened = begin_token(connection, user, at=at, until=until)
        audit.record(
            connection, actor.id, "token_issued", at=at, subject=f"session:{opened.session_id}",
            detail={"user": user.user_id, "days": days},
        )  # fmt: skip
        return Token(opened.token, opened.session_id, until)

    return db.whole.write(change)
