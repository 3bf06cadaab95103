"""A line of Today, and what every question behind the lines looks at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from app.store import places
from app.store.database import Connection, Database
from app.use_cases.actors import Actor
from grid_cells.duties import holders

Severity = Literal["red", "amber", "info"]


@dataclass(frozen=True)
class TodayLine:
    """One line of Today; `values` fill the sentence, `link` names a page and its query."""

    code: str
    severity: Severity
    values: dict[str, Any]
    since: datetime | None = None
    owner: str | None = None
    link: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """What the lines look at."""

    db: Database
    actor: Actor
    connection: Connection
    now: datetime
    zone: str
    areas: pd.DataFrame


def managers(scene: Scene) -> dict[str | None, str]:
    """Name of each area's manager, its backup's where that duty is vacant."""
    held = holders(places.all_duties(scene.connection), scene.now, scene.zone)
    names = places.people(scene.connection).set_index("id")["name"]
    found: dict[str | None, str] = {}
    for duty in ("backup", "manager"):
        of_duty = held[held["duty"] == duty]
        for area, holder in zip(of_duty["area_id"], of_duty["holder_id"], strict=True):
            found[area] = str(names.get(holder, holder))
    return found
