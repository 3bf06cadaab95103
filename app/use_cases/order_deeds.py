"""What dispatchers, crews and clerks do about orders: told, accepted, arrived, stopped … and undo.

A deed on an order of an outage holds for every open order of it in sight. Each is checked in the
transaction that writes it, so that of two people who act at once the second learns what the first
did, and every deed stands in the events of the reports. The work orders that answer the calls
follow in the same transaction (`work_order_follow`); where a work order moves first, its calls are
stamped by `stamp`, which nothing follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import audit, places
from app.store import order_deeds as store
from app.store.database import Connection, Database
from app.use_cases import reference, work_order_follow
from app.use_cases.access import check, may, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells import order_deeds
from grid_cells.errors import UserError
from grid_cells.order_deeds import FOR_ONE_CALL, KEPT_STAMPS, WITH_CREW, Deed, DeedWish

__all__ = [
    "BY_CREWS",
    "DeedWish",
    "Done",
    "direct",
    "possible",
    "progress",
    "stamp",
    "stamp_all",
    "stop_reasons",
    "take_back",
    "undo",
    "urge",
]

BY_CREWS: Final[tuple[Deed, ...]] = ("accepted", "arrived", "stopped", "resumed", "restored")
"""What a crew does itself; sending, taking back and changing crews is the dispatcher's."""
_EVENTS: Final[dict[str, str]] = {
    "told": "order_told", "accepted": "order_accepted", "arrived": "order_arrived",
    "stopped": "order_stopped", "resumed": "order_resumed", "restored": "order_restored",
    "urged": "order_urged", "returned": "order_returned", "reassigned": "order_reassigned",
    "undone": "order_undone",
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What came of a deed: on how many orders it holds, and its number (for undo)."""

    orders: int
    deed: int


def stop_reasons() -> dict[str, bool]:
    """Reasons for which a clock may stop, and whether each holds for all calls of an outage."""
    rows = reference.table("stop_reasons")
    return dict(zip(rows["reason"], rows["for_all_calls"].astype(bool), strict=True))


@needs("run_outages")
def direct(db: Database, actor: Actor, report_id: str, wish: DeedWish) -> Done:
    """Any deed, by whoever runs outages.

    Raises UserError `order_unknown`, `crew_unknown`, `stop_reason_unknown`, and those of
    `grid_cells.order_deeds.after`.
    """
    return _do(db, actor, report_id, wish)


@needs("report_faults")
def progress(db: Database, actor: Actor, report_id: str, wish: DeedWish) -> Done:
    """A deed of a crew on the spot, by who may both report faults and see orders.

    That is: crews, within their scope. Clerks and the hotline report faults too, but whoever is not
    on the spot must not stamp an arrival; they may urge. Raises as `direct`, and UserError
    `order_not_for_crews`, and where a work order answers the call `order_on_job_card` (check-in and
    finish belong there), `order_not_yours`, `order_lead_only`.
    """
    check(db, actor, "see_promises", asked="order_deeds.progress")
    if wish.deed not in BY_CREWS:
        raise UserError("order_not_for_crews")
    return _do(db, actor, report_id, wish, is_crew=not may(actor, "run_outages"))


@needs("report_faults")
def urge(db: Database, actor: Actor, report_id: str) -> Done:
    """Somebody asked again where the crew is; the call's clock runs on. Raises as `direct`."""
    return _do(db, actor, report_id, DeedWish("urged"))


@needs("see_promises")
def possible(db: Database, actor: Actor, report_id: str) -> tuple[Deed, ...]:
    """What the actor may do about the order in its present state, empty where nothing."""
    now = clock_now(db)
    rows = store.with_outages(db.read(), [report_id], reference.stops_for_all(), now)
    if rows.empty:
        return ()
    order = rows.to_dict("records")[0]
    allowed: set[Deed] = set()
    if may(actor, "report_faults"):
        allowed |= {*BY_CREWS, "urged"}
    if may(actor, "run_outages"):
        allowed |= set(order_deeds.DEEDS)
    state = _state(order, now)
    can = order_deeds.may_be_done(state, is_stopped=bool(order["is_stopped"]))
    if not may(actor, "run_outages"):
        whole = db.whole.read()
        allowed -= {
            deed for deed in BY_CREWS
            if work_order_follow.hindrances(whole, actor, [report_id], deed, now)
        }  # fmt: skip
    return tuple(one for one in can if one in allowed)


@needs("report_faults")
def undo(db: Database, actor: Actor, report_id: str) -> Done:
    """Take back the order's last deed, wherever it is also the last; the stamps are as before it.

    Orders that the deed closed are open again. Whoever runs outages may take back anybody's, others
    their own. Raises UserError `order_nothing_to_undo`, `order_undo_not_yours`.
    """
    _in_sight(db, actor, report_id, asked="order_deeds.undo")
    ids = store.of_last_deed(db.read(), report_id)

    def change(connection: Connection) -> Done:
        now = read_on(connection, real_now()).now
        last = store.last_deeds(connection, ids)
        mine = next((one for one in last if one["report_id"] == report_id), None)
        if mine is None:
            raise UserError("order_nothing_to_undo")
        if mine["actor"] != actor.id and not may(actor, "run_outages"):
            raise UserError("order_undo_not_yours")
        deed = int(mine["deed"])
        count = take_back(connection, actor, ids, deed, now)
        work_order_follow.take_back(connection, actor, deed, now)
        _note(connection, actor, report_id, "undone", {"of": mine["event"], "orders": count})
        return Done(count, deed)

    done: Done = db.write(change)
    return done


def take_back(
    connection: Connection, actor: Actor, ids: Sequence[str], deed: int, now: datetime
) -> int:
    """On how many of the reports the deed was the last one, urging aside, and is taken back now."""
    same = [one for one in store.last_deeds(connection, ids, deed) if one["deed"] == deed]
    number = store.next_deed(connection)  # whoever kept what was before must ask anew
    held = {one["report_id"]: one for one in store.stamps(connection, ids).to_dict("records")}
    stamped = [one for one in same if one["event"] != "urged"]  # urging left the stamps alone
    rows = [{"report_id": one["report_id"], **one["before"]} for one in stamped]
    store.set_stamps(connection, rows)
    events = []
    for one in same:
        told = {"deed": one["deed"], "of": one["event"], "number": number}
        told["before"] = store.told(_plain(held[one["report_id"]]))
        event = {"happened_at": now, "event": "undone", "actor": actor.id, "detail": told}
        events.append({"report_id": one["report_id"], **event})
    store.add_events(connection, events)
    return len(same)


def stamp(
    connection: Connection, actor: Actor, ids: Sequence[str], wish: DeedWish, now: datetime
) -> int:
    """Number of a deed done on these calls as far as each one's state allows it; no order follows.

    A call that another crew was told of already is given to the crew of the wish.
    """
    number = store.next_deed(connection)
    stamp_all(connection, actor, [(ids, wish)], now, first=number)
    return number


def stamp_all(
    connection: Connection, actor: Actor, wanted: Sequence[tuple[Sequence[str], DeedWish]],
    now: datetime, *, first: int | None = None,
) -> list[list[str]]:  # fmt: skip
    """Deeds one after another, each on its calls as `stamp` does; which calls each was done on.

    `first`: number of the first deed, a new one without.
    """
    number = store.next_deed(connection, len(wanted)) if first is None else first
    asked = sorted({one for ids, _ in wanted for one in ids})
    found = store.with_outages(connection, asked, reference.stops_for_all(), now)
    found = found[found["is_asked"].astype(bool)].assign(is_asked=False)
    rows: dict[str, dict[Any, Any]] = {
        str(row["report_id"]): row for row in found.to_dict("records")
    }
    stamps: dict[str, dict[str, Any]] = {}
    events: list[dict[str, Any]] = []
    met: list[list[str]] = []
    for deed, (ids, wish) in enumerate(wanted, number):
        met.append([])
        for one in ids:
            done = _stamped(actor, rows[one], wish, (now, deed)) if one in rows else None
            if done is not None:
                rows[one] = {**rows[one], **done[0]}
                stamps[one] = done[0]
                events.append(done[1])
                met[-1].append(one)
    store.set_stamps(connection, list(stamps.values()))
    store.add_events(connection, events)
    return met


def _do(
    db: Database, actor: Actor, report_id: str, wish: DeedWish, *, is_crew: bool = False
) -> Done:
    _check(db, wish)
    ids = set(_in_sight(db, actor, report_id, asked="order_deeds"))
    alone = wish.one_call or wish.deed in FOR_ONE_CALL
    if wish.deed == "stopped" and not stop_reasons()[str(wish.reason)]:
        alone = True  # what one customer asked for holds for nobody else

    def change(connection: Connection) -> Done:
        now = read_on(connection, real_now()).now
        found = store.with_outages(connection, [report_id], reference.stops_for_all(), now)
        rows = found.to_dict("records")
        wanted = rows[:1] if alone else [row for row in rows if row["report_id"] in ids]
        if is_crew:
            wanted = _for_crew(connection, actor, wanted, wish.deed, now)
        number = store.next_deed(connection)
        done = [one for row in wanted if (one := _done(actor, row, wish, (now, number)))]
        _keep(connection, done)
        met = [str(stamps["report_id"]) for stamps, _ in done]
        meant = replace(wish, one_call=alone)
        work_order_follow.follow(connection, actor, met, meant, (now, number))
        detail = {"orders": len(done), "crew": wish.crew_id, "reason": wish.reason}
        _note(connection, actor, report_id, wish.deed, detail)
        return Done(len(done), number)

    done: Done = db.write(change)
    return done


def _for_crew(
    connection: Connection, actor: Actor, rows: list[dict[Any, Any]], deed: Deed, now: datetime
) -> list[dict[Any, Any]]:
    """The calls on which the crew may do it itself; refused where the one asked for is not."""
    ids = [str(row["report_id"]) for row in rows]
    held = work_order_follow.hindrances(connection, actor, ids, deed, now)
    for row in rows:
        if row["is_asked"] and row["report_id"] in held:
            raise UserError(held[row["report_id"]])
    return [row for row in rows if row["report_id"] not in held]


def _stamped(
    actor: Actor, row: Mapping[Any, Any], wish: DeedWish, at: tuple[datetime, int]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """As `_done`, but a call that another crew was told of already changes its crew."""
    found = _done(actor, row, wish, at)
    if found is None and wish.deed == "told" and row["crew_id"] != wish.crew_id:
        return _done(actor, row, replace(wish, deed="reassigned"), at)
    return found


def _keep(connection: Connection, done: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    store.set_stamps(connection, [stamps for stamps, _ in done])
    store.add_events(connection, [event for _, event in done])


def _done(
    actor: Actor, row: Mapping[Any, Any], wish: DeedWish, at: tuple[datetime, int]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Stamps and event that the deed leaves; refused on the order asked, None elsewhere."""
    now, number = at
    before = _plain(row)
    try:
        stamps = order_deeds.after(
            wish.deed, _state(row, now), now,
            is_stopped=bool(row["is_stopped"]), crew_id=wish.crew_id,
        )  # fmt: skip
    except UserError:
        if row["is_asked"]:
            raise
        return None
    detail = {"deed": number, "before": store.told(before)}
    if wish.one_call:
        detail["one_call"] = True
    event = {
        "report_id": row["report_id"], "happened_at": now, "event": wish.deed, "actor": actor.id,
        "reason_code": wish.reason, "crew_id": wish.crew_id or stamps["crew_id"], "detail": detail,
    }  # fmt: skip
    return {"report_id": row["report_id"], **stamps}, event


def _state(row: Mapping[Any, Any], now: datetime) -> dict[str, Any]:
    """The order's stamps as known now, closed too where its outage brought supply back."""
    return order_deeds.known_stamps(_plain({**row, "restored_at": row["ended_at"]}), now)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Stamps and crew as plain values, None where missing."""
    found = {}
    for name in KEPT_STAMPS:
        value = row[name]
        value = None if pd.isna(value) else value
        found[name] = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    return found


def _check(db: Database, wish: DeedWish) -> None:
    sends = wish.deed in WITH_CREW and wish.crew_id is not None
    if sends and wish.crew_id not in set(places.listing(db, "crew")["crew_id"]):
        raise UserError("crew_unknown", crew=wish.crew_id)
    if wish.deed == "stopped" and wish.reason not in stop_reasons():
        raise UserError("stop_reason_unknown")


def _in_sight(db: Database, actor: Actor, report_id: str, *, asked: str) -> list[str]:
    """The order and the open ones of its outage in sight; refused where it is no order."""
    rows = store.with_outages(db.read(), [report_id], reference.stops_for_all(), clock_now(db))
    ids = [str(one) for one in rows["report_id"]]
    if report_id in ids:
        return ids
    if db is not db.whole:
        refuse(db, actor, "access_out_of_scope", asked=asked, about=f"report:{report_id}")
    raise UserError("order_unknown")


def _note(
    connection: Connection, actor: Actor, report_id: str, deed: str, detail: Mapping[str, Any]
) -> None:
    audit.record(
        connection, actor.id, _EVENTS[deed], at=real_now(), subject=f"report:{report_id}",
        detail={name: value for name, value in detail.items() if value is not None},
    )  # fmt: skip
