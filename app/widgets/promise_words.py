"""How a promise stands, in words: the state with its sign, the countdown, the clocks."""

from typing import Any, Final

import pandas as pd

from app import language as words
from app.maps.palette import STATUS
from app.maps.update import Tone
from app.widgets import card, plain, session
from app.widgets.card import Tone as CardTone

TONES: Final[dict[str, Tone | None]] = {
    "kept": "kept", "risk": "risk", "broken": "broken", "stopped": "muted", "running": None,
    "unknown": "muted",
}  # fmt: skip
_SIGNS: Final = {"stopped": "‖", "running": "▷", "unknown": "–"}
_BADGES: Final[dict[str, CardTone]] = {
    "kept": "good", "risk": "risk", "broken": "broken",
}  # fmt: skip


def state(code: str) -> str:
    """A state with its sign, as plain text."""
    sign = _SIGNS.get(code) or STATUS[code][1]
    return f"{sign} {session.say(f'promise_state_{code}')}"


def badge(code: str, left_min: float) -> str:
    """HTML of the countdown, set off by its state's colour and sign."""
    left = countdown(left_min)
    return card.badge(
        left if code in _BADGES else f"{state(code)} · {left}", _BADGES.get(code, "plain")
    )


def countdown(left_min: float) -> str:
    """How long is left, or since when the promise is broken: "12 min left", "broken 8 min ago"."""
    if plain.is_missing(left_min):
        return session.say("promise_none_left")
    time = words.minutes(abs(int(left_min)), session.language())
    return session.say("promise_left" if left_min >= 0 else "promise_over", time=time)


def line(code: str, left_min: float) -> str:
    """How an order stands in one line of plain text, its sign in front."""
    left = countdown(left_min)
    return f"{STATUS[code][1]} {left}" if code in ("risk", "broken") else f"{state(code)} · {left}"


def of_promise(promise_class: Any) -> str:
    """A promise class in words."""
    if plain.is_missing(promise_class):
        return session.say("promise_nowhere")
    return session.say(f"value_promise_class_{promise_class}")


def clock(counted: float, elapsed: float) -> str:
    """Minutes without the stops, and with them where there were any."""
    if plain.is_missing(counted):
        return words.NOTHING
    if elapsed - counted < 1:
        return session.say("promise_clock_plain", n=round(counted))
    return session.say("promise_clock_stops", n=round(counted), whole=round(elapsed))


def travel(minutes: float) -> str:
    """How far away a crew is."""
    if plain.is_missing(minutes):
        return session.say("promise_travel_unknown")
    return session.say("promise_travel", n=round(minutes))


def reason(code: Any) -> str:
    """Why a clock stands still or a verdict was overruled; codes that no catalogue knows stay."""
    for known in (f"stop_{code}", f"fault_overruled_by_{code}"):
        if words.knows(known, session.language()):
            return session.say(known)
    return plain.escaped(code)


def moment(value: Any) -> str:
    """A moment as people read it, the dash where there is none."""
    if plain.is_missing(value):
        return words.NOTHING
    return session.moment(pd.Timestamp(value).to_pydatetime())
