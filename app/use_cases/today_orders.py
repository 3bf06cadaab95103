"""The lines of Today about orders: near their limit or over it, waiting too long for a crew."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

import pandas as pd

from app.use_cases import order_rules, work_orders
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


def _without_crew(scene: Scene) -> list[TodayLine]:
    """Orders that nobody was sent to for too long, for who sends crews; a stopped clock rests."""
    if not may(scene.actor, "dispatch_orders"):
        return []
    rows = work_orders.listing(scene.db, scene.actor, OrderFilter(states=("registered",)))
    since = rows["registered_at"].where(rows["window_from"].isna(), rows["window_from"])
    since = since.where(since > rows["registered_at"], rows["registered_at"])
    patience = timedelta(minutes=order_rules.rule("waits_long"))
    long = (since < pd.Timestamp(scene.now - patience)) & ~rows["is_stopped"].astype(bool)
    if not long.any():
        return []
    first = rows[long].assign(since=since[long]).sort_values(["since", "order_id"]).iloc[0]
    begun = first["since"].to_pydatetime()
    minutes = round((scene.now - begun).total_seconds() / 60)
    values = {"count": int(long.sum()), "order": str(first["order_id"]), "minutes": minutes}
    link = {"page": "dispatch", "order": str(first["order_id"])}
    owner = managers(scene).get(first["area_id"])
    return [TodayLine("today_orders_waiting", "amber", values, begun, owner, link)]


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_over, _soon, _without_crew)
