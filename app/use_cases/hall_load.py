"""How busy halls really were, hour by hour, as known at the clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import hall_visits as store
from app.store import places, units
from app.store.database import Database
from app.store.hall_visits import Span, Work
from app.use_cases import hall_rules
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import remembered
from grid_cells import hall_load as rules
from grid_cells.errors import UserError
from grid_cells.hall_load import Promise, Told
from grid_cells.opening_hours import open_spans

LONGEST = timedelta(days=800)


@needs("see_halls")
def hour_load(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    halls: Sequence[str] | None,
    first: datetime,
    last: datetime,
) -> pd.DataFrame:
    """The load of halls (None: all in sight) in the hours from `first` until before `last`.

    One row for each hall and hour in which it was open or anything happened, columns as
    `grid_cells.hall_load.hour_load` tells; hours after the clock are left out. Raises UserError
    `hall_span` where the last moment is not after the first, or more than 800 days are asked for.
    """
    return loaded(db, halls, first, last)


def loaded(
    db: Database, halls: Sequence[str] | None, first: datetime, last: datetime
) -> pd.DataFrame:
    """As `hour_load`, for use cases that have asked for the right already."""
    if last <= first or last - first > LONGEST:
        raise UserError("hall_span", first=first, last=last, days=LONGEST.days)
    now, connection = clock_now(db), db.read()
    span = span_of(db, halls, (first, min(last, now + timedelta(microseconds=1))), now)
    if span.last <= span.first:
        span = span_of(db, halls, (first, first), now)
    tickets = store.hours(connection, span, work())
    tallies = store.tally_hours(connection, span, work())
    hourly = store.known_hours(connection, span)
    held = _halls(db, halls)
    told = Told(
        tickets, tallies, hourly, store.staff_hours(connection, span),
        _open_hours(held, span, zone_of(db), tickets), held[["hall_id", "counters"]],
    )  # fmt: skip
    return rules.hour_load(told, promise(), now=now)


def held(db: Database, halls: Sequence[str] | None, back: timedelta, now: datetime) -> pd.DataFrame:
    """As `loaded`, of whole local days: the `back` before today, and today until now.

    Worked out anew each five minutes, and when anything is written.
    """
    today = now.astimezone(ZoneInfo(zone_of(db))).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - back
    key = ("hall_hours", db.whole.opened_as, db.seen_as, tuple(halls or ()), first, lately(now),
           db.whole.commits)  # fmt: skip
    return remembered(key, lambda: loaded(db, halls, first, now))


def lately(now: datetime) -> datetime:
    """The five minutes for which longer figures stand."""
    return now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)


def promise() -> Promise:
    """The wait that is promised, by the table of rules."""
    return Promise(hall_rules.figure("full_wait"), hall_rules.figure("promise_share"))


def work() -> Work:
    """Minutes of work by matter, when a ticket counts as given up, and the longest service."""
    return Work(
        hall_rules.matters()[["code", "minutes"]],
        hall_rules.figure("usual_minutes"),
        hall_rules.figure("abandoned_after"),
        hall_rules.figure("longest_service"),
    )


def zone_of(db: Database) -> str:
    """The clocks by which halls open: the company's IANA zone."""
    return units.timezone(db.whole.read()) or "UTC"


def span_of(
    db: Database, halls: Sequence[str] | None, span: tuple[datetime, datetime], now: datetime
) -> Span:
    """The span in whole hours of the company's clocks."""
    offset = span[0].astimezone(ZoneInfo(zone_of(db))).utcoffset() or timedelta()
    shift = int(-offset.total_seconds()) % 3600
    return Span(span[0], span[1], now, shift, halls)


def _halls(db: Database, halls: Sequence[str] | None) -> pd.DataFrame:
    held = places.listing(db, "hall")
    return held if halls is None else held[held["hall_id"].isin(list(halls))]


def _open_hours(halls: pd.DataFrame, span: Span, zone: str, tickets: pd.DataFrame) -> pd.DataFrame:
    """The hours in which each hall was open, and whether its machine told anything on that day.

    Halls with the same hours are looked up once.
    """
    hours, extra = (halls[name].astype("str") for name in ("opens", "opening_exceptions"))
    hours = hours.fillna("").str.cat(extra.fillna(""), sep="\n")
    rows = [
        (text, begin, end)
        for text, one in halls.groupby(hours)
        for begin, end in spans_of(
            one["opens"].iloc[0], one["opening_exceptions"].iloc[0], span, zone
        )
    ]
    found = pd.DataFrame(rows, columns=["text", "opens_at", "closes_at"])
    spans = halls[["hall_id"]].assign(text=hours).merge(found, on="text").drop(columns="text")
    return rules.open_hours(spans, tickets, zone=zone)


def spans_of(
    opens: object, exceptions: object, span: Span, zone: str
) -> list[tuple[datetime, datetime]]:
    """When a hall with these hours and exceptions is open within (first, last)."""
    text = opens if isinstance(opens, str) else None
    if text is not None and isinstance(exceptions, str) and exceptions.strip():
        text = f"{text}; {exceptions.strip()}"
    return open_spans(text, (span.first, span.last), zone)
