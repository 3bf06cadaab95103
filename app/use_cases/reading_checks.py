"""Checking all readings: what is due, what was found, and what people are to look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import audit, meta, units
from app.store import reading_checks as store
from app.store import reading_reviews as review_store
from app.store.database import Connection, Database
from app.store.theft_readings import Span
from app.use_cases import reading_rules
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.reading_checks import Readings, days_of, findings, runs
from grid_cells.reading_quality import CODE, FINDINGS, GOOD, quality_scores
from grid_cells.reading_reviews import ACCEPTED, BY_RULES

RIGHT: Final = "review_readings"
CHECKED: Final = "readings_checked"
_FACTS: Final = ("readings", "meters", "customers", "transformers")
_OF_A_RUN: Final = ("meter_id", "customer_no", "transformer_id", "multiplier")
_BATCH: Final = 4_000
"""Meters looked at together, those of one transformer never apart."""
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class _Lot:
    """What was found of some meters: findings, runs with their days, quality."""

    found: pd.DataFrame
    runs: pd.DataFrame
    days: pd.DataFrame
    quality: pd.DataFrame


@dataclass(frozen=True)
class Check:
    """A check: when, by whom, of which days; due meter days, findings, runs put into the queue.

    Counted of what is in sight. is_stale: facts have come since, or the clock stands on another
    moment.
    """

    check_id: int
    made_at: datetime
    first_day: date
    last_day: date
    meters: int
    due: int
    findings: int
    entered: int
    is_stale: bool


@needs(RIGHT)
def latest(db: Database, actor: Actor) -> Check | None:  # noqa: ARG001 - the sight is the actor's
    """The check whose figures are held, None where none was made by now."""
    now, whole = clock_now(db), db.whole
    row = store.newest(whole.read())
    if row is None or row["made_at"] > now:
        return None
    version = meta.versions(whole.read(), _FACTS)
    names = ("check_id", "made_at", "first_day", "last_day", "meters", "due", "findings", "entered")
    is_stale = row["data_version"] != version or (now - row["made_at"]) > timedelta(days=1)
    held = {name: row[name] for name in names}
    if db is not whole:
        held |= store.counts(db.read(), row["made_at"])
    for name in ("first_day", "last_day"):
        held[name] = pd.Timestamp(held[name]).date()
    return Check(**held, is_stale=is_stale)


@needs(RIGHT)
def may_check(db: Database, actor: Actor) -> bool:  # noqa: ARG001 - the sight is the actor's
    """Whether the actor may check: a check is of everybody's readings."""
    return db is db.whole


@needs(RIGHT, whole=True)
def check(db: Database, actor: Actor, progress: Progress = lambda _: None) -> Check:
    """Check every reading known now; what is in doubt enters the queue, once.

    Raises UserError `readings_none`.
    """
    now = clock_now(db)
    zone = ZoneInfo(units.timezone(db.read()) or "UTC")
    span = _span(db, now, now.astimezone(zone).date())
    rows = store.meters(db.read(), span)
    if rows.empty:
        raise UserError("readings_none")
    readings = _read(db, span, rows, zone)
    progress(0.3)
    known = review_store.under_review(db.read(), now)
    lots, done = [], 0
    for part in _parts(rows):
        lots.append(_look(rows.iloc[part], _some(readings, part), span, known))
        done = part.stop
        progress(0.3 + 0.6 * done / len(rows))
    # no stop from here on: what is kept is done
    return db.write(lambda connection: _keep(connection, actor, span, lots))


def _span(db: Database, now: datetime, today: date) -> Span:
    held = store.last_day(db.read(), today, now)
    if held is None:
        raise UserError("readings_none")
    first = max(held[0], held[1] - timedelta(days=reading_rules.figure("window_days") - 1))
    return Span(first, held[1], now)


