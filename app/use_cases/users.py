"""Who may sign in: added, changed, disabled by whoever manages users, within their own scope."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from app.store import audit, places
from app.store import scope as scope_store
from app.store import sessions as session_store
from app.store import sign_in as failure_store
from app.store import users as store
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.store.users import User
from app.use_cases import access, roles, sample_accounts
from app.use_cases.access import needs
from app.use_cases.actors import ADMIN, Actor
from app.use_cases.clock import real_now
from app.use_cases.live_sessions import actor_of, keyed, tell_ended
from app.use_cases.passwords import ARGON2, Passwords
from app.use_cases.roles import EVERYBODY
from app.use_cases.user_scope import is_within, managed, units_within
from grid_cells import sign_in as rules
from grid_cells.errors import UserError

NAME_LENGTH = 80


@dataclass(frozen=True)
class UserWish:
    """What a user is to be; no unit is the whole company, a crew is whom the phone belongs to."""

    login: str
    name: str
    role: str
    unit_id: str | None = None
    area_id: str | None = None
    oidc_subject: str | None = None
    crew_id: str | None = None


@dataclass(frozen=True)
class Account:
    """One's own account."""

    user_id: str
    login: str
    name: str
    role: str
    unit_id: str | None
    unit_name: str | None
    area_id: str | None
    area_name: str | None
    has_password: bool
    must_change: bool
    is_sample: bool


@needs("manage_users")
def list_users(db: Database, actor: Actor) -> pd.DataFrame:
    """Users whom the actor may manage, one a row, as the store's `every` names them."""
    frame = store.every(db.whole.read(), at=real_now())
    within = [
        is_within(db, actor, unit if isinstance(unit, str) else None,
                   area if isinstance(area, str) else None)
        for unit, area in zip(frame["unit_id"], frame["area_id"], strict=True)
    ]  # fmt: skip
    return frame[within].reset_index(drop=True)


@needs("manage_users")
def crews(db: Database, actor: Actor) -> pd.DataFrame:  # noqa: ARG001 - asked above
    """The crews in sight with which a user may work: crew_id, name."""
    return places.listing(db, "crew")[["crew_id", "name"]]


@needs("manage_users")
def add_user(
    db: Database, actor: Actor, wish: UserWish, *, passwords: Passwords = ARGON2
) -> tuple[str, str | None]:
    """Id of the new user, and the password for their first sign-in, told this once.

    Whoever signs in by the provider (`oidc_subject`) gets no password.
    """
    wish = _checked(db, actor, wish, asked="users.add_user")
    password = None if wish.oidc_subject else rules.one_time_password(secrets.SystemRandom())
    hashed = passwords.hashed(password) if password else None
    at = real_now()

    def change(connection: Connection) -> str:
        _check_free(connection, wish, but=None)
        user_id = store.next_user_id(connection)
        store.insert(connection, _user(user_id, wish), by=actor.id, at=at)
        if hashed is not None:
            store.set_password(connection, user_id, hashed, must_change=True, at=at)
        _record(connection, actor, "user_added", user_id, at=at, detail=_ids(wish))
        return user_id

    return db.whole.write(change), password


@needs("manage_users")
def change_user(db: Database, actor: Actor, user_id: str, wish: UserWish) -> None:
    """Make the user what the wish says; anything but the name ends their sessions."""
    asked = "users.change_user"
    held = managed(db, actor, user_id, asked=asked)
    if held.is_sample:
        raise UserError("user_of_sample")
    wish = _checked(db, actor, wish, asked=asked)
    if wish.role != ADMIN:
        _keep_own_admin(db, actor, held, asked=asked)
    at = real_now()

    def change(connection: Connection) -> set[str]:
        before = store.by_id(connection, user_id) or held
        after = replace(_user(user_id, wish), is_active=before.is_active)
        _check_free(connection, wish, but=user_id)
        _check_admin_left(connection, before, after)
        store.save(connection, after, at=at)
        _record(connection, actor, "user_changed", user_id, at=at, detail=_ids(wish))
        if replace(before, name=after.name) == after:
            return set()
        return session_store.end_of_user(connection, user_id, at=at, why="user_changed")

    tell_ended(db.whole.write(change))


