"""Who has which duty in an area at a moment; a vacant duty stays vacant."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from grid_cells.opening_hours import is_open

DUTIES = ("manager", "backup", "repair", "inspection")


def on_duty(duties: pd.DataFrame, at: datetime, timezone: str) -> dict[str, str | None]:
    """The staff or crew id that has each duty at the moment `at`, None where it is vacant.

    `duties`: the rows of one area, with columns as in `holders`. Keys are DUTIES.
    """
    held = holders(duties, at, timezone)
    return dict.fromkeys(DUTIES) | dict(zip(held["duty"], held["holder_id"], strict=True))


def holders(duties: pd.DataFrame, at: datetime, timezone: str) -> pd.DataFrame:
    """Who has each duty of each area at the moment `at`: area_id, duty, holder_id.

    `duties`: area_id, duty, staff_id, crew_id, hours, valid_from, valid_to (excluded); times
    timezone-aware, an empty bound is open, empty hours are always, hours follow the IANA zone
    `timezone`; hours nobody can read never hold. Of several the one appointed last has it, then
    the first by id. Vacant duties are absent.
    """
    holder = duties["staff_id"].where(duties["staff_id"].notna(), duties["crew_id"])
    begins, ends = (pd.to_datetime(duties[name], utc=True) for name in ("valid_from", "valid_to"))
    in_force = (begins.isna() | (begins <= at)) & (ends.isna() | (ends > at))
    named = duties.assign(holder_id=holder, valid_from=begins)[in_force & holder.notna()]
    present = np.array([_holds(hours, at, timezone) for hours in named["hours"]], dtype=bool)
    order = named[present].sort_values(
        ["area_id", "duty", "valid_from", "holder_id"], ascending=[True, True, False, True]
    )
    first = order.drop_duplicates(["area_id", "duty"])
    return first[["area_id", "duty", "holder_id"]].reset_index(drop=True)


def repair_crews_at(
    duties: pd.DataFrame, areas: Sequence[str | None], moments: Sequence[datetime], timezone: str
) -> list[str | None]:
    """Whoever has the repair duty of each area at the moment beside it, None where it is vacant.

    `duties` as in `holders`. Each area is asked once a minute, so that a storm's calls cost little.
    """
    repair = _appointed(duties[duties["duty"] == "repair"])
    known: dict[tuple[str, datetime], str | None] = {}
    found: list[str | None] = []
    for area, moment in zip(areas, moments, strict=True):
        key = (area or "", moment.replace(second=0, microsecond=0))
        if key not in known:
            present = (
                holder
                for begins, ends, hours, holder in repair.get(key[0], ())
                if begins <= moment < ends and _holds(hours, moment, timezone)
            )
            known[key] = next(present, None)
        found.append(known[key])
    return found


Appointment = tuple[datetime, datetime, object, str]


def _appointed(duties: pd.DataFrame) -> dict[str, list[Appointment]]:
    """Appointments of each area, the last one first, then by id: the order in which they count."""
    holder = duties["staff_id"].where(duties["staff_id"].notna(), duties["crew_id"])
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    found: dict[str, list[Appointment]] = {}
    for area, begins, ends, hours, who in zip(
        duties["area_id"], pd.to_datetime(duties["valid_from"], utc=True),
        pd.to_datetime(duties["valid_to"], utc=True), duties["hours"], holder, strict=True,
    ):  # fmt: skip
        if isinstance(who, str):
            span = (first if pd.isna(begins) else begins, last if pd.isna(ends) else ends)
            found.setdefault(str(area), []).append((*span, hours, who))
    for rows in found.values():
        rows.sort(key=lambda row: row[3])
        rows.sort(key=lambda row: row[0], reverse=True)
    return found


def _holds(hours: object, at: datetime, timezone: str) -> bool:
    if not isinstance(hours, str) or not hours.strip():
        return True
    return is_open(hours, at, timezone) is True
