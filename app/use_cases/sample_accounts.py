"""The accounts that come with the sample city, one for each role, known to everybody."""

from dataclasses import dataclass
from functools import cache

from app.store import audit, meta
from app.store import sessions as session_store
from app.store import users as store
from app.store.database import Connection, Database
from app.use_cases.actors import ADMIN, Actor
from app.use_cases.clock import real_now
from app.use_cases.passwords import ARGON2, Passwords
from grid_cells.errors import UserError

_PEOPLE = (
    ("manager", "manager", "Manager 经理", "company"),
    ("planner", "planner", "Planner 规划员", "county"),
    ("dispatcher", "dispatcher", "Dispatcher 调度员", "company"),
    ("analyst", "analyst", "Analyst 分析员", "company"),
    ("auditor", "auditor", "Auditor 审计员", "company"),
    ("crew", "crew", "Repair crew 抢修员", "area"),
    ("clerk", "hall_clerk", "Hall clerk 营业员", "station"),
    ("inspector", "inspector", "Inspector 稽查员", "county"),
    ("admin", ADMIN, "Admin 管理员", "company"),
)
"""Login, role, name, and how much of the company each sees."""


@dataclass(frozen=True)
class SampleAccount:
    """An account as the sign-in page shows it while the sample runs."""

    login: str
    role: str
    name: str
    password: str


def password_of(login: str) -> str:
    """The password of a sample account: public, so that anybody can look round the sample."""
    return f"sample-city-{login}"


def create(connection: Connection, actor: Actor, hashes: dict[str, str]) -> list[str]:
    """Logins of the accounts made inside a transaction; a login already taken is left alone."""
    made = []
    at = real_now()
    for login, role, name, breadth in _PEOPLE:
        if store.by_login(connection, login) is not None:
            continue
        unit_id, area_id = _scope(connection, breadth)
        user_id = store.next_user_id(connection)
        crew_id = store.repair_crew(connection, area_id, at) if role == "crew" else None
        user = store.User(user_id, login, name, role, unit_id, area_id, None, True, True, crew_id)
        store.insert(connection, user, by=actor.id, at=at)
        store.set_password(connection, user_id, hashes[login], must_change=False, at=at)
        audit.record(
            connection, actor.id, "user_added", at=at, subject=f"user:{user_id}",
            detail={"role": role, "unit_id": unit_id, "area_id": area_id, "is_sample": True},
        )  # fmt: skip
        made.append(login)
    return made


@cache
def hashes(passwords: Passwords = ARGON2) -> dict[str, str]:
    """The hashes to keep, worked out before the transaction and once: they take their time."""
    return {login: passwords.hashed(password_of(login)) for login, *_ in _PEOPLE}


def _scope(connection: Connection, breadth: str) -> tuple[str | None, str | None]:
    """The area with the most customers, or the station or county it lies in; else the whole."""
    if breadth == "company":
        return None, None
    area = store.busiest_area(connection)
    if area is None or area[1] is None:
        return None, None
    area_id, unit_id = area[0], area[1]
    if breadth == "area":
        return unit_id, area_id
    return store.unit_above(connection, unit_id, breadth) or unit_id, None


def shown(db: Database) -> list[SampleAccount]:
    """The accounts to show on the sign-in page: none once anybody's own data are loaded."""
    connection = db.whole.read()
    if meta.read_value(connection, "origin") != "sample":
        return []
    order = [login for login, *_ in _PEOPLE]
    return [
        SampleAccount(user.login, user.role, user.name or user.login, password_of(user.login))
        for user in sorted(store.active_samples(connection), key=lambda u: order.index(u.login))
    ]


def end(connection: Connection, actor_id: str = "gridcells") -> set[str]:
    """Disable the sample's accounts inside a transaction; ids of their sessions, ended with them.

    Call `sessions.tell_ended` with them after commit.
    """
    at = real_now()
    ended: set[str] = set()
    for user in store.active_samples(connection):
        store.disable(connection, user.user_id, at=at)
        gone = session_store.end_of_user(connection, user.user_id, at=at, why="sample_ended")
        audit.record(
            connection, actor_id, "user_disabled", at=at, subject=f"user:{user.user_id}",
            detail={"why": "sample_ended", "sessions": len(gone)},
        )  # fmt: skip
        ended |= gone
    return ended


def check_end(db: Database, actor: Actor) -> None:
    """Raise UserError `sample_needs_admin` where loading own data would leave no admin.

    That is so for somebody signed in by an account of the sample, which the load ends, while no
    admin of one's own exists; the command line can always add one.
    """
    connection = db.whole.read()
    if meta.read_value(connection, "origin") != "sample" or not actor.id.startswith("user:"):
        return
    user = store.by_id(connection, actor.id.removeprefix("user:"))
    if user is None or not user.is_sample:
        return
    if not any(not admin.is_sample for admin in store.active_of_role(connection, ADMIN)):
        raise UserError("sample_needs_admin")


def check_runs(connection: Connection) -> None:
    """Raise UserError `user_of_sample` once the sample's accounts have ended for good."""
    if meta.read_value(connection, "origin") != "sample":
        raise UserError("user_of_sample")
