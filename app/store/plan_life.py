"""What was done with plans as wholes: their states, terms, deeds, comments and exceptions."""

from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of, register
from grid_cells.plan_life import Term


def list_plans(connection: Connection) -> pd.DataFrame:
    """Every plan, newest first, with its state, its term, who made it, and how many strokes it has had.

    plan_id, name, basis, status, valid_from, valid_to, created_at, created_by, based_on, strokes, is_drawn (here).
    """
    return frame_of(
        connection.execute(
            """
            SELECT p.plan_id, p.name, p.basis, p.status, p.valid_from, p.valid_to, p.created_at, p.created_by,
              d.based_on, coalesce(s.strokes, 0) AS strokes, d.plan_id IS NOT NULL AS is_drawn
            FROM service_plans p LEFT JOIN plan_drafts d USING (plan_id)
            LEFT JOIN (SELECT plan_id, count(*) AS strokes FROM draft_strokes GROUP BY plan_id) s USING (plan_id)
            ORDER BY p.plan_id DESC
            """
        )
    )


def set_state(connection: Connection, plan_id: int, state: str) -> None:
    """Write the state of a plan."""
    connection.execute("UPDATE service_plans SET status = ? WHERE plan_id = ?", [state, plan_id])


def rename(connection: Connection, plan_id: int, name: str) -> None:
    """Write another name of a plan."""
    connection.execute("UPDATE service_plans SET name = ? WHERE plan_id = ?", [name, plan_id])


def add_deed(connection: Connection, deed: dict[str, Any]) -> None:
    """Write what was done with a plan: plan_id, done_at, actor, deed, note."""
    connection.execute(
        "INSERT INTO plan_deeds VALUES ($plan_id, $done_at, $actor, $deed, nullif($note, ''))", deed
    )


def deeds(connection: Connection, plan_id: int) -> pd.DataFrame:
    """What was done with a plan, oldest first: done_at, actor, actor_name, deed, note."""
    return frame_of(
        connection.execute(
            "SELECT d.done_at, d.actor, u.name AS actor_name, d.deed, d.note FROM plan_deeds d"
            " LEFT JOIN users u ON d.actor = 'user:' || u.user_id WHERE d.plan_id = ? ORDER BY d.done_at",
            [plan_id],
        )
    )


def drawers(connection: Connection, plan_id: int) -> set[str]:
    """Everybody who began the draft or made a stroke in it."""
    rows = connection.execute(
        "SELECT created_by FROM service_plans WHERE plan_id = $plan"
        " UNION SELECT actor FROM draft_strokes WHERE plan_id = $plan",
        {"plan": plan_id},
    ).fetchall()
    return {str(row[0]) for row in rows if row[0] is not None}


def put_in_force(
    connection: Connection, term: Term, claims: pd.DataFrame, areas: pd.DataFrame
) -> None:
    """Write a plan's claims and areas and the time for which it is in force.

    claims: transformer_id, cell_id (0 where none), area_id; areas: area_id, name, hall_id, unit_id.
    """
    asked = {"plan": term.plan_id, "begins": term.begins, "ends": term.ends}
    register(connection, "incoming", claims)
    connection.execute(
        "INSERT INTO plan_units (plan_id, transformer_id, cell_id, area_id, claim_basis, valid_from, valid_to)"
        " SELECT $plan, transformer_id, nullif(cell_id, 0), area_id, 'drawn', $begins, $ends FROM incoming",
        asked,
    )
    register(connection, "incoming", areas)
    connection.execute(
        "INSERT INTO service_areas (plan_id, area_id, name, hall_id, unit_id)"
        " SELECT $plan, area_id, name, hall_id, unit_id FROM incoming",
        {"plan": term.plan_id},
    )
    connection.unregister("incoming")
    connection.execute(
        "UPDATE service_plans SET status = 'published', valid_from = $begins, valid_to = $ends WHERE plan_id = $plan",
        asked,
    )


