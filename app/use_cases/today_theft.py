"""The lines of Today about suspicion: hotspots of the latest run, visits without a result."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pandas as pd

from app.use_cases import inspection_plans, theft_hotspots
from app.use_cases.access import may
from app.use_cases.today_scene import Scene, TodayLine

_NEW: Final = timedelta(days=7)


def _hotspots(scene: Scene) -> list[TodayLine]:
    """Hotspots of a run of the last days."""
    if not may(scene.actor, "see_suspicion"):
        return []
    runs = theft_hotspots.runs(scene.db, scene.actor)
    if runs.empty or scene.now - runs["made_at"].iloc[0] > _NEW:
        return []
    found = theft_hotspots.found(scene.db, scene.actor)
    if found.spots.empty:
        return []
    made = pd.Timestamp(found.run["made_at"]).to_pydatetime()
    values = {"spots": len(found.spots), "suspects": round(found.spots["suspects"].sum())}
    link = {"page": "theft_hotspots"}
    return [TodayLine("today_theft_hotspots", "amber", values, made, None, link)]


def _waiting(scene: Scene) -> list[TodayLine]:
    """Visits that somebody chose and that have no result yet."""
    if not may(scene.actor, "run_inspections"):
        return []
    visits = inspection_plans.chosen(scene.db, scene.actor)
    waiting = visits[visits["waiting"]]
    if waiting.empty:
        return []
    since = waiting["chosen_at"].min().to_pydatetime()
    link = {"page": "theft_hotspots", "part": "inspections"}
    values = {"count": len(waiting)}
    return [TodayLine("today_inspections_waiting", "info", values, since, None, link)]


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_hotspots, _waiting)
