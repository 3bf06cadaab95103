"""The lines of Today about halls: those that are full now, and where their visitors could go."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from app.use_cases import hall_neighbours, halls
from app.use_cases.access import may
from app.use_cases.today_scene import Scene, TodayLine

_MOST: Final = 3


def _full(scene: Scene) -> list[TodayLine]:
    """Halls whose visitors wait longer than promised, the longest wait first."""
    if not may(scene.actor, "see_halls"):
        return []
    board = halls.board(scene.db, scene.actor, scene.now)
    full = board[board["state"] == "full"].sort_values("wait_min", ascending=False)
    return [_line(scene, row["hall_id"], row["name"], row["wait_min"])
            for row in full.head(_MOST).to_dict("records")]  # fmt: skip


def _line(scene: Scene, hall_id: str, name: str, wait_min: float) -> TodayLine:
    link = {"page": "halls", "part": "now", "hall": str(hall_id)}
    values = {"hall": str(name), "wait": round(wait_min)}
    others = hall_neighbours.neighbours(scene.db, hall_id, scene.now)
    better = others[others["travel_min"] + others["wait_min"] < wait_min]
    if better.empty or pd.isna(better["wait_min"].iloc[0]):
        return TodayLine("today_halls_full_alone", "amber", values, None, None, link)
    best = better.iloc[0]
    values |= {
        "other": str(best["name"]), "other_wait": round(float(best["wait_min"])),
        "way": round(float(best["travel_min"])),
    }  # fmt: skip
    return TodayLine("today_halls_full", "amber", values, None, None, link)


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (_full,)
