"""The lines of Today about orders that no caller waits for: over their limit, or about to be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

from app.use_cases import work_orders
from app.use_cases.access import may
from app.use_cases.today_scene import Scene, TodayLine, managers
from app.use_cases.work_orders import OrderFilter


def _line(
    scene: Scene, clock: str, code: str, severity: Literal["red", "amber"]
) -> list[TodayLine]:
    """One line that leads to the most urgent of these orders; those of calls are promises' own."""
    if not may(scene.actor, "see_orders"):
        return []
    wanted = OrderFilter(clocks=(clock,), open_only=True)
    rows = work_orders.listing(scene.db, scene.actor, wanted)
    rows = rows[rows["calls"] == 0]
    if rows.empty:
        return []
    first = rows.iloc[0]
    values = {"count": len(rows), "order": str(first["order_id"])}
    since = scene.now - timedelta(minutes=max(0.0, -float(first["left_min"])))
    link = {"page": "orders", "order": str(first["order_id"])}
    return [TodayLine(code, severity, values, since, managers(scene).get(first["area_id"]), link)]


def _over(scene: Scene) -> list[TodayLine]:
    return _line(scene, "broken", "today_orders_over", "red")


def _soon(scene: Scene) -> list[TodayLine]:
    return _line(scene, "risk", "today_orders_breach", "amber")


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_over, _soon)
