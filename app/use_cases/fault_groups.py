"""Calls of the open window put to outages by the rule; split, moved and merged by hand; taken back."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import audit, meta, units
from app.store import call_groups as store
from app.store import fault_reports as report_store
from app.store.database import Connection, Database
from app.use_cases.access import needs, note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.call_groups import Groups, group
from grid_cells.cells import centres
from grid_cells.errors import UserError

WINDOW: Final = timedelta(hours=12)
"""How long a call that waits for supply is looked at again."""
LEAST_CALLERS: Final = 2
"""One caller alone stays a report: an outage of calls needs two who agree."""
EVERY_S: Final = 5.0
SYSTEM: Final = "system"
BY_HAND: Final = '{"code": "by_hand"}'
CANCELLED: Final = "cancelled"


def regroup(db: Database) -> int:
    """How many calls changed their outage; runs for everybody, and moves nothing put by hand."""
    whole = db.whole
    now = clock_now(whole)
    connection, since = whole.read(), now - WINDOW
    calls = store.open_calls(connection, since, now)
    if calls.empty:
        return 0
    known = store.known_outages(connection, since, now)
    found = group(calls, known, store.network(connection, now), now=pd.Timestamp(now))
    zone = ZoneInfo(units.timezone(connection) or "UTC")
    day = now.astimezone(zone).strftime("%y%m%d")
    return whole.write(lambda writing: _put(writing, calls, found, now, day))


def _put(
    connection: Connection, calls: pd.DataFrame, found: Groups, now: datetime, day: str
) -> int:
    """Write what changed: new outages, what they reach, who is in them."""
    ids = _outages_of(connection, calls, found, day)
    told = found.calls.merge(calls, on="report_id", suffixes=("", "_held"))
    told["to"] = told["group_key"].map(ids)
    # what came or was moved while the groups were found is left for the next time
    rows = report_store.of_ids(connection, told["report_id"].tolist()).set_index("report_id")
    is_same = told["outage_id"].fillna("") == told["report_id"].map(rows["outage_id"]).fillna("")
    moved = told[is_same & ~told["is_fixed"].astype(bool) & (told["to"].fillna("") != told["outage_id"].fillna(""))]
    moved = moved[moved["to"].notna()]
    if len(moved):
        members = pd.DataFrame(
            {"report_id": moved["report_id"], "outage_id": moved["to"], "grouped_by": "rule",
             "group_reason": [_reason(c, f) for c, f in zip(moved["code"], moved["figures"], strict=True)]}
        )  # fmt: skip
        store.put(connection, members, at=now, actor=SYSTEM)
    emptied = store.empty_outages(connection)
    for one in emptied:
        store.set_status(connection, one, CANCELLED)
    if len(moved) or emptied:
        detail = {"reports": len(moved), "outages": int(moved["to"].nunique()), "emptied": len(emptied)}
        audit.record(connection, SYSTEM, "calls_grouped", at=real_now(), detail=detail)
    return len(moved)


def _outages_of(
    connection: Connection, calls: pd.DataFrame, found: Groups, day: str
) -> dict[str, str]:
    """The outage of each group: known, made earlier, or new; none for a single caller's."""
    ids: dict[str, str] = {}
    number = store.next_number(connection, day)
    for row in found.groups.to_dict("records"):
        key, scope = str(row["group_key"]), str(row["scope"] or "") or None
        held = store.outage(connection, key)
        if held is not None:
            ids[key] = key
            if key.startswith(store.PREFIX) and row["kind"] != "known" and held["restored_at"] is None:
                _reach(connection, held, row, scope)
        elif int(row["callers"]) >= LEAST_CALLERS:
            ids[key] = f"{store.PREFIX}{day}-{number:04d}"
            number += 1
            own = calls[calls["report_id"].isin(_members(found, key))]
            store.insert_outage(
                connection, _new_outage(ids[key], scope, row["started_at"], int(row["customers"]), own)
            )
    return ids


def _members(found: Groups, key: str) -> "pd.Series[str]":
    return found.calls.loc[found.calls["group_key"] == key, "report_id"]


