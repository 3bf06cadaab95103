"""The review queue of readings: what waits, what each review holds, who may decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import audit, reading_figures
from app.store import reading_reviews as store
from app.store import users as user_store
from app.store.database import Database
from app.use_cases import privacy
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.reading_checks import RIGHT
from grid_cells.errors import UserError
from grid_cells.reading_reviews import ACCEPTED, BY_HAND, Standing, check_step

MOST_AT_ONCE: Final = 200
LISTED: Final = "reviews_listed"


@dataclass(frozen=True)
class QueueWish:
    """Which reviews are listed; None asks for all."""

    state: str | None = None
    finding: str | None = None
    maker: str | None = None


@dataclass(frozen=True, eq=False)
class Review:
    """One review: its row with names of people, its days, its steps, the meter's quality.

    quality: None where it is unknown or withheld with the days.
    may_decide: whether this person may be the second one.
    """

    row: dict[str, Any]
    days: pd.DataFrame
    steps: pd.DataFrame
    quality: float | None
    may_decide: bool


@needs(RIGHT)
def queue(db: Database, actor: Actor, wish: QueueWish | None = None) -> pd.DataFrame:
    """Reviews in sight, the largest doubt first, masked by role; each look is on record.

    Those withheld come last, by number: their place would tell how large the doubt is.
    Columns as `store.queue`, people by name in entered_name, stepped_name; is_withheld: a person
    entered it and the role sees no home's days, so that nobody enters a home to read its days.
    """
    asked = wish or QueueWish()
    rows = store.queue(db.read(), clock_now(db))
    for name in ("state", "finding", "maker"):
        if (value := getattr(asked, name)) is not None:
            rows = rows[rows[name] == value]
    told = {
        "state": asked.state,
        "finding": asked.finding,
        "maker": asked.maker,
        "count": len(rows),
    }
    db.write(lambda c: audit.record(c, actor.id, LISTED, at=real_now(), detail=told))
    return _told(db, actor, _in_order(actor, rows))


def _in_order(actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    hidden = _are_withheld(actor, rows)
    last = rows[hidden].sort_values("review_id")
    return (
        pd.concat([rows[~hidden], last], ignore_index=True)
        if len(last)
        else rows.reset_index(drop=True)
    )


def _told(db: Database, actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    who = pd.unique(pd.concat([rows["entered_by"], rows["stepped_by"]]).dropna())
    names = user_store.names(db.whole.read(), [str(one) for one in who])
    for name in ("entered", "stepped"):
        rows[f"{name}_name"] = [names.get(one, one) for one in rows[f"{name}_by"]]
    days = privacy.shown(actor, "reading_review_days", rows[["original_kwh", "usual_kwh"]])
    hidden = _are_withheld(actor, rows)
    days = days.mask(hidden).assign(missing=rows["missing"].mask(hidden), is_withheld=hidden)
    masked = privacy.shown(actor, "reading_reviews", rows.assign(**days))
    note = privacy.shown_value(actor, "reading_review_steps", "note", "·") == "·"
    return masked if note else masked.assign(step_note=None)


def _are_withheld(actor: Actor, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whose days are withheld: homes that a person put in doubt; what rules found is in doubt."""
    if privacy.sees(actor, "meter_readings", "energy_kwh"):
        return pd.Series(data=False, index=rows.index)
    return (rows["entered_how"] == BY_HAND) & rows["customer_no"].notna()


def _days_told(actor: Actor, days: pd.DataFrame, *, is_withheld: bool) -> pd.DataFrame:
    """The days; of those withheld only a value that a person typed, not what is usual there."""
    told = privacy.shown(actor, "reading_review_days", days)
    if not is_withheld:
        return told
    typed = told["kwh"].where(told["kwh"] != told["usual_kwh"])
    return told.assign(original_kwh=np.nan, original_source=None, usual_kwh=np.nan, kwh=typed)


@needs(RIGHT)
def counted(db: Database, actor: Actor) -> dict[str, int]:  # noqa: ARG001 - the sight is the actor's
    """Reviews in sight by state."""
    return store.counted(db.read(), clock_now(db))


@needs(RIGHT)
def one(db: Database, actor: Actor, review: int) -> Review:
    """A review with its days and steps; the look at a home's days is on record.

    Raises UserError `review_unknown`.
    """
    now = clock_now(db)
    rows = chosen(db, [review], now)
    row = plain_rows(rows)[0]
    number = row["step_id"]
    is_withheld = bool(_are_withheld(actor, rows).iloc[0])
    days = _days_told(actor, store.days(db.read(), review, number), is_withheld=is_withheld)
    steps = store.steps(db.read(), review, now)
    names = user_store.names(db.whole.read(), steps["stepped_by"].astype(str).tolist())
    steps = steps.assign(stepped_name=[names.get(one, one) for one in steps["stepped_by"]])
    by = store.checked_by(db.read(), [review], now)
    told = plain_rows(_told(db, actor, rows))[0]
    about = subject(db, row["customer_no"])
    db.write(
        lambda c: audit.record(
            c, actor.id, "reading_seen", at=real_now(), subject=about,
            detail={"reviews": [review]},
        )
    )  # fmt: skip
    quality = None if is_withheld else reading_figures.of_meter(db.read(), row["meter_id"])
    return Review(
        told, days, privacy.shown(actor, "reading_review_steps", steps), quality,
        _may_decide(standing(row, by), actor),
    )  # fmt: skip


def _may_decide(held: Standing, actor: Actor) -> bool:
    try:
        check_step(held, ACCEPTED, actor.id, has_values=True)
    except UserError:
        return False
    return True


def chosen(db: Database, reviews: Sequence[int], now: datetime) -> pd.DataFrame:
    """The rows of reviews in sight; raises where one is not."""
    wanted = list(dict.fromkeys(int(one) for one in reviews))
    if not wanted:
        raise UserError("review_none_chosen")
    if len(wanted) > MOST_AT_ONCE:
        raise UserError("review_many", most=MOST_AT_ONCE)
    rows = store.queue(db.read(), now, wanted)
    if missing := set(wanted) - set(rows["review_id"].astype(int)):
        raise UserError("review_unknown", review=min(missing))
    return rows


def plain_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of the queue as dicts, None where nothing is known; numbers of reviews are whole."""
    found = []
    for row in rows.to_dict("records"):
        plain: dict[str, Any] = {
            str(name): None if pd.isna(value) else value for name, value in row.items()
        }
        for name in ("review_id", "step_id"):
            plain[name] = None if plain[name] is None else int(plain[name])
        found.append(plain)
    return found


def standing(row: Mapping[str, Any], checked_by: Mapping[int, str]) -> Standing:
    """Where a review stands, from its row as `plain_rows` tells it."""
    return Standing(
        row["review_id"], row["state"], row["entered_by"], row["entered_how"],
        checked_by.get(row["review_id"]),
    )  # fmt: skip


def subject(db: Database, customer_no: Any) -> str:
    """A customer as the subject of an audit row, nothing where a meter has none."""
    return (
        "" if customer_no is None or pd.isna(customer_no) else privacy.subject_of(db, customer_no)
    )
