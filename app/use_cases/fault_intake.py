"""Calls written in groups: whoever waits is taken into one transaction, and told once it is stored.

A storm brings hundreds of calls a second; a transaction for each would be tens of milliseconds of
waiting for the disk. While one group is being written the next one gathers.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, sleep
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import audit, units
from app.store import fault_places as place_store
from app.store import fault_reports as store
from app.store.database import Connection, Database
from app.use_cases import derive, fault_places, fault_triage, privacy
from app.use_cases.access import note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.fault_wishes import ReportWish, is_same, wgs84_of
from grid_cells.errors import UserError
from grid_cells.triage import Finding

EVENT: Final = "faults_reported"
MOST_WAITING: Final = 5_000
"""Calls that may wait to be written; more are asked to come again, and never dropped unseen."""
MOST_AT_ONCE: Final = 500
MANY, GATHER_S = 25, 0.6
"""After so many calls in a group the next begins so long after it: any group costs as 100 calls."""
_LOG = logging.getLogger("gridcells")
Row = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """A report as the store holds it, and whether it was there before."""

    row: Row
    is_repeated: bool


@dataclass(frozen=True)
class _Task:
    """Calls of one request, in the sight of whoever sends them."""

    db: Database
    actor: Actor
    wishes: Sequence[ReportWish]
    stored: "Future[list[Stored]]" = field(default_factory=Future)


@dataclass
class _Intake:
    """What waits to be written into one database, and whether somebody is at it."""

    waiting: list[_Task] = field(default_factory=list)
    calls: int = 0
    is_running: bool = False


_intakes: dict[int, _Intake] = {}
_guard = threading.Lock()


def offer(db: Database, actor: Actor, wishes: Sequence[ReportWish]) -> "Future[list[Stored]]":
    """The checked calls' writing; done once they are committed. UserError `fault_busy`."""
    task = _Task(db, actor, wishes)
    task.stored.set_running_or_notify_cancel()  # who tires of waiting does not stop the writing
    with _guard:
        intake = _intakes.setdefault(db.opened_as, _Intake())
        if intake.calls + len(wishes) > MOST_WAITING:
            raise UserError("fault_busy", waiting=intake.calls)
        intake.waiting.append(task)
        intake.calls += len(wishes)
        begins, intake.is_running = not intake.is_running, True
    if begins:
        _begin(db.whole, intake)
    return task.stored


def _begin(whole: Database, intake: _Intake) -> None:
    """Start writing; where no thread can be had the next call tries again."""
    thread = threading.Thread(
        target=_write_all, args=(whole, intake), name="fault-intake", daemon=True
    )
    try:
        thread.start()
    except RuntimeError as error:
        with _guard:
            waiting, intake.waiting = intake.waiting, []
            intake.calls, intake.is_running = 0, False
        for task in waiting:
            task.stored.set_exception(error)


def _write_all(whole: Database, intake: _Intake) -> None:
    """Write group after group until nobody waits; in a storm the groups are given time to grow."""
    while tasks := _taken(intake):
        begun = monotonic()
        try:
            _write(whole, tasks)
        except Exception:
            _LOG.exception("calls could not be stored together")
            for task in tasks:
                if not task.stored.done():
                    _write_alone(whole, task)
        if sum(len(task.wishes) for task in tasks) >= MANY:
            sleep(max(0.0, begun + GATHER_S - monotonic()))


def _write_alone(whole: Database, task: _Task) -> None:
    """One request on its own, so that what is wrong with it harms nobody else's."""
    try:
        _write(whole, [task])
    except Exception as error:
        _LOG.exception("calls could not be stored")
        if not task.stored.done():
            task.stored.set_exception(error)


def _taken(intake: _Intake) -> list[_Task]:
    """The tasks that are next, none once nobody waits; whole requests only."""
    with _guard:
        count, calls = 0, 0
        for task in intake.waiting:
            if count and calls + len(task.wishes) > MOST_AT_ONCE:
                break
            count, calls = count + 1, calls + len(task.wishes)
        taken, intake.waiting = intake.waiting[:count], intake.waiting[count:]
        intake.calls -= calls
        intake.is_running = bool(taken)
        return taken


