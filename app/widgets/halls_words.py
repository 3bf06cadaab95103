"""How a hall is worded: its state with a sign, its wait with where that comes from."""

from typing import Any, Final

import pandas as pd

from app import language as words
from app.maps.update import Tone
from app.widgets import card, promise_words, session

TONES: Final[dict[str, Tone | None]] = {
    "ok": None, "busy": "risk", "full": "broken", "unknown": "muted", "closed": "faint",
}  # fmt: skip
SIGNS: Final = {"ok": "✓", "busy": "△", "full": "✕", "unknown": "?", "closed": "–"}
_BADGES: Final[dict[str, card.Tone]] = {"ok": "good", "busy": "risk", "full": "broken"}


def state(row: dict[Any, Any]) -> str:
    """The state's word behind its sign."""
    code = str(row["state"])
    return f"{SIGNS[code]} {session.say(f'halls_state_{code}')}"


def badge(row: dict[Any, Any]) -> str:
    """The state as a badge."""
    code = str(row["state"])
    return card.badge(session.say(f"halls_state_{code}"), _BADGES.get(code, "plain"))


def minutes(value: Any) -> str:
    """Minutes, or that they are unknown."""
    return words.NOTHING if pd.isna(value) else words.minutes(float(value), session.language())


def wait(row: dict[Any, Any]) -> str:
    """The wait, and where it comes from unless that is the queue itself."""
    told = minutes(row["wait_min"])
    if row["source"] in ("tickets", "unknown") or pd.isna(row["wait_min"]):
        return told
    source = session.say(f"halls_source_{row['source']}")
    return f"{told} ({source})"


def count(value: Any) -> str:
    """A whole number, or that it is unknown."""
    return words.NOTHING if pd.isna(value) else words.number(float(value), 0)


def matter(code: Any) -> str:
    """The word for a matter; one that the table does not have shows itself."""
    known = f"matter_{code}"
    return session.say(known) if words.knows(known, session.language()) else str(code)


def until(row: dict[Any, Any]) -> str:
    """Until when the hall is open, or when it opens."""
    if pd.isna(row["changes_at"]) or row["is_open"] is None:
        return words.NOTHING
    code = "halls_open_until" if row["is_open"] else "halls_opens"
    return session.say(code, time=promise_words.moment(row["changes_at"]))