def _read(db: Database, span: Span, rows: pd.DataFrame, zone: ZoneInfo) -> Readings:
    energy: Any = np.full((len(rows), span.days), np.nan, np.float32)
    early = np.zeros(energy.shape, bool)
    asked = rows[["meter_id", "begins", "ends"]].assign(row=np.arange(len(rows), dtype="int32"))
    days = pd.date_range(span.first, span.last)
    over = (days + pd.Timedelta(days=1)).tz_localize(zone).tz_convert("UTC")
    ends = pd.DataFrame({"day": days.date, "ends_at": over})
    for row, day, kwh, is_early in store.readings(db.read(), span, asked, ends):
        energy[row, day], early[row, day] = kwh, is_early
    of = pd.factorize(rows["transformer_id"])[0]
    begins, ends_at = (rows[name].to_numpy(np.int64) for name in ("begins", "ends"))
    return Readings(energy, early, begins, ends_at, of, rows["is_master"].to_numpy(bool))


def _parts(rows: pd.DataFrame) -> Iterator[slice]:
    """Slices of about _BATCH rows that end with a transformer."""
    of = pd.factorize(rows["transformer_id"])[0]
    edges = np.append(np.flatnonzero(np.diff(of)) + 1, len(rows))
    first = 0
    while first < len(rows):
        last = int(edges[min(int(np.searchsorted(edges, first + _BATCH)), len(edges) - 1)])
        yield slice(first, last)
        first = last


def _some(readings: Readings, part: slice) -> Readings:
    _, of = np.unique(readings.of[part], return_inverse=True)
    of = np.where(readings.of[part] < 0, -1, of)
    return Readings(
        readings.energy[part].astype(np.float64), readings.is_early[part], readings.begins[part],
        readings.ends[part], of, readings.is_master[part],
    )  # fmt: skip


def _look(rows: pd.DataFrame, readings: Readings, span: Span, known: pd.DataFrame) -> _Lot:
    """What is found of some meters; days that two persons accepted are good."""
    found = findings(readings)
    mine = known[known["meter_id"].isin(rows["meter_id"])]
    row, day = _places(rows, mine, span)
    accepted = (mine["state"] == ACCEPTED).to_numpy()[row >= 0]
    inside = row >= 0
    found[row[inside][accepted], day[inside][accepted]] = GOOD
    told = runs(found, reading_rules.least_days())
    days = days_of(told, readings.energy, found)
    seen = set(zip(row[inside].tolist(), day[inside].tolist(), strict=True))
    told, days = _unseen(told, days, seen)
    at, column = np.nonzero(found)
    listed = pd.DataFrame(
        {
            "meter_id": rows["meter_id"].to_numpy()[at], "day": _dates(span, column),
            "finding": np.array(["", *FINDINGS], dtype=object)[found[at, column]],
        }
    )  # fmt: skip
    of_rows = told["row"].to_numpy(int)
    told = told.assign(
        first_day=_dates(span, told["begin"]), last_day=_dates(span, told["end"]),
        **{n: rows[n].to_numpy()[of_rows] for n in _OF_A_RUN},
    )  # fmt: skip
    days = days.assign(day=_dates(span, days["day"]))
    return _Lot(listed, told, days, _quality(rows, readings, found, span))


def _places(rows: pd.DataFrame, known: pd.DataFrame, span: Span) -> tuple[Any, Any]:
    """Rows and columns of known meter days: of a meter's links the one that held on the day.

    Days out of the span have no row.
    """
    day = (pd.to_datetime(known["day"]) - pd.Timestamp(span.first)).dt.days.to_numpy(np.int64)
    links = rows[["meter_id", "begins", "ends"]].reset_index(drop=True).rename_axis("row")
    asked = pd.DataFrame(
        {"meter_id": known["meter_id"].to_numpy(object), "day": day, "place": np.arange(len(known))}
    )
    held = asked.merge(links.reset_index(), on="meter_id")
    held = held[(held["begins"] <= held["day"]) & (held["day"] < held["ends"])]
    row = np.full(len(known), -1)
    row[held["place"].to_numpy(int)] = held["row"].to_numpy(int)
    return row, day


