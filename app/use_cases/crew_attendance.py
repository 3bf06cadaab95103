"""Attendance: how crews kept their shifts of a day and where the time went; who works too long."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import crew_duties, crew_positions, derived, fences, places, units
from app.store.database import Connection, Database
from app.use_cases import crew_rules, export, shifts
from app.use_cases.access import check, check_unit, may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.export import Form
from grid_cells import attendance as rules
from grid_cells import shifts as shift_rules
from grid_cells.attendance import AT_BASE_M, AT_SITE_M, PLACES, PlaceKind
from grid_cells.distance import distance_m
from grid_cells.shifts import Span, day_of, within

_A_DAY: Final = timedelta(days=1)
_OWN_DUTIES: Final = ("repair", "inspection")
LAYER: Final = "attendance"
FORMS: Final[tuple[Form, ...]] = ("csv", "xlsx")
HOURS: Final = tuple(sorted(crew_rules.most_hours()))


@dataclass(frozen=True)
class _Day:
    """What is known of one day, asked once for all crews."""

    day: date
    now: datetime
    planned: dict[str, list[Span]]
    duties: pd.DataFrame
    fixes: pd.DataFrame
    sites: pd.DataFrame
    own_cells: dict[str, "np.ndarray[Any, np.dtype[np.int64]]"]


@needs("see_crews")
def of_day(db: Database, actor: Actor, day: date, unit_id: str | None = None) -> pd.DataFrame:
    """A row for each crew in sight, of one unit and what is below it where one is named.

    crew_id, name, unit_id, planned_min, duty_min, outside_min, late_min, early_min (NaN: not
    planned), is_forgotten, then minutes by sort of place (`PLACES`) for who may see tracks or runs
    crews, NaN for others. Whoever works with a crew and runs none sees that crew alone.
    """
    check_unit(db, actor, unit_id, asked="crew_attendance.of_day")
    connection, now = db.read(), clock_now(db)
    crews = _crews_of(connection, actor, unit_id)
    gathered = _gather(connection, crews, day, now)
    rows = [_row(gathered, crew) for crew in crews.to_dict("records")]
    columns = [*_COLUMNS, *PLACES]
    found = pd.DataFrame(rows, columns=columns)
    if not (may(actor, "see_tracks") or may(actor, "run_crews")):
        found[list(PLACES)] = np.nan
    return found


_COLUMNS: Final = (
    "crew_id", "name", "unit_id", "planned_min", "duty_min", "outside_min", "late_min",
    "early_min", "is_forgotten",
)  # fmt: skip


def _crews_of(connection: Connection, actor: Actor, unit_id: str | None) -> pd.DataFrame:
    crews = shifts.crews(connection)
    if unit_id is not None:
        crews = crews[crews["unit_id"].isin(units.below(connection, unit_id))]
    if actor.crew_id is not None and not may(actor, "run_crews"):
        crews = crews[crews["crew_id"] == actor.crew_id]
    return crews


def _gather(connection: Connection, crews: pd.DataFrame, day: date, now: datetime) -> _Day:
    zones = crews["timezone"].unique() if len(crews) else ["UTC"]
    first = min(day_of(day, zone).starts for zone in zones)
    last = max(day_of(day, zone).ends for zone in zones)
    ids = crews["crew_id"].tolist()
    return _Day(
        day, now,
        shifts.planned(connection, crews, day - _A_DAY, day, kinds=shift_rules.ATTENDED),
        crew_duties.between(connection, first, last, now),
        crew_positions.of_crews(connection, ids, first, last, now),
        fences.sites(connection, ids, first, last, now),
        _own_cells(connection, first),
    )  # fmt: skip


def _own_cells(
    connection: Connection, at: datetime
) -> dict[str, "np.ndarray[Any, np.dtype[np.int64]]"]:
    """Cells of the areas that each crew has a duty for."""
    duties = places.all_duties(connection)
    begun = duties["valid_from"].isna() | (duties["valid_from"] <= at + _A_DAY)
    going = duties["valid_to"].isna() | (duties["valid_to"] > at)
    held = duties[begun & going & duties["duty"].isin(_OWN_DUTIES) & duties["crew_id"].notna()]
    cells = held[["crew_id", "area_id"]].merge(derived.area_of_cells(connection), on="area_id")
    return {str(crew): own["cell_id"].to_numpy() for crew, own in cells.groupby("crew_id")}


def _row(gathered: _Day, crew: dict[Any, Any]) -> tuple[Any, ...]:
    crew_id = str(crew["crew_id"])
    whole = day_of(gathered.day, str(crew["timezone"]))
    duties = gathered.duties[gathered.duties["crew_id"] == crew_id]
    real = within(_spans(duties, gathered.now), whole)
    plan = within(gathered.planned.get(crew_id, []), whole)
    kept = rules.kept(plan, real, gathered.now)
    fixes = gathered.fixes[gathered.fixes["crew_id"] == crew_id]
    spent = _spent(gathered, crew, fixes, real, min(whole.ends, gathered.now))
    return (
        crew_id, crew["name"], crew["unit_id"], kept.planned_min, kept.duty_min, kept.outside_min,
        kept.late_min, kept.early_min, bool((duties["off_why"] == "forgotten").any()),
        *(spent[one] for one in PLACES),
    )  # fmt: skip


def _spans(duties: pd.DataFrame, now: datetime) -> list[Span]:
    ends = duties["off_at"].fillna(pd.Timestamp(now))
    pairs = zip(duties["on_at"], ends, strict=True)
    return shift_rules.joined((a.to_pydatetime(), b.to_pydatetime()) for a, b in pairs)


def _spent(
    gathered: _Day, crew: dict[Any, Any], fixes: pd.DataFrame, real: list[Span], until: datetime
) -> dict[PlaceKind, float]:
    """Minutes by sort of place; of a crew with several phones, by the one that told most."""
    if fixes.empty:
        return rules.minutes_by_place(fixes.assign(place=[]), real, until)
    most = fixes["user_id"].value_counts().sort_index(kind="stable").idxmax()
    own = fixes[fixes["user_id"] == most]
    lon, lat = own["lon"].to_numpy(), own["lat"].to_numpy()
    sites = gathered.sites[gathered.sites["crew_id"] == crew["crew_id"]]
    apart = distance_m(
        lon[:, None], lat[:, None], sites["lon"].to_numpy()[None], sites["lat"].to_numpy()[None]
    )
    cells = gathered.own_cells.get(str(crew["crew_id"]), np.empty(0, np.int64))
    near: dict[PlaceKind, np.ndarray[Any, np.dtype[np.bool_]]] = {
        "base": np.asarray(distance_m(lon, lat, crew["lon"], crew["lat"]) <= AT_BASE_M),
        "site": np.asarray((apart <= AT_SITE_M).any(axis=1)),
        "own": np.isin(own["cell_id"].to_numpy(), cells),
    }
    placed = own.assign(place=rules.places_of(near, len(own)))
    return rules.minutes_by_place(placed, real, until)


@needs("see_crews")
def hours(db: Database, actor: Actor) -> pd.DataFrame:
    """Hours on duty of crews in sight up to now, by crew_id: a column for each of `HOURS` days.

    And `over`: the days of the limit that is passed by the largest share (0: none).
    """
    found = worked(db, clock_now(db))
    if actor.crew_id is not None and not may(actor, "run_crews"):
        found = found[found.index == actor.crew_id]
    return found


def worked(db: Database, now: datetime) -> pd.DataFrame:
    """As `hours`, of all crews in sight."""
    connection, most = db.read(), crew_rules.most_hours()
    crews = shifts.crews(connection)["crew_id"]
    duties = crew_duties.between(connection, now - max(HOURS) * _A_DAY, now, now)
    duties = duties[duties["crew_id"].isin(crews)]
    found = pd.DataFrame(
        {
            days: shift_rules.hours_worked(duties, now - days * _A_DAY, now)
            for days in HOURS
        },
        index=pd.Index(crews, name="crew_id"),
    ).fillna(0.0)  # fmt: skip
    shares = found / pd.Series(most)
    worst = shares.idxmax(axis=1) if len(found) else pd.Series(dtype="int64")
    return found.assign(over=worst.where(shares.max(axis=1) > 1, 0).astype("int64"))


@needs("export_data")
def export_day(  # noqa: PLR0913
    db: Database, actor: Actor, day: date, unit_id: str | None = None, *, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of the attendance of a day, as the actor may see it."""
    check(db, actor, "see_crews", asked="crew_attendance.export_day")
    table = of_day(db, actor, day, unit_id).round(1).assign(day=str(day))
    table["as_of"] = clock_now(db).isoformat(timespec="seconds")
    data = export.file_of(db, actor, table, form=form, layer=LAYER, purpose=purpose, personal=True)
    return data, f"{LAYER}-{day:%Y%m%d}.{form}"
