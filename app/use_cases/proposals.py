"""Areas proposed by the machine: balanced, in one piece, close to those in force."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from app.store import drafts as store
from app.store import plans
from app.store.database import Database
from app.use_cases import derive, draft_origin, plan_graphs, plan_wishes
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.draft_origin import AREA_COLUMNS, Basis
from app.use_cases.drafts import Measure, create
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.plan_wishes import ProposalWish
from grid_cells.area_wishes import Wishes
from grid_cells.bridges import bridges
from grid_cells.proposal import Proposal, candidates, match_areas
from grid_cells.unit_graph import Ints, UnitGraph


@dataclass(frozen=True)
class Proposed:
    """A proposal kept as a draft, and how good it is.

    too_heavy: units that alone outweigh an area; moved_customers: against the plan in force, None
    without one; seconds: reading and writing included.
    """

    plan_id: int
    areas: int
    largest_deviation: float
    too_heavy: list[Any]
    stray_pieces: int
    cut_edges: int
    moved_customers: int | None
    is_within: bool
    seed: int
    seconds: float = 0.0


@dataclass(frozen=True)
class _Ground:
    """What a proposal is drawn on: the units with their graph, and where they are now."""

    basis: Basis
    units: "pd.Index[Any]"
    graph: UnitGraph
    areas: pd.DataFrame
    held: Ints


@needs("draw_plans", whole=True)
def propose(
    db: Database,
    actor: Actor,
    wish: ProposalWish,
    *,
    progress: Callable[[float], None] | None = None,
) -> list[Proposed]:
    """Drafts with balanced areas, the best first: one for each seed, alike ones once.

    Areas keep the names of those in force where most of their customers stay. Raises UserError
    for wishes that cannot be met, as `grid_cells.proposal.propose`, `plan_graphs.graph` and
    `plan_wishes` do.
    """
    started, now = time.perf_counter(), clock_now(db)
    ground = _ground(db, actor, wish, now)
    wish = replace(wish, areas=wish.count(float(ground.graph.weight.sum())))
    wishes = _wishes(db, actor, wish, ground, now)
    found = list(candidates(ground.graph, wishes, seeds=list(wish.seeds), tell=progress))
    made = []
    for one in sorted(distinct(found), key=lambda one: one.rank):
        kept = _keep(db, actor, wish, ground, one)
        told = _told(ground, one, kept, _moved(db, ground, one, kept[1], now))
        made.append(replace(told, seconds=time.perf_counter() - started))
    return made


def _ground(db: Database, actor: Actor, wish: ProposalWish, now: datetime) -> _Ground:
    derive.refresh(db, now)
    areas, claims, known, _ = draft_origin.of(db, None)
    basis = wish.basis or known
    if basis != known:
        claims = draft_origin.on_other_basis(db, basis)
    units = draft_origin.units(db, basis, claims)
    if basis == "cell":
        units = _in_one_piece(units)
    place = {area_id: n for n, area_id in enumerate(areas["area_id"])}
    held = [place.get(ids[0], -1) if len(ids) == 1 else -1 for ids in units["area_ids"]]
    index = pd.Index(units["unit"])
    by = PlanUnits(basis, index, wish.weight)
    graph = plan_graphs.graph(db, actor, by, now, strict=True)
    return _Ground(basis, index, graph, areas, np.array(held, dtype=np.int64))


def _wishes(
    db: Database, actor: Actor, wish: ProposalWish, ground: _Ground, now: datetime
) -> Wishes:
    units = PlanUnits(ground.basis, ground.units)
    seats = within = None
    if wish.seats is not None:
        seats = plan_wishes.seats(db, units, wish.seats, now)
    if wish.within is not None:
        within = plan_wishes.uppers(db, actor, units, ground.graph, (wish.within, now))
    return Wishes(areas=wish.areas, tolerance=wish.tolerance, seats=seats, within=within)


def _in_one_piece(units: pd.DataFrame) -> pd.DataFrame:
    """The cells and those that lie between scattered ones, so that areas can be in one piece."""
    between = bridges(units["unit"].to_numpy(dtype=np.int64), margin=1)
    more = pd.DataFrame({"unit": between, "area_ids": [[] for _ in between]})
    joined = pd.concat([units, more], ignore_index=True) if len(between) else units
    return joined.sort_values("unit", ignore_index=True)


def distinct(found: list[Proposal]) -> list[Proposal]:
    """Proposals without repetitions."""
    seen: dict[bytes, Proposal] = {}
    for one in found:
        seen.setdefault(one.labels.tobytes(), one)
    return list(seen.values())


def _keep(
    db: Database, actor: Actor, wish: ProposalWish, ground: _Ground, found: Proposal
) -> tuple[int, list[str]]:
    """Number of the draft that holds the proposal, and the id of each of its areas."""
    old = match_areas(ground.held, found.labels, ground.graph.weight)
    areas = _named(ground.areas, old, wish.areas)
    ids = areas["area_id"].tolist()
    chosen = [[ids[n]] if n >= 0 else [] for n in found.labels.tolist()]
    units = pd.DataFrame({"unit": ground.units, "area_ids": chosen})
    name = wish.name.strip() or f"{wish.areas} areas, seed {found.seed}"
    plan = plans.plan_at(db.whole.read(), clock_now(db))
    based_on = None if plan is None else int(plan["plan_id"])
    plan_id = create(
        db, actor, name, basis=ground.basis, units=units, areas=areas, based_on=based_on,
        measure=Measure(wish.tolerance, wish.weight),
    )  # fmt: skip
    return plan_id, ids


def free_codes(taken: set[str]) -> Iterator[str]:
    """Codes for new areas (N-01 …) that none has."""
    return (code for n in itertools.count(1) if (code := f"N-{n:02d}") not in taken)


def _named(held: pd.DataFrame, old: Ints, count: int) -> pd.DataFrame:
    """Areas of a proposal: those they continue, else new ones under the next free code."""
    free = free_codes(set(held["area_id"]))
    rows = []
    for place in range(count):
        known = int(old[place]) if place < len(old) else -1
        if known >= 0:
            rows.append(held.iloc[known][AREA_COLUMNS].to_dict())
        else:
            code = next(free)
            rows.append({"area_id": code, "name": code, "hall_id": None, "unit_id": None})
    return pd.DataFrame(rows, columns=AREA_COLUMNS)


def _told(
    ground: _Ground, found: Proposal, kept: tuple[int, list[str]], moved: int | None
) -> Proposed:
    balance = found.balance
    plan_id, ids = kept
    return Proposed(
        plan_id=plan_id,
        areas=len(ids),
        largest_deviation=balance.largest_deviation,
        too_heavy=ground.units[balance.too_heavy].tolist(),
        stray_pieces=balance.stray_pieces,
        cut_edges=balance.cut_edges,
        moved_customers=moved,
        is_within=found.is_within,
        seed=found.seed,
    )


def _moved(
    db: Database, ground: _Ground, found: Proposal, ids: list[str], now: datetime
) -> int | None:
    """Customers whose area would be another one than now; None where no plan is in force."""
    if plans.plan_at(db.whole.read(), now) is None:
        return None
    people = store.unit_areas(db.whole.read(), ground.basis, now)
    row = ground.units.get_indexer(pd.Index(people["unit"]))
    known = people[row >= 0]
    label = found.labels[row[row >= 0]]
    new = np.array([*ids, ""], dtype=object)[label]
    return int(known.loc[known["area_id"].fillna("").to_numpy() != new, "customers"].sum())
