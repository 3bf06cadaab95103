"""Open sessions: begun, known again at every request, ended for all who watch."""

import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, Literal, cast

from app.store import audit, meta
from app.store import sessions as store
from app.store import users as user_store
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.store.users import User
from app.use_cases.actors import Actor
from grid_cells.errors import AccessDenied

Way = Literal["local", "oidc", "proxy", "token"]
TOKEN: Final = "token"  # noqa: S105 - a word
"""The way of a program: no form, no cookie, no page, and no end for want of use."""
Watcher = Callable[[set[str]], None]

IDLE_H, LONGEST_H = 8.0, 24.0
SEEN_EVERY = timedelta(minutes=1)
TOKEN_BYTES, ID_BYTES = 32, 12
AGENT_LENGTH = 200
KNOWN_FOR_S = 30.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignIn:
    """A session just begun; the token is told this once, only the browser keeps it."""

    token: str
    session_id: str
    user_id: str
    must_change: bool


@dataclass(frozen=True)
class Session:
    """A session that holds: who acts in it, how they came in, until when it lasts untouched."""

    session_id: str
    actor: Actor
    way: Way
    must_change: bool
    expires_at: datetime


@dataclass(frozen=True)
class _Known:
    """What a session needs to know of its user and the settings, and how long that is believed."""

    user: User | None
    must_change: bool
    idle: timedelta
    until: float


def resolve(db: Database, token: str, *, at: datetime) -> Session:
    """The session that the cookie opened.

    Raises AccessDenied `session_none`, `session_unknown`, `session_expired`, `session_ended`,
    `user_disabled`.
    """
    if not token:
        raise AccessDenied("session_none")
    digest = sha256(token)
    held = db.kept(f"token:{digest}", lambda connection: store.by_token(connection, digest))
    if held is None or not hmac.compare_digest(held.token_sha256, digest):
        raise AccessDenied("session_unknown")
    return _holding(db.whole, held, at)


def of_id(db: Database, session_id: str, *, at: datetime, is_use: bool = True) -> Session:
    """The session of that id; raises AccessDenied as `resolve` does.

    `is_use`: whether its person did something, which puts off the end of an idle session.
    """
    if not session_id:
        raise AccessDenied("session_none")
    held = store.by_id(db.whole.read(), session_id)
    if held is None:
        raise AccessDenied("session_unknown")
    return _holding(db.whole, held, at, is_use=is_use)


def _holding(db: Database, held: store.Held, at: datetime, *, is_use: bool = True) -> Session:
    known = _known_user(db, held.user_id)
    if known.user is None or not known.user.is_active:
        raise AccessDenied("user_disabled")
    if held.is_ended:
        raise AccessDenied("session_ended")
    is_program = held.way == TOKEN
    expires_at = held.expires_at if is_program else min(held.expires_at, held.seen_at + known.idle)
    if at >= expires_at:
        raise AccessDenied("session_expired")
    if is_use and at - held.seen_at >= SEEN_EVERY:
        _note_seen(db, held.session_id, at)
        expires_at = held.expires_at if is_program else min(held.expires_at, at + known.idle)
    actor = actor_of(known.user, held.session_id)
    must_change = known.must_change and held.way == "local"
    return Session(held.session_id, actor, cast("Way", held.way), must_change, expires_at)


def actor_of(user: User, session_id: str | None = None) -> Actor:
    """The user as one who acts; a scope that no longer exists stays and shows nothing."""
    scope = None
    if user.unit_id is not None or user.area_id is not None:
        scope = Scope(user.unit_id or "", user.area_id)
    return Actor(
        f"user:{user.user_id}", user.name or user.login, user.role, scope, session_id, user.crew_id
    )


