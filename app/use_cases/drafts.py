"""Plans being drawn: begin one, copy one, list them, see its cells and what changed in it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import audit, meta, plans, what_if
from app.store import cells as cell_store
from app.store import drafts as store
from app.store import scope as scope_store
from app.store.database import Connection, Database
from app.use_cases import cell_parts, derive, draft_origin, studio
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.draft_origin import AREA_COLUMNS, Basis
from app.use_cases.plan_scope import changeable
from app.use_cases.remember import remembered
from app.use_cases.studio import Studio
from grid_cells import plan_cells
from grid_cells.colouring import colour_around, neighbouring_areas
from grid_cells.drafts import NO_AREA, TWO_AREAS, Area
from grid_cells.errors import UserError

TOLERANCE: Final = 0.05
WEIGHT: Final = "customers"
NO_INDEX: Final = 0xFFFF


@dataclass(frozen=True)
class Measure:
    """What a draft's areas are balanced on, and how closely."""

    tolerance: float = TOLERANCE
    weight: str = WEIGHT


BY_CUSTOMERS: Final = Measure()


@dataclass(frozen=True)
class Sight:
    """What of a draft a person may see and change; None = all of it.

    cells: bool per place of the studio's book; rows: per unit; areas: per area.
    """

    cells: NDArray[np.bool_] | None = None
    rows: NDArray[np.bool_] | None = None
    areas: NDArray[np.bool_] | None = None


@needs("draw_plans")
def begin(
    db: Database,
    actor: Actor,
    name: str,
    *,
    based_on: int | None = None,
    basis: Basis | None = None,
) -> int:
    """Number of a new draft: of the plan in force, of another plan, or of nothing yet.

    `basis` differs from that of the plan begun from where a plan by cells replaces one by
    transformers, or the other way round: each unit then takes the area its customers have most.
    """
    cleaned = name.strip()
    if not cleaned:
        raise UserError("plan_needs_name")
    whole = db.whole
    derive.refresh(whole, clock_now(db))
    areas, held, known_basis, origin = draft_origin.of(whole, based_on)
    kind = basis or known_basis
    if kind != known_basis:
        held = draft_origin.on_other_basis(whole, kind)
    units = draft_origin.units(whole, kind, held)
    return create(db, actor, cleaned, basis=kind, units=units, areas=areas, based_on=origin)


def create(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    name: str,
    *,
    basis: Basis,
    units: pd.DataFrame,
    areas: pd.DataFrame,
    based_on: int | None,
    measure: Measure = BY_CUSTOMERS,
) -> int:
    """Number of a new draft with these units (unit, area_ids) and areas (area_id, name, …)."""
    place = {area_id: n for n, area_id in enumerate(areas["area_id"])}
    labels = [_place(ids, place) for ids in units["area_ids"]]
    by_transformer = basis == "transformer"
    rows = pd.DataFrame(
        {
            "row_no": np.arange(len(units)),
            "transformer_id": units["unit"].astype("str") if by_transformer else None,
            "cell_id": 0 if by_transformer else units["unit"].astype("int64"),
            "area": np.array(labels, dtype="int32"),
        }
    )
    named = areas.reset_index(drop=True).reindex(columns=[*AREA_COLUMNS, "colour"])
    name_of = named["name"].astype("str").fillna(named["area_id"].astype("str"))
    named = named.assign(area=np.arange(len(named)), name=name_of)

    def change(connection: Connection) -> int:
        plan_id = plans.next_plan_id(connection)
        plan = {
            "plan_id": plan_id, "name": name, "basis": basis, "created_at": real_now(),
            "created_by": actor.id, "based_on": based_on, **vars(measure),
        }  # fmt: skip
        store.insert(connection, plan, rows, named)
        if based_on is not None:
            what_if.copy(connection, based_on, plan_id)  # what a what-if assumes, its copies do too
        audit.record(
            connection, actor.id, "draft_begun", at=real_now(), subject=f"plan:{plan_id}",
            detail={"basis": basis, "units": len(rows), "areas": len(named), "of": based_on},
        )  # fmt: skip
        return plan_id

    return db.write(change)


def _place(ids: Sequence[str], place: dict[str, int]) -> int:
    known = [place[one] for one in ids if one in place]
    if not known:
        return NO_AREA
    return known[0] if len(known) == 1 else TWO_AREAS


def sight(db: Database, actor: Actor, held: Studio) -> Sight:  # noqa: ARG001 - db is the sight
    """What of a draft may be seen and changed through this database.

    Units are changeable by the rule that files of areas keep to: in sight with everybody in them,
    or held by one's own areas already, in force or in the draft.
    """
    if db is db.whole:
        return Sight()
    connection = db.read()
    ground = cell_parts.store_cells(connection, held.book.cells)
    in_sight = np.isin(ground[1], cell_store.frame_cells(connection)["cell_id"].to_numpy())
    seen = cell_parts.whole_units(db.whole, held.book.cells, ground, in_sight)
    units = {unit for unit, _ in scope_store.units_of(connection)}
    area_id = getattr(db, "scope", None) and db.scope.area_id  # type: ignore[attr-defined]
    mine = np.array(
        [a.unit_id in units and area_id in (None, a.area_id) for a in held.draft.areas], dtype=bool
    )
    at_home = np.append(seen, False)[held.book.home]  # NOWHERE reads the last one
    is_held = np.append(mine, [False] * 3)[held.draft.area]  # and so do units in no one area
    return Sight(seen, at_home & (is_held | _changeable(db, held)), mine)


