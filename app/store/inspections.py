"""Questions about inspections, the visits chosen for them, and meters asked from afar."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from app.store import meta, work_orders
from app.store.database import Connection, frame_of

_TAKEN_HERE = (
    "inspection_id", "customer_no", "inspected_on", "outcome", "recovered_kwh", "penalty_amount",
    "order_id", "run_id", "score", "inspectors", "seals", "signature_sha256", "note", "entered_at",
    "entered_by",
)  # fmt: skip

_OVER = ("archived", "cancelled")


def known(connection: Connection, now: datetime, today: date) -> pd.DataFrame:
    """Inspections known at the moment, in the order in which they were made.

    All columns but those of the load, with cell_id, transformer_id of the customer.
    """
    return frame_of(
        connection.execute(
            """
            SELECT i.* EXCLUDE (batch_id, row_no) REPLACE (i.inspected_on::TIMESTAMP AS inspected_on), c.cell_id, c.transformer_id
            FROM inspections i LEFT JOIN customers c USING (customer_no)
            WHERE i.inspected_on <= $today AND (i.entered_at IS NULL OR i.entered_at <= $now)
            ORDER BY i.inspected_on, i.inspection_id
            """,
            {"today": today, "now": now},
        )
    )


def of_customer(
    connection: Connection, customer_no: str, now: datetime, today: date
) -> pd.DataFrame:
    """As `known`, of one customer, the latest first."""
    found = known(connection, now, today)
    return found[found["customer_no"] == customer_no].iloc[::-1].reset_index(drop=True)


def next_id(connection: Connection) -> str:
    """A number no inspection entered here has had."""
    row = connection.execute("SELECT nextval('inspection_numbers')").fetchone()
    return f"IR-{int(row[0]) if row else 0:06d}"


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an inspection entered here."""
    names = ", ".join(_TAKEN_HERE)
    marks = ", ".join(f"${name}" for name in _TAKEN_HERE)
    values = {name: row.get(name) for name in _TAKEN_HERE}
    connection.execute(f"INSERT INTO inspections ({names}) VALUES ({marks})", values)
    meta.touch_facts(connection, "inspections")


def one(connection: Connection, inspection_id: str) -> dict[str, Any] | None:
    """One inspection with its batch, or None."""
    found = frame_of(
        connection.execute("SELECT * FROM inspections WHERE inspection_id = ?", [inspection_id])
    )
    return None if found.empty else {str(k): v for k, v in found.iloc[0].to_dict().items()}


def remove(connection: Connection, inspection_id: str) -> None:
    """Take back an inspection entered here."""
    connection.execute(
        "DELETE FROM inspections WHERE inspection_id = ? AND batch_id IS NULL", [inspection_id]
    )
    meta.touch_facts(connection, "inspections")


def next_plan(connection: Connection) -> int:
    """A number no plan of visits has had."""
    row = connection.execute("SELECT nextval('inspection_plan_ids')").fetchone()
    return int(row[0]) if row else 0


def add_visit(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep why a visit was chosen."""
    names = (
        "plan_id", "order_id", "customer_no", "run_id", "score", "expected_kwh", "chosen_at",
        "chosen_by",
    )  # fmt: skip
    marks = ", ".join(f"${name}" for name in names)
    connection.execute(
        f"INSERT INTO inspection_visits ({', '.join(names)}) VALUES ({marks})",
        {name: row[name] for name in names},
    )


def visits(connection: Connection, now: datetime) -> pd.DataFrame:
    """Visits chosen by then and not taken back: their columns, with inspected, state, waiting.

    inspected: whether a result is there; state: the order's as known then; waiting: no result is
    there and the order was neither called off nor put away.
    """
    found = frame_of(
        connection.execute(
            """
            SELECT v.* EXCLUDE (undone_at, undone_by), i.inspection_id IS NOT NULL AS inspected
            FROM inspection_visits v LEFT JOIN (
              SELECT order_id, any_value(inspection_id) AS inspection_id FROM inspections
              WHERE order_id IS NOT NULL AND (entered_at IS NULL OR entered_at <= $now) GROUP BY order_id) i USING (order_id)
            WHERE v.chosen_at <= $now AND (v.undone_at IS NULL OR v.undone_at > $now)
            ORDER BY v.plan_id DESC, v.expected_kwh DESC, v.order_id
            """,
            {"now": now},
        )
    )
    orders = work_orders.of_ids(connection, found["order_id"].astype(str).tolist(), now)
    state = found["order_id"].map(orders.set_index("order_id")["state"]).astype("object")
    is_open = state.notna() & ~state.isin(_OVER)
    return found.assign(state=state, waiting=is_open & ~found["inspected"].astype(bool))


def has_result(connection: Connection, order_id: str) -> bool:
    """Whether a result stands for the visit of that order."""
    row = connection.execute(
        "SELECT 1 FROM inspections WHERE order_id = ? LIMIT 1", [order_id]
    ).fetchone()
    return row is not None


def result_of(connection: Connection, order_id: str) -> dict[str, Any] | None:
    """The result that stands for the visit of that order, or None."""
    found = frame_of(
        connection.execute(
            "SELECT entered_by, outcome, recovered_kwh, penalty_amount, signature_sha256"
            " FROM inspections WHERE order_id = ? LIMIT 1",
            [order_id],
        )
    )
    return None if found.empty else {str(k): v for k, v in found.iloc[0].to_dict().items()}


def undo_visits(
    connection: Connection, order_ids: Sequence[str], at: datetime, actor_id: str
) -> None:
    """Mark the visits of these orders as taken back."""
    connection.execute(
        "UPDATE inspection_visits SET undone_at = ?, undone_by = ?"
        " WHERE list_contains(?::VARCHAR[], order_id) AND undone_at IS NULL",
        [at, actor_id, list(order_ids)],
    )


def staff(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are members of staff."""
    rows = connection.execute(
        "SELECT staff_id FROM staff WHERE list_contains(?::VARCHAR[], staff_id)", [list(ids)]
    ).fetchall()
    return {str(row[0]) for row in rows}


def staff_names(connection: Connection) -> dict[str, str]:
    """Names of all members of staff by id."""
    rows = connection.execute("SELECT staff_id, name FROM staff ORDER BY staff_id").fetchall()
    return {str(one): str(name) for one, name in rows}


def note_check(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep what a meter answered from afar."""
    names = (
        "customer_no", "meter_id", "asked_at", "asked_by", "answered_at", "outcome", "answer",
    )  # fmt: skip
    marks = ", ".join(f"${name}" for name in names)
    connection.execute(
        f"INSERT INTO remote_checks ({', '.join(names)}) VALUES ({marks})",
        {name: row.get(name) for name in names},
    )


def checks(connection: Connection, customer_no: str, now: datetime) -> pd.DataFrame:
    """What the customer's meters answered from afar, the latest first."""
    return frame_of(
        connection.execute(
            "SELECT * FROM remote_checks WHERE customer_no = ? AND asked_at <= ? ORDER BY asked_at DESC LIMIT 20",
            [customer_no, now],
        )
    )