@needs("manage_users")
def set_active(db: Database, actor: Actor, user_id: str, active: bool) -> None:
    """Let the user sign in, or no more: then their sessions end."""
    asked = "users.set_active"
    held = managed(db, actor, user_id, asked=asked)
    if not active:
        _keep_own_admin(db, actor, held, asked=asked)
    at = real_now()

    def change(connection: Connection) -> set[str]:
        before = store.by_id(connection, user_id) or held
        _check_admin_left(connection, before, replace(before, is_active=active))
        if active and before.is_sample:
            sample_accounts.check_runs(connection)
        store.save(connection, replace(before, is_active=active), at=at)
        event = "user_enabled" if active else "user_disabled"
        _record(connection, actor, event, user_id, at=at)
        if active:
            return set()
        return session_store.end_of_user(connection, user_id, at=at, why="user_disabled")

    tell_ended(db.whole.write(change))


@needs("manage_users")
def reset_password(
    db: Database, actor: Actor, user_id: str, *, passwords: Passwords = ARGON2
) -> str:
    """A password for one sign-in, told this once; the user's sessions and any lock end."""
    held = managed(db, actor, user_id, asked="users.reset_password")
    if held.is_sample:
        raise UserError("user_of_sample")
    password = rules.one_time_password(secrets.SystemRandom())
    hashed = passwords.hashed(password)
    at = real_now()

    def change(connection: Connection) -> set[str]:
        store.set_password(connection, user_id, hashed, must_change=True, at=at)
        failure_store.forget_failures(connection, keyed(db, "login", held.login))
        _record(connection, actor, "password_reset", user_id, at=at)
        return session_store.end_of_user(connection, user_id, at=at, why="password_reset")

    tell_ended(db.whole.write(change))
    return password


@needs(EVERYBODY)
def my_account(db: Database, actor: Actor) -> Account:
    """The account of whoever acts; UserError `user_unknown` for who acts without one."""
    connection = db.whole.read()
    user = store.by_id(connection, actor.id.removeprefix("user:"))
    if user is None:
        raise UserError("user_unknown", user=actor.name)
    unit_name, area_name = store.names_of_scope(connection, user.unit_id, user.area_id)
    return Account(
        user_id=user.user_id, login=user.login, name=user.name or user.login, role=user.role,
        unit_id=user.unit_id, unit_name=unit_name, area_id=user.area_id, area_name=area_name,
        has_password=store.password_hash(connection, user.user_id) is not None,
        must_change=store.must_change(connection, user.user_id), is_sample=user.is_sample,
    )  # fmt: skip


@needs("manage_users")
def of_login(db: Database, actor: Actor, login: str) -> User:
    """The user of that login, within the actor's scope; UserError `user_unknown`."""
    return managed(db, actor, _named(db, login).user_id, asked="users.of_login")


@needs("manage_users")
def one(db: Database, actor: Actor, user_id: str) -> User:
    """The user of that id, within the actor's scope; UserError `user_unknown`."""
    return managed(db, actor, user_id, asked="users.one")


def acting_as(db: Database, actor: Actor, login: str, *, command: str) -> Actor:
    """The user of that login, as whom a command is run; the audit keeps who ran it."""
    user = _named(db, login)
    if not user.is_active:
        raise UserError("user_unknown", user=login)
    db.whole.write(
        lambda connection: _record(
            connection, actor, "command_run_as", user.user_id, at=real_now(),
            detail={"command": command},
        )
    )  # fmt: skip
    return actor_of(user)


def _named(db: Database, login: str) -> User:
    user = store.by_login(db.whole.read(), rules.login_of(login))
    if user is None:
        raise UserError("user_unknown", user=login)
    return user


def _checked(db: Database, actor: Actor, wish: UserWish, *, asked: str) -> UserWish:
    """The wish in the form in which it is kept; raises UserError or AccessDenied."""
    login, name = rules.login_of(wish.login), wish.name.strip()
    rules.check_login(login)
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise UserError("user_name_form", most=NAME_LENGTH)
    if wish.role not in roles.permissions_by_role():
        known = ", ".join(roles.permissions_by_role())
        raise UserError("user_role_unknown", role=wish.role, known=known)
    tidy = replace(
        wish, login=login, name=name, unit_id=wish.unit_id or None, area_id=wish.area_id or None,
        oidc_subject=(wish.oidc_subject or "").strip() or None,
        crew_id=(wish.crew_id or "").strip() or None,
    )  # fmt: skip
    _check_crew(db, tidy)
    return _placed(db, actor, tidy, asked=asked)


