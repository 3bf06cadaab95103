"""Which tables each kind of file writes, so that a load and its undo agree."""

from app.store import province_load
from app.store.batches import Target
from grid_cells.vocabulary import KINDS

PLAN = Target("service_plans", ("plan_id",))
AREAS = Target("service_areas", ("plan_id", "area_id"))
CLAIMS = Target("plan_units", ("plan_id", "transformer_id", "cell_id"), as_set=True)

_SPECIAL = {
    "streets": (Target("streets", ("way_id",), as_set=True),),
    "readings": (Target("meter_readings", ("meter_id", "day"), span="day"),),
    "areas": (PLAN, AREAS, CLAIMS),
    "province": province_load.TARGETS,
    "customers": (Target("customers", ("customer_no",)), CLAIMS),
}


def targets_of(kind: str) -> tuple[Target, ...]:
    """The tables a kind of file writes."""
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    return (Target(KINDS[kind].table, KINDS[kind].key),)
