"""A draft held against the plan in force: figures old and new, balance, shape, problems."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import drafts as store
from app.store import plan_life, plans
from app.store.database import Database
from app.use_cases import assumed_travel, plan_graphs, studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.assumed_travel import Assumed
from app.use_cases.clock import now as clock_now
from app.use_cases.consequences import Drawing, Judged, judge
from app.use_cases.draft_origin import Basis, by_unit
from app.use_cases.drafts import Sight, sight
from app.use_cases.plan_graphs import PlanUnits
from app.use_cases.remember import remembered
from app.use_cases.service_map import facts_version
from app.use_cases.studio import Studio
from grid_cells import plan_cells
from grid_cells.balance import Balance, cell_shapes, polsby_popper, weigh
from grid_cells.cell_parts import refine, within
from grid_cells.drafts import NO_AREA, TWO_AREAS, Area, Draft, Places
from grid_cells.plan_cells import UnitCells
from grid_cells.unit_graph import UnitGraph, pieces

_FREE_BORDER = 1.0


@dataclass(frozen=True)
class Weighed:
    """A draft held against the plan in force, as far as the person sees either.

    areas: the draft's, then those only the plan in force has, without a name where out of sight;
    judged: figures and problems; living: places of the areas in sight that were not deleted;
    balance: of these, in this order; compactness: Polsby–Popper by area of the draft's own (NaN
    where it has no cell); moved: units whose area differs (unit, old_area, new_area); seq: the
    change up to which it holds; drawing: what was weighed.
    """

    areas: tuple[Area, ...]
    judged: Judged
    living: list[int]
    balance: Balance
    compactness: NDArray[np.float64]
    moved: pd.DataFrame
    seq: int
    drawing: Drawing


@needs("see_plans")
def weigh_draft(db: Database, actor: Actor, plan_id: int) -> Weighed:
    """Everything the draft does, worked out anew after each of its changes."""
    held, moment = studio.of_plan(db, plan_id), clock_now(db)
    key = ("weighed", db.whole.opened_as, db.seen_as, actor.role, plan_id, held.draft.seq)
    assumed = assumed_travel.of_plan(db, plan_id)
    stamp = (held.book_version, facts_version(db, moment), exceptions(db, plan_id), assumed)
    return remembered((*key, *stamp), lambda: _weighed(db, actor, held, assumed))


def _weighed(db: Database, actor: Actor, held: Studio, assumed: Assumed) -> Weighed:
    now = clock_now(db)
    with held.lock:
        draft, own, book, every = held.draft, sight(db, actor, held), held.book, held.units
    facts = store.facts(db.whole.read(), held.plan_id) or {}
    rows = draft.living if own.rows is None else draft.living[own.rows[draft.living]]
    stated = _stated(db, held)
    units, whence = _on_both(held.basis, every[rows], stated)
    after = draft.area[rows][whence]
    before, areas = _in_force(units, stated, draft.areas)
    named = tuple(_seen(area, n, own) for n, area in enumerate(areas))
    by = PlanUnits(cast("Basis", held.basis), units, str(facts.get("weight", "customers")))
    graph = plan_graphs.graph(db, actor, by, now)
    drawing = Drawing(
        held.basis, units, before, after, named, _pieces(graph, after),
        _pieces(graph, after, barred=True), assumed=assumed,
    )  # fmt: skip
    judged = _excused(judge(db, actor, drawing, now), named, exceptions(db, held.plan_id))
    living = [n for n, area in enumerate(named[: len(draft.areas)]) if not area.is_deleted]
    balance = _balance(graph, after, living, float(facts.get("tolerance", 0.05)))
    moved = _moved(units, before, after, named)
    shape = _compactness(held, book, draft)
    return Weighed(named, judged, living, balance, shape, moved, draft.seq, drawing)


def _seen(area: Area, place: int, own: Sight) -> Area:
    """The area, or one without name and code where it lies out of sight."""
    if own.areas is None or (place < len(own.areas) and own.areas[place]):
        return area
    return Area(f"#{place}", "…", is_deleted=True)


def _moved(
    units: "pd.Index[Any]", before: Places, after: Places, areas: tuple[Area, ...]
) -> pd.DataFrame:
    ids = np.array([*(area.area_id for area in areas), None, None], dtype=object)
    rows = np.flatnonzero(before != after)
    return pd.DataFrame(
        {
            "unit": units[rows],
            "old_area": pd.Series(ids[before[rows]], dtype="str"),
            "new_area": pd.Series(ids[after[rows]], dtype="str"),
        }
    )


Stated = dict[Any, list[str]]


def _stated(db: Database, held: Studio) -> Stated:
    """The areas that the plan in force gives to each of its units, on the draft's basis."""
    now, connection = clock_now(db), db.whole.read()
    plan = plans.plan_at(connection, now)
    if plan is None:
        return {}
    if plan["basis"] == held.basis:
        claims = by_unit(plans.claims_at(connection, int(plan["plan_id"]), now), held.basis)
        return dict(zip(claims["unit"], claims["area_ids"], strict=True))
    people = store.unit_areas(connection, held.basis, now).dropna(subset=["area_id"])
    most = people.sort_values(["customers", "area_id"], ascending=[False, True])
    most = most.drop_duplicates("unit")
    return {u: [a] for u, a in zip(most["unit"], most["area_id"], strict=True)}


