"""The one place where a use case's right to run is checked, and where a refusal is recorded."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Concatenate, NoReturn, ParamSpec, TypeVar, cast

from app.store import audit, subjects
from app.store import scope as scope_store
from app.store.database import Connection, Database
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import roles
from app.use_cases.actors import Actor
from grid_cells.errors import AccessDenied

P = ParamSpec("P")
T = TypeVar("T")
UseCase = Callable[Concatenate[Database, Actor, P], T]


def needs(permission: str, *, whole: bool = False) -> Callable[[UseCase[P, T]], UseCase[P, T]]:
    """A use case that only runs for roles with the permission, and only sees the actor's scope.

    The use case gets the database as the actor may see it; `whole` refuses actors whose scope is
    less than the whole company.
    """

    def wrap(use_case: UseCase[P, T]) -> UseCase[P, T]:
        name = f"{use_case.__module__.rpartition('.')[2]}.{use_case.__name__}"

        @functools.wraps(use_case)
        def checked(db: Database, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> T:
            check(db, actor, permission, asked=name)
            seen = within(db, actor)
            if whole and seen is not db.whole:
                refuse(db, actor, "access_whole_only", asked=name, permission=permission)
            return use_case(seen, actor, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]
        return cast("UseCase[P, T]", checked)

    return wrap


def may(actor: Actor, permission: str) -> bool:
    """Whether the actor's role has the permission."""
    return roles.permits(actor.role, permission)


def check(db: Database, actor: Actor, permission: str, *, asked: str) -> None:
    """Refuse, with an audit row, an actor whose role lacks the permission."""
    if not may(actor, permission):
        refuse(db, actor, "access_no_permission", asked=asked, permission=permission)


def check_unit(db: Database, actor: Actor, unit_id: str | None, *, asked: str) -> None:
    """Refuse, with an audit row, a unit outside the sight `db`; alike whether or not it exists."""
    if unit_id is None or db is db.whole:
        return
    if unit_id in {unit for unit, _ in scope_store.units_of(db.read())}:
        return
    refuse(db, actor, "access_out_of_scope", asked=asked, about=f"unit:{unit_id}")


def within(db: Database, actor: Actor) -> Database:
    """The database as the actor may see it."""
    scope = effective(db, actor.scope)
    if scope is None:
        return db.whole
    return db if db.seen_as == scope.word else ScopedDatabase(db.whole, scope)


def effective(db: Database, scope: Scope | None) -> Scope | None:
    """The scope, or None where it is the only unit at the top of the tree: then it is the whole."""
    if scope is None or scope.area_id is not None:
        return scope
    tops = [unit for unit, parent in scope_store.units_of(db.whole.read()) if parent is None]
    return None if tops == [scope.unit_id] else scope


def refuse(  # noqa: PLR0913
    db: Database, actor: Actor, code: str, *, asked: str, permission: str = "", about: str = "",
    **told: object,
) -> NoReturn:  # fmt: skip
    """Record the refusal, then raise it; `told` is for the person alone, not for the audit.

    What it is `about` is kept only where the store has such a thing: anybody can ask for an id
    that is a name or a phone number.
    """
    note_refusal(db, actor, code, asked=asked, permission=permission, about=about)
    raise AccessDenied(
        code, asked=asked, permission=permission, role=actor.role, about=about, **told
    )


def note_refusal(  # noqa: PLR0913
    db: Database, actor: Actor, code: str, *, asked: str, permission: str = "", about: str = ""
) -> None:
    """Record a refusal of which the person need not be told."""
    detail = {"code": code, "asked": asked, "permission": permission, "role": actor.role}
    at = datetime.now(UTC)

    def note(connection: Connection) -> None:
        subject = subjects.as_known(connection, about)
        audit.record(connection, actor.id, "access_refused", at=at, subject=subject, detail=detail)

    db.write(note)
