"""What events of halls' machines have in common: how far off a clock may be, how time is told."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

AHEAD: Final = timedelta(minutes=5)
"""How far a machine's clock may go ahead."""
EARLIEST: Final = timedelta(days=31)
"""A machine may have been cut off for so long; what is older comes as a file."""
LONGEST: Final = 64
"""Characters of a text."""


def moment_in(text: str) -> datetime | None:
    """The moment that an ISO 8601 text with a zone tells, in UTC; None where it tells none."""
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def short(value: Any) -> str:
    """As much of a value as an error needs."""
    return str(value)[:60]