def _write(whole: Database, tasks: Sequence[_Task]) -> None:
    now = clock_now(whole)
    derive.refresh(whole, now)
    ready: list[tuple[_Task, list[Row]]] = []
    for sight in {task.db.seen_as: task.db for task in tasks}.values():
        mine = [task for task in tasks if task.db.seen_as == sight.seen_as]
        ready += _prepared(sight, mine, now)
    if not ready:
        return
    zone = units.timezone(whole.read()) or "UTC"
    seen = {task.db.seen_as: _seen(task.db, ready) for task, _ in ready}
    stored = whole.write(lambda connection: _insert(connection, ready, now, zone, seen))
    answers = list(zip(ready, stored, strict=True))
    for (task, _), answer in answers:
        if not isinstance(answer, UserError):
            task.stored.set_result(answer)
    for (task, _), answer in answers:  # what is stored is acknowledged by now
        if isinstance(answer, UserError):
            _note_unseen(task, seen[task.db.seen_as], str(answer.values["value"]))  # noqa: PD011 - of an error
            task.stored.set_exception(answer)


def _note_unseen(task: _Task, seen: set[str] | None, number: str) -> None:
    if seen is not None and number not in seen:
        note_refusal(task.db, task.actor, "access_out_of_scope", asked="fault_reports.register")


def _seen(db: Database, ready: Sequence[tuple[_Task, list[Row]]]) -> set[str] | None:
    """Numbers of reports held already that the sight `db` shows; None: whatever there is."""
    if db.whole is db:
        return None
    ids = {
        row["report_id"] for task, rows in ready if task.db.seen_as == db.seen_as for row in rows
    }
    return set(store.of_ids(db.read(), sorted(ids - {None}))["report_id"])


def _prepared(db: Database, tasks: Sequence[_Task], now: datetime) -> list[tuple[_Task, list[Row]]]:
    """The tasks' rows filled in; a task with a call that cannot be placed is told so."""
    wishes = [wish for task in tasks for wish in task.wishes]
    calls, found = filled(db, wishes, now)
    rows = [
        _row(wish, call, finding, now)
        for wish, call, finding in zip(wishes, calls.to_dict("records"), found, strict=True)
    ]
    problems = _problems(db, calls, wishes)
    ready, first = [], 0
    for task in tasks:
        last = first + len(task.wishes)
        wrong = next((k for k in range(first, last) if k in problems), None)
        if wrong is None:
            ready.append((task, rows[first:last]))
        else:
            task.stored.set_exception(
                _told(db, task, wishes[wrong], problems[wrong], wrong - first)
            )
        first = last
    return ready


def looked_at(db: Database, actor: Actor, wish: ReportWish, now: datetime) -> Row:
    """The row that a checked call would become; raises UserError as its writing would."""
    calls, found = filled(db, [wish], now)
    if problems := _problems(db, calls, [wish]):
        raise _told(db, _Task(db, actor, [wish]), wish, problems[0], 0)
    return _row(wish, calls.to_dict("records")[0], found[0], now)


def filled(
    db: Database, wishes: Sequence[ReportWish], now: datetime
) -> tuple[pd.DataFrame, list[Finding]]:
    """The calls with their places filled in (see `fault_places.fill`), and what triage proposes."""
    connection = db.read()
    calls = fault_places.fill(connection, db.whole, _frame(wishes, now), now)
    return calls, fault_triage.findings(connection, calls, now)


def _frame(wishes: Sequence[ReportWish], now: datetime) -> pd.DataFrame:
    points = [wgs84_of(wish) or (np.nan, np.nan) for wish in wishes]
    texts = ("customer_no", "transformer_id", "address", "service_type", "fault_class")
    frame = pd.DataFrame(
        {name: pd.Series([getattr(w, name) for w in wishes], dtype="str") for name in texts}
    )
    at = pd.to_datetime([wish.registered_at or now for wish in wishes], utc=True)
    lon, lat = np.array(points, dtype=np.float64).reshape(-1, 2).T
    return frame.assign(at=at, lon=lon, lat=lat)


def _row(wish: ReportWish, call: dict[Any, Any], finding: Finding, now: datetime) -> Row:
    """The report as it is to be stored."""
    row: Row = {
        "report_id": wish.report_id, "registered_at": wish.registered_at or now,
        "received_at": now, "given_x": wish.lon, "given_y": wish.lat,
        "given_datum": wish.datum if wish.lon is not None else None,
        "verdict": finding.verdict, "triage": fault_triage.as_json(finding),
    }  # fmt: skip
    for name in ("channel", "customer_no", "caller", "phone", "address", "service_type",
                 "fault_class", "note"):  # fmt: skip
        row[name] = getattr(wish, name)
    for name in fault_places.FILLED:
        row[name] = None if pd.isna(call[name]) else call[name]
    if finding.outage_id is not None:
        why = fault_triage.known_reason(finding, row["registered_at"])
        row |= {"outage_id": finding.outage_id, "grouped_by": "rule", "group_reason": why}
    return row


