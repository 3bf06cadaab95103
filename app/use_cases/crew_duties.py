"""Coming on duty and going off, with place and time; duties that nobody ended end by rule.

A person is tracked only while on duty, and only after having been told. A duty lies within a shift:
who is called in outside one gets overtime entered.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import audit, meta
from app.store import crew_duties as store
from app.store.crew_duties import Spot
from app.store.database import Connection, Database
from app.use_cases import crew_hand_over, crew_jobs, crew_plans, crew_rules, crew_stays
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells.cells import points_to_cells
from grid_cells.errors import UserError
from grid_cells.shifts import Span

LONGEST_KEY: Final = 64
OFF_OWN, OFF_HANDED, OFF_SHIFT, OFF_FORGOTTEN = "own", "handed_over", "shift_over", "forgotten"
CHECK_EVERY_S: Final = 300.0
_PROGRAM: Final = "system"
_EVENTS: Final = {
    "on": "crew_duty_begun",
    "off": "crew_duty_ended",
    "forgotten": "crew_duty_forgotten",
}
_LOG = logging.getLogger("gridcells")


@dataclass(frozen=True)
class DutyStep:
    """What the phone sends: its own number of the step, and where it was pressed, if known.

    told_of_tracks: the person has confirmed having been told that the place is kept while on duty;
    is_called_in: outside the shift; open_orders: what becomes of each order that is still open,
    by its id: a reason for keeping it, or `crew:ID` to whom it is handed.
    """

    step_key: str
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    told_of_tracks: bool = False
    is_called_in: bool = False
    open_orders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DutyState:
    """Whether the person is on duty, since when, and until when the shift lasts (None: no end).

    ends_by: when the rule would end the duty; ended_by_rule: when it did end the last one, until
    the next begins; next_shift: the shift of now or the next one that is planned; open_orders:
    what the crew has not finished; next_crews: the station's others on shift (id, name).
    """

    crew_id: str
    is_on: bool
    since: datetime | None = None
    until: datetime | None = None
    ends_by: datetime | None = None
    ended_by_rule: datetime | None = None
    next_shift: Span | None = None
    is_repeated: bool = False
    open_orders: tuple[str, ...] = ()
    next_crews: tuple[tuple[str, str], ...] = ()


@needs("do_orders")
def state(db: Database, actor: Actor) -> DutyState:
    """The actor's own duty as it is now; UserError `duty_no_crew`."""
    crew_id, now = _crew_of(actor), clock_now(db)
    found = _state(db.whole.read(), crew_id, actor.id, now)
    if not found.is_on:
        return found
    left = crew_hand_over.open_orders(db.whole.read(), crew_id, now)
    crews = _colleagues(db, actor) if left else ()
    return replace(found, open_orders=tuple(left), next_crews=crews)


@needs("do_orders")
def go_on(db: Database, actor: Actor, step: DutyStep) -> DutyState:
    """Begin the actor's duty; the same step twice is one.

    Raises UserError `duty_no_crew`, `duty_step_unreadable`, `duty_not_told` without the person's
    confirmation, `duty_already_on`, and outside the shift, unless called in, `duty_no_shift`.
    """
    crew_id, spot = _crew_of(actor), _spot(db, step)

    def change(connection: Connection) -> DutyState:
        now = read_on(connection, real_now()).now
        if store.by_key(connection, actor.id, step.step_key, now) is not None:
            return replace(_state(connection, crew_id, actor.id, now), is_repeated=True)
        if not step.told_of_tracks:
            raise UserError("duty_not_told")
        _end_if_forgotten(connection, actor.id, now)
        held = store.of_user(connection, actor.id, now)
        if held is not None and held["off_at"] is None:
            raise UserError("duty_already_on", at=held["on_at"].to_pydatetime())
        crew_plans.check_shift(connection, crew_id, now, is_called_in=step.is_called_in)
        store.begin(connection, crew_id, actor.id, now, spot, step.step_key)
        _note(connection, actor.id, crew_id, "on", {"called_in": step.is_called_in})
        return _state(connection, crew_id, actor.id, now)

    done: DutyState = db.write(change)
    return done


