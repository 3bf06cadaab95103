"""What a plan's printed sheet shows: areas, figures, cells, places, the ground; who took it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store import basemap
from app.store import units as unit_store
from app.store.database import Database
from app.use_cases import drawn_plans, export, plan_areas, plan_life, service_map, units
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.export import Stamp
from app.use_cases.plan_areas import PlanAreas
from app.use_cases.plan_life import PlanRow
from grid_cells.colouring import colour_areas, neighbouring_areas
from grid_cells.errors import UserError

Form = Literal["pdf", "png"]
FORMS: Final[tuple[Form, ...]] = ("pdf", "png")
KINDS: Final = ("hall", "bank", "crew")
Progress = Callable[[float], None]


@dataclass(frozen=True)
class PlanSheet:
    """Everything on the paper but its words.

    city: the topmost unit in sight, empty where units are unknown; cells: cell_id, area (place in
    `areas.areas`, -1 in none in sight); colours: number of each area's colour, neighbours
    differing; places: kind (of KINDS), name, lon, lat; streets: as `basemap.street_corners`;
    water: name, geometry (WKB); now: the moment it shows; zone: the company's clock; stamp: who
    took it along, when, what for; by: that person's name.
    """

    plan: PlanRow
    city: str
    areas: PlanAreas
    cells: pd.DataFrame
    colours: NDArray[np.int64]
    places: pd.DataFrame
    streets: pd.DataFrame
    water: pd.DataFrame
    now: datetime
    zone: tzinfo
    stamp: Stamp
    by: str


def form_of(name: str) -> Form:
    """The form that a file's ending names; raises UserError `print_form_unknown`."""
    ending = name.lower().rpartition(".")[2]
    for form in FORMS:
        if ending == form:
            return form
    raise UserError("print_form_unknown", form=ending)


@needs("export_data")
def sheet_of(
    db: Database, actor: Actor, plan_id: int, purpose: str, *, progress: Progress | None = None
) -> PlanSheet:
    """The sheet of any plan, as far as the person sees it.

    Raises UserError `plan_unknown`, `plan_nothing_to_print` where no area is in sight, and what
    the purpose lacks. `progress` is told the share done, 0 to 1.
    """
    check(db, actor, "see_plans", asked="plan_print.sheet_of")
    stamp, tell = export.stamp_of(actor, purpose), progress or (lambda _share: None)
    now = clock_now(db)
    plan = next((o for o in plan_life.list_plans(db, actor) if o.plan_id == plan_id), None)
    if plan is None:
        raise UserError("plan_unknown", plan=plan_id)
    areas = plan_areas.areas_of(db, actor, plan_id)
    if areas.areas.empty:
        raise UserError("plan_nothing_to_print", plan=plan.name)
    tell(0.4)
    held = drawn_plans.assigned(db, drawn_plans.of_plan(db, plan_id, now), now).cells
    cells = held[held["cell_id"] != 0]
    ids = areas.areas.index
    colours = colour_areas(neighbouring_areas(cells), ids.tolist())
    tell(0.6)
    placed = service_map.places(db, actor, now)
    whole = db.whole.read()
    place = ids.get_indexer(pd.Index(cells["area_id"]))
    sheet = PlanSheet(
        plan, _city(db), areas,
        pd.DataFrame({"cell_id": cells["cell_id"], "area": place}),
        np.array([colours[one] for one in ids], dtype=np.int64),
        placed[placed["kind"].isin(KINDS) & placed["lon"].notna()],
        basemap.street_corners(whole), basemap.water(whole), now, _zone(db), stamp,
        actor.name,
    )  # fmt: skip
    tell(1.0)
    return sheet


def _zone(db: Database) -> tzinfo:
    try:
        return ZoneInfo(units.timezone(db) or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _city(db: Database) -> str:
    """The name of the topmost unit in sight."""
    held = unit_store.list_units(db)
    top = held[~held["parent_id"].isin(held["unit_id"])]
    return "" if top.empty else str(top["name"].fillna(top["unit_id"]).iloc[0])


@needs("export_data")
def note_print(db: Database, actor: Actor, sheet: PlanSheet, form: Form, purpose: str) -> str:
    """The file's name, once it is on record that the sheet was taken along."""
    name = f"plan-{sheet.plan.plan_id}.{form}"
    export.note_picture(db, actor, name, len(sheet.areas.areas), purpose=purpose)
    return name