def _reach(connection: Connection, held: dict[str, Any], row: dict[Any, Any], scope: str | None) -> None:
    """What an outage made earlier reaches by the calls of now."""
    started, customers = row["started_at"], int(row["customers"])
    if (scope, customers) == (held["scope"], held["customers_affected"]) and started == held["started_at"]:
        return
    store.set_reach(connection, held["outage_id"], scope, started, customers)


def _new_outage(
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


# --- by hand -------------------------------------------------------------------------------------


@needs("run_outages")
def split(db: Database, actor: Actor, reports: Sequence[str]) -> str:
    """Id of a new outage that these calls now make on their own."""
    rows = _seen(db, actor, reports)
    now, connection = clock_now(db), db.read()
    day = now.astimezone(ZoneInfo(units.timezone(connection) or "UTC")).strftime("%y%m%d")

    def change(writing: Connection) -> str:
        new = f"{store.PREFIX}{day}-{store.next_number(writing, day):04d}"
        _keep(writing, actor, "split", rows, now)
        scope = _scope_of(rows)
        count = store.count_customers(writing, scope) if scope else 0
        store.insert_outage(writing, _new_outage(new, scope, rows["registered_at"].min(), count, rows))
        _move(writing, actor, rows["report_id"].tolist(), new, now)
        _note(writing, actor, "calls_split", new, len(rows))
        return new

    return db.write(change)


@needs("run_outages")
def move(db: Database, actor: Actor, reports: Sequence[str], outage_id: str) -> None:
    """Put these calls to another outage; UserError `outage_unknown`, `outage_is_over`."""
    rows, now = _seen(db, actor, reports), clock_now(db)
    _open_outage(db, actor, outage_id, now)

    def change(writing: Connection) -> None:
        _keep(writing, actor, "move", rows, now)
        _move(writing, actor, rows["report_id"].tolist(), outage_id, now)
        _note(writing, actor, "calls_moved", outage_id, len(rows))

    db.write(change)


@needs("run_outages")
def merge(db: Database, actor: Actor, outage_id: str, into: str) -> None:
    """Put every call of an outage made from calls to another one; the emptied one is called off.

    Raises UserError `outage_unknown`, `outage_is_over`, `outage_not_from_calls`, `outage_same`.
    """
    now = clock_now(db)
    if outage_id == into:
        raise UserError("outage_same")
    first, target = _open_outage(db, actor, outage_id, now), _open_outage(db, actor, into, now)
    if not outage_id.startswith(store.PREFIX):
        raise UserError("outage_not_from_calls", outage=outage_id)
    reports = store.calls_of(db.whole.read(), outage_id)
    rows = _seen(db, actor, reports)

    def change(writing: Connection) -> None:
        _keep(writing, actor, "merge", rows, now, also=(into,))
        if into.startswith(store.PREFIX):
            scope = ";".join(dict.fromkeys(_parts(target["scope"]) + _parts(first["scope"]))) or None
            started = min(first["started_at"], target["started_at"])
            count = store.count_customers(writing, scope) if scope else 0
            store.set_reach(writing, into, scope, started, count)
        _move(writing, actor, reports, into, now)
        _note(writing, actor, "outages_merged", into, len(reports))

    db.write(change)


@needs("run_outages")
def undo(db: Database, actor: Actor) -> str:
    """Take back one's own last split, move or merge; which it was.

    Raises UserError `groups_nothing_to_undo`, and `groups_moved_since` where somebody moved one of
    the calls by hand after it.
    """
    now = clock_now(db)

    def change(writing: Connection) -> str:
        act = store.last_act(writing, actor.id)
        if act is None:
            raise UserError("groups_nothing_to_undo")
        reports = [one["report_id"] for one in act["reports"]]
        if store.has_later_act(writing, act["act_id"], reports):
            raise UserError("groups_moved_since")
        for row in act["outages"]:
            store.put_back(writing, row)
        if act["reports"]:
            store.put(writing, pd.DataFrame(act["reports"]), at=now, actor=actor.id)
        _cancel_empty(writing)
        store.end_act(writing, act["act_id"], now)
        _note(writing, actor, "groups_undone", "", len(reports))
        return str(act["act"])

    return db.write(change)


def _seen(db: Database, actor: Actor, reports: Sequence[str]) -> pd.DataFrame:
    """The calls asked for; raises UserError `fault_report_unknown` for one out of sight."""
    wanted = list(dict.fromkeys(reports))
    rows = report_store.of_ids(db.read(), wanted)
    missing = set(wanted) - set(rows["report_id"])
    if missing or not wanted:
        _unseen(db, actor, "fault_report_unknown", report=min(missing, default="")[:64])
    return rows.sort_values(["registered_at", "report_id"], ignore_index=True)


def _open_outage(db: Database, actor: Actor, outage_id: str, now: datetime) -> dict[str, Any]:
    row = store.outage(db.read(), outage_id)
    if row is None or row["started_at"] > now:
        _unseen(db, actor, "outage_unknown", outage=outage_id[:64])
    is_over = row["restored_at"] is not None and row["restored_at"] <= now
    if is_over or row["status"] in (CANCELLED, "ended"):
        raise UserError("outage_is_over", outage=outage_id)
    return row


def _unseen(db: Database, actor: Actor, code: str, **values: Any) -> NoReturn:
    if db.whole is not db:
        note_refusal(db, actor, "access_out_of_scope", asked="fault_groups")
    raise UserError(code, **values)


def _keep(
    connection: Connection, actor: Actor, act: str, rows: pd.DataFrame, now: datetime,
    also: Sequence[str] = (),
) -> None:  # fmt: skip
    touched = dict.fromkeys([*rows["outage_id"].dropna(), *also])
    store.keep_act(
        connection, act, reports=rows["report_id"].tolist(), outage_ids=list(touched), at=now,
        actor=actor.id,
    )  # fmt: skip


def _move(
    connection: Connection, actor: Actor, reports: Sequence[str], outage_id: str, now: datetime
) -> None:
    members = pd.DataFrame({"report_id": list(reports)}).assign(
        outage_id=outage_id, grouped_by="hand", group_reason=BY_HAND
    )
    store.put(connection, members, at=now, actor=actor.id)
    _cancel_empty(connection)


def _cancel_empty(connection: Connection) -> None:
    for one in store.empty_outages(connection):
        store.set_status(connection, one, CANCELLED)


def _note(connection: Connection, actor: Actor, event: str, outage_id: str, count: int) -> None:
    subject = f"outage:{outage_id}" if outage_id.startswith(store.PREFIX) else ""
    audit.record(
        connection, actor.id, event, at=real_now(), subject=subject, detail={"reports": count}
    )


def _scope_of(rows: pd.DataFrame) -> str | None:
    """What calls taken out by hand say is dark: one customer alone, else their transformers."""
    customers = rows["customer_no"].dropna().unique()
    if len(rows) == 1 and len(customers) == 1:
        return f"customer:{customers[0]}"
    lines = sorted(rows["transformer_id"].dropna().unique())
    return ";".join(f"transformer:{one}" for one in lines) or None


def _parts(scope: str | None) -> list[str]:
    return [part.strip() for part in (scope or "").split(";") if part.strip()]


# --- while the server runs -----------------------------------------------------------------------


def start(db: Database) -> Callable[[], None]:
    """Group again every few seconds while calls come in, on a thread of its own; the result stops it."""
    stopped = threading.Event()

    def run() -> None:
        seen = _version(db)
        while not stopped.wait(EVERY_S):
            fresh = _version(db)
            if fresh != seen:
                _regroup_kindly(db)
                seen = _version(db)

    thread = threading.Thread(target=run, name="call-groups", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _version(db: Database) -> str:
    return meta.versions(db.whole.read(), ("reports_taken", "fault_reports"))


def _regroup_kindly(db: Database) -> None:
    """A group that cannot be found now is looked for again with the next call."""
    try:
        regroup(db)
    except Exception:
        _LOG.exception("calls could not be grouped")
