"""Who is planned to work when: entered shifts, else the hours that a crew's archive states."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from grid_cells.opening_hours import open_spans
from grid_cells.order_crews import is_on_shift as is_on_by_text

ShiftKind = Literal["duty", "standby", "overtime", "leave"]

KINDS: Final[tuple[ShiftKind, ...]] = ("duty", "standby", "overtime", "leave")
WORKING: Final = frozenset({"duty", "standby", "overtime"})
"""Kinds that make a crew available; leave takes it away, whatever else is entered."""
ATTENDED: Final = frozenset({"duty", "overtime"})
"""Kinds for which a crew comes on duty; on standby it waits to be called."""
_DAY: Final = timedelta(days=1)


class Span(NamedTuple):
    """A stretch of time, the end excluded."""

    starts: datetime
    ends: datetime


def on_shift(crews: pd.DataFrame, shifts: pd.DataFrame, at: datetime) -> "pd.Series[bool]":
    """Whether each crew (crew_id, shift, timezone) works at the moment, by crew_id.

    `shifts`: crew_id, starts_at, ends_at, kind. Leave that runs takes a crew off, another shift
    that runs puts it on. A crew without a shift that runs or begins on that day of its own zone
    works by the text of its archive, always where there is none.
    """
    moment = pd.Timestamp(at)
    running = shifts[(shifts["starts_at"] <= moment) & (shifts["ends_at"] > moment)]
    away = set(running.loc[running["kind"] == "leave", "crew_id"])
    there = set(running.loc[running["kind"].isin(WORKING), "crew_id"])
    found = {}
    for crew, text, zone in zip(crews["crew_id"], crews["shift"], crews["timezone"], strict=True):
        is_by_text = not _begins(shifts, crew, at, zone) and is_on_by_text(text, at, zone)
        found[crew] = crew not in away and (crew in there or is_by_text)
    return pd.Series(found, dtype=bool).rename_axis("crew_id")


def _begins(shifts: pd.DataFrame, crew_id: str, at: datetime, zone: str) -> bool:
    """Whether any shift of the crew begins on that day."""
    day = day_of(at.astimezone(ZoneInfo(zone)).date(), zone)
    starts = shifts.loc[shifts["crew_id"] == crew_id, "starts_at"]
    return bool(((starts >= day.starts) & (starts < day.ends)).any())


def day_of(day: date, zone: str) -> Span:
    """The day in the zone, from midnight to midnight."""
    clock = ZoneInfo(zone)
    return Span(datetime.combine(day, time(), clock), datetime.combine(day + _DAY, time(), clock))


def planned(
    crew: tuple[str, object, str],
    shifts: pd.DataFrame,
    first: date,
    last: date,
    *,
    kinds: frozenset[str] = WORKING,
) -> list[Span]:
    """When a crew (crew_id, shift, timezone) is to work in the days, both included, in order.

    Each day's own shifts, else the text of the archive for that day; what is entered lasts to its
    end, the text to midnight. Without shift and text: nothing is planned, since nothing is known.
    `kinds`: those that count; leave is taken off in any case.
    """
    crew_id, text, zone = crew
    own = shifts[shifts["crew_id"] == crew_id]
    leave = _spans(own[own["kind"] == "leave"])
    works = own[own["kind"].isin(kinds)]
    whole = Span(day_of(first, zone).starts, day_of(last, zone).ends)
    found = [one for one in _spans(works) if one.starts < whole.ends and one.ends > whole.starts]
    for offset in range((last - first).days + 1):
        day = first + offset * _DAY
        span = day_of(day, zone)
        if not ((own["starts_at"] >= span.starts) & (own["starts_at"] < span.ends)).any():
            found += [Span(*one) for one in open_spans(text, span, zone)]
    return without(joined(found), leave)


def _spans(rows: pd.DataFrame) -> list[Span]:
    return [
        Span(a.to_pydatetime(), b.to_pydatetime())
        for a, b in zip(rows["starts_at"], rows["ends_at"], strict=True)
    ]


def joined(spans: Iterable[Span | tuple[datetime, datetime]]) -> list[Span]:
    """The same time in spans that neither touch nor overlap, in order."""
    found: list[Span] = []
    for starts, ends in sorted(spans):
        if ends <= starts:
            continue
        if found and starts <= found[-1].ends:
            found[-1] = Span(found[-1].starts, max(ends, found[-1].ends))
        else:
            found.append(Span(starts, ends))
    return found


def without(spans: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """The spans less the time that is taken."""
    left = list(spans)
    for gone in taken:
        left = [
            part
            for one in left
            for part in (
                Span(one.starts, min(one.ends, gone.starts)),
                Span(max(one.starts, gone.ends), one.ends),
            )
            if part.ends > part.starts
        ]
    return left


def within(spans: Sequence[Span], limits: Span) -> list[Span]:
    """What of the spans lies within the limits."""
    cut = (Span(max(a, limits.starts), min(b, limits.ends)) for a, b in spans)
    return [one for one in cut if one.ends > one.starts]


def minutes(spans: Sequence[Span]) -> float:
    """Minutes of spans that do not overlap."""
    return sum((one.ends - one.starts).total_seconds() for one in spans) / 60


def hours_worked(duties: pd.DataFrame, since: datetime, until: datetime) -> "pd.Series[float]":
    """Hours on duty within the span by crew_id.

    Duties (on_at, off_at; NaT: still on) of several members of a crew count once.
    """
    limits = Span(since, until)
    found = {}
    for crew_id, rows in duties.groupby("crew_id"):
        ends = rows["off_at"].fillna(pd.Timestamp(until))
        pairs = zip(rows["on_at"], ends, strict=True)
        spans = joined((a.to_pydatetime(), b.to_pydatetime()) for a, b in pairs)
        found[str(crew_id)] = minutes(within(spans, limits)) / 60
    return pd.Series(found, dtype="float64").rename_axis("crew_id")


def overlapping(spans: Sequence[Span], one: Span) -> Span | None:
    """The first of the spans that shares time with one; None where none does."""
    return next((s for s in spans if s.starts < one.ends and s.ends > one.starts), None)
