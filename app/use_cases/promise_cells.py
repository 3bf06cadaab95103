"""The map's cells: whether the promise of the place can be kept, how its open orders stand."""

from datetime import datetime
from typing import Final, Literal

import pandas as pd

from app.store import cells as cell_store
from app.store import places
from app.store.database import Database
from app.use_cases import derive, promises, reference, service_map
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.service_map import NO_AREA
from grid_cells.promise_clock import BROKEN, KEPT, LEAST_MARGIN_MIN, RISK, WORST_FIRST
from grid_cells.promises import cell_promise_classes, place_states

Layer = Literal["orders", "place"]
LAYERS: Final[tuple[Layer, ...]] = ("orders", "place")
SHOWN: Final = (KEPT, RISK, BROKEN)
"""States as cells tell them; an order whose clock runs or stands still is kept so far."""


@needs("see_promises")
def cells(db: Database, actor: Actor, layer: Layer) -> pd.DataFrame:
    """Cells with cell_id, area_index (65535 none), value (place in SHOWN, NaN unknown).

    "place": minutes from the nearest crew's base against the promise of the place, with crew_min,
    promise_class and promise_min. "orders": the worst open order; only cells with one.
    """
    now = promises.moment(db)
    derive.refresh(db, now)
    found = _of_place(db) if layer == "place" else _of_orders(db, now)
    index = service_map.areas(db, actor, now).set_index("area_id")["area_index"]
    framed = cell_store.frame_cells(db.read()).drop_duplicates("cell_id").set_index("cell_id")
    area = found["cell_id"].map(framed["area_id"]).map(index)
    number = {state: place for place, state in enumerate(SHOWN)}
    told = found["state"].replace({"running": KEPT, "stopped": KEPT})
    return found.assign(
        area_index=area.fillna(NO_AREA).astype("int64"),
        value=told.map(number).astype("float32"),
    )


def _of_place(db: Database) -> pd.DataFrame:
    connection = db.read()
    known = cell_store.frame_cells(connection)[["cell_id"]].drop_duplicates()
    classes = cell_promise_classes(places.zones(connection), known["cell_id"])["promise_class"]
    promised = classes.map(reference.arrival_promises_min()).to_numpy(dtype="float64")
    minutes = cell_store.minutes(connection, "crew").set_index("cell_id")["value"]
    drive = known["cell_id"].map(minutes).to_numpy(dtype="float64")
    states = place_states(drive, promised, setting_out_min=LEAST_MARGIN_MIN)
    return known.assign(
        crew_min=drive, promise_class=classes.to_numpy(), promise_min=promised, state=states
    ).reset_index(drop=True)


def _of_orders(db: Database, now: datetime) -> pd.DataFrame:
    calls = promises.clocked(db, now)
    still = calls[calls["restored_at"].isna() & calls["cell_id"].notna()]
    rank = still["state"].map(WORST_FIRST.index)
    worst = (
        still.assign(rank=rank)
        .groupby("cell_id")
        .agg(rank=("rank", "min"), orders=("rank", "size"))
    )
    states = pd.Series(WORST_FIRST).reindex(worst["rank"]).to_numpy()
    found = worst.assign(state=states).drop(columns="rank").reset_index()
    return found.astype({"cell_id": "int64"})
