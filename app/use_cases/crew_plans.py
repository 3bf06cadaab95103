"""When a crew is planned to work around a moment, as its duties ask for it."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.store import crew_shifts
from app.store.database import Connection
from app.use_cases import crew_rules, shifts
from grid_cells.errors import UserError
from grid_cells.shifts import Span, joined

_A_DAY: Final = timedelta(days=1)


def _plan(connection: Connection, crew_id: str, at: datetime) -> tuple[list[Span], bool]:
    """When the crew is to work around the moment, and whether anything at all is stated."""
    found = shifts.crews(connection)
    own = found[found["crew_id"] == crew_id]
    if own.empty:
        return [], False
    zone = str(own["timezone"].iloc[0])
    day = at.astimezone(ZoneInfo(zone)).date()
    spans = shifts.planned(connection, own, day - _A_DAY, day + 2 * _A_DAY)[crew_id]
    text = own["shift"].iloc[0]
    is_stated = bool(spans) or (isinstance(text, str) and bool(text.strip()))
    return joined(spans), is_stated


def shift_end(connection: Connection, crew_id: str, on_at: datetime) -> datetime | None:
    """When the shift ends that a duty begun then is for; None where no shift is stated."""
    spans, _ = _plan(connection, crew_id, on_at)
    early = crew_rules.lasting("duty_early")
    return next((s.ends for s in spans if s.starts - early <= on_at < s.ends), None)


def next_shift(connection: Connection, crew_id: str, now: datetime) -> Span | None:
    """The shift that runs at the moment, else the next one."""
    spans, _ = _plan(connection, crew_id, now)
    return next((s for s in spans if s.ends > now), None)


def check_shift(connection: Connection, crew_id: str, now: datetime, *, is_called_in: bool) -> None:
    """Let a duty begin within a shift, or enter overtime for a crew that was called in.

    Raises UserError `duty_no_shift`, `duty_no_shift_at_all` for one that was not.
    """
    spans, is_stated = _plan(connection, crew_id, now)
    if not is_stated or shift_end(connection, crew_id, now) is not None:
        return
    coming = next((s.starts for s in spans if s.starts > now), None)
    if not is_called_in:
        if coming is None:
            raise UserError("duty_no_shift_at_all")
        raise UserError("duty_no_shift", at=coming)
    ends = now + crew_rules.lasting("called_in")
    overtime = {
        "crew_id": crew_id, "starts_at": now, "kind": "overtime",
        "ends_at": ends if coming is None else min(ends, coming),
    }  # fmt: skip
    crew_shifts.add(connection, overtime)
