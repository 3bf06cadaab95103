"""Outages over a period: which there were, who was out in them from when to when, what was told."""

from datetime import datetime
from typing import Final

import pandas as pd

from app.store.database import Connection, frame_of, moment_of
from app.store.outage_book import HEARD
from app.store.outages import (
    ESTIMATE_AT,
    ESTIMATES_AT,
    STATUS_AT,
    TO_COME,
    TOLD_COUNTS,
    TOUCHES,
    who_is_out,
)
from grid_cells.interruptions import in_lots

_NAMES: Final = (
    "outage_id, kind, status, cause, scope, started_at, estimated_restore_at, customers_affected,"
    " parent_outage_id, lon, lat, cell_id"
)
_PAST: Final = (
    f"SELECT {_NAMES}, restored_at FROM outages WHERE {TOUCHES.replace('$last', '$known')}"
)
_AHEAD: Final = f"""
WITH {ESTIMATES_AT.replace("$known", "$then")}
SELECT {_NAMES}, {ESTIMATE_AT} AS restored_at FROM outages o LEFT JOIN told_estimates t USING (outage_id)
WHERE started_at <= $known AND {TO_COME.replace("$known", "$then")}
"""
"""Outages announced at the beginning of the span to begin in it; they end when they are meant to."""

_OUTAGES: Final = f"""
WITH chosen AS (@)
SELECT outage_id, coalesce(kind, 'fault') AS kind, {STATUS_AT.replace("$known", "$then")} AS status, cause, started_at,
  CASE WHEN restored_at <= $known THEN restored_at END AS ended_at,
  CASE WHEN outage_id NOT IN (SELECT outage_id FROM outage_estimates) THEN estimated_restore_at END AS estimated_restore_at,
  coalesce(customers_affected, 0)::BIGINT AS customers_affected, parent_outage_id, lon, lat, coalesce(cell_id, 0) AS cell_id
FROM chosen o ORDER BY started_at, outage_id
"""

# who is out in two outages at once counts in the first; the other knows of them by a shadow
_SPANS: Final = """
@,
own AS MATERIALIZED (
  SELECT d.outage_id, d.customer_no, d.out_at, d.back_at, coalesce(c.cell_id, 0) AS cell_id,
    c.importance_code IS NOT NULL AS is_important, coalesce(c.life_support, false) AS has_life_support
  FROM dark d JOIN customers c USING (customer_no)
  WHERE d.out_at <= $known AND (d.back_at IS NULL OR d.back_at > $first)
),
twice AS MATERIALIZED (SELECT customer_no FROM own GROUP BY customer_no HAVING count(*) > 1),
queued AS MATERIALIZED (
  SELECT *, max(coalesce(back_at, 'infinity'::TIMESTAMPTZ)) OVER (
    PARTITION BY customer_no ORDER BY out_at, outage_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS free_at
  FROM own SEMI JOIN twice USING (customer_no)
),
shared_out AS (
  SELECT *, false AS is_shadow FROM own ANTI JOIN twice USING (customer_no)
  UNION ALL
  SELECT * EXCLUDE (free_at) REPLACE (greatest(out_at, free_at) AS out_at), false FROM queued
  WHERE free_at IS NULL OR free_at < coalesce(back_at, 'infinity'::TIMESTAMPTZ)
  UNION ALL
  SELECT * EXCLUDE (free_at) REPLACE (nullif(least(coalesce(back_at, 'infinity'::TIMESTAMPTZ), free_at), 'infinity'::TIMESTAMPTZ) AS back_at), true
  FROM queued WHERE free_at > out_at
)
SELECT cell_id, outage_id, out_at, CASE WHEN back_at <= $known THEN back_at END AS back_at, is_shadow,
  count(*) AS customers, count(*) FILTER (is_important) AS important, count(*) FILTER (has_life_support) AS life_support,
  count(*) FILTER (is_important OR has_life_support) AS marked
FROM shared_out WHERE out_at <= $known GROUP BY ALL
UNION ALL
SELECT coalesce(cell_id, 0), outage_id, moment, CASE WHEN restored_at <= $known THEN restored_at END, NULL, change, 0, 0, 0
FROM counted JOIN chosen USING (outage_id)
ORDER BY out_at, outage_id, cell_id, is_shadow
"""

_TOLD: Final = f"""
WITH chosen AS (@)
SELECT outage_id, told_at, estimated_restore_at, true AS is_estimate, rowid AS row FROM outage_estimates SEMI JOIN chosen USING (outage_id)
WHERE told_at <= $then
UNION ALL
SELECT outage_id, moment, NULL, false, 0 FROM ({HEARD.replace("$at", "$then")}) SEMI JOIN chosen USING (outage_id)
ORDER BY told_at, outage_id, row
"""


