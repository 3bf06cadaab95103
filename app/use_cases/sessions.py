"""Coming in by any way, going out, and one's own password."""

from datetime import datetime

import pandas as pd

from app.store import audit
from app.store import sessions as store
from app.store import sign_in as failure_store
from app.store import users as user_store
from app.store.database import Connection, Database
from app.store.users import User
from app.use_cases import access
from app.use_cases import sample_accounts as samples
from app.use_cases import sign_in_refusals as refusals
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.live_sessions import (
    Session,
    SignIn,
    begin,
    idle_of,
    keyed,
    of_id,
    resolve,
    sha256,
    tell_ended,
    watch_ended,
)
from app.use_cases.passwords import ARGON2, Passwords
from app.use_cases.roles import EVERYBODY
from app.use_cases.sample_accounts import SampleAccount
from app.use_cases.user_scope import managed
from grid_cells import sign_in as rules
from grid_cells.errors import UserError

__all__ = [
    "SampleAccount", "Session", "SignIn", "change_password", "end_session", "has_accounts",
    "list_sessions", "of_id", "resolve", "sample_accounts", "sign_in_local", "sign_in_oidc",
    "sign_in_proxy", "sign_out", "sign_out_user", "tell_ended", "watch_ended",
]  # fmt: skip


def sign_in_local(  # noqa: PLR0913
    db: Database,
    login: str,
    password: str,
    *,
    source: str,
    agent: str,
    at: datetime,
    passwords: Passwords = ARGON2,
) -> SignIn:
    """A new session of the user with that login and password; `source` is a place.

    Unknown, disabled and wrong take the same steps and end in the same error. Raises UserError
    `sign_in_failed`, `sign_in_wait` (seconds), `sign_in_locked` (minutes), `sign_in_busy`.
    """
    whole, name = db.whole, rules.login_of(login)
    keys = (keyed(whole, "login", name), keyed(whole, "source", rules.source_of(source)))
    after = _count_try(whole, keys, at)
    user = user_store.by_login(whole.read(), name)
    kept = user_store.password_hash(whole.read(), user.user_id if user is not None else "")
    may_enter = user is not None and user.is_active
    fits = passwords.fits(kept if may_enter else None, password)

    def change(connection: Connection) -> SignIn | None:
        again = user_store.by_login(connection, name)
        if not fits or again is None or not again.is_active:
            refusals.note(whole, connection, f"login:{keys[0][:12]}", "sign_in_failed", keys[1], at)
            return None
        failure_store.forget_failures(connection, *keys)
        return begin(connection, again, "local", agent=agent, at=at)

    opened = whole.write(change)
    if opened is None:
        raise _locked(after) if after.locked_until else UserError("sign_in_failed")
    return opened


def _count_try(db: Database, keys: tuple[str, str], at: datetime) -> rules.Standing:
    """How things stand after this try, which counts as failed until the password is found right.

    It is counted first, so that many tries at once are no more than many in a row. A try made
    while one should wait counts too; one made during a lock does not, so that the lock ends.
    """

    def change(connection: Connection) -> tuple[rules.Standing, rules.Standing]:
        own, everywhere = failure_store.failures(connection, *keys, at=at)
        before = rules.standing(own, everywhere, at)
        after = before
        if before.locked_until is None:
            own = rules.one_more(own, at)
            after = rules.standing(own, everywhere + 1, at)
            failure_store.keep_failures(
                connection, *keys, failed=own, locked_until=after.locked_until
            )
        if not before.may_try:
            code = "sign_in_locked" if after.locked_until else "sign_in_wait"
            refusals.note(db, connection, f"login:{keys[0][:12]}", code, keys[1], at)
        return before, after

    before, after = db.write(change)
    if before.may_try:
        return after
    raise _locked(after) if after.locked_until else UserError("sign_in_wait", seconds=after.wait_s)


