"""The lines of Today about devices of halls: who stands too long, what is down or silent."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from app.use_cases import hall_devices
from app.use_cases.access import may
from app.use_cases.today_scene import Scene, TodayLine

_MOST: Final = 3
_LINK: Final = {"page": "halls", "part": "devices"}


def _devices(scene: Scene) -> list[TodayLine]:
    """People who stand at a screen, each; what is down or silent, together."""
    if not may(scene.actor, "see_halls"):
        return []
    table = hall_devices.listed(scene.db, scene.now)
    standing = table.dropna(subset=["standing_min"]).sort_values("standing_min", ascending=False)
    found = [
        TodayLine(
            "today_devices_standing", "amber",
            {"device": row["device_id"], "hall": row["hall"] or "–",
             "minutes": round(row["standing_min"])}, None, None, _LINK,
        )
        for row in standing.head(_MOST).to_dict("records")
    ]  # fmt: skip
    counts = table["state"].value_counts()
    values = {code: int(counts.get(code, 0)) for code in ("faulty", "unknown")}
    if sum(values.values()):
        since = table["faulted_at"].min()
        first = None if pd.isna(since) else since.to_pydatetime()
        found.append(TodayLine("today_devices_down", "info", values, first, None, _LINK))
    return found


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_devices,)
