"""Questions about users and their passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of

_NAMES = "user_id, login, name, role, unit_id, area_id, oidc_subject, is_active, is_sample, crew_id"


@dataclass(frozen=True)
class User:
    """A person who may sign in."""

    user_id: str
    login: str
    name: str | None
    role: str
    unit_id: str | None
    area_id: str | None
    oidc_subject: str | None
    is_active: bool
    is_sample: bool
    crew_id: str | None = None


def next_user_id(connection: Connection) -> str:
    """An id no user has had."""
    row = connection.execute("SELECT nextval('user_ids')").fetchone()
    return str(row[0]) if row else ""


def by_id(connection: Connection, user_id: str) -> User | None:
    """The user of that id, or None."""
    return _one(connection, "user_id = ?", user_id)


def by_login(connection: Connection, login: str) -> User | None:
    """The user of that login (given as it is kept: casefolded), or None."""
    return _one(connection, "login = ?", login)


def by_subject(connection: Connection, subject: str) -> User | None:
    """The user whom the provider knows by that subject, or None."""
    return _one(connection, "oidc_subject = ?", subject)


def _one(connection: Connection, condition: str, value: str) -> User | None:
    row = connection.execute(
        f"SELECT {_NAMES} FROM users WHERE {condition} LIMIT 1", [value]
    ).fetchone()
    return None if row is None else User(*row)


def every(connection: Connection, *, at: datetime) -> pd.DataFrame:
    """All users: their columns, has_password, must_change, sessions (open ones), seen_at."""
    return frame_of(
        connection.execute(
            f"""
            SELECT {_NAMES}, created_at, changed_at, k.user_id IS NOT NULL AS has_password,
              coalesce(k.must_change, false) AS must_change,
              coalesce(s.sessions, 0)::INTEGER AS sessions, s.seen_at
            FROM users u
            LEFT JOIN (SELECT user_id, must_change FROM credentials) k USING (user_id)
            LEFT JOIN (SELECT user_id, count(*) FILTER (ended_at IS NULL AND expires_at > ?) AS sessions,
                         max(seen_at) AS seen_at FROM sessions GROUP BY user_id) s USING (user_id)
            ORDER BY is_sample, login""",
            [at],
        )
    )


def insert(connection: Connection, user: User, *, by: str, at: datetime) -> None:
    """Add a user; whoever calls has made sure that login and subject are free."""
    connection.execute(
        "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        [user.user_id, user.login, user.name, user.role, user.unit_id, user.area_id,
         user.oidc_subject, user.is_active, user.is_sample, at, by, user.crew_id],
    )  # fmt: skip


def save(connection: Connection, user: User, *, at: datetime) -> None:
    """Keep the user as given."""
    connection.execute(
        "UPDATE users SET login = ?, name = ?, role = ?, unit_id = ?, area_id = ?, oidc_subject = ?,"
        " is_active = ?, changed_at = ?, crew_id = ? WHERE user_id = ?",
        [user.login, user.name, user.role, user.unit_id, user.area_id, user.oidc_subject,
         user.is_active, at, user.crew_id, user.user_id],
    )  # fmt: skip


def names_of(connection: Connection, user_ids: Sequence[str]) -> dict[str, str]:
    """The names of users by their ids; those that are gone or blank are left out."""
    rows = connection.execute(
        "SELECT user_id, name FROM users WHERE user_id IN (SELECT unnest($ids::VARCHAR[])) AND name IS NOT NULL",
        {"ids": list(user_ids)},
    ).fetchall()
    return {str(user_id): str(name) for user_id, name in rows}


def active_samples(connection: Connection) -> list[User]:
    """The sample's own accounts that may still sign in."""
    return _some(connection, "is_active AND is_sample")


def active_of_role(connection: Connection, role: str) -> list[User]:
    """Who has the role and may sign in."""
    return _some(connection, "is_active AND role = ?", role)


def has_own(connection: Connection) -> bool:
    """Whether any account that is not the sample's may sign in."""
    row = connection.execute(
        "SELECT 1 FROM users WHERE is_active AND NOT is_sample LIMIT 1"
    ).fetchone()
    return row is not None


def _some(connection: Connection, condition: str, *values: str) -> list[User]:
    rows = connection.execute(
        f"SELECT {_NAMES} FROM users WHERE {condition} ORDER BY login", list(values)
    ).fetchall()
    return [User(*row) for row in rows]


def password_hash(connection: Connection, user_id: str) -> str | None:
    """The hash of the user's password, or None for who has none."""
    row = connection.execute(
        "SELECT password_hash FROM credentials WHERE user_id = ?", [user_id]
    ).fetchone()
    return None if row is None else str(row[0])