@needs("do_orders")
def go_off(db: Database, actor: Actor, step: DutyStep) -> DutyState:
    """End the actor's duty; the same step twice is one.

    Where the rule has ended the duty already, what the person wished for the open orders is done
    all the same. Raises UserError `duty_no_crew`, `duty_step_unreadable`, `duty_not_on`, and those
    of `crew_hand_over.check` and `settle` for what is still open.
    """
    crew_id, spot = _crew_of(actor), _spot(db, step)
    near = _colleagues(db, actor) if step.open_orders else ()

    def change(connection: Connection) -> DutyState:
        now = read_on(connection, real_now()).now
        if store.by_key(connection, actor.id, step.step_key, now) is not None:
            return replace(_state(connection, crew_id, actor.id, now), is_repeated=True)
        crew_hand_over.check(near, step.open_orders)
        _end_if_forgotten(connection, actor.id, now)
        held = store.of_user(connection, actor.id, now)
        if held is not None and held["off_why"] == OFF_FORGOTTEN and not held["off_step_key"]:
            return _settle_late(connection, actor, held, step, now)
        if held is None or held["off_at"] is not None:
            raise UserError("duty_not_on")
        wanted, key = step.open_orders, step.step_key
        settled = crew_hand_over.settle(connection, actor, wanted, now, key)
        why = _why(connection, held, settled, now)
        store.end(connection, int(held["duty_id"]), now, why, spot, key)
        crew_stays.follow(connection, crew_id, held["on_at"].to_pydatetime(), now)
        _note(connection, actor.id, crew_id, "off", {"why": why, "orders": settled})
        return _state(connection, crew_id, actor.id, now)

    done: DutyState = db.write(change)
    return done


def _settle_late(
    connection: Connection, actor: Actor, duty: Mapping[str, Any], step: DutyStep, now: datetime
) -> DutyState:
    """The hand-over of a step made before, or without knowing, that the rule ended the duty."""
    settled = crew_hand_over.handed_over(connection, actor, step.open_orders, now, step.step_key)
    store.name_end(connection, int(duty["duty_id"]), step.step_key)
    _note(
        connection, actor.id, str(duty["crew_id"]), "off", {"why": OFF_FORGOTTEN, "orders": settled}
    )
    return replace(_state(connection, str(duty["crew_id"]), actor.id, now), is_repeated=True)