def _on_both(
    basis: str, units: "pd.Index[Any]", stated: Stated
) -> tuple["pd.Index[Any]", NDArray[np.int64]]:
    """The units, cut down where the plan in force is drawn on finer cells, and whence each came.

    So that who moves is told exactly, whichever of the two plans has the finer cells.
    """
    if basis != "cell":
        return units, np.arange(len(units))
    cells, whence = refine(units.to_numpy(dtype=np.int64), list(stated))
    return pd.Index(cells), whence


def _in_force(
    units: "pd.Index[Any]", stated: Stated, areas: tuple[Area, ...]
) -> tuple[Places, tuple[Area, ...]]:
    """Area of each unit by the plan in force, among the draft's areas and those only it has."""
    place = {area.area_id: n for n, area in enumerate(areas)}
    gone = sorted({one for ids in stated.values() for one in ids} - place.keys())
    extra = tuple(Area(one, one, is_deleted=True) for one in gone)
    place |= {one: len(areas) + n for n, one in enumerate(gone)}
    claimed = units
    if pd.api.types.is_integer_dtype(units):
        claimed = pd.Index(within(units.to_numpy(np.int64), list(stated)))
    labels = [_label(stated.get(unit, []), place) for unit in claimed.tolist()]
    return np.array(labels, dtype=np.int32), areas + extra


def _label(ids: list[str], place: dict[str, int]) -> int:
    if not ids:
        return NO_AREA
    return place[ids[0]] if len(ids) == 1 else TWO_AREAS


def _pieces(graph: UnitGraph, area: Places, *, barred: bool = False) -> NDArray[np.int64]:
    """Number of the connected piece of its area each unit lies in, the heaviest piece being 0.

    With `barred` a welcome border (a river, an expressway) parts pieces too.
    """
    kept = (area[graph.left] == area[graph.right]) & (area[graph.left] >= 0)
    if barred:
        kept &= graph.price >= _FREE_BORDER
    count, piece_of = pieces(graph, kept=kept)
    weight = np.bincount(piece_of, weights=graph.weight, minlength=count)
    first = pd.DataFrame({"area": area, "piece": piece_of}).drop_duplicates("piece")
    ranked = first.assign(weight=weight[first["piece"]]).sort_values(
        ["area", "weight", "piece"], ascending=[True, False, True]
    )
    number = np.zeros(count, dtype=np.int64)
    number[ranked["piece"]] = ranked.groupby("area").cumcount()
    return number[piece_of]


def _balance(graph: UnitGraph, area: Places, living: list[int], tolerance: float) -> Balance:
    place = np.full(max(int(area.max(initial=-1)), *living, 0) + 3, -1, dtype=np.int64)
    place[living] = np.arange(len(living))
    labels = place[area]  # -1 and -2 read the last two, which stay -1
    targets = np.full(len(living), graph.weight.sum() / max(len(living), 1))
    return weigh(graph, labels, targets, tolerance=tolerance)


def _compactness(held: Studio, book: UnitCells, draft: Draft) -> NDArray[np.float64]:
    shown, _ = plan_cells.colours(book, draft.area)
    key = ("shapes", held.plan_id, held.book_version, book.cells.tobytes())
    shapes = remembered(key, lambda: cell_shapes(book.cells))
    labels = np.maximum(shown, NO_AREA).astype(np.int64)
    return polsby_popper(shapes, labels, len(draft.areas))


def exceptions(db: Database, plan_id: int) -> frozenset[tuple[str, str]]:
    """Rules that may be broken for a stated reason: rule, area id (empty: the whole plan)."""
    stated = plan_life.exceptions(db.whole.read(), plan_id)
    return frozenset(zip(stated["rule"], stated["area_id"], strict=True))


def _excused(
    judged: Judged, areas: tuple[Area, ...], excused: frozenset[tuple[str, str]]
) -> Judged:
    """The findings, those with a stated reason no longer forbidding anything."""
    found = []
    for one in judged.problems:
        about = "" if one.area is None else areas[one.area].area_id
        found.append(replace(one, level="warn") if (one.code, about) in excused else one)
    return replace(judged, problems=found)
