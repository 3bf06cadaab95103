"""Calls of the open window are put to outages by the rule, again and again while calls come in."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import audit, meta, outages, units
from app.store import call_groups as store
from app.store import fault_reports as report_store
from app.store.database import Connection, Database
from app.use_cases import work_order_settling
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.call_groups import Groups, group
from grid_cells.cells import centres

WINDOW: Final = timedelta(hours=12)
"""How long a call that waits for supply is looked at again."""
LEAST_CALLERS: Final = 2
"""One caller alone stays a report: an outage of calls needs two who agree."""
EVERY_S: Final = 5.0
RESTS: Final = 12
"""Silence says more as it lasts: so many times later calls are looked at without a new one."""
GROUPED: Final = "calls_grouped"
"""Up to which version of calls and outages they were grouped, as the store keeps it."""
SYSTEM: Final = "system"
CANCELLED: Final = "cancelled"
_LOG = logging.getLogger("gridcells")


def regroup(db: Database) -> int:
    """How many calls changed their outage; runs for everybody, and moves nothing put by hand.

    Calls for which a crew must come then get their orders.
    """
    moved = _grouped(db.whole)
    work_order_settling.settle_kindly(db, clock_now(db.whole) - WINDOW)
    return moved


def _grouped(whole: Database) -> int:
    now = clock_now(whole)
    connection, since = whole.read(), now - WINDOW
    version = _version(connection)  # what comes meanwhile is looked at next time
    calls = store.open_calls(connection, since, now)
    if calls.empty:
        if meta.read_value(connection, GROUPED) != version:
            whole.write(lambda writing: keep_grouped(writing, version))
        return 0
    known = store.known_outages(connection, since, now)
    found = group(calls, known, store.network(connection, now), now=pd.Timestamp(now))
    day = day_of(connection, now)

    def change(writing: Connection) -> int:
        moved = _put(writing, calls, found, now, day)
        keep_grouped(writing, version)
        return moved

    return whole.write(change)


def day_of(connection: Connection, now: datetime) -> str:
    """The company's day as ids have it: YYMMDD."""
    zone = ZoneInfo(units.timezone(connection) or "UTC")
    return now.astimezone(zone).strftime("%y%m%d")


def _put(
    connection: Connection, calls: pd.DataFrame, found: Groups, now: datetime, day: str
) -> int:
    """Write what changed: new outages, what they reach, who is in them."""
    ids = _outages_of(connection, calls, found, day)
    told = found.calls.merge(calls, on="report_id", suffixes=("", "_held"))
    told["to"] = told["group_key"].map(ids)
    # what came or was moved while the groups were found is left for the next time
    rows = report_store.of_ids(connection, told["report_id"].tolist()).set_index("report_id")
    before, to = (told[name].astype("str").fillna("") for name in ("outage_id", "to"))
    is_same = before == told["report_id"].map(rows["outage_id"]).astype("str").fillna("")
    why = pd.Series(
        [_reason(code, of) for code, of in zip(told["code"], told["figures"], strict=True)],
        index=told.index, dtype="object",
    )  # fmt: skip
    # a call that followed a name to an outage not in force is on its own, and told why
    is_let_go = (told["code"] == "not_in_force") & (to == "")
    is_let_go &= why != told["report_id"].map(rows["group_reason"]).astype("object")
    moves = ((to != before) & (to != "")) | is_let_go
    moved = told[is_same & ~told["is_fixed"].astype(bool) & moves]
    if len(moved):
        members = pd.DataFrame(
            {
                "report_id": moved["report_id"],
                "outage_id": moved["to"].astype("object").where(moved["to"].notna(), None),
                "grouped_by": "rule",
                "group_reason": why[moved.index],
            }
        )
        store.put(connection, members, at=now, actor=SYSTEM)
    emptied = cancel_empty(connection)
    if len(moved) or emptied:
        detail = {
            "reports": len(moved),
            "outages": int(moved["to"].nunique()),
            "emptied": len(emptied),
        }
        audit.record(connection, SYSTEM, "calls_grouped", at=real_now(), detail=detail)
    return len(moved)


def cancel_empty(connection: Connection) -> list[str]:
    """Outages made from calls that lost their last one: called off, and told."""
    emptied = store.empty_outages(connection)
    for one in emptied:
        store.set_status(connection, one, CANCELLED)
    return emptied


