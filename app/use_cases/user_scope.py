"""Which users lie within the scope of whoever manages users."""

from app.store import scope as scope_store
from app.store import users as store
from app.store.database import Database
from app.store.scope import Scope
from app.store.users import User
from app.use_cases import access
from app.use_cases.actors import Actor
from grid_cells.errors import UserError


def managed(db: Database, actor: Actor, user_id: str, *, asked: str) -> User:
    """A user within the scope of the actor, who may manage users.

    Raises UserError `user_unknown`; whoever does not see the whole company is refused alike
    whether the user is outside their scope or does not exist.
    """
    user = store.by_id(db.whole.read(), user_id)
    if user is not None and is_within(db, actor, user.unit_id, user.area_id):
        return user
    if user is not None or access.effective(db, actor.scope) is not None:
        access.refuse(db, actor, "access_out_of_scope", asked=asked, about=f"user:{user_id}")
    raise UserError("user_unknown", user=user_id)


def is_within(db: Database, actor: Actor, unit_id: str | None, area_id: str | None) -> bool:
    """Whether a scope lies in the actor's own."""
    own = access.effective(db, actor.scope)
    if own is None:
        return True
    if own.area_id is not None:
        return (unit_id, area_id) == (own.unit_id, own.area_id)
    return unit_id is not None and unit_id in units_within(db, own)


def units_within(db: Database, scope: Scope) -> set[str]:
    """The units of a scope; none where its unit no longer exists."""
    seen = scope_store.ScopedDatabase(db.whole, scope)
    return {unit for unit, _ in scope_store.units_of(seen.read())}
