"""Who stands at the counters when: entered and taken out by those who run the halls."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from app.store import audit, places
from app.store import hall_duties as store
from app.store.database import Connection, Database
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.privacy import sees, shown
from grid_cells.errors import UserError

LONGEST = timedelta(hours=16)
MOST_HEADS = 200


@dataclass(frozen=True)
class DutyWish:
    """So many people (or one named person) at the counters of a hall from when to when."""

    hall_id: str
    starts_at: datetime
    ends_at: datetime
    headcount: int = 1
    staff_id: str | None = None


@needs("see_halls")
def listing(db: Database, actor: Actor, first: datetime, last: datetime) -> pd.DataFrame:
    """Duties that touch the span: see the store's listing; names where the person may see them."""
    return shown_duties(actor, store.listing(db.read(), first, last, clock_now(db)))


def shown_duties(actor: Actor, duties: pd.DataFrame) -> pd.DataFrame:
    """Duties as the actor may see them: the name that was joined goes with the staff_id."""
    told = shown(actor, "hall_duties", duties)
    return told if sees(actor, "hall_duties", "staff_id") else told.assign(staff=None)


@needs("run_halls")
def staff(db: Database, actor: Actor) -> pd.DataFrame:  # noqa: ARG001 - asked above
    """People who may be named in a duty: staff_id, name."""
    return store.staff(db.read())


@needs("run_halls")
def enter(db: Database, actor: Actor, wish: DutyWish) -> None:
    """Enter a duty.

    Raises UserError `hall_unknown`, `hall_duty_span` (ends before it begins, or lasts over 16
    hours), `hall_duty_heads` (not 1 to 200; a named person is one), `hall_duty_staff` (unknown),
    `hall_duty_taken` (the person stands somewhere already).
    """
    _check(db, wish)
    now = clock_now(db)
    row = {
        "hall_id": wish.hall_id, "staff_id": wish.staff_id, "headcount": wish.headcount,
        "starts_at": wish.starts_at, "ends_at": wish.ends_at, "entered_at": now,
        "entered_by": actor.id,
    }  # fmt: skip

    def change(connection: Connection) -> None:
        if wish.staff_id and store.overlapping(
            connection, wish.staff_id, wish.starts_at, wish.ends_at
        ):
            raise UserError("hall_duty_taken", staff=wish.staff_id)
        store.add(connection, pd.DataFrame([row]))
        detail = {"people": wish.headcount, "from": wish.starts_at, "to": wish.ends_at}
        audit.record(
            connection, actor.id, "hall_duty_entered", at=real_now(),
            subject=f"hall:{wish.hall_id}", detail=detail,
        )  # fmt: skip

    db.write(change)


def _check(db: Database, wish: DutyWish) -> None:
    if wish.hall_id not in set(places.listing(db, "hall")["hall_id"]):
        raise UserError("hall_unknown", hall=wish.hall_id)
    if not timedelta() < wish.ends_at - wish.starts_at <= LONGEST:
        raise UserError("hall_duty_span", hours=int(LONGEST / timedelta(hours=1)))
    if not 1 <= wish.headcount <= MOST_HEADS or (wish.staff_id and wish.headcount != 1):
        raise UserError("hall_duty_heads", most=MOST_HEADS)
    known = store.staff(db.read())["staff_id"].tolist() if wish.staff_id else []
    if wish.staff_id and wish.staff_id not in known:
        raise UserError("hall_duty_staff", staff=wish.staff_id)


@needs("run_halls")
def remove(db: Database, actor: Actor, duty_id: int) -> None:
    """Take a duty out; UserError `hall_duty_gone` where it is out already or out of sight."""
    now = clock_now(db)
    if not store.is_held(db.read(), duty_id):
        raise UserError("hall_duty_gone")

    def change(connection: Connection) -> None:
        hall = store.remove(connection, duty_id, actor.id, now)
        if hall is None:
            raise UserError("hall_duty_gone")
        audit.record(
            connection, actor.id, "hall_duty_removed", at=real_now(), subject=f"hall:{hall}"
        )

    db.write(change)
