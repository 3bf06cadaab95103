"""Steps of a review: entered, checked, accepted or corrected by a second person; undo."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import audit
from app.store import reading_reviews as store
from app.store.database import Connection, Database
from app.use_cases import reading_rules
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.reading_checks import RIGHT
from app.use_cases.reading_reviews import chosen, plain_rows, standing, subject
from app.use_cases.theft_hotspots import local_day
from grid_cells.errors import UserError
from grid_cells.reading_quality import CODE, FINDINGS, GOOD, expected_energy
from grid_cells.reading_reviews import (
    ACCEPTED,
    BY_HAND,
    CHECKED,
    CORRECTED,
    ENTERED,
    LONGEST_NOTE,
    TAKEN_BACK,
    VERDICTS,
    WITHDRAWN,
    check_step,
    check_values,
)

Row = Mapping[str, Any]
OTHER: Final = "doubt"
"""A finding that only a person enters."""
BY_A_PERSON: Final = (OTHER, *FINDINGS)
EVENTS: Final = {
    CHECKED: "reading_checked", ACCEPTED: "reading_accepted", CORRECTED: "reading_corrected",
    WITHDRAWN: "reading_withdrawn", TAKEN_BACK: "reading_taken_back",
}  # fmt: skip


@dataclass(frozen=True)
class EntryWish:
    """Days of a meter that a person doubts."""

    meter_id: str
    first_day: date
    last_day: date
    finding: str = OTHER
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class CheckWish:
    """What whoever checked proposes: accepted, or corrected to kwh a day (None: what is usual)."""

    verdict: str
    reason: str
    note: str = field(default="", repr=False)
    kwh: float | None = None


@needs(RIGHT)
def enter(db: Database, actor: Actor, wish: EntryWish) -> int:
    """The number of the review that a person puts into the queue.

    Raises UserError `review_meter_unknown`, `review_days_unreadable` (most), `review_in_future`,
    `review_finding_unknown`, `review_long`, `review_is_in_queue`, `review_is_corrected`.
    """
    now = clock_now(db)
    held = store.meter(db.read(), wish.meter_id)
    if held is None:
        raise UserError("review_meter_unknown")
    _check_entry(wish, local_day(db, now))
    days = pd.DataFrame({"day": pd.date_range(wish.first_day, wish.last_day)})
    usual = _usual(db, wish, now).round(2)
    reviews = pd.DataFrame(
        [
            {
                "meter_id": wish.meter_id, **held, "first_day": wish.first_day,
                "last_day": wish.last_day, "finding": wish.finding, "entered_at": now,
                "entered_by": actor.id, "entered_how": BY_HAND, "note": wish.note or None,
            }
        ]
    )  # fmt: skip

    def change(connection: Connection) -> int:
        _check_free(connection, wish, now)
        number = store.add(connection, reviews, days.assign(run=0, usual_kwh=usual))[0]
        told = {"reviews": [number], "finding": wish.finding}
        about = subject(db, held["customer_no"])
        audit.record(
            connection, actor.id, "reading_entered", at=real_now(), subject=about, detail=told
        )
        return number

    return db.write(change)


def _check_entry(wish: EntryWish, today: date) -> None:
    most = reading_rules.figure("most_days")
    span = (wish.last_day - wish.first_day).days + 1
    if not 1 <= span <= most:
        raise UserError("review_days_unreadable", most=most)
    if wish.last_day > today:
        raise UserError("review_in_future", day=today)
    if wish.finding not in BY_A_PERSON:
        raise UserError("review_finding_unknown", known=", ".join(BY_A_PERSON))
    _check_note(wish.note)


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise UserError("review_long", most=LONGEST_NOTE)


def _check_free(connection: Connection, wish: EntryWish, now: datetime) -> None:
    known = store.under_review(connection, now)
    mine = known[(known["meter_id"] == wish.meter_id) & known["state"].isin((ENTERED, CHECKED))]
    days = pd.to_datetime(mine["day"])
    first, last = pd.Timestamp(wish.first_day), pd.Timestamp(wish.last_day)
    if days.between(first, last).any():
        raise UserError("review_is_in_queue")
    if store.has_correction(connection, wish.meter_id, (wish.first_day, wish.last_day), now):
        raise UserError("review_is_corrected")


def _usual(db: Database, wish: EntryWish, now: datetime) -> "pd.Series[float]":
    """What the meter usually showed around each day asked for, NaN where nothing is known."""
    held = store.readings_of(db.read(), wish.meter_id, now)
    held = held[held["source"] != "estimated"]
    around = pd.date_range(
        pd.Timestamp(wish.first_day) - pd.Timedelta(days=28),
        pd.Timestamp(wish.last_day) + pd.Timedelta(days=28),
    )
    energy = held.groupby("day")["energy_kwh"].last().reindex(around).to_numpy(float)[None, :]
    found = np.where(np.isnan(energy), CODE["missing"], GOOD).astype(np.int8)
    at = np.arange(28, energy.shape[1] - 28)
    found[0, at] = CODE["spike"]
    return pd.Series(expected_energy(energy, found, np.zeros(len(at), np.int64), at))


@needs(RIGHT)
def check(db: Database, actor: Actor, reviews: Sequence[int], wish: CheckWish) -> None:
    """Note what one person found out about reviews, for a second person to decide.

    Raises UserError `review_none_chosen`, `review_many`, `review_unknown`, `review_not_now`,
    `review_reason_unknown`, `review_value_unreadable`, `review_no_usual` (nothing is usual: a value
    is needed), `review_long`.
    """
    if wish.verdict not in VERDICTS or wish.reason not in reading_rules.reasons(wish.verdict):
        raise UserError("review_reason_unknown")
    _check_note(wish.note)
    if wish.kwh is not None:
        check_values([wish.kwh])
    told = {"verdict": wish.verdict, "reason_code": wish.reason, "note": wish.note or None}
    _step(
        db, actor, reviews,
        lambda connection, row: _Plan(CHECKED, told, _proposed(connection, row, wish)),
    )  # fmt: skip


def _proposed(connection: Connection, row: Row, wish: CheckWish) -> dict[Any, float]:
    """The value of each day that a check proposes; none where it is to stay."""
    if wish.verdict != CORRECTED:
        return {}
    days = store.days(connection, row["review_id"], None)
    kwh = days["usual_kwh"] if wish.kwh is None else pd.Series(wish.kwh, days.index)
    if kwh.isna().any():
        raise UserError("review_no_usual", review=row["review_id"])
    return dict(zip(days["day"].dt.date, kwh.astype(float), strict=True))


@needs(RIGHT)
def decide(
    db: Database, actor: Actor, reviews: Sequence[int], *, agrees: bool,
    seen: Mapping[int, int | None] | None = None,
) -> None:  # fmt: skip
    """Decide on reviews as a second person: as was proposed, or back to be checked again.

    From then on a corrected value counts as a manual reading; what stood there stays on record.
    `seen`: by review the step that whoever decides was shown; another one in force is not decided.
    Raises UserError `review_none_chosen`, `review_many`, `review_unknown`, `review_not_now`,
    `review_same_person`, `review_no_values`, `review_changed` (another step stands than was seen).
    """
    plan = _as_proposed if agrees else _sent_back

    def as_seen(connection: Connection, row: Row) -> _Plan:
        number = row["review_id"]
        if seen is not None and number in seen and seen[number] != row["step_id"]:
            raise UserError("review_changed", review=number)
        return plan(connection, row)

    _step(db, actor, reviews, as_seen)


def _as_proposed(connection: Connection, row: Row) -> "_Plan":
    step = CORRECTED if row["verdict"] == CORRECTED else ACCEPTED
    told = {"verdict": step, "reason_code": row["reason_code"]}
    held = store.days(connection, row["review_id"], row["step_id"]).dropna(subset=["kwh"])
    values = dict(zip(held["day"].dt.date, held["kwh"].astype(float), strict=True))
    return _Plan(step, told, values)


def _sent_back(_connection: Connection, row: Row) -> "_Plan":
    if row["state"] != CHECKED:
        raise UserError("review_not_now", review=row["review_id"], state=row["state"])
    return _taken_back(_connection, row)


@needs(RIGHT)
def withdraw(db: Database, actor: Actor, reviews: Sequence[int]) -> None:
    """Take reviews out of the queue without a decision: they were entered by mistake.

    Raises as `check`.
    """
    _step(db, actor, reviews, lambda _connection, _row: _Plan(WITHDRAWN, {}, {}))


@needs(RIGHT)
def take_back(db: Database, actor: Actor, reviews: Sequence[int]) -> None:
    """Take back the last step of each review that still stands; both stay on record.

    Raises UserError `review_none_chosen`, `review_many`, `review_unknown`,
    `review_nothing_to_take_back`.
    """
    _step(db, actor, reviews, _taken_back)


def _taken_back(_connection: Connection, row: Row) -> "_Plan":
    if row["step_id"] is None:
        raise UserError("review_nothing_to_take_back", review=row["review_id"])
    return _Plan(TAKEN_BACK, {"takes_back": row["step_id"]}, {})


@dataclass(frozen=True)
class _Plan:
    """A step to be made: its name, its columns, its values by day."""

    step: str
    told: Row
    values: dict[Any, float]


def _step(
    db: Database, actor: Actor, reviews: Sequence[int], plan: Callable[[Connection, Row], _Plan]
) -> None:
    """Make a step of several reviews: all of them or none."""
    now = clock_now(db)
    wanted = [int(one) for one in chosen(db, reviews, now)["review_id"]]

    def change(connection: Connection) -> None:
        rows = plain_rows(store.queue(connection, now, wanted))
        by = store.checked_by(connection, wanted, now)
        done: dict[str, list[int]] = {}
        for row in rows:
            made = plan(connection, row)
            check_step(standing(row, by), made.step, actor.id, has_values=bool(made.values))
            stamp = {"step": made.step, "stepped_at": now, "stepped_by": actor.id}
            store.add_step(
                connection, {"review_id": row["review_id"], **stamp, **made.told}, made.values
            )
            done.setdefault(made.step, []).append(row["review_id"])
        if {row["state"] for row in rows} & set(VERDICTS) or set(done) & set(VERDICTS):
            store.touch(connection)
        for step, numbers in done.items():
            detail = {"reviews": numbers[:50], "count": len(numbers)}
            _record(connection, actor.id, EVENTS[step], detail)

    db.write(change)


def _record(connection: Connection, actor_id: str, event: str, detail: Row) -> None:
    audit.record(connection, actor_id, event, at=real_now(), detail=detail)
