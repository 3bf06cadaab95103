"""The map of a province: sums of cell facts over days, for cells as coarse as the view needs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from app.store import meta, units
from app.store import province as province_store
from app.store.database import Database
from app.store.province import Span
from app.use_cases import clock, measures, small_cells
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.remember import remembered
from grid_cells.cells import centres
from grid_cells.distance import distance_m
from grid_cells.errors import UserError
from grid_cells.province import FIGURES, Figure, levels, resolution_of, tile_resolution

MOST_TILES: Final = 128
"""Tiles that one question may ask for: a window holds a dozen."""
_SAMPLED: Final = 40_000
_CENTRE_LEVELS: Final = 4
_MOST_LIVE: Final = 0.9
_PARTS: Final = tuple(
    dict.fromkeys(
        name
        for one in FIGURES.values()
        for name in (one.part, one.whole, one.due, one.known)
        if name
    )
)  # fmt: skip


@dataclass(frozen=True)
class ProvinceWish:
    """What is looked at: a figure over the days held between two days."""

    first: date
    last: date
    figure: str


@dataclass(frozen=True)
class Ground:
    """What is held as the person sees it.

    days: in order; resolution: of the finest cells; centre: the middle of the customers (latitude,
    longitude), None where there are none; reach_km: within which nine tenths of them live.
    """

    days: list[date]
    resolution: int
    centre: tuple[float, float] | None
    reach_km: float
    version: str


@dataclass(frozen=True, eq=False)
class ProvinceCells:
    """Cells with a figure: value (NaN: not known), its cell-days due, and those of them known."""

    resolution: int
    cell_id: NDArray[np.int64]
    value: NDArray[np.float64]
    known: NDArray[np.int64]
    due: NDArray[np.int64]


@needs("see_province")
def figures(db: Database, actor: Actor) -> list[Figure]:  # noqa: ARG001 - of the roles alone
    """The figures that the actor may see."""
    return [one for one in FIGURES.values() if measures.may_see(actor, one.code)]


@needs("see_province")
def ground(db: Database, actor: Actor) -> Ground | None:  # noqa: ARG001 - asked above
    """The days held and where the customers are; None without any day."""
    return remembered(("province ground", *_key(db)), lambda: _ground(db))


@needs("see_province")
def totals(db: Database, actor: Actor, first: date, last: date) -> pd.DataFrame:
    """Every figure over the cells in sight, by its code: value, known, due.

    Figures the actor may not see are not in it. Raises UserError `province_no_days`.
    """
    span = _span(db, first, last)
    sums = _sums(db, span, levels(span.resolution)[-1], None, _PARTS)
    whole = {name: np.array([_added(sums[name])]) for name in sums if name != "cell_id"}
    return _told(whole, figures(db, actor))


@needs("see_province")
def nowhere(db: Database, actor: Actor, first: date, last: date) -> pd.DataFrame:
    """As `totals`, of what is known and has no place; empty for a limited sight."""
    span = _span(db, first, last)
    sums = _columns(province_store.nowhere(db, span, ("cells", *_PARTS)))
    return _told(sums, figures(db, actor))


@needs("see_province")
def cells(
    db: Database, actor: Actor, wish: ProvinceWish, resolution: int, tiles: Sequence[int]
) -> ProvinceCells:
    """The cells of a resolution inside the tiles, in the order of their indexes.

    Raises UserError `province_no_days`, `province_wish_unreadable` for a resolution that is not
    held or for anything that is no tile of it.
    """
    figure = _figure(db, actor, wish.figure)
    span = _span(db, wish.first, wish.last)
    asked = sorted(set(tiles))
    _check_tiles(span, resolution, asked)
    key = ("province cells", *_key(db), wish, resolution, tuple(asked))

    def ask() -> ProvinceCells:
        sums = _sums(db, span, resolution, asked, _parts_of(figure))
        value, known, due = _valued(sums, figure)
        return ProvinceCells(resolution, sums["cell_id"].astype(np.int64), value, known, due)

    return remembered(key, ask)


@needs("see_province")
def sample(db: Database, actor: Actor, wish: ProvinceWish) -> NDArray[np.float64]:
    """The figure of some of the finest cells over the span, for classes of colours.

    Taken from the span's last day, sums times the number of days.
    """
    figure = _figure(db, actor, wish.figure)
    span = _span(db, wish.first, wish.last)
    key = ("province sample", *_key(db), wish)

    def ask() -> NDArray[np.float64]:
        count = province_store.cells_on(db, span.last)
        one_in = max(1, count // _SAMPLED)
        sums = _columns(province_store.sample(db, span, _parts_of(figure), one_in))
        value, _, _ = _valued(sums, figure)
        return value * (span.days if figure.is_sum and figure.part != "customers" else 1)

    return remembered(key, ask)


@needs("see_province")
def card(
    db: Database, actor: Actor, cell_id: int, first: date, last: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One cell of any resolution held: its figures as `totals` has them, and its energy by day.

    Energy by day: day, energy_kwh (NaN: not known), read_share (per cent). Raises UserError
    `province_no_days`, `province_wish_unreadable`.
    """
    span = _span(db, first, last)
    resolution = resolution_of(cell_id)
    if resolution not in levels(span.resolution):
        raise UserError("province_wish_unreadable")
    sums = _sums(db, span, resolution, [cell_id], _PARTS)
    told = _told({n: v for n, v in sums.items() if n != "cell_id"}, figures(db, actor))
    parts = ("energy_kwh", "meters_read", "meters")
    days = province_store.by_day(db, span, resolution, parts, [cell_id])
    read = 100 * days["meters_read"] / days["meters"].where(days["meters"] > 0)
    return told, days[["day", "energy_kwh"]].assign(read_share=read)