def _outages_of(
    connection: Connection, calls: pd.DataFrame, found: Groups, day: str
) -> dict[str, str]:
    """The outage of each group: known, made earlier, or new; none for a single caller's."""
    ids: dict[str, str] = {}
    number = store.next_number(connection, day)
    rows = found.groups.to_dict("records")
    known = store.rows_of(connection, [str(row["group_key"]) for row in rows])
    for row in rows:
        key, scope = str(row["group_key"]), str(row["scope"] or "") or None
        held = known.get(key)
        if held is not None:
            ids[key] = key
            if (
                key.startswith(store.PREFIX)
                and row["kind"] != "known"
                and held["restored_at"] is None
            ):
                _reach(connection, held, row, scope)
        elif int(row["callers"]) >= LEAST_CALLERS and not _are_fixed(calls, found, key):
            ids[key] = f"{store.PREFIX}{day}-{number:04d}"
            number += 1
            own = calls[calls["report_id"].isin(_members(found, key))]
            store.insert_outage(
                connection,
                new_outage(ids[key], scope, row["started_at"], int(row["customers"]), own),
            )
    return ids


def _are_fixed(calls: pd.DataFrame, found: Groups, key: str) -> bool:
    """Whether nobody of a group could move: a file named an outage that was never loaded."""
    own = calls[calls["report_id"].isin(_members(found, key))]
    return bool(own["is_fixed"].astype(bool).all())


def _members(found: Groups, key: str) -> "pd.Series[str]":
    return found.calls.loc[found.calls["group_key"] == key, "report_id"]


def _reach(
    connection: Connection, held: dict[str, Any], row: dict[Any, Any], scope: str | None
) -> None:
    """What an outage made earlier reaches by the calls of now."""
    started, customers = row["started_at"], int(row["customers"])
    if (scope, customers) == (held["scope"], held["customers_affected"]) and started == held[
        "started_at"
    ]:
        return
    store.set_reach(connection, held["outage_id"], scope, started, customers)


def new_outage(
    outage_id: str, scope: str | None, started_at: Any, customers: int, calls: pd.DataFrame
) -> dict[str, Any]:
    """An outage that lies in the middle of the cell of most of its calls: no home gives it away."""
    cells = calls["cell_id"].dropna()
    cell = int(cells.mode().iloc[0]) if len(cells) else None
    lon, lat = (None, None) if cell is None else (float(v[0]) for v in centres(np.array([cell])))
    return {"outage_id": outage_id, "scope": scope, "started_at": started_at,
            "customers_affected": customers, "lon": lon, "lat": lat, "cell_id": cell}  # fmt: skip


def _reason(code: Any, figures: Any) -> str:
    told = {str(k): v for k, v in dict(figures or {}).items()}
    return json.dumps({"code": str(code), **told}, default=str, ensure_ascii=False)


class Watch:
    """When to group again: what changed since it was done last, a restart between or not."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._tried, self._rested, self._is_live = "", 0, False

    def look(self) -> None:
        """Group where calls or outages changed, and now and then; what fails is tried again later.

        The sample city's clock stands: until something comes in live, silence there says nothing.
        """
        self._rested += 1
        try:
            connection = self._db.whole.read()
            fresh, grouped = _version(connection), meta.read_value(connection, GROUPED)
            is_own = meta.read_value(connection, "origin") != "sample"
            self._is_live = self._is_live or is_own or fresh != grouped
            is_new = fresh not in (grouped, self._tried)
            if is_new or (self._is_live and self._rested >= RESTS):
                self._tried, self._rested = fresh, 0
                regroup(self._db)
        except Exception:
            _LOG.exception("calls could not be grouped")


def start(db: Database) -> Callable[[], None]:
    """Group again while calls come in, and now and then, on a thread; the result stops it."""
    stopped = threading.Event()
    watch = Watch(db)

    def run() -> None:
        while not stopped.wait(EVERY_S):
            watch.look()

    thread = threading.Thread(target=run, name="call-groups", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def keep_grouped(connection: Connection, version: str = "") -> None:
    """Note that calls are grouped as of a version, by default that of now."""
    meta.set_value(connection, GROUPED, version or _version(connection))


def _version(connection: Connection) -> str:
    return meta.versions(connection, ("reports_taken", "fault_reports", *outages.KINDS))


def regroup_kindly(db: Database) -> None:
    """Group where that can be done; else it is tried again later."""
    try:
        regroup(db)
    except Exception:
        _LOG.exception("calls could not be grouped")