def begin(  # noqa: PLR0913
    connection: Connection,
    user: User,
    way: Way,
    *,
    agent: str,
    at: datetime,
    proof_sha256: str | None = None,
) -> SignIn:
    """A new session of the user, with its audit row, inside a transaction."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session_id = secrets.token_hex(ID_BYTES)
    new = store.NewSession(
        session_id, sha256(token), user.user_id, way, proof_sha256, agent[:AGENT_LENGTH]
    )
    longest = hours(connection, "session_max_h", LONGEST_H)
    store.insert(connection, new, at=at, expires_at=at + longest)
    audit.record(
        connection, f"user:{user.user_id}", "signed_in", at=at,
        subject=f"session:{session_id}", detail={"way": way},
    )  # fmt: skip
    change = way == "local" and user_store.must_change(connection, user.user_id)
    return SignIn(token, session_id, user.user_id, change)


def begin_token(connection: Connection, user: User, *, at: datetime, until: datetime) -> SignIn:
    """A new session for a program, which ends at a moment of its own; the caller audits it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session_id = secrets.token_hex(ID_BYTES)
    new = store.NewSession(session_id, sha256(token), user.user_id, TOKEN, None, "")
    store.insert(connection, new, at=at, expires_at=until)
    return SignIn(token, session_id, user.user_id, must_change=False)


def idle_of(connection: Connection) -> timedelta:
    """How long a session lasts untouched."""
    return hours(connection, "session_idle_h", IDLE_H)


def hours(connection: Connection, name: str, default: float) -> timedelta:
    """A setting in hours; the default where it is not set or no number above nought."""
    try:
        value = float(meta.read_value(connection, name) or default)
        return timedelta(hours=value) if value > 0 else timedelta(hours=default)
    except (ValueError, OverflowError):
        return timedelta(hours=default)


def sha256(text: str) -> str:
    """What the store keeps of a secret that is long and random."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def keyed(db: Database, kind: str, text: str) -> str:
    """A keyed hash, which tells nothing to who has only the database."""
    key = db.keys.derive("sign_in")
    return hmac.new(key, f"{kind}:{text}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()


# What a session's user may do is asked at every request: it is believed for half a minute, and
# forgotten at once when a use case changes a user. A session's own row is asked every time.
_known: dict[tuple[int, str], _Known] = {}
_guard = threading.Lock()
_touching: set[tuple[int, str]] = set()
_watchers: list[Watcher] = []


def _known_user(db: Database, user_id: str) -> _Known:
    key = (db.opened_as, user_id)
    held = _known.get(key)
    if held is not None and held.until > monotonic():
        return held
    connection = db.read()
    user = user_store.by_id(connection, user_id)
    must_change = user_store.must_change(connection, user_id)
    fresh = _Known(user, must_change, idle_of(connection), monotonic() + KNOWN_FOR_S)
    with _guard:
        _known[key] = fresh
    return fresh


def _note_seen(db: Database, session_id: str, at: datetime) -> None:
    """Write down on a thread of its own that the session is in use; nobody waits for it."""
    key = (db.opened_as, session_id)
    with _guard:
        if key in _touching:
            return
        _touching.add(key)

    def touch() -> None:
        try:
            db.write(lambda connection: store.touch(connection, session_id, at=at))
        finally:
            with _guard:
                _touching.discard(key)

    threading.Thread(target=touch, name="session-seen", daemon=True).start()


def watch_ended(callback: Watcher) -> Callable[[], None]:
    """Tell the callback the ids of sessions that ended, after commit, from any thread.

    The result stops it.
    """
    with _guard:
        _watchers.append(callback)

    def stop() -> None:
        with _guard:
            if callback in _watchers:
                _watchers.remove(callback)

    return stop


def tell_ended(ended: set[str]) -> None:
    """After commit: forget what was known of users, and tell whoever watches."""
    with _guard:
        _known.clear()
        watchers = list(_watchers)
    if not ended:
        return
    for callback in watchers:
        try:
            callback(set(ended))
        except Exception:
            _log.exception("a watcher of ended sessions broke")
