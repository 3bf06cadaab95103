"""Quality of readings by maker, terminal, transformer, feeder, cell and day, as may be seen."""

from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import meta
from app.store import reading_checks as check_store
from app.store import reading_figures as store
from app.store import reading_reviews as review_store
from app.store.database import Database
from app.use_cases import small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.reading_checks import RIGHT
from app.use_cases.remember import fingerprint, remembered
from grid_cells.cells import cells_to_hex, parents
from grid_cells.errors import UserError
from grid_cells.meter_figures import few_together, rated

By = Literal["maker", "terminal", "transformer", "feeder", "cell"]
BYS: Final[tuple[By, ...]] = get_args(By)
Figure = Literal["lost", "missing", "frozen", "spike", "zero", "negative", "clock"]
FIGURES: Final[tuple[Figure, ...]] = get_args(Figure)
COARSER: Final = 2
_SUMS: Final = ("meters", "due", *store.KINDS, "bad")
_FINE: Final = ("terminal", "transformer")
_OF_A_HOME: Final = {"spike": 0.5, "zero": 0.25}
"""Findings that tell of a home's use, and the part of a day that each takes off quality."""


@dataclass(frozen=True)
class CellWish:
    """What the map shows: a figure, of which maker (None: all), by cells of which resolution."""

    figure: Figure = "lost"
    maker: str | None = None
    resolution: int | None = None


@dataclass(frozen=True, eq=False)
class QualityCells:
    """The cells of a wish, the resolution and those that can be picked.

    cells: cell_id, value (per cent of the due meter days), the sums, rolled_up_to. version changes
    whenever a value does.
    """

    cells: pd.DataFrame
    resolution: int
    resolutions: tuple[int, ...]
    version: str


def _check_made(db: Database) -> tuple[object, ...]:
    """What figures depend on; raises UserError `readings_unchecked` before the first check."""
    now, whole = clock_now(db), db.whole
    row = check_store.newest(whole.read())
    if row is None or row["made_at"] > now:
        raise UserError("readings_unchecked")
    reviewed = review_store.stamp_of_accepted(whole.read(), now)
    return row["check_id"], reviewed, whole.opened_as, db.seen_as


@needs(RIGHT)
def figures(
    db: Database, actor: Actor, by: By, *, maker: str | None = None, transformer: str | None = None
) -> pd.DataFrame:
    """Sums by name with quality and excess_days as `meter_figures.rated`, the worst first.

    Who must not see few people gets places of few meters as one row without a name, and below
    makers and feeders nothing of spikes and zeros: they tell of a home, the others of a device.
    Raises UserError `readings_unchecked`, `readings_by_unknown`.
    """
    if by not in BYS:
        raise UserError("readings_by_unknown", known=", ".join(BYS))
    key = ("reading_figures", by, maker, transformer, *_check_made(db), small_cells.least(db))
    hidden = small_cells.hidden_from(actor)
    now = clock_now(db)

    def work() -> pd.DataFrame:
        if by == "cell":
            return rated(_named(_cells(db, CellWish(maker=maker), None, is_hidden=hidden)))
        sums = store.by_name(db.read(), by, now, maker, transformer)
        if not hidden:
            return rated(sums)
        is_fine = by in _FINE or transformer is not None
        told = few_together(sums, small_cells.least(db))
        return rated(_of_devices(told) if is_fine else told)

    return remembered((*key, hidden), work)


def _of_devices(sums: pd.DataFrame) -> pd.DataFrame:
    """The sums without what tells of a home's use."""
    bad = sums["bad"] - sum(share * sums[name].fillna(0) for name, share in _OF_A_HOME.items())
    return sums.assign(bad=bad, **dict.fromkeys(_OF_A_HOME, np.nan))


def _named(cells: pd.DataFrame) -> pd.DataFrame:
    name = cells_to_hex(cells["cell_id"].to_numpy(np.int64))
    return cells[list(_SUMS)].assign(name=name)


@needs(RIGHT)
def trend(
    db: Database, actor: Actor, *, maker: str | None = None, transformer: str | None = None
) -> pd.DataFrame:
    """Meter days due and in doubt by day: day, due, each finding.

    Who must not see few people gets no days of fewer meters than that, and of a single
    transformer nothing of spikes and zeros. Raises UserError `readings_unchecked`.
    """
    _check_made(db)
    held = check_store.newest(db.whole.read())
    if held is None:
        raise UserError("readings_unchecked")
    days = store.by_day(db.read(), held["first_day"], held["last_day"], maker, transformer)
    if not small_cells.hidden_from(actor):
        return days
    told = days[days["due"] >= small_cells.least(db)].reset_index(drop=True)
    return told if transformer is None else told.assign(**dict.fromkeys(_OF_A_HOME, np.nan))


