"""What if a hall, a payment point or a crew base were elsewhere: assumed, taken back, settled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from app.store import audit, meta, places
from app.store import what_if as store
from app.store.database import Connection, Database
from app.use_cases import assumed_travel, studio
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.drafts import sight
from app.use_cases.studio import Studio
from grid_cells import plan_cells, what_if
from grid_cells.cell_parts import below
from grid_cells.cells import cells_to_hex, points_to_cells
from grid_cells.errors import UserError
from grid_cells.plan_scope import touches
from grid_cells.what_if import KINDS, Assumption, Deed, Kind

LONGEST_NAME: Final = 80
PlaceKey = tuple[Kind, str]
Point = tuple[float, float]
"""lon, lat (WGS-84)."""


@dataclass(frozen=True)
class AssumedPlace:
    """A place as a plan assumes it, where it is in truth, and whether it has come to be so."""

    place: Assumption
    was: Point | None
    is_real: bool

    @property
    def key(self) -> PlaceKey:
        """What tells it from the plan's other places."""
        return self.place.kind, self.place.place_id


@needs("see_plans")
def list_assumed(db: Database, actor: Actor, plan_id: int) -> list[AssumedPlace]:
    """What a plan assumes within the person's sight, the newest last."""
    held = studio.of_plan(db, plan_id)
    assumed = assumed_travel.of_plan(db, plan_id)
    whole = {kind: places.points(db.whole.read(), kind) for kind in {one.kind for one in assumed}}
    seen = _seen(db, actor, held)
    return [
        AssumedPlace(
            one, _where(one, whole[one.kind]), what_if.is_real(one, whole[one.kind], assumed)
        )
        for one in assumed
        if seen(one)
    ]


def _seen(db: Database, actor: Actor, held: Studio) -> Callable[[Assumption], bool]:
    """Tells whether an assumption lies in sight: its real place, or where it would be."""
    if db is db.whole:
        return lambda _: True
    ids = {kind: set(places.points(db.read(), kind)["id"]) for kind in KINDS}
    return lambda one: (
        one.place_id in ids[one.kind]
        or (one.lon is not None and _is_within(db, actor, held, (one.lon, one.lat or 0.0)))
    )


def _where(one: Assumption, real: pd.DataFrame) -> Point | None:
    here = real[real["id"] == one.place_id]
    return None if here.empty else (float(here["lon"].iloc[0]), float(here["lat"].iloc[0]))


@needs("see_plans")
def list_places(db: Database, actor: Actor, plan_id: int, kind: Kind) -> pd.DataFrame:  # noqa: ARG001
    """Real places in sight that a plan leaves as they are: id, name, lon, lat, cell_id."""
    taken = {one.place_id for one in assumed_travel.of_plan(db, plan_id) if one.kind == kind}
    real = places.points(db.read(), kind)
    return real[~real["id"].isin(taken)].reset_index(drop=True)


@needs("draw_plans")
def add_place(  # noqa: PLR0913
    db: Database, actor: Actor, plan_id: int, kind: Kind, *, name: str, at: Point
) -> str:
    """Code of a new place that a draft assumes."""
    cleaned = name.strip()[:LONGEST_NAME]
    if not cleaned:
        raise UserError("what_if_needs_name")
    held = studio.of_plan(db, plan_id)
    with held.lock:
        _check_at(db, actor, held, at, asked="what_if.add_place")
        whole = db.whole.read()
        taken = {one for name in KINDS for one in places.points(whole, name)["id"]}
        taken |= {one.place_id for one in assumed_travel.of_plan(db, plan_id)}
        code = what_if.free_place_id(taken)
        _assume(db, actor, plan_id, Assumption(kind, code, "added", cleaned, *at))
    return code


@needs("draw_plans")
def move_place(db: Database, actor: Actor, plan_id: int, key: PlaceKey, at: Point) -> None:
    """Assume that a real place lies elsewhere."""
    held = studio.of_plan(db, plan_id)
    with held.lock:
        name = _name_of(db, actor, key, asked="what_if.move_place")
        _check_at(db, actor, held, at, asked="what_if.move_place")
        _assume(db, actor, plan_id, Assumption(*key, "moved", name, *at))


@needs("draw_plans")
def close_place(db: Database, actor: Actor, plan_id: int, key: PlaceKey) -> None:
    """Assume that a real place is no longer there."""
    held = studio.of_plan(db, plan_id)
    with held.lock:
        name = _name_of(db, actor, key, asked="what_if.close_place")
        _assume(db, actor, plan_id, Assumption(*key, "closed", name))


