"""The lines of Today about crews: those over their hours, and shifts to which nobody has come."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from app.store import crew_duties
from app.use_cases import crew_attendance, crew_rules, shifts
from app.use_cases.access import may
from app.use_cases.today_scene import Scene, TodayLine
from grid_cells.shifts import ATTENDED

_A_DAY: Final = timedelta(days=1)


def _over(scene: Scene) -> list[TodayLine]:
    """Crews over their hours, for who runs crews or looks after them."""
    if not may(scene.actor, "see_crews") or scene.actor.crew_id is not None:
        return []
    hours = crew_attendance.worked(scene.db, scene.now)
    over = hours[hours["over"] > 0]
    if over.empty:
        return []
    most = crew_rules.most_hours()
    told = [
        (float(row[row["over"]]) / most[row["over"]], str(crew), row)
        for crew, row in zip(over.index, over.to_dict("records"), strict=True)
    ]
    _, worst, row = max(told, key=lambda one: one[:2])
    days = int(row["over"])
    hours_told = round(float(row[days]))
    values: dict[str, Any] = {
        "count": len(over), "crew": worst, "days": days, "hours": hours_told,
    }  # fmt: skip
    link = {"page": "crews", "part": "positions", "crew": worst}
    return [TodayLine("today_crews_over", "amber", values, None, None, link)]


def _absent(scene: Scene) -> list[TodayLine]:
    """Shifts of duty that began long enough ago, and nobody of the crew has come."""
    if not may(scene.actor, "run_crews"):
        return []
    connection, now = scene.db.read(), scene.now
    crews = shifts.crews(connection)
    today = now.date()
    planned = shifts.planned(connection, crews, today - _A_DAY, today + _A_DAY, kinds=ATTENDED)
    since = {
        crew: span.starts
        for crew, spans in planned.items()
        for span in spans
        if span.starts + crew_rules.lasting("duty_late") <= now < span.ends
    }
    came = crew_duties.between(connection, now - _A_DAY, now, now)
    for crew, ended in zip(came["crew_id"], came["off_at"], strict=True):
        if crew in since and (pd.isna(ended) or ended > since[crew]):
            del since[crew]
    if not since or crew_duties.is_empty(connection, now):
        return []
    first = min(since, key=lambda crew: (since[crew], crew))
    minutes = round((now - since[first]).total_seconds() / 60)
    values = {"count": len(since), "crew": first, "minutes": minutes}
    link = {"page": "crews", "part": "positions", "crew": first}
    return [TodayLine("today_crews_absent", "amber", values, since[first], None, link)]


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_over, _absent)
