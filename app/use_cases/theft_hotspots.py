"""Hotspots of suspicion and of lost energy: cells, shapes, how much of each was inspected."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, cast, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import inspections as inspection_store
from app.store import meta
from app.store import theft_hotspots as store
from app.store.database import Database
from app.use_cases import inspection_rules, small_cells, units
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import fingerprint, remembered
from grid_cells import hotspots, inspections, line_loss
from grid_cells.cells import cells_to_hex, parents
from grid_cells.errors import UserError

Figure = Literal["score_mean", "score_sum", "lost_kwh"]
FIGURES: Final[tuple[Figure, ...]] = get_args(Figure)
CAUSES: Final = (
    "suspect", "wrong_multiplier", "wrong_link", "pv", "frozen", "vacancy", "missing_reading",
    "clock",
)  # fmt: skip
COARSER: Final = 2
"""How many resolutions coarser than the store's a person may pick."""
YEAR_DAYS: Final = 365
_ABOUT_PEOPLE: Final = (
    "scored", "score_sum", "suspects", "lost_kwh", "inspected", "visits", "hits",
)  # fmt: skip


@dataclass(frozen=True)
class HotspotWish:
    """What is looked at.

    resolution None: the store's; suspects are those with scores from `least` on; run_id None: the
    latest run.
    """

    figure: Figure = "score_sum"
    resolution: int | None = None
    least: float = 0.5
    cause: str = "suspect"
    run_id: int | None = None


@dataclass(frozen=True, eq=False)
class Hotspots:
    """The cells and hotspots of one wish.

    run: the run's row; cells: cell_id, customers, scored, score_sum, suspects, lost_kwh (a day),
    inspected, visits, hits, value, z, p, adjusted_p, is_hot, hotspot, rolled_up_to; spots by
    number: spot_id (its lowest cell as text), cells, customers, suspects, lost_kwh, p (adjusted),
    inspected_share and hit_rate (NaN: nobody was inspected), inspected; resolution and those that
    can be picked; version changes whenever a value does.
    """

    run: dict[str, Any]
    cells: pd.DataFrame
    spots: pd.DataFrame
    resolution: int
    resolutions: tuple[int, ...]
    version: str


@needs("see_suspicion")
def runs(db: Database, actor: Actor) -> pd.DataFrame:  # noqa: ARG001 - runs are the whole company's
    """Runs of scores known now, the latest first; none: nothing was scored yet."""
    return store.runs(db.whole.read(), clock_now(db))


@needs("see_suspicion")
def found(db: Database, actor: Actor, wish: HotspotWish | None = None) -> Hotspots:
    """The hotspots of a wish, for cells in sight; Gi* looks at the whole company.

    Who must not see few people gets their figures rolled up. Raises UserError `theft_no_run`,
    `theft_figure_unknown`, `theft_cause_unknown`, `theft_resolution_unknown`.
    """
    asked = wish or HotspotWish()
    now, whole = clock_now(db), db.whole
    run = run_of(db, asked.run_id, now)
    level = meta.resolution(whole.read())
    choices = tuple(range(level, level - COARSER - 1, -1))
    resolution = _checked(asked, level, choices)
    is_hidden = small_cells.hidden_from(actor)
    small_cells.groups(whole)
    run_id, facts = int(run["run_id"]), meta.versions(whole.read(), ("inspections", "customers"))
    stamp = (facts, *small_cells.stamp(whole))
    key = ("theft_hotspots", asked, run_id, local_day(db, now), is_hidden, *stamp)
    cells = remembered(key, lambda: _cells(whole, asked, run_id, now, is_hidden=is_hidden))
    if db is whole:
        seen = cells
    else:
        own = figures(db, asked, run_id, now, is_hidden=is_hidden)
        seen = _in_sight(cells, own, asked)
    return Hotspots(run, seen, _spots(seen), resolution, choices, fingerprint(seen).hex()[:20])


def run_of(db: Database, run_id: int | None, now: datetime) -> dict[str, Any]:
    """The run of that number, or the latest; raises UserError `theft_no_run`."""
    held = store.runs(db.whole.read(), now)
    chosen = held if run_id is None else held[held["run_id"] == run_id]
    if chosen.empty:
        raise UserError("theft_no_run")
    return {str(name): value for name, value in chosen.iloc[0].to_dict().items()}


