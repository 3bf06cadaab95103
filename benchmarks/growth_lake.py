"""Jobs of a lake as `make(size)` and `run(input)`; size: customers, or readings of 5 days."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from lake_data import LakeWish, make_lake

from app.store.lake import standing, text
from app.store.lake.duckdb_engine import DuckEngine, Room
from app.store.lake.engine import Ground
from app.store.lake.folders import Lake
from app.store.lake.looking import look_daily, look_standing
from app.use_cases.rollup import LEAST_MEASURED
from grid_cells.lake import DAILY, FACTS

DAYS = 5
FIRST = date(2026, 1, 1)


@dataclass(frozen=True)
class Begun:
    """A lake that an engine knows, and the jobs before the one that is measured done."""

    engine: DuckEngine
    folder: Path


def _begun(customers: int, days: int) -> Begun:
    folder = Path(tempfile.gettempdir()) / "growth-lake"  # a killed process leaves it: one place
    shutil.rmtree(folder, ignore_errors=True)
    lake = Lake(make_lake(folder / "lake", LakeWish(customers, days)))
    engine = DuckEngine(Ground(9, "UTC", folder / "work"), Room("2GB", 2))
    look_standing(engine, lake)
    for name in DAILY:
        look_daily(engine, lake, name, lake.daily(name))
    engine.days([FIRST + timedelta(days=day) for day in range(days)], 1)
    return Begun(engine, folder)


def placed(size: int) -> Begun:
    return _begun(size, 1)


def read(size: int) -> Begun:
    begun = _begun(size // DAYS, DAYS)
    for name, told in standing(FIRST).items():
        begun.engine.keep(name, told)
    return begun


def summed(size: int) -> Begun:
    begun = read(size)
    sums(begun)
    return begun


def homes(begun: Begun) -> None:
    """Points → cells ⋈ areas."""
    begun.engine.keep("homes", text("homes"))


def sums(begun: Begun) -> None:
    """Readings ⋈ meters, by day and slice."""
    begun.engine.keep_daily("sums", text("sums"))


def facts(begun: Begun) -> None:
    """Balances and the facts of every cell, area and transformer."""
    told = text("transformer_day", least_measured=LEAST_MEASURED)
    begun.engine.keep_daily("balances", told)
    without = {"has_interruptions": False, "has_visits": False}
    for fact, key in FACTS.items():
        is_balance = fact == "transformer_day"
        of = "SELECT * FROM balances" if is_balance else text("place_day", place=key, **without)
        begun.engine.write(of, begun.folder / fact, key)


def features(begun: Begun) -> None:
    """Theft features of each customer."""
    begun.engine.keep("theft_features", text("theft_features", late_days=2))
