"""Which crews a customer asked for, or does not want, of the wishes that an order carries."""

import json
from collections.abc import Mapping
from typing import Any, Final

_CREWS: Final = ("allowed", "forbidden")


def wishes_of(text: object) -> dict[str, Any]:
    """The wishes as an object, allowed and forbidden as lists of crew numbers.

    One number for a list is a list of one; what cannot be read is no wish.
    """
    try:
        told = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    crews = {name: listed for name in _CREWS if (listed := _listed(told.get(name)))}
    return {**{name: value for name, value in told.items() if name not in _CREWS}, **crews}


def _listed(told: object) -> list[str]:
    every = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return [one for one in every if isinstance(one, str) and one]


def is_against(wishes: Mapping[str, Any], crew_id: str) -> bool:
    """Whether the customer asked for other crews, or for anybody but this one."""
    allowed = wishes.get("allowed")
    return crew_id in wishes.get("forbidden", ()) or bool(allowed and crew_id not in allowed)