def carry_overrides(
    connection: Connection, source: int, plan_id: int, *, begins: datetime | None
) -> None:
    """Let the overrides that hold in one plan from that moment on, or later, hold in another.

    Overrides to areas that the new plan does not have end with the old one.
    """
    connection.execute(
        """
        INSERT INTO assignment_overrides (plan_id, transformer_id, customer_no, area_id, reason, valid_from, valid_to)
        SELECT $plan, transformer_id, customer_no, area_id, reason, greatest(valid_from, $begins), valid_to
        FROM assignment_overrides
        WHERE plan_id = $source AND area_id IN (SELECT area_id FROM service_areas WHERE plan_id = $plan)
          AND ($begins IS NULL OR valid_to IS NULL OR valid_to > $begins)
          AND (valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to)
        """,
        {"source": source, "plan": plan_id, "begins": begins},
    )


def copy_claims(
    connection: Connection, source: int, plan_id: int, *, at: datetime, begins: datetime
) -> None:
    """Give a plan the claims that another had at a moment, from `begins` on, and all its areas."""
    asked = {"source": source, "plan": plan_id, "at": at, "begins": begins}
    connection.execute(
        "INSERT INTO plan_units (plan_id, transformer_id, cell_id, area_id, share, claim_basis, valid_from)"
        " SELECT $plan, transformer_id, cell_id, area_id, share, claim_basis, $begins FROM plan_units"
        " WHERE plan_id = $source AND (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)",
        asked,
    )
    connection.execute(
        "INSERT INTO service_areas (plan_id, area_id, name, hall_id, unit_id, geometry)"
        " SELECT $plan, area_id, name, hall_id, unit_id, geometry FROM service_areas WHERE plan_id = $source",
        {"source": source, "plan": plan_id},
    )


def insert_published(connection: Connection, plan: dict[str, Any]) -> None:
    """Write a plan that is published at once: plan_id, name, basis, begins, created_at, created_by."""
    connection.execute(
        "INSERT INTO service_plans (plan_id, name, basis, status, valid_from, created_at, created_by)"
        " VALUES ($plan_id, $name, $basis, 'published', $begins, $created_at, $created_by)",
        plan,
    )


def add_comment(connection: Connection, comment: dict[str, Any]) -> None:
    """Write a comment: comment_id, plan_id, cell_id, made_at, actor, text."""
    connection.execute(
        "INSERT INTO plan_comments (comment_id, plan_id, cell_id, made_at, actor, text)"
        " VALUES ($comment_id, $plan_id, $cell_id, $made_at, $actor, $text)",
        comment,
    )


def settle_comment(connection: Connection, comment_id: str, *, actor: str, at: datetime) -> None:
    """Note that a comment was dealt with."""
    connection.execute(
        "UPDATE plan_comments SET settled_at = ?, settled_by = ? WHERE comment_id = ?",
        [at, actor, comment_id],
    )


def comments(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Comments on a plan, oldest first: comment_id, cell_id (0 none), made_at, actor, actor_name, text, settled_at."""
    return frame_of(
        connection.execute(
            "SELECT c.comment_id, coalesce(c.cell_id, 0) AS cell_id, c.made_at, c.actor, u.name AS actor_name, c.text,"
            " c.settled_at FROM plan_comments c LEFT JOIN users u ON c.actor = 'user:' || u.user_id"
            " WHERE c.plan_id = ? ORDER BY c.made_at",
            [plan_id],
        )
    )


def add_exception(connection: Connection, exception: dict[str, Any]) -> None:
    """Write that an area may break a rule: plan_id, area_id, rule, reason, actor, made_at.

    A later reason replaces the earlier one.
    """
    connection.execute(
        "DELETE FROM plan_exceptions WHERE plan_id = $plan_id AND area_id = $area_id AND rule = $rule",
        {n: exception[n] for n in ("plan_id", "area_id", "rule")},
    )
    connection.execute(
        "INSERT INTO plan_exceptions VALUES ($plan_id, $area_id, $rule, $reason, $actor, $made_at)",
        exception,
    )


def exceptions(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Rules that areas may break: area_id, rule, reason, actor, made_at."""
    return frame_of(
        connection.execute(
            "SELECT area_id, rule, reason, actor, made_at FROM plan_exceptions WHERE plan_id = ? ORDER BY 1, 2",
            [plan_id],
        )
    )
