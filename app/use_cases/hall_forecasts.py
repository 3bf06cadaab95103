"""What is expected of the halls' hours in the next two weeks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import audit, places
from app.store import hall_forecasts as store
from app.store.database import Connection, Database
from app.use_cases import hall_load, reference, solver_process
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.hall_forecast import HallForecast, table_of
from grid_cells.hall_forecast_features import DayFacts
from grid_cells.hall_hours import HallHours, lay_out
from grid_cells.work_calendar import WorkDay, work_days

MEASURES: Final = ("visits", "wait_min")
"""What is forecast: visitors of an hour, tallied ones among them, and their mean wait."""
_SEED: Final = 0
_AN_HOUR: Final = timedelta(hours=1)
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Forecast:
    """A kept run and its hours.

    `hours`: `hall_id`, `hour` (with a zone), `local` (by the halls' clocks, without one),
    `expected`, `low`, `high`.
    """

    run: dict[str, Any]
    hours: pd.DataFrame


@needs("run_halls", whole=True)
def make(db: Database, actor: Actor, progress: Progress) -> list[dict[str, Any]]:
    """Forecast every measure anew from all that is known at the clock; the runs made.

    A run holds for every hall and replaces the one before, so only who sees the whole company
    makes it. A measure of which too little is known is left out. Raises UserError
    `forecast_too_short` where that is true of each, and `unknown_country`.
    """
    made: list[dict[str, Any]] = []
    missing: UserError | None = None
    for at, measure in enumerate(MEASURES):
        try:
            part = _part(progress, at / len(MEASURES), 1 / len(MEASURES))
            made.append(_make(db, actor, measure, part))
        except UserError as error:
            if error.code != "forecast_too_short":
                raise
            missing = error
    if not made and missing is not None:
        raise missing
    return made


@needs("see_halls")
def may_make(db: Database, actor: Actor) -> bool:
    """Whether `make` is open to the actor: not to who sees a part of the company."""
    return may(actor, "run_halls") and db.whole is db


def _part(progress: Progress, begin: float, share: float) -> Progress:
    return lambda done: progress(begin + share * done)


def _make(db: Database, actor: Actor, measure: str, progress: Progress) -> dict[str, Any]:
    now, zone = clock_now(db), hall_load.zone_of(db)
    past = _past(db, measure, now, zone)
    progress(0.2)
    facts = _facts(db, past, zone)
    made = solver_process.forecast_hours(past, facts, _ahead(), _SEED, _part(progress, 0.2, 0.8))
    hours = _open_only(db, _with_zone(table_of(made), zone), zone)
    run = _run(past, made, measure) | {"made_at": now, "made_by": actor.id}
    number = db.write(lambda connection: _keep(connection, actor, run, hours))
    return {"run_id": number, **run}


def _keep(connection: Connection, actor: Actor, run: dict[str, Any], hours: pd.DataFrame) -> int:
    number = store.add(connection, run, hours)
    told = {"run": number, "measure": run["measure"], "hours": len(hours)}
    audit.record(connection, actor.id, "halls_forecast", at=real_now(), detail=told)
    return number


def _run(past: HallHours, made: HallForecast, measure: str) -> dict[str, Any]:
    judged = made.figures
    return {
        "measure": measure, "country": _text("country"), "first_day": past.first,
        "last_day": past.end - timedelta(days=1), "days_ahead": len(made.expected.grid),
        "hours_judged": judged.hours, "error": judged.ours, "error_last_week": judged.last_week,
        "error_usual": judged.usual, "covered": judged.covered,
    }  # fmt: skip


def _past(db: Database, measure: str, now: datetime, zone: str) -> HallHours:
    """Whole days before the clock's: today is not over."""
    today = datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))
    first = today - timedelta(days=int(_text("past_days")))
    rows = hall_load.loaded(db, None, first, today)
    frame = pd.DataFrame(
        {
            "hall_id": rows["hall_id"],
            "hour": local(rows["hour"], zone),
            "value": _VALUES[measure](rows),
        }
    ).dropna()
    laid = lay_out(frame.drop_duplicates(["hall_id", "hour"]))
    return _until(laid, today.date())