def outages(
    connection: Connection, first: datetime, last: datetime, *, ahead: bool = False
) -> pd.DataFrame:
    """Outages in force at some moment of the span, with what is known at its end.

    Columns: outage_id, kind, status, cause, started_at, ended_at (missing: not yet), estimated_restore_at,
    customers_affected (as told), parent_outage_id, lon, lat, cell_id (0 = none). `ahead`: those announced
    to begin in the span, ending when they are meant to.
    """
    return _asked(connection, _OUTAGES, first, last, ahead=ahead)


def spans(
    connection: Connection, first: datetime, last: datetime, *, ahead: bool = False
) -> pd.DataFrame:
    """Who was out in those outages, by cell: cell_id (0 = unplaced), outage_id, out_at, back_at, customers.

    Everybody counts once at any moment: is_shadow marks those who count in another outage at that
    time. Also important (with a grade of importance) and life_support among the customers, and how many
    have either mark.
    """
    who = who_is_out(_AHEAD if ahead else _PAST)
    chosen = f"{who}, {TOLD_COUNTS}".replace("s.step_at <= $known", "s.step_at <= $then")
    found = _asked(connection, _SPANS.replace("@", chosen), first, last, ahead=ahead)
    return _by_lots(found, first) if found["is_shadow"].isna().any() else found


def _by_lots(found: pd.DataFrame, first: datetime) -> pd.DataFrame:
    """The spans, those that are changes of a count as the lots that they make."""
    told = found["is_shadow"].isna()
    named = {"out_at": "began", "back_at": "ended"}
    made = in_lots(found[told].rename(columns=named))
    made = made[made["ended"].isna() | (made["ended"] > pd.Timestamp(first))]
    lots = made.rename(columns={new: old for old, new in named.items()}).assign(is_shadow=False)
    every = pd.concat([found[~told], lots], ignore_index=True).astype({"is_shadow": "bool"})
    order = ["out_at", "outage_id", "cell_id", "is_shadow"]
    return every.sort_values(order, kind="stable", ignore_index=True)


def told(
    connection: Connection, first: datetime, last: datetime, *, ahead: bool = False
) -> pd.DataFrame:
    """What was told of those outages up to the end, in order: outage_id, told_at, estimated_restore_at, is_estimate."""
    return _asked(connection, _TOLD, first, last, ahead=ahead)


def _asked(
    connection: Connection, sql: str, first: datetime, last: datetime, *, ahead: bool = False
) -> pd.DataFrame:
    # of what is announced nothing is known that comes after the beginning of the span
    chosen = sql.replace("@", _AHEAD if ahead else _PAST)
    chosen = chosen.replace("$then", "$first" if ahead else "$known")
    return frame_of(connection.execute(chosen, {"first": first, "known": last}))


def last_change(connection: Connection, at: datetime) -> datetime | None:
    """The last moment up to `at` at which an outage began, changed by a step or ended."""
    return moment_of(connection.execute(f"SELECT max(t) FROM ({_CHANGES}) WHERE t <= ?", [at]))


def last_telling(connection: Connection, at: datetime) -> datetime | None:
    """The last moment up to `at` at which an outage changed or anything was told or heard of one."""
    return moment_of(
        connection.execute(f"SELECT max(t) FROM ({_CHANGES} {_TELLINGS}) WHERE t <= ?", [at])
    )


_CHANGES: Final = """
SELECT unnest([started_at, restored_at]) AS t FROM outages UNION ALL SELECT step_at FROM outage_steps
"""
# most calls of a storm belong to no outage yet, and tell of none
_TELLINGS: Final = """
UNION ALL SELECT told_at FROM outage_estimates UNION ALL SELECT happened_at FROM outage_events
UNION ALL SELECT unnest([registered_at, told_at, accepted_at, arrived_at, restored_at]) FROM fault_reports WHERE outage_id IS NOT NULL
"""


def told_version(connection: Connection) -> str:
    """A word that changes whenever anything was told or heard of an outage."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM outage_events),"
        " (SELECT [count(*), count(told_at), count(accepted_at), count(arrived_at), count(restored_at),"
        " bit_xor(hash(report_id, outage_id))] FROM fault_reports WHERE outage_id IS NOT NULL)"
    ).fetchone()
    return f"{estimates_told(connection)} {row}"


def estimates_told(connection: Connection) -> int:
    """How many estimates were ever told."""
    row = connection.execute("SELECT count(*) FROM outage_estimates").fetchone()
    return int(row[0]) if row else 0
