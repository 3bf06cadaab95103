"""What a crew's phone sends, read field by field before anything is done."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from grid_cells.errors import UserError

MOST_STEPS: Final = 100
LONGEST_KEY: Final = 64
LONGEST_ID: Final = 120
LONGEST_TEXT: Final = 4000
KINDS: Final = ("move", "card", "chore", "part", "confirm", "result")


@dataclass(frozen=True)
class CrewStep:
    """One step of a queue. `order`: the order, or the chore; `given`: what the step says."""

    key: str
    kind: str
    order: str
    device_at: datetime | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """A number that was given, None without; UserError `crew_field`."""
        return number(self.given, name)

    def text(self, name: str) -> str | None:
        """A text that was given, None without; UserError `crew_field`."""
        return text(self.given, name)

    def whole(self, name: str) -> int | None:
        """A whole number that was given, None without; UserError `crew_field`."""
        return whole(self.given, name)


def steps(body: Any) -> list[CrewStep]:
    """The steps of a body; UserError `crew_body`, `crew_too_many`, `crew_field`."""
    given = body.get("steps") if isinstance(body, dict) else None
    if not isinstance(given, list):
        raise UserError("crew_body")
    if len(given) > MOST_STEPS:
        raise UserError("crew_too_many", most=MOST_STEPS)
    return [_step(one) for one in given]


def _step(one: Any) -> CrewStep:
    if not isinstance(one, dict):
        raise UserError("crew_body")
    kind = one.get("kind")
    if kind not in KINDS:
        raise UserError("crew_field", field="kind")
    return CrewStep(key(one), str(kind), named(one, "order"), moment(one, "device_at"), one)


def key(given: Mapping[str, Any]) -> str:
    """The step's own key."""
    found = text(given, "key")
    if not found or len(found) > LONGEST_KEY:
        raise UserError("crew_field", field="key")
    return found


def named(given: Mapping[str, Any], name: str) -> str:
    """An id that must be there."""
    found = text(given, name)
    if not found or len(found) > LONGEST_ID:
        raise UserError("crew_field", field=name)
    return found


def text(given: Mapping[str, Any], name: str) -> str | None:
    """A text, None where there is none."""
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not is_whole_text(value):
        raise UserError("crew_field", field=name)
    return value


def is_whole_text(value: str) -> bool:
    """Whether a text can be kept: half of a pair of surrogates, as phones cut emoji, cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def number(given: Mapping[str, Any], name: str) -> float | None:
    """A finite number, None where there is none; a place must lie on the globe."""
    value = given.get(name)
    if value is None:
        return None
    most = {"lon": 180.0, "lat": 90.0}.get(name, 1e7)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or abs(value) > most:
        raise UserError("crew_field", field=name)
    return float(value)


def whole(given: Mapping[str, Any], name: str) -> int | None:
    """A whole number, None where there is none."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53:
        raise UserError("crew_field", field=name)
    return value


def moment(given: Mapping[str, Any], name: str) -> datetime | None:
    """A moment with its zone, None where there is none."""
    value = text(given, name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise UserError("crew_field", field=name) from error
    if found.tzinfo is None:
        raise UserError("crew_field", field=name)
    return found.astimezone(UTC)


def is_true(given: Mapping[str, Any], name: str) -> bool:
    """A yes or no that must be there."""
    value = given.get(name)
    if not isinstance(value, bool):
        raise UserError("crew_field", field=name)
    return value