def _unseen(
    told: pd.DataFrame, days: pd.DataFrame, seen: set[tuple[int, int]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs none of whose days is or was under review, numbered anew."""
    row = told["row"].to_numpy(int)[days["run"].to_numpy(int)]
    is_seen = [pair in seen for pair in zip(row.tolist(), days["day"].tolist(), strict=True)]
    old = set(days.loc[is_seen, "run"])
    kept = np.array([run not in old for run in range(len(told))], bool)
    number = np.cumsum(kept) - 1
    days = days[kept[days["run"].to_numpy(int)]] if len(days) else days
    days = days.assign(run=number[days["run"].to_numpy(int)])
    return told[kept].reset_index(drop=True), days.reset_index(drop=True)


def _dates(span: Span, columns: Any) -> "pd.DatetimeIndex":
    return pd.Timestamp(span.first) + pd.to_timedelta(np.asarray(columns, np.int64), unit="D")


def _quality(rows: pd.DataFrame, readings: Readings, found: Any, span: Span) -> pd.DataFrame:
    due = readings.due
    names = ["meter_id", "customer_no", "transformer_id", "feeder_id", "maker", "is_master"]
    frame = rows[names].assign(cell_id=rows["cell_id"].astype("Int64"))
    frame["terminal"] = [
        f"{line} / {maker}" for line, maker in zip(
            rows["transformer_id"].fillna("?"), rows["maker"].fillna("?"), strict=True
        )
    ]  # fmt: skip
    frame["first_day"] = _dates(span, readings.begins)
    frame["last_day"] = _dates(span, readings.ends - 1)
    frame["due"] = due.sum(axis=1)
    for name, code in CODE.items():
        frame[name] = (found == code).sum(axis=1)
    return frame.assign(quality=quality_scores(found, due=due))


def _keep(connection: Connection, actor: Actor, span: Span, lots: list[_Lot]) -> Check:
    quality = pd.concat([lot.quality for lot in lots], ignore_index=True)
    found = pd.concat([lot.found for lot in lots], ignore_index=True)
    row = {
        "made_at": span.now, "made_by": actor.id, "first_day": span.first, "last_day": span.last,
        "meters": int(quality["meter_id"].nunique()), "due": int(quality["due"].sum()),
        "findings": len(found), "entered": 0,
        "data_version": meta.versions(connection, _FACTS),
    }  # fmt: skip
    number = store.keep(connection, row, quality, found)
    entered = _enter(connection, actor, span.now, lots)
    store.set_entered(connection, number, entered)
    told = {"check": number, "findings": len(found), "entered": entered}
    audit.record(connection, actor.id, CHECKED, at=real_now(), detail=told)
    names = ("made_at", "first_day", "last_day", "meters", "due", "findings")
    return Check(number, **{n: row[n] for n in names}, entered=entered, is_stale=False)  # type: ignore[arg-type]


def _enter(connection: Connection, actor: Actor, now: datetime, lots: list[_Lot]) -> int:
    """Put the runs of a check into the queue, the largest doubts first; how many."""
    parts, days, before = [], [], 0
    for lot in lots:
        parts.append(lot.runs)
        days.append(lot.days.assign(run=lot.days["run"] + before))
        before += len(lot.runs)
    told, each = pd.concat(parts, ignore_index=True), pd.concat(days, ignore_index=True)
    doubt = (each["kwh"].fillna(0) - each["usual_kwh"].fillna(0)).abs().groupby(each["run"]).sum()
    doubt *= told["multiplier"].reindex(doubt.index)  # a register's kWh are so many of the network
    order = doubt.sort_values(ascending=False, kind="stable").index.to_numpy(int)
    order = order[: reading_rules.figure("most_entered")]
    place = pd.Series(np.arange(len(order)), order)
    kept = each[each["run"].isin(place.index)]
    rows = told.iloc[order].reset_index(drop=True)
    rows = rows.assign(
        entered_at=now, entered_by=actor.id, entered_how=BY_RULES,
        note=pd.Series(None, rows.index, dtype="str"),
    )  # fmt: skip
    kept = kept.assign(
        run=kept["run"].map(place).to_numpy(int), usual_kwh=kept["usual_kwh"].round(2)
    )
    return len(review_store.add(connection, rows, kept.drop(columns="kwh")))
