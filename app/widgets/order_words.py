"""Work orders in words: task, state, clock, reasons, and what an event tells."""

from typing import Any, Final

from app import language as words
from app.maps.palette import STATUS
from app.maps.update import Tone
from app.widgets import card, plain, promise_words, session
from app.widgets.card import Tone as CardTone

TONES: Final[dict[str, Tone | None]] = promise_words.TONES
_BADGES: Final[dict[str, CardTone]] = {"risk": "risk", "broken": "broken"}
_SIGNS: Final = {"stopped": "‖", "running": "▷", "unknown": "–"}


def of_code(family: str, code: Any) -> str:
    """A code in words; one that no catalogue knows stays as it is."""
    if plain.is_missing(code):
        return words.NOTHING
    key = f"{family}_{code}"
    return session.say(key) if words.knows(key, session.language()) else str(code)


def task(order: Any) -> str:
    """What is to be done, the kind where the task is not known."""
    if plain.is_missing(order["task"]):
        return of_code("value_kind", order["kind"])
    return of_code("wo_task", order["task"])


def state(code: Any) -> str:
    """A state in words."""
    return of_code("wo_state", code)


def clock(code: str) -> str:
    """How the limit stands, with its sign."""
    sign = _SIGNS.get(code) or STATUS[code][1]
    return f"{sign} {session.say(f'wo_clock_{code}')}"


def countdown(left_min: Any, clock_code: str) -> str:
    """How much is left: "12 min left", "8 min over", "clock stopped", "done"."""
    if clock_code == "stopped":
        return session.say("wo_stopped")
    if plain.is_missing(left_min):
        return session.say("wo_done" if clock_code == "kept" else "wo_no_limit")
    time = words.minutes(abs(int(left_min)), session.language())
    return session.say("wo_left" if left_min >= 0 else "wo_over", time=time)


def signed(left_min: Any, clock_code: str) -> str:
    """The countdown with its sign in front, as plain text."""
    sign = _SIGNS.get(clock_code) or STATUS[clock_code][1]
    return f"{sign} {countdown(left_min, clock_code)}"


def badge(left_min: Any, clock_code: str) -> str:
    """HTML of the countdown, set off by colour and sign."""
    tone = _BADGES.get(clock_code, "plain")
    text = countdown(left_min, clock_code)
    return card.badge(text if tone != "plain" else signed(left_min, clock_code), tone)


def reason(move: str, code: Any) -> str:
    """Why a move was made, in words; empty without a reason."""
    if plain.is_missing(code):
        return ""
    family = {
        "arrived": "outside", "unrated": "unrated", "cancelled": "cancelled",
        "gate_refused": "gate_refused",
    }.get(move, "returned")  # fmt: skip
    key = f"wo_code_{family}_{code}"
    return session.say(key) if words.knows(key, session.language()) else promise_words.reason(code)


def fence(detail: dict[str, Any]) -> str:
    """How a check-in was judged, in words; empty for other events."""
    held = detail.get("fence")
    if not held:
        return ""
    if held.get("is_inside") is None:
        return session.say("wo_unjudged")
    if held.get("distance_m") is None:
        return session.say("wo_outside_unknown")
    code = "wo_inside" if held["is_inside"] else "wo_outside"
    told = session.say(code, distance=round(held["distance_m"]), radius=round(held["radius_m"]))
    if held.get("accuracy_m") is None:
        return told
    return f"{told} · {session.say('wo_accuracy', accuracy=round(held['accuracy_m']))}"
