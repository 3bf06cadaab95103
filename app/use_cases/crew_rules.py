"""The planning figures about crews' duties and hours."""

from datetime import timedelta
from typing import Final

from app.use_cases import reference

_UNITS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}


def lasting(name: str) -> timedelta:
    """One length of time of the table of rules about crews."""
    rows = reference.table("crew_rules")
    row = rows[rows["name"] == name].to_dict("records")[0]
    return timedelta(seconds=float(row["value"]) * _UNITS[str(row["unit"])])


def most_hours() -> dict[int, float]:
    """Hours on duty that are the most within so many days, by days."""
    rows = reference.table("working_hours")
    return dict(zip(rows["days"].astype(int), rows["most_h"].astype(float), strict=True))
