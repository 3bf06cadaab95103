"""An order's time as one bar: the wait with its stops, the work, where the promise ends."""

import html
import math
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from app.maps.palette import STATUS

_HATCH: Final = "repeating-linear-gradient(135deg,#d9dcda 0 3px,#8d9497 3px 4.5px)"
_FILLS: Final = {"wait": "#b9c8cf", "work": "#7fa8b8", "stop": _HATCH}


@dataclass(frozen=True)
class Span:
    """A part of the bar: minutes from the call to its beginning and end, and what it is."""

    begins: float
    ends: float
    kind: str


def spans(order: "pd.Series[Any]", events: pd.DataFrame, now: pd.Timestamp) -> list[Span]:
    """Wait and work of an order from its call until now or its end, and the stops over them."""
    call = order["registered_at"]
    end = now if pd.isna(order["restored_at"]) else order["restored_at"]
    there = end if pd.isna(order["arrived_at"]) else order["arrived_at"]
    waited, lasted = _since(call, there), _since(call, end)
    found = [Span(0, waited, "wait"), Span(waited, lasted, "work")]
    stopped: pd.Timestamp | None = None
    for row in events[events["event"].isin(["stopped", "resumed", "arrived"])].to_dict("records"):
        if stopped is not None:
            found.append(Span(_since(call, stopped), _since(call, row["happened_at"]), "stop"))
        stopped = row["happened_at"] if row["event"] == "stopped" else None
    if stopped is not None:
        found.append(Span(_since(call, stopped), lasted, "stop"))
    return [one for one in found if one.ends > one.begins]


def drawn(parts: list[Span], promise_min: float, state: str, alt: str) -> str:
    """HTML of the bar with a mark where the promise ends; `alt` says the same in words."""
    due = _due(parts, promise_min)
    whole = max([due * 1.08, *(part.ends for part in parts)]) or 1.0

    def share(minutes: float) -> str:
        return f"{100 * minutes / whole:.2f}%"

    blocks = "".join(
        f'<i style="left:{share(part.begins)};width:{share(part.ends - part.begins)};'
        f'background:{_FILLS[part.kind]}"></i>'
        for part in parts
    )
    colour = STATUS.get(state, STATUS["kept"])[0]
    mark = f'<b style="left:{share(due)};background:{colour}"></b>' if due else ""
    label = html.escape(alt)
    return f'<div class="gc-time-bar" role="img" aria-label="{label}">{blocks}{mark}</div>'


def _due(parts: list[Span], promise_min: float) -> float:
    """Minutes from the call to the promise's end, later by the stops before it; 0 without one."""
    if math.isnan(promise_min):
        return 0.0
    due = promise_min
    for one in sorted(parts, key=lambda part: part.begins):
        if one.kind == "stop" and one.begins < due:
            due += one.ends - one.begins
    return due


def _since(call: pd.Timestamp, moment: pd.Timestamp) -> float:
    return max(0.0, (moment - call).total_seconds() / 60)