def _locked(standing: rules.Standing) -> UserError:
    minutes = -(-standing.wait_s // 60)
    return UserError("sign_in_locked", minutes=minutes, seconds=standing.wait_s)


def sign_in_oidc(db: Database, subject: str, *, proof: str, agent: str, at: datetime) -> SignIn:
    """A new session of the user whom the provider calls `subject`.

    `proof` is the provider's cookie: once a session that it opened is over, it opens no other.
    Raises UserError `sign_in_no_account`, `sign_in_replayed`.
    """
    whole, spent = db.whole, sha256(proof)
    stranger = f"subject:{keyed(whole, 'subject', subject)[:12]}"

    def change(connection: Connection) -> SignIn | str:
        user = user_store.by_subject(connection, subject) if subject else None
        if user is None or not user.is_active:
            return _coded(whole, connection, stranger, "sign_in_no_account", at)
        if store.is_spent(connection, spent, at=at, idle=idle_of(connection)):
            return _coded(whole, connection, f"user:{user.user_id}", "sign_in_replayed", at)
        return begin(connection, user, "oidc", agent=agent, at=at, proof_sha256=spent)

    return _opened(whole.write(change))


def sign_in_proxy(db: Database, login: str, *, agent: str, at: datetime) -> SignIn:
    """A new session of the user whom the trusted proxy names; UserError `sign_in_no_account`."""
    whole, name = db.whole, rules.login_of(login)
    stranger = f"login:{keyed(whole, 'login', name)[:12]}"

    def change(connection: Connection) -> SignIn | str:
        user = user_store.by_login(connection, name)
        if user is None or not user.is_active:
            return _coded(whole, connection, stranger, "sign_in_no_account", at)
        return begin(connection, user, "proxy", agent=agent, at=at)

    return _opened(whole.write(change))


def _coded(db: Database, connection: Connection, subject: str, code: str, at: datetime) -> str:
    """The code of a refusal by a provider or a proxy, which vouches for where the person is."""
    refusals.note(db, connection, subject, code, code, at)
    return code


def _opened(answer: SignIn | str) -> SignIn:
    if isinstance(answer, str):
        raise UserError(answer)
    return answer


def sign_out(db: Database, session_id: str, *, at: datetime, why: str = "signed_out") -> None:
    """End the session; nothing where it is over already."""

    def change(connection: Connection) -> set[str]:
        held = store.by_id(connection, session_id)
        ended = store.end(connection, session_id, at=at, why=why)
        if held is not None and ended:
            event = "signed_out" if why == "signed_out" else "session_ended"
            audit.record(
                connection, f"user:{held.user_id}", event, at=at,
                subject=f"session:{session_id}", detail={"why": why},
            )  # fmt: skip
        return ended

    tell_ended(db.whole.write(change))


@needs(EVERYBODY)
def sign_out_user(db: Database, actor: Actor, user_id: str) -> int:
    """How many sessions ended: all of one's own, or of a user whom the actor may manage."""
    user = _manageable(db, actor, user_id, asked="sessions.sign_out_user")
    at = real_now()

    def change(connection: Connection) -> set[str]:
        ended = store.end_of_user(connection, user.user_id, at=at, why="ended_everywhere")
        _record_ended(connection, actor, ended, why="ended_everywhere", at=at)
        return ended

    ended = db.whole.write(change)
    tell_ended(ended)
    return len(ended)


@needs(EVERYBODY)
def end_session(db: Database, actor: Actor, session_id: str) -> None:
    """End one session, of one's own or of a user whom the actor may manage."""
    held = store.by_id(db.whole.read(), session_id)
    owner = held.user_id if held is not None else ""
    _manageable(db, actor, owner, asked="sessions.end_session")
    at = real_now()

    def change(connection: Connection) -> set[str]:
        ended = store.end(connection, session_id, at=at, why="ended")
        _record_ended(connection, actor, ended, why="ended", at=at)
        return ended

    tell_ended(db.whole.write(change))


def _manageable(db: Database, actor: Actor, user_id: str, *, asked: str) -> User:
    """The user, where it is the actor or one whom the actor may manage."""
    if actor.id == f"user:{user_id}" and (user := user_store.by_id(db.whole.read(), user_id)):
        return user
    access.check(db, actor, "manage_users", asked=asked)
    return managed(db, actor, user_id, asked=asked)


def _record_ended(
    connection: Connection, actor: Actor, ended: set[str], *, why: str, at: datetime
) -> None:
    for session_id in sorted(ended):
        audit.record(
            connection, actor.id, "session_ended", at=at, subject=f"session:{session_id}",
            detail={"why": why},
        )  # fmt: skip


@needs(EVERYBODY)
def list_sessions(db: Database, actor: Actor) -> pd.DataFrame:
    """One's own open sessions: session_id, way, agent, created_at, seen_at, expires_at, is_this."""
    connection = db.whole.read()
    user_id = actor.id.removeprefix("user:")
    frame = store.open_of_user(connection, user_id, at=real_now(), idle=idle_of(connection))
    return frame.assign(is_this=frame["session_id"] == (actor.session_id or ""))


@needs(EVERYBODY)
def change_password(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    old: str,
    new: str,
    *,
    at: datetime,
    passwords: Passwords = ARGON2,
) -> None:
    """Choose one's own password; every other session of one's own ends.

    Raises UserError `password_wrong`, `password_same`, what the password rule says, and
    `sign_in_wait` or `sign_in_locked` for who guesses the old one.
    """
    whole = db.whole
    user = user_store.by_id(whole.read(), actor.id.removeprefix("user:"))
    kept = user_store.password_hash(whole.read(), user.user_id) if user is not None else None
    if user is None or kept is None:
        raise UserError("password_none")
    if user.is_sample:
        raise UserError("user_of_sample")
    if rules.password_of(old) == rules.password_of(new):
        raise UserError("password_same")
    rules.check_password(new, user.login)
    keys = (keyed(whole, "login", user.login), keyed(whole, "changing", user.user_id))
    _count_try(whole, keys, at)
    if not passwords.fits(kept, old):
        subject = f"user:{user.user_id}"
        whole.write(lambda c: _coded(whole, c, subject, "password_wrong", at))
        raise UserError("password_wrong")
    hashed = passwords.hashed(new)

    def change(connection: Connection) -> set[str]:
        failure_store.forget_failures(connection, *keys)
        user_store.set_password(connection, user.user_id, hashed, must_change=False, at=at)
        audit.record(
            connection, actor.id, "password_changed", at=at, subject=f"user:{user.user_id}"
        )
        ended = store.end_of_user(
            connection, user.user_id, at=at, why="password_changed", but=actor.session_id
        )
        _record_ended(connection, actor, ended, why="password_changed", at=at)
        return ended

    tell_ended(whole.write(change))


def sample_accounts(db: Database) -> list[SampleAccount]:
    """The sample's accounts, to be shown on the sign-in page; none once own data are loaded."""
    return samples.shown(db)


def has_accounts(db: Database) -> bool:
    """Whether anybody but the sample's accounts may sign in."""
    return user_store.has_own(db.whole.read())