def must_change(connection: Connection, user_id: str) -> bool:
    """Whether the user has to choose a password before anything else."""
    row = connection.execute(
        "SELECT must_change FROM credentials WHERE user_id = ?", [user_id]
    ).fetchone()
    return row is not None and bool(row[0])


def set_password(
    connection: Connection, user_id: str, hashed: str, *, must_change: bool, at: datetime
) -> None:
    """Keep that hash in place of any other."""
    connection.execute("DELETE FROM credentials WHERE user_id = ?", [user_id])
    connection.execute(
        "INSERT INTO credentials VALUES (?, ?, ?, ?)", [user_id, hashed, must_change, at]
    )


def forget_password(connection: Connection, user_id: str) -> None:
    """Leave the user without a password."""
    connection.execute("DELETE FROM credentials WHERE user_id = ?", [user_id])


def area_unit(connection: Connection, area_id: str) -> str | None:
    """The unit to which a service area belongs in the newest plan that has it, or None."""
    row = connection.execute(
        "SELECT unit_id FROM service_areas WHERE area_id = ? ORDER BY plan_id DESC LIMIT 1",
        [area_id],
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def names_of_scope(
    connection: Connection, unit_id: str | None, area_id: str | None
) -> tuple[str | None, str | None]:
    """The names of a unit and of a service area, None where there is no such."""
    row = connection.execute(
        "SELECT (SELECT name FROM org_units WHERE unit_id = $unit LIMIT 1),"
        " (SELECT name FROM service_areas WHERE area_id = $area ORDER BY plan_id DESC LIMIT 1)",
        {"unit": unit_id, "area": area_id},
    ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def disable(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Let the user sign in no more."""
    connection.execute(
        "UPDATE users SET is_active = false, changed_at = ? WHERE user_id = ?", [at, user_id]
    )


def busiest_area(connection: Connection) -> tuple[str, str | None] | None:
    """The service area whose transformers have the most customers, and its unit, or None."""
    row = connection.execute(
        """
        SELECT a.area_id, any_value(a.unit_id) FROM service_areas a
        LEFT JOIN plan_units p USING (plan_id, area_id)
        LEFT JOIN customers c ON c.transformer_id = p.transformer_id
        GROUP BY a.area_id ORDER BY count(c.customer_no) DESC, a.area_id LIMIT 1
        """
    ).fetchone()
    return None if row is None else (str(row[0]), None if row[1] is None else str(row[1]))


def repair_crew(connection: Connection, area_id: str | None, at: datetime) -> str | None:
    """The crew that repairs in the area by day, or any crew where no area is named; None where none."""
    row = connection.execute(
        """
        SELECT c.crew_id FROM crews c LEFT JOIN area_duties d ON d.crew_id = c.crew_id AND d.area_id = $area
          AND d.duty = 'repair' AND (d.valid_from IS NULL OR d.valid_from <= $at) AND (d.valid_to IS NULL OR d.valid_to > $at)
        WHERE $area IS NULL OR d.crew_id IS NOT NULL ORDER BY d.hours, c.crew_id LIMIT 1
        """,
        {"area": area_id, "at": at},
    ).fetchone()
    return None if row is None else str(row[0])


def crew_is_known(connection: Connection, crew_id: str) -> bool:
    """Whether there is a crew of that id."""
    row = connection.execute("SELECT 1 FROM crews WHERE crew_id = ? LIMIT 1", [crew_id]).fetchone()
    return row is not None


def unit_above(connection: Connection, unit_id: str, level: str) -> str | None:
    """The unit of that level at or above another, or None."""
    row = connection.execute(
        """
        WITH RECURSIVE up AS (
          SELECT unit_id, parent_id, level, 0 AS steps FROM org_units WHERE unit_id = $unit
          UNION ALL SELECT o.unit_id, o.parent_id, o.level, u.steps + 1
          FROM org_units o JOIN up u ON o.unit_id = u.parent_id WHERE u.steps < 20
        ) SELECT unit_id FROM up WHERE level = $level ORDER BY steps LIMIT 1
        """,
        {"unit": unit_id, "level": level},
    ).fetchone()
    return None if row is None else str(row[0])


def names(connection: Connection, actors: Sequence[str]) -> dict[str, str]:
    """Names of those of the actors who are users, by the actor's id."""
    rows = connection.execute(
        "SELECT 'user:' || user_id, name FROM users WHERE list_contains(?::VARCHAR[], 'user:' || user_id)",
        [list(actors)],
    ).fetchall()
    return {str(row[0]): str(row[1]) for row in rows if row[1] is not None}