def _colleagues(db: Database, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Crews to whom an order can be handed, by id and name: those of the station on shift."""
    near = crew_jobs.colleagues(db, actor)["crews"]
    return tuple((one["crew_id"], one["name"]) for one in near)


def _why(
    connection: Connection, duty: Mapping[str, Any], settled: Mapping[str, str], now: datetime
) -> str:
    """Why a duty ended that its person ended: work handed over, the shift over, else own."""
    if any(answer.startswith(crew_hand_over.TO_CREW) for answer in settled.values()):
        return OFF_HANDED
    over = crew_plans.shift_end(connection, str(duty["crew_id"]), duty["on_at"].to_pydatetime())
    return OFF_SHIFT if over is not None and over <= now else OFF_OWN


def spans_of(connection: Connection, actor: Actor, first: datetime, now: datetime) -> list[Span]:
    """When the person was on duty since `first`, as far as positions of it may be kept."""
    rows = store.since(connection, actor.id, str(actor.crew_id), first, now)
    return [
        Span(row["on_at"].to_pydatetime(), _end_of(connection, row, now))
        for row in rows.to_dict("records")
    ]


def _end_of(connection: Connection, duty: Mapping[Any, Any], now: datetime) -> datetime:
    """When the duty ended or, while it is on, when the rule ends it at the latest."""
    if not pd.isna(duty["off_at"]):
        ended: datetime = duty["off_at"].to_pydatetime()
        return ended
    return deadline(connection, duty, now)


def deadline(connection: Connection, duty: Mapping[Any, Any], now: datetime) -> datetime:
    """When the rule ends a duty that nobody ends: after its shift, and never while at work."""
    on_at = duty["on_at"].to_pydatetime()
    latest: datetime = on_at + crew_rules.lasting("longest_duty")
    over = crew_plans.shift_end(connection, str(duty["crew_id"]), on_at)
    if over is None or store.at_work(connection, str(duty["crew_id"]), now):
        return latest
    return min(latest, over + crew_rules.lasting("duty_grace"))


def end_forgotten(db: Database) -> int:
    """How many duties were ended because nobody did; each person is told at the next look."""

    def change(connection: Connection) -> int:
        now = read_on(connection, real_now()).now
        users = store.running(connection, now)["user_id"].unique()
        return sum(_end_if_forgotten(connection, str(user), now) for user in users)

    done: int = db.write(change)
    return done


def start(db: Database, *, every_s: float = CHECK_EVERY_S) -> Callable[[], None]:
    """End forgotten duties now and then, on a thread; what is given back stops it."""
    stopped = threading.Event()

    def run() -> None:
        while not stopped.wait(every_s):
            try:
                if not store.running(db.whole.read(), clock_now(db)).empty:
                    end_forgotten(db)
            except Exception:  # the next time may do; the log has the trace
                _LOG.exception("forgotten duties could not be ended")

    thread = threading.Thread(target=run, name="duties", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _end_if_forgotten(connection: Connection, user_id: str, now: datetime) -> bool:
    held = store.of_user(connection, user_id, now)
    if held is None or held["off_at"] is not None:
        return False
    ends = deadline(connection, held, now)
    if ends > now:
        return False
    store.end(connection, int(held["duty_id"]), ends, OFF_FORGOTTEN)
    crew_stays.follow(connection, str(held["crew_id"]), held["on_at"].to_pydatetime(), now)
    _note(connection, _PROGRAM, str(held["crew_id"]), "forgotten", {"at": ends})
    return True


def _state(connection: Connection, crew_id: str, user_id: str, now: datetime) -> DutyState:
    held = store.of_user(connection, user_id, now)
    coming = crew_plans.next_shift(connection, crew_id, now)
    ends = None if held is None else _end_of(connection, held, now)
    if held is None or ends is None or ends <= now:
        # a duty past its end is over even before the rule has written it down
        is_forgotten = held is not None and held["off_why"] in (None, OFF_FORGOTTEN)
        return DutyState(
            crew_id, is_on=False, next_shift=coming, ended_by_rule=ends if is_forgotten else None
        )
    on_at = held["on_at"].to_pydatetime()
    until = crew_plans.shift_end(connection, crew_id, on_at)
    return DutyState(crew_id, True, on_at, until, ends, None, coming)


def _crew_of(actor: Actor) -> str:
    if actor.crew_id is None:
        raise UserError("duty_no_crew")
    return actor.crew_id


def _spot(db: Database, step: DutyStep) -> Spot | None:
    """The place of the step; raises UserError `duty_step_unreadable`."""
    if not 0 < len(step.step_key) <= LONGEST_KEY:
        raise UserError("duty_step_unreadable")
    if step.lon is None or step.lat is None:
        return None
    cell = points_to_cells([step.lon], [step.lat], meta.resolution(db.whole.read()))[0]
    return Spot(step.lon, step.lat, step.accuracy_m, int(cell))


def _note(
    connection: Connection, actor_id: str, crew_id: str, what: str, detail: Mapping[str, Any]
) -> None:
    """Record that a duty began or ended: never where."""
    audit.record(
        connection, actor_id, _EVENTS[what], at=real_now(), subject=f"crew:{crew_id}",
        detail=detail,
    )  # fmt: skip