def _problems(db: Database, calls: pd.DataFrame, wishes: Sequence[ReportWish]) -> dict[int, str]:
    """Calls about somebody or something that the sight `db` does not know, by their number."""
    wished = pd.Series([w.transformer_id is not None for w in wishes], index=calls.index)
    named = calls["customer_no"].notna()
    found = dict.fromkeys(np.flatnonzero(named & ~calls["is_known"]), "customer_no")
    lines = calls["transformer_id"].notna() & ~calls["is_line"] & (wished | ~named)
    found |= dict.fromkeys(np.flatnonzero(lines), "transformer_id")
    if db.whole is not db:
        connection = db.read()
        place_store.ask(connection, calls)
        seen = place_store.in_sight(connection)["place"]
        place_store.forget(connection)
        beyond = ~calls["place"].isin(seen) & calls["cell_id"].notna()
        bare = ~named & calls["transformer_id"].isna() & calls["cell_id"].isna()
        found = dict.fromkeys(np.flatnonzero(bare), "place") | found  # nobody would ever see it
        found = dict.fromkeys(np.flatnonzero(beyond), "address") | found
    return {int(place): name for place, name in found.items()}


def _told(db: Database, task: _Task, wish: ReportWish, name: str, item: int) -> UserError:
    """The error about one call; that somebody asked beyond their sight is recorded."""
    if name == "place":
        return UserError("fault_place_unfound", field="address", value=wish.address, item=item)
    if name == "customer_no" and wish.customer_no is not None:
        privacy.note_unseen(db, task.actor, wish.customer_no, asked="fault_reports.register")
    elif db.whole is not db:
        note_refusal(db, task.actor, "access_out_of_scope", asked="fault_reports.register")
    value = getattr(wish, name) or ""
    return UserError(f"fault_unknown_{name}", field=name, value=value, item=item)


def _insert(
    connection: Connection, ready: Sequence[tuple[_Task, list[Row]]], now: datetime, zone: str,
    seen: dict[str, set[str] | None],
) -> list[list[Stored] | UserError]:  # fmt: skip
    """Write what is new; each task's reports as they stand now, or why it cannot be taken."""
    _number(connection, [row for _, rows in ready for row in rows], now, zone)
    ids = list(dict.fromkeys(row["report_id"] for _, rows in ready for row in rows))
    rows_held = store.of_ids(connection, ids).to_dict("records")
    held: dict[str, Row] = {str(row["report_id"]): _plain(row) for row in rows_held}
    new: list[tuple[Row, Actor]] = []
    answers: list[list[Stored] | UserError] = []
    for task, rows in ready:
        answer, fresh = _answer(task, rows, held, seen[task.db.seen_as])
        answers.append(answer)
        held |= fresh
        if (shown := seen[task.db.seen_as]) is not None:
            shown |= fresh.keys()
        new += [(row, task.actor) for row in fresh.values()]
    if new:
        store.insert(connection, [row for row, _ in new], [actor.id for _, actor in new])
        for actor_id in sorted({actor.id for _, actor in new}):
            count = sum(actor.id == actor_id for _, actor in new)
            audit.record(connection, actor_id, EVENT, at=real_now(), detail={"reports": count})
    return answers


def _answer(
    task: _Task, rows: Sequence[Row], held: dict[str, Row], seen: set[str] | None
) -> tuple[list[Stored] | UserError, dict[str, Row]]:
    """What a task is told, and its rows that are new; a number used leaves all unwritten."""
    fresh: dict[str, Row] = {}
    answer: list[Stored] = []
    for item, (wish, row) in enumerate(zip(task.wishes, rows, strict=True)):
        number = row["report_id"]
        known = held.get(number) or fresh.get(number)
        is_seen = seen is None or number not in held or number in seen
        if known is not None and not (is_seen and is_same(wish, known)):
            told = {"field": "report_id", "value": number, "item": item}
            return UserError("fault_report_id_taken", **told), {}
        if known is None:
            fresh[number] = row
        answer.append(Stored(known or row, known is not None))
    return answer, fresh


def _number(connection: Connection, rows: Sequence[Row], now: datetime, zone: str) -> None:
    """Give a number of ours to each report that brings none; never one that is there already."""
    bare = [row for row in rows if row["report_id"] is None]
    day = now.astimezone(ZoneInfo(zone)).strftime("%y%m%d")
    while bare:
        for row, number in zip(bare, store.next_numbers(connection, len(bare)), strict=True):
            row["report_id"] = f"R{day}-{number:05d}"
        taken = set(store.of_ids(connection, [row["report_id"] for row in bare])["report_id"])
        bare = [row for row in bare if row["report_id"] in taken]


def _plain(row: dict[Any, Any]) -> Row:
    """A stored row with None for what is empty."""
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}
