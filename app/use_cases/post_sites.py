"""Where one more crew, or a crew moved, would win most customers back, and what it changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from app.store import coverage as store
from app.store import places
from app.store.database import Database
from app.use_cases import (
    coverage,
    coverage_side,
    derive,
    drafts,
    post_places,
    small_cells,
    what_if,
)
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.coverage import Coverage, Figures
from app.use_cases.coverage_wishes import A_YEAR, MOST_POSTS, CoverageWish
from app.use_cases.post_places import WHERES, Where
from app.use_cases.remember import remembered
from grid_cells import post_sites
from grid_cells import what_if as rules_of_places
from grid_cells.coverage import Floats, Ints, nearest
from grid_cells.errors import UserError
from grid_cells.post_sites import GOALS, Demand, Goal
from grid_cells.what_if import Assumption, Deed, gains

Weight = Literal["customers", "faults"]
Tell = Callable[[float], None]

WEIGHTS: Final[tuple[Weight, ...]] = ("customers", "faults")
LARGE: Final = 200_000
"""Pairs of a cell and a site: more are left to a job."""
_MOST_OTHERS: Final = 5


@dataclass(frozen=True)
class SiteWish:
    """Which sites are wanted: how many, of which goal, from where, weighed by what.

    moved: a crew whose base is moved, where it is no crew more.
    """

    count: int = 1
    goal: Goal = "cover"
    where: Where = "buildings"
    weight: Weight = "customers"
    moved: str = ""


@dataclass(frozen=True)
class Sites:
    """The answer: chosen (site_id, kind, name, lon, lat, won, mean_min), the best first.

    won: customers newly within the limit by that site alone; mean_min: over everybody with it.
    others: the best of the rest. before, after: figures with the crews on duty, and with the sites
    as well. areas: area_id, won, lost (customers newly within the limit, and no longer),
    gained, worse (customers whose way is a minute or more shorter, longer), before_min, after_min.
    is_proven: nothing serves the goal better. wish: the coverage with the sites in it.
    """

    wish: CoverageWish
    chosen: pd.DataFrame
    others: pd.DataFrame
    before: Figures
    after: Figures
    areas: pd.DataFrame
    is_proven: bool
    seconds: float


def check_wish(wish: SiteWish) -> None:
    """Raise UserError `coverage_wish_unreadable` for what cannot be asked."""
    is_read = (
        1 <= wish.count <= MOST_POSTS and wish.goal in GOALS and wish.where in WHERES
        and wish.weight in WEIGHTS and (not wish.moved or wish.count == 1)
    )  # fmt: skip
    if not is_read:
        raise UserError("coverage_wish_unreadable")


def _unheard(_done: float) -> None:
    pass


@needs("see_crews")
def propose(
    db: Database, actor: Actor, wish: CoverageWish, sites: SiteWish, *, tell: Tell = _unheard
) -> Sites:
    """The best sites for customers (or faults of the last year) in sight at the wish's moment.

    `tell` hears how far it is (0 to 1) before, between and after the searches, and may stop it.
    Raises UserError `coverage_no_sites` where there is nothing to choose from,
    `coverage_crew_unknown` for a crew to be moved that does not count at that moment.
    """
    check_wish(sites)
    plain = replace(wish, posts=(), moved="", against="")
    found = coverage.coverage(db, actor, plain)
    hidden = small_cells.hidden_from(actor)
    key = ("post_sites", *coverage_side.stamp(db), plain, found.at, sites, actor.role, hidden)
    return remembered(key, lambda: _Proposer(db, actor, plain, found, sites, tell).propose())


@needs("see_crews")
def is_large(db: Database, actor: Actor, wish: CoverageWish, sites: SiteWish) -> bool:
    """Whether the answer may take longer than people wait."""
    found = coverage.coverage(db, actor, replace(wish, posts=(), moved="", against=""))
    places = len(post_places.candidates(db, sites.where))
    return len(found.cells) * places > LARGE


@dataclass(frozen=True)
class _Proposer:
    """One wish for sites at one moment."""

    db: Database
    actor: Actor
    wish: CoverageWish
    found: Coverage
    sites: SiteWish
    tell: Tell

    def propose(self) -> Sites:
        started = time.perf_counter()
        places = post_places.candidates(self.db, self.sites.where)
        cells = self.found.cells
        if places.empty or cells.empty:
            raise UserError("coverage_no_sites")
        before, minutes = self._minutes(places)
        self.tell(0.2)
        demand = Demand(self._weight(), cells["limit_min"].to_numpy(np.float64), before)
        chosen = post_sites.best(demand, minutes, self.sites.count, self.sites.goal, self.tell)
        ranked = self._ranked(places, before, minutes)
        ids = [str(places["site_id"].iloc[n]) for n in chosen.sites]
        wish = replace(self.wish, posts=tuple(ids), moved=self.sites.moved if ids else "")
        told = coverage.coverage(self.db, self.actor, wish)
        self.tell(1.0)
        rest = ranked[~ranked["site_id"].isin(ids)].sort_values(
            ["won", "mean_min"], ascending=[False, True], kind="stable"
        )
        return Sites(
            wish, ranked.set_index("site_id").loc[ids].reset_index(),
            rest.head(_MOST_OTHERS).reset_index(drop=True),
            told.figures, told.after or told.figures,
            _by_area(told.cells), chosen.is_proven, time.perf_counter() - started,
        )  # fmt: skip

    def _minutes(self, places: pd.DataFrame) -> tuple[Floats, Floats]:
        """Minutes of the crews that stay, and from each site."""
        now = clock_now(self.db).replace(second=0, microsecond=0)
        side = coverage_side.side(self.db, self.wish, self.found.at, now)
        row = self._row(side.ground.cells)
        counted = set(side.crews.table.loc[side.chosen, "crew_id"])
        if self.sites.moved and self.sites.moved not in counted:
            raise UserError("coverage_crew_unknown")
        stays = nearest(side.staying(self.sites.moved))[0]
        return stays[row], side.ground.minutes_from(places)[row]

    def _row(self, origins: pd.DataFrame) -> Ints:
        every = pd.Index(origins["cell_id"])
        return np.asarray(every.get_indexer(pd.Index(self.found.cells["cell_id"])), dtype=np.int64)

    def _weight(self) -> Floats:
        if self.sites.weight == "customers":
            return self.found.cells["customers"].to_numpy(dtype=np.float64)
        now = clock_now(self.db)
        counted = store.faults(self.db.read(), now - A_YEAR, now).set_index("cell_id")["value"]
        told = counted.reindex(self.found.cells["cell_id"]).fillna(0)
        if not told.sum():
            raise UserError("coverage_no_faults")
        return told.to_numpy(dtype=np.float64)

    def _ranked(self, places: pd.DataFrame, before: Floats, minutes: Floats) -> pd.DataFrame:
        """Every site by itself, in customers."""
        cells = self.found.cells
        people = cells["customers"].to_numpy(dtype=np.float64)
        demand = Demand(people, cells["limit_min"].to_numpy(np.float64), before)
        base = post_sites.in_time(demand, before)
        alone = [post_sites.after(demand, minutes, (n,)) for n in range(len(places))]
        return places.assign(
            won=[post_sites.in_time(demand, one) - base for one in alone],
            mean_min=[post_sites.mean_min(demand, one) for one in alone],
        )


def _by_area(cells: pd.DataFrame) -> pd.DataFrame:
    """What the sites change in each area, most won first."""
    people = cells["customers"].to_numpy(dtype=np.float64)
    old, new = (cells[name].to_numpy(dtype=np.float64) for name in ("minutes", "posts"))
    limit = cells["limit_min"].to_numpy(dtype=np.float64)
    shorter, longer = gains(old, new, people)
    told = pd.DataFrame(
        {
            "area_id": cells["area_id"], "customers": people,
            "won": np.where((new <= limit) & ~(old <= limit), people, 0),
            "lost": np.where((old <= limit) & ~(new <= limit), people, 0),
            "gained": shorter, "worse": longer,
            "before_sum": np.nan_to_num(old) * people, "after_sum": np.nan_to_num(new) * people,
        }
    )  # fmt: skip
    table = told.groupby("area_id", dropna=False).sum().reset_index()
    changed = table[(table["gained"] > 0) | (table["worse"] > 0)]
    named = changed.assign(
        before_min=changed["before_sum"] / changed["customers"],
        after_min=changed["after_sum"] / changed["customers"],
    ).drop(columns=["before_sum", "after_sum"])
    order = named.sort_values(["won", "gained"], ascending=False, kind="stable")
    return order.reset_index(drop=True)


@needs("draw_plans")
def assume(  # noqa: PLR0913
    db: Database, actor: Actor, plan_id: int | None, site_id: str, *, name: str, moved: str = ""
) -> int:
    """The draft that now assumes a crew's base at the site; a new one where none is given.

    `name`: of the new base, and of a new draft. `moved`: the crew whose base it would be. Raises
    what `what_if.add_place` and `what_if.move_place` raise, before a new draft is begun where the
    place itself is what stands against it.
    """
    check(db, actor, "see_crews", asked="post_sites.assume")
    derive.refresh(db, clock_now(db))
    site = post_places.points(db, (site_id,)).iloc[0]
    at = (float(site["lon"]), float(site["lat"]))
    deed: Deed = "moved" if moved else "added"
    wanted = Assumption("crew", moved or name, deed, name, *at)
    rules_of_places.check((), wanted, places.points(db.whole.read(), "crew"))
    held = drafts.begin(db, actor, name) if plan_id is None else plan_id
    if moved:
        what_if.move_place(db, actor, held, ("crew", moved), at)
    else:
        what_if.add_place(db, actor, held, "crew", name=name, at=at)
    return held