def _visitors(rows: pd.DataFrame) -> pd.Series:
    """Tickets and tallies; unknown where a hall that has a machine told nothing."""
    is_told = rows["visits"].notna() | (rows["source"] == "tallies")
    return rows["load"].astype("float64").where(is_told)


_VALUES: Final[dict[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "visits": _visitors,
    "wait_min": lambda rows: rows["wait_mean_min"].astype("float64"),
}


def _until(laid: HallHours, today: date) -> HallHours:
    """With days of which nothing is known up to today, so that the days ahead begin today."""
    missing = (today - laid.end).days if laid.days else 0
    if missing <= 0:
        return laid
    empty = np.full((missing, *laid.grid.shape[1:]), np.nan)
    return HallHours(laid.first, laid.hours, laid.halls, np.concatenate([laid.grid, empty]))


def local(hours: pd.Series, zone: str) -> pd.Series:
    """The hours by the clocks of the IANA zone, without a zone."""
    return pd.Series(hours.dt.tz_convert(zone).dt.tz_localize(None))


def _with_zone(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Hours that the clocks skip are none; of those that come twice, the first."""
    stamped = rows["hour"].dt.tz_localize(zone, ambiguous=True, nonexistent="NaT")
    return rows.assign(hour=stamped.dt.tz_convert("UTC")).dropna(subset=["hour"])


def _facts(db: Database, past: HallHours, zone: str) -> DayFacts:
    days = calendar(past.first, (past.end - past.first).days + _ahead())
    given = store.weather(db.read(), _text("weather_measure"), zone, past.first)
    return DayFacts(
        free=frozenset(one.day for one in days if one.holiday is not None),
        unsure=frozenset(one.day for one in days if one.is_made_up is None),
        billing_days=tuple(int(day) for day in _text("billing_days").split(";") if day),
        weather={pd.Timestamp(d).date(): float(v) for d, v in given.itertuples(index=False)},
    )


def calendar(first: date, days: int, language: str | None = None) -> list[WorkDay]:
    """So many days from the first on, by the calendar of the country in the table of rules."""
    country, _, part = _text("country").partition("-")
    wanted = [first + timedelta(days=at) for at in range(days)]
    return work_days(wanted, country, part or None, language)


def _open_only(db: Database, hours: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Without hours in which the hall is known to be shut; halls without hours keep theirs."""
    if hours.empty:
        return hours
    ends = (hours["hour"].min().to_pydatetime(), hours["hour"].max().to_pydatetime() + _AN_HOUR)
    span = hall_load.span_of(db, None, ends, clock_now(db))
    kept = [
        _within(rows, hall_load.spans_of(one["opens"], one["opening_exceptions"], span, zone))
        if isinstance(one["opens"], str) else rows
        for one in places.listing(db, "hall").to_dict("records")
        if len(rows := hours[hours["hall_id"] == one["hall_id"]])
    ]  # fmt: skip
    return pd.concat(kept) if kept else hours.iloc[:0]


def _within(rows: pd.DataFrame, spans: Sequence[tuple[datetime, datetime]]) -> pd.DataFrame:
    held = pd.Series(data=False, index=rows.index)
    for begin, end in spans:
        held |= (rows["hour"] < end) & (rows["hour"] + _AN_HOUR > begin)
    return rows[held]


@cache
def _text(rule: str) -> str:
    rows = reference.table("hall_forecast_rules").set_index("rule")
    return str(rows.loc[rule, "value"])


def _ahead() -> int:
    return int(_text("ahead_days"))


@needs("see_halls")
def latest(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    measure: str,
    halls: Sequence[str] | None = None,
) -> Forecast | None:
    """The forecast that holds at the clock: the newest made until then; None without one.

    `measure` ∈ MEASURES; `halls` None: all in sight. Raises UserError `forecast_measure`.
    """
    if measure not in MEASURES:
        raise UserError("forecast_measure", measure=measure, known=", ".join(MEASURES))
    run = store.latest(db.read(), measure, clock_now(db))
    if run is None:
        return None
    rows = store.hours(db.read(), run["run_id"], halls)
    return Forecast(run, rows.assign(local=local(rows["hour"], hall_load.zone_of(db))))
