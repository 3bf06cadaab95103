"""The lines of Today about promises: those that broke, and those about to break."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.use_cases import promises
from app.use_cases.access import may
from app.use_cases.today_scene import Scene, TodayLine, managers


def _orders(scene: Scene, state: str) -> pd.DataFrame:
    """Open orders in the state, the most urgent first; none for who may not see them."""
    if not may(scene.actor, "see_promises"):
        return pd.DataFrame()
    found = promises.open_orders(scene.db, scene.actor, scene.now)
    return found[found["state"] == state]


def _broken(scene: Scene) -> list[TodayLine]:
    rows = _orders(scene, "broken")
    if rows.empty:
        return []
    worst = rows.iloc[0]
    values = {"count": len(rows), "order": worst["report_id"], "wait": round(worst["elapsed_min"])}
    since = scene.now - timedelta(minutes=abs(float(worst["state_left_min"])))
    return [_line(scene, "today_promises_broken", values, worst, since)]


def _risky(scene: Scene) -> list[TodayLine]:
    rows = _orders(scene, "risk")
    if rows.empty:
        return []
    first = rows.iloc[0]
    left = int(max(0, first["state_left_min"]))
    values = {"count": len(rows), "order": first["report_id"], "left": left}
    since = first["registered_at"].to_pydatetime()
    return [_line(scene, "today_promises_risk", values, first, since)]


def _line(
    scene: Scene, code: str, values: dict[str, Any], order: "pd.Series[Any]", since: datetime
) -> TodayLine:
    """A line that leads to the order; it is its area's manager's."""
    severity: Final = "red" if code == "today_promises_broken" else "amber"
    link = {"page": "promises", "order": str(order["report_id"])}
    return TodayLine(code, severity, values, since, managers(scene).get(order["area_id"]), link)


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_broken, _risky)
