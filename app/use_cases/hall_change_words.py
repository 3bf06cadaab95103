"""Changes of halls that one tries, as a word for an address that can be handed on.

One change: deed, hall (none for a new one), what belongs to it; changes are set apart by ";":
"close:H1;staff:H2:5;move:H3:112.5,30.4;open::112.5,30.4:3;machine:H1".
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote

from app.use_cases.hall_balance import DEEDS, NEW_HALL, Deed, HallChange
from app.use_cases.reach_wishes import is_on_earth

MOST: Final = 5
"""Changes that are tried at once."""
_PARTS: Final = {"open": ("at", "counters"), "move": ("at",), "staff": ("counters",)}
"""What is told of a change beside its hall, by deed."""


def word_of(changes: Sequence[HallChange]) -> str:
    """The word for the changes; empty without any."""
    return ";".join(_told(one) for one in changes)


def _told(one: HallChange) -> str:
    hall = "" if one.hall_id == NEW_HALL else quote(one.hall_id, safe="")
    said = {
        "at": "" if one.at is None else f"{one.at[0]:.6f},{one.at[1]:.6f}",
        "counters": str(one.counters or ""),
    }
    return ":".join([one.deed, hall, *(said[name] for name in _PARTS.get(one.deed, ()))])


def changes_of(word: str) -> tuple[HallChange, ...]:
    """The changes behind a word, at most MOST; what cannot be read is left out."""
    found = [_read(one) for one in word.split(";") if one]
    return tuple(one for one in found if one is not None)[:MOST]


def _read(text: str) -> HallChange | None:
    name, *rest = text.split(":")
    deed = _deed(name)
    names = _PARTS.get(name, ())
    if deed is None or len(rest) != 1 + len(names):
        return None
    said = dict(zip(names, rest[1:], strict=True))
    try:
        at = _place(said["at"]) if "at" in said else None
        counters = int(said["counters"]) if "counters" in said else None
    except ValueError:
        return None
    return HallChange(deed, unquote(rest[0]) or NEW_HALL, at, counters)


def _deed(name: str) -> Deed | None:
    return next((one for one in DEEDS if one == name), None)


def _place(text: str) -> tuple[float, float]:
    lon, lat = (float(one) for one in text.split(","))
    if not is_on_earth(lon, lat):
        raise ValueError(text)
    return lon, lat