def _check_crew(db: Database, wish: UserWish) -> None:
    """Only a crew in sight can be given; one that the user already has may stay."""
    if wish.crew_id is None or store.crew_is_known(db.read(), wish.crew_id):
        return
    held = store.by_login(db.whole.read(), wish.login)
    if held is None or held.crew_id != wish.crew_id:
        raise UserError("user_crew_unknown", crew=wish.crew_id)


def _placed(db: Database, actor: Actor, wish: UserWish, *, asked: str) -> UserWish:
    """The wish with the unit of its area, once its scope is found to exist within the actor's."""
    if wish.area_id is not None and wish.unit_id is None:
        wish = replace(wish, unit_id=store.area_unit(db.whole.read(), wish.area_id))
    if not is_within(db, actor, wish.unit_id, wish.area_id):
        about = f"unit:{wish.unit_id or ''}"
        access.refuse(db, actor, "access_out_of_scope", asked=asked, about=about)
    known = {unit for unit, _ in scope_store.units_of(db.whole.read())}
    if wish.unit_id is not None and wish.unit_id not in known:
        raise UserError("user_unit_unknown", unit=wish.unit_id)
    if wish.area_id is not None:
        unit_of_area = store.area_unit(db.whole.read(), wish.area_id)
        if unit_of_area is None or unit_of_area not in units_within(db, Scope(wish.unit_id or "")):
            raise UserError("user_area_unknown", area=wish.area_id)
    return wish


def _check_free(connection: Connection, wish: UserWish, *, but: str | None) -> None:
    """No two users share a login or a provider's subject; the tables themselves do not hold it."""
    named = store.by_login(connection, wish.login)
    if named is not None and named.user_id != but:
        raise UserError("user_login_taken", login=wish.login)
    if wish.oidc_subject is None:
        return
    subject = store.by_subject(connection, wish.oidc_subject)
    if subject is not None and subject.user_id != but:
        raise UserError("user_subject_taken", login=subject.login)


def _keep_own_admin(db: Database, actor: Actor, held: User, *, asked: str) -> None:
    if actor.id == f"user:{held.user_id}" and held.role == ADMIN:
        access.refuse(db, actor, "user_own_admin", asked=asked, about=actor.id)


def _check_admin_left(connection: Connection, before: User, after: User) -> None:
    """Somebody active must go on managing the whole company, where somebody did."""
    top = [unit for unit, parent in scope_store.units_of(connection) if parent is None]
    wholes = (None, *top) if len(top) == 1 else (None,)

    def manages_all(user: User) -> bool:
        is_whole = user.area_id is None and user.unit_id in wholes
        return is_whole and user.is_active and user.role == ADMIN

    if not manages_all(before) or manages_all(after):
        return
    others = store.active_of_role(connection, ADMIN)
    if not any(manages_all(other) and other.user_id != before.user_id for other in others):
        raise UserError("user_last_admin", login=before.login)


def _user(user_id: str, wish: UserWish) -> User:
    return User(
        user_id, wish.login, wish.name, wish.role, wish.unit_id, wish.area_id, wish.oidc_subject,
        is_active=True, is_sample=False, crew_id=wish.crew_id,
    )  # fmt: skip


def _ids(wish: UserWish) -> dict[str, str | None]:
    ids = {"role": wish.role, "unit_id": wish.unit_id, "area_id": wish.area_id}
    return ids if wish.crew_id is None else {**ids, "crew_id": wish.crew_id}


def _record(  # noqa: PLR0913
    connection: Connection,
    actor: Actor,
    event: str,
    user_id: str,
    *,
    at: datetime,
    detail: dict[str, str | None] | None = None,
) -> None:
    audit.record(connection, actor.id, event, at=at, subject=f"user:{user_id}", detail=detail)
