"""Facts by cell, area and transformer for each day of a lake, going on where a run stopped."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from app.store.lake import claims, standing, text
from app.store.lake.duckdb_engine import DuckEngine, Room
from app.store.lake.engine import Engine, Ground
from app.store.lake.folders import Facts, Lake, Stage
from app.store.lake.looking import look_daily, look_standing
from app.store.lake.spark_engine import Cluster, SparkEngine, settings_of
from grid_cells.errors import UserError
from grid_cells.lake import DAILY, FACTS, batches, days_to_make

Tell = Callable[[float], None]
LEAST_MEASURED: Final = 0.98
LATE_DAYS: Final = 28
"""How many last days of the theft features are held against those before."""
MOST_ROWS: Final = 100_000_000
"""Readings worked on at once: more days share a look at the meters, fewer restart sooner."""
_ROWS_AT_ONCE: Final = 1_000_000
"""Slices × days whose facts are put together at once on one machine."""
_STANDING_SHARE: Final = 0.3
_FORMAT: Final = 1


@dataclass(frozen=True)
class Wish:
    """What is rolled up, where to and how.

    `zone`: whose days times fall on. `again`: days that stand are made anew too. `first`, `last`:
    only these days. `feature_days`: theft features of so many last days beside the facts.
    """

    lake: Path
    facts: Path
    engine: Literal["duckdb", "spark"] = "duckdb"
    resolution: int = 9
    zone: str = "UTC"
    again: bool = False
    first: date = date.min
    last: date = date.max
    feature_days: int | None = None
    most_rows: int = MOST_ROWS
    room: Room = field(default_factory=Room)
    cluster: Cluster = field(default_factory=Cluster)


@dataclass(frozen=True)
class Made:
    """What a run did: readings read, cells with customers, days made, days that stood, seconds.

    `days_of_earlier_links`: days that stand but were made with customers, meters or areas as they
    were before. `start_seconds`: until the engine was there, part of `seconds`.
    """

    rows_in: int
    cells: int
    days: int
    days_standing: int
    days_of_earlier_links: int
    start_seconds: float
    seconds: float


def rollup(wish: Wish, tell: Tell = lambda _: None) -> Made:
    """Make the facts of every day whose files are new or changed; each day stands once it is whole.

    Raises UserError where the lake cannot be read as it must be (`lake_…`), another run is at work
    (`facts_busy`), the facts were made otherwise (`facts_made_otherwise`) or Spark cannot be had.
    """
    started = time.perf_counter()
    facts = Facts(wish.facts)
    with facts.alone():
        return _Run(wish, Lake(wish.lake), facts, tell, started).make()


def cluster(master: str, settings: Path | None) -> Cluster:
    """Where Spark runs, with settings from a file. Raises UserError `spark_setting_unreadable`."""
    return Cluster(master, settings_of(settings) if settings else None)


class _Run:
    def __init__(self, wish: Wish, lake: Lake, facts: Facts, tell: Tell, started: float) -> None:
        self._wish, self._lake, self._facts, self._tell = wish, lake, facts, tell
        self._started, self._start_seconds, self._at_once = started, 0.0, 1
        self._links = lake.standing_mark()
        self._held = {name: lake.daily(name) for name in DAILY}
        every = lake.days(self._held)
        self._first = min(every)
        self._found = {d: f for d, f in every.items() if wish.first <= d <= wish.last}
        self._note = self._noted()
        made = {date.fromisoformat(day): str(of["made_of"]) for day, of in self._days.items()}
        self._due = days_to_make(self._found, made, again=wish.again)

    @property
    def _days(self) -> dict[str, dict[str, Any]]:
        days: dict[str, dict[str, Any]] = self._note["days"]
        return days

    def _noted(self) -> dict[str, Any]:
        """The note so far, begun where there is none or all is made again."""
        wish, note = self._wish, self._facts.note()
        how = {"format": _FORMAT, "resolution": wish.resolution, "timezone": wish.zone}
        differs = [name for name in how if note and note.get(name) != how[name]]
        if differs and not (wish.again and (wish.first, wish.last) == (date.min, date.max)):
            name = differs[0]
            told = {"was": note.get(name), "wanted": how[name]}
            raise UserError("facts_made_otherwise", facts=str(wish.facts), what=name, **told)
        self._is_made_otherwise = bool(differs)
        return {**how, "days": {}, "cells": 0} if differs or not note else note

    def make(self) -> Made:
        """Make what is due and tell what was done."""
        if self._due or self._wish.feature_days:
            self._work()
        self._tell(1.0)
        standing = [
            of for day, of in self._days.items() if date.fromisoformat(day) not in self._due
        ]
        return Made(
            rows_in=sum(self._found[day].rows for day in self._due),
            cells=int(self._note["cells"]),
            days=len(self._due),
            days_standing=len(standing),
            days_of_earlier_links=sum(of["links"] != self._links for of in standing),
            start_seconds=self._start_seconds,
            seconds=time.perf_counter() - self._started,
        )

    def _work(self) -> None:
        work = self._facts.work / self._wish.engine
        engine = _engine(self._wish, Ground(self._wish.resolution, self._wish.zone, work))
        self._start_seconds = time.perf_counter() - self._started
        try:
            self._stand(engine, Stage(work))
            lots = batches(self._due, self._found, self._wish.most_rows)
            for number, days in enumerate(lots):
                self._batch(engine, days, self._facts.room_to_stage(engine.name))
                done = (number + 1) / len(lots)
                self._tell(_STANDING_SHARE + (1 - _STANDING_SHARE) * done)
            if self._wish.feature_days:
                self._features(engine, self._wish.feature_days)
            if self._is_made_otherwise:
                self._facts.drop_others(self._days)
        except engine.failures as error:
            raise engine.told(error) from error
        finally:
            engine.close()

    def _stand(self, engine: Engine, stage: Stage) -> None:
        """Work out where every meter counts, or know it from an earlier run."""
        look_standing(engine, self._lake)
        jobs = standing(self._first)
        told = hashlib.sha256("".join([*claims().values(), *jobs.values()]).encode()).hexdigest()
        mark = f"{self._links} {self._wish.resolution} {self._wish.zone} {told}"
        stands = stage.stands(mark)
        stage.begin() if not stands else None
        _refuse_other_sizes(engine, self._wish.resolution)
        for number, (name, told) in enumerate(jobs.items()):
            engine.know(name) if stands else engine.keep(name, told)
            self._tell(_STANDING_SHARE * (number + 1) / len(jobs))
        if not stands:
            _refuse_doubles(engine)
        stage.done(mark)
        counted = engine.ask("SELECT count(DISTINCT cell_id) FROM settled_cell_id")
        self._note["cells"] = int(counted[0][0])
        self._at_once = max(
            1, _ROWS_AT_ONCE // max(1, int(engine.ask("SELECT count(*) FROM slices")[0][0]))
        )

    def _batch(self, engine: Engine, days: Sequence[date], staged: Path) -> None:
        for name in DAILY:
            self._look_daily(engine, name, days)
        engine.days(days, self._at_once)
        engine.keep_daily("sums", text("sums"))
        engine.keep_daily("balances", text("transformer_day", least_measured=LEAST_MEASURED))
        _refuse_read_twice(engine)
        for fact, key in FACTS.items():
            told = _BALANCES if fact == "transformer_day" else self._place_day(key)
            engine.write(told, staged / fact, key)
        self._put(staged, days)

    def _place_day(self, place: str) -> str:
        """The facts of places; a lake without the folder cannot tell of interruptions or visits."""
        has = {f"has_{name}": bool(self._held[name]) for name in ("interruptions", "visits")}
        return text("place_day", place=place, **has)

    def _put(self, staged: Path, days: Sequence[date]) -> None:
        """Put days in place; none is noted meanwhile, so that after a death they are made again."""
        for day in days:
            self._days.pop(str(day), None)
        self._facts.keep_note(self._note)
        self._facts.put(staged, days)
        for day in days:
            self._days[str(day)] = {"made_of": self._found[day].mark, "links": self._links}
        self._facts.keep_note(self._note)

    def _features(self, engine: Engine, count: int) -> None:
        """Theft features of the last days that have readings."""
        days = [day for day in sorted(self._found) if self._found[day].rows][-count:]
        self._look_daily(engine, "readings", days)
        engine.days(days, len(days))
        engine.keep("theft_features", text("theft_features", late_days=LATE_DAYS))
        self._facts.put_whole("theft_features", self._facts.work / self._wish.engine)

    def _look_daily(self, engine: Engine, name: str, days: Sequence[date]) -> None:
        held = {day: self._held[name][day] for day in days if day in self._held[name]}
        look_daily(engine, self._lake, name, held)


_BALANCES: Final = "SELECT b.* EXCLUDE (is_balanced) FROM balances b JOIN days d ON d.day = b.day"


def _engine(wish: Wish, ground: Ground) -> Engine:
    if wish.engine == "spark":
        return SparkEngine(ground, wish.cluster)
    return DuckEngine(ground, wish.room)


def _refuse_other_sizes(engine: Engine, resolution: int) -> None:
    """Cells of another size match nothing. Raises UserError `lake_areas_size`."""
    found = engine.ask(text("other_sizes", resolution=resolution))
    if found:
        raise UserError("lake_areas_size", found=found[0][0], wanted=resolution)


def _refuse_doubles(engine: Engine) -> None:
    """Nobody may count twice. Raises UserError `lake_customer_twice`, `lake_meter_twice`."""
    for code, job in (("lake_customer_twice", "doubles"), ("lake_meter_twice", "overlaps")):
        found = engine.ask(text(job))
        if found:
            raise UserError(code, value=found[0][0])


def _refuse_read_twice(engine: Engine) -> None:
    """Raises UserError `lake_read_twice` where one file tells a meter's day twice."""
    found = engine.ask(text("read_twice"))
    if found:
        day, number = found[0]
        meter = engine.ask(text("read_twice_by", day=day, slice=number))
        raise UserError("lake_read_twice", day=str(day), meter=meter[0][0])


__all__ = ["Made", "Room", "Wish", "cluster", "rollup"]
