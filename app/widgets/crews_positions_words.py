"""How a crew's state and the age of its place are worded."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from app import language as words
from app.maps.update import Tone
from app.widgets import card, plain, session


def state(row: Mapping[Any, Any]) -> str:
    """A crew's state: on duty, on shift but not on duty, off; with what is missing."""
    return session.say(f"crews_state_{code(row)}")


def code(row: Mapping[Any, Any]) -> str:
    """on, old (its place is), unplaced, waiting (on shift, not on duty) or off."""
    if not row["is_on"]:
        return "waiting" if row["is_on_shift"] else "off"
    if pd.isna(row["seen_at"]):
        return "unplaced"
    return "old" if row["is_old"] else "on"


def tone(row: Mapping[Any, Any]) -> Tone | None:
    """How its sign is drawn: filled where it is seen, an outline at its base where not."""
    is_seen = not pd.isna(row["lon"])
    tones: dict[str, Tone | None] = {
        "on": None if is_seen else "hollow", "old": "muted" if is_seen else "hollow",
        "unplaced": "hollow", "waiting": "faint", "off": "faint",
    }  # fmt: skip
    return tones[code(row)]


def badge(row: Mapping[Any, Any]) -> str:
    """HTML of the state, set off."""
    tones: dict[str, card.Tone] = {"on": "good", "old": "risk", "unplaced": "risk"}
    return card.badge(state(row), tones.get(code(row), "plain"))


def seen(row: Mapping[Any, Any]) -> str:
    """How old the last fix is, as known now."""
    if pd.isna(row["seen_at"]):
        return session.say("crews_seen_never")
    told = words.minutes(float(row["age_min"]), session.language())
    return session.say("crews_seen", time=told)


def name(crew_id: str, row: Mapping[Any, Any]) -> str:
    """A crew's id and name."""
    return crew_id if plain.is_missing(row["name"]) else f"{crew_id} {row['name']}"