def local_day(db: Database, now: datetime) -> date:
    """The company's day at the moment."""
    return now.astimezone(ZoneInfo(units.timezone(db) or "UTC")).date()


def _checked(wish: HotspotWish, level: int, choices: tuple[int, ...]) -> int:
    if wish.figure not in FIGURES:
        raise UserError("theft_figure_unknown", known=", ".join(FIGURES))
    if wish.cause not in CAUSES:
        raise UserError("theft_cause_unknown", known=", ".join(CAUSES))
    resolution = level if wish.resolution is None else wish.resolution
    if resolution not in choices:
        raise UserError("theft_resolution_unknown", known=", ".join(str(one) for one in choices))
    return resolution


def _cells(
    db: Database, wish: HotspotWish, run_id: int, now: datetime, *, is_hidden: bool
) -> pd.DataFrame:
    """All of the company's cells with their figures and Gi*."""
    cells = figures(db, wish, run_id, now, is_hidden=is_hidden)
    alpha, rings = (
        inspection_rules.figure("hotspot", "alpha"),
        int(inspection_rules.figure("hotspot", "rings")),
    )
    tested = hotspots.hotspots(cells["cell_id"], _value(cells, wish), rings=rings, alpha=alpha)
    return (
        cells.drop(columns="rolled_up_to")
        .merge(tested, on="cell_id")
        .assign(rolled_up_to=cells["rolled_up_to"].to_numpy(bool))
    )


def figures(
    db: Database, wish: HotspotWish, run_id: int, now: datetime, *, is_hidden: bool
) -> pd.DataFrame:
    """The cells in sight with the figures of the people in sight, by cells of the wish.

    Who must not see few people gets the whole's figures as they are published, of cells in sight;
    of groups that reach over the border of the sight none.
    """
    seen, db = db, db.whole if is_hidden else db
    connection = db.read()
    resolution = wish.resolution or meta.resolution(db.whole.read())
    base = store.suspicion_by_cell(connection, run_id, wish.cause, wish.least)
    base["lost_kwh"] = base["cell_id"].map(_lost_by_cell(db, run_id))
    visits = visits_of_year(db, now)
    tally = inspections.tallies(
        visits.dropna(subset=["cell_id"]), inspection_rules.outcome_rules(), "cell_id"
    )
    base = base.join(tally[["inspected", "visits", "hits"]].astype(float), on="cell_id")
    base = _published(db, base) if is_hidden else base.assign(rolled_up_to=0)
    if seen is not db:
        known = cell_store.frame_cells(seen.read())["cell_id"].to_numpy(np.int64)
        base = base[base["cell_id"].isin(known)]
        base = _without_others(seen, base) if is_hidden else base
    told = base.groupby(parents(base["cell_id"].to_numpy(np.int64), resolution))[
        "rolled_up_to"
    ].any()
    cells = hotspots.rolled_up(base.drop(columns="rolled_up_to"), resolution)
    return cells.assign(rolled_up_to=cells["cell_id"].map(told).to_numpy(bool))


def _without_others(db: Database, cells: pd.DataFrame) -> pd.DataFrame:
    """Figures about people left out of cells whose group has customers beyond the sight `db`."""
    groups = small_cells.groups(db)
    seen = store.customers_of_cells(db.read())
    mine = groups["cell_id"].map(seen).fillna(0).groupby(groups["group"]).transform("sum")
    whole = groups.loc[mine == groups["group_customers"], "cell_id"]
    is_told = cells["cell_id"].isin(whole)
    return cells.assign(**{name: cells[name].where(is_told) for name in _ABOUT_PEOPLE})


def visits_of_year(db: Database, now: datetime) -> pd.DataFrame:
    """Inspections of the year until now, with the customer's cell_id."""
    day = local_day(db, now)
    visits = inspection_store.known(db.read(), now, day)
    since = pd.Timestamp(day) - pd.Timedelta(days=YEAR_DAYS)
    return visits[visits["inspected_on"] > since].reset_index(drop=True)


