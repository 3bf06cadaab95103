"""Each crew's answer for orders in the pool, as things stand at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import derived, meta, places
from app.store import grabs as store
from app.store.database import Connection, Database
from app.use_cases import crew_spots, reference
from app.use_cases.remember import remembered
from grid_cells import crew_loads, grab
from grid_cells.colouring import neighbouring_areas
from grid_cells.crew_skills import lacking
from grid_cells.crew_wishes import is_against, wishes_of
from grid_cells.grab import NEIGHBOUR, OTHER, OWN, GrabRules, Wanted

_HELD: Final = ["crew_id", "order_id", "arrived_at", "service_min"]


@cache
def rules() -> GrabRules:
    """The figures of the rule, from the table of grab rules."""
    value = reference.table("grab_rules").set_index("name")["value"].astype(float).to_dict()
    return GrabRules(
        window_s=value["window_s"], most_open=int(value["most_open"]),
        above_others_min=value["above_others"], most_travel_min=value["most_travel"],
        part_size=int(value["part_size"]), wait_for_part_min=value["wait_for_part"],
        setting_out_min=value["setting_out"], returned_most=int(value["returned_most"]),
        returned_within_d=value["returned_within"], load_step_min=value["load_step"],
    )  # fmt: skip


@dataclass(frozen=True)
class GrabGround:
    """What the answers for some orders are made of.

    `crews` as from `crew_spots.crews` with parts; `areas_of`: areas a crew has a duty in, `near`:
    those that touch each area; `minutes`: from each crew (row) to each order (column).
    """

    at: datetime
    orders: pd.DataFrame
    crews: pd.DataFrame
    areas_of: dict[str, frozenset[str]]
    near: dict[str, frozenset[str]]
    minutes: NDArray[np.float64]


def ground(db: Database, orders: pd.DataFrame, at: datetime) -> GrabGround:
    """The ground of the answers for orders.

    order_id, skills, wishes, area_id, lon, lat, left_min.
    """
    crews = crew_spots.crews(db, at)
    parts = [grab.parts_of(one, rules().part_size) for one in crews["members"]]
    whole = db.whole.read()
    return GrabGround(
        at, orders.reset_index(drop=True), crews.assign(parts=parts), _areas_of(whole, at),
        _near(db), crew_spots.minutes(db, at, crews, orders),
    )  # fmt: skip


def answers(connection: Connection, found: GrabGround) -> dict[str, pd.DataFrame]:
    """For each order every crew's answer as `grab.judged`, by what is held on the connection."""
    held = crew_spots.open_holdings(connection, found.at)[_HELD]
    crews = crew_loads.loads(found.crews, held, found.at)
    since = found.at - timedelta(days=rules().returned_within_d)
    back = store.given_back(connection, found.at, since).set_index("crew_id")["returned"]
    crews["returned"] = crews["crew_id"].map(back).fillna(0).astype(int)
    return {
        str(order["order_id"]): _of_order(found, crews, order, column)
        for column, order in enumerate(found.orders.to_dict("records"))
    }


def _of_order(
    found: GrabGround, crews: pd.DataFrame, order: dict[Any, Any], column: int
) -> pd.DataFrame:
    wishes = wishes_of(order["wishes"])
    asked = crews.assign(
        is_unwished=[is_against(wishes, str(one)) for one in crews["crew_id"]],
        is_skilled=[not lacking(one, order["skills"]) for one in crews["skills"]],
        place=[_place(found, str(one), order["area_id"]) for one in crews["crew_id"]],
        travel_min=found.minutes[:, column],
    )
    skills = order["skills"] if isinstance(order["skills"], str) else None
    return grab.judged(asked, Wanted(skills, float(order["left_min"])), rules())


def _place(found: GrabGround, crew_id: str, area: Any) -> str:
    own = found.areas_of.get(crew_id, frozenset())
    if not isinstance(area, str) or not own:
        return OTHER
    if area in own:
        return OWN
    return NEIGHBOUR if own & found.near.get(area, frozenset()) else OTHER


def _areas_of(connection: Connection, at: datetime) -> dict[str, frozenset[str]]:
    """Areas in which a crew has a duty at the moment, at whatever hours."""
    rows = places.all_duties(connection).dropna(subset=["crew_id"])
    begins, ends = (pd.to_datetime(rows[one], utc=True) for one in ("valid_from", "valid_to"))
    moment = pd.Timestamp(at)
    rows = rows[(begins.isna() | (begins <= moment)) & (ends.isna() | (ends > moment))]
    return {str(crew): frozenset(part["area_id"]) for crew, part in rows.groupby("crew_id")}


def _near(db: Database) -> dict[str, frozenset[str]]:
    whole = db.whole.read()
    key = ("areas that touch", db.whole.opened_as, meta.read_value(whole, "derived:areas"))

    def work() -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for one, other in neighbouring_areas(derived.cell_areas(whole)):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return {area: frozenset(others) for area, others in found.items()}

    return remembered(key, work)


def figures(answer: dict[Any, Any]) -> dict[str, Any]:
    """An answer's codes and figures as JSON takes them."""
    numbers = (
        "travel_min", "arrive_in_min", "spare_min", "held_min", "others_min", "free_in_min",
    )  # fmt: skip
    told: dict[str, Any] = {
        name: None if pd.isna(answer[name]) else round(float(answer[name]), 1) for name in numbers
    }
    counts = {name: int(answer[name]) for name in ("open_orders", "returned", "rank")}
    return {"place": answer["place"], **told, **counts, "why": list(answer["why"])}


def asked_of(orders: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """The rows of these orders, as `ground` asks for them."""
    return orders[orders["order_id"].isin(list(ids))].reset_index(drop=True)