@needs(RIGHT)
def cells(db: Database, actor: Actor, wish: CellWish | None = None) -> QualityCells:
    """Cells of a wish; who must not see few people gets figures as groups of cells have them.

    Raises UserError `readings_unchecked`, `readings_figure_unknown`, `readings_resolution_unknown`.
    """
    asked, made = wish or CellWish(), _check_made(db)
    level = meta.resolution(db.whole.read())
    choices = tuple(range(level, level - COARSER - 1, -1))
    if asked.figure not in FIGURES:
        raise UserError("readings_figure_unknown", known=", ".join(FIGURES))
    resolution = level if asked.resolution is None else asked.resolution
    if resolution not in choices:
        raise UserError("readings_resolution_unknown", known=", ".join(str(one) for one in choices))
    is_hidden = small_cells.hidden_from(actor)
    small_cells.groups(db.whole)
    key = ("quality_cells", asked, resolution, *made, is_hidden, *small_cells.stamp(db.whole))
    found = remembered(key, lambda: _cells(db, asked, resolution, is_hidden=is_hidden))
    return QualityCells(found, resolution, choices, fingerprint(found).hex()[:20])


def _cells(
    db: Database, wish: CellWish, resolution: int | None, *, is_hidden: bool
) -> pd.DataFrame:
    """The cells in sight; small ones with their part of what is in sight of their group.

    Of one maker's meters in a group there may be few: then nothing is told, and of homes never.
    """
    sums = store.by_cell(db.read(), clock_now(db), wish.maker)
    if is_hidden:
        sums = sums if wish.maker is None else _of_devices(_of_enough(db, sums))
        sums = _published(db, sums)
    else:
        sums = sums.assign(rolled_up_to=0)
    if db is not db.whole:
        known = cell_store.frame_cells(db.read())["cell_id"].to_numpy(np.int64)
        sums = sums[sums["cell_id"].isin(known)]
    cell_id = sums["cell_id"].to_numpy(np.int64)
    up = cell_id if resolution is None else parents(cell_id, resolution)
    grouped = sums.groupby(up)
    told = grouped[list(_SUMS)].sum(min_count=1)
    told["rolled_up_to"] = grouped["rolled_up_to"].max() != 0
    due = told["due"].where(told["due"] > 0)
    value = told["bad" if wish.figure == "lost" else wish.figure] / due
    return told.assign(value=100 * value).rename_axis("cell_id").reset_index()


def _of_enough(db: Database, sums: pd.DataFrame) -> pd.DataFrame:
    """The sums of those cells in whose group enough meters are chosen."""
    groups = small_cells.groups_in_sight(db).set_index("cell_id")["group"]
    group = sums["cell_id"].map(groups)
    meters: pd.Series[float] = sums["meters"].groupby(group).transform("sum")
    kept: pd.DataFrame = sums[meters >= small_cells.least(db)]
    return kept


def _published(db: Database, sums: pd.DataFrame) -> pd.DataFrame:
    """Each figure as groups of enough customers have it."""
    result = sums[["cell_id"]].copy()
    rolled = pd.Series(0, index=sums["cell_id"])
    for name in _SUMS:
        values = sums[["cell_id", name]].rename(columns={name: "value"}).dropna()
        told = small_cells.published_in_sight(db, values).set_index("cell_id")
        result[name] = result["cell_id"].map(told["value"].astype(float))
        rolled = rolled.where(rolled != 0, told["rolled_up_to"].reindex(rolled.index).fillna(0))
    return result.assign(rolled_up_to=rolled.to_numpy())


@needs(RIGHT)
def makers(db: Database, actor: Actor) -> list[str]:  # noqa: ARG001 - the sight is the actor's
    """Makers of the meters in sight that were checked."""
    return store.makers(db.read())


@needs(RIGHT)
def level(db: Database, actor: Actor) -> int:  # noqa: ARG001 - asked above
    """The store's resolution: the finest that can be picked."""
    return meta.resolution(db.whole.read())


def wish_word(wish: CellWish, makers_known: list[str]) -> str:
    """A word for a wish, for addresses of cells files: a maker by its place among those known."""
    maker = "" if wish.maker is None else str(makers_known.index(wish.maker))
    level = "" if wish.resolution is None else str(wish.resolution)
    return ",".join([wish.figure, maker, level])


def wish_of(word: str, makers_known: list[str]) -> CellWish:
    """The wish behind its word; raises UserError `readings_wish_unreadable`."""
    try:
        figure, maker, level = word.split(",")
        wish = CellWish(
            cast("Figure", figure), makers_known[int(maker)] if maker else None,
            int(level) if level else None,
        )  # fmt: skip
        is_read = figure in FIGURES and wish_word(wish, makers_known) == word
    except (ValueError, IndexError):
        is_read = False
    if not is_read:
        raise UserError("readings_wish_unreadable")
    return wish
