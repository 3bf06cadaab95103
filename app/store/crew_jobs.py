"""Questions about many orders at once, as a crew's phone keeps them: cards, evidence, parts, links."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.work_order_cards import GATE


def cards(connection: Connection, ids: Sequence[str], crew_id: str, now: datetime) -> pd.DataFrame:
    """The newest card that the crew itself filled for each order, as known at `now`.

    order_id, card (JSON text), version, filled_by, asked_at, approved_at, refused_at, refused_why.
    """
    return frame_of(
        connection.execute(
            f"""
            SELECT order_id, card, version, filled_by, {GATE}
            FROM work_order_cards WHERE list_contains($ids, order_id) AND filled_at <= $now AND crew_id = $crew
            QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY version DESC) = 1
            """,
            {"ids": list(ids), "crew": crew_id, "now": now},
        )
    )


def evidence(connection: Connection, ids: Sequence[str], now: datetime) -> pd.DataFrame:
    """Evidence of the orders without its content.

    order_id, evidence_id, kind, note, taken_at, irregularity, confirmed_at, refuted_at.
    """
    return frame_of(
        connection.execute(
            """
            SELECT order_id, evidence_id, kind, note, taken_at, irregularity,
              CASE WHEN confirmed_at <= $now THEN confirmed_at END AS confirmed_at,
              CASE WHEN refuted_at <= $now THEN refuted_at END AS refuted_at
            FROM work_order_evidence WHERE list_contains($ids, order_id) AND received_at <= $now ORDER BY evidence_id
            """,
            {"ids": list(ids), "now": now},
        )
    )


def parts(connection: Connection, ids: Sequence[str], now: datetime) -> pd.DataFrame:
    """What is on each order after all was taken and given back: order_id, code, name, quantity."""
    return frame_of(
        connection.execute(
            """
            SELECT order_id, code, arg_max(name, added_at) AS name, sum(quantity) AS quantity FROM work_order_parts
            WHERE list_contains($ids, order_id) AND added_at <= $now
            GROUP BY order_id, code HAVING sum(quantity) <> 0 ORDER BY order_id, code
            """,
            {"ids": list(ids), "now": now},
        )
    )


def links(connection: Connection, ids: Sequence[str]) -> pd.DataFrame:
    """Orders linked with these, both ways: order_id, other_order_id."""
    return frame_of(
        connection.execute(
            """
            SELECT order_id, other_order_id FROM work_order_links WHERE list_contains($ids, order_id)
            UNION SELECT other_order_id, order_id FROM work_order_links WHERE list_contains($ids, other_order_id)
            ORDER BY 1, 2
            """,
            {"ids": list(ids)},
        )
    )


def origins(connection: Connection, ids: Sequence[str]) -> pd.DataFrame:
    """What stands behind each order.

    order_id, phone and customer_no as they are, for rules and never to be shown; life_support of its
    customer; verdict of its first call.
    """
    return frame_of(
        connection.execute(
            """
            SELECT w.order_id, w.phone, w.customer_no, coalesce(c.life_support, false) AS life_support, r.verdict
            FROM work_orders w LEFT JOIN (
              SELECT customer_no, any_value(life_support) AS life_support FROM customers GROUP BY customer_no
            ) c USING (customer_no)
            LEFT JOIN (
              SELECT p.order_id, arg_min(f.verdict, f.registered_at) AS verdict
              FROM work_order_reports p JOIN fault_reports f USING (report_id) GROUP BY p.order_id
            ) r USING (order_id)
            WHERE list_contains($ids, w.order_id)
            """,
            {"ids": list(ids)},
        )
    )