@needs("draw_plans")
def take_back(db: Database, actor: Actor, plan_id: int, key: PlaceKey | None = None) -> PlaceKey:
    """The place that is again as it is in truth: that one, else the one assumed last.

    Raises UserError `what_if_gone` where there is none in sight.
    """
    with studio.of_plan(db, plan_id).lock:
        found = _held(db, actor, plan_id, key)
        _forget(db, actor, plan_id, found, "plan_place_taken_back")
    return found.key


@needs("draw_plans")
def settle(db: Database, actor: Actor, plan_id: int, key: PlaceKey) -> None:
    """Assume a place no longer, since the loaded places have come to be so.

    Raises UserError `what_if_not_real` where they have not.
    """
    with studio.of_plan(db, plan_id).lock:
        found = _held(db, actor, plan_id, key)
        if not found.is_real:
            raise UserError("what_if_not_real", place=found.place.name)
        _forget(db, actor, plan_id, found, "plan_place_settled")


def check_none(db: Database, plan_id: int) -> None:
    """Raise UserError `what_if_stands` where a plan assumes anything: it cannot come into force."""
    assumed = assumed_travel.of_plan(db, plan_id)
    if assumed:
        raise UserError("what_if_stands", count=len(assumed))


def _held(db: Database, actor: Actor, plan_id: int, key: PlaceKey | None) -> AssumedPlace:
    every = list_assumed(db, actor, plan_id)
    found = [one for one in every if key in (None, one.key)]
    if not found:
        raise UserError("what_if_gone")
    return found[-1]


def _name_of(db: Database, actor: Actor, key: PlaceKey, *, asked: str) -> str:
    """The name of a real place in sight; refused alike whether or not there is one beyond."""
    kind, place_id = key
    real = places.points(db.read(), kind)
    here = real.loc[real["id"] == place_id, "name"]
    if here.empty and db is not db.whole:
        refuse(db, actor, "access_out_of_scope", asked=asked, about=f"{kind}:{place_id}")
    return place_id if here.empty or pd.isna(here.iloc[0]) else str(here.iloc[0])


def _check_at(db: Database, actor: Actor, held: Studio, at: Point, *, asked: str) -> None:
    """Refuse a point that lies neither in nor beside a cell of an area that is the person's own."""
    if _is_within(db, actor, held, at):
        return
    if db is db.whole:
        raise UserError("what_if_outside")
    (cell,) = cells_to_hex(_cell_at(db, at))
    refuse(db, actor, "access_out_of_scope", asked=asked, about=f"cell:{cell}")


def _is_within(db: Database, actor: Actor, held: Studio, at: Point) -> bool:
    own = sight(db, actor, held)
    shown, mixed = plan_cells.colours(held.book, held.draft.area)
    inside = (shown >= 0) | mixed
    if own.cells is not None and own.areas is not None:
        inside = own.cells & np.append(own.areas, [False, False])[shown]
    _, ground = below(held.book.cells[inside], meta.resolution(db.whole.read()))
    cell = _cell_at(db, at)
    return bool(np.isin(cell, ground)[0] or touches(cell, ground)[0])


def _cell_at(db: Database, at: Point) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return points_to_cells([at[0]], [at[1]], meta.resolution(db.whole.read()))


def _assume(db: Database, actor: Actor, plan_id: int, one: Assumption) -> None:
    real = places.points(db.whole.read(), one.kind)
    what_if.check(assumed_travel.of_plan(db, plan_id), one, real)
    row = {"plan_id": plan_id, **vars(one), "made_at": real_now(), "actor": actor.id}

    def change(connection: Connection) -> None:
        studio.check_open(connection, plan_id)
        store.assume(connection, row)
        audit.record(
            connection, actor.id, "plan_place_assumed", at=row["made_at"],
            subject=f"plan:{plan_id}", detail=_told(one),
        )  # fmt: skip

    db.write(change)


def _forget(db: Database, actor: Actor, plan_id: int, one: AssumedPlace, event: str) -> None:
    db.write(lambda connection: _forgotten(connection, actor, plan_id, one, event))


def _forgotten(
    connection: Connection, actor: Actor, plan_id: int, one: AssumedPlace, event: str
) -> None:
    studio.check_open(connection, plan_id)
    store.forget(connection, plan_id, *one.key)
    audit.record(
        connection, actor.id, event, at=real_now(), subject=f"plan:{plan_id}",
        detail=_told(one.place),
    )  # fmt: skip


def _told(one: Assumption) -> dict[str, str]:
    deed: Deed = one.deed
    return {"kind": one.kind, "place": one.place_id, "deed": deed}