def _changeable(db: Database, held: Studio) -> NDArray[np.bool_]:
    """Per unit of a draft whether its area may be changed through this limited sight."""
    at = clock_now(db)
    by_transformer = held.basis == "transformer"
    units = pd.DataFrame(
        {
            "transformer_id": held.units if by_transformer else None,
            "cell_id": 0 if by_transformer else held.units,
        }
    )
    stamp = (meta.facts_version(db.whole), cell_store.moment_of_change(db.whole.read(), at))
    key = ("changeable", db.opened_as, db.seen_as, held.plan_id, len(units), stamp)
    return remembered(key, lambda: changeable(db, units, at))


@needs("see_plans")
def cells(db: Database, actor: Actor, plan_id: int) -> pd.DataFrame:
    """The draft's cells: cell_id, area_index (65535 none or two), value (customers), is_mixed."""
    held = studio.of_plan(db, plan_id)
    with held.lock:  # cells that are divided meanwhile would be of two minds
        seen, book = sight(db, actor, held), held.book
        shown, mixed = plan_cells.colours(book, held.draft.area)
    frame = pd.DataFrame(
        {
            "cell_id": book.cells,
            "area_index": np.where(shown < 0, NO_INDEX, shown).astype("uint16"),
            "value": book.customers.astype("float32"),
            "is_mixed": mixed,
        }
    )
    return frame if seen.cells is None else frame[seen.cells].reset_index(drop=True)


@needs("see_plans")
def resolution(db: Database, actor: Actor) -> int:  # noqa: ARG001
    """The store's own resolution, from which a plan's cells may differ."""
    return meta.resolution(db.whole.read())


@dataclass(frozen=True)
class DraftArea:
    """An area of a draft as the map needs it: its number there, and whether it is mine to draw.

    colour: its place in the palette, chosen or by neighbourhood.
    """

    index: int
    area: Area
    is_mine: bool
    colour: int = 0


@needs("see_plans")
def areas(db: Database, actor: Actor, plan_id: int) -> list[DraftArea]:
    """Every area of a draft in sight, deleted ones included, by its number."""
    held = studio.of_plan(db, plan_id)
    return areas_seen(held, sight(db, actor, held))


def areas_seen(held: Studio, seen: Sight) -> list[DraftArea]:
    """The areas within a sight."""
    mine, hues = seen.areas, _colours(held)
    return [
        DraftArea(n, area, mine is None or bool(mine[n]), hues[area.area_id])
        for n, area in enumerate(held.draft.areas)
        if mine is None or mine[n]
    ]


def _colours(held: Studio) -> dict[str, int]:
    """Place in the palette of each area: as chosen, else so that neighbours differ.

    Worked out when areas change, not when cells do: no colour turns under the brush.
    """
    with held.lock:
        if held.coloured_at < held.areas_changed_at or not held.colours:
            held.colours, held.coloured_at = _coloured(held), held.draft.seq
        return held.colours


def _coloured(held: Studio) -> dict[str, int]:
    """Colours of all areas by the cells of now, those known before kept where they can be."""
    ids = [area.area_id for area in held.draft.areas]
    shown, _ = plan_cells.colours(held.book, held.draft.area)
    named = np.array([*ids, None, None], dtype=object)[shown]
    pairs = neighbouring_areas(pd.DataFrame({"cell_id": held.book.cells, "area_id": named}))
    chosen = {a.area_id: a.colour for a in held.draft.areas if a.colour is not None}
    return colour_around(pairs, ids, chosen, held.colours)


@needs("see_plans")
def seq(db: Database, actor: Actor, plan_id: int) -> int:  # noqa: ARG001
    """How many changes the draft has seen."""
    return studio.of_plan(db, plan_id).draft.seq


def check_new_area(db: Database, actor: Actor, area: Area, *, asked: str) -> None:
    """Refuse a new area outside the person's part of the company.

    Raises UserError `area_exists` for the code of an area out of sight.
    """
    if db is db.whole:
        return
    connection = db.read()
    units = {unit for unit, _ in scope_store.units_of(connection)}
    if area.unit_id not in units:
        refuse(db, actor, "access_out_of_scope", asked=asked, about=f"unit:{area.unit_id or ''}")
    if area.area_id in set(plans.area_ids(db.whole.read())) - set(plans.area_ids(connection)):
        raise UserError("area_exists", area=area.area_id)


@needs("draw_plans")
def free_area_id(db: Database, actor: Actor, plan_id: int) -> str:  # noqa: ARG001
    """A code (N-01 …) that no area has, in the draft or in any plan, in sight or not."""
    taken = {area.area_id for area in studio.of_plan(db, plan_id).draft.areas}
    taken |= set(plans.area_ids(db.whole.read()))
    return next(code for n in itertools.count(1) if (code := f"N-{n:02d}") not in taken)
