"""Stays of crews within fences, worked out anew from the fixes of the duties they belong to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.store import crew_duties, crew_positions, fences
from app.store.database import Connection
from grid_cells import fences as rules
from grid_cells.fences import Stay

_COLUMNS: Final = ("fence_id", "crew_id", "entered_at", "counted_at", "left_at")


def follow(connection: Connection, crew_id: str, since: datetime, now: datetime) -> None:
    """Work out the crew's stays of the duties that reach into the time since `since`."""
    duties = crew_duties.between(connection, since, now + timedelta(seconds=1), now)
    duties = duties[duties["crew_id"] == crew_id]
    if duties.empty:
        return
    first = duties["on_at"].min().to_pydatetime()
    fixes = crew_positions.of_crews(connection, [crew_id], first, now + timedelta(minutes=2), now)
    drawn = fences.between(connection, first, now).to_dict("records")
    rows = [
        (int(fence["fence_id"]), crew_id, *stay)
        for fence in drawn
        for stay in _of_fence(fence, fixes, duties)
    ]
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    for name in _COLUMNS[2:]:
        found[name] = pd.to_datetime(found[name], utc=True).astype("datetime64[us, UTC]")
    fences.replace_stays(connection, crew_id, first, found)


def _of_fence(
    fence: Mapping[Any, Any], fixes: pd.DataFrame, duties: pd.DataFrame
) -> list[tuple[datetime, datetime | None, datetime | None]]:
    """Stays of several members that overlap are one of the crew."""
    found: list[Stay] = []
    for duty in duties.to_dict("records"):
        own = fixes[(fixes["user_id"] == duty["user_id"]) & (fixes["seen_at"] >= duty["on_at"])]
        own = own[own["seen_at"] >= fence["valid_from"]]
        for end in (duty["off_at"], fence["valid_to"]):
            own = own if pd.isna(end) else own[own["seen_at"] < end]
        if own.empty:
            continue
        stays = rules.stays(own, beyond_m(fence, own), float(fence["dwell_min"]))
        off_at = None if pd.isna(duty["off_at"]) else duty["off_at"].to_pydatetime()
        found += [
            Stay(one.entered_at, one.counted_at, one.left_at or off_at)
            for one in rules.counted(stays)
        ]
    return [(one.entered_at, one.counted_at, one.left_at) for one in rules.joined(found)]


def beyond_m(fence: Mapping[Any, Any], fixes: pd.DataFrame) -> rules.Floats:
    """Metres from each fix to the fence's border, below 0 inside."""
    lon, lat = (fixes[name].to_numpy("float64") for name in ("lon", "lat"))
    if fence["kind"] == "site":
        middle = (float(fence["lon"]), float(fence["lat"]))
        return rules.beyond_circle(lon, lat, middle, float(fence["radius_m"]))
    return rules.beyond_shape(lon, lat, bytes(fence["geometry"]))