def wish_word(wish: ProvinceWish) -> str:
    """A word for a wish; for addresses of cells."""
    return f"{wish.first}.{wish.last}.{wish.figure}"


def wish_of(word: str) -> ProvinceWish:
    """The wish behind its word; raises UserError `province_wish_unreadable`."""
    first, _, rest = word.partition(".")
    last, _, figure = rest.partition(".")
    try:
        wish = ProvinceWish(date.fromisoformat(first), date.fromisoformat(last), figure)
    except ValueError as error:
        raise UserError("province_wish_unreadable") from error
    if figure not in FIGURES or wish_word(wish) != word:
        raise UserError("province_wish_unreadable")
    return wish


def _figure(db: Database, actor: Actor, code: str) -> Figure:
    if code not in FIGURES:
        raise UserError("province_wish_unreadable")
    if not measures.may_see(actor, code):
        check(db, actor, measures.right_to(code), asked="province.cells")
    return FIGURES[code]


def _parts_of(figure: Figure) -> tuple[str, ...]:
    named = (figure.part, figure.whole, figure.due or "cells", figure.known or "cells")
    return tuple(dict.fromkeys(one for one in named if one))


def _sums(
    db: Database, span: Span, resolution: int, within: Sequence[int] | None, parts: Sequence[str]
) -> dict[str, NDArray[Any]]:
    asked = tuple(dict.fromkeys((*parts, "cells")))
    return _columns(province_store.sums(db, span, resolution, asked, within))


def _columns(table: pa.Table) -> dict[str, NDArray[Any]]:
    """Columns as arrays, what is null as NaN."""
    return {name: table[name].to_numpy() for name in table.column_names}


def _valued(
    sums: dict[str, NDArray[Any]], figure: Figure
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Value, known and due cell-days of each row of sums."""
    part = sums[figure.part].astype(np.float64)
    due = np.nan_to_num(sums[figure.due or "cells"]).astype(np.int64)
    known = np.nan_to_num(sums[figure.known or "cells"]).astype(np.int64)
    if figure.is_sum:
        return part, known, due
    whole = sums[figure.whole].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, figure.factor * part / whole, np.nan), known, due


def _added(values: NDArray[Any]) -> float:
    """The sum of what is known; NaN where nothing is."""
    numbers = values.astype(np.float64)
    known = numbers[~np.isnan(numbers)]
    return float(known.sum()) if len(known) else float("nan")


def _told(sums: dict[str, NDArray[Any]], shown: list[Figure]) -> pd.DataFrame:
    rows = {}
    for one in shown if len(sums["cells"]) else ():
        value, known, due = _valued(sums, one)
        rows[one.code] = (value[0], known[0], due[0])
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "known", "due"])


def _check_tiles(span: Span, resolution: int, tiles: Sequence[int]) -> None:
    size = tile_resolution(resolution)
    is_sound = resolution in levels(span.resolution) and 0 < len(tiles) <= MOST_TILES
    if not is_sound or any(resolution_of(one) != size for one in tiles):
        raise UserError("province_wish_unreadable")


def _span(db: Database, first: date, last: date) -> Span:
    held = _days(db)
    inside = held[(held["day"] >= first) & (held["day"] <= last)]
    if inside.empty:
        raise UserError("province_no_days", first=first, last=last)
    days = inside["day"]
    return Span(
        days.iloc[0],
        days.iloc[-1],
        len(days),
        int(inside["resolution"].iloc[0]),
        int(inside["has_outages"].sum()),
    )


def _days(db: Database) -> pd.DataFrame:
    """The days over by now whose cells are as large as the last one's: day, resolution, cells."""
    held = province_store.days(db.read(), small_cells.least(db))
    over = held[held["day"] < _today(db)]
    return over if over.empty else over[over["resolution"] == over["resolution"].iloc[-1]]


def _ground(db: Database) -> Ground | None:
    held = _days(db)
    if held.empty:
        return None
    days, finest = list(held["day"]), int(held["resolution"].iloc[-1])
    span = Span(days[-1], days[-1], 1, finest, 1)
    size = max(levels(finest)[-1], finest - _CENTRE_LEVELS)
    sums = _sums(db, span, size, None, ("customers",))
    people = np.nan_to_num(sums["customers"])
    if not people.sum():
        return Ground(days, finest, None, 0.0, _version(db))
    lon, lat = centres(sums["cell_id"].astype(np.int64))
    middle = (float(np.average(lat, weights=people)), float(np.average(lon, weights=people)))
    away = distance_m(lon, lat, middle[1], middle[0]) / 1000
    order = np.argsort(away)
    most = np.searchsorted(np.cumsum(people[order]), _MOST_LIVE * people.sum())
    return Ground(
        days, finest, middle, float(away[order[min(int(most), len(order) - 1)]]), _version(db)
    )


def _today(db: Database) -> date:
    """The day that is not over yet: nothing is known of it."""
    return clock.now(db).astimezone(ZoneInfo(units.timezone(db.whole.read()) or "UTC")).date()


def _version(db: Database) -> str:
    """Names the facts and the moment as far as they matter: for addresses that a browser keeps."""
    return hashlib.sha256(repr(_key(db)).encode()).hexdigest()[:16]


def _key(db: Database) -> tuple[Any, ...]:
    """What every answer depends on beside its question."""
    whole = db.whole.read()
    stamp = meta.read_value(whole, "facts_version") if db.whole is not db else ""
    name = meta.read_value(whole, "database_id")
    return (
        name, db.whole.opened_as, db.seen_as, stamp, province_store.version(db),
        small_cells.least(db), _today(db),
    )  # fmt: skip
