"""Everything the service map shows in one run, asked once and handed to its parts."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

import pandas as pd

from app.store.database import Database
from app.use_cases import service_map
from app.use_cases.actors import Actor
from app.use_cases.measures import Measure
from app.use_cases.service_map import Figure
from app.widgets import legend, map_choice, session
from app.widgets.legend import Legend
from app.widgets.map_choice import MapChoice

_KEPT: Final = 48
Limits = tuple[str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Scene:
    """The measures, units and areas to choose from; the choice; its cells and legend."""

    measures: list[Measure]
    units: pd.DataFrame
    areas: pd.DataFrame
    choice: MapChoice
    cells: pd.DataFrame
    legend: Legend
    version: str
    now: datetime


@lru_cache(maxsize=_KEPT)
def _cells(db: Database, actor: Actor, version: str, measure: str, limits: Limits) -> pd.DataFrame:
    """The cells of a measure; the version changes whenever they may have changed."""
    del version
    unit, areas = limits
    return service_map.cells(
        db, actor, measure=measure, unit_id=unit, area_ids=areas, now=session.now()
    )


@lru_cache(maxsize=_KEPT)
def _figures(
    db: Database, actor: Actor, version: str, now: datetime, limits: Limits
) -> list[Figure]:
    """The strip's figures, which also look a day back and so depend on the minute."""
    del version
    return service_map.figures(db, actor, now, *limits)


def gather() -> Scene:
    """The scene as the session's controls stand."""
    db, actor, now = session.database(), session.actor(), session.now()
    measures = service_map.list_measures(db, actor)
    units = service_map.units(db, actor)
    areas = service_map.areas(db, actor, now)
    choice = map_choice.begin(measures, units, areas)
    version = service_map.facts_version(db, now)
    limits = (choice.unit_id, choice.area_ids)
    cells = _cells(db, actor, version, choice.measure.code, limits)
    explained = legend.of(choice.measure, cells, areas)
    return Scene(measures, units, areas, choice, cells, explained, version, now)


def figures(scene: Scene) -> list[Figure]:
    """The strip's figures within the scene's unit and areas."""
    minute = scene.now.replace(second=0, microsecond=0)
    limits = (scene.choice.unit_id, scene.choice.area_ids)
    return _figures(session.database(), session.actor(), scene.version, minute, limits)
