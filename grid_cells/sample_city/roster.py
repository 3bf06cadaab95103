"""Crews' shifts of the month round the end: four days on and four off, standby, leave, overtime."""

from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from grid_cells.sample_city.dispatch import ALWAYS, DAY_SHIFT, NIGHT_SHIFT
from grid_cells.sample_city.moments import days_before, utc

DAYS_BEFORE, DAYS_AFTER = 30, 14
_CYCLE, _ON = 8, 4
_SUNDAY: Final = 6
_DAY_PHASES: Final = (0, 1, 2, 3, 0, 1)
_NIGHT_PHASES: Final = (1, 2, 0, 5, 3, 6)
"""Where in its eight days each crew stands on the last day: from four on it rests."""
_BUSY_CREW: Final = 2
"""The day crew (of those in order) that also worked on days it should have rested."""
_BUSY_DAYS_AGO: Final = (2, 3, 4)
_ON_LEAVE_ON_SUNDAYS: Final = (2, 4)
_STORM_ENDS: Final = "23:59"


class _Turn(NamedTuple):
    crew_id: str
    shift: str
    phase: int
    number: int


def shift_frame(crews: pd.DataFrame, *, end: date) -> pd.DataFrame:
    """The file's columns of `crew_shifts`: the month before the end and the fortnight after it.

    Every day crew works on the last day; two night crews rest tonight, and on Sundays two of the
    standby crews are on leave.
    """
    rows = [
        row
        for turn in _turns(crews)
        for ago in range(DAYS_BEFORE, -DAYS_AFTER - 1, -1)
        for row in _of_day(turn, ago, end)
    ]
    names = ["crew_id", "starts_at", "ends_at", "kind", "note"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[::3], "str"))
    members = crews.set_index("crew_id")["members"]
    plates = [f"E·L{number:04d}" for number in range(1, len(crews) + 1)]
    vehicles = dict(zip(crews["crew_id"], plates, strict=True))
    is_away = (frame["kind"] == "leave").to_numpy()
    who = frame["crew_id"].map(members).mask(is_away)
    return frame.assign(members=who, vehicle=frame["crew_id"].map(vehicles).mask(is_away))


def _turns(crews: pd.DataFrame) -> list[_Turn]:
    phases = {DAY_SHIFT: _DAY_PHASES, NIGHT_SHIFT: _NIGHT_PHASES}
    seen: dict[str, int] = {}
    found = []
    for crew_id, shift in zip(crews["crew_id"], crews["shift"], strict=True):
        number = seen.get(shift, 0)
        seen[shift] = number + 1
        own = phases.get(shift, (0,))
        found.append(_Turn(str(crew_id), str(shift), own[number % len(own)], number))
    return found


def _of_day(
    turn: _Turn, ago: int, end: date
) -> list[tuple[str, pd.Timestamp, pd.Timestamp, str, str | None]]:
    """The shifts of a crew that begin on the day so many days before the end."""
    day = days_before(end, ago)
    if turn.shift == ALWAYS:
        away = day.weekday() == _SUNDAY and turn.number in _ON_LEAVE_ON_SUNDAYS and ago != 0
        return [_row(turn, day, ("08:00", "08:00"), "leave" if away else "standby")]
    if turn.shift == NIGHT_SHIFT:
        kind = "duty" if _is_on(turn, ago) else "leave"
        return [_row(turn, day, ("20:00", "08:00"), kind)]
    if turn.shift != DAY_SHIFT:
        works = day.weekday() < _SUNDAY - 1
        return [_row(turn, day, ("08:30", "17:00"), "duty")] if works else []
    if turn.number == _BUSY_CREW and ago in _BUSY_DAYS_AGO and not _is_on(turn, ago):
        return [_row(turn, day, ("08:00", "20:00"), "overtime", "Stands in 顶班")]
    if not _is_on(turn, ago):
        return [_row(turn, day, ("08:00", "20:00"), "leave")]
    rows = [_row(turn, day, ("08:00", "20:00"), "duty")]
    if ago == 0:
        rows.append(_row(turn, day, ("20:00", _STORM_ENDS), "overtime", "Storm 抗风抢修"))
    return rows


def _is_on(turn: _Turn, ago: int) -> bool:
    return (turn.phase - ago) % _CYCLE < _ON


def _row(
    turn: _Turn, day: date, hours: tuple[str, str], kind: str, note: str | None = None
) -> tuple[str, pd.Timestamp, pd.Timestamp, str, str | None]:
    starts, ends = hours
    last = day if ends > starts else day + timedelta(days=1)
    return turn.crew_id, utc(day, starts), utc(last, ends), kind, note


def worked(shifts: pd.DataFrame) -> pd.DataFrame:
    """Shifts that people really come to: duty and overtime, without standby and leave."""
    rows = shifts[shifts["kind"].isin(("duty", "overtime"))]
    return rows.sort_values(["crew_id", "starts_at"], ignore_index=True)


def jittered(rng: np.random.Generator, count: int, low: float, high: float) -> pd.TimedeltaIndex:
    """So many lengths of time between two numbers of minutes, to the second."""
    return pd.to_timedelta(np.round(rng.uniform(low, high, count) * 60), unit="s")
