"""Both sides of coverage at a moment: minutes of all crews that count, and the limits of places."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from app.store import meta, outages, places, units
from app.store.database import Database
from app.use_cases import coverage_moment, coverage_wishes, reference
from app.use_cases.coverage_moment import Crews, Ground
from app.use_cases.coverage_wishes import PROMISE, CoverageWish
from grid_cells import coverage as rules
from grid_cells.coverage import Bools, Floats, Ints
from grid_cells.promises import cell_promise_classes


def stamp(db: Database) -> tuple[object, ...]:
    """What coverage depends on beside the moment: all facts and written deeds, whose sight."""
    whole = db.whole.read()
    written = (
        "facts_version", "version:work_orders", "version:reports_taken", "version:crew_shifts",
        "order_deeds", "derived:areas",
    )  # fmt: skip
    held = (meta.read_value(whole, name) for name in written)
    return (*held, outages.version(whole), db.whole.opened_as, db.seen_as)


def moment_of(db: Database, word: str, now: datetime) -> datetime:
    """The moment that a word of a wish stands for, by the clock of the units."""
    return coverage_wishes.moment_at(word, now, ZoneInfo(units.timezone(db.whole.read()) or "UTC"))


@dataclass(frozen=True)
class Side:
    """Minutes of all cells at one moment: nearest crew, second, crews in time, which is nearest."""

    crews: Crews
    chosen: Bools
    ground: Ground
    minutes: Floats
    second: Floats
    which: Ints
    matrix: Floats

    def staying(self, moved: str) -> Floats:
        """Minutes of all crews (columns) without the one that is moved."""
        ids = self.crews.table.loc[self.chosen, "crew_id"].to_numpy(dtype=object)
        return np.asarray(self.matrix[:, ids != moved], dtype=np.float64)


def side(db: Database, wish: CoverageWish, at: datetime, now: datetime) -> Side:
    """The crews and streets of a moment as a wish has them, for everybody."""
    crews = coverage_moment.crews_at(db, at, now, wish)
    ground = coverage_moment.ground_at(db, at, as_open=wish.as_open)
    chosen = crews.counted(free_only=wish.free_only)
    matrix = crews.columns(ground.minutes_from(crews.spots), chosen)
    return Side(crews, chosen, ground, *rules.nearest(matrix), matrix)


def limits(db: Database, wish: CoverageWish, cells: Ints) -> Floats:
    """The limit of each cell in minutes: that of the wish, else the promise of the place."""
    if wish.limit != PROMISE:
        return np.full(len(cells), float(wish.limit))
    classes = cell_promise_classes(places.zones(db.whole.read()), cells)["promise_class"]
    promised = classes.map(reference.arrival_promises_min())
    return np.asarray(promised.to_numpy(dtype=np.float64), dtype=np.float64)
