"""Roles, permissions and scopes in words."""

import pandas as pd

from app.use_cases import roles, units
from app.use_cases.actors import Actor
from app.widgets import plain, session


def role(code: str) -> str:
    """A role's name; a word for none where it is unknown."""
    return session.say(f"role_{code}" if code in roles.permissions_by_role() else "role_unknown")


def permission(code: str) -> str:
    """What a permission lets one do."""
    return session.say(f"permission_{code}")


def scope(actor: Actor) -> str:
    """The part of the company that a person sees and works for."""
    if actor.scope is None:
        return session.say("scope_whole")
    return place(actor.scope.unit_id, actor.scope.area_id, unit_names())


def place(unit_id: object, area_id: object, names: dict[str, str]) -> str:
    """A unit, and perhaps one area of it, by name."""
    if plain.is_missing(unit_id) or not unit_id:
        return session.say("scope_whole")
    unit = names.get(str(unit_id), str(unit_id))
    if plain.is_missing(area_id) or not area_id:
        return unit
    return session.say("scope_area", unit=unit, area=str(area_id))


def unit_names() -> dict[str, str]:
    """Name of each unit in sight by its id."""
    named = units.names(session.database(), session.actor())
    return {unit: str(unit if plain.is_missing(name) else name) for unit, name in named.items()}


def tree(frame: pd.DataFrame) -> list[tuple[str, int]]:
    """Units of a frame with their depth, parents before their children."""
    children: dict[str | None, list[str]] = {}
    known = set(frame["unit_id"])
    for unit, parent in zip(frame["unit_id"], frame["parent_id"], strict=True):
        children.setdefault(parent if parent in known else None, []).append(str(unit))
    found: list[tuple[str, int]] = []
    waiting = [(unit, 0) for unit in reversed(children.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        found.append((unit, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(unit, []))]
    return found
