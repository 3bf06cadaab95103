"""The table of rules of devices: when a heartbeat is late, how long people stand at a screen."""

from functools import cache
from typing import Final

import pandas as pd

from app.use_cases import reference

_WIDEST_MIN: Final = 90.0
"""The limit between heartbeats of a kind that the table lacks."""


@cache
def rules() -> pd.DataFrame:
    """By kind: late_min, dwell_min, lost_min (NaN: nobody stands there) and flags.

    The flags: is_self_service, plays_content.
    """
    rows = reference.table("device_rules").set_index("kind")
    flags = ["is_self_service", "plays_content"]
    minutes = ["late_min", "dwell_min", "lost_min"]
    return rows[minutes + flags].astype(
        {**dict.fromkeys(minutes, "float64"), **dict.fromkeys(flags, "bool")}
    )


def with_rules(devices: pd.DataFrame) -> pd.DataFrame:
    """The devices with the figures of their kinds."""
    table = devices.merge(rules(), left_on="kind", right_index=True, how="left")
    table["late_min"] = table["late_min"].fillna(_WIDEST_MIN)
    for name in ("is_self_service", "plays_content"):
        table[name] = table[name].eq(True).fillna(False).astype(bool)
    return table.reset_index(drop=True)


def kinds() -> tuple[str, ...]:
    """The kinds of devices the table knows."""
    return tuple(str(one) for one in rules().index)
