"""The list of orders as a file to take along, masked by role, with who took it and what for."""

from typing import Any, Final

import numpy as np
import shapely

from app.store.database import Database
from app.use_cases import export, work_orders
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.export import Form
from app.use_cases.privacy import masked_columns
from app.use_cases.work_orders import OrderFilter

LAYER: Final = "work_orders"
_SHAPED: Final = ("gpkg", "parquet", "geojson")
_COLUMNS: Final = (
    "order_id", "kind", "task", "state", "priority", "registered_at", "due_at", "clock", "due_of",
    "crew_id", "told_at", "accepted_at", "arrived_at", "finished_at", "calls", "outage_id",
    "area_id", "transformer_id", "feeder_id", "customer_no", "address", "promise_class",
    "window_from", "window_to", "service_min", "skills", "rating", "lon", "lat",
)  # fmt: skip
_PERSONAL: Final = ("customer_no", "address", "lon", "lat")


@needs("export_data")
def export_orders(
    db: Database, actor: Actor, wanted: OrderFilter, *, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of the orders wanted, as the actor may see them."""
    check(db, actor, "see_orders", asked="work_order_export.export_orders")
    now = clock_now(db)
    rows = work_orders.listing(db, actor, wanted)
    table = rows[list(_COLUMNS)].assign(as_of=now.isoformat(timespec="seconds"))
    shapes: Any = None
    if form in _SHAPED:
        shapes = np.asarray(shapely.points(rows["lon"], rows["lat"]), dtype=object)
    is_personal = not set(_PERSONAL) <= masked_columns(actor, LAYER)
    data = export.file_of(
        db, actor, table, form=form, layer=LAYER, purpose=purpose, personal=is_personal,
        shapes=shapes,
    )  # fmt: skip
    return data, f"orders-{now:%Y%m%d-%H%M}.{form}"
