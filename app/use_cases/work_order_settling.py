"""Orders of calls made and mended by rule: one for each outage or lone call, joined by later calls.

Where calls are put to other outages, by the rule or by hand, their orders follow.
"""

import logging
from datetime import datetime
from typing import Final

from app.store import work_order_making as store
from app.store.database import Connection, Database
from app.use_cases import work_order_alignment, work_order_joining
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.work_order_making import SYSTEM, Row, of_calls, rows_of

_AT_ONCE: Final = 200
"""So many groups of calls a transaction: calls that come in meanwhile must not wait for all."""
_LOG = logging.getLogger("gridcells")


def settle(db: Database, since: datetime) -> None:
    """Make and mend the orders of calls registered since then, many at a time, until all are."""
    whole = db.whole
    now = clock_now(whole)
    left = _left(whole.read(), now, since)
    while left:
        is_done = whole.write(lambda writing: settled(writing, SYSTEM, now, since, most=_AT_ONCE))
        # an order that followed its calls may have been another's to end in
        if is_done and store.misplaced(whole.read(), now).empty:
            return
        before, left = left, _left(whole.read(), now, since)
        if left >= before:  # what cannot be mended now is looked at with the next call
            return


def _left(connection: Connection, now: datetime, since: datetime) -> int:
    """Calls that wait for an order or lie in a wrong one."""
    return len(store.waiting(connection, now, since)) + len(store.misplaced(connection, now))


def settle_kindly(db: Database, since: datetime) -> None:
    """As `settle`; what fails is tried again with the next call."""
    try:
        settle(db, since)
    except Exception:
        _LOG.exception("orders could not be made of calls")


def settled(
    connection: Connection, actor: Actor, now: datetime, since: datetime, *,
    most: int | None = None,
) -> bool:  # fmt: skip
    """Make and mend orders inside a transaction, those that lie wrong first; whether none was left.

    `most`: so many groups of calls of either sort are looked at, all without it.
    """
    is_aligned = work_order_alignment.align(connection, actor, now, most)
    calls = rows_of(store.waiting(connection, now, since))
    groups = _by_outage(calls)
    chosen = dict(list(groups.items())[:most])
    held = store.open_of_outages(connection, [key for key in chosen if key], now)
    first = held.drop_duplicates("outage_id").set_index("outage_id")["order_id"].to_dict()
    joins = {
        str(first[key]): [str(row["report_id"]) for row in rows]
        for key, rows in chosen.items()
        if key in first
    }
    work_order_joining.join(connection, actor, joins, now)
    new = [rows for key, rows in chosen.items() if key not in first]
    of_calls(connection, actor, new, now, source="rule")
    return is_aligned and len(chosen) == len(groups)


def _by_outage(calls: list[Row]) -> dict[str, list[Row]]:
    """Calls by their outage, those without by themselves."""
    groups: dict[str, list[Row]] = {}
    for row in calls:
        groups.setdefault(row["outage_id"] or f"\0{row['report_id']}", []).append(row)
    return groups
