"""What crews do and will do, as bars over time: work, what comes next, what a plan suggests."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

WORK, NEXT, SUGGESTED = "work", "next", "suggested"
COLUMNS: Final = (
    "crew_id", "order_id", "state", "kind", "starts_at", "ends_at", "due_at", "is_late",
)  # fmt: skip
_LEAST_MIN: Final = 5


def bars(held: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """A bar for each order that a crew holds, in the order in which it does them.

    `held`: crew_id, order_id, state, arrived_at (the crew's own), planned_arrive_at, told_at,
    service_min, due_at (NaT: nothing promised), travel_min (from where the crew is; NaN: unknown).
    A bar starts with the arrival: the planned one while it can still be met, else as soon as the
    crew is through with what is before it and has driven. COLUMNS: kind work or next; is_late:
    it is reached, or done where work has begun, after what was promised.
    """
    rows = []
    meant = held["planned_arrive_at"].fillna(held["told_at"])
    ordered = held.assign(
        waits=held["arrived_at"].isna(), meant=pd.to_datetime(meant, utc=True)
    ).sort_values(["crew_id", "waits", "meant", "order_id"], kind="stable")
    for _, part in ordered.groupby("crew_id", sort=True):
        clock = pd.Timestamp(now)
        for row in part.to_dict("records"):
            bar = _bar(row, clock, pd.Timestamp(now))
            clock = max(clock, bar["ends_at"])
            rows.append(bar)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _bar(row: Mapping[Any, Any], clock: pd.Timestamp, now: pd.Timestamp) -> dict[str, Any]:
    service = timedelta(minutes=max(_number(row["service_min"]), _LEAST_MIN))
    if not row["waits"]:
        starts = row["arrived_at"]
        ends = max(starts + service, now + timedelta(minutes=_LEAST_MIN))
        reached = ends
    else:
        soonest = clock + timedelta(minutes=_number(row["travel_min"]))
        planned = row["planned_arrive_at"]
        starts = planned if pd.notna(planned) and planned >= clock else soonest
        ends = reached = starts + service
        reached = starts
    is_late = bool(pd.notna(row["due_at"]) and reached > row["due_at"])
    return {
        "crew_id": row["crew_id"], "order_id": row["order_id"], "state": row["state"],
        "kind": NEXT if row["waits"] else WORK, "starts_at": starts, "ends_at": ends,
        "due_at": row["due_at"], "is_late": is_late,
    }  # fmt: skip


def suggested(lines: Iterable[Mapping[str, Any]], due: Mapping[str, pd.Timestamp]) -> pd.DataFrame:
    """Bars of a plan's lines (order, crew, arrive_at, leave_at as ISO text)."""
    rows = []
    for line in lines:
        starts, ends = (pd.Timestamp(line[name]) for name in ("arrive_at", "leave_at"))
        promised = due.get(line["order"], pd.NaT)
        rows.append(
            {
                "crew_id": line["crew"], "order_id": line["order"], "state": "registered",
                "kind": SUGGESTED, "starts_at": starts, "ends_at": ends, "due_at": promised,
                "is_late": bool(pd.notna(promised) and starts > promised),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _number(value: Any) -> float:
    return 0.0 if value is None or pd.isna(value) else float(value)