def _lost_by_cell(db: Database, run_id: int) -> "pd.Series[float]":
    """Energy lost above the usual in kWh a day: of transformers, by their customers there."""
    losses = store.transformers(db.read(), run_id).drop_duplicates("transformer_id")
    excess = line_loss.excess_kwh_day(losses).set_axis(losses["transformer_id"])
    homes = store.customers_of_transformers(db.read())
    everybody = store.customers_of_transformers(db.whole.read())
    whole = everybody.groupby("transformer_id")["customers"].sum()
    share = homes["customers"] / homes["transformer_id"].map(whole)
    part = homes["transformer_id"].map(excess) * share
    return part.groupby(homes["cell_id"]).sum(min_count=1)


def _published(db: Database, cells: pd.DataFrame) -> pd.DataFrame:
    """The figures about people as groups of enough customers have them."""
    result = cells[["cell_id", "customers"]].copy()
    rolled = pd.Series(False, index=cells["cell_id"])
    for name in _ABOUT_PEOPLE:
        values = cells[["cell_id", name]].rename(columns={name: "value"}).dropna()
        told = small_cells.published(db, values).set_index("cell_id")
        result[name] = result["cell_id"].map(told["value"].astype(float))
        rolled |= told["rolled_up_to"].reindex(rolled.index).fillna(0) != 0
    return result.assign(rolled_up_to=rolled.to_numpy())


def _value(cells: pd.DataFrame, wish: HotspotWish) -> "pd.Series[float]":
    if wish.figure == "lost_kwh":
        return cells["lost_kwh"]
    total = cells["score_sum"] if wish.cause == "suspect" else cells["suspects"]
    return (
        total if wish.figure == "score_sum" else total / cells["scored"].where(cells["scored"] > 0)
    )


def _in_sight(cells: pd.DataFrame, own: pd.DataFrame, wish: HotspotWish) -> pd.DataFrame:
    """Gi* of the whole for the cells in sight, with the figures of those in sight."""
    gi = cells[["cell_id", "z", "p", "adjusted_p", "is_hot", "hotspot"]]
    seen = own.assign(value=_value(own, wish)).merge(gi, on="cell_id").reset_index(drop=True)
    return seen.assign(hotspot=hotspots.renumbered(seen["hotspot"]))


def _spots(cells: pd.DataFrame) -> pd.DataFrame:
    """The hotspots in sight, by number."""
    hot = cells[cells["hotspot"] >= 0]
    names = ["customers", "suspects", "lost_kwh", "inspected", "visits", "hits"]
    grouped = hot.groupby("hotspot")
    spots = grouped[names].sum(min_count=1)
    lowest = grouped["cell_id"].min()
    spots.insert(0, "spot_id", cells_to_hex(lowest.to_numpy(np.int64)))
    spots.insert(1, "cells", grouped.size())
    return spots.assign(
        p=grouped["adjusted_p"].min(),
        inspected_share=spots["inspected"] / spots["customers"],
        hit_rate=spots["hits"] / spots["visits"].where(spots["visits"] > 0),
    )


def wish_word(wish: HotspotWish) -> str:
    """A word for a wish; for addresses of cells files."""
    level = "" if wish.resolution is None else str(wish.resolution)
    run = "" if wish.run_id is None else str(wish.run_id)
    return ",".join([wish.figure, level, f"{wish.least:g}", wish.cause, run])


def wish_of(word: str) -> HotspotWish:
    """The wish behind its word; raises UserError `theft_wish_unreadable`."""
    try:
        figure, level, least, cause, run = word.split(",")
        wish = HotspotWish(
            cast("Figure", figure), int(level) if level else None, float(least), cause,
            int(run) if run else None,
        )  # fmt: skip
        is_read = figure in FIGURES and cause in CAUSES and wish_word(wish) == word
    except ValueError:
        is_read = False
    if not is_read:
        raise UserError("theft_wish_unreadable")
    return wish


@needs("see_suspicion")
def level(db: Database, actor: Actor) -> int:  # noqa: ARG001 - asked above
    """The store's resolution: the finest that can be picked."""
    return meta.resolution(db.whole.read())


def usual_least() -> float:
    """The score from which a customer is a suspect unless somebody picks another."""
    return inspection_rules.figure("plan", "least_score")
