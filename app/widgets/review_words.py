"""Words about reviews of readings: states, findings, reasons, moments, amounts."""

from typing import Any

from app import language as words
from app.widgets import plain, session, theft_words


def state(code: str) -> str:
    """A state in words."""
    return session.say(f"review_state_{code}")


def finding(code: str) -> str:
    """A finding in words."""
    return session.say(f"review_finding_{code}" if code == "doubt" else f"quality_figure_{code}")


def reason(code: Any) -> str:
    """The reason of a verdict in words, nothing where there is none."""
    return words.NOTHING if plain.is_missing(code) else session.say(f"review_reason_{code}")


def span(row: dict[str, Any]) -> str:
    """First and last day of a review."""
    first, last = theft_words.day(row["first_day"]), theft_words.day(row["last_day"])
    return first if first == last else f"{first} – {last}"


def kwh(value: Any) -> str:
    """An amount of energy; no reading is no nought."""
    return session.say("review_no_reading") if plain.is_missing(value) else _number(value)


def _number(value: Any) -> str:
    try:
        return f"{words.number(float(value), 1)} kWh"
    except (TypeError, ValueError):
        return str(value)
