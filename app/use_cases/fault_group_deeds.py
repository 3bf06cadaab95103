"""Groups of calls put right by hand: split, moved, merged, taken back; no call is ever lost."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

import pandas as pd

from app.store import audit
from app.store import call_groups as store
from app.store import fault_reports as report_store
from app.store.database import Connection, Database
from app.use_cases import work_order_settling
from app.use_cases.access import needs, note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.fault_groups import CANCELLED, WINDOW, cancel_empty, day_of, new_outage
from grid_cells.errors import UserError


@needs("run_outages")
def split(db: Database, actor: Actor, reports: Sequence[str]) -> str:
    """Id of a new outage that these calls now make on their own."""
    rows = _seen(db, actor, reports)
    now = clock_now(db)
    day = day_of(db.read(), now)

    def change(writing: Connection) -> str:
        new = f"{store.PREFIX}{day}-{store.next_number(writing, day):04d}"
        act = _keep(writing, actor, "split", rows, now)
        scope = _scope_of(rows)
        count = store.count_customers(writing, scope) if scope else 0
        store.insert_outage(
            writing, new_outage(new, scope, rows["registered_at"].min(), count, rows)
        )
        _move(writing, actor, rows["report_id"].tolist(), new, now)
        _seal(writing, act, rows, new)
        _note(writing, actor, "calls_split", new, len(rows))
        return new

    return db.write(change)


@needs("run_outages")
def move(db: Database, actor: Actor, reports: Sequence[str], outage_id: str) -> None:
    """Put these calls to another outage; UserError `outage_unknown`, `outage_is_over`."""
    rows, now = _seen(db, actor, reports), clock_now(db)
    _open_outage(db, actor, outage_id, now)

    def change(writing: Connection) -> None:
        act = _keep(writing, actor, "move", rows, now)
        _move(writing, actor, rows["report_id"].tolist(), outage_id, now)
        _seal(writing, act, rows, outage_id)
        _note(writing, actor, "calls_moved", outage_id, len(rows))

    db.write(change)


@needs("run_outages")
def merge(db: Database, actor: Actor, outage_id: str, into: str) -> None:
    """Put every call of an outage made from calls to another one; the emptied one is called off.

    Raises UserError `outage_unknown`, `outage_is_over`, `outage_not_from_calls`, `outage_same`,
    `groups_beyond_sight`.
    """
    now = clock_now(db)
    if outage_id == into:
        raise UserError("outage_same")
    first, target = _open_outage(db, actor, outage_id, now), _open_outage(db, actor, into, now)
    if not outage_id.startswith(store.PREFIX):
        raise UserError("outage_not_from_calls", outage=outage_id)
    reports = store.calls_of(db.whole.read(), outage_id)
    if len(report_store.of_ids(db.read(), reports)) < len(reports):
        _unseen(db, actor, "groups_beyond_sight", outage=outage_id)
    rows = _seen(db, actor, reports)

    def change(writing: Connection) -> None:
        act = _keep(writing, actor, "merge", rows, now, also=(into,))
        if into.startswith(store.PREFIX):
            scope = (
                ";".join(dict.fromkeys(_parts(target["scope"]) + _parts(first["scope"]))) or None
            )
            started = min(first["started_at"], target["started_at"])
            count = store.count_customers(writing, scope) if scope else 0
            store.set_reach(writing, into, scope, started, count)
        _move(writing, actor, reports, into, now)
        _seal(writing, act, rows, into)
        _note(writing, actor, "outages_merged", into, len(reports))

    db.write(change)


@needs("run_outages")
def undo(db: Database, actor: Actor) -> str:
    """Take back one's own last split, move or merge; which it was.

    Raises UserError `groups_nothing_to_undo`, `groups_moved_since` where somebody moved one of the
    calls by hand after it, and `groups_outage_changed` where one of the outages was closed, opened
    again, restored in part or otherwise worked on since: that would be lost or left half.
    """
    now = clock_now(db)

    def change(writing: Connection) -> str:
        act = store.last_act(writing, actor.id)
        if act is None:
            raise UserError("groups_nothing_to_undo")
        reports = [one["report_id"] for one in act["reports"]]
        if store.has_later_act(writing, act["act_id"], reports):
            raise UserError("groups_moved_since")
        now_standing = store.standing(writing, list(act["after"]))
        changed = [one for one, told in act["after"].items() if now_standing.get(one) != told]
        if changed:
            raise UserError("groups_outage_changed", outage=min(changed))
        for row in act["outages"]:
            if row["outage_id"].startswith(store.PREFIX):  # no act changes another
                store.put_back(writing, row)
        if act["reports"]:
            store.put(writing, pd.DataFrame(act["reports"]), at=now, actor=actor.id)
        cancel_empty(writing)
        work_order_settling.settled(writing, actor, now, now - WINDOW)
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
    ended = row["restored_at"]
    # one that ends later than now is told as ended already, and is not yet
    is_over = row["status"] == "ended" if ended is None else ended <= now
    if is_over or row["status"] == CANCELLED:
        raise UserError("outage_is_over", outage=outage_id)
    return row


def _unseen(db: Database, actor: Actor, code: str, **values: Any) -> NoReturn:
    if db.whole is not db:
        note_refusal(db, actor, "access_out_of_scope", asked="fault_groups")
    raise UserError(code, **values)


def _keep(  # noqa: PLR0913, PLR0917
    connection: Connection, actor: Actor, act: str, rows: pd.DataFrame, now: datetime,
    also: Sequence[str] = (),
) -> int:  # fmt: skip
    touched = dict.fromkeys([*rows["outage_id"].dropna(), *also])
    return store.keep_act(
        connection, act, reports=rows["report_id"].tolist(), outage_ids=list(touched), at=now,
        actor=actor.id,
    )  # fmt: skip


def _seal(connection: Connection, act_id: int, rows: pd.DataFrame, outage_id: str) -> None:
    """Keep how the outages stand now that the calls went from theirs to this one."""
    concerned = dict.fromkeys([*rows["outage_id"].dropna(), outage_id])
    store.seal_act(connection, act_id, list(concerned))


def _move(
    connection: Connection, actor: Actor, reports: Sequence[str], outage_id: str, now: datetime
) -> None:
    members = pd.DataFrame({"report_id": list(reports)}).assign(
        outage_id=outage_id, grouped_by="hand",
        group_reason=json.dumps({"code": "fixed", "outage_id": outage_id}),
    )  # fmt: skip
    store.put(connection, members, at=now, actor=actor.id)
    cancel_empty(connection)
    work_order_settling.settled(connection, actor, now, now - WINDOW)


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
