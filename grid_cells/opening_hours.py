"""Hours in OpenStreetMap's notation ("Mo-Fr 08:30-17:30; PH off"): whether they hold now.

The notation is specified at wiki.openstreetmap.org/wiki/Key:opening_hours/specification.
"""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State, validate

COUNTRY = "CN"
"""Whose public holidays "PH" means."""


def is_readable(hours: str) -> bool:
    """Whether the text follows the notation."""
    return validate(hours.strip())


def is_open(
    hours: str | None,
    at: datetime,
    timezone: str,
    *,
    exceptions: str | None = None,
    country: str = COUNTRY,
) -> bool | None:
    """Whether the hours hold at the moment `at`; None when no hours are known or readable.

    `at` is timezone-aware, the hours are those of the IANA zone `timezone`. `exceptions` are
    further rules in the same notation that take precedence. The first minute counts, the last
    does not.
    """
    text = _joined(hours, exceptions)
    if text is None or not is_readable(text):
        return None
    return _parsed(text, timezone, country).is_open(at.astimezone(ZoneInfo(timezone)))


def next_change(
    hours: str | None,
    at: datetime,
    timezone: str,
    *,
    exceptions: str | None = None,
    country: str = COUNTRY,
) -> datetime | None:
    """When the hours next begin or end after `at`, in the zone; None when never or unknown."""
    text = _joined(hours, exceptions)
    if text is None or not is_readable(text):
        return None
    return _parsed(text, timezone, country).next_change(at.astimezone(ZoneInfo(timezone)))


def open_spans(
    hours: object,
    span: tuple[datetime, datetime],
    timezone: str,
    *,
    exceptions: str | None = None,
    country: str = COUNTRY,
) -> list[tuple[datetime, datetime]]:
    """When the hours hold within the span, in order; none when no hours are known or readable."""
    text = _joined(hours if isinstance(hours, str) else None, exceptions)
    if text is None or not is_readable(text):
        return []
    zone = ZoneInfo(timezone)
    first, last = (moment.astimezone(zone) for moment in span)
    found = _parsed(text, timezone, country).intervals(first, last)
    return [
        (starts, ends)
        for starts, ends, state, _ in found
        if state == State.OPEN and ends is not None and starts < ends
    ]


def _joined(hours: str | None, exceptions: str | None) -> str | None:
    """The rules with their exceptions last, where they win; None without rules."""
    if not isinstance(hours, str) or not hours.strip():
        return None
    extra = exceptions.strip() if isinstance(exceptions, str) else ""
    return f"{hours.strip()}; {extra}" if extra else hours.strip()


@lru_cache(maxsize=4096)
def _parsed(text: str, timezone: str, country: str) -> OpeningHours:
    return OpeningHours(
        text,
        timezone=ZoneInfo(timezone),
        country=country,
        auto_country=False,
        auto_timezone=False,
    )
