"""Which crews could still be at an order in time."""

from datetime import datetime
from typing import Final

import pandas as pd

from grid_cells.opening_hours import is_open

SKILLS: Final[dict[str, frozenset[str]]] = {
    "lv": frozenset({"lv", "低压"}), "hv": frozenset({"mv", "hv", "中压", "高压"}),
}  # fmt: skip
"""What a crew must be able to do for a fault of the level, by the words of archives."""


def fault_level(fault_class: object) -> str:
    """Level of a fault by its class: hv, else lv, where by far the most are."""
    text = str(fault_class).lower()
    is_high = text.startswith(("hv", "mv", "高压", "中压")) or text.endswith("_hv")
    return "hv" if is_high else "lv"


def is_on_shift(shift: object, at: datetime, timezone: str) -> bool:
    """Whether a crew works at that moment: always where no shift is stated, never if unreadable."""
    if not isinstance(shift, str) or not shift.strip():
        return True
    return is_open(shift, at, timezone) is True


def is_skilled(skills: object, level: str) -> bool:
    """Whether a crew can do faults of the level; one can whose skills tell of no level at all."""
    if not isinstance(skills, str) or not skills.strip():
        return True
    held = {one.strip().lower() for one in skills.replace("；", ";").replace(",", ";").split(";")}
    told = held & frozenset().union(*SKILLS.values())
    return not told or bool(told & SKILLS[level])


def ranked(crews: pd.DataFrame, left_min: float) -> pd.DataFrame:
    """The crews that could be sent, the best first, with spare_min and is_in_time.

    `crews`: crew_id, travel_min (NaN: unknown, these come last), busy_since (NaT: free). In time
    before too late, free before busy, then by minutes of travel. `left_min`: minutes left.
    """
    spare = left_min - crews["travel_min"]
    found = crews.assign(spare_min=spare, is_in_time=spare >= 0)
    order = found.assign(
        far=found["travel_min"].isna(), late=~found["is_in_time"], busy=found["busy_since"].notna()
    )
    order = order.sort_values(["far", "late", "busy", "travel_min", "crew_id"])
    return order.drop(columns=["far", "late", "busy"]).reset_index(drop=True)
